//! Temporary credentials: from STS, from a container's agent, from an instance's metadata.

use std::time::Duration;

use http::Method;
use serde_json::Value;
use weir_standin::{AccessKey, AwsSettings, Issued};

use crate::client::{Answer, Bench};
use crate::signing::{Signer, bench};

const PATH: &str = "/model/amazon.nova-pro-v1%3A0/converse";
const BODY: &str = r#"{"messages":[]}"#;
const ASSUME: &str = "Action=AssumeRole&Version=2011-06-15&RoleSessionName=weir\
                      &RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Freader";

fn between<'t>(text: &'t str, tag: &str) -> &'t str {
    let (_, rest) = text.split_once(&format!("<{tag}>")).unwrap();
    rest.split_once(&format!("</{tag}>")).unwrap().0
}

fn key_of_sts(answer: &Answer) -> AccessKey {
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "text/xml");
    let text = answer.text();
    assert!(between(&text, "Expiration").ends_with('Z'));
    AccessKey {
        id: between(&text, "AccessKeyId").to_owned(),
        secret: between(&text, "SecretAccessKey").to_owned(),
        session_token: Some(between(&text, "SessionToken").to_owned()),
    }
}

fn key_of_metadata(answer: &Value) -> AccessKey {
    let member = |name: &str| answer[name].as_str().unwrap().to_owned();
    assert!(member("Expiration").ends_with('Z'));
    AccessKey {
        id: member("AccessKeyId"),
        secret: member("SecretAccessKey"),
        session_token: Some(member("Token")),
    }
}

async fn may_call(bench: &Bench, key: &AccessKey) -> u16 {
    let signer = Signer::of(key.clone(), "bedrock");
    signer.send(bench, PATH, BODY, &[]).await.status.as_u16()
}

async fn form(bench: &Bench, body: &str) -> Answer {
    bench
        .send(bench.request(Method::POST, "/", &[], body))
        .await
}

#[tokio::test]
async fn a_role_is_assumed_by_who_signs_and_knows_the_external_id() {
    let bench = bench(AwsSettings {
        external_id: Some("ours".to_owned()),
        ..AwsSettings::default()
    })
    .await;
    let sts = Signer::new("sts");
    let right = format!("{ASSUME}&ExternalId=ours");
    let key = key_of_sts(&sts.send(&bench, "/", &right, &[]).await);
    assert_eq!(may_call(&bench, &key).await, 200);
    // A key without its token is none.
    let bare = AccessKey {
        session_token: None,
        ..key.clone()
    };
    assert_eq!(may_call(&bench, &bare).await, 403);
    let chained = Signer::of(key, "sts").send(&bench, "/", &right, &[]).await;
    key_of_sts(&chained);

    for (answer, status, code) in [
        (
            sts.send(&bench, "/", ASSUME, &[]).await,
            403,
            "AccessDenied",
        ),
        (
            form(&bench, &right).await,
            403,
            "MissingAuthenticationToken",
        ),
        (
            Signer::new("bedrock").send(&bench, "/", &right, &[]).await,
            403,
            "SignatureDoesNotMatch",
        ),
        (
            sts.send(&bench, "/", &right.replace("weir", "w%21r"), &[])
                .await,
            400,
            "ValidationError",
        ),
        (
            form(&bench, "Action=X&Version=2011-06-15").await,
            400,
            "InvalidAction",
        ),
    ] {
        assert_eq!(answer.status, status, "{code}");
        assert_eq!(between(&answer.text(), "Code"), code);
    }
    let expected = Issued {
        assume_role: 2,
        ..Issued::default()
    };
    assert_eq!(bench.standin.issued(), expected);
    let who = "Action=GetCallerIdentity&Version=2011-06-15";
    let who = sts.send(&bench, "/", who, &[]).await.text();
    assert!(between(&who, "Arn").ends_with("AKIDEXAMPLE"));
}

#[tokio::test]
async fn a_web_identity_needs_no_signature() {
    let bench = bench(AwsSettings {
        web_identity_token: Some("the.jwt".to_owned()),
        ..AwsSettings::default()
    })
    .await;
    let body = ASSUME.replace("AssumeRole&", "AssumeRoleWithWebIdentity&");
    let key = key_of_sts(&form(&bench, &format!("{body}&WebIdentityToken=the.jwt")).await);
    assert_eq!(may_call(&bench, &key).await, 200);
    let wrong = form(&bench, &format!("{body}&WebIdentityToken=another")).await;
    assert_eq!(between(&wrong.text(), "Code"), "InvalidIdentityToken");
    assert_eq!(bench.standin.issued().web_identity, 1);
}

#[tokio::test]
async fn a_container_asks_with_its_token() {
    let bench = bench(AwsSettings {
        container_token: Some("mounted".to_owned()),
        ..AwsSettings::default()
    })
    .await;
    let ask = async |token| {
        let headers = [("authorization", token)];
        let request = bench.request(Method::GET, "/v1/credentials", &headers, "");
        bench.send(request).await
    };
    let key = key_of_metadata(&ask("mounted").await.json());
    assert_eq!(may_call(&bench, &key).await, 200);
    assert_eq!(ask("other").await.status, 401);
    let again = key_of_metadata(&ask("mounted").await.json());
    assert_ne!(again, key);
    assert_eq!(bench.standin.issued().container, 2);
}

#[tokio::test]
async fn an_instance_asks_with_a_session() {
    let bench = bench(AwsSettings::default()).await;
    let ask = async |method: Method, path: &str, name: &str, value: &str| {
        let headers = [(name, value)];
        bench.send(bench.request(method, path, &headers, "")).await
    };
    let session = "/latest/api/token";
    let lifetime = "x-aws-ec2-metadata-token-ttl-seconds";
    let refused = ask(Method::PUT, session, lifetime, "0").await;
    assert_eq!(refused.status, 400);
    let token = ask(Method::PUT, session, lifetime, "21600").await.text();
    let header = "x-aws-ec2-metadata-token";
    let roles = "/latest/meta-data/iam/security-credentials/";
    assert_eq!(ask(Method::GET, roles, header, "x").await.status, 401);
    let role = ask(Method::GET, roles, header, &token).await.text();
    assert_eq!(role, "standin-role");
    let keys = format!("{roles}{role}");
    let answer = ask(Method::GET, &keys, header, &token).await.json();
    assert_eq!(answer["Code"], "Success");
    assert_eq!(may_call(&bench, &key_of_metadata(&answer)).await, 200);
    let region = "/latest/meta-data/placement/region";
    let region = ask(Method::GET, region, header, &token).await.text();
    assert_eq!(region, "us-east-1");
    assert_eq!(bench.standin.issued().total(), 1);
}

#[tokio::test]
async fn credentials_hold_until_they_expire() {
    let bench = bench(AwsSettings {
        credential_lifetime: Duration::from_millis(1),
        ..AwsSettings::default()
    })
    .await;
    let sts = Signer::new("sts");
    let key = key_of_sts(&sts.send(&bench, "/", ASSUME, &[]).await);
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let signer = Signer::of(key.clone(), "bedrock");
    let answer = signer.send(&bench, PATH, BODY, &[]).await;
    assert_eq!(answer.status, 403);
    let kind = answer.header("x-amzn-errortype");
    assert!(kind.starts_with("ExpiredTokenException"), "{kind}");
    let chained = Signer::of(key, "sts").send(&bench, "/", ASSUME, &[]).await;
    assert_eq!(between(&chained.text(), "Code"), "ExpiredToken");

    bench
        .standin
        .set_credential_lifetime(Duration::from_secs(60));
    let key = key_of_sts(&sts.send(&bench, "/", ASSUME, &[]).await);
    assert_eq!(may_call(&bench, &key).await, 200);
    bench.standin.expire_issued();
    assert_eq!(may_call(&bench, &key).await, 403);
    assert_eq!(may_call(&bench, &AccessKey::example()).await, 200);

    bench.standin.refuse_issuing(true);
    let refused = sts.send(&bench, "/", ASSUME, &[]).await;
    assert_eq!(refused.status, 500);
    bench.standin.refuse_issuing(false);
    key_of_sts(&sts.send(&bench, "/", ASSUME, &[]).await);
    assert_eq!(bench.standin.issued().assume_role, 3);
}
