//! No credential stands in a transcript, whoever repeats it, and in which answer.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::{
    calls,
    ends::recorded,
    search::files_with,
    support::{UPSTREAM_KEY, World, call_id},
    world::{data, provider, recording_world, stopped, written},
};

/// Looks for credentials in all files, those of a Weir that has stopped too.
async fn nowhere(world: World, secrets: &[&str]) {
    written(&world).await;
    for secret in secrets {
        assert_eq!(files_with(&data(&world), secret), Vec::<String>::new());
    }
    let data = stopped(world).await;
    for secret in secrets {
        let folder = data.path().join("weir");
        assert_eq!(files_with(&folder, secret), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_model_that_says_the_credential_leaves_none_of_it() {
    let world = recording_world().await;
    let mut bearer = String::new();
    for call in calls::all().iter().filter(|call| call.says) {
        for packed in [false, true] {
            let path = &call.path;
            let body = call.asking(&format!("My token is {}", world.token));
            let request = || world.call(&provider(call.kind, "both"), path, &body);
            let credential = if call.kind == "vertex_ai" {
                // Weir's own token, which the first call gets.
                if bearer.is_empty() {
                    let first = request().send().await.unwrap();
                    assert_eq!(first.status(), StatusCode::OK, "{path}");
                    first.bytes().await.unwrap();
                    bearer = sent_bearer(&world);
                }
                bearer.as_str()
            } else {
                UPSTREAM_KEY
            };
            let mut request = request().header("x-standin-say", credential);
            if packed {
                request = request
                    .header("accept-encoding", "gzip")
                    .header("x-standin-compress", "1");
            }
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), StatusCode::OK, "{} {path}", call.kind);
            let id = call_id(response.headers());
            response.bytes().await.unwrap();
            let kept = recorded(&world, &id).await.unwrap();
            let [asked, said] = [kept.request, kept.response]
                .map(|body| String::from_utf8_lossy(&body.unwrap().bytes).into_owned());
            assert!(asked.contains("My token is [redacted]"), "{asked}");
            assert!(said.contains("[redacted]"), "{path}: {said}");
        }
    }
    let token = world.token.clone();
    nowhere(world, &[UPSTREAM_KEY, &token, &bearer]).await;
}

/// The bearer token that came with the last call of the upstream.
fn sent_bearer(world: &World) -> String {
    let requests = world.upstream.requests();
    let sent = requests.last().unwrap().headers.get("authorization");
    let sent = sent.unwrap().to_str().unwrap();
    sent.strip_prefix("Bearer ").unwrap().to_owned()
}

#[tokio::test]
async fn a_client_s_own_authorization_is_not_kept_either() {
    let world = recording_world().await;
    let new = json!({ "id": "own", "display_name": "Own", "type": "anthropic",
        "base_url": world.upstream.base_url(), "authorization_passthrough": true,
        "record_inputs": true, "record_outputs": true });
    world.api(Method::POST, "/api/v1/providers", new).await;
    let body = json!({ "model": "claude-sonnet-5-5", "max_tokens": 3,
        "messages": [{ "role": "user", "content": "Hello" }] });
    for (wish, value, status) in [
        ("x-standin-error-body", "echo-auth", 401),
        ("x-standin-say", UPSTREAM_KEY, 200),
    ] {
        let request = world
            .call("own", "/v1/messages", &body)
            .bearer_auth(UPSTREAM_KEY);
        let response = request.header(wish, value).send().await.unwrap();
        assert_eq!(response.status(), status);
        let id = call_id(response.headers());
        let answer = response.text().await.unwrap();
        assert!(
            answer.contains(UPSTREAM_KEY),
            "it is the client's: {answer}"
        );
        let kept = recorded(&world, &id).await.unwrap().response.unwrap();
        let said = String::from_utf8(kept.bytes).unwrap();
        assert_eq!(said, answer.replace(UPSTREAM_KEY, "[redacted]"));
    }
    nowhere(world, &[UPSTREAM_KEY]).await;
}

#[tokio::test]
async fn a_token_in_the_address_is_known_too() {
    let world = recording_world().await;
    let token = world.token.clone();
    let path = format!(
        "/llm/v1/providers/google-ai-both/v1beta/models/gemini-3-flash:generateContent?key={token}"
    );
    let body = json!({ "contents": [{ "role": "user", "parts": [{ "text": &token }] }] });
    let request = world.client.post(world.url(&path)).json(&body);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    response.bytes().await.unwrap();
    nowhere(world, &[&token]).await;
}

#[tokio::test]
async fn the_items_that_a_response_goes_on_from_are_inputs() {
    let world = recording_world().await;
    for (setting, is_kept) in [("asked", false), ("said", false), ("both", true)] {
        for path in ["input_items", "%69nput_items/"] {
            let provider = provider("openai", setting);
            let path = format!("/llm/v1/providers/{provider}/responses/resp_1/{path}?limit=1");
            let request = world.client.get(world.url(&path));
            let request = request.header("x-weir-token", &world.token);
            let response = request.send().await.unwrap();
            let id = call_id(response.headers());
            response.bytes().await.unwrap();
            let kept = recorded(&world, &id).await;
            let is_there = kept.is_some_and(|kept| kept.response.is_some());
            assert_eq!(is_there, is_kept, "{setting} {path}");
        }
    }
}
