use serde_json::json;

use crate::app::App;

#[tokio::test]
async fn models_are_found_with_their_prices() {
    let app = App::new().await;
    let page = app
        .get("/api/v1/catalog/models?type=openai&q=gpt-4o")
        .await
        .json(200);
    let model = &page["items"][0];
    assert_eq!(
        (&model["id"], &model["mode"]),
        (&json!("gpt-4o"), &json!("chat"))
    );
    assert_eq!(
        (&model["rates"]["input"], &model["rates"]["output"]),
        (&json!("2.5"), &json!("10"))
    );
    assert!(model["context_window"].as_u64().unwrap() > 1_000);
    assert!(model["capabilities"].is_array() && model["tiers"].is_object());
    let page = app
        .get("/api/v1/catalog/models?type=anthropic&q=claude&limit=1")
        .await
        .json(200);
    assert!(page["items"][0]["id"].as_str().unwrap().contains("claude"));
}

#[tokio::test]
async fn presets_choose_the_catalog_and_without_one_there_is_none() {
    let app = App::new().await;
    let page = app
        .get("/api/v1/catalog/models?type=openai_compatible&preset=groq")
        .await
        .json(200);
    assert!(!page["items"].as_array().unwrap().is_empty());
    for query in [
        "type=openai_compatible",
        "type=openai_compatible&preset=vllm",
        "type=openai&q=no-such-model-anywhere",
    ] {
        let page = app
            .get(&format!("/api/v1/catalog/models?{query}"))
            .await
            .json(200);
        assert_eq!(page, json!({"items": [], "next_cursor": null}), "{query}");
    }
}

#[tokio::test]
async fn pages_follow_each_other_without_gap() {
    let app = App::new().await;
    let ids = |page: &serde_json::Value| -> Vec<String> {
        page["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|model| model["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let whole = ids(&app
        .get("/api/v1/catalog/models?type=openai&limit=7")
        .await
        .json(200));
    let first = app
        .get("/api/v1/catalog/models?type=openai&limit=4")
        .await
        .json(200);
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = app
        .get(&format!(
            "/api/v1/catalog/models?type=openai&limit=3&cursor={cursor}"
        ))
        .await
        .json(200);
    assert_eq!([ids(&first), ids(&second)].concat(), whole);
}

#[tokio::test]
async fn wrong_parameters_are_named() {
    let app = App::new().await;
    for (query, field, code) in [
        ("", "type", "required"),
        ("type=", "type", "invalid_type"),
        ("type=mainframe", "type", "invalid_type"),
        ("type=openai&type=openai", "type", "given_twice"),
        ("type=openai&preset=groq", "preset", "field_of_other_type"),
        (
            "type=openai_compatible&preset=none",
            "preset",
            "invalid_preset",
        ),
        ("type=openai&kind=x", "kind", "unknown_parameter"),
    ] {
        let answer = app.get(&format!("/api/v1/catalog/models?{query}")).await;
        answer.fields(400, "invalid_query", &[(field, code)]);
    }
}
