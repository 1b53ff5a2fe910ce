//! Streams that break off, hang, end early, pause, or come in other pieces.

use std::time::{Duration, Instant};

use serde_json::json;
use weir_standin::Settings;

use crate::client::{Answer, Bench, End};

const CHAT: (&str, &str) = (
    "/v1/chat/completions",
    r#"{"model":"m","messages":[],"stream":true}"#,
);
const RESPONSES: (&str, &str) = ("/v1/responses", r#"{"model":"m","input":"","stream":true}"#);
const MESSAGES: (&str, &str) = (
    "/v1/messages",
    r#"{"model":"m","max_tokens":40,"messages":[],"stream":true}"#,
);

async fn stream(bench: &Bench, call: (&str, &str), name: &str, value: &str) -> Answer {
    let wish = [(name, value)];
    if call == MESSAGES {
        bench.anthropic(call.0, call.1, &wish).await
    } else {
        bench.openai(call.0, call.1, &wish).await
    }
}

#[tokio::test]
async fn a_broken_stream_is_no_ended_stream() {
    for bench in [Bench::new().await, Bench::with_http2().await] {
        for call in [CHAT, RESPONSES, MESSAGES] {
            for count in [0, 1, 7] {
                let answer =
                    stream(&bench, call, "x-standin-break-after", &count.to_string()).await;
                assert_eq!(answer.status, 200);
                assert_eq!(answer.end, End::Broken);
                assert_eq!(answer.events().len(), count);
            }
        }
        let late = stream(&bench, CHAT, "x-standin-break-after", "1000").await;
        assert_eq!(late.end, End::Broken);
        assert_eq!(late.events().last().unwrap().data, "[DONE]");
    }
}

#[tokio::test]
async fn a_stream_can_end_without_its_last_event() {
    let bench = Bench::new().await;
    for call in [CHAT, RESPONSES, MESSAGES] {
        let answer = stream(&bench, call, "x-standin-end-after", "5").await;
        assert_eq!(answer.end, End::Clean);
        assert_eq!(answer.events().len(), 5);
    }
    let answer = stream(&bench, MESSAGES, "x-standin-end-after", "1000").await;
    let last = answer.event_json().pop().unwrap();
    assert_eq!(last["type"], "message_delta");
}

#[tokio::test]
async fn a_stream_can_end_with_an_error() {
    let bench = Bench::new().await;
    let answer = stream(&bench, CHAT, "x-standin-error-after", "3").await;
    assert_eq!(answer.events().len(), 4);
    assert_eq!(answer.event_json()[3]["error"]["type"], "server_error");

    let answer = stream(&bench, RESPONSES, "x-standin-error-after", "3").await;
    assert_eq!(answer.events()[3].name.as_deref(), Some("error"));
    let error = &answer.event_json()[3];
    assert_eq!(
        (&error["type"], &error["sequence_number"]),
        (&json!("error"), &json!(3))
    );

    let answer = stream(&bench, MESSAGES, "x-standin-error-after", "3").await;
    assert_eq!(answer.events()[3].name.as_deref(), Some("error"));
    let error = &answer.event_json()[3];
    assert_eq!(error["error"]["type"], "overloaded_error");
    assert_eq!(answer.end, End::Clean);
}

#[tokio::test]
async fn a_stream_can_hang_after_its_first_event() {
    let bench = Bench::new().await;
    let ask = |call| stream(&bench, call, "x-standin-hang", "body");
    let (chat, responses, messages) = tokio::join!(ask(CHAT), ask(RESPONSES), ask(MESSAGES));
    for answer in [chat, responses, messages] {
        assert_eq!(answer.end, End::Hanging);
        assert_eq!(answer.events().len(), 1);
    }
}

#[tokio::test]
async fn frames_come_at_their_pace() {
    let bench = Bench::with(Settings {
        pace: Duration::from_millis(20),
        ..Settings::default()
    })
    .await;
    let start = Instant::now();
    let answer = stream(&bench, CHAT, "x-standin-frames", "10").await;
    assert_eq!(answer.event_json().len(), 12);
    assert!(start.elapsed() >= Duration::from_millis(240));

    let start = Instant::now();
    stream(&bench, CHAT, "x-standin-pace-ms", "0").await;
    assert!(start.elapsed() < Duration::from_millis(1000));
}

#[tokio::test]
async fn every_event_is_a_chunk_of_its_own() {
    let bench = Bench::new().await;
    for call in [CHAT, RESPONSES, MESSAGES] {
        let events = stream(&bench, call, "x-standin-frames", "20")
            .await
            .events();
        let chunks = bench
            .chunks(call.0, call.1, &[("x-standin-frames", "20")])
            .await;
        assert_eq!(chunks.len(), events.len());
        assert!(chunks.iter().all(|chunk| chunk.ends_with(b"\n\n")));
    }
}

#[tokio::test]
async fn however_it_is_cut_the_bytes_are_the_same() {
    let bench = Bench::new().await;
    for call in [CHAT, RESPONSES, MESSAGES] {
        let usual = stream(&bench, call, "x-standin-frames", "12").await.bytes();
        for place in [1, 17, 301, usual.len() - 1, usual.len(), usual.len() + 9] {
            let place_text = place.to_string();
            let wishes = [("x-standin-frames", "12"), ("x-standin-cut", &*place_text)];
            let chunks = bench.chunks(call.0, call.1, &wishes).await;
            assert_eq!(chunks.concat(), usual);
            if place < usual.len() {
                assert_eq!(chunks.len(), 2);
                assert_eq!(chunks[0].len(), place);
            } else {
                assert_eq!(chunks.len(), 1);
            }
        }
        let wishes = [("x-standin-frames", "12"), ("x-standin-cut", "every")];
        let every = bench.chunks(call.0, call.1, &wishes).await;
        assert_eq!(every.len(), usual.len());
        assert_eq!(every.concat(), usual);
    }
}

#[tokio::test]
async fn lines_can_end_otherwise() {
    let bench = Bench::new().await;
    let usual = bench.openai(CHAT.0, CHAT.1, &[]).await.text();
    let crlf = stream(&bench, CHAT, "x-standin-line-end", "crlf").await;
    assert_eq!(crlf.text(), usual.replace('\n', "\r\n"));
    let cr = stream(&bench, CHAT, "x-standin-line-end", "cr").await;
    assert_eq!(cr.text(), usual.replace('\n', "\r"));
}

#[tokio::test]
async fn comments_can_stand_between_the_events() {
    let bench = Bench::new().await;
    let usual = bench.openai(CHAT.0, CHAT.1, &[]).await;
    let answer = stream(&bench, CHAT, "x-standin-comments", "1").await;
    assert!(answer.text().starts_with(": keep-alive\n\ndata: "));
    assert_eq!(
        answer.text().matches(": keep-alive").count(),
        usual.events().len()
    );
    assert_eq!(answer.events(), usual.events());
}
