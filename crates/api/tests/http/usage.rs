use domain::pricing::PriceState;
use serde_json::json;

use crate::{
    app::App,
    calls::{call, record},
};

const RANGE: &str = "from=2026-11-20T00:00:00Z&to=2026-11-21T00:00:00Z&bucket=day";

#[tokio::test]
async fn spend_requests_and_tokens_are_sums_of_the_rows() {
    let app = App::with_provider().await;
    record(
        &app,
        vec![
            call("main", "2026-11-20T10:00:00Z", |_| {}),
            call("main", "2026-11-20T11:00:00Z", |call| {
                call.start.agent = Some("bot".to_owned())
            }),
            call("main", "2026-11-20T12:00:00Z", |call| {
                call.price_state = PriceState::Unpriced;
                call.charge.total = None;
            }),
            call("main", "2026-11-21T00:00:00Z", |_| {}),
        ],
    )
    .await;
    let usage = app
        .get(&format!(
            "/api/v1/usage?metric=spend&group_by=provider&{RANGE}"
        ))
        .await
        .json(200);
    assert_eq!(
        usage,
        json!({
            "metric": "spend", "unit": "usd", "group_by": "provider",
            "from": "2026-11-20T00:00:00Z", "to": "2026-11-21T00:00:00Z", "bucket": "day", "tz": "UTC",
            "total": "0.000500000", "unpriced_calls": 1, "estimated_calls": 0,
            "series": [{
                "key": "main", "label": "Main", "total": "0.000500000", "unpriced_calls": 1, "estimated_calls": 0,
                "points": [{"start": "2026-11-20T00:00:00+00:00", "value": "0.000500000"}],
            }],
        })
    );
    let requests = app
        .get(&format!(
            "/api/v1/usage?metric=requests&group_by=agent&{RANGE}"
        ))
        .await
        .json(200);
    assert_eq!(
        (&requests["total"], &requests["unit"]),
        (&json!(3), &json!("requests"))
    );
    assert_eq!(
        (&requests["series"][0]["key"], &requests["series"][1]["key"]),
        (&json!(null), &json!("bot"))
    );
    let tokens = app
        .get(&format!("/api/v1/usage?metric=tokens&agent=bot&{RANGE}"))
        .await
        .json(200);
    assert_eq!(
        (
            &tokens["total"],
            &tokens["unit"],
            &tokens["series"][0]["key"]
        ),
        (&json!(100), &json!("tokens"), &json!(null))
    );
}

#[tokio::test]
async fn nothing_is_needed_to_ask() {
    let app = App::new().await;
    let usage = app.get("/api/v1/usage").await.json(200);
    assert_eq!(
        (&usage["metric"], &usage["total"], &usage["tz"]),
        (&json!("spend"), &json!("0.000000000"), &json!("UTC"))
    );
}

#[tokio::test]
async fn wrong_parameters_are_named() {
    let app = App::new().await;
    for (query, field, code) in [
        ("metric=money", "metric", "invalid_value"),
        ("group_by=team", "group_by", "invalid_value"),
        ("bucket=minute", "bucket", "invalid_value"),
        ("from=x", "from", "invalid_time"),
        ("to=x", "to", "invalid_time"),
        ("tz=Mars/Olympus", "tz", "invalid_time_zone"),
        ("provider=A", "provider", "invalid_value"),
        ("token=x", "token", "invalid_value"),
        ("token_type=x", "token_type", "invalid_value"),
        ("cost_type=x", "cost_type", "invalid_value"),
        ("limit=5", "limit", "unknown_parameter"),
        (
            "from=2026-11-20T00:00:00Z&to=2026-11-19T00:00:00Z",
            "to",
            "empty_range",
        ),
        (
            "from=1990-01-01T00:00:00Z&bucket=hour",
            "bucket",
            "too_many_buckets",
        ),
        (
            "metric=requests&group_by=token_type",
            "metric",
            "requests_have_no_types",
        ),
        (
            "metric=requests&group_by=cost_type",
            "metric",
            "requests_have_no_types",
        ),
        (
            "metric=requests&token_type=input",
            "metric",
            "requests_have_no_types",
        ),
    ] {
        app.get(&format!("/api/v1/usage?{query}")).await.fields(
            400,
            "invalid_query",
            &[(field, code)],
        );
    }
}
