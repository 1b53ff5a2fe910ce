//! What upstreams do wrong, and what their clients see of it.

use std::net::TcpListener;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use store::{AuditEntry, MasterKey, Store};

use crate::support::{
    UPSTREAM_KEY, World, a_chat, a_message, call_id, streamed, world, world_with,
};

#[tokio::test]
async fn upstream_errors_pass_with_status_body_and_retry_after() {
    let world = world().await;
    for (provider, path, direct, body) in [
        (
            "openai-main",
            "/chat/completions",
            "/v1/chat/completions",
            a_chat(),
        ),
        (
            "anthropic-main",
            "/v1/messages",
            "/v1/messages",
            a_message(),
        ),
    ] {
        for status in [
            "400", "401", "403", "404", "409", "413", "422", "429", "500", "503", "529",
        ] {
            let reference = world
                .direct(direct, &body)
                .header("x-standin-status", status)
                .send()
                .await
                .unwrap();
            let through = world
                .call(provider, path, &body)
                .header("x-standin-status", status)
                .send()
                .await
                .unwrap();
            assert_eq!(through.status(), reference.status());
            for header in ["retry-after", "content-type"] {
                assert_eq!(
                    through.headers().get(header),
                    reference.headers().get(header),
                    "{status} {header}"
                );
            }
            let id = call_id(through.headers());
            assert_eq!(
                through.bytes().await.unwrap(),
                reference.bytes().await.unwrap(),
                "{status}"
            );
            let row = world.row(&id).await;
            assert_eq!(
                (&row["outcome"], &row["price_state"]),
                (&json!("upstream_error"), &json!("not_billed"))
            );
            assert_eq!(row["status"], status.parse::<u16>().unwrap());
        }
    }
}

#[tokio::test]
async fn an_error_page_passes_and_weirs_own_key_in_it_does_not() {
    let world = world().await;
    let page = world
        .chat(&a_chat())
        .header("x-standin-error-body", "html")
        .send()
        .await
        .unwrap();
    assert!(page.text().await.unwrap().contains("<html"));
    for compress in ["0", "1"] {
        let echo = world
            .messages(&a_message())
            .header("x-standin-error-body", "echo-auth")
            .header("x-standin-compress", compress)
            .header("accept-encoding", "identity")
            .send()
            .await
            .unwrap();
        assert_eq!(echo.status(), StatusCode::UNAUTHORIZED);
        let text = echo.text().await.unwrap();
        assert!(!text.contains(UPSTREAM_KEY), "{text}");
        assert!(text.contains("[redacted]"), "{text}");
    }
    let empty = world
        .chat(&a_chat())
        .header("x-standin-error-body", "empty")
        .send()
        .await
        .unwrap();
    assert!(empty.status().is_server_error());
    assert_eq!(empty.bytes().await.unwrap().len(), 0);
}

#[tokio::test]
async fn redirects_pass_and_are_not_followed() {
    let world = world().await;
    let response = world
        .chat(&a_chat())
        .header("x-standin-redirect", "http://127.0.0.1:1/")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::FOUND);
    assert_eq!(response.headers()["location"], "http://127.0.0.1:1/");
    assert_eq!(world.upstream.requests().len(), 1);
    assert_eq!(
        world.row(&call_id(response.headers())).await["price_state"],
        "not_billed"
    );
}

async fn to(world: &World, base_url: &str) -> (u16, Value, Value) {
    let id = format!(
        "p{}",
        world.get("/api/v1/providers").await["items"]
            .as_array()
            .unwrap()
            .len()
    );
    let provider =
        json!({ "id": id, "display_name": id, "type": "openai_compatible", "base_url": base_url });
    world.api(Method::POST, "/api/v1/providers", provider).await;
    let response = world
        .call(&id, "/chat/completions", &a_chat())
        .send()
        .await
        .unwrap();
    let status = response.status().as_u16();
    let call = call_id(response.headers());
    let body: Value = response.json().await.unwrap();
    (
        status,
        body["error"]["code"].clone(),
        world.row(&call).await,
    )
}

#[tokio::test]
async fn upstreams_that_cannot_be_reached_are_502_or_504() {
    let world = world_with(&["--connect-timeout", "500ms"]).await;
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    for (base_url, status, code) in [
        (
            format!("http://127.0.0.1:{free}/v1"),
            502,
            "upstream_unreachable",
        ),
        (
            "http://no-such-host.invalid/v1".to_owned(),
            502,
            "upstream_unreachable",
        ),
        (
            world.upstream.base_url().replace("http:", "https:"),
            502,
            "upstream_unreachable",
        ),
        // TEST-NET-1: nobody answers there.
        (
            "http://192.0.2.1/v1".to_owned(),
            504,
            "upstream_connect_timeout",
        ),
    ] {
        let (found, found_code, row) = to(&world, &base_url).await;
        let unreachable = found == 502 && base_url.contains("192.0.2.1");
        assert!(
            unreachable || (found, found_code.as_str()) == (status, Some(code)),
            "{base_url}: {found} {found_code}"
        );
        assert_eq!(
            (&row["outcome"], &row["price_state"]),
            (&json!("upstream_error"), &json!("not_billed"))
        );
    }
}

#[tokio::test]
async fn link_local_addresses_are_refused_when_they_are_connected_to() {
    let world = world_with(&["--allow-link-local-upstreams"]).await;
    let provider = json!({ "id": "metadata", "display_name": "Metadata", "type": "openai_compatible", "base_url": "http://169.254.169.254/v1" });
    world.api(Method::POST, "/api/v1/providers", provider).await;
    let world = world.restart_with(vec![]).await;
    let call = world.call("metadata", "/chat/completions", &a_chat());
    let response = call.send().await.unwrap();
    assert_eq!(response.status(), 502);
    let row = world.row(&call_id(response.headers())).await;
    let answer: Value = response.json().await.unwrap();
    assert_eq!(answer["error"]["code"], "address_refused", "{answer}");
    assert_eq!(row["price_state"], "not_billed");
}

#[tokio::test]
async fn an_error_that_is_too_large_keeps_its_status() {
    let world = world().await;
    let call = world
        .chat(&a_chat())
        .header("x-standin-status", "429")
        .header("x-standin-extra-bytes", "9000000");
    let response = call.send().await.unwrap();
    let status = response.status();
    let answer = response.bytes().await.unwrap();
    assert_eq!(status, 429, "{} bytes", answer.len());
}

#[tokio::test]
async fn link_local_addresses_are_refused_when_they_are_saved() {
    let world = world().await;
    let provider = json!({ "display_name": "Metadata", "type": "openai_compatible", "base_url": "http://169.254.169.254/v1" });
    let (status, problem) = world
        .try_api(Method::POST, "/api/v1/providers", provider)
        .await;
    assert_eq!(status, 422, "{problem}");
    assert_eq!(problem["errors"][0]["field"], "base_url");
}

#[tokio::test]
async fn silence_is_504_before_the_answer_and_breaks_off_after() {
    let world = world_with(&["--first-byte-timeout", "300ms", "--idle-timeout", "300ms"]).await;
    let response = world
        .chat(&a_chat())
        .header("x-standin-hang", "headers")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::GATEWAY_TIMEOUT);
    let id = call_id(response.headers());
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["error"]["code"], "upstream_timeout");
    assert_eq!(world.row(&id).await["outcome"], "upstream_error");

    let response = world
        .messages(&streamed(a_message()))
        .header("x-standin-hang", "body")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let id = call_id(response.headers());
    assert!(response.bytes().await.is_err(), "the stream is broken off");
    assert_eq!(world.row(&id).await["outcome"], "truncated");
}

#[tokio::test]
async fn an_answer_that_is_not_the_apis_is_an_upstream_error() {
    let world = world().await;
    let page = world
        .chat(&a_chat())
        .header("x-standin-error-body", "html")
        .header("x-standin-status", "200");
    let response = page.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let row = world.row(&call_id(response.headers())).await;
    assert_eq!(
        (&row["outcome"], &row["price_state"]),
        (&json!("upstream_error"), &json!("not_billed"))
    );
}

#[tokio::test]
async fn a_secret_in_use_is_not_deleted() {
    let world = world().await;
    let (status, problem) = world
        .try_api(Method::DELETE, "/api/v1/secrets/UPSTREAM_KEY", Value::Null)
        .await;
    assert_eq!(status, 409, "a secret in use is not deleted: {problem}");
}

#[tokio::test]
async fn a_secret_that_cannot_be_had_is_named() {
    let world = world().await;
    // Another program has given the database another key meanwhile.
    let data = world.data.path().join("weir");
    let old = MasterKey::load(None, &data.join("master.key")).unwrap();
    let beside = Store::open(store::Options {
        database_url: format!("sqlite:{}", data.join("weir.db").display()),
        master_key: old.clone(),
        readers: 1,
    })
    .await
    .unwrap();
    let entry = AuditEntry {
        at: domain::Timestamp::now(),
        actor: "system".to_owned(),
        action: "rotate".to_owned(),
        object_kind: "master_key".to_owned(),
        object_id: "other".to_owned(),
        before: None,
        after: None,
        address: None,
    };
    let new = MasterKey::generate().unwrap();
    beside.rotate_master_key(&old, &new, &entry).await.unwrap();
    let renamed = json!({ "display_name": "Read again" });
    for (provider, path, body) in [
        ("openai-main", "/chat/completions", a_chat()),
        ("anthropic-main", "/v1/messages", a_message()),
    ] {
        let address = format!("/api/v1/providers/{provider}");
        world.api(Method::PATCH, &address, renamed.clone()).await;
        let response = world.call(provider, path, &body).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        let row = world.row(&call_id(response.headers())).await;
        let text = response.text().await.unwrap();
        assert!(text.contains("secret_missing"), "{text}");
        assert!(text.contains("UPSTREAM_KEY"), "{text}");
        assert_eq!(
            (&row["outcome"], &row["status"]),
            (&json!("rejected"), &json!(503))
        );
    }
    assert!(world.upstream.requests().is_empty());
}
