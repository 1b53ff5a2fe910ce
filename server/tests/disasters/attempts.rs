//! `kill -9` while calls are at their second attempt: each attempt that began has a row, priced where it went.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    endpoint_place::{Does, Place as Endpoint},
    place::Place,
    weir::PATIENCE,
};

#[tokio::test]
async fn a_kill_during_second_attempts_loses_none() {
    let place = Place::new().await;
    let weir = place.start().await;
    let (failing, silent) = (
        Endpoint::open("failing").await,
        Endpoint::open("silent").await,
    );
    failing.does(Does::Fail(503, ""));
    silent.does(Does::KeepSilent);
    let endpoint = |it: &Endpoint, zone: Value| json!({ "name": it.name, "base_url": it.base_url(), "api_key": "UPSTREAM_KEY", "data_zone": zone });
    let provider = json!({ "id": "several", "display_name": "Several", "type": "azure_openai",
        "models": [{ "id": "mine", "price_as": "gpt-5" }],
        "endpoints": [endpoint(&failing, Value::Null), endpoint(&silent, json!("eu"))] });
    place
        .api(&weir, Method::POST, "/api/v1/providers", provider)
        .await;
    let url = format!(
        "http://{}/llm/v1/providers/several/openai/deployments/mine/chat/completions",
        weir.address
    );
    let body = json!({ "messages": [{ "role": "user", "content": "Hello" }] });
    let calls: Vec<_> = (0..40)
        .map(|_| {
            let call = place.client.post(&url).header("x-weir-token", &place.token);
            tokio::spawn(call.json(&body).send())
        })
        .collect();
    let began = Instant::now();
    while silent.asked() < 40 {
        assert!(began.elapsed() < PATIENCE, "{}", weir.said());
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    weir.kill();
    for call in calls {
        assert!(call.await.unwrap().is_err(), "it was cut off");
    }
    let attempts = failing.asked() + silent.asked();
    let weir = place.start().await;
    let began = Instant::now();
    let rows = loop {
        let page = place
            .get(&weir, "/api/v1/calls?provider=several&limit=1000")
            .await;
        let rows = page["items"].as_array().unwrap().clone();
        if rows.len() >= attempts {
            break rows;
        }
        assert!(
            began.elapsed() < PATIENCE,
            "{} of {attempts} attempts have a row",
            rows.len()
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(rows.len(), attempts, "none has two");
    let at = |name: &str| {
        rows.iter()
            .filter(|row| row["endpoint"] == name)
            .collect::<Vec<&Value>>()
    };
    assert_eq!(
        (at("failing").len(), at("silent").len()),
        (failing.asked(), 40)
    );
    for row in at("silent") {
        assert_eq!(row["outcome"], "interrupted", "{row}");
        // A tenth more than at the first endpoint.
        assert_eq!(row["rates"]["input"]["usd_per_mtok"], "1.375", "{row}");
    }
    for row in at("failing") {
        assert_eq!(row["outcome"], "upstream_error", "{row}");
        let next = rows.iter().filter(|other| other["attempt_of"] == row["id"]);
        assert_eq!(next.count(), 1, "the call went on");
    }
}
