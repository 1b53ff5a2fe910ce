//! Upstreams over HTTP/2 that go away, reset, or give no room.

use std::{sync::atomic::Ordering, time::Duration};

use serde_json::json;

use crate::{
    h2_upstream::{Manner, Upstream, upstream},
    program::{MIB, Program},
    support::{a_chat, call_id, streamed},
    upstream_tls::Certificates,
};

async fn program(certificates: &Certificates, upstream: &Upstream, flags: &[&str]) -> Program {
    let trusted = certificates.trusted().display().to_string();
    let flags = [&["--upstream-ca", &trusted], flags].concat();
    let program = Program::start(&flags).await;
    let base_url = format!("https://localhost:{}/v1", upstream.port);
    program.provider("raw", &base_url).await;
    program
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upstream_that_goes_away_costs_no_call_that_it_took_and_none_is_made_twice() {
    for (manner, connections) in [(Manner::GoesAwayBefore, 2), (Manner::GoesAwayDuring, 5)] {
        let certificates = Certificates::new();
        let upstream = upstream(&certificates, manner).await;
        let program = program(&certificates, &upstream, &[]).await;
        for _ in 0..5 {
            let response = program.chat("raw", &a_chat()).send().await.unwrap();
            assert_eq!(response.status(), 200);
            response.bytes().await.unwrap();
        }
        let rows = program.books(5).await;
        assert!(rows.iter().all(|row| row["price_state"] == "priced"));
        assert_eq!(upstream.handled.load(Ordering::Relaxed), 5, "each once");
        assert_eq!(upstream.connections.load(Ordering::Relaxed), connections);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_upstream_refuses_unseen_is_sent_again_and_not_for_ever() {
    for (manner, status, outcome, price_state) in [
        (Manner::RefusesSome, 200, "ok", "priced"),
        (Manner::RefusesAll, 502, "upstream_error", "not_billed"),
    ] {
        let certificates = Certificates::new();
        let upstream = upstream(&certificates, manner).await;
        let program = program(&certificates, &upstream, &[]).await;
        let first = program.chat("raw", &a_chat()).send().await.unwrap();
        assert_eq!(first.status(), status);
        first.bytes().await.unwrap();
        let calls: Vec<_> = (0..20)
            .map(|_| tokio::spawn(program.chat("raw", &a_chat()).send()))
            .collect();
        for call in calls {
            let response = call.await.unwrap().unwrap();
            assert_eq!(response.status(), status);
            response.bytes().await.unwrap();
        }
        program.others_are_answered().await;
        let rows = program.books(22).await;
        for row in rows.iter().filter(|row| row["provider"] == "raw") {
            assert_eq!(
                (&row["outcome"], &row["price_state"]),
                (&json!(outcome), &json!(price_state)),
                "{row}"
            );
        }
        let handled = upstream.handled.load(Ordering::Relaxed);
        println!("figure: 21 calls, {status}: the upstream handled or refused {handled}");
        match manner {
            Manner::RefusesSome => assert_eq!(handled, 21, "each once"),
            // Three times on kept connections and once on a new one.
            _ => assert!(handled <= 21 * 4, "{handled}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_is_reset_is_a_failed_call_and_others_go_on() {
    for (manner, status, outcome, price_state) in [
        (
            Manner::ResetsBeforeHead,
            502,
            "upstream_error",
            "not_billed",
        ),
        (Manner::ResetsInStream, 200, "truncated", "estimated"),
    ] {
        let certificates = Certificates::new();
        let upstream = upstream(&certificates, manner).await;
        let program = program(&certificates, &upstream, &[]).await;
        for made in 1..=3 {
            let response = program
                .chat("raw", &streamed(a_chat()))
                .send()
                .await
                .unwrap();
            assert_eq!(response.status(), status);
            let id = call_id(response.headers());
            let got = response.bytes().await;
            assert_eq!(got.is_ok(), status == 502, "a broken answer ends well");
            let row = program.row(&id).await;
            assert_eq!(
                (&row["outcome"], &row["price_state"]),
                (&json!(outcome), &json!(price_state)),
                "{row}"
            );
            assert_eq!(
                upstream.handled.load(Ordering::Relaxed),
                made,
                "asked twice"
            );
        }
        assert_eq!(upstream.connections.load(Ordering::Relaxed), 1);
        program.others_are_answered().await;
        program.books(4).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_wait_for_an_upstream_that_takes_one_at_a_time() {
    let certificates = Certificates::new();
    let upstream = upstream(&certificates, Manner::OneAtATime).await;
    let program = program(&certificates, &upstream, &[]).await;
    let calls: Vec<_> = (0..20)
        .map(|_| tokio::spawn(program.chat("raw", &a_chat()).send()))
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap().status(), 200);
    }
    program.others_are_answered().await;
    let rows = program.books(21).await;
    assert!(rows.iter().all(|row| row["price_state"] == "priced"));
    assert_eq!(upstream.handled.load(Ordering::Relaxed), 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_calls_at_once_than_a_connection_takes_go_over_further_connections() {
    let certificates = Certificates::new();
    let upstream = upstream(&certificates, Manner::Gathers).await;
    let program = program(&certificates, &upstream, &[]).await;
    let first = program.chat("raw", &a_chat()).send().await.unwrap();
    assert_eq!(first.status(), 200);
    let calls: Vec<_> = (0..250)
        .map(|_| tokio::spawn(program.chat("raw", &a_chat()).send()))
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap().status(), 200);
    }
    let connections = upstream.connections.load(Ordering::Relaxed);
    println!("figure: 250 calls at once, 100 for a connection: {connections} connections");
    let rows = program.books(251).await;
    assert!(rows.iter().all(|row| row["price_state"] == "priced"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upstream_that_takes_no_body_is_left_at_the_first_byte_timeout() {
    let certificates = Certificates::new();
    let upstream = upstream(&certificates, Manner::NoWindow).await;
    let program = program(&certificates, &upstream, &["--first-byte-timeout", "1s"]).await;
    // The first one may go before it is known that there is no room.
    let first = program.chat("raw", &a_chat()).send().await.unwrap();
    assert!(matches!(first.status().as_u16(), 200 | 504));
    let handled = upstream.handled.load(Ordering::Relaxed);
    let calls: Vec<_> = (0..10)
        .map(|_| tokio::spawn(program.chat("raw", &a_chat()).send()))
        .collect();
    program.others_are_answered().await;
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap().status(), 504);
    }
    let rows = program.books(12).await;
    let failed = rows.iter().filter(|row| row["outcome"] == "upstream_error");
    assert_eq!(failed.count(), 11 - handled);
    assert_eq!(upstream.handled.load(Ordering::Relaxed), handled);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_that_read_nothing_hold_up_nobody_else_on_the_same_connection() {
    let certificates = Certificates::new();
    let upstream = upstream(&certificates, Manner::Endless).await;
    let program = program(&certificates, &upstream, &[]).await;
    program.others_are_answered().await;
    let before = program.forget_peak();
    let mut stalled = Vec::new();
    for _ in 0..20 {
        let call = program.chat("raw", &streamed(a_chat())).send();
        stalled.push(call.await.unwrap());
    }
    // Their windows are full by then, or will be; either way these are answered.
    for _ in 0..10 {
        let response = program.chat("raw", &a_chat()).send().await.unwrap();
        assert_eq!(response.status(), 200);
        response.bytes().await.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(upstream.connections.load(Ordering::Relaxed), 1);
    let grown = program.grown(before);
    println!(
        "figure: 20 clients over one HTTP/2 connection that read nothing: memory grew by {grown}"
    );
    assert!(grown < 64 * MIB, "{grown}");
}
