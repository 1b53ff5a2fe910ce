//! Reading the ledger: rows and sums as people and programs see them.

use admin::{PageRequest, calls::CallQuery, providers::ProviderStatus};
use domain::{
    CallId, NanoUsd, PerBucket, Timestamp,
    call::{Call, CallStart, Operation, Outcome},
    pricing::{AppliedRate, AppliedSearchRate, Charge, PriceState, RateSource},
    provider::ProviderType,
    usage::Usage,
};
use futures_util::StreamExt as _;
use journal::{Entry, Journal, Position, SyncPolicy};
use serde_json::{Value, json};
use store::ledger::Writer;
use uuid::Uuid;

use crate::app::{App, id, told, who};

/// Puts calls into the ledger.
async fn record(app: &App, calls: Vec<Call>) {
    let (_, reader) = Journal::open(&app.dir.path().join("journal"), SyncPolicy::Off).unwrap();
    let mut writer = Writer::new(app.store.clone(), reader).unwrap();
    let entries = calls
        .into_iter()
        .map(|call| Entry::Finish(Box::new(call)))
        .collect();
    writer.record(entries, Position::default()).await.unwrap();
}

fn call(provider: &str, at: Timestamp) -> Call {
    let rate = |text: &str, source| {
        Some(AppliedRate {
            usd_per_mtok: text.parse().unwrap(),
            source,
        })
    };
    Call {
        start: CallStart {
            id: CallId(Uuid::now_v7()),
            started_at: at,
            provider: id(provider),
            provider_type: ProviderType::OpenAi,
            model: Some("gpt-4o".to_owned()),
            requested_model: Some("gpt-4o".to_owned()),
            operation: Operation::Chat,
            streamed: true,
            agent: Some("bot".to_owned()),
            user: None,
            conversation: None,
            token: None,
            endpoint: Some("api.openai.com:443".to_owned()),
            attempt_of: None,
            catalog_version: "2026-11-15".to_owned(),
            estimated_input: None,
        },
        status: 200,
        outcome: Outcome::Ok,
        latency_us: 1_234_567,
        ttfb_us: Some(499),
        overhead_us: 87,
        replied_model: Some("gpt-4o-2024-08-06".to_owned()),
        upstream_request_id: Some("req_1".to_owned()),
        service_tier: Some("default".to_owned()),
        geography: None,
        background_response: None,
        usage: Usage {
            tokens: PerBucket {
                input: Some(100),
                output: Some(20),
                cached_input: Some(0),
                ..PerBucket::default()
            },
            reasoning: Some(5),
            searches: Some(1),
            provider_total: Some(120),
        },
        usage_mismatch: false,
        price_state: PriceState::Priced,
        charge: Charge {
            total: Some(NanoUsd(10_450_000)),
            cost: PerBucket {
                input: Some(NanoUsd(250_000)),
                output: Some(NanoUsd(200_000)),
                ..PerBucket::default()
            },
            reasoning: Some(NanoUsd(50_000)),
            searches: Some(NanoUsd(10_000_000)),
            rates: PerBucket {
                input: rate("2.50", RateSource::Catalog),
                output: rate("10", RateSource::Override),
                ..PerBucket::default()
            },
            search_rate: Some(AppliedSearchRate {
                usd_per_thousand: "10".parse().unwrap(),
                source: RateSource::Catalog,
            }),
            ..Charge::default()
        },
    }
}

async fn rows(app: &App, query: &str) -> Vec<Value> {
    let page = app
        .admin
        .calls()
        .list(&who(), &CallQuery::read(query).unwrap())
        .await
        .unwrap();
    page.items
        .iter()
        .map(|call| serde_json::to_value(call).unwrap())
        .collect()
}

#[tokio::test]
async fn a_call_is_told_whole_and_not_reported_is_not_zero() {
    let app = App::new().await;
    let at: Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
    let call = call("main", at);
    let call_id = call.start.id;
    record(&app, vec![call]).await;
    let mut row = rows(&app, "").await.remove(0);
    let recorded_seq = row.as_object_mut().unwrap().remove("recorded_seq");
    assert_eq!(recorded_seq, Some(json!(1)));
    assert_eq!(
        row,
        json!({
            "id": call_id.to_string(),
            "started_at": "2026-11-20T10:00:00Z",
            "provider": "main",
            "provider_type": "openai",
            "model": "gpt-4o",
            "requested_model": "gpt-4o",
            "replied_model": "gpt-4o-2024-08-06",
            "operation": "chat",
            "streamed": true,
            "status": 200,
            "outcome": "ok",
            "price_state": "priced",
            "latency_ms": 1235,
            "ttfb_ms": 0,
            "overhead_us": 87,
            "agent": "bot",
            "attempt_of": null,
            "user": null,
            "conversation": null,
            "token": null,
            "upstream_request_id": "req_1",
            "service_tier": "default",
            "geography": null,
            "endpoint": "api.openai.com:443",
            "catalog_version": "2026-11-15",
            "tokens": {
                "input": 100, "cached_input": 0, "cache_write_5m": null, "cache_write_30m": null, "cache_write_1h": null,
                "cache_write_12h": null, "cache_write_unknown": null, "output": 20, "reasoning": 5,
            },
            "searches": 1,
            "provider_total": 120,
            "has_transcript": null,
            "usage_mismatch": false,
            "cost_usd": {
                "total": "0.010450000", "input": "0.000250000", "cached_input": null, "cache_write_5m": null,
                "cache_write_30m": null, "cache_write_1h": null, "cache_write_12h": null, "cache_write_unknown": null,
                "output": "0.000200000", "reasoning": "0.000050000", "searches": "0.010000000",
            },
            "rates": {
                "input": {"usd_per_mtok": "2.5", "source": "catalog"},
                "output": {"usd_per_mtok": "10", "source": "override"},
                "searches": {"usd_per_thousand": "10", "source": "catalog"},
            },
        })
    );
}

#[tokio::test]
async fn audio_and_image_kinds_stand_where_they_occur() {
    let app = App::new().await;
    let mut spoken = call("main", Timestamp::now());
    spoken.usage.tokens.input_audio = Some(7);
    spoken.charge.cost.input_audio = Some(NanoUsd(1));
    spoken.charge.rates.input_audio = spoken.charge.rates.input;
    record(&app, vec![spoken]).await;
    let row = rows(&app, "").await.remove(0);
    assert_eq!(row["tokens"]["input_audio"], 7);
    assert_eq!(row["cost_usd"]["input_audio"], "0.000000001");
    assert_eq!(row["rates"]["input_audio"]["source"], "catalog");
    assert!(row["tokens"].get("output_audio").is_none());
}

#[tokio::test]
async fn an_unpriced_call_has_no_total() {
    let app = App::new().await;
    let mut unpriced = call("main", Timestamp::now());
    unpriced.price_state = PriceState::Unpriced;
    unpriced.charge.total = None;
    record(&app, vec![unpriced]).await;
    let row = rows(&app, "price_state=unpriced").await.remove(0);
    assert_eq!(
        (&row["cost_usd"]["total"], &row["cost_usd"]["input"]),
        (&Value::Null, &json!("0.000250000"))
    );
    let usage = app.admin.usage().read(&who(), "").await.unwrap();
    let usage = serde_json::to_value(usage).unwrap();
    assert_eq!(
        (&usage["total"], &usage["unpriced_calls"]),
        (&json!("0.000000000"), &json!(1))
    );
}

#[tokio::test]
async fn calls_are_paged_newest_first_and_followed_by_their_place() {
    let app = App::new().await;
    let calls: Vec<Call> = (0..5).map(|_| call("main", Timestamp::now())).collect();
    let ids: Vec<CallId> = calls.iter().rev().map(|call| call.start.id).collect();
    record(&app, calls).await;
    let mut query = CallQuery {
        page: PageRequest::first(2),
        ..CallQuery::default()
    };
    let mut seen = vec![];
    loop {
        let page = app.admin.calls().list(&who(), &query).await.unwrap();
        seen.extend(page.items.iter().map(|call| call.id));
        query.page.cursor = page.next_cursor;
        if query.page.cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, ids);
    let last = rows(&app, "").await;
    let after = format!("after={}", last[2]["recorded_seq"]);
    assert_eq!(rows(&app, &after).await.len(), 2);
    query.page.cursor = Some("nonsense".to_owned());
    let error = app.admin.calls().list(&who(), &query).await.unwrap_err();
    assert_eq!(told(&error).2, [("cursor".to_owned(), "invalid_cursor")]);
}

#[tokio::test]
async fn usage_is_the_sum_of_the_rows() {
    let app = App::with_secret().await;
    app.openai("Main").await;
    let at: Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
    record(
        &app,
        vec![call("main", at), call("main", at), call("gone", at)],
    )
    .await;
    let range = "from=2026-11-20T00:00:00Z&to=2026-11-21T00:00:00Z&bucket=day";
    let read = async |query: String| {
        serde_json::to_value(app.admin.usage().read(&who(), &query).await.unwrap()).unwrap()
    };
    assert_eq!(
        read(format!(
            "metric=spend&group_by=provider&tz=Europe/Berlin&{range}"
        ))
        .await,
        json!({
            "metric": "spend", "unit": "usd", "group_by": "provider",
            "from": "2026-11-20T00:00:00Z", "to": "2026-11-21T00:00:00Z", "bucket": "day", "tz": "Europe/Berlin",
            "total": "0.031350000", "unpriced_calls": 0, "estimated_calls": 0,
            "series": [
                {"key": "main", "label": "Main", "total": "0.020900000", "unpriced_calls": 0, "estimated_calls": 0, "points": [
                    {"start": "2026-11-20T00:00:00+01:00", "value": "0.020900000"},
                    {"start": "2026-11-21T00:00:00+01:00", "value": "0.000000000"},
                ]},
                {"key": "gone", "label": "gone", "total": "0.010450000", "unpriced_calls": 0, "estimated_calls": 0, "points": [
                    {"start": "2026-11-20T00:00:00+01:00", "value": "0.010450000"},
                    {"start": "2026-11-21T00:00:00+01:00", "value": "0.000000000"},
                ]},
            ],
        })
    );
    let requests = read(format!("metric=requests&{range}&provider=main")).await;
    assert_eq!(
        (&requests["total"], &requests["unit"]),
        (&json!(2), &json!("requests"))
    );
    let tokens = read(format!(
        "metric=tokens&group_by=token_type&{range}&provider.not=gone"
    ))
    .await;
    assert_eq!(
        (&tokens["total"], &tokens["unit"]),
        (&json!(240), &json!("tokens"))
    );
    for (query, field) in [
        ("metric=requests&group_by=token_type".to_owned(), "metric"),
        ("metric=requests&cost_type=input".to_owned(), "metric"),
        (
            "from=2026-11-20T00:00:00Z&to=2026-11-20T00:00:00Z".to_owned(),
            "to",
        ),
        ("from=1990-01-01T00:00:00Z&bucket=hour".to_owned(), "bucket"),
    ] {
        let error = app.admin.usage().read(&who(), &query).await.unwrap_err();
        let (status, _, fields) = told(&error);
        assert_eq!((status, fields[0].0.as_str()), (400, field), "{query}");
    }
}

#[tokio::test]
async fn a_refused_credential_needs_attention_until_the_provider_is_changed() {
    let app = App::with_secret().await;
    let view = app.openai("Main").await;
    let mut refused = call("main", Timestamp::now());
    refused.status = 401;
    refused.outcome = Outcome::UpstreamError;
    record(&app, vec![refused]).await;
    let status = app.admin.providers().status(&who(), &view).await.unwrap();
    assert_eq!(status.key(), "needs_attention");
    assert_eq!(
        app.admin
            .providers()
            .used_by(&who(), "main")
            .await
            .unwrap()
            .calls_last_hour,
        1
    );
    let changed = app
        .admin
        .providers()
        .set_enabled(&who(), "main", false)
        .await
        .unwrap();
    assert_eq!(
        app.admin
            .providers()
            .status(&who(), &changed)
            .await
            .unwrap(),
        ProviderStatus::Disabled
    );
    let changed = app
        .admin
        .providers()
        .set_enabled(&who(), "main", true)
        .await
        .unwrap();
    assert_eq!(
        app.admin
            .providers()
            .status(&who(), &changed)
            .await
            .unwrap(),
        ProviderStatus::Active
    );
}

#[tokio::test]
async fn the_id_of_a_deleted_provider_with_calls_is_not_given_again() {
    let app = App::with_secret().await;
    app.openai("Main").await;
    record(&app, vec![call("main", Timestamp::now())]).await;
    app.admin
        .providers()
        .delete(
            &who(),
            "main",
            admin::providers::BasedOn::Newest,
            admin::providers::ItsTranscripts::Keep,
        )
        .await
        .unwrap();
    let again =
        json!({"id": "main", "display_name": "X", "type": "openai", "api_key": "OPENAI_API_KEY"});
    let error = app.create(again).await.unwrap_err();
    assert_eq!(
        told(&error),
        (409, "id_burnt", vec![("id".to_owned(), "id_burnt")])
    );
    assert_eq!(app.openai("Main").await.id, id("main-2"));
}

#[tokio::test]
async fn calls_of_the_last_hour_are_counted_to_just_above_a_thousand() {
    let app = App::with_secret().await;
    app.openai("Main").await;
    let counted = async || {
        let used = app.admin.providers().used_by(&who(), "main").await;
        used.unwrap().calls_last_hour
    };
    record(
        &app,
        (0..1_000).map(|_| call("main", Timestamp::now())).collect(),
    )
    .await;
    assert_eq!(counted().await, 1_000);
    record(
        &app,
        (0..5).map(|_| call("main", Timestamp::now())).collect(),
    )
    .await;
    assert_eq!(counted().await, 1_001);
}

#[tokio::test]
async fn what_a_revocation_breaks_is_told_and_the_name_stays() {
    let app = App::new().await;
    let tokens = app.admin.tokens();
    let draft = admin::tokens::TokenDraft {
        name: Some("ci".to_owned()),
        ..Default::default()
    };
    let token = tokens.create(&who(), &draft).await.unwrap().token;
    let now = Timestamp::from_second(Timestamp::now().as_second()).unwrap();
    let shown = |at: Timestamp| {
        let mut call = call("main", at);
        call.start.token = Some(token.id);
        call
    };
    let calls = vec![
        shown(now),
        shown(now - jiff::SignedDuration::from_mins(59)),
        shown(now - jiff::SignedDuration::from_mins(61)),
        // Of nobody.
        call("main", now),
    ];
    record(&app, calls).await;
    let last_hour = tokens.calls_last_hour(&who(), token.id).await.unwrap();
    assert_eq!(last_hour, 2);
    let id = token.id.to_string();
    let found = tokens.get(&who(), &id).await.unwrap();
    assert_eq!((found.name.as_str(), found.last_used_at), ("ci", Some(now)));
    assert!(tokens.revoked(&who()).await.unwrap().is_empty());

    tokens.revoke(&who(), &id).await.unwrap();
    let revoked = tokens.revoked(&who()).await.unwrap();
    assert_eq!(revoked.get(&token.id).map(String::as_str), Some("ci"));
    let error = tokens.get(&who(), &id).await.unwrap_err();
    assert_eq!(told(&error).0, 404);
}

#[tokio::test]
async fn a_report_that_fails_on_the_way_does_not_end_as_if_it_were_whole() {
    let app = App::new().await;
    let mut report = app.admin.usage().report_csv(&who(), "").unwrap();
    let head = report.lines.next().await.unwrap().unwrap();
    assert!(head.starts_with("start,provider,"), "{head}");
    app.store.close().await.unwrap();
    assert!(report.lines.next().await.unwrap().is_err());
    assert!(report.lines.next().await.is_none());
}
