//! Where AWS credentials come from. The whole program runs in an environment of its own, against
//! stand-ins of STS, of a container's agent and of an instance's metadata; botocore checks each signature.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use standin::{AwsSettings, Settings, Standin};
use tempfile::TempDir;

use crate::support::{ADMIN_TOKEN, sigv4_script};

const ROLE: &str = "arn:aws:iam::123456789012:role/bedrock-caller";
const PATH: &str = "/model/us.amazon.nova-lite-v1%3A0/converse";

/// A Weir that runs as a program of its own, with one Bedrock provider.
struct Program {
    child: Child,
    base: String,
    token: String,
    client: Client,
    upstream: Standin,
    folder: TempDir,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

async fn upstream(lifetime: Duration) -> Standin {
    let settings = Settings {
        aws: AwsSettings {
            sigv4_script: Some(sigv4_script()),
            bearer_keys: vec!["bedrock-api-key-right".to_owned()],
            credential_lifetime: lifetime,
            external_id: Some("ours".to_owned()),
            web_identity_token: Some("web-identity-token".to_owned()),
            container_token: Some("container-token".to_owned()),
            ..AwsSettings::default()
        },
        record_requests: false,
        ..Settings::default()
    };
    Standin::start(settings).await.unwrap()
}

/// Starts Weir with nothing in its environment but what `environment` names; `{base}` in a value is the
/// stand-in, `{folder}` a folder.
async fn program(upstream: Standin, credentials: Value, environment: &[(&str, &str)]) -> Program {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("web-identity"), "web-identity-token").unwrap();
    fs::write(folder.path().join("container"), "container-token").unwrap();
    let base = upstream.base_url();
    let place = folder.path().display().to_string();
    let mut command = Command::new(env!("CARGO_BIN_EXE_weir"));
    command
        .args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--admin-token",
            ADMIN_TOKEN,
            "--data-dir",
        ])
        .arg(folder.path().join("weir"))
        .env_clear()
        .env("HOME", folder.path())
        // Nothing is asked that is not a stand-in.
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_ENDPOINT_URL_STS", &base)
        .env("AWS_BEDROCK_RUNTIME_ENDPOINT", &base)
        .env("AWS_ENDPOINT_URL_BEDROCK", &base)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    for (name, value) in environment {
        command.env(
            name,
            value.replace("{base}", &base).replace("{folder}", &place),
        );
    }
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map(Result::unwrap);
    let console = lines
        .find_map(|line| Some(line.split_once("Console")?.1.trim().to_owned()))
        .expect("it says where it listens");
    // What it says after that has to go somewhere.
    std::thread::spawn(move || lines.for_each(drop));
    // The client library of these tests looks for a provider of its own; the first test sets it.
    let _set = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(30))
        .build()
        .unwrap();
    let mut program = Program {
        child,
        base: console,
        token: String::new(),
        client,
        upstream,
        folder,
    };
    for (name, value) in [
        ("ID", "AKIDEXAMPLE"),
        ("SECRET", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
        ("BEDROCK_KEY", "bedrock-api-key-right"),
    ] {
        let put = program
            .client
            .put(format!("{}/api/v1/secrets/{name}", program.base));
        let put = put
            .bearer_auth(ADMIN_TOKEN)
            .json(&json!({ "value": value }));
        assert_eq!(put.send().await.unwrap().status(), StatusCode::NO_CONTENT);
    }
    let provider = json!({ "id": "bedrock", "display_name": "Bedrock", "type": "bedrock", "region": "us-east-1", "credentials": credentials });
    program.api("/api/v1/providers", provider).await;
    let made = program
        .api("/api/v1/tokens", json!({ "name": "tests" }))
        .await;
    program.token = made["token"].as_str().unwrap().to_owned();
    program
}

impl Program {
    async fn api(&self, path: &str, body: Value) -> Value {
        let post = self
            .client
            .post(format!("{}{path}", self.base))
            .bearer_auth(ADMIN_TOKEN);
        let response = post.json(&body).send().await.unwrap();
        let status = response.status();
        let answer: Value = response.json().await.unwrap();
        assert!(status.is_success(), "{path}: {answer}");
        answer
    }

    async fn call(&self) -> (StatusCode, String) {
        let response = self
            .client
            .post(format!("{}/llm/v1/providers/bedrock{PATH}", self.base))
            .bearer_auth(&self.token)
            .json(&json!({ "messages": [{ "role": "user", "content": [{ "text": "hi" }] }] }))
            .send()
            .await
            .unwrap();
        (response.status(), response.text().await.unwrap())
    }

    async fn works(&self) {
        let (status, text) = self.call().await;
        assert_eq!(status, StatusCode::OK, "{text}");
    }
}

fn hour() -> Duration {
    Duration::from_secs(3_600)
}

const STATIC: [(&str, &str); 2] = [
    ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
    (
        "AWS_SECRET_ACCESS_KEY",
        "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    ),
];

#[tokio::test]
async fn the_default_chain_takes_what_the_machine_has() {
    let chain = json!({ "mode": "default_chain" });
    let environments: [(&str, Vec<(&str, &str)>); 5] = [
        ("keys", STATIC.to_vec()),
        (
            "a bearer key before all others",
            vec![
                ("AWS_BEARER_TOKEN_BEDROCK", "bedrock-api-key-right"),
                ("AWS_ACCESS_KEY_ID", "AKIDWRONG"),
                ("AWS_SECRET_ACCESS_KEY", "wrong"),
            ],
        ),
        (
            "a web identity",
            vec![
                ("AWS_WEB_IDENTITY_TOKEN_FILE", "{folder}/web-identity"),
                ("AWS_ROLE_ARN", ROLE),
                ("AWS_REGION", "us-east-1"),
            ],
        ),
        (
            "a pod identity",
            vec![
                (
                    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                    "{base}/v1/credentials",
                ),
                (
                    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
                    "{folder}/container",
                ),
            ],
        ),
        (
            "an instance profile",
            vec![
                ("AWS_EC2_METADATA_DISABLED", "false"),
                ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "{base}"),
            ],
        ),
    ];
    for (what, environment) in environments {
        let program = program(upstream(hour()).await, chain.clone(), &environment).await;
        let (status, text) = program.call().await;
        assert_eq!(status, StatusCode::OK, "{what}: {text}");
        assert_eq!(program.upstream.leaks(), Vec::<String>::new(), "{what}");
    }
}

#[tokio::test]
async fn shared_files_are_read_and_programs_in_them_are_not_run() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("credentials");
    let mark = folder.path().join("ran");
    let [(_, id), (_, secret)] = STATIC;
    let place = file.display().to_string();
    let environment = [
        ("AWS_SHARED_CREDENTIALS_FILE", place.as_str()),
        ("AWS_PROFILE", "weir"),
    ];
    fs::write(
        &file,
        format!("[weir]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n"),
    )
    .unwrap();
    let good = program(
        upstream(hour()).await,
        json!({ "mode": "default_chain" }),
        &environment,
    )
    .await;
    good.works().await;
    let runs = format!(
        "[weir]\ncredential_process = /usr/bin/touch {}\n",
        mark.display()
    );
    fs::write(&file, runs).unwrap();
    let bad = program(
        upstream(hour()).await,
        json!({ "mode": "default_chain" }),
        &environment,
    )
    .await;
    let (status, text) = bad.call().await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{text}");
    assert!(text.contains("no credentials for this provider"), "{text}");
    let test = bad
        .api(
            "/api/v1/providers/bedrock/test",
            json!({ "model": "us.amazon.nova-lite-v1:0" }),
        )
        .await;
    assert_eq!(
        (&test["ok"], &test["failure"]["symptom"]),
        (&json!(false), &json!("credentials_missing"))
    );
    assert!(
        test["failure"]["message"]
            .as_str()
            .unwrap()
            .contains("program"),
        "{test}"
    );
    assert!(!mark.exists(), "the program was run");
}

#[tokio::test]
async fn every_mode_of_credentials_signs_what_botocore_would() {
    let role = |external_id: &str| json!({ "mode": "assume_role", "role_arn": ROLE, "external_id": external_id, "session_name": "weir" });
    let web = [("AWS_WEB_IDENTITY_TOKEN_FILE", "{folder}/web-identity")];
    for (credentials, environment) in [
        (
            json!({ "mode": "static_keys", "access_key_id": "ID", "secret_access_key": "SECRET" }),
            vec![],
        ),
        (
            json!({ "mode": "bearer", "api_key": "BEDROCK_KEY" }),
            vec![],
        ),
        (role("ours"), STATIC.to_vec()),
        (
            json!({ "mode": "web_identity", "role_arn": ROLE }),
            web.to_vec(),
        ),
    ] {
        let program = program(upstream(hour()).await, credentials.clone(), &environment).await;
        program.works().await;
        assert_eq!(
            program.upstream.leaks(),
            Vec::<String>::new(),
            "{credentials}"
        );
    }
    let program = program(upstream(hour()).await, role("theirs"), &STATIC).await;
    let test = program
        .api(
            "/api/v1/providers/bedrock/test",
            json!({ "model": "us.amazon.nova-lite-v1:0" }),
        )
        .await;
    assert_eq!(test["failure"]["symptom"], "credentials_missing", "{test}");
    assert!(
        test["failure"]["advice"]
            .as_str()
            .unwrap()
            .contains("trust policy"),
        "{test}"
    );
}

#[tokio::test]
async fn a_thousand_calls_across_three_renewals_none_fails_none_waits() {
    let credentials = json!({ "mode": "assume_role", "role_arn": ROLE, "external_id": "ours" });
    let program = program(upstream(Duration::from_secs(4)).await, credentials, &STATIC).await;
    program.works().await;
    let mut slowest = Duration::ZERO;
    let mut calls = 0;
    let began = Instant::now();
    while calls < 1_000 || program.upstream.issued().assume_role < 4 {
        assert!(
            began.elapsed() < Duration::from_secs(60),
            "{calls} calls, {:?}",
            program.upstream.issued()
        );
        let four = [
            program.call(),
            program.call(),
            program.call(),
            program.call(),
        ];
        let sent = Instant::now();
        for (status, text) in futures_util::future::join_all(four).await {
            assert_eq!(status, StatusCode::OK, "{text}");
        }
        slowest = slowest.max(sent.elapsed());
        calls += 4;
        // Spread over the time that three renewals take.
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert!(
        slowest < Duration::from_secs(1),
        "a call waited {slowest:?}"
    );
    assert!(program.folder.path().exists());
}

#[tokio::test]
async fn what_only_the_control_plane_knows_is_asked_of_it() {
    let keys =
        json!({ "mode": "static_keys", "access_key_id": "ID", "secret_access_key": "SECRET" });
    let program = program(upstream(hour()).await, keys, &[]).await;
    let patch = |body: Value| {
        let request = program
            .client
            .patch(format!("{}/api/v1/providers/bedrock", program.base))
            .bearer_auth(ADMIN_TOKEN)
            .json(&body);
        async move {
            let response = request.send().await.unwrap();
            let status = response.status();
            (status, response.json::<Value>().await.unwrap())
        }
    };
    let (status, problem) =
        patch(json!({ "guardrail": { "id": "gr-missing", "version": "1" } })).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
    assert_eq!(problem["errors"][0]["field"], "guardrail.id", "{problem}");
    let (status, provider) =
        patch(json!({ "guardrail": { "id": "gr0standin", "version": "1" } })).await;
    assert_eq!(status, StatusCode::OK, "{provider}");
    let own = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123standin";
    let (status, provider) = patch(json!({ "models": [{ "id": own }] })).await;
    assert_eq!(status, StatusCode::OK, "{provider}");
    assert_eq!(
        provider["models"][0]["price_as"], "anthropic.claude-sonnet-5",
        "{provider}"
    );
}

#[test]
fn an_address_of_aws_that_is_none_is_told_at_the_start() {
    for variable in ["AWS_BEDROCK_RUNTIME_ENDPOINT", "AWS_ENDPOINT_URL_BEDROCK"] {
        let folder = tempfile::tempdir().unwrap();
        let ended = Command::new(env!("CARGO_BIN_EXE_weir"))
            // Of no machine: were the variable taken, it would end there.
            .args(["serve", "--listen", "192.0.2.1:1", "--data-dir"])
            .arg(folder.path().join("weir"))
            .env_clear()
            .env(variable, "bedrock.internal:8443")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(!ended.status.success(), "{variable}");
        assert!(said.contains(variable), "{said}");
        assert!(said.contains("write a whole address"), "{said}");
    }
}
