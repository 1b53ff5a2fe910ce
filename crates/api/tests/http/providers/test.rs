use admin::probe::Symptom;
use http::Method;
use serde_json::json;

use crate::app::{App, ask};

const PATH: &str = "/api/v1/providers/main/test";

#[tokio::test]
async fn a_test_tells_every_stage_and_what_it_cost() {
    let app = App::with_provider().await;
    assert_eq!(
        app.post(PATH, json!({"model": "gpt-4o"})).await.json(200),
        json!({
            "ok": true,
            "stages": [{"name": "sign_in", "outcome": "passed", "ms": 3, "detail": "said hello"}],
            "call_id": "01932c07-0000-7000-8000-000000000000",
            "model": "gpt-4o", "cost_usd": "0.000012000", "price_state": "priced", "vector": null, "failure": null,
        })
    );
}

#[tokio::test]
async fn a_test_that_fails_says_what_to_do() {
    let app = App::with_provider().await;
    *app.upstream.fails_with.lock().unwrap() = Some(Symptom::Unauthorized);
    let result = app.post(PATH, json!({"model": "gpt-4o"})).await.json(200);
    assert_eq!(result["ok"], false);
    let failure = &result["failure"];
    assert_eq!(
        (&failure["stage"], &failure["symptom"]),
        (&json!("sign_in"), &json!("unauthorized"))
    );
    assert_eq!(
        (&failure["status"], &failure["message"]),
        (&json!(401), &json!("Invalid key"))
    );
    assert!(failure["advice"].as_str().unwrap().contains("KEY"));
}

#[tokio::test]
async fn the_body_may_be_left_out_where_models_are_listed() {
    let app = App::with_provider().await;
    app.send(ask(Method::POST, PATH, None))
        .await
        .fields(422, "invalid", &[("model", "required")]);
    app.patch(
        "/api/v1/providers/main",
        json!({"models": [{"id": "gpt-4o"}]}),
    )
    .await
    .json(200);
    app.send(ask(Method::POST, PATH, None)).await.json(200);
    app.post(PATH, json!({"model": "gpt-5"})).await.fields(
        422,
        "invalid",
        &[("model", "model_not_allowed")],
    );
}

#[tokio::test]
async fn wrong_fields_and_providers_are_told() {
    let app = App::with_provider().await;
    app.post(PATH, json!({"model": 5, "prompt": "x"}))
        .await
        .fields(
            422,
            "invalid",
            &[("model", "wrong_type"), ("prompt", "unknown_field")],
        );
    let answer = app
        .post(
            PATH,
            json!({"model": "a", "authorization": "Bearer sk-canary"}),
        )
        .await;
    answer.fields(422, "invalid", &[("authorization", "must_be_absent")]);
    assert!(!answer.text.contains("canary"));
    app.post("/api/v1/providers/gone/test", json!({}))
        .await
        .problem(404, "provider_not_found");
    app.post(
        "/api/v1/providers",
        json!({"display_name": "Own", "type": "anthropic", "authorization_passthrough": true}),
    )
    .await
    .json(201);
    app.post("/api/v1/providers/own/test", json!({"model": "a"}))
        .await
        .fields(422, "invalid", &[("authorization", "required")]);
    app.post(
        "/api/v1/providers/own/test",
        json!({"model": "a", "authorization": "Bearer x"}),
    )
    .await
    .json(200);
}
