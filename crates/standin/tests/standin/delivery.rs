//! Plain answers in other pieces, large ones, and compressed ones of both kinds.

use std::io::Read;

use crate::client::{Answer, Bench, End};

const CHAT: &str = "/v1/chat/completions";
const PLAIN: &str = r#"{"model":"m","messages":[]}"#;
const STREAM: &str = r#"{"model":"m","messages":[],"stream":true}"#;

async fn ask(bench: &Bench, name: &str, value: &str) -> Answer {
    bench.openai(CHAT, PLAIN, &[(name, value)]).await
}

/// Reads as much as there is; a stream that breaks off is no error.
fn unpacked(coding: &str, bytes: &[u8]) -> String {
    let mut text = Vec::new();
    let end = match coding {
        "gzip" => flate2::read::GzDecoder::new(bytes).read_to_end(&mut text),
        "br" => brotli::Decompressor::new(bytes, 4096).read_to_end(&mut text),
        "zstd" => zstd::stream::read::Decoder::new(bytes)
            .unwrap()
            .read_to_end(&mut text),
        other => panic!("{other}"),
    };
    drop(end);
    String::from_utf8(text).unwrap()
}

#[tokio::test]
async fn a_plain_answer_is_cut_and_chunked_as_asked() {
    let bench = Bench::new().await;
    let usual = bench.openai(CHAT, PLAIN, &[]).await;
    let chunked = ask(&bench, "x-standin-content-length", "0").await;
    assert_eq!(chunked.header("content-length"), "");
    assert_eq!(chunked.header("transfer-encoding"), "chunked");
    assert_eq!(chunked.bytes(), usual.bytes());

    let cut = bench.chunks(CHAT, PLAIN, &[("x-standin-cut", "100")]).await;
    assert_eq!(cut.len(), 2);
    assert_eq!(cut.concat(), usual.bytes());
    let every = [("x-standin-cut", "every")];
    let every = bench.chunks(CHAT, PLAIN, &every).await;
    assert_eq!(every.len(), usual.bytes().len());
    assert_eq!(every.concat(), usual.bytes());

    let wishes = [("x-standin-cut", "100"), ("x-standin-content-length", "1")];
    let told = bench.openai(CHAT, PLAIN, &wishes).await;
    assert_eq!(
        told.header("content-length"),
        usual.header("content-length")
    );
    assert_eq!(told.bytes(), usual.bytes());
}

#[tokio::test]
async fn a_plain_answer_can_stop_in_its_middle() {
    let bench = Bench::new().await;
    let usual = bench.openai(CHAT, PLAIN, &[]).await;
    for wishes in [
        &[("x-standin-break-after", "100")][..],
        &[
            ("x-standin-break-after", "100"),
            ("x-standin-content-length", "0"),
        ],
    ] {
        let broken = bench.openai(CHAT, PLAIN, wishes).await;
        assert_eq!(broken.end, End::Broken);
        assert_eq!(broken.bytes(), usual.bytes()[..100]);
    }
    let short = ask(&bench, "x-standin-end-after", "100").await;
    assert_eq!(short.end, End::Clean);
    assert_eq!(short.bytes(), usual.bytes()[..100]);
    let hanging = ask(&bench, "x-standin-hang", "body").await;
    assert_eq!(hanging.end, End::Hanging);
    assert_eq!(hanging.bytes().len(), usual.bytes().len() / 2);
}

#[tokio::test]
async fn a_plain_answer_can_follow_empty_lines() {
    let bench = Bench::new().await;
    let usual = bench.openai(CHAT, PLAIN, &[]).await;
    let late = ask(&bench, "x-standin-comments", "1").await;
    assert_eq!(late.text(), format!("\n\n{}", usual.text()));
    assert_eq!(late.json(), usual.json());
}

#[tokio::test]
async fn answers_can_be_large() {
    let bench = Bench::new().await;
    let wish = [("x-standin-extra-bytes", "1000000")];
    let plain = bench.openai(CHAT, PLAIN, &wish).await;
    assert!(
        plain.json()["choices"][0]["message"]["content"]
            .as_str()
            .unwrap()
            .len()
            > 1_000_000
    );
    assert_eq!(plain.json()["usage"]["completion_tokens"], 250_048);
    for (path, body) in [
        (CHAT, STREAM),
        ("/responses", r#"{"model":"m","input":"","stream":true}"#),
    ] {
        let stream = bench.openai(path, body, &wish).await;
        assert!(stream.bytes().len() > 1_000_000);
        assert_eq!(stream.end, End::Clean);
        stream.event_json();
    }
}

#[tokio::test]
async fn answers_can_be_compressed() {
    let bench = Bench::new().await;
    for body in [PLAIN, STREAM] {
        let usual = bench.openai(CHAT, body, &[]).await;
        for (accepted, coding) in [
            ("gzip, deflate, br, zstd", "gzip"),
            ("br", "br"),
            ("gzip;q=0.1, zstd", "zstd"),
        ] {
            let wishes = [("accept-encoding", accepted), ("x-standin-compress", "1")];
            let answer = bench.openai(CHAT, body, &wishes).await;
            assert_eq!(answer.header("content-encoding"), coding);
            assert_eq!(unpacked(coding, &answer.bytes()), usual.text());
            let again = bench.openai(CHAT, body, &wishes).await;
            assert_eq!(answer.bytes(), again.bytes());
            if body == STREAM {
                let chunks = bench.chunks(CHAT, body, &wishes).await;
                assert_eq!(chunks.len(), usual.events().len());
            }
        }
        for wishes in [
            &[("accept-encoding", "gzip")][..],
            &[("accept-encoding", "identity"), ("x-standin-compress", "1")],
            &[("x-standin-compress", "1")],
        ] {
            let answer = bench.openai(CHAT, body, wishes).await;
            assert_eq!(answer.header("content-encoding"), "");
            assert_eq!(answer.text(), usual.text());
        }
    }
}

#[tokio::test]
async fn each_frame_of_a_compressed_stream_can_be_read_at_once() {
    let bench = Bench::new().await;
    for coding in ["gzip", "br", "zstd"] {
        let wishes = [
            ("accept-encoding", coding),
            ("x-standin-compress", "1"),
            ("x-standin-break-after", "3"),
        ];
        let answer = bench.openai(CHAT, STREAM, &wishes).await;
        assert_eq!(answer.end, End::Broken);
        let text = unpacked(coding, &answer.bytes());
        assert_eq!(crate::client::events(&text).len(), 3, "{coding}");
    }
}
