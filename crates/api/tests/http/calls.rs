use domain::{
    CallId, NanoUsd, PerBucket, ProviderId, Timestamp,
    call::{Call, CallStart, Operation, Outcome},
    pricing::{AppliedRate, Charge, PriceState, RateSource},
    provider::ProviderType,
    usage::Usage,
};
use journal::{Entry, Journal, Position, SyncPolicy};
use serde_json::{Value, json};
use store::ledger::Writer;
use uuid::Uuid;

use crate::app::App;

/// Puts calls into the ledger.
pub(crate) async fn record(app: &App, calls: Vec<Call>) {
    let (_, reader) = Journal::open(&app.dir.path().join("journal"), SyncPolicy::Off).unwrap();
    let mut writer = Writer::new(app.store.clone(), reader).unwrap();
    let entries = calls
        .into_iter()
        .map(|call| Entry::Finish(Box::new(call)))
        .collect();
    writer.record(entries, Position::default()).await.unwrap();
}

/// Seals what is over, and deletes what is not to be kept.
pub(crate) async fn seal(app: &App) {
    let (_, reader) = Journal::open(&app.dir.path().join("journal"), SyncPolicy::Off).unwrap();
    let mut writer = Writer::new(app.store.clone(), reader).unwrap();
    writer.seal(Timestamp::now()).await.unwrap();
}

/// A call of 100 tokens at 2.50 dollars per million.
pub(crate) fn call(provider: &str, at: &str, change: impl FnOnce(&mut Call)) -> Call {
    let started_at: Timestamp = at.parse().unwrap();
    let rate = AppliedRate {
        usd_per_mtok: "2.5".parse().unwrap(),
        source: RateSource::Catalog,
    };
    let ms = u64::try_from(started_at.as_millisecond()).unwrap();
    let id = Uuid::now_v7().as_u128() & ((1 << 80) - 1) | (u128::from(ms) << 80);
    let mut call = Call {
        start: CallStart {
            id: CallId(Uuid::from_u128(id)),
            started_at,
            provider: ProviderId::new(provider).unwrap(),
            provider_type: ProviderType::OpenAi,
            model: Some("gpt-4o".to_owned()),
            requested_model: Some("gpt-4o".to_owned()),
            operation: Operation::Chat,
            streamed: false,
            agent: None,
            user: None,
            conversation: None,
            token: None,
            endpoint: None,
            attempt_of: None,
            catalog_version: "2026-11-15".to_owned(),
            estimated_input: None,
        },
        status: 200,
        outcome: Outcome::Ok,
        latency_us: 2_000_000,
        ttfb_us: Some(500_000),
        overhead_us: 80,
        replied_model: None,
        upstream_request_id: None,
        service_tier: None,
        geography: None,
        background_response: None,
        usage: Usage {
            tokens: PerBucket {
                input: Some(100),
                ..PerBucket::default()
            },
            ..Usage::default()
        },
        usage_mismatch: false,
        price_state: PriceState::Priced,
        charge: Charge {
            total: Some(NanoUsd(250_000)),
            cost: PerBucket {
                input: Some(NanoUsd(250_000)),
                ..PerBucket::default()
            },
            rates: PerBucket {
                input: Some(rate),
                ..PerBucket::default()
            },
            ..Charge::default()
        },
    };
    change(&mut call);
    call
}

async fn providers_of(app: &App, query: &str) -> Vec<String> {
    let page = app.get(&format!("/api/v1/calls{query}")).await.json(200);
    let items: &Vec<Value> = page["items"].as_array().unwrap();
    items
        .iter()
        .map(|call| call["provider"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn every_filter_finds_its_calls_newest_first() {
    let app = App::new().await;
    let token: domain::TokenId = "01932c07-0000-7000-8000-000000000001".parse().unwrap();
    record(
        &app,
        vec![
            call("a", "2026-11-20T10:00:00Z", |_| {}),
            call("b", "2026-11-20T11:00:00Z", |call| {
                call.start.agent = Some("bot".to_owned());
                call.start.user = Some("ada".to_owned());
                call.start.token = Some(token);
            }),
            call("c", "2026-11-20T12:00:00Z", |call| {
                call.status = 429;
                call.outcome = Outcome::UpstreamError;
                call.price_state = PriceState::NotBilled;
                call.charge = Charge::default();
                call.start.model = Some("gpt-5".to_owned());
            }),
            call("d", "2026-11-20T13:00:00Z", |call| {
                call.charge.total = Some(NanoUsd(2_000_000_000));
                call.latency_us = 9_000_000;
                call.start.operation = Operation::Embeddings;
            }),
        ],
    )
    .await;
    for (query, expected) in [
        ("", "dcba"),
        ("?limit=2", "dc"),
        ("?provider=a&provider=c", "ca"),
        ("?provider.not=a&provider.not=c", "db"),
        ("?provider=a&model=gpt-5", ""),
        ("?model=gpt-5", "c"),
        ("?model.not=gpt-5", "dba"),
        ("?agent=bot", "b"),
        ("?agent=", "dca"),
        ("?agent.not=", "b"),
        ("?user=ada", "b"),
        ("?user.not=ada", "dca"),
        ("?token=01932c07-0000-7000-8000-000000000001", "b"),
        ("?token=", "dca"),
        ("?outcome=upstream_error", "c"),
        ("?outcome.not=upstream_error&price_state=priced", "dba"),
        ("?price_state=not_billed", "c"),
        ("?operation=embeddings", "d"),
        ("?status=429", "c"),
        ("?status=2xx", "dba"),
        ("?status=200&status=429", "dcba"),
        ("?status.not=429", "dba"),
        ("?since=2026-11-20T12:00:00Z", "dc"),
        ("?until=2026-11-20T12:00:00Z", "ba"),
        (
            "?since=2026-11-20T12:00:00%2B01:00&until=2026-11-20T12:00:00Z",
            "b",
        ),
        ("?cost_above=1.5", "d"),
        ("?latency_above=5000", "d"),
    ] {
        assert_eq!(
            providers_of(&app, query).await.concat(),
            expected,
            "{query}"
        );
    }
}

#[tokio::test]
async fn pages_go_on_where_the_one_before_ended_though_new_calls_come_in() {
    let app = App::new().await;
    record(
        &app,
        (0..5)
            .map(|n| call("a", &format!("2026-11-20T10:00:0{n}Z"), |_| {}))
            .collect(),
    )
    .await;
    let first = app.get("/api/v1/calls?limit=3").await.json(200);
    record(&app, vec![call("new", "2026-11-20T11:00:00Z", |_| {})]).await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = app
        .get(&format!("/api/v1/calls?limit=3&cursor={cursor}"))
        .await
        .json(200);
    assert_eq!(
        (
            second["items"].as_array().unwrap().len(),
            &second["next_cursor"]
        ),
        (2, &json!(null))
    );
    let seq = first["items"][0]["recorded_seq"].as_i64().unwrap();
    assert_eq!(providers_of(&app, &format!("?after={seq}")).await, ["new"]);
}

#[tokio::test]
async fn a_call_has_every_field() {
    let app = App::new().await;
    record(&app, vec![call("a", "2026-11-20T10:00:00Z", |_| {})]).await;
    let call = app.get("/api/v1/calls").await.json(200)["items"][0].clone();
    for field in [
        "id",
        "started_at",
        "provider",
        "model",
        "operation",
        "streamed",
        "status",
        "outcome",
        "price_state",
        "latency_ms",
        "agent",
        "user",
        "tokens",
        "cost_usd",
        "rates",
        "requested_model",
        "ttfb_ms",
        "overhead_us",
        "upstream_request_id",
        "service_tier",
        "endpoint",
        "searches",
        "usage_mismatch",
        "recorded_seq",
        "geography",
        "catalog_version",
        "provider_total",
        "replied_model",
        "token",
        "provider_type",
        "conversation",
    ] {
        assert!(call.get(field).is_some(), "{field}");
    }
    assert_eq!(
        (&call["tokens"]["input"], &call["tokens"]["output"]),
        (&json!(100), &json!(null))
    );
    assert_eq!(
        (&call["cost_usd"]["total"], &call["cost_usd"]["input"]),
        (&json!("0.000250000"), &json!("0.000250000"))
    );
    assert_eq!(
        call["rates"],
        json!({"input": {"usd_per_mtok": "2.5", "source": "catalog"}})
    );
    assert_eq!(
        (&call["latency_ms"], &call["ttfb_ms"], &call["started_at"]),
        (&json!(2000), &json!(500), &json!("2026-11-20T10:00:00Z"))
    );
}

#[tokio::test]
async fn wrong_filters_are_named() {
    let app = App::new().await;
    for (query, field, code) in [
        ("provider=A", "provider", "invalid_value"),
        ("token=wr_x", "token", "invalid_value"),
        ("outcome=good", "outcome", "invalid_value"),
        ("outcome.not=good", "outcome.not", "invalid_value"),
        ("price_state=cheap", "price_state", "invalid_value"),
        ("operation=x", "operation", "invalid_value"),
        ("status=abc", "status", "invalid_status"),
        ("since=2026", "since", "invalid_time"),
        ("until=now", "until", "invalid_time"),
        ("cost_above=-1", "cost_above", "invalid_amount"),
        ("latency_above=-1", "latency_above", "invalid_number"),
        ("after=x", "after", "invalid_number"),
        ("cursor=xyz", "cursor", "invalid_cursor"),
        ("sort=cost", "sort", "unknown_parameter"),
        (
            "since.not=2026-11-01T00:00:00Z",
            "since.not",
            "unknown_parameter",
        ),
    ] {
        app.get(&format!("/api/v1/calls?{query}")).await.fields(
            400,
            "invalid_query",
            &[(field, code)],
        );
    }
}
