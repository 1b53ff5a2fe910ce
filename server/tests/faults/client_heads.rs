//! Requests whose heads are too large, in a row, or mean two things at once.

use std::time::{Duration, Instant};

use crate::{
    program::{MIB, Program},
    support::a_chat,
    wire::Client,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn heads_that_are_too_large_are_refused_at_once() {
    let program = Program::start(&[]).await;
    program.others_are_answered().await;
    let before = program.forget_peak();
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "x-a: b\r\n".repeat(100_000));
    let long = format!("GET / HTTP/1.1\r\nx-a: {}\r\n\r\n", "b".repeat(10 << 20));
    let address = format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(10 << 20));
    for (what, request) in [
        ("100,000 headers", many),
        ("a header of 10 MB", long),
        ("an address of 10 MB", address),
    ] {
        let began = Instant::now();
        let mut client = Client::connect(program.address).await;
        let (mut read, mut write) = client.stream.split();
        let mut got = Vec::new();
        // It may be refused, and the connection be closed, while it is sent.
        let (_, _) = tokio::join!(
            tokio::io::AsyncWriteExt::write_all(&mut write, request.as_bytes()),
            tokio::io::AsyncReadExt::read_to_end(&mut read, &mut got)
        );
        let got = String::from_utf8_lossy(&got);
        let took = began.elapsed();
        println!("figure: {what}: {:?} after {took:?}", got.lines().next());
        assert!(took < Duration::from_secs(10), "{what}: {took:?}");
        // The reset that follows may overtake the answer, but nothing else may be answered.
        assert!(
            got.is_empty() || got.starts_with("HTTP/1.1 431 "),
            "{what}: {got}"
        );
    }
    assert!(
        program.grown(before) < 16 * MIB,
        "{}",
        program.grown(before)
    );
    program.others_are_answered().await;
    program.books(2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_requests_in_one_write_are_answered_in_their_order() {
    let program = Program::start(&[]).await;
    let body = a_chat().to_string();
    let mut requests = Vec::new();
    for number in 0..100 {
        if number % 10 == 9 {
            requests.extend_from_slice(b"GET /healthz HTTP/1.1\r\nhost: weir\r\n\r\n");
        } else {
            let more = format!("x-standin-id: call-{number:02}\r\n");
            requests.extend_from_slice(&program.chat_bytes("well", &more, &body));
        }
    }
    let mut client = Client::connect(program.address).await;
    assert!(client.say(&requests).await);
    for number in 0..100 {
        let answer = client.answer().await.unwrap();
        assert_eq!(answer.status, 200, "{number}");
        let text = String::from_utf8_lossy(&answer.body);
        if number % 10 == 9 {
            assert_eq!(text, "ok\n");
        } else {
            assert!(
                text.contains(&format!("call-{number:02}")),
                "{number}: {text}"
            );
        }
    }
    program.books(90).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_that_could_be_read_in_two_ways_are_refused_or_end_their_connection() {
    let program = Program::start(&[]).await;
    let head = "POST /llm/v1/providers/well/chat/completions HTTP/1.1\r\nhost: weir\r\n";
    let token = format!("x-weir-token: {}\r\n", program.token);
    let second = "GET /healthz HTTP/1.1\r\nhost: weir\r\n\r\n";
    let chunked = "transfer-encoding: chunked\r\n";
    for (what, more) in [
        (
            "two lengths",
            "content-length: 5\r\ncontent-length: 6\r\n\r\nabcdef".to_owned(),
        ),
        (
            "a signed length",
            "content-length: +5\r\n\r\nabcde".to_owned(),
        ),
        (
            "a length of no number",
            "content-length: 5, 6\r\n\r\nabcde".to_owned(),
        ),
        (
            "not chunked in the end",
            "transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n".to_owned(),
        ),
        (
            "an unknown coding",
            "transfer-encoding: xchunked\r\n\r\n0\r\n\r\n".to_owned(),
        ),
        (
            "a space before the colon",
            "content-length : 5\r\n\r\nabcde".to_owned(),
        ),
        (
            "a folded line",
            "transfer-encoding:\r\n chunked\r\n\r\n0\r\n\r\n".to_owned(),
        ),
        (
            "a bare CR",
            "x-a: b\rcontent-length: 5\r\n\r\nabcde".to_owned(),
        ),
    ] {
        let mut client = Client::connect(program.address).await;
        client.say(format!("{head}{token}{more}{second}")).await;
        let got = String::from_utf8_lossy(&client.rest().await).into_owned();
        assert!(got.starts_with("HTTP/1.1 400 "), "{what}: {got}");
        assert_eq!(got.matches("HTTP/1.1 ").count(), 1, "{what}: {got}");
    }
    // Both: the chunks count, as the standard has it, and what follows is not read as a request.
    let body = a_chat().to_string();
    for length in [4, 9_999] {
        let both = format!(
            "{head}{token}content-length: {length}\r\n{chunked}\r\n{:x}\r\n{body}\r\n0\r\n\r\n{second}",
            body.len()
        );
        let mut client = Client::connect(program.address).await;
        assert!(client.say(both).await);
        let got = String::from_utf8_lossy(&client.rest().await).into_owned();
        assert!(got.starts_with("HTTP/1.1 200 "), "{got}");
        assert_eq!(got.matches("HTTP/1.1 ").count(), 1, "{got}");
    }
    // Chunks that are none.
    for chunks in [
        "zz\r\nabc\r\n0\r\n\r\n",
        "-1\r\nabc\r\n0\r\n\r\n",
        "3\r\nabcXX0\r\n\r\n",
        "ffffffffffffffffff\r\na\r\n",
    ] {
        let mut client = Client::connect(program.address).await;
        client
            .say(format!("{head}{token}{chunked}\r\n{chunks}{second}"))
            .await;
        let got = String::from_utf8_lossy(&client.rest().await).into_owned();
        assert!(got.starts_with("HTTP/1.1 400 "), "{chunks}: {got}");
        assert_eq!(got.matches("HTTP/1.1 ").count(), 1, "{chunks}: {got}");
    }
    program.others_are_answered().await;
    program.books(3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_asks_first_is_told_to_go_on_only_when_it_may() {
    let program = Program::start(&[]).await;
    let body = a_chat().to_string();
    let request = program.chat_bytes("well", "expect: 100-continue\r\n", &body);
    let (head, body) = request.split_at(request.len() - body.len());
    let mut client = Client::connect(program.address).await;
    client.say(head).await;
    assert_eq!(client.answer().await.unwrap().status, 100);
    client.say(body).await;
    assert_eq!(client.answer().await.unwrap().status, 200);
    let unknown = String::from_utf8(head.to_vec()).unwrap();
    let unknown = unknown.replace(&program.token, "wr_unknown");
    let mut client = Client::connect(program.address).await;
    client.say(unknown).await;
    assert_eq!(
        client.answer().await.unwrap().status,
        401,
        "without its body"
    );
    program.books(1).await;
}
