//! Clients that leave: their calls are billed all the same.

use std::time::Duration;

use futures_util::StreamExt;
use serde_json::{Value, json};

use crate::support::{a_chat, a_message, call_id, streamed, world, world_with};

async fn only_row(world: &crate::support::World) -> Value {
    let rows = world.rows_when(1).await;
    assert_eq!(rows.len(), 1);
    rows[0].clone()
}

#[tokio::test]
async fn a_client_that_leaves_a_stream_leaves_true_usage() {
    let world = world().await;
    for body in [streamed(a_chat()), streamed(a_message())] {
        let provider = if body["max_tokens"].is_null() {
            ("openai-main", "/chat/completions")
        } else {
            ("anthropic-main", "/v1/messages")
        };
        let call = world
            .call(provider.0, provider.1, &body)
            .header("x-standin-pace-ms", "20")
            .header("x-standin-frames", "10");
        let response = call.send().await.unwrap();
        let id = call_id(response.headers());
        let mut stream = response.bytes_stream();
        stream.next().await.unwrap().unwrap();
        drop(stream);
        let row = world.row(&id).await;
        assert_eq!(
            (&row["outcome"], &row["price_state"]),
            (&json!("client_closed"), &json!("priced")),
            "{row}"
        );
        assert!(row["tokens"]["output"].as_u64().unwrap() > 0);
    }
}

#[tokio::test]
async fn a_client_that_leaves_before_the_answer_leaves_true_usage() {
    let world = world().await;
    let call = world
        .chat(&a_chat())
        .header("x-standin-first-byte-ms", "400")
        .timeout(Duration::from_millis(150));
    assert!(call.send().await.is_err());
    let row = only_row(&world).await;
    assert_eq!(
        (&row["outcome"], &row["price_state"]),
        (&json!("client_closed"), &json!("priced")),
        "{row}"
    );
}

#[tokio::test]
async fn an_upstream_that_does_not_end_is_left_after_a_while_and_estimated() {
    let world = world_with(&["--drain-timeout", "300ms"]).await;
    let response = world
        .messages(&streamed(a_message()))
        .header("x-standin-hang", "body")
        .send()
        .await
        .unwrap();
    let mut stream = response.bytes_stream();
    stream.next().await.unwrap().unwrap();
    drop(stream);
    let row = only_row(&world).await;
    assert_eq!(row["outcome"], "client_closed", "{row}");
    assert_eq!(
        row["price_state"], "priced",
        "the stream began with its counts: {row}"
    );
    assert!(row["tokens"]["input"].as_u64().unwrap() > 0);
}

#[tokio::test]
async fn an_answer_that_nobody_waits_for_costs_at_least_its_prompt() {
    let world = world_with(&["--drain-timeout", "300ms"]).await;
    let call = world
        .chat(&a_chat())
        .header("x-standin-hang", "headers")
        .timeout(Duration::from_millis(150));
    assert!(call.send().await.is_err());
    let row = only_row(&world).await;
    assert_eq!(
        (&row["outcome"], &row["price_state"]),
        (&json!("client_closed"), &json!("estimated")),
        "{row}"
    );
    assert!(row["tokens"]["input"].as_u64().unwrap() > 0, "{row}");
    assert!(row["tokens"]["output"].is_null(), "nobody knows: {row}");
}

#[tokio::test]
async fn calls_that_run_when_weir_stops_end_and_are_recorded() {
    let world = world().await;
    let call = world
        .chat(&streamed(a_chat()))
        .header("x-standin-pace-ms", "30")
        .header("x-standin-frames", "20");
    let response = call.send().await.unwrap();
    let id = call_id(response.headers());
    let reading = tokio::spawn(response.bytes());
    tokio::time::sleep(Duration::from_millis(100)).await;
    let world = world.restart().await;
    let text = reading.await.unwrap().unwrap();
    assert!(
        text.ends_with(b"data: [DONE]\n\n"),
        "the stream came to its end"
    );
    assert_eq!(world.row(&id).await["price_state"], "priced");
}
