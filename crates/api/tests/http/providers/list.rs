use serde_json::{Value, json};

use crate::app::App;

async fn ids(app: &App, query: &str) -> Vec<String> {
    let page = app
        .get(&format!("/api/v1/providers{query}"))
        .await
        .json(200);
    let items: &Vec<Value> = page["items"].as_array().unwrap();
    items
        .iter()
        .map(|provider| provider["id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn lists_are_filtered_and_paged() {
    let app = App::with_provider().await;
    app.post("/api/v1/providers", json!({"display_name": "Ollama", "type": "openai_compatible", "base_url": "http://localhost:11434/v1", "enabled": false})).await.json(201);
    assert_eq!(ids(&app, "").await, ["main", "ollama"]);
    assert_eq!(ids(&app, "?type=openai").await, ["main"]);
    assert_eq!(
        ids(&app, "?type=openai&type=openai_compatible").await,
        ["main", "ollama"]
    );
    assert_eq!(ids(&app, "?type.not=openai").await, ["ollama"]);
    assert_eq!(ids(&app, "?status=disabled").await, ["ollama"]);
    assert_eq!(
        ids(&app, "?status=active&status=needs_attention").await,
        ["main"]
    );
    assert_eq!(ids(&app, "?q=OLL").await, ["ollama"]);
    assert_eq!(ids(&app, "?q=nothing").await, [""; 0]);
    let first = app.get("/api/v1/providers?limit=1").await.json(200);
    assert_eq!(first["next_cursor"], "main");
    assert_eq!(ids(&app, "?limit=1&cursor=main").await, ["ollama"]);
}

#[tokio::test]
async fn wrong_filters_are_named() {
    let app = App::new().await;
    let answer = app
        .get("/api/v1/providers?type=mainframe&status=broken&q=a&q=b&sort=name")
        .await;
    answer.fields(
        400,
        "invalid_query",
        &[
            ("type", "invalid_value"),
            ("status", "invalid_value"),
            ("q", "given_twice"),
            ("sort", "unknown_parameter"),
        ],
    );
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let app = App::new().await;
    app.get("/api/v1/providers/gone")
        .await
        .problem(404, "provider_not_found");
}
