//! SIGTERM: what runs comes to its end, what is new is refused, nothing is left out of the books.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::{net::TcpStream, time::sleep};

use crate::{
    program::{PATIENCE, Program},
    support::{a_chat, call_id, streamed},
    upstream::{LAST_EVENT, STREAM_HEAD, TEXT_EVENT, USAGE_EVENT, Upstream, Wire, fault, upstream},
};

/// A stream of two seconds; or one that tells its usage, goes on, and never ends.
async fn streams() -> Upstream {
    upstream(|mut wire: Wire, request| async move {
        wire.say(STREAM_HEAD).await;
        if fault(&request) == "endless" {
            wire.say(USAGE_EVENT).await;
            while wire.say(TEXT_EVENT).await {
                sleep(Duration::from_millis(20)).await;
            }
            return;
        }
        for _ in 0..20 {
            wire.say(TEXT_EVENT).await;
            sleep(Duration::from_millis(100)).await;
        }
        wire.say([USAGE_EVENT, LAST_EVENT].concat()).await;
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigterm_under_load_ends_every_call_well_and_writes_every_row() {
    let mut program = Program::start(&["--shutdown-timeout", "20s"]).await;
    let upstream = streams().await;
    program.provider("raw", &upstream.base_url()).await;
    let calls: Vec<_> = (0..100)
        .map(|_| {
            let call = program.fault("short", &streamed(a_chat()));
            tokio::spawn(async move {
                let response = call.send().await.unwrap();
                let text = response.bytes().await.unwrap();
                assert!(text.ends_with(LAST_EVENT.as_bytes()), "it was broken off");
            })
        })
        .collect();
    upstream.asked(100).await;
    program.terminate();
    let began = Instant::now();
    while !program.log().contains("Stopping") {
        assert!(began.elapsed() < PATIENCE);
        sleep(Duration::from_millis(5)).await;
    }
    // Asked twice, it does what it did.
    program.terminate();
    let began = Instant::now();
    while TcpStream::connect(program.address).await.is_ok() {
        assert!(
            began.elapsed() < PATIENCE,
            "new connections are still accepted"
        );
        sleep(Duration::from_millis(5)).await;
    }
    assert!(!program.is_over(), "the calls still run");
    for call in calls {
        call.await.unwrap();
    }
    let status = program.ended().await;
    assert_eq!(status.code(), Some(0), "{}", program.log());
    program.again().await;
    let rows = program.books(100).await;
    for row in rows {
        assert_eq!(
            (&row["outcome"], &row["cost_usd"]["total"]),
            (&json!("ok"), &json!("0.000020000")),
            "{row}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigterm_breaks_endless_streams_off_and_bills_what_they_told() {
    let mut program = Program::start(&["--shutdown-timeout", "2s"]).await;
    let upstream = streams().await;
    program.provider("raw", &upstream.base_url()).await;
    let mut chat = streamed(a_chat());
    chat["stream_options"] = json!({ "include_usage": true });
    let mut running = Vec::new();
    for _ in 0..5 {
        let response = program.fault("endless", &chat).send().await.unwrap();
        running.push((call_id(response.headers()), tokio::spawn(response.bytes())));
    }
    // Nobody waits for these two any more.
    for _ in 0..2 {
        let left = program.fault("endless", &chat).send().await.unwrap();
        drop(left);
    }
    program.terminate();
    let began = Instant::now();
    let status = program.ended().await;
    let took = began.elapsed();
    println!("figure: SIGTERM with endless streams and 2 s for them: ended after {took:?}");
    assert_eq!(status.code(), Some(0), "{}", program.log());
    assert!(took < Duration::from_secs(12), "{took:?}");
    for (_, call) in &mut running {
        assert!(call.await.unwrap().is_err(), "a broken stream ends well");
    }
    let log = program.log();
    assert!(log.contains("broken off"), "{log}");
    program.again().await;
    let rows = program.books(7).await;
    for row in rows {
        assert_eq!(
            (
                &row["outcome"],
                &row["price_state"],
                &row["cost_usd"]["total"]
            ),
            (
                &json!("client_closed"),
                &json!("priced"),
                &json!("0.000020000")
            ),
            "{row}"
        );
    }
}
