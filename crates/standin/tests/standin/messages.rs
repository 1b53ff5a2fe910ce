//! Anthropic's messages.

use serde_json::{Value, json};

use crate::client::{Answer, Bench};

const MESSAGES: &str = "/v1/messages";

fn question(more: &Value) -> String {
    let mut body = json!({
        "model": "claude-sonnet-5",
        "max_tokens": 40,
        "messages": [{"role": "user", "content": "How high is the river?"}],
    });
    let members = body.as_object_mut().unwrap();
    members.extend(more.as_object().unwrap().clone());
    body.to_string()
}

/// The names of a stream's events, repeated ones once.
fn names(answer: &Answer) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for event in answer.events() {
        let data: Value = serde_json::from_str(&event.data).unwrap();
        let name = event.name.unwrap();
        assert_eq!(data["type"], name.as_str());
        if names.last() != Some(&name) {
            names.push(name);
        }
    }
    names
}

#[tokio::test]
async fn a_message_has_the_providers_shape() {
    let bench = Bench::new().await;
    let answer = bench.anthropic(MESSAGES, &question(&json!({})), &[]).await;
    let body = answer.json();
    assert!(body["id"].as_str().unwrap().starts_with("msg_"));
    assert_eq!(body["type"], "message");
    assert_eq!(body["role"], "assistant");
    assert_eq!(body["content"][0]["type"], "text");
    assert_eq!(body["stop_reason"], "end_turn");
    for name in ["stop_sequence", "stop_details", "container"] {
        assert_eq!(body.get(name), Some(&Value::Null), "{name}");
    }
    let usage = &body["usage"];
    assert_eq!(usage["output_tokens"], 40);
    assert_eq!(usage["cache_creation_input_tokens"], 0);
    assert_eq!(usage["service_tier"], "standard");
    assert_eq!(usage["speed"], "standard");
    assert_eq!(usage["inference_geo"], "global");
    assert!(answer.header("request-id").starts_with("req_"));
    assert_ne!(
        answer.header("anthropic-ratelimit-output-tokens-remaining"),
        ""
    );
    assert_eq!(answer.header("set-cookie"), "__cf_bm=standin");
}

#[tokio::test]
async fn a_stream_has_all_events_in_order() {
    let bench = Bench::new().await;
    let body = question(&json!({"stream": true, "speed": "fast", "inference_geo": "us"}));
    let answer = bench.anthropic(MESSAGES, &body, &[]).await;
    assert_eq!(
        names(&answer),
        [
            "message_start",
            "ping",
            "content_block_start",
            "content_block_delta",
            "content_block_stop",
            "message_delta",
            "message_stop",
        ]
    );
    let events = answer.event_json();
    let start = &events[0]["message"];
    assert_eq!(start["content"], json!([]));
    assert_eq!(start["stop_reason"], Value::Null);
    assert_eq!(start["usage"]["output_tokens"], 1);
    assert_eq!(start["usage"]["speed"], "fast");
    assert_eq!(start["usage"]["inference_geo"], "us");
    let delta = &events[events.len() - 2];
    assert_eq!(delta["delta"]["stop_reason"], "end_turn");
    assert_eq!(delta["usage"]["output_tokens"], 40);
    let again = bench.anthropic(MESSAGES, &body, &[]).await;
    assert_eq!(answer.bytes(), again.bytes());
}

#[tokio::test]
async fn thinking_is_a_block_when_it_is_asked_for() {
    let bench = Bench::new().await;
    let thinking = json!({"thinking": {"type": "enabled", "budget_tokens": 10}});
    let body = bench
        .anthropic(MESSAGES, &question(&thinking), &[])
        .await
        .json();
    assert_eq!(body["content"][0]["type"], "thinking");
    assert_eq!(body["content"][1]["type"], "text");
    assert_eq!(
        body["usage"]["output_tokens_details"]["thinking_tokens"],
        10
    );

    let mut streamed = thinking;
    streamed["stream"] = json!(true);
    let events = bench
        .anthropic(MESSAGES, &question(&streamed), &[])
        .await
        .event_json();
    let kinds: Vec<&str> = events
        .iter()
        .filter_map(|event| event["delta"]["type"].as_str())
        .collect();
    assert_eq!(kinds[0], "thinking_delta");
    assert!(kinds.contains(&"signature_delta"));
    assert_eq!(*kinds.last().unwrap(), "text_delta");

    let off = json!({"thinking": {"type": "disabled"}});
    let body = bench.anthropic(MESSAGES, &question(&off), &[]).await.json();
    assert_eq!(body["content"][0]["type"], "text");
}

#[tokio::test]
async fn tools_are_called_when_the_user_says_so() {
    let bench = Bench::new().await;
    let request = json!({
        "tools": [
            {"type": "web_search_20260209", "name": "web_search"},
            {"name": "weather", "input_schema": {"type": "object",
                "properties": {"unit": {"enum": ["C", "F"]}}}},
        ],
        "messages": [{"role": "user", "content": [{"type": "text", "text": "use the tool"}]}],
    });
    let body = bench
        .anthropic(MESSAGES, &question(&request), &[])
        .await
        .json();
    assert_eq!(body["stop_reason"], "tool_use");
    assert_eq!(body["content"][0]["type"], "server_tool_use");
    assert_eq!(body["content"][1]["type"], "web_search_tool_result");
    assert_eq!(body["content"][2]["input"], json!({"unit": "C"}));
    assert_eq!(
        body["usage"]["server_tool_use"],
        json!({"web_search_requests": 1, "web_fetch_requests": 0})
    );

    let mut streamed = request;
    streamed["stream"] = json!(true);
    let events = bench
        .anthropic(MESSAGES, &question(&streamed), &[])
        .await
        .event_json();
    let input: String = events
        .iter()
        .filter(|event| event["index"] == 2)
        .filter_map(|event| event["delta"]["partial_json"].as_str())
        .collect();
    assert_eq!(input, r#"{"unit":"C"}"#);
    let delta = &events[events.len() - 2];
    assert_eq!(delta["delta"]["stop_reason"], "tool_use");
    assert_eq!(delta["usage"]["server_tool_use"]["web_search_requests"], 1);
}

#[tokio::test]
async fn tokens_are_counted() {
    let bench = Bench::new().await;
    let body = question(&json!({}));
    let count = bench
        .anthropic("/v1/messages/count_tokens", &body, &[])
        .await
        .json();
    let message = bench.anthropic(MESSAGES, &body, &[]).await.json();
    assert_eq!(
        count,
        json!({"input_tokens": message["usage"]["input_tokens"]})
    );
}

#[tokio::test]
async fn the_version_is_required_and_matters() {
    let bench = Bench::new().await;
    let body = question(&json!({"temperature": 0.5}));
    for (version, status) in [
        ("2023-06-01", 200),
        ("2026-10-21", 400),
        ("2020-01-01", 400),
    ] {
        let answer = bench
            .anthropic(MESSAGES, &body, &[("anthropic-version", version)])
            .await;
        assert_eq!(answer.status, status, "{version}");
    }
    let request = bench.request(http::Method::POST, MESSAGES, &[("x-api-key", "k")], &body);
    let answer = bench.send(request).await;
    assert_eq!(answer.status, 400);
    let error = answer.any_json();
    assert_eq!(error["type"], "error");
    assert_eq!(error["error"]["type"], "invalid_request_error");
    assert!(error["error"]["details"]["error_code"].is_string());
    assert_eq!(error["request_id"], answer.header("request-id"));
}
