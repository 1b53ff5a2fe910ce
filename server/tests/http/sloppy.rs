//! Upstreams that break the rules of HTTP or of their API, each with one fixed answer.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::support::{World, a_chat, call_id, streamed, world};

const SSE: &str = "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\n\
    data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"model\":\"m\",\"choices\":[],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5,\"total_tokens\":15}}\n\n\
    data: [DONE]\n\n";
const PLAIN: &str = "{\"id\":\"c1\",\"object\":\"chat.completion\",\"model\":\"m\",\"choices\":[],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5,\"total_tokens\":15}}";

/// A provider whose upstream answers everything with these bytes and closes the connection.
async fn provider(world: &World, id: &str, answer: String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let answer = answer.clone();
            tokio::spawn(async move {
                let mut request = vec![0; 64 << 10];
                let _read = stream.read(&mut request).await;
                let _sent = stream.write_all(answer.as_bytes()).await;
                let _closed = stream.shutdown().await;
            });
        }
    });
    let provider = json!({ "id": id, "display_name": id, "type": "openai_compatible", "base_url": format!("http://{address}/v1"),
        "models": [{ "id": "gpt-5-mini", "rates": { "input": "1", "output": "2" } }] });
    world.api(Method::POST, "/api/v1/providers", provider).await;
}

/// What a client gets, and the row.
async fn asked(world: &World, id: &str, body: &Value) -> (StatusCode, String, Value) {
    let response = world
        .call(id, "/chat/completions", body)
        .send()
        .await
        .unwrap();
    let (status, call) = (response.status(), call_id(response.headers()));
    let text = response.text().await.unwrap();
    (status, text, world.row(&call).await)
}

fn priced(row: &Value) {
    assert_eq!(
        (
            &row["outcome"],
            &row["price_state"],
            &row["cost_usd"]["total"]
        ),
        (&json!("ok"), &json!("priced"), &json!("0.000020000")),
        "{row}"
    );
}

#[tokio::test]
async fn a_stream_is_one_whatever_its_content_type_says() {
    let world = world().await;
    for (id, header) in [
        ("none", ""),
        ("json", "content-type: application/json\r\n"),
        ("text", "content-type: text/plain\r\n"),
    ] {
        provider(
            &world,
            id,
            format!("HTTP/1.1 200 OK\r\n{header}connection: close\r\n\r\n{SSE}"),
        )
        .await;
        let (status, text, row) = asked(&world, id, &streamed(a_chat())).await;
        assert_eq!(status, StatusCode::OK);
        assert!(
            text.contains("Hi") && text.ends_with("data: [DONE]\n\n"),
            "{text}"
        );
        assert!(
            !text.contains("\"choices\":[]"),
            "what Weir asked for is taken out: {text}"
        );
        priced(&row);
    }
    // A plain answer to the wish for a stream is that.
    provider(
        &world,
        "plain",
        format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n{PLAIN}"
        ),
    )
    .await;
    let (_, text, row) = asked(&world, "plain", &streamed(a_chat())).await;
    assert_eq!(text, PLAIN);
    priced(&row);
}

#[tokio::test]
async fn a_length_beside_chunks_does_not_cut_the_answer() {
    let world = world().await;
    let chunk = format!("{:x}\r\n{PLAIN}\r\n0\r\n\r\n", PLAIN.len());
    provider(&world, "both", format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n{chunk}")).await;
    let (status, text, row) = asked(&world, "both", &a_chat()).await;
    assert_eq!((status, text.as_str()), (StatusCode::OK, PLAIN));
    priced(&row);
}

#[tokio::test]
async fn a_byte_order_mark_hides_nothing_and_another_protocol_is_refused() {
    let world = world().await;
    provider(&world, "mark", format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n\u{feff}{PLAIN}")).await;
    let (_, text, row) = asked(&world, "mark", &a_chat()).await;
    assert_eq!(text.trim_start_matches('\u{feff}'), PLAIN);
    priced(&row);
    provider(
        &world,
        "other",
        "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n".to_owned(),
    )
    .await;
    let (status, text, row) = asked(&world, "other", &a_chat()).await;
    assert_eq!(status, StatusCode::BAD_GATEWAY, "{text}");
    assert_eq!(
        (&row["outcome"], &row["price_state"]),
        (&json!("upstream_error"), &json!("not_billed"))
    );
}

#[tokio::test]
async fn an_estimate_is_never_more_than_the_model_can_write() {
    let world = world().await;
    let mut body = a_chat();
    body["model"] = json!("gpt-4o");
    let response = world
        .chat(&body)
        .header("x-standin-usage", "none")
        .header("x-standin-extra-bytes", "400000")
        .send()
        .await
        .unwrap();
    let id = call_id(response.headers());
    response.bytes().await.unwrap();
    let row = world.row(&id).await;
    assert_eq!(
        (&row["price_state"], &row["tokens"]["output"]),
        (&json!("estimated"), &json!(16_384)),
        "{row}"
    );
}

#[tokio::test]
async fn requests_that_cannot_be_metered_are_refused() {
    let world = world().await;
    let packed = world.chat(&a_chat()).header("content-encoding", "gzip");
    let response = packed.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let error: Value = response.json().await.unwrap();
    assert_eq!(error["error"]["code"], "body_encoded");
    let google = json!({ "id": "gemini", "display_name": "G", "type": "google_ai", "base_url": world.upstream.base_url(), "api_key": "UPSTREAM_KEY" });
    world.api(Method::POST, "/api/v1/providers", google).await;
    for form in ["alt=proto", "%24alt=proto", "alt=media"] {
        let response = world
            .client
            .post(world.url(&format!(
                "/llm/v1/providers/gemini/v1beta/models/gemini-3-pro-preview:generateContent?{form}"
            )))
            .header("x-goog-api-key", &world.token)
            .json(&json!({ "contents": [] }))
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{form}");
        let error: Value = response.json().await.unwrap();
        assert_eq!(error["error"]["details"][0]["reason"], "form_unreadable");
    }
}

#[tokio::test]
async fn a_gateway_token_goes_up_in_no_header_and_no_query() {
    let world = world().await;
    let response = world
        .client
        .post(world.url(&format!(
            "/llm/v1/providers/openai-main/chat/completions?key={0}&a=1",
            world.token
        )))
        .header("x-weir-token", &world.token)
        .header("referer", format!("https://app.example/?t={}", world.token))
        .header("x-anything", format!("Bearer {}", world.token))
        .json(&a_chat())
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let seen = format!("{:?}", world.upstream.requests());
    assert!(
        !seen.contains(&world.token) && seen.contains("?a=1"),
        "{seen}"
    );
    assert_eq!(world.upstream.leaks(), Vec::<String>::new());
}
