//! The server: credentials, recorded requests, both versions of HTTP, mounting and stopping.

use std::time::Duration;

use http::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use weir_standin::{Settings, StandinState, router};

use crate::client::Bench;

const CHAT: &str = "/v1/chat/completions";
const PLAIN: &str = r#"{"model":"m","messages":[]}"#;
const MESSAGE: &str = r#"{"model":"m","max_tokens":9,"messages":[]}"#;

#[tokio::test]
async fn no_credential_is_the_providers_own_401() {
    let bench = Bench::new().await;
    for headers in [
        &[][..],
        &[("authorization", "Basic x")],
        &[("authorization", "Bearer ")],
    ] {
        let request = bench.request(Method::POST, CHAT, headers, PLAIN);
        let answer = bench.send(request).await;
        assert_eq!(answer.status, 401);
        assert_eq!(answer.any_json()["error"]["type"], "invalid_request_error");
    }
    let version = [("anthropic-version", "2023-06-01")];
    let request = bench.request(Method::POST, "/v1/messages", &version, MESSAGE);
    let answer = bench.send(request).await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.any_json()["error"]["type"], "authentication_error");
}

#[tokio::test]
async fn only_the_required_key_is_accepted() {
    let bench = Bench::with(Settings {
        required_key: Some("sk-right-key-0123".to_owned()),
        ..Settings::default()
    })
    .await;
    for (name, value, status) in [
        ("authorization", "Bearer sk-right-key-0123", 200),
        ("authorization", "bearer sk-right-key-0123", 200),
        ("authorization", "Bearer sk-wrong-key-0123", 401),
        ("x-api-key", "sk-right-key-0123", 401),
    ] {
        let request = bench.request(Method::POST, CHAT, &[(name, value)], PLAIN);
        let answer = bench.send(request).await;
        assert_eq!(answer.status, status, "{name}: {value}");
        if value.contains("wrong") {
            assert_eq!(answer.any_json()["error"]["code"], "invalid_api_key");
            assert!(!answer.text().contains("sk-wrong-key-0123"));
        }
    }
    for (name, value, status) in [
        ("x-api-key", "sk-right-key-0123", 200),
        ("authorization", "Bearer sk-right-key-0123", 200),
        ("x-api-key", "other", 401),
    ] {
        let headers = [(name, value), ("anthropic-version", "2026-10-21")];
        let request = bench.request(Method::POST, "/v1/messages", &headers, MESSAGE);
        assert_eq!(bench.send(request).await.status, status, "{name}: {value}");
    }
}

#[tokio::test]
async fn requests_are_kept_as_they_came() {
    let bench = Bench::new().await;
    bench.openai("/v1/models?limit=3", "", &[]).await;
    bench.openai(CHAT, PLAIN, &[("x-mine", "yes")]).await;
    let requests = bench.standin.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].path_and_query, "/v1/models?limit=3");
    assert_eq!(requests[1].method, Method::POST);
    assert_eq!(requests[1].body, PLAIN);
    assert_eq!(requests[1].headers["x-mine"], "yes");
    assert_eq!(requests[1].headers["authorization"], "Bearer sk-a");
    bench.standin.clear_requests();
    assert!(bench.standin.requests().is_empty());

    for number in 0..1_005 {
        bench.openai(&format!("/{number}"), "", &[]).await;
    }
    let requests = bench.standin.requests();
    assert_eq!(requests.len(), 1_000);
    assert_eq!(requests[999].path_and_query, "/1004");
}

#[tokio::test]
async fn requests_need_not_be_kept() {
    let bench = Bench::with(Settings {
        record_requests: false,
        ..Settings::default()
    })
    .await;
    bench.openai(CHAT, PLAIN, &[]).await.json();
    assert!(bench.standin.requests().is_empty());
}

#[tokio::test]
async fn both_versions_of_http_say_the_same() {
    let old = Bench::new().await;
    let new = Bench::with_http2().await;
    for body in [PLAIN, r#"{"model":"m","messages":[],"stream":true}"#] {
        let old = old.openai(CHAT, body, &[]).await;
        let new = new.openai(CHAT, body, &[]).await;
        assert_eq!(old.bytes(), new.bytes());
        assert_eq!(old.header("content-length"), new.header("content-length"));
    }
}

#[tokio::test]
async fn the_first_frame_leaves_before_the_second_is_due() {
    let bench = Bench::new().await;
    let mut stream = TcpStream::connect(bench.standin.address()).await.unwrap();
    let body = r#"{"model":"m","messages":[],"stream":true}"#;
    let head = format!(
        "POST {CHAT} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer k\r\n\
         x-standin-pace-ms: 60000\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut seen = Vec::new();
    let reading = async {
        while !String::from_utf8_lossy(&seen).contains("\"role\":\"assistant\"") {
            assert_ne!(stream.read_buf(&mut seen).await.unwrap(), 0);
        }
    };
    tokio::time::timeout(Duration::from_secs(5), reading)
        .await
        .unwrap();
}

#[tokio::test]
async fn it_can_be_mounted_elsewhere() {
    let state = StandinState::new(&Settings::default());
    let app = axum::Router::new().nest("/upstream", router(state.clone()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move { axum::serve(listener, app).await });
    let bench = Bench::new().await;
    let mut request = bench.request(
        Method::POST,
        "/v1/chat/completions",
        &[("authorization", "Bearer k")],
        PLAIN,
    );
    *request.uri_mut() = format!("http://{address}/upstream/v1/chat/completions")
        .parse()
        .unwrap();
    let answer = bench.send(request).await;
    assert_eq!(answer.bytes(), bench.openai(CHAT, PLAIN, &[]).await.bytes());
    assert_eq!(state.requests().len(), 1);
    serving.abort();
}

#[tokio::test]
async fn stopping_cuts_what_hangs() {
    let bench = Bench::new().await;
    let address = bench.standin.address();
    let request = format!(
        "GET /v1/models HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer k\r\n\
         x-standin-hang: headers\r\n\r\n"
    );
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    while bench.standin.requests().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    bench.standin.stop().await;
    let mut rest = Vec::new();
    let end = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut rest)).await;
    assert!(end.is_ok() && rest.is_empty());
    assert!(TcpStream::connect(address).await.is_err());
}
