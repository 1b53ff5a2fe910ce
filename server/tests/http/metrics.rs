//! What Prometheus reads adds up to what the ledger has.

use std::collections::BTreeMap;

use domain::Bucket;
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use crate::support::{ADMIN_TOKEN, World, a_chat, a_message, streamed, world};

/// The value of each series, by its name and labels as they are written.
type Series = BTreeMap<String, f64>;

async fn series(world: &World) -> Series {
    let answer = Client::new()
        .get(world.url("/metrics"))
        .bearer_auth(ADMIN_TOKEN)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(
        answer.headers()["content-type"],
        "application/openmetrics-text; version=1.0.0; charset=utf-8"
    );
    let text = answer.text().await.unwrap();
    assert!(text.ends_with("# EOF\n"), "{text}");
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let (name, value) = line.rsplit_once(' ').unwrap();
            (name.to_owned(), value.parse().unwrap())
        })
        .collect()
}

/// The sum of a series over its labels, where they contain a text. `None`: there is no such series.
fn sum(series: &Series, name: &str, with: &str) -> Option<f64> {
    let found = series
        .iter()
        .filter(|(key, _)| key.split('{').next() == Some(name) && key.contains(with));
    found
        .map(|(_, value)| *value)
        .reduce(|one, other| one + other)
}

#[tokio::test]
async fn they_are_for_those_with_a_token_only() {
    let world = world().await;
    for token in [None, Some("wrong"), Some(world.token.as_str())] {
        let mut request = Client::new().get(world.url("/metrics"));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{token:?}");
        assert!(!answer.text().await.unwrap().contains("weir_"));
    }
}

#[tokio::test]
async fn each_row_is_counted_once_with_its_tokens_and_its_cost() {
    let world = world().await;
    let before = series(&world).await;
    assert_eq!(sum(&before, "weir_calls_total", ""), None);
    let refused = world.chat(&json!({"messages": []})).send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
    refused.bytes().await.unwrap();
    world.rows_when(1).await;
    let refused = series(&world).await;
    assert_eq!(sum(&refused, "weir_calls_total", ""), Some(1.0));
    // No call has shown whether it is.
    assert_eq!(sum(&refused, "weir_upstream_up", ""), None);
    for body in [a_chat(), streamed(a_chat()), a_chat()] {
        world
            .chat(&body)
            .send()
            .await
            .unwrap()
            .bytes()
            .await
            .unwrap();
    }
    world
        .messages(&a_message())
        .send()
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap();
    let failed = world
        .messages(&a_message())
        .header("x-standin-status", "503");
    failed.send().await.unwrap().bytes().await.unwrap();

    let rows = world.rows_when(6).await;
    let seen = series(&world).await;
    for (name, with, expected) in [
        ("weir_calls_total", "", 6.0),
        ("weir_calls_total", "provider=\"openai-main\"", 4.0),
        ("weir_calls_total", "outcome=\"rejected\"", 1.0),
        ("weir_calls_total", "outcome=\"upstream_error\"", 1.0),
        ("weir_answers_total", "status=\"503\"", 1.0),
        ("weir_call_seconds_count", "", 6.0),
        ("weir_first_byte_seconds_count", "openai-main", 3.0),
        ("weir_upstream_up", "openai-main", 1.0),
        ("weir_upstream_up", "anthropic-main", 0.0),
        ("weir_calls_running", "", 0.0),
        ("weir_rows_held", "", 0.0),
        ("weir_rows_lost_total", "", 0.0),
        ("weir_ledger_calls_behind", "", 0.0),
        ("weir_journal_writable", "", 1.0),
    ] {
        assert_eq!(
            sum(&seen, name, with),
            Some(expected),
            "{name} {with} {seen:#?}"
        );
    }
    let tokens: f64 = rows
        .iter()
        .flat_map(|row| {
            Bucket::ALL
                .iter()
                .map(|bucket| &row["tokens"][bucket.key()])
        })
        .filter_map(Value::as_f64)
        .sum();
    assert!(tokens > 0.0);
    assert_eq!(sum(&seen, "weir_tokens_total", ""), Some(tokens));
    let cost = |row: &Value| {
        row["cost_usd"]["total"]
            .as_str()
            .map_or(0.0, |cost| cost.parse::<f64>().unwrap())
    };
    let cost: f64 = rows.iter().map(cost).sum();
    assert_eq!(
        sum(&seen, "weir_spend_nano_usd_total", ""),
        Some((cost * 1e9).round())
    );
}
