//! Clients that are slow: in sending their heads, their bodies, and in taking their answers.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::time::sleep;

use crate::{
    program::{MIB, PATIENCE, Program},
    support::{a_chat, streamed},
    upstream::{STREAM_HEAD, TEXT_EVENT, Wire, upstream},
    wire::Client,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_a_head_and_a_dripping_one_are_closed_in_time() {
    let program = Program::start(&["--client-head-timeout", "1s"]).await;
    let files = program.files();
    let mut clients = Vec::new();
    for begun in [
        "",
        "POST /llm/v1/providers/well/chat/comp",
        "GET / HTTP/1.1\r\nhost: weir\r\nx-",
    ] {
        let mut client = Client::connect(program.address).await;
        assert!(client.say(begun).await);
        clients.push(client);
    }
    let dripping = Client::connect(program.address).await;
    let drip = tokio::spawn(async move {
        let began = Instant::now();
        while began.elapsed() < PATIENCE && dripping.stream.writable().await.is_ok() {
            if dripping.stream.try_write(b"G").is_err() {
                return true;
            }
            sleep(Duration::from_millis(100)).await;
        }
        false
    });
    for mut client in clients {
        assert!(client.is_closed_within(PATIENCE).await, "it stays open");
    }
    assert!(
        drip.await.unwrap(),
        "a head that drips keeps its connection"
    );
    program.others_are_answered().await;
    // What the test's own client keeps open may have been closed as well.
    program.files_come_back(files + 4).await;
    program.books(1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_stops_is_408_and_one_that_drips_is_taken() {
    let program = Program::start(&["--client-idle-timeout", "3s"]).await;
    let body = a_chat().to_string();
    let request = program.chat_bytes("well", "", &body);
    let split = request.len() - body.len() + 10;
    let mut stopping = Client::connect(program.address).await;
    let mut dripping = Client::connect(program.address).await;
    stopping.say(&request[..split]).await;
    dripping.say(&request[..split]).await;
    let rest = request[split..].to_vec();
    let drip = tokio::spawn(async move {
        for byte in rest {
            assert!(dripping.say([byte]).await);
            sleep(Duration::from_millis(50)).await;
        }
        dripping.answer().await.unwrap()
    });
    program.others_are_answered().await;
    let refused = stopping.answer().await.unwrap();
    assert_eq!(refused.status, 408);
    assert!(String::from_utf8_lossy(&refused.body).contains("body_timeout"));
    assert_eq!(drip.await.unwrap().status, 200);
    let rows = program.books(3).await;
    let rejected = rows.iter().filter(|row| row["outcome"] == "rejected");
    assert_eq!(rejected.count(), 1, "the one that stopped");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_is_not_taken_waits_at_the_upstream_and_is_given_up() {
    let program =
        Program::start(&["--client-idle-timeout", "6s", "--drain-max-bytes", "1MiB"]).await;
    let upstream = upstream(|mut wire: Wire, _| async move {
        wire.say(STREAM_HEAD).await;
        let piece = TEXT_EVENT.repeat(64);
        while wire.say(&piece).await {}
    })
    .await;
    program.provider("raw", &upstream.base_url()).await;
    program.others_are_answered().await;
    let before = program.forget_peak();
    let request = program.chat_bytes("raw", "", &streamed(a_chat()).to_string());
    let mut clients = Vec::new();
    for _ in 0..20 {
        let mut client = Client::connect(program.address).await;
        assert!(client.say(&request).await);
        assert!(client.more().await);
        clients.push(client);
    }
    // Until nothing moves: the system's own buffers are full.
    let mut sent = upstream.sent();
    let began = Instant::now();
    loop {
        sleep(Duration::from_millis(300)).await;
        let now = upstream.sent();
        if now == sent {
            break;
        }
        sent = now;
        assert!(began.elapsed() < PATIENCE, "it piles up");
    }
    let grown = program.grown(before);
    println!("figure: 20 clients that read nothing: {sent} bytes sent, memory grew by {grown}");
    assert!(grown < 48 * MIB, "{grown}");
    program.others_are_answered().await;
    // Nobody takes anything for six seconds: the calls end, and have their rows.
    let rows = program.books(22).await;
    let left = rows.iter().filter(|row| row["outcome"] == "client_closed");
    assert_eq!(left.count(), 20);
    upstream.left().await;
    drop(clients);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_reads_a_byte_at_a_time_gets_its_answer() {
    let program = Program::start(&[]).await;
    let mut chat = streamed(a_chat());
    chat["stream_options"] = json!({ "include_usage": true });
    let request = program.chat_bytes("well", "connection: close\r\n", &chat.to_string());
    let mut client = Client::connect(program.address).await;
    assert!(client.say(&request).await);
    let mut got = Vec::new();
    let mut byte = [0; 1];
    while let Ok(1) = tokio::io::AsyncReadExt::read(&mut client.stream, &mut byte).await {
        got.push(byte[0]);
        sleep(Duration::from_millis(1)).await;
    }
    assert!(memchr::memmem::find(&got, b"data: [DONE]").is_some());
    let rows = program.books(1).await;
    assert_eq!(rows[0]["price_state"], "priced");
}
