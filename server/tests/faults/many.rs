//! Many at once: connections, file descriptors, streams.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::{
    net::TcpStream,
    sync::Barrier,
    time::{sleep, timeout},
};

use crate::{
    program::{MIB, PATIENCE, Program},
    support::{a_chat, streamed},
    upstream::{LAST_EVENT, STREAM_HEAD, TEXT_EVENT, USAGE_EVENT, Wire, upstream},
    wire::Client,
};

const CONNECTIONS: usize = 2_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_thousand_connections_idle_and_then_calling_at_once() {
    let program = Program::start(&[]).await;
    program.others_are_answered().await;
    let (files, before) = (program.files(), program.forget_peak());
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS {
        clients.push(Client::connect(program.address).await);
    }
    let began = Instant::now();
    while program.files() < files + CONNECTIONS {
        assert!(
            began.elapsed() < PATIENCE,
            "{} files are open",
            program.files()
        );
        sleep(Duration::from_millis(20)).await;
    }
    let idle = program.grown(before);
    program.others_are_answered().await;
    let request = program.chat_bytes("well", "", &a_chat().to_string());
    let calling: Vec<_> = clients
        .into_iter()
        .map(|mut client| {
            let request = request.clone();
            tokio::spawn(async move {
                assert!(client.say(&request).await);
                (client.answer().await.unwrap().status, client)
            })
        })
        .collect();
    let mut clients = Vec::new();
    for call in calling {
        let (status, client) = call.await.unwrap();
        assert_eq!(status, 200);
        clients.push(client);
    }
    let grown = program.grown(before);
    println!("figure: 2,000 connections: memory grew by {idle} idle, by {grown} when all called");
    assert!(
        program.memory().peak < 256 * MIB,
        "{}",
        program.memory().peak
    );
    drop(clients);
    let rows = program.books(CONNECTIONS + 2).await;
    assert!(rows.iter().all(|row| row["price_state"] == "priced"));
    // Of the upstream's connections 64 are kept.
    program.files_come_back(files + 64 + 16).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn file_descriptors_that_are_used_up_stop_nothing_that_runs() {
    let program = Program::start_with_files(&[], Some(96)).await;
    let upstream = upstream(|mut wire: Wire, _| async move {
        wire.say(STREAM_HEAD).await;
        for _ in 0..60 {
            wire.say(TEXT_EVENT).await;
            sleep(Duration::from_millis(100)).await;
        }
        wire.say([USAGE_EVENT, LAST_EVENT].concat()).await;
    })
    .await;
    program.provider("raw", &upstream.base_url()).await;
    program.others_are_answered().await;
    let files = program.files();
    // Calls that run for six seconds, each with a connection at either side.
    let mut running = Vec::new();
    for _ in 0..5 {
        let response = program
            .chat("raw", &streamed(a_chat()))
            .send()
            .await
            .unwrap();
        running.push(tokio::spawn(response.bytes()));
    }
    // A connection of its own that was there before.
    let mut early = Client::connect(program.address).await;
    assert!(
        early
            .say("GET /healthz HTTP/1.1\r\nhost: weir\r\n\r\n")
            .await
    );
    assert_eq!(early.answer().await.unwrap().status, 200);
    let mut idle = Vec::new();
    let began = Instant::now();
    while !program.log().contains("Connections cannot be accepted") {
        assert!(began.elapsed() < PATIENCE, "{} files", program.files());
        // Where the system's queue is full as well, it does not come about.
        let connecting = TcpStream::connect(program.address);
        if let Ok(Ok(connection)) = timeout(Duration::from_millis(100), connecting).await {
            idle.push(connection);
        }
    }
    // It waits between its tries.
    let (busy, began) = (program.time_on_cores(), Instant::now());
    sleep(Duration::from_millis(1_500)).await;
    let busy = (program.time_on_cores() - busy).as_secs_f64() / began.elapsed().as_secs_f64();
    println!(
        "figure: out of file descriptors: {:.1} % of a core",
        busy * 100.0
    );
    assert!(busy < 0.6, "{busy}");
    // A call on a connection that is there: it may reach its upstream or not, but it is answered and has a row.
    early
        .say(program.chat_bytes("well", "", &a_chat().to_string()))
        .await;
    let status = early.answer().await.unwrap().status;
    assert!(status == 200 || status == 502, "{status}");
    for call in running {
        let text = call.await.unwrap().expect("a running call is not broken");
        assert!(text.ends_with(LAST_EVENT.as_bytes()));
    }
    let told = program
        .log()
        .matches("Connections cannot be accepted")
        .count();
    assert!(told <= 4, "it is told {told} times");
    drop((idle, early));
    program.files_come_back(files + 16).await;
    program.others_are_answered().await;
    let rows = program.books(8).await;
    let priced = rows
        .iter()
        .filter(|row| row["price_state"] == "priced")
        .count();
    assert!(priced >= 7, "{rows:#?}");
    let streams = rows.iter().filter(|row| row["provider"] == "raw");
    assert!(streams.clone().all(|row| row["outcome"] == "ok"));
    assert_eq!(streams.count(), 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_streams_stay_below_256_mb_and_the_memory_comes_back() {
    let program = Program::start(&[]).await;
    let upstream = upstream(|mut wire: Wire, _| async move {
        wire.say(STREAM_HEAD).await;
        for _ in 0..15 {
            wire.say(TEXT_EVENT).await;
            sleep(Duration::from_millis(100)).await;
        }
        wire.say([USAGE_EVENT, LAST_EVENT].concat()).await;
    })
    .await;
    program.provider("raw", &upstream.base_url()).await;
    program.others_are_answered().await;
    let (files, before) = (program.files(), program.forget_peak());
    let mut chat = streamed(a_chat());
    // A conversation of some length: 17 KB each.
    chat["messages"][0]["content"] = json!("All of it again. ".repeat(1_000));
    let mut after = Vec::new();
    for round in 1..=9 {
        five_hundred_streams(&program, &chat).await;
        assert_eq!(upstream.requests(), 500 * round);
        after.push(program.memory().now);
    }
    let peak = program.memory().peak;
    let rows = program.books(9 * 501 + 1).await;
    assert!(rows.iter().all(|row| row["price_state"] == "priced"));
    program.files_come_back(files + 600).await;
    println!("figure: nine times 500 streams: {before} before, {peak} at most, {after:?} after");
    assert!(peak < 256 * MIB, "{peak}");
    // The allocator keeps what the first rounds needed at most, a little more of it each time. After these, even
    // half of what a call sends would show: a body kept by each call is 34 MB in four rounds.
    assert!(
        after[8] < after[4] + 16 * MIB,
        "what one round took is there for the next: {after:?}"
    );
}

/// All of them at once, each to its end.
async fn five_hundred_streams(program: &Program, chat: &Value) {
    let begun = Arc::new(Barrier::new(500));
    let calls: Vec<_> = (0..500)
        .map(|_| {
            let call = program.chat("raw", chat);
            let begun = Arc::clone(&begun);
            tokio::spawn(async move {
                let response = call.send().await.unwrap();
                assert_eq!(response.status(), 200);
                // Every one has begun before the first one is read to its end.
                begun.wait().await;
                let text = response.bytes().await.unwrap();
                assert!(text.ends_with(LAST_EVENT.as_bytes()));
            })
        })
        .collect();
    program.others_are_answered().await;
    for call in calls {
        call.await.unwrap();
    }
}
