//! Where credentials come from, each source against a fake of the service that gives them.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod child;
mod fake;

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use aws_smithy_types::{DateTime, date_time::Format};
use rustls::{ServerConfig, pki_types::PrivateKeyDer};
use tempfile::TempDir;

use crate::{
    child::Child,
    fake::{Answer, Fake, Request},
};

/// The moment when what is given out now ends.
fn in_seconds(seconds: u64) -> String {
    DateTime::from(SystemTime::now() + Duration::from_secs(seconds))
        .fmt(Format::DateTime)
        .unwrap()
}

/// STS: gives keys for any role, named after the action.
fn sts(request: &Request) -> Answer {
    let (action, id) = if request.body.contains("Action=AssumeRoleWithWebIdentity") {
        ("AssumeRoleWithWebIdentity", "ASIAWEB")
    } else {
        ("AssumeRole", "ASIAROLE")
    };
    let end = in_seconds(3600);
    let answer = format!(
        "<{action}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{action}Result>\
         <AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/bedrock-caller/weir-main</Arn>\
         <AssumedRoleId>AROA:weir-main</AssumedRoleId></AssumedRoleUser>\
         <Credentials><AccessKeyId>{id}</AccessKeyId><SecretAccessKey>S3CR3T-key</SecretAccessKey>\
         <SessionToken>S3CR3T-token</SessionToken><Expiration>{end}</Expiration></Credentials>\
         </{action}Result></{action}Response>"
    );
    (200, answer)
}

fn sts_error(code: &str, message: &str) -> Answer {
    let answer = format!(
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
         <Code>{code}</Code><Message>{message}</Message></Error><RequestId>r</RequestId></ErrorResponse>"
    );
    (403, answer)
}

fn metadata_keys(id: &str, seconds: u64) -> String {
    let end = in_seconds(seconds);
    format!(
        r#"{{"Code":"Success","Type":"AWS-HMAC","LastUpdated":"2026-01-01T00:00:00Z","AccessKeyId":"{id}","SecretAccessKey":"S3CR3T-key","Token":"S3CR3T-token","Expiration":"{end}"}}"#
    )
}

fn with_base_keys(child: Child) -> Child {
    child
        .env("AWS_ACCESS_KEY_ID", "AKIDBASE")
        .env("AWS_SECRET_ACCESS_KEY", "S3CR3T-base")
}

fn file(dir: &TempDir, name: &str, content: &str) -> PathBuf {
    let path = dir.path().join(name);
    fs::write(&path, content).unwrap();
    path
}

fn with_profile(child: Child, dir: &TempDir, config: &str) -> Child {
    child
        .env("AWS_CONFIG_FILE", file(dir, "config", config))
        .env(
            "AWS_SHARED_CREDENTIALS_FILE",
            file(
                dir,
                "credentials",
                "[base]\naws_access_key_id = AKIDFILE\naws_secret_access_key = S3CR3T-file\n",
            ),
        )
}

#[test]
fn keys_in_the_environment() {
    with_base_keys(Child::new("default")).check("keys AKIDBASE S3CR3T-base");
    with_base_keys(Child::new("default"))
        .env("AWS_SESSION_TOKEN", "S3CR3T-token")
        .check("keys AKIDBASE S3CR3T-base S3CR3T-token");
}

#[test]
fn a_bearer_key_in_the_environment_comes_before_all() {
    with_base_keys(Child::new("default"))
        .env("AWS_BEARER_TOKEN_BEDROCK", "S3CR3T-bearer")
        .check("bearer S3CR3T-bearer");
    with_base_keys(Child::new("default"))
        .env("AWS_BEARER_TOKEN_BEDROCK", "")
        .check("keys AKIDBASE S3CR3T-base");
}

#[test]
fn keys_of_a_profile() {
    let dir = TempDir::new().unwrap();
    with_profile(Child::new("default"), &dir, "")
        .env("AWS_PROFILE", "base")
        .check("keys AKIDFILE S3CR3T-file");
}

#[test]
fn roles_of_profiles_are_assumed_one_with_the_other() {
    let fake = Fake::new(sts);
    let dir = TempDir::new().unwrap();
    let config = "[profile outer]\nrole_arn = arn:aws:iam::123456789012:role/outer\nsource_profile = inner\nexternal_id = of-outer\n\
                  [profile inner]\nrole_arn = arn:aws:iam::123456789012:role/inner\nsource_profile = base\n";
    with_profile(Child::new("default"), &dir, config)
        .env("AWS_PROFILE", "outer")
        .env("AWS_ENDPOINT_URL_STS", fake.url())
        .check("keys ASIAROLE S3CR3T-key S3CR3T-token");
    let requests = fake.requests();
    let signers: Vec<_> = requests
        .iter()
        .map(|request| {
            request
                .header("authorization")
                .contains("Credential=AKIDFILE/")
        })
        .collect();
    assert_eq!(signers, [true, false]);
    assert!(requests[0].body.contains("role%2Finner"));
    assert!(requests[1].body.contains("role%2Fouter"));
    assert!(requests[1].body.contains("ExternalId=of-outer"));
}

#[test]
fn web_identity_of_the_environment() {
    let fake = Fake::new(sts);
    let dir = TempDir::new().unwrap();
    Child::new("default")
        .env(
            "AWS_WEB_IDENTITY_TOKEN_FILE",
            file(&dir, "token", "S3CR3T-jwt"),
        )
        .env("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/irsa")
        .env("AWS_ROLE_SESSION_NAME", "pod")
        .env("AWS_ENDPOINT_URL_STS", fake.url())
        .check("keys ASIAWEB S3CR3T-key S3CR3T-token");
    let body = &fake.requests()[0].body;
    for part in [
        "role%2Firsa",
        "RoleSessionName=pod",
        "WebIdentityToken=S3CR3T-jwt",
    ] {
        assert!(body.contains(part), "{body}");
    }
}

#[test]
fn the_container_is_asked_again_with_the_new_token() {
    let dir = TempDir::new().unwrap();
    let token = file(&dir, "token", "first-S3CR3T");
    let rotated = token.clone();
    let fake = Fake::new(move |request| {
        let id = match request.header("authorization") {
            "first-S3CR3T" => "ASIAFIRST",
            "second-S3CR3T" => "ASIASECOND",
            other => panic!("{other}"),
        };
        fs::write(&rotated, "second-S3CR3T").unwrap();
        (200, metadata_keys(id, 4))
    });
    let got = Child::new("default")
        .env(
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            format!("{}/v1/credentials", fake.url()),
        )
        .env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", token)
        .env("WEIR_TEST_RENEWED", "yes")
        .run();
    let expected =
        ["ASIAFIRST", "ASIASECOND"].map(|id| format!("keys {id} S3CR3T-key S3CR3T-token"));
    assert_eq!(got, expected);
    assert_eq!(fake.requests()[0].line, "GET /v1/credentials");
}

#[test]
fn the_instance_is_asked_with_a_session() {
    let fake = Fake::new(|request| match &*request.line {
        "PUT /latest/api/token" => (200, "S3CR3T-session".to_owned()),
        _ if request.header("x-aws-ec2-metadata-token") != "S3CR3T-session" => (401, String::new()),
        "GET /latest/meta-data/iam/security-credentials/" => (200, "the-role".to_owned()),
        "GET /latest/meta-data/iam/security-credentials/the-role" => {
            (200, metadata_keys("ASIAINSTANCE", 3600))
        }
        _ => (404, String::new()),
    });
    Child::new("default")
        .env("AWS_EC2_METADATA_DISABLED", "false")
        .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", fake.url())
        // The operator's proxy is for what lies beyond this machine.
        .env("WEIR_TEST_PROXY", "http://127.0.0.1:1")
        .check("keys ASIAINSTANCE S3CR3T-key S3CR3T-token");
}

#[test]
fn a_role_is_assumed_with_what_the_machine_has() {
    let fake = Fake::new(sts);
    with_base_keys(Child::new("assume"))
        .env("AWS_ENDPOINT_URL_STS", fake.url())
        .env("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
        .check("keys ASIAROLE S3CR3T-key S3CR3T-token");
    let request = &fake.requests()[0];
    let signer = request.header("authorization");
    assert!(signer.contains("Credential=AKIDBASE/"), "{signer}");
    assert!(
        signer.contains("/eu-central-1/sts/aws4_request"),
        "{signer}"
    );
    for part in [
        "role%2Fbedrock-caller",
        "RoleSessionName=weir-main",
        "ExternalId=an%20id",
    ] {
        assert!(request.body.contains(part), "{}", request.body);
    }
}

#[test]
fn a_role_is_assumed_with_a_token() {
    let fake = Fake::new(sts);
    let dir = TempDir::new().unwrap();
    Child::new("web")
        .env(
            "AWS_WEB_IDENTITY_TOKEN_FILE",
            file(&dir, "token", "S3CR3T-jwt"),
        )
        // The provider's role counts.
        .env("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/other")
        .env("AWS_ENDPOINT_URL_STS", fake.url())
        .check("keys ASIAWEB S3CR3T-key S3CR3T-token");
    let body = &fake.requests()[0].body;
    for part in [
        "role%2Fbedrock-caller",
        "RoleSessionName=weir-main",
        "WebIdentityToken=S3CR3T-jwt",
    ] {
        assert!(body.contains(part), "{body}");
    }
}

#[test]
fn the_operators_proxy_and_certificates_are_used() {
    let key = rcgen::generate_simple_self_signed(["sts.test".to_owned()]).unwrap();
    let dir = TempDir::new().unwrap();
    let ca = file(&dir, "ca.pem", &key.cert.pem());
    let tls = ServerConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![key.cert.der().clone()],
            PrivateKeyDer::try_from(key.signing_key.serialize_der()).unwrap(),
        )
        .unwrap();
    let sts_over_tls = Fake::with_tls(tls, sts);
    let proxy = Fake::tunnel_to(sts_over_tls.address);
    let child = || {
        with_base_keys(Child::new("assume"))
            .env("AWS_ENDPOINT_URL_STS", "https://sts.test")
            .env("WEIR_TEST_PROXY", proxy.url())
            .env("WEIR_TEST_PROXY_AUTH", "Basic bWU6cEBzcw==")
    };
    child()
        .env("WEIR_TEST_CA", ca)
        .check("keys ASIAROLE S3CR3T-key S3CR3T-token");
    let asked = &proxy.requests()[0];
    assert_eq!(asked.line, "CONNECT sts.test:443");
    assert_eq!(asked.header("proxy-authorization"), "Basic bWU6cEBzcw==");
    child().check_error("cannot reach sts.test for AWS credentials: invalid peer certificate");
}

#[test]
fn a_tunnel_to_plain_http_leads_to_its_port() {
    let plain_sts = Fake::new(sts);
    let proxy = Fake::tunnel_to(plain_sts.address);
    with_base_keys(Child::new("assume"))
        .env("AWS_ENDPOINT_URL_STS", "http://sts.test")
        .env("WEIR_TEST_PROXY", proxy.url())
        .check("keys ASIAROLE S3CR3T-key S3CR3T-token");
    assert_eq!(proxy.requests()[0].line, "CONNECT sts.test:80");
}

#[test]
fn sts_is_called_at_its_fips_address_where_the_provider_says_so() {
    let dir = TempDir::new().unwrap();
    for (source, fips, host) in [
        ("assume", false, "sts.eu-central-1.amazonaws.com"),
        ("assume", true, "sts-fips.eu-central-1.amazonaws.com"),
        ("web", true, "sts-fips.eu-central-1.amazonaws.com"),
    ] {
        let plain = Fake::new(sts);
        let proxy = Fake::tunnel_to(plain.address);
        let mut child = with_base_keys(Child::new(source))
            .env("WEIR_TEST_PROXY", proxy.url())
            .env(
                "AWS_WEB_IDENTITY_TOKEN_FILE",
                file(&dir, "token", "S3CR3T-jwt"),
            );
        if fips {
            child = child.env("WEIR_TEST_FIPS", "yes");
        }
        // Nobody speaks TLS there: it is the address that counts.
        child.check_error("cannot reach");
        assert_eq!(proxy.requests()[0].line, format!("CONNECT {host}:443"));
    }
}

#[test]
fn no_credentials_at_all() {
    Child::new("default").check_error("found no AWS credentials");
    Child::new("assume").check_error("found no AWS credentials");
}

#[test]
fn a_refusal_says_what_to_look_at() {
    let fake =
        Fake::new(|_| sts_error("AccessDenied", "not authorized to perform: sts:AssumeRole"));
    with_base_keys(Child::new("assume"))
        .env("AWS_ENDPOINT_URL_STS", fake.url())
        .check_error(
            "AWS STS refused: AccessDenied: not authorized to perform: sts:AssumeRole; check the role's trust policy",
        );
    let dir = TempDir::new().unwrap();
    let fake = Fake::new(|_| sts_error("ExpiredTokenException", "Token expired"));
    Child::new("web")
        .env(
            "AWS_WEB_IDENTITY_TOKEN_FILE",
            file(&dir, "token", "S3CR3T-jwt"),
        )
        .env("AWS_ENDPOINT_URL_STS", fake.url())
        .check_error("AWS STS refused: ExpiredTokenException: Token expired; ");
}

#[test]
fn what_is_not_there_is_named() {
    with_base_keys(Child::new("assume"))
        .env("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1")
        .check_error("cannot reach 127.0.0.1 for AWS credentials: Connection refused");
    Child::new("web").check_error("AWS_WEB_IDENTITY_TOKEN_FILE is not set");
    Child::new("web")
        .env(
            "AWS_WEB_IDENTITY_TOKEN_FILE",
            Path::new("/nonexistent/token"),
        )
        .check_error("/nonexistent/token: No such file");
    Child::new("default")
        .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1/")
        .env(
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
            "/nonexistent/token",
        )
        .check_error("or AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE names");
}

#[test]
fn no_program_is_run_and_no_person_asked() {
    let dir = TempDir::new().unwrap();
    let ran = dir.path().join("ran");
    let config = format!(
        "[default]\ncredential_process = /usr/bin/touch {}\n",
        ran.display()
    );
    with_profile(Child::new("default"), &dir, &config).check_error("Weir runs none");
    assert!(!ran.exists());
    let config = "[default]\nsso_start_url = https://x.awsapps.com/start\nsso_region = us-east-1\n\
                  sso_account_id = 123456789012\nsso_role_name = r\n";
    with_profile(Child::new("default"), &dir, config).check_error("IAM Identity Center");
    let config = "[default]\nlogin_session = arn:aws:iam::123456789012:user/x\n";
    with_profile(Child::new("default"), &dir, config).check_error("a console session");
}

#[test]
fn answers_that_are_wrong_show_nothing_of_themselves() {
    for body in [
        r#"{"AccessKeyId":"A","SecretAccessKey":"S3CR3T-key""#,
        r#"{"AccessKeyId":"A","SecretAccessKey":"S3CR3T-key","Token":"S3CR3T-token","Expiration":"S3CR3T"}"#,
        "S3CR3T",
    ] {
        let fake = Fake::new(move |_| (200, body.to_owned()));
        Child::new("default")
            .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", fake.url())
            .check_error("cannot load AWS credentials");
    }
    let fake = Fake::new(|_| (200, metadata_keys("A", 0)));
    Child::new("default")
        .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", fake.url())
        .check_error("have already ended");
}
