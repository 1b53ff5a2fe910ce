//! What every route does alike with what is wrong in HTTP itself.

use axum::body::Body;
use http::{Method, Request, header};
use serde_json::{Value, json};

use crate::app::{App, TOKEN, ask, every_route};

/// Routes that read a body, with one that is right.
fn with_body() -> Vec<(Method, &'static str, Value)> {
    vec![
        (
            Method::POST,
            "/api/v1/providers",
            json!({"display_name": "New", "type": "openai", "api_key": "KEY"}),
        ),
        (
            Method::PATCH,
            "/api/v1/providers/main",
            json!({"enabled": true}),
        ),
        (
            Method::POST,
            "/api/v1/providers/main/test",
            json!({"model": "gpt-4o"}),
        ),
        (Method::PUT, "/api/v1/secrets/KEY", json!({"value": "x"})),
        (Method::POST, "/api/v1/tokens", json!({"name": "ci"})),
    ]
}

fn raw(
    method: Method,
    path: &str,
    content_type: Option<&str>,
    body: impl Into<Body>,
) -> Request<Body> {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, format!("Bearer {TOKEN}"))
        .body(body.into())
        .unwrap();
    if let Some(content_type) = content_type {
        request
            .headers_mut()
            .insert(header::CONTENT_TYPE, content_type.parse().unwrap());
    }
    request
}

#[tokio::test]
async fn bodies_are_sent_as_json() {
    let app = App::with_provider().await;
    for (method, path, body) in with_body() {
        for wrong in [
            None,
            Some("text/plain"),
            Some("application/x-www-form-urlencoded"),
            Some("application/jsonp"),
        ] {
            let answer = app
                .send(raw(method.clone(), path, wrong, body.to_string()))
                .await;
            answer.problem(415, "wrong_content_type");
        }
        for right in ["application/json", "Application/JSON; charset=utf-8"] {
            let answer = app
                .send(raw(method.clone(), path, Some(right), body.to_string()))
                .await;
            assert!(
                answer.status.is_success(),
                "{method} {path}: {}",
                answer.text
            );
        }
    }
    let patch = raw(
        Method::PATCH,
        "/api/v1/providers/main",
        Some("application/merge-patch+json"),
        "{}",
    );
    assert!(app.send(patch).await.status.is_success());
    let elsewhere = raw(
        Method::POST,
        "/api/v1/tokens",
        Some("application/merge-patch+json"),
        "{}",
    );
    app.send(elsewhere).await.problem(415, "wrong_content_type");
}

#[tokio::test]
async fn malformed_json_is_told_with_its_place_and_without_its_text() {
    let app = App::with_provider().await;
    for (method, path, _) in with_body() {
        for broken in [
            "{\"value\": \"sk-canary",
            "{'value': 1}",
            "nonsense",
            "{\"a\":1,}",
            "{} {}",
            "\u{0}",
            "{\"a\":\"\\ud800\"}",
        ] {
            let answer = app
                .send(raw(method.clone(), path, Some("application/json"), broken))
                .await;
            answer.problem(400, "malformed_json");
            assert!(
                answer.text.contains("line 1") && !answer.text.contains("canary"),
                "{}",
                answer.text
            );
        }
        let not_text = app
            .send(raw(
                method.clone(),
                path,
                Some("application/json"),
                vec![b'"', 0xff, b'"'],
            ))
            .await;
        not_text.problem(400, "malformed_json");
        let deep = "[".repeat(100_000);
        app.send(raw(method.clone(), path, Some("application/json"), deep))
            .await
            .problem(400, "malformed_json");
    }
    let empty = raw(Method::POST, "/api/v1/tokens", Some("application/json"), "");
    app.send(empty).await.problem(400, "malformed_json");
}

#[tokio::test]
async fn bodies_have_one_mebibyte_at_most() {
    let app = App::with_provider().await;
    for (method, path, _) in with_body() {
        let most = format!("{{\"x\": \"{}\"}}", "a".repeat(1024 * 1024 - 9));
        assert_eq!(most.len(), 1024 * 1024);
        let answer = app
            .send(raw(
                method.clone(),
                path,
                Some("application/json"),
                most.clone(),
            ))
            .await;
        assert_eq!(answer.status.as_u16(), 422, "it was read");
        let answer = app
            .send(raw(
                method.clone(),
                path,
                Some("application/json"),
                most + " ",
            ))
            .await;
        answer.problem(413, "body_too_large");
    }
}

#[tokio::test]
async fn methods_that_a_path_does_not_take_are_told() {
    let app = App::new().await;
    for (_, path) in every_route() {
        let answer = app.send(ask(Method::OPTIONS, path, None)).await;
        answer.problem(405, "method_not_allowed");
        assert!(!answer.header("allow").is_empty(), "{path}");
    }
    let answer = app
        .send(ask(Method::PUT, "/api/v1/tokens", Some(json!({}))))
        .await;
    answer.problem(405, "method_not_allowed");
    assert_eq!(answer.header("allow"), "GET,HEAD,POST");
}

#[tokio::test]
async fn unknown_parameters_are_refused_on_every_route() {
    let app = App::with_provider().await;
    let bodies = with_body();
    for (method, path) in every_route() {
        let body = bodies
            .iter()
            .find(|(of, at, _)| (of, *at) == (&method, path))
            .map(|(_, _, body)| body.clone());
        let extra = if path.ends_with("/models") {
            "?type=openai&colour=red"
        } else {
            "?colour=red"
        };
        let answer = app
            .send(ask(method.clone(), &format!("{path}{extra}"), body))
            .await;
        answer.fields(400, "invalid_query", &[("colour", "unknown_parameter")]);
    }
}

#[tokio::test]
async fn limits_above_a_thousand_are_refused_on_every_list() {
    let app = App::new().await;
    for path in [
        "/api/v1/providers?",
        "/api/v1/secrets?",
        "/api/v1/tokens?",
        "/api/v1/calls?",
        "/api/v1/catalog/models?type=openai&",
    ] {
        for limit in ["0", "1001", "x", "-1"] {
            let answer = app.get(&format!("{path}limit={limit}")).await;
            answer.fields(400, "invalid_query", &[("limit", "invalid_limit")]);
        }
        let page = app.get(&format!("{path}limit=1000")).await.json(200);
        assert!(page["items"].is_array() && page.get("next_cursor").is_some());
        let answer = app.get(&format!("{path}cursor=%00")).await;
        answer.fields(400, "invalid_query", &[("cursor", "invalid_cursor")]);
    }
}

#[tokio::test]
async fn odd_paths_are_simply_not_found() {
    let app = App::new().await;
    for path in [
        "/api/v1/providers/%ff",
        "/api/v1/providers/a%2Fb",
        "/api/v1/providers/A%20B",
    ] {
        let answer = app.get(path).await;
        assert_eq!(answer.status.as_u16(), 404, "{path}: {}", answer.text);
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
}

#[tokio::test]
async fn a_database_that_is_gone_is_told_without_its_words() {
    let app = App::with_provider().await;
    app.store.close().await.unwrap();
    for path in [
        "/api/v1/providers",
        "/api/v1/secrets",
        "/api/v1/tokens",
        "/api/v1/calls",
        "/api/v1/usage",
    ] {
        let answer = app.get(path).await;
        assert!(
            matches!(answer.status.as_u16(), 500 | 503),
            "{path}: {}",
            answer.text
        );
        assert!(
            !answer.text.to_lowercase().contains("sql") && !answer.text.contains("weir.db"),
            "{}",
            answer.text
        );
    }
}
