//! What calls of Vertex AI cost: by location, by kind of traffic, and what clients are told of it.

use reqwest::Method;
use serde_json::{Value, json};

use super::{CLAUDE, GEMINI, call, chat, contents, messages, vertex};
use crate::support::call_id;

#[tokio::test]
async fn what_runs_outside_of_global_costs_a_tenth_more() {
    let world = vertex().await;
    let cost = async |provider: &str, path: String, body: Value| {
        let response = call(&world, provider, &path, &body).send().await.unwrap();
        let row = world.row(&call_id(response.headers())).await;
        assert_eq!(row["price_state"], "priced", "{row}");
        let rate = row["rates"]["input"]["usd_per_mtok"]
            .as_str()
            .unwrap()
            .to_owned();
        (rate, row["geography"].clone())
    };
    let claude = format!("/v1/publishers/anthropic/models/{CLAUDE}:rawPredict");
    let (there, geography) = cost("vertex", claude.clone(), messages(false)).await;
    let (anywhere, global) = cost("anywhere", claude, messages(false)).await;
    assert_eq!((geography, global), (json!("us-central1"), json!("global")));
    let number = |text: &str| text.parse::<f64>().unwrap();
    assert!(
        (number(&there) - number(&anywhere) * 1.1).abs() < 1e-9,
        "{there} {anywhere}"
    );
    // Older models of Google's cost the same everywhere.
    let gemini = "/v1/publishers/google/models/gemini-2.5-flash:generateContent";
    let (there, _) = cost("vertex", gemini.to_owned(), contents()).await;
    let (anywhere, _) = cost("anywhere", gemini.to_owned(), contents()).await;
    assert_eq!(there, anywhere);
}

#[tokio::test]
async fn capacity_that_was_bought_is_not_billed_and_its_tokens_are_told() {
    let world = vertex().await;
    let path = format!("/v1/publishers/google/models/{GEMINI}:generateContent");
    let usage = |traffic: &str| json!({ "promptTokenCount": 10, "candidatesTokenCount": 5, "totalTokenCount": 15, "trafficType": traffic });
    for (traffic, state) in [
        ("PROVISIONED_THROUGHPUT", "not_billed"),
        ("ON_DEMAND", "priced"),
        ("ON_DEMAND_PRIORITY", "priced"),
        ("ON_DEMAND_FLEX", "priced"),
    ] {
        let asked = call(&world, "vertex", &path, &contents());
        let wished = asked.header("x-standin-usage", usage(traffic).to_string());
        let response = wished.send().await.unwrap();
        let row = world.row(&call_id(response.headers())).await;
        assert_eq!(
            (&row["price_state"], &row["service_tier"]),
            (&json!(state), &json!(traffic)),
            "{row}"
        );
        assert_eq!(
            (&row["tokens"]["input"], &row["tokens"]["output"]),
            (&json!(10), &json!(5)),
            "{row}"
        );
    }
}

#[tokio::test]
async fn the_kind_of_traffic_counts_however_it_is_told() {
    let world = vertex().await;
    let chat = |stream| chat("google/gemini-3-pro-preview", stream);
    let response = |stream: bool| json!({ "model": "google/gemini-3-pro-preview", "stream": stream, "input": "Hello there" });
    for (path, body) in [
        ("/v1/endpoints/openapi/chat/completions", chat(false)),
        ("/v1/endpoints/openapi/chat/completions", chat(true)),
        ("/v1/publishers/openai/v1/responses", response(false)),
        ("/v1/publishers/openai/v1/responses", response(true)),
        (
            "/v1/publishers/google/models/gemini-embedding-2:embedContent",
            json!({ "content": { "parts": [{ "text": "a weir" }] } }),
        ),
    ] {
        for (traffic, state) in [
            ("PROVISIONED_THROUGHPUT", "not_billed"),
            ("ON_DEMAND", "priced"),
            ("ON_DEMAND_FLEX", "priced"),
        ] {
            let asked = call(&world, "vertex", path, &body);
            let wished = asked.header("x-standin-traffic", traffic);
            let response = wished.send().await.unwrap();
            let id = call_id(response.headers());
            response.bytes().await.unwrap();
            let row = world.row(&id).await;
            assert_eq!(
                (&row["price_state"], &row["service_tier"]),
                (&json!(state), &json!(traffic)),
                "{path}: {row}"
            );
        }
    }
}

#[tokio::test]
async fn clients_are_told_the_prices_of_the_location() {
    let world = vertex().await;
    let models = json!({ "models": [{ "id": CLAUDE }] });
    let input = async |provider: &str| {
        let path = format!("/api/v1/providers/{provider}");
        world.api(Method::PATCH, &path, models.clone()).await;
        let document = world
            .client
            .get(world.url(&format!("/llm/v1/providers/{provider}/.well-known/weir")))
            .bearer_auth(&world.token);
        let document: Value = document.send().await.unwrap().json().await.unwrap();
        document["models"][0]["rates"]["input"]["usd_per_mtok"].clone()
    };
    assert_eq!(input("anywhere").await, "5");
    // What each call costs there, too: a tenth more.
    assert_eq!(input("vertex").await, "5.5");
}
