//! Clients that leave, at every stage of a call.

use std::time::Duration;

use serde_json::json;
use tokio::time::sleep;

use crate::{
    program::{MIB, Program},
    support::{a_chat, streamed},
    upstream::{LAST_EVENT, TEXT_EVENT, USAGE_EVENT, Wire, fault, upstream},
    wire::Client,
};

/// A stream that waits a little at each stage, so that a client can leave there.
async fn staged(mut wire: Wire, request: String) {
    let pause = || sleep(Duration::from_millis(300));
    let head =
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    let chunk = |text: &str| format!("{:x}\r\n{text}\r\n", text.len());
    let slow = fault(&request) == "staged";
    let mut all = vec![head.to_owned(), chunk(TEXT_EVENT)];
    all.extend([
        chunk(USAGE_EVENT),
        chunk(LAST_EVENT),
        "0\r\n\r\n".to_owned(),
    ]);
    for piece in all {
        if slow {
            pause().await;
        }
        wire.say(piece).await;
    }
    wire.wait_for_close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_leaves_at_any_stage_leaves_one_priced_row() {
    let program = Program::start(&[]).await;
    let upstream = upstream(staged).await;
    program.provider("raw", &upstream.base_url()).await;
    let mut chat = streamed(a_chat());
    chat["stream_options"] = json!({ "include_usage": true });
    let body = chat.to_string();
    let request = program.chat_bytes("raw", "x-fault: staged\r\n", &body);
    // Before the whole request is there, nothing was accepted: no row, and nobody is asked.
    for (cut, reset) in [
        (20, false),
        (20, true),
        (request.len() - 5, false),
        (request.len() - 5, true),
    ] {
        let mut client = Client::connect(program.address).await;
        client.say(&request[..cut]).await;
        if reset {
            client.reset();
        }
    }
    // Afterwards the call has one row with the true price, whatever its client has seen.
    let mut accepted = 0;
    for seen in ["", "HTTP/1.1 200", "Hi", "total_tokens", "[DONE]"] {
        for reset in [false, true] {
            let mut client = Client::connect(program.address).await;
            client.say(&request).await;
            accepted += 1;
            upstream.asked(accepted).await;
            while memchr::memmem::find(client.pending(), seen.as_bytes()).is_none() {
                assert!(client.more().await, "{seen}");
            }
            if reset {
                client.reset();
            }
        }
    }
    program.others_are_answered().await;
    let rows = program.books(accepted + 1).await;
    for row in rows.iter().filter(|row| row["provider"] == "raw") {
        assert_eq!(
            (&row["price_state"], &row["cost_usd"]["total"]),
            (&json!("priced"), &json!("0.000020000")),
            "{row}"
        );
        assert!(
            matches!(row["outcome"].as_str(), Some("client_closed" | "ok")),
            "{row}"
        );
    }
    assert_eq!(upstream.requests(), accepted, "nobody was asked twice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_clients_that_leave_at_once_are_all_written_down() {
    let program = Program::start(&[]).await;
    let upstream = upstream(staged).await;
    program.provider("raw", &upstream.base_url()).await;
    program.others_are_answered().await;
    let (files, before) = (program.files(), program.forget_peak());
    let request = program.chat_bytes(
        "raw",
        "x-fault: staged\r\n",
        &streamed(a_chat()).to_string(),
    );
    let mut clients = Vec::new();
    for _ in 0..200 {
        let mut client = Client::connect(program.address).await;
        client.say(&request).await;
        clients.push(client);
    }
    upstream.asked(200).await;
    clients.into_iter().for_each(Client::reset);
    let rows = program.books(201).await;
    let priced = rows.iter().filter(|row| row["price_state"] == "priced");
    assert_eq!(priced.count(), 201, "the true usage of all");
    assert!(
        program.grown(before) < 64 * MIB,
        "{}",
        program.grown(before)
    );
    drop(upstream);
    program.others_are_answered().await;
    // Some connections to the upstream are kept for the next calls.
    program.files_come_back(files + 64 + 16).await;
    program.books(202).await;
}
