//! The books balance: rows, pages of rows and sums agree.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{a_chat, a_message, call_id, streamed, world};

fn nano(amount: &Value) -> i128 {
    let text = amount.as_str().unwrap();
    let (whole, fraction) = text.split_once('.').unwrap();
    assert_eq!(fraction.len(), 9, "{text}");
    whole.parse::<i128>().unwrap() * 1_000_000_000 + fraction.parse::<i128>().unwrap()
}

#[tokio::test]
async fn usage_equals_the_sum_of_the_rows_to_the_nano_dollar() {
    let world = world().await;
    for turn in 0..24_u32 {
        let (body, provider, path) = match turn % 4 {
            0 => (a_chat(), "openai-main", "/chat/completions"),
            1 => (streamed(a_chat()), "openai-main", "/chat/completions"),
            2 => (a_message(), "anthropic-main", "/v1/messages"),
            _ => (
                json!({ "model": "unpriced-model", "messages": [] }),
                "compatible-main",
                "/chat/completions",
            ),
        };
        let tokens = 7 + turn * 13;
        let usage = if provider == "anthropic-main" {
            json!({ "input_tokens": tokens, "cache_read_input_tokens": turn, "output_tokens": turn + 1 })
        } else {
            json!({ "prompt_tokens": tokens, "completion_tokens": turn + 1, "total_tokens": tokens + turn + 1 })
        };
        let call = world
            .call(provider, path, &body)
            .header("x-standin-usage", usage.to_string());
        call.send().await.unwrap().bytes().await.unwrap();
    }
    let rows = world.rows_when(24).await;
    assert_eq!(rows.len(), 24);
    let total: i128 = rows
        .iter()
        .filter(|row| !row["cost_usd"]["total"].is_null())
        .map(|row| nano(&row["cost_usd"]["total"]))
        .sum();
    for row in &rows {
        if row["price_state"] == "priced" {
            let parts: i128 = row["cost_usd"]
                .as_object()
                .unwrap()
                .iter()
                .filter(|(key, value)| {
                    !matches!(key.as_str(), "total" | "reasoning") && !value.is_null()
                })
                .map(|(_, value)| nano(value))
                .sum();
            assert_eq!(parts, nano(&row["cost_usd"]["total"]), "{row}");
        }
    }
    let (from, to) = ("2020-01-01T00:00:00Z", "2100-01-01T00:00:00Z");
    for group in ["provider", "model", "token_type", "agent", "user"] {
        let spend = world
            .get(&format!(
                "/api/v1/usage?metric=spend&group_by={group}&bucket=month&from={from}&to={to}"
            ))
            .await;
        assert_eq!(nano(&spend["total"]), total, "{group}");
        assert_eq!(spend["unpriced_calls"], 6, "{group}");
        let series: i128 = spend["series"]
            .as_array()
            .unwrap()
            .iter()
            .map(|series| nano(&series["total"]))
            .sum();
        assert_eq!(series, total, "{group}");
    }
    let requests = world
        .get(&format!(
            "/api/v1/usage?metric=requests&group_by=provider&bucket=month&from={from}&to={to}"
        ))
        .await;
    assert_eq!(
        requests["total"]
            .as_str()
            .map_or_else(|| requests["total"].to_string(), str::to_owned),
        "24"
    );
}

#[tokio::test]
async fn overrides_change_what_later_calls_cost_and_no_row_before() {
    let world = world().await;
    let usage = json!({ "prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100 });
    let call = || {
        world
            .chat(&a_chat())
            .header("x-standin-usage", usage.to_string())
            .send()
    };
    let before = call_id(call().await.unwrap().headers());
    world.row(&before).await;
    let mut costs = Vec::new();
    for output in [json!("3"), json!("0"), Value::Null] {
        let models = json!({ "models": [{ "id": "gpt-5-mini", "rates": { "output": output } }] });
        world
            .api(Method::PATCH, "/api/v1/providers/openai-main", models)
            .await;
        let id = call_id(call().await.unwrap().headers());
        let row = world.row(&id).await;
        costs.push((
            row["cost_usd"]["total"].clone(),
            row["rates"]["output"]["source"].clone(),
        ));
    }
    // 1000 × 0.25 + 100 × 3; + 100 × 0; + 100 × 2 (the catalog's), in µ$.
    assert_eq!(
        costs,
        [
            (json!("0.000550000"), json!("override")),
            (json!("0.000250000"), json!("override")),
            (json!("0.000450000"), json!("catalog")),
        ]
    );
    assert_eq!(world.row(&before).await["cost_usd"]["total"], "0.000450000");
}

#[tokio::test]
async fn rows_are_paged_newest_first_without_gaps() {
    let world = world().await;
    let mut ids = Vec::new();
    for _ in 0..7 {
        ids.push(call_id(
            world.chat(&a_chat()).send().await.unwrap().headers(),
        ));
    }
    world.rows_when(7).await;
    ids.reverse();
    let mut paged = Vec::new();
    let mut path = "/api/v1/calls?limit=3".to_owned();
    loop {
        let page = world.get(&path).await;
        paged.extend(
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|row| row["id"].as_str().unwrap().to_owned()),
        );
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        path = format!("/api/v1/calls?limit=3&cursor={cursor}");
    }
    assert_eq!(paged, ids);
}

#[tokio::test]
async fn rows_and_settings_survive_a_restart() {
    let world = world().await;
    let id = call_id(world.chat(&a_chat()).send().await.unwrap().headers());
    let before = world.row(&id).await;
    let world = world.restart().await;
    assert_eq!(world.row(&id).await, before);
    assert_eq!(world.chat(&a_chat()).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn test_connection_makes_a_row_and_says_how_far_it_came() {
    let world = world().await;
    let report = world
        .api(
            Method::POST,
            "/api/v1/providers/openai-main/test",
            json!({ "model": "gpt-5-mini" }),
        )
        .await;
    assert_eq!(report["ok"], true, "{report}");
    let row = world.row(report["call_id"].as_str().unwrap()).await;
    assert_eq!(
        (&row["agent"], &row["price_state"]),
        (&json!("weir:test"), &json!("priced"))
    );
    world
        .api(
            Method::PUT,
            "/api/v1/secrets/UPSTREAM_KEY",
            json!({ "value": "sk-wrong" }),
        )
        .await;
    let report = world
        .api(
            Method::POST,
            "/api/v1/providers/openai-main/test",
            json!({ "model": "gpt-5-mini" }),
        )
        .await;
    assert_eq!(
        (&report["ok"], &report["failure"]["stage"]),
        (&json!(false), &json!("sign_in")),
        "{report}"
    );
}

#[tokio::test]
async fn a_call_that_a_crash_swallows_is_interrupted_and_estimated() {
    let world = world().await;
    // The journal of a process that died: a start without an end.
    let id = domain::CallId(uuid::Uuid::now_v7());
    let start = domain::call::CallStart {
        id,
        started_at: domain::Timestamp::now(),
        provider: domain::ProviderId::new("openai-main").unwrap(),
        provider_type: domain::provider::ProviderType::OpenAi,
        model: Some("gpt-5-mini".to_owned()),
        requested_model: Some("gpt-5-mini".to_owned()),
        operation: domain::call::Operation::Chat,
        streamed: true,
        agent: None,
        user: None,
        conversation: None,
        token: None,
        endpoint: None,
        attempt_of: None,
        catalog_version: "test".to_owned(),
        estimated_input: Some(1000),
    };
    let folder = world.data.path().join("weir").join("journal");
    let (journal, _) = journal::Journal::open(&folder, journal::SyncPolicy::Off).unwrap();
    journal.start(&start).unwrap();
    let world = world.restart().await;
    let row = world.row(&id.to_string()).await;
    assert_eq!(
        (&row["outcome"], &row["price_state"]),
        (&json!("interrupted"), &json!("estimated"))
    );
    // 1000 × 0.25 µ$.
    assert_eq!(row["cost_usd"]["total"], "0.000250000");
}
