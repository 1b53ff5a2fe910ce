//! Upstreams that hang, or give a byte at a time.

use std::time::{Duration, Instant};

use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{
    program::{PATIENCE, Program},
    support::{a_chat, call_id},
    upstream::{Wire, fault, plain_answer, upstream},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upstream_that_accepts_and_hangs_is_left_in_time() {
    let program = Program::start(&[
        "--connect-timeout",
        "500ms",
        // It counts from the beginning, so that of two like ones either could be over first.
        "--first-byte-timeout",
        "1500ms",
    ])
    .await;
    // It never shakes hands.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = silent.local_addr().unwrap();
    program
        .provider("silent", &format!("https://{address}/v1"))
        .await;
    let upstream = upstream(|mut wire: Wire, request| async move {
        if fault(&request) == "drip" {
            wire.drip(&plain_answer(), Duration::from_millis(100)).await;
        }
        wire.wait_for_close().await;
    })
    .await;
    program.provider("raw", &upstream.base_url()).await;
    for (request, code) in [
        (
            program.chat("silent", &a_chat()),
            "upstream_connect_timeout",
        ),
        (program.fault("hang", &a_chat()), "upstream_timeout"),
        (program.fault("drip", &a_chat()), "upstream_timeout"),
    ] {
        let asked = tokio::spawn(request.send());
        program.others_are_answered().await;
        let response = asked.await.unwrap().unwrap();
        assert_eq!(response.status(), StatusCode::GATEWAY_TIMEOUT);
        let row = program.row(&call_id(response.headers())).await;
        let answer: Value = response.json().await.unwrap();
        assert_eq!(answer["error"]["code"], code);
        assert_eq!(
            (&row["outcome"], &row["price_state"]),
            (&json!("upstream_error"), &json!("not_billed"))
        );
    }
    program.books(6).await;
    upstream.left().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_of_a_byte_at_a_time_comes_as_long_as_it_comes() {
    let program = Program::start(&["--idle-timeout", "4s"]).await;
    let pause = Duration::from_millis(25);
    let upstream = upstream(move |mut wire: Wire, request| async move {
        let answer = plain_answer();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        wire.say(format!("{head}\r\n\r\n")).await;
        if fault(&request) == "stop" {
            wire.drip(&body[..20], pause).await;
            return wire.wait_for_close().await;
        }
        wire.drip(body, pause).await;
    })
    .await;
    program.provider("raw", &upstream.base_url()).await;
    let began = Instant::now();
    let dripped = program.fault("drip", &a_chat()).send().await.unwrap();
    let stopped = program.fault("stop", &a_chat()).send().await.unwrap();
    let ids = [&dripped, &stopped].map(|response| call_id(response.headers()));
    program.others_are_answered().await;
    assert!(stopped.bytes().await.is_err(), "nothing came for 4 s");
    assert!(dripped.bytes().await.is_ok());
    let took = began.elapsed();
    assert!(took > Duration::from_secs(4) && took < PATIENCE, "{took:?}");
    let [dripped, stopped] = [program.row(&ids[0]).await, program.row(&ids[1]).await];
    assert_eq!(
        (&dripped["outcome"], &dripped["cost_usd"]["total"]),
        (&json!("ok"), &json!("0.000020000"))
    );
    assert_eq!(stopped["outcome"], "truncated", "{stopped}");
    program.books(3).await;
    upstream.left().await;
}
