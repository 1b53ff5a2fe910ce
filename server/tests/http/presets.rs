//! OpenAI-compatible hosts, each with its manners: usage, streams, lists of models.

use domain::provider::Preset;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::support::{World, a_chat, call_id, streamed, world};

/// The name that the stand-in knows a host by, and a base URL of its API.
fn host(preset: Preset) -> (&'static str, &'static str) {
    match preset {
        Preset::Deepseek => ("deepseek", "/v1"),
        Preset::TogetherAi => ("together", "/v1"),
        Preset::Groq => ("groq", "/openai/v1"),
        Preset::Sambanova => ("sambanova", "/v1"),
        Preset::Cerebras => ("cerebras", "/v1"),
        Preset::FireworksAi => ("fireworks", "/inference/v1"),
        Preset::Mistral => ("mistral", "/v1"),
        Preset::Xai => ("xai", "/v1"),
        Preset::Perplexity => ("perplexity", ""),
        Preset::Vllm => ("vllm", "/v1"),
        Preset::Ollama => ("ollama", "/v1"),
        Preset::Databricks => ("databricks", "/serving-endpoints"),
        Preset::Mlflow => ("mlflow", "/gateway/mlflow/v1"),
    }
}

async fn provider(world: &World, preset: Preset) -> String {
    let (name, path) = host(preset);
    let provider = json!({ "id": name, "display_name": preset.label(), "type": "openai_compatible", "preset": preset.key(),
        "base_url": format!("{}/as/{name}{path}", world.upstream.base_url()), "api_key": "UPSTREAM_KEY",
        "models": [{ "id": "gpt-5-mini", "rates": { "input": "1", "output": "2", "cached_input": "0.1" } }] });
    world.api(Method::POST, "/api/v1/providers", provider).await;
    name.to_owned()
}

#[tokio::test]
async fn each_hosts_calls_are_metered_streamed_and_not_and_cost_the_same() {
    let world = world().await;
    for preset in Preset::ALL {
        let id = provider(&world, *preset).await;
        let mut rows = Vec::new();
        for body in [a_chat(), streamed(a_chat())] {
            let response = world
                .call(&id, "/chat/completions", &body)
                .send()
                .await
                .unwrap();
            let status = response.status();
            let call = call_id(response.headers());
            let text = response.text().await.unwrap();
            assert_eq!(status, StatusCode::OK, "{id}: {text}");
            rows.push(world.row(&call).await);
        }
        for row in &rows {
            assert_eq!(
                (&row["outcome"], &row["operation"]),
                (&json!("ok"), &json!("chat")),
                "{id}: {row}"
            );
            assert_eq!(row["price_state"], "priced", "{id}: {row}");
            assert_eq!(row["usage_mismatch"], false, "{id}: {row}");
        }
        // Fireworks says in a header of plain answers alone that nothing was cached.
        if *preset != Preset::FireworksAi {
            assert_eq!(rows[0]["tokens"], rows[1]["tokens"], "{id}");
        }
        assert_eq!(
            rows[0]["cost_usd"]["total"], rows[1]["cost_usd"]["total"],
            "{id}"
        );
    }
}

#[tokio::test]
async fn each_hosts_models_are_read_in_its_shape() {
    let world = world().await;
    for preset in Preset::ALL {
        let id = provider(&world, *preset).await;
        let listed = world.admin_models(&id).await;
        let models = listed.unwrap_or_else(|advice| panic!("{id}: {advice}"));
        assert!(
            !models.is_empty() && models.iter().all(|model| !model.is_empty()),
            "{id}: {models:?}"
        );
    }
}

#[tokio::test]
async fn serving_endpoints_and_served_models_are_chats() {
    let world = world().await;
    let databricks = provider(&world, Preset::Databricks).await;
    let mut body = a_chat();
    body.as_object_mut().unwrap().remove("model");
    let response = world
        .call(&databricks, "/gpt-5-mini/invocations", &body)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let row = world.row(&call_id(response.headers())).await;
    assert_eq!(
        (&row["model"], &row["price_state"]),
        (&json!("gpt-5-mini"), &json!("priced")),
        "{row}"
    );
    // A server of one model need not be told which.
    let served = json!({ "id": "served", "display_name": "Served", "type": "openai_compatible", "preset": "mlflow",
        "base_url": format!("{}/as/mlflow", world.upstream.base_url()), "api_key": "UPSTREAM_KEY",
        "models": [{ "id": "mine", "rates": { "input": "1", "output": "2" } }] });
    world.api(Method::POST, "/api/v1/providers", served).await;
    let response = world
        .call("served", "/invocations", &body)
        .send()
        .await
        .unwrap();
    let status = response.status();
    let id = call_id(response.headers());
    let text = response.text().await.unwrap();
    assert_eq!(status, StatusCode::OK, "{text}");
    let row = world.row(&id).await;
    assert_eq!(
        (&row["model"], &row["outcome"]),
        (&json!("mine"), &json!("ok")),
        "{row}"
    );
}
