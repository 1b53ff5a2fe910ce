//! Each way in which Weir itself refuses a call: status, code, shape, and whether a row is left.

use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::support::{World, a_chat, a_message, call_id, raw, world, world_with};

async fn refused(response: Response, status: u16, code: &str) -> Value {
    let headers = response.headers().clone();
    assert_eq!(response.status(), status, "{code}");
    assert!(!call_id(&headers).is_empty());
    assert_eq!(headers["content-type"], "application/json", "{code}");
    assert_eq!(
        headers["content-security-policy"],
        "sandbox; default-src 'none'"
    );
    let body: Value = response.json().await.unwrap();
    let told = &body["error"];
    let found = if body["type"] == "error" {
        &told["details"]["error_code"]
    } else {
        &told["code"]
    };
    assert_eq!(found, code, "{body}");
    assert!(told["message"].as_str().unwrap().len() > 20, "{body}");
    body
}

#[tokio::test]
async fn tokens_that_are_missing_unknown_revoked_or_expired_are_401_in_each_sdks_shape() {
    let world = world().await;
    let openai = world.url("/llm/v1/providers/openai-main/chat/completions");
    let anthropic = world.url("/llm/v1/providers/anthropic-main/v1/messages");
    let body = refused(
        world
            .client
            .post(&openai)
            .json(&a_chat())
            .send()
            .await
            .unwrap(),
        401,
        "token_missing",
    )
    .await;
    assert_eq!(body["error"]["param"], Value::Null);
    let body = refused(
        world
            .client
            .post(&anthropic)
            .json(&a_message())
            .send()
            .await
            .unwrap(),
        401,
        "token_missing",
    )
    .await;
    assert_eq!(
        (&body["type"], &body["error"]["type"]),
        (&json!("error"), &json!("authentication_error"))
    );

    let unknown = world
        .client
        .post(&openai)
        .bearer_auth("wr_unknown")
        .json(&a_chat());
    refused(unknown.send().await.unwrap(), 401, "token_unknown").await;
    // x-weir-token wins: a bad one is not saved by a good one elsewhere.
    let both = world
        .client
        .post(&openai)
        .bearer_auth(&world.token)
        .header("x-weir-token", "wr_bad");
    refused(
        both.json(&a_chat()).send().await.unwrap(),
        401,
        "token_unknown",
    )
    .await;
    // Anthropic's SDKs use either header.
    for request in [
        world
            .client
            .post(&anthropic)
            .header("x-api-key", &world.token),
        world.client.post(&anthropic).bearer_auth(&world.token),
    ] {
        let request = request
            .header("anthropic-version", "2023-06-01")
            .json(&a_message());
        assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);
    }
    let made = world
        .api(Method::POST, "/api/v1/tokens", json!({ "name": "gone" }))
        .await;
    let (id, token) = (
        made["id"].as_str().unwrap(),
        made["token"].as_str().unwrap(),
    );
    let call = || {
        world
            .client
            .post(&openai)
            .bearer_auth(token)
            .json(&a_chat())
            .send()
    };
    assert_eq!(call().await.unwrap().status(), StatusCode::OK);
    world
        .api(Method::DELETE, &format!("/api/v1/tokens/{id}"), Value::Null)
        .await;
    refused(call().await.unwrap(), 401, "token_unknown").await;

    let expiry = jiff::Timestamp::now() + jiff::SignedDuration::from_millis(700);
    let short = world
        .new_token(json!({ "name": "short", "expires_at": expiry.to_string() }))
        .await;
    let call = || {
        world
            .client
            .post(&openai)
            .bearer_auth(&short)
            .json(&a_chat())
            .send()
    };
    assert_eq!(call().await.unwrap().status(), StatusCode::OK);
    tokio::time::sleep(std::time::Duration::from_millis(800)).await;
    refused(call().await.unwrap(), 401, "token_expired").await;
}

#[tokio::test]
async fn the_token_comes_before_the_provider_and_rows_only_with_a_good_one() {
    let world = world().await;
    let nowhere = world.url("/llm/v1/providers/nowhere/chat/completions");
    refused(
        world
            .client
            .post(&nowhere)
            .json(&a_chat())
            .send()
            .await
            .unwrap(),
        401,
        "token_missing",
    )
    .await;
    for header in [
        "authorization",
        "x-api-key",
        "x-goog-api-key",
        "x-weir-token",
    ] {
        let value = if header == "authorization" {
            format!("Bearer {}", world.token)
        } else {
            world.token.clone()
        };
        let response = world
            .client
            .post(&nowhere)
            .header(header, value)
            .json(&a_chat())
            .send()
            .await
            .unwrap();
        refused(response, 404, "provider_unknown").await;
    }
    let limited = world
        .new_token(json!({ "name": "limited", "providers": ["anthropic-main"] }))
        .await;
    let call = world
        .client
        .post(world.url("/llm/v1/providers/openai-main/chat/completions"));
    let response = call
        .bearer_auth(&limited)
        .json(&a_chat())
        .send()
        .await
        .unwrap();
    let id = call_id(response.headers());
    refused(response, 403, "token_not_for_provider").await;
    let row = world.row(&id).await;
    assert_eq!(
        (&row["outcome"], &row["price_state"]),
        (&json!("rejected"), &json!("not_billed"))
    );
    let rows = world.rows().await;
    assert_eq!(
        rows.len(),
        1,
        "requests without a good token leave no row: {rows:?}"
    );
}

#[tokio::test]
async fn disabled_providers_models_off_the_list_and_bodies_without_one() {
    let world = world().await;
    let call = |body: Value| {
        world
            .call("compatible-main", "/chat/completions", &body)
            .send()
    };
    refused(
        call(json!({ "model": "other", "messages": [] }))
            .await
            .unwrap(),
        403,
        "model_not_allowed",
    )
    .await;
    refused(
        call(json!({ "messages": [] })).await.unwrap(),
        400,
        "model_missing",
    )
    .await;
    refused(call(json!([1])).await.unwrap(), 400, "body_invalid").await;
    let twice = "{\"model\":\"local-model\",\"model\":\"other\",\"messages\":[]}".to_owned();
    let response = world
        .call("compatible-main", "/chat/completions", &json!({}))
        .body(twice)
        .send()
        .await
        .unwrap();
    refused(response, 400, "body_invalid").await;
    let response = world
        .call("compatible-main", "/chat/completions", &json!({}))
        .body("{")
        .send()
        .await
        .unwrap();
    refused(response, 400, "body_invalid").await;
    world
        .api(
            Method::PATCH,
            "/api/v1/providers/compatible-main",
            json!({ "enabled": false }),
        )
        .await;
    refused(
        call(json!({ "model": "local-model" })).await.unwrap(),
        403,
        "provider_disabled",
    )
    .await;
    assert!(
        world.upstream.requests().is_empty(),
        "nothing of this may go up"
    );
}

#[tokio::test]
async fn paths_browsers_and_websockets() {
    let world = world().await;
    let get = |path: &str| {
        let address = world.url(&format!("/llm/v1/providers/openai-main{path}"));
        world.client.get(address).bearer_auth(&world.token)
    };
    refused(
        get("/files").send().await.unwrap(),
        403,
        "operation_not_allowed",
    )
    .await;
    refused(get("").send().await.unwrap(), 403, "operation_not_allowed").await;
    refused(
        get("/models/..%2f..%2ffiles").send().await.unwrap(),
        400,
        "path_invalid",
    )
    .await;
    refused(
        get("/models")
            .header("sec-fetch-mode", "navigate")
            .send()
            .await
            .unwrap(),
        400,
        "navigation_refused",
    )
    .await;
    let socket = get("/responses")
        .header("connection", "upgrade")
        .header("upgrade", "websocket");
    refused(socket.send().await.unwrap(), 501, "websocket_not_supported").await;
    let dots = format!(
        "GET /llm/v1/providers/openai-main/models/../files HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\nconnection: close\r\n\r\n",
        world.token
    );
    let answer = raw(world.weir.address, dots.as_bytes()).await;
    assert_eq!(answer.status, 400, "{}", answer.head);
}

#[tokio::test]
async fn passthrough_wants_the_clients_own_sign_in_and_keeps_the_token_back() {
    let world = world().await;
    let address = world.url("/llm/v1/providers/anthropic-own/v1/messages");
    let post = || world.client.post(&address).json(&a_message());
    refused(
        post().bearer_auth(&world.token).send().await.unwrap(),
        401,
        "token_in_passthrough",
    )
    .await;
    let both = post()
        .bearer_auth(&world.token)
        .header("x-weir-token", &world.token);
    refused(both.send().await.unwrap(), 401, "token_in_passthrough").await;
    let none = post().header("x-weir-token", &world.token);
    refused(none.send().await.unwrap(), 401, "authorization_missing").await;
    for authorization in [
        world.token.clone(),
        format!("Bearer\t{}", world.token),
        format!("token {}", world.token),
        format!("Basic x,{}", world.token),
    ] {
        let hidden = post()
            .header("authorization", &authorization)
            .header("x-weir-token", &world.token);
        refused(hidden.send().await.unwrap(), 401, "token_in_passthrough").await;
    }
    assert!(
        world.upstream.requests().is_empty(),
        "no gateway token may go up"
    );
}

#[tokio::test]
async fn a_key_of_the_clients_own_does_not_hide_the_token() {
    let world = world().await;
    let address = world.url("/llm/v1/providers/anthropic-main/v1/messages");
    let call = world
        .client
        .post(address)
        .header("x-api-key", "sk-ant-of-the-client")
        .header("anthropic-version", "2023-06-01")
        .bearer_auth(&world.token)
        .json(&a_message());
    assert_eq!(call.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_name_of_a_model_that_is_very_long_is_refused_and_stops_nothing() {
    let world = world().await;
    let mut body = a_chat();
    body["model"] = json!("m".repeat(600 << 10));
    let response = world.chat(&body).send().await.unwrap();
    refused(response, 400, "body_invalid").await;
    let response = world
        .chat(&a_chat())
        .header("x-standin-model", "m".repeat(8 << 10))
        .send()
        .await
        .unwrap();
    assert_eq!(
        response.status(),
        200,
        "an upstream may call itself anything"
    );
    let response = world.chat(&a_chat()).send().await.unwrap();
    assert_eq!(response.status(), 200, "and calls go on");
    let rows = world.rows_when(3).await;
    assert_eq!(rows.len(), 3);
}

#[tokio::test]
async fn no_path_below_llm_is_answered_by_the_console() {
    let world = world().await;
    for path in [
        "/llm",
        "/llm/",
        "/llm/v1/providers",
        "/llm/v1/provider/openai-main/chat/completions",
    ] {
        let response = world
            .client
            .post(world.url(path))
            .bearer_auth(&world.token)
            .json(&a_chat())
            .send()
            .await
            .unwrap();
        refused(response, 404, "provider_unknown").await;
    }
}

#[tokio::test]
async fn bodies_over_the_limit_and_buffers_that_are_full() {
    let world = world_with(&["--max-body-bytes", "2KiB", "--max-buffered-bytes", "3KiB"]).await;
    let large = json!({ "model": "gpt-5-mini", "messages": [{ "role": "user", "content": "x".repeat(3000) }] });
    refused(
        world.chat(&large).send().await.unwrap(),
        413,
        "body_too_large",
    )
    .await;
    let chunked =
        reqwest::Body::wrap_stream(futures_util::stream::iter([Ok::<_, std::io::Error>(
            large.to_string(),
        )]));
    refused(
        world.chat(&large).body(chunked).send().await.unwrap(),
        413,
        "body_too_large",
    )
    .await;
    // Two hanging calls hold their bodies; the third finds no room.
    let held = json!({ "model": "gpt-5-mini", "messages": [{ "role": "user", "content": "x".repeat(1300) }] });
    let hang = |world: &World| world.chat(&held).header("x-standin-hang", "headers").send();
    let (first, second) = (tokio::spawn(hang(&world)), tokio::spawn(hang(&world)));
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let response = world.chat(&held).send().await.unwrap();
    assert_eq!(response.headers()["retry-after"], "1");
    refused(response, 503, "buffers_full").await;
    first.abort();
    second.abort();
}
