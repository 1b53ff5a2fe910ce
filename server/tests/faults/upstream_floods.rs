//! Upstreams that send more than anybody can use: memory stays bounded, and others are served.

use std::{
    io::Write,
    time::{Duration, Instant},
};

use flate2::{Compression, write::GzEncoder};
use futures_util::StreamExt;
use serde_json::json;

use crate::{
    program::{MIB, PATIENCE, Program},
    support::{a_chat, call_id, streamed},
    upstream::{STREAM_HEAD, TEXT_EVENT, Wire, fault, plain_answer, upstream},
};

/// What a test may add to the memory beside what it is about: threads, caches of the database, calls.
const SLACK: u64 = 24 * MIB;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_of_100_mb_is_refused_and_not_held() {
    let program = Program::start(&[]).await;
    let upstream = upstream(|mut wire: Wire, request| async move {
        wire.say("HTTP/1.1 200 OK\r\n").await;
        let piece = match fault(&request) {
            "many-headers" => "x-more: abcdefghijklmnopqrstuvwxyz\r\n".repeat(2048),
            "one-header" => "x".repeat(64 << 10),
            other => panic!("{other}"),
        };
        for _ in 0..100 * MIB / piece.len() as u64 {
            if !wire.say(&piece).await {
                return;
            }
        }
    })
    .await;
    program.provider("raw", &upstream.base_url()).await;
    program.others_are_answered().await;
    let before = program.forget_peak();
    for fault in ["many-headers", "one-header"] {
        let response = program.fault(fault, &a_chat()).send().await.unwrap();
        assert_eq!(response.status(), 502, "{fault}");
        let row = program.row(&call_id(response.headers())).await;
        let text = response.text().await.unwrap();
        assert!(text.contains("head of its answer is larger"), "{text}");
        assert_eq!(
            (&row["outcome"], &row["price_state"]),
            (&json!("upstream_error"), &json!("not_billed"))
        );
    }
    upstream.left().await;
    let sent = upstream.sent();
    assert!(sent < 32 * MIB, "{sent} bytes were taken");
    let grown = program.grown(before);
    println!("figure: 100 MB of headers: {sent} bytes sent, memory grew by {grown}");
    assert!(grown < SLACK, "{grown}");
    program.others_are_answered().await;
    program.books(4).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storm_of_1xx_answers_ends_with_the_first_byte_timeout() {
    let program = Program::start(&["--first-byte-timeout", "2s"]).await;
    let upstream = upstream(|mut wire: Wire, request| async move {
        let storm = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n".repeat(64);
        if fault(&request) == "some" {
            wire.say(&storm).await;
            wire.say(plain_answer()).await;
            return;
        }
        while wire.say(&storm).await {}
    })
    .await;
    program.provider("raw", &upstream.base_url()).await;
    let some = program.fault("some", &a_chat()).send().await.unwrap();
    assert_eq!(some.status(), 200);
    some.bytes().await.unwrap();
    let before = program.forget_peak();
    let endless = tokio::spawn(program.fault("endless", &a_chat()).send());
    program.others_are_answered().await;
    let response = endless.await.unwrap().unwrap();
    assert_eq!(response.status(), 504);
    upstream.left().await;
    assert!(program.grown(before) < SLACK, "{}", program.grown(before));
    let rows = program.books(3).await;
    let outcome = |outcome: &str| rows.iter().filter(|row| row["outcome"] == outcome).count();
    assert_eq!((outcome("ok"), outcome("upstream_error")), (2, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn endless_answers_flow_in_flat_memory_and_are_left_with_their_client() {
    let program = Program::start(&["--drain-max-bytes", "4MiB"]).await;
    let upstream = upstream(|mut wire: Wire, request| async move {
        wire.say(STREAM_HEAD).await;
        let piece = match fault(&request) {
            "frames" => TEXT_EVENT.repeat(128),
            "one-line" => {
                wire.say("data: ").await;
                "x".repeat(64 << 10)
            }
            other => panic!("{other}"),
        };
        while wire.say(&piece).await {}
    })
    .await;
    program.provider("raw", &upstream.base_url()).await;
    // The tokens of what is left are counted, which needs the counter's vocabulary.
    for (fault, taken, room) in [
        ("frames", 24 * MIB, 32 * MIB),
        ("one-line", 192 * MIB, 32 * MIB),
    ] {
        program.others_are_answered().await;
        let response = program
            .fault(fault, &streamed(a_chat()))
            .send()
            .await
            .unwrap();
        let id = call_id(response.headers());
        let mut stream = response.bytes_stream();
        let before = program.forget_peak();
        let (began, mut got) = (Instant::now(), 0);
        while got < taken {
            got += stream.next().await.unwrap().unwrap().len() as u64;
        }
        let grown = program.grown(before);
        println!(
            "figure: {fault}: {got} bytes in {:?}, memory grew by {grown}",
            began.elapsed()
        );
        assert!(grown < room, "{fault}: {grown}");
        program.others_are_answered().await;
        drop(stream);
        let at_end = upstream.sent();
        upstream.left().await;
        let more = upstream.sent() - at_end;
        assert!(
            more < 4 * MIB + 16 * MIB,
            "{fault}: {more} bytes were read on"
        );
        let row = program.row(&id).await;
        assert_eq!(
            (&row["outcome"], &row["price_state"]),
            (&json!("client_closed"), &json!("estimated")),
            "{fault}"
        );
    }
    program.books(6).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gzip_bomb_is_unpacked_no_further_than_is_useful() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let zeros = vec![b' '; MIB as usize];
    for _ in 0..64 {
        encoder.write_all(&zeros).unwrap();
    }
    let member = encoder.finish().unwrap();
    // Each member unpacks to 64 MiB: 10 GiB in all.
    let bomb = member.repeat(160);
    let bytes = bomb.len() as u64;
    let program = Program::start(&[]).await;
    let upstream = upstream(move |mut wire: Wire, request| {
        let bomb = bomb.clone();
        async move {
            let kind = fault(&request).to_owned();
            let head = format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n", bomb.len());
            wire.say(head).await;
            wire.say(bomb).await;
        }
    })
    .await;
    program.provider("raw", &upstream.base_url()).await;
    for kind in ["application/json", "text/event-stream"] {
        program.others_are_answered().await;
        let before = program.forget_peak();
        let began = Instant::now();
        let asked = program.fault(kind, &a_chat());
        let response = asked
            .header("accept-encoding", "gzip")
            .send()
            .await
            .unwrap();
        let id = call_id(response.headers());
        let asked = tokio::spawn(response.bytes());
        program.others_are_answered().await;
        let got = asked.await.unwrap().unwrap();
        assert_eq!(got.len() as u64, bytes, "{kind}: as it came");
        let (took, grown) = (began.elapsed(), program.grown(before));
        println!("figure: bomb as {kind}: {bytes} bytes in {took:?}, memory grew by {grown}");
        assert!(took < PATIENCE, "{took:?}");
        assert!(grown < 128 * MIB, "{grown}");
        let row = program.row(&id).await;
        assert_eq!(
            (&row["outcome"], &row["price_state"]),
            (&json!("ok"), &json!("estimated")),
            "{row}"
        );
    }
    tokio::time::timeout(PATIENCE, async {
        while program.memory().now > 200 * MIB {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await
    .expect("the memory comes back");
    program.books(6).await;
}
