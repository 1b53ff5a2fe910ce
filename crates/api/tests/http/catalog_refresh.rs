//! A newer catalog over the API: brought, looked at, applied.

use axum::body::Body;
use catalog::Catalog;
use http::{Method, Request, header};
use serde_json::{Value, json};

use crate::app::{Answer, App, TOKEN};

/// A version that is newer than the built-in one.
fn first() -> String {
    format!("{}.1", Catalog::builtin().unwrap().version())
}

/// A newer file in which gpt-4o's input costs 5 dollars.
fn newer() -> String {
    let builtin = Catalog::builtin().unwrap();
    let kinds = builtin.kinds();
    let mut models: Vec<_> = kinds
        .into_iter()
        .flat_map(|kind| builtin.list(kind))
        .collect();
    let mut of_openai = models.iter_mut().filter(|model| model.kind == "openai");
    let model = of_openai.find(|model| model.id == "gpt-4o").unwrap();
    model.card.standard.input = Some("5".parse().unwrap());
    catalog::write(&first(), models).unwrap()
}

async fn upload(app: &App, file: String) -> Answer {
    let request = Request::builder()
        .method(Method::POST)
        .uri("/api/v1/catalog")
        .header(header::AUTHORIZATION, format!("Bearer {TOKEN}"))
        .body(Body::from(file))
        .unwrap();
    app.send(request).await
}

async fn price(app: &App) -> Value {
    let query = "/api/v1/catalog/models?type=openai&q=gpt-4o&limit=1";
    app.get(query).await.json(200)["items"][0]["rates"]["input"].clone()
}

#[tokio::test]
async fn it_is_uploaded_then_applied_by_its_version() {
    let app = App::with_secret().await;
    let provider = json!({"display_name": "Main", "type": "openai", "api_key": "KEY", "models": [{"id": "gpt-4o"}]});
    app.post("/api/v1/providers", provider).await.json(201);
    let before = app.get("/api/v1/catalog").await.json(200);
    assert_eq!(
        (&before["origin"], &before["pending"]),
        (&json!("builtin"), &Value::Null)
    );
    assert!(before["kinds"].as_array().unwrap().len() > 5);

    let proposed = upload(&app, newer()).await.json(200);
    assert_eq!(proposed["version"], first());
    assert_eq!(proposed["in_use"], before["version"]);
    assert_eq!(
        proposed["changes"]["affected"],
        json!([{"provider": "main", "provider_name": "Main", "model": "gpt-4o", "loses_price": false,
            "prices": [{"price": "input", "tier": null, "long_context": false, "before": "2.5", "after": "5"}]}])
    );
    assert_eq!(proposed["changes"]["repriced"][0]["id"], "gpt-4o");
    assert_eq!(price(&app).await, "2.5");
    let waits = app.get("/api/v1/catalog").await.json(200);
    assert_eq!(waits["pending"]["pending"], proposed["pending"]);

    let wrong = app.post("/api/v1/catalog/apply", json!({"version": "2098-01-01"}));
    wrong.await.problem(409, "catalog_not_pending");
    let body = json!({"version": first(), "pending": proposed["pending"]});
    let applied = app.post("/api/v1/catalog/apply", body).await.json(200);
    assert_eq!(
        (&applied["version"], &applied["origin"], &applied["pending"]),
        (&json!(first()), &json!("upload"), &Value::Null)
    );
    assert_eq!(price(&app).await, "5");

    let back = app
        .post("/api/v1/catalog/builtin", json!({}))
        .await
        .json(200);
    let of = |id: &Value| format!("/api/v1/catalog/pending?pending={}", id.as_str().unwrap());
    let applied = app.delete(&of(&proposed["pending"])).await;
    applied.problem(409, "catalog_not_pending");
    app.delete(&of(&json!("x")))
        .await
        .fields(400, "invalid_query", &[("pending", "invalid_id")]);
    app.delete(&of(&back["pending"])).await.empty(204);
    app.delete("/api/v1/catalog/pending").await.empty(204);
    let gone = app.post("/api/v1/catalog/apply", json!({"version": back["version"]}));
    gone.await.problem(409, "catalog_not_pending");
}

#[tokio::test]
async fn what_is_not_taken_is_a_problem_with_a_stable_code() {
    let app = App::new().await;
    upload(&app, "no catalog".to_owned())
        .await
        .problem(422, "catalog_damaged");
    upload(&app, "x".repeat((16 << 20) + 1))
        .await
        .problem(413, "catalog_too_large");
    let builtin = Catalog::builtin().unwrap();
    let same = catalog::write(builtin.version(), builtin.list("groq")).unwrap();
    upload(&app, same).await.problem(409, "catalog_not_newer");
    let refresh = app.post("/api/v1/catalog/refresh", json!({})).await;
    refresh.problem(409, "catalog_no_address");
    let back = app.post("/api/v1/catalog/builtin", json!({})).await;
    back.problem(409, "catalog_builtin_in_use");
    app.post("/api/v1/catalog/apply", json!({})).await.fields(
        422,
        "invalid",
        &[("version", "required")],
    );
    app.post(
        "/api/v1/catalog/apply",
        json!({"version": "x", "now": true}),
    )
    .await
    .fields(422, "invalid", &[("now", "unknown_field")]);
}

#[tokio::test]
async fn models_are_told_with_the_prices_of_a_region() {
    let app = App::new().await;
    let builtin = Catalog::builtin().unwrap();
    let of_bedrock = builtin.list("bedrock");
    let regional = of_bedrock.iter().find(|model| model.region.is_some());
    let regional = regional.expect("the built-in catalog has prices of regions");
    let region = regional.region.as_deref().unwrap();
    let path = format!(
        "/api/v1/catalog/models?type=bedrock&q={}&limit=1",
        regional.id
    );
    let default = app.get(&path).await.json(200);
    assert_eq!(default["items"][0]["region"], Value::Null);
    let told = app.get(&format!("{path}&region={region}")).await.json(200);
    assert_eq!(told["items"][0]["region"], region);
    assert_eq!(told["items"][0]["id"], regional.id);
    let elsewhere = app.get(&format!("{path}&region=nowhere-1")).await.json(200);
    assert_eq!(elsewhere, default);
}
