//! Re-pricing over the API: asked for, looked at, applied or discarded.

use domain::{
    call::Call,
    pricing::{Charge, PriceState},
};
use serde_json::{Value, json};

use crate::{
    app::App,
    calls::{call, record},
};

const PATH: &str = "/api/v1/repricings";
const FROM: &str = "2026-11-01T00:00:00Z";
const TO: &str = "2026-11-12T00:00:00Z";

fn unpriced(call: &mut Call) {
    call.price_state = PriceState::Unpriced;
    call.charge = Charge::default();
}

/// Has what is due done, as the server does in the background.
async fn work(app: &App) {
    app.admin.repricing().work().await.unwrap();
}

async fn asked(app: &App, body: Value) -> String {
    let asked = app.post(PATH, body).await.json(202);
    assert_eq!(
        (&asked["state"], &asked["totals"]),
        (&json!("computing"), &Value::Null)
    );
    format!("{PATH}/{}", asked["id"].as_str().unwrap())
}

async fn with_calls() -> App {
    let app = App::with_provider().await;
    let calls = vec![
        call("main", "2026-11-10T10:00:00Z", unpriced),
        call("main", "2026-11-11T10:00:00Z", unpriced),
        call("main", "2026-11-12T10:00:00Z", unpriced),
    ];
    record(&app, calls).await;
    app
}

#[tokio::test]
async fn it_is_looked_at_then_applied_by_the_rates_that_were_seen() {
    let app = with_calls().await;
    let body = json!({"from": FROM, "to": TO, "providers": ["main"], "models": ["gpt-4o"], "only_unpriced": true});
    let path = asked(&app, body).await;
    app.post(&format!("{path}/apply"), json!({"fingerprint": "x"}))
        .await
        .problem(409, "repricing_not_ready");
    work(&app).await;
    let seen = app.get(&path).await.json(200);
    assert_eq!(seen["state"], "ready");
    assert_eq!(
        seen["totals"],
        json!({"calls": 2, "changed": 2, "kept": 0, "before_usd": "0.000000000",
            "after_usd": "0.000500000", "unpriced_before": 2, "unpriced_after": 0})
    );
    assert_eq!(
        (&seen["span"], &seen["time_zone"]),
        (&json!("day"), &json!("UTC"))
    );
    assert_eq!(seen["lines"].as_array().unwrap().len(), 2);
    assert_eq!(seen["lines"][0]["day"], "2026-11-11");
    assert_eq!(seen["models"][0]["changed"], 2);
    let of_calls = |page: Value| {
        page["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|call| call["price_state"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        of_calls(app.get("/api/v1/calls").await.json(200)),
        ["unpriced"; 3]
    );

    let apply = json!({"fingerprint": seen["fingerprint"]});
    let applied = app
        .post(&format!("{path}/apply"), apply.clone())
        .await
        .json(202);
    assert_eq!(applied["state"], "applying");
    work(&app).await;
    let done = app.get(&path).await.json(200);
    assert_eq!(
        (&done["state"], &done["calls_changed"]),
        (&json!("applied"), &json!(2))
    );
    assert_eq!(
        of_calls(app.get("/api/v1/calls").await.json(200)),
        ["unpriced", "priced", "priced"]
    );
    app.post(&format!("{path}/apply"), apply)
        .await
        .problem(409, "repricing_not_ready");
    app.delete(&path).await.problem(409, "repricing_applied");
    let list = app.get(PATH).await.json(200);
    assert_eq!(list["items"][0]["id"], done["id"]);
    assert!(list["items"][0].get("lines").is_none());
}

#[tokio::test]
async fn other_rates_are_refused_and_computed_again() {
    let app = with_calls().await;
    let path = asked(&app, json!({"from": FROM, "to": TO})).await;
    work(&app).await;
    let seen = app.get(&path).await.json(200);
    let models = json!({"models": [{"id": "gpt-4o", "rates": {"input": "1"}}]});
    app.patch("/api/v1/providers/main", models).await.json(200);
    let apply = json!({"fingerprint": seen["fingerprint"]});
    app.post(&format!("{path}/apply"), apply)
        .await
        .problem(409, "rates_changed");
    assert_eq!(app.get(&path).await.json(200)["state"], "computing");
    work(&app).await;
    let anew = app.get(&path).await.json(200);
    assert_eq!(anew["totals"]["after_usd"], "0.000200000");
    app.delete(&path).await.empty(204);
    app.get(&path).await.problem(404, "repricing_not_found");
    app.get(&format!("{PATH}/nonsense"))
        .await
        .problem(404, "repricing_not_found");
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let app = App::with_provider().await;
    let body = json!({"to": "yesterday", "providers": ["No"], "model": "x"});
    app.post(PATH, body).await.fields(
        422,
        "invalid",
        &[
            ("model", "unknown_field"),
            ("from", "required"),
            ("to", "invalid_time"),
            ("providers[0]", "invalid_id"),
        ],
    );
    app.post(PATH, json!({"from": TO, "to": FROM}))
        .await
        .fields(422, "invalid", &[("to", "empty_range")]);
    app.get(&format!("{PATH}?limit=0"))
        .await
        .problem(400, "invalid_query");
    let path = asked(&app, json!({"from": FROM})).await;
    work(&app).await;
    app.post(&format!("{path}/apply"), json!({})).await.fields(
        422,
        "invalid",
        &[("fingerprint", "required")],
    );
}
