//! Streams: byte for byte, frame by frame, whatever the upstream's writes look like.

use std::time::{Duration, Instant};

use futures_util::StreamExt;
use reqwest::RequestBuilder;
use serde_json::json;

use crate::support::{World, a_chat, a_message, call_id, streamed, world};

async fn bytes(request: RequestBuilder) -> Vec<u8> {
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    response.bytes().await.unwrap().to_vec()
}

/// A chat whose client asked for usage itself: nothing of it may be changed.
fn a_chat_with_usage() -> serde_json::Value {
    let mut chat = streamed(a_chat());
    chat["stream_options"] = json!({ "include_usage": true });
    chat
}

#[tokio::test]
async fn streams_equal_those_without_weir_however_the_upstream_cuts_its_writes() {
    let world = world().await;
    for (provider, path, direct, body) in [
        (
            "openai-main",
            "/chat/completions",
            "/v1/chat/completions",
            a_chat_with_usage(),
        ),
        (
            "anthropic-main",
            "/v1/messages",
            "/v1/messages",
            streamed(a_message()),
        ),
    ] {
        let reference = bytes(world.direct(direct, &body).header("x-standin-frames", "4")).await;
        let mut cuts: Vec<String> = (1..reference.len()).map(|cut| cut.to_string()).collect();
        cuts.push("every".to_owned());
        for cut in cuts {
            let call = world
                .call(provider, path, &body)
                .header("x-standin-frames", "4")
                .header("x-standin-cut", &cut);
            let through = bytes(call).await;
            assert_eq!(through, reference, "{provider}, cut at {cut}");
        }
        let rows = world.rows_when(reference.len()).await;
        for row in rows.iter().filter(|row| row["provider"] == provider) {
            assert_eq!(
                (&row["outcome"], &row["price_state"]),
                (&json!("ok"), &json!("priced"))
            );
        }
    }
}

#[tokio::test]
async fn usage_that_weir_asked_for_is_taken_out_again_at_every_cut() {
    let world = world().await;
    let plain = streamed(a_chat());
    let injected = a_chat_with_usage();
    let with_usage = bytes(
        world
            .direct("/v1/chat/completions", &injected)
            .header("x-standin-frames", "3"),
    )
    .await;
    let text = String::from_utf8(with_usage).unwrap();
    let expected: String = text
        .split_inclusive("\n\n")
        .filter(|event| !event.contains("\"choices\":[]"))
        .collect();
    assert_ne!(expected, text, "the upstream told its usage");
    for cut in (1..text.len())
        .map(|cut| cut.to_string())
        .chain(["every".to_owned()])
    {
        let through = bytes(
            world
                .chat(&plain)
                .header("x-standin-frames", "3")
                .header("x-standin-cut", &cut),
        )
        .await;
        assert_eq!(
            String::from_utf8(through).unwrap(),
            expected,
            "cut at {cut}"
        );
    }
    for row in world.rows_when(text.len()).await {
        assert_eq!(row["price_state"], "priced", "{row}");
    }
    let sent = world.upstream.requests().pop().unwrap();
    assert_eq!(sent.headers["accept-encoding"], "identity");
}

#[tokio::test]
async fn crlf_and_comments_pass_and_are_understood() {
    let world = world().await;
    for (line_end, comments) in [("crlf", "1"), ("cr", "1"), ("lf", "1")] {
        for (provider, path, direct, body) in [
            (
                "openai-main",
                "/chat/completions",
                "/v1/chat/completions",
                a_chat_with_usage(),
            ),
            (
                "anthropic-main",
                "/v1/messages",
                "/v1/messages",
                streamed(a_message()),
            ),
        ] {
            let ask = |request: RequestBuilder| {
                request
                    .header("x-standin-line-end", line_end)
                    .header("x-standin-comments", comments)
            };
            let reference = bytes(ask(world.direct(direct, &body))).await;
            let response = ask(world.call(provider, path, &body)).send().await.unwrap();
            let id = call_id(response.headers());
            assert_eq!(response.bytes().await.unwrap(), reference);
            let row = world.row(&id).await;
            assert_eq!(
                (&row["outcome"], &row["price_state"]),
                (&json!("ok"), &json!("priced")),
                "{line_end}"
            );
        }
    }
}

async fn arrivals(world: &World, request: RequestBuilder) -> Vec<Duration> {
    let began = Instant::now();
    let response = request
        .header("x-standin-pace-ms", "150")
        .header("x-standin-frames", "4")
        .send()
        .await
        .unwrap();
    let id = call_id(response.headers());
    let mut stream = response.bytes_stream();
    let mut arrivals = Vec::new();
    while let Some(piece) = stream.next().await {
        piece.unwrap();
        arrivals.push(began.elapsed());
    }
    world.row(&id).await;
    arrivals
}

#[tokio::test]
async fn the_first_byte_does_not_wait_for_the_second_frame() {
    let world = world().await;
    for request in [
        world.chat(&streamed(a_chat())),
        world.chat(&a_chat_with_usage()),
        world.messages(&streamed(a_message())),
    ] {
        let arrivals = arrivals(&world, request).await;
        assert!(arrivals.len() >= 4, "frames were joined: {arrivals:?}");
        let last = *arrivals.last().unwrap();
        assert!(
            last > Duration::from_millis(400),
            "the upstream paced its frames: {arrivals:?}"
        );
        assert!(
            arrivals[0] + Duration::from_millis(300) < last,
            "the first frame waited: {arrivals:?}"
        );
    }
}

#[tokio::test]
async fn what_a_stream_does_not_end_is_truncated_and_billed_as_far_as_told() {
    let world = world().await;
    let ended = world
        .messages(&streamed(a_message()))
        .header("x-standin-end-after", "4");
    let response = ended.send().await.unwrap();
    let id = call_id(response.headers());
    response.bytes().await.unwrap();
    let row = world.row(&id).await;
    assert_eq!(row["outcome"], "truncated");
    assert_eq!(
        row["price_state"], "estimated",
        "input was told, text came, output was not told: {row}"
    );
    assert!(row["tokens"]["output"].as_u64().unwrap() > 0);

    let broken = world
        .chat(&streamed(a_chat()))
        .header("x-standin-break-after", "3");
    let response = broken.send().await.unwrap();
    let id = call_id(response.headers());
    assert!(
        response.bytes().await.is_err(),
        "a broken stream must not end cleanly"
    );
    let row = world.row(&id).await;
    assert_eq!(
        (&row["outcome"], &row["price_state"]),
        (&json!("truncated"), &json!("estimated"))
    );

    let failed = world
        .messages(&streamed(a_message()))
        .header("x-standin-error-after", "3");
    let response = failed.send().await.unwrap();
    let id = call_id(response.headers());
    let text = response.text().await.unwrap();
    assert!(
        text.contains("event: error"),
        "the upstream's error passes: {text}"
    );
    assert_eq!(world.row(&id).await["outcome"], "upstream_error");
}

#[tokio::test]
async fn a_stream_that_tells_no_usage_is_estimated_within_the_limit() {
    let world = world().await;
    let mut body = streamed(a_chat());
    body["max_completion_tokens"] = json!(20);
    let response = world
        .chat(&body)
        .header("x-standin-usage", "none")
        .send()
        .await
        .unwrap();
    let id = call_id(response.headers());
    response.bytes().await.unwrap();
    let row = world.row(&id).await;
    assert_eq!(
        (&row["outcome"], &row["price_state"]),
        (&json!("ok"), &json!("estimated"))
    );
    let output = row["tokens"]["output"].as_u64().unwrap();
    assert!((1..=20).contains(&output), "{output}");
    assert!(row["tokens"]["input"].as_u64().unwrap() > 0);
}
