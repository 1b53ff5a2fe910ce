//! OpenAI-compatible upstreams: what they understand differs.

use reqwest::Method;
use serde_json::json;

use crate::support::{call_id, streamed, world};

fn chat() -> serde_json::Value {
    streamed(json!({ "model": "local-model", "messages": [{ "role": "user", "content": "Hi" }] }))
}

#[tokio::test]
async fn an_upstream_that_refuses_stream_options_is_asked_without_and_remembered() {
    let world = world().await;
    for asked in [2, 1] {
        world.upstream.clear_requests();
        let call = world
            .call("compatible-main", "/chat/completions", &chat())
            .header("x-standin-refuse-stream-options", "1");
        let response = call.send().await.unwrap();
        assert_eq!(response.status(), 200);
        let id = call_id(response.headers());
        response.bytes().await.unwrap();
        let sent = world.upstream.requests();
        assert_eq!(sent.len(), asked);
        assert_eq!(sent.last().unwrap().body, chat().to_string().as_bytes());
        assert_eq!(world.row(&id).await["price_state"], "estimated");
    }
}

#[tokio::test]
async fn a_400_for_another_reason_passes_and_is_not_remembered() {
    let world = world().await;
    for _ in 0..2 {
        world.upstream.clear_requests();
        let call = world
            .call("compatible-main", "/chat/completions", &chat())
            .header("x-standin-status", "400");
        let response = call.send().await.unwrap();
        assert_eq!(response.status(), 400);
        let row = world.row(&call_id(response.headers())).await;
        assert_eq!(
            (&row["status"], &row["outcome"]),
            (&json!(400), &json!("upstream_error"))
        );
        assert_eq!(world.upstream.requests().len(), 2);
    }
}

#[tokio::test]
async fn the_injection_can_be_switched_off() {
    let world = world().await;
    world
        .api(
            Method::PATCH,
            "/api/v1/providers/compatible-main",
            json!({ "inject_stream_usage": false }),
        )
        .await;
    let response = world
        .call("compatible-main", "/chat/completions", &chat())
        .send()
        .await
        .unwrap();
    response.bytes().await.unwrap();
    let sent = world.upstream.requests().pop().unwrap();
    assert_eq!(sent.body, chat().to_string().as_bytes());
}

#[tokio::test]
async fn usage_in_the_last_chunk_is_found_without_asking() {
    let world = world().await;
    world
        .api(
            Method::PATCH,
            "/api/v1/providers/compatible-main",
            json!({ "inject_stream_usage": false }),
        )
        .await;
    for place in ["finish", "every"] {
        let call = world
            .call("compatible-main", "/chat/completions", &chat())
            .header("x-standin-usage-place", place)
            .header(
                "x-standin-usage",
                r#"{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}"#,
            );
        let response = call.send().await.unwrap();
        let id = call_id(response.headers());
        response.bytes().await.unwrap();
        let row = world.row(&id).await;
        // 10 × 1 + 5 × 2 = 20 µ$, by the overrides.
        assert_eq!(
            (&row["price_state"], &row["cost_usd"]["total"]),
            (&json!("priced"), &json!("0.000020000"))
        );
    }
}
