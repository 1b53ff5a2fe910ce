//! Credentials and prompts are nowhere but where they belong.

use std::{fs, path::Path};

use reqwest::Method;
use serde_json::{Value, json};
use tracing::Level;

use crate::support::{Log, UPSTREAM_KEY, a_chat, a_message, streamed, world};

const CANARY: &str = "canary-7f3a-prompt";

fn files(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found)
        } else {
            found.push(path)
        }
    }
}

#[tokio::test]
async fn no_key_token_or_prompt_is_in_any_file_answer_or_log() {
    let log = Log::keep(Level::TRACE);
    let world = world().await;
    let mut answers = Vec::new();
    for mut body in [
        a_chat(),
        streamed(a_chat()),
        a_message(),
        streamed(a_message()),
    ] {
        body["messages"][0]["content"] = json!(CANARY);
        let is_message = body["max_tokens"].is_number();
        let (provider, path) = if is_message {
            ("anthropic-main", "/v1/messages")
        } else {
            ("openai-main", "/chat/completions")
        };
        for fault in [
            None,
            Some(("x-standin-status", "500")),
            Some(("x-standin-error-body", "echo-auth")),
            Some(("x-standin-break-after", "2")),
        ] {
            let mut call = world.call(provider, path, &body);
            if let Some((name, value)) = fault {
                call = call.header(name, value);
            }
            let response = call.send().await.unwrap();
            answers.push(format!("{:?}", response.headers()));
            answers.push(response.text().await.unwrap_or_default());
        }
    }
    let refused = world
        .client
        .post(world.url("/llm/v1/providers/openai-main/chat/completions"));
    let refused = refused
        .bearer_auth("wr_wrong-token")
        .json(&json!({ "model": CANARY }))
        .send()
        .await
        .unwrap();
    answers.push(refused.text().await.unwrap());
    world.rows_when(16).await;
    for path in [
        "/api/v1/providers",
        "/api/v1/secrets",
        "/api/v1/tokens",
        "/api/v1/calls?limit=200",
        "/api/v1/providers/openai-main",
    ] {
        answers.push(world.get(path).await.to_string());
    }
    let (_, problem) = world
        .try_api(
            Method::POST,
            "/api/v1/providers",
            json!({ "display_name": "x", "type": "openai", "api_key": UPSTREAM_KEY }),
        )
        .await;
    assert!(problem["errors"].is_array(), "{problem}");
    for answer in &answers {
        assert!(
            !answer.contains(UPSTREAM_KEY),
            "the upstream key is in {answer}"
        );
        assert!(
            !answer.contains(&world.token),
            "the gateway token is in {answer}"
        );
    }
    let folder = world.data.path().to_owned();
    let token = world.token.clone();
    world.weir.stop();
    world.weir.ended().await;
    let log = log.text();
    assert!(
        log.contains(" TRACE ") && log.contains("Refused a request"),
        "{log}"
    );
    for secret in [UPSTREAM_KEY, token.as_str(), CANARY] {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret} is in the log");
    }
    let mut found = Vec::new();
    files(&folder, &mut found);
    assert!(
        found.iter().any(|path| path.ends_with("weir.db")),
        "{found:?}"
    );
    for path in found {
        let bytes = fs::read(&path).unwrap();
        for secret in [UPSTREAM_KEY, token.as_str(), CANARY] {
            let at = bytes
                .windows(secret.len())
                .position(|window| window == secret.as_bytes());
            assert_eq!(at, None, "{secret} is in {}", path.display());
        }
    }
}

#[tokio::test]
async fn secrets_are_write_only() {
    let world = world().await;
    let list = world.get("/api/v1/secrets").await;
    let names: Vec<&Value> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|secret| &secret["name"])
        .collect();
    assert_eq!(names, [&json!("UPSTREAM_KEY")]);
    let (status, _) = world
        .try_api(Method::GET, "/api/v1/secrets/UPSTREAM_KEY", Value::Null)
        .await;
    assert!(status == 404 || status == 405, "{status}");
}
