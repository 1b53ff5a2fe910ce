//! Errors that a request asks for, and answers that never come or name something else.

use std::time::{Duration, Instant};

use serde_json::json;
use weir_standin::Settings;

use crate::client::Bench;

const CHAT: &str = "/v1/chat/completions";
const PLAIN: &str = r#"{"model":"m","messages":[]}"#;
const STREAM: &str = r#"{"model":"m","messages":[],"stream":true}"#;
const MESSAGE: &str = r#"{"model":"m","max_tokens":9,"messages":[],"stream":true}"#;

#[tokio::test]
async fn a_status_comes_in_the_providers_own_shape() {
    let bench = Bench::new().await;
    for (status, kind, code) in [
        ("400", "invalid_request_error", json!(null)),
        ("429", "requests", json!("rate_limit_exceeded")),
        ("500", "server_error", json!(null)),
        ("503", "server_error", json!(null)),
    ] {
        let answer = bench
            .openai(CHAT, STREAM, &[("x-standin-status", status)])
            .await;
        assert_eq!(answer.status.as_str(), status);
        assert_eq!(answer.any_json()["error"]["type"], kind);
        assert_eq!(answer.any_json()["error"]["code"], code);
        let retry = matches!(status, "429" | "503");
        assert_eq!(answer.header("retry-after"), if retry { "7" } else { "" });
        assert_eq!(answer.header("set-cookie"), "__cf_bm=standin");
    }
    for (status, kind) in [
        ("401", "authentication_error"),
        ("402", "billing_error"),
        ("413", "request_too_large"),
        ("500", "api_error"),
        ("504", "timeout_error"),
        ("529", "overloaded_error"),
    ] {
        let answer = bench
            .anthropic("/v1/messages", MESSAGE, &[("x-standin-status", status)])
            .await;
        assert_eq!(answer.status.as_str(), status);
        assert_eq!(answer.any_json()["type"], "error");
        assert_eq!(answer.any_json()["error"]["type"], kind);
    }
    let created = bench
        .openai(CHAT, PLAIN, &[("x-standin-status", "201")])
        .await;
    assert_eq!(created.status, 201);
    assert_eq!(created.any_json()["object"], "chat.completion");
}

#[tokio::test]
async fn an_error_has_the_body_that_was_asked_for() {
    let bench = Bench::new().await;
    let page = bench
        .openai(CHAT, PLAIN, &[("x-standin-error-body", "html")])
        .await;
    assert_eq!(page.status, 502);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(page.text().starts_with("<!DOCTYPE html>"));

    let wishes = [
        ("x-standin-error-body", "echo-auth"),
        ("x-standin-status", "403"),
    ];
    let echo = bench.openai(CHAT, PLAIN, &wishes).await;
    assert_eq!(echo.status, 403);
    assert!(echo.text().contains("sk-a."));
    let echo = bench.anthropic("/v1/messages", MESSAGE, &wishes).await;
    assert!(echo.text().contains("sk-ant."));

    let empty = bench
        .openai(CHAT, PLAIN, &[("x-standin-error-body", "empty")])
        .await;
    assert_eq!(empty.status, 500);
    assert_eq!(empty.header("content-length"), "0");
    assert_eq!(empty.header("content-type"), "");
}

#[tokio::test]
async fn a_redirect_points_elsewhere() {
    let bench = Bench::new().await;
    let wish = [("x-standin-redirect", "http://127.0.0.1:1/x")];
    let answer = bench.openai(CHAT, PLAIN, &wish).await;
    assert_eq!(answer.status, 302);
    assert_eq!(answer.header("location"), "http://127.0.0.1:1/x");
    assert!(answer.bytes().is_empty());
}

#[tokio::test]
async fn hanging_headers_never_come() {
    let bench = Bench::new().await;
    let wish = [("x-standin-hang", "headers")];
    let answer = bench.openai(CHAT, PLAIN, &wish);
    let waited = tokio::time::timeout(Duration::from_millis(200), answer).await;
    assert!(waited.is_err());
    assert_eq!(bench.standin.requests().len(), 1);
}

#[tokio::test]
async fn stream_options_are_refused_where_they_are_there() {
    let bench = Bench::new().await;
    let wish = [("x-standin-refuse-stream-options", "1")];
    let with = STREAM.replace("true", r#"true,"stream_options":{"include_usage":true}"#);
    let answer = bench.openai(CHAT, &with, &wish).await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.any_json()["error"]["param"], "stream_options");
    assert_eq!(bench.openai(CHAT, STREAM, &wish).await.status, 200);
}

#[tokio::test]
async fn id_model_and_finish_can_be_given() {
    let bench = Bench::new().await;
    let wishes = [
        ("x-standin-id", "chatcmpl-mine"),
        ("x-standin-model", "gpt-9"),
        ("x-standin-finish", "content_filter"),
    ];
    let body = bench.openai(CHAT, PLAIN, &wishes).await.json();
    assert_eq!(body["id"], "chatcmpl-mine");
    assert_eq!(body["model"], "gpt-9");
    assert_eq!(body["choices"][0]["finish_reason"], "content_filter");
    let wishes = [
        ("x-standin-id", "msg_mine"),
        ("x-standin-finish", "max_tokens"),
    ];
    let answer = bench.anthropic("/v1/messages", MESSAGE, &wishes).await;
    let events = answer.event_json();
    assert_eq!(events[0]["message"]["id"], "msg_mine");
    assert_eq!(
        events[events.len() - 2]["delta"]["stop_reason"],
        "max_tokens"
    );
}

#[tokio::test]
async fn answers_can_be_late() {
    let bench = Bench::with(Settings {
        first_byte: Duration::from_millis(80),
        ..Settings::default()
    })
    .await;
    let start = Instant::now();
    bench.openai(CHAT, PLAIN, &[]).await.json();
    assert!(start.elapsed() >= Duration::from_millis(80));
    let start = Instant::now();
    let wish = [("x-standin-first-byte-ms", "150")];
    bench.openai(CHAT, PLAIN, &wish).await.json();
    assert!(start.elapsed() >= Duration::from_millis(150));
}

#[tokio::test]
async fn what_is_not_understood_is_refused() {
    let bench = Bench::new().await;
    for (name, value) in [
        ("x-standin-staus", "429"),
        ("x-standin-status", "600"),
        ("x-standin-status", "teapot"),
        ("x-standin-hang", "always"),
        ("x-standin-usage", "{"),
        ("x-standin-compress", "yes"),
        ("x-standin-cut", "-1"),
    ] {
        let answer = bench.openai(CHAT, PLAIN, &[(name, value)]).await;
        assert_eq!(answer.status, 400, "{name}: {value}");
        assert!(answer.text().contains(name));
    }
    let off = [("x-standin-compress", "0"), ("x-standin-comments", "0")];
    assert_eq!(bench.openai(CHAT, PLAIN, &off).await.status, 200);
}
