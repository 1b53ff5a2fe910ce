//! Pricing calls again by today's rates: what changes, what stays, and what is refused.

use admin::{
    AdminError, PageRequest,
    repricing::{RateState, RepricingDetail, Totals},
};
use domain::{
    CallId, NanoUsd, Timestamp,
    call::{Call, CallStart, Operation, Outcome},
    pricing::{Charge, PriceState},
    provider::ProviderType,
    usage::Usage,
};
use journal::{Entry, Journal, Position, SyncPolicy};
use serde_json::{Value, json};
use store::{AuditFilter, CallFilter, ledger::Writer};
use uuid::Uuid;

use crate::app::{App, id, told, who};

pub(crate) const AT: &str = "2026-11-10T10:00:00Z";
const FROM: &str = "2026-11-01T00:00:00Z";
const TO: &str = "2026-11-20T00:00:00Z";

/// Puts calls into the ledger.
pub(crate) async fn record(app: &App, calls: &[Call]) {
    let (_, reader) = Journal::open(&app.dir.path().join("journal"), SyncPolicy::Off).unwrap();
    let mut writer = Writer::new(app.store.clone(), reader).unwrap();
    let entries = calls.iter().cloned();
    let entries = entries.map(|call| Entry::Finish(Box::new(call))).collect();
    writer.record(entries, Position::default()).await.unwrap();
}

/// An unpriced call of a model: a million tokens in, a thousand out.
pub(crate) fn call(provider: &str, model: &str, at: &str) -> Call {
    let started_at: Timestamp = at.parse().unwrap();
    let ms = u128::try_from(started_at.as_millisecond()).unwrap();
    let random = Uuid::now_v7().as_u128() & ((1 << 62) - 1);
    let mut usage = Usage::default();
    usage.tokens.input = Some(1_000_000);
    usage.tokens.output = Some(1_000);
    Call {
        start: CallStart {
            id: CallId(Uuid::from_u128((ms << 80) | (7 << 76) | (2 << 62) | random)),
            started_at,
            provider: id(provider),
            provider_type: ProviderType::OpenAi,
            model: Some(model.to_owned()),
            requested_model: Some(model.to_owned()),
            operation: Operation::Chat,
            streamed: false,
            agent: None,
            user: None,
            conversation: None,
            token: None,
            endpoint: None,
            attempt_of: None,
            catalog_version: "2025-01-01".to_owned(),
            estimated_input: None,
        },
        status: 200,
        outcome: Outcome::Ok,
        latency_us: 1,
        ttfb_us: None,
        overhead_us: 1,
        replied_model: None,
        upstream_request_id: None,
        service_tier: None,
        geography: None,
        background_response: None,
        usage,
        usage_mismatch: false,
        price_state: PriceState::Unpriced,
        charge: Charge::default(),
    }
}

/// The same call with a price that nobody would give it today.
pub(crate) fn priced(mut call: Call, nano: i64) -> Call {
    call.price_state = PriceState::Priced;
    call.charge.cost.input = Some(NanoUsd(nano));
    call.charge.total = Some(NanoUsd(nano));
    call
}

/// A provider whose own-model costs these many dollars a million, in and out.
pub(crate) async fn provider(app: &App, rate: Option<&str>) {
    let rates = rate.map(|rate| json!({"input": rate, "output": rate}));
    let model = json!({"id": "own-model", "rates": rates.unwrap_or_else(|| json!({}))});
    app.create(json!({"display_name": "Main", "type": "openai", "api_key": "OPENAI_API_KEY", "models": [model]}))
        .await
        .unwrap();
}

pub(crate) async fn override_rate(app: &App, rate: &str) {
    let patch = json!({"models": [{"id": "own-model", "rates": {"input": rate, "output": rate}}]});
    let based_on = admin::providers::BasedOn::Newest;
    app.admin
        .providers()
        .update(&who(), "main", based_on, patch)
        .await
        .unwrap();
}

/// Asks for a re-pricing and has it computed.
pub(crate) async fn computed(app: &App, json: Value) -> RepricingDetail {
    let mut whole = json!({"from": FROM, "to": TO});
    let (Value::Object(whole_fields), Value::Object(fields)) = (&mut whole, json) else {
        unreachable!()
    };
    whole_fields.extend(fields);
    let repricing = app.admin.repricing();
    let selection = repricing.select(whole).unwrap();
    let asked = repricing.create(&who(), selection).await.unwrap();
    assert_eq!((asked.state, asked.totals), ("computing", None));
    repricing.work().await.unwrap();
    repricing.get(&who(), &asked.id.to_string()).await.unwrap()
}

pub(crate) async fn apply(app: &App, seen: &RepricingDetail) -> Result<(), AdminError> {
    let repricing = app.admin.repricing();
    let fingerprint = seen.repricing.fingerprint.clone().unwrap();
    let id = seen.repricing.id.to_string();
    repricing.apply(&who(), &id, &fingerprint).await.map(drop)
}

pub(crate) async fn rows(app: &App) -> Vec<Call> {
    let page = app
        .store
        .calls()
        .list(&CallFilter::default(), 1_000, None)
        .await;
    page.unwrap()
        .items
        .into_iter()
        .map(|row| row.call)
        .collect()
}

pub(crate) async fn balanced(app: &App) {
    assert_eq!(app.store.calls().verify_rollups().await.unwrap(), []);
}

pub(crate) fn totals(of: &RepricingDetail) -> Totals {
    of.repricing.totals.unwrap()
}

#[tokio::test]
async fn nothing_changes_before_it_is_applied_and_then_what_was_shown() {
    let app = App::with_secret().await;
    provider(&app, None).await;
    let one = call("main", "own-model", AT);
    record(&app, &[one.clone(), call("main", "gpt-4o", AT)]).await;
    override_rate(&app, "2").await;

    let seen = computed(&app, json!({})).await;
    let all = totals(&seen);
    assert_eq!((all.calls, all.changed, all.kept), (2, 2, 0));
    assert_eq!((all.unpriced_before, all.unpriced_after), (2, 0));
    // A million in at 2 dollars, a thousand out at 2: $2.002. And gpt-4o by the catalog: $2.50 and $10.
    let own = seen
        .lines
        .iter()
        .find(|line| line.model.as_deref() == Some("own-model"))
        .unwrap();
    assert_eq!(
        (own.day.as_str(), own.totals.after_usd),
        ("2026-11-10", NanoUsd(2_002_000_000))
    );
    assert_eq!(all.after_usd, NanoUsd(2_002_000_000 + 2_510_000_000));
    assert_eq!(all.before_usd, NanoUsd::ZERO);
    assert!(
        rows(&app)
            .await
            .iter()
            .all(|call| call.price_state == PriceState::Unpriced)
    );

    apply(&app, &seen).await.unwrap();
    app.admin.repricing().work().await.unwrap();
    let after = rows(&app).await;
    let spent: NanoUsd = after.iter().filter_map(|call| call.charge.total).sum();
    assert_eq!(spent, all.after_usd);
    balanced(&app).await;
    let done = app
        .admin
        .repricing()
        .get(&who(), &seen.repricing.id.to_string())
        .await
        .unwrap();
    assert_eq!(
        (done.repricing.state, done.repricing.calls_changed),
        ("applied", 2)
    );
    assert_eq!(done.repricing.applied_by.as_deref(), Some("admin_token"));
    assert!(done.repricing.finished_at.is_some());
    let before = app
        .admin
        .repricing()
        .prices_before(&who(), one.start.id)
        .await
        .unwrap();
    assert_eq!(before.len(), 1);
    assert_eq!(
        (before[0].price_state, before[0].total),
        (PriceState::Unpriced, None)
    );
    assert_eq!(before[0].catalog_version, "2025-01-01");

    // A second time there is nothing left to change, and it cannot be applied twice.
    let again = computed(&app, json!({})).await;
    assert_eq!((totals(&again).changed, again.lines.len()), (0, 0));
    let error = apply(&app, &seen).await.unwrap_err();
    assert_eq!(told(&error).1, "repricing_not_ready");
    let error = app
        .admin
        .repricing()
        .discard(&who(), &seen.repricing.id.to_string())
        .await
        .unwrap_err();
    assert_eq!(told(&error).1, "repricing_applied");
}

#[tokio::test]
async fn what_is_estimated_stays_so_and_what_is_not_billed_is_not_touched() {
    let app = App::with_secret().await;
    provider(&app, Some("2")).await;
    let mut estimated = priced(call("main", "own-model", AT), 7);
    estimated.price_state = PriceState::Estimated;
    let mut unpriced = call("main", "own-model", "2026-11-10T10:00:01Z");
    unpriced.charge.estimated = true;
    let mut interrupted = call("main", "own-model", "2026-11-10T10:00:02Z");
    interrupted.outcome = Outcome::Interrupted;
    let mut free = call("main", "own-model", "2026-11-10T10:00:03Z");
    free.price_state = PriceState::NotBilled;
    let mut other = call("main", "own-model", "2026-11-10T10:00:04Z");
    (other.start.operation, other.usage) = (Operation::Other, Usage::default());
    let mut beside = call("main", "own-model", "2026-11-10T10:00:05Z");
    beside.charge.billed_beside = true;
    record(
        &app,
        &[estimated, unpriced, interrupted, free, other, beside],
    )
    .await;

    let seen = computed(&app, json!({"providers": ["main"]})).await;
    let all = totals(&seen);
    assert_eq!((all.calls, all.changed, all.unpriced_after), (5, 3, 2));
    apply(&app, &seen).await.unwrap();
    app.admin.repricing().work().await.unwrap();
    let mut after = rows(&app).await;
    after.sort_by_key(|call| call.start.started_at);
    let states: Vec<_> = after.iter().map(|call| call.price_state).collect();
    let est = PriceState::Estimated;
    assert_eq!(
        states,
        [
            est,
            est,
            est,
            PriceState::NotBilled,
            PriceState::Unpriced,
            PriceState::Unpriced
        ]
    );
    // What is unpriced for another reason than a missing rate keeps that reason.
    assert!(after[5].charge.billed_beside);
    balanced(&app).await;
}

#[tokio::test]
async fn a_price_is_never_taken_away_and_a_model_without_a_rate_stays_unpriced() {
    let app = App::with_secret().await;
    provider(&app, None).await;
    let dear = priced(call("main", "nobody-knows", AT), 5_000);
    record(
        &app,
        &[
            dear,
            call("main", "nobody-knows", AT),
            call("gone", "gpt-4o", AT),
            call("gone", "own-model", AT),
        ],
    )
    .await;
    let seen = computed(&app, json!({})).await;
    let all = totals(&seen);
    // Of the deleted provider only the catalog's model has a rate.
    assert_eq!((all.changed, all.kept, all.unpriced_after), (1, 1, 2));
    // Models that do not change count as well.
    assert_eq!(seen.models.len(), 3);
    let of_models: u64 = seen.models.iter().map(|line| line.totals.calls).sum();
    assert_eq!((of_models, seen.other_models), (all.calls, None));
    let repricing = app.admin.repricing();
    let state = |provider, model| repricing.rate_state(&who(), provider, model);
    assert_eq!(state("main", "nobody-knows"), RateState::Missing);
    assert_eq!(state("main", "gpt-4o"), RateState::Known);
    assert_eq!(state("gone", "gpt-4o"), RateState::ProviderDeleted);
    let only = computed(
        &app,
        json!({"only_unpriced": true, "models": ["nobody-knows"]}),
    )
    .await;
    assert_eq!((totals(&only).calls, totals(&only).changed), (1, 0));
}

#[tokio::test]
async fn rates_that_changed_since_are_refused_and_computed_again() {
    let app = App::with_secret().await;
    provider(&app, Some("2")).await;
    record(&app, &[call("main", "own-model", AT)]).await;
    let seen = computed(&app, json!({})).await;
    // What does not concern prices does not matter.
    app.openai("Another").await;
    override_rate(&app, "3").await;
    let error = apply(&app, &seen).await.unwrap_err();
    assert_eq!((told(&error).0, told(&error).1), (409, "rates_changed"));
    assert_eq!(rows(&app).await[0].price_state, PriceState::Unpriced);

    let repricing = app.admin.repricing();
    let id = seen.repricing.id.to_string();
    assert_eq!(
        repricing.get(&who(), &id).await.unwrap().repricing.state,
        "computing"
    );
    repricing.work().await.unwrap();
    let anew = repricing.get(&who(), &id).await.unwrap();
    assert_eq!(totals(&anew).after_usd, NanoUsd(3_003_000_000));
    // The figures that were seen first are not what is applied.
    let error = apply(&app, &seen).await.unwrap_err();
    assert_eq!(told(&error).1, "fingerprint_differs");
    let state = repricing.get(&who(), &id).await.unwrap().repricing.state;
    assert_eq!(state, "ready");
    apply(&app, &repricing.get(&who(), &id).await.unwrap())
        .await
        .unwrap();

    // From here on rates may change: what was shown is what is applied, also by the next start.
    override_rate(&app, "9").await;
    repricing.work().await.unwrap();
    assert_eq!(
        rows(&app).await[0].charge.total,
        Some(NanoUsd(3_003_000_000))
    );
    balanced(&app).await;
}

#[tokio::test]
async fn calls_that_come_later_are_not_in_it_and_one_that_was_applied_outdates_the_others() {
    let app = App::with_secret().await;
    provider(&app, Some("2")).await;
    record(&app, &[call("main", "own-model", AT)]).await;
    let (one, two) = (
        computed(&app, json!({})).await,
        computed(&app, json!({})).await,
    );
    record(&app, &[call("main", "own-model", AT)]).await;
    apply(&app, &one).await.unwrap();
    let error = apply(&app, &two).await.unwrap_err();
    assert_eq!(told(&error).1, "rates_changed");
    app.admin.repricing().work().await.unwrap();
    let unpriced = rows(&app)
        .await
        .iter()
        .filter(|call| call.price_state == PriceState::Unpriced)
        .count();
    assert_eq!(unpriced, 1);
    // Computed anew it has the late one, and only that.
    let anew = app
        .admin
        .repricing()
        .get(&who(), &two.repricing.id.to_string())
        .await
        .unwrap();
    assert_eq!((totals(&anew).calls, totals(&anew).changed), (2, 1));
}

#[tokio::test]
async fn the_audit_has_the_old_figures_and_says_when_it_was_finished() {
    let app = App::with_secret().await;
    provider(&app, Some("2")).await;
    record(
        &app,
        &[
            priced(call("main", "own-model", AT), 7_000_000_000),
            call("main", "own-model", AT),
        ],
    )
    .await;
    let seen = computed(&app, json!({"models": ["own-model"]})).await;
    let id = seen.repricing.id.to_string();
    apply(&app, &seen).await.unwrap();
    app.admin.repricing().work().await.unwrap();
    let discarded = computed(&app, json!({})).await;
    let repricing = app.admin.repricing();
    repricing
        .discard(&who(), &discarded.repricing.id.to_string())
        .await
        .unwrap();
    let error = repricing
        .get(&who(), &discarded.repricing.id.to_string())
        .await
        .unwrap_err();
    assert_eq!(told(&error).1, "repricing_not_found");
    assert_eq!(
        told(&repricing.get(&who(), "x").await.unwrap_err()).1,
        "repricing_not_found"
    );

    let rows = app
        .store
        .audit()
        .list(&AuditFilter::default(), 50, None)
        .await
        .unwrap()
        .items;
    let mut of_it: Vec<_> = rows
        .into_iter()
        .filter(|row| row.entry.object_kind == "repricing")
        .collect();
    of_it.sort_by_key(|row| row.seq);
    let actions: Vec<_> = of_it.iter().map(|row| row.entry.action.as_str()).collect();
    assert_eq!(
        actions,
        ["propose", "apply", "finish", "propose", "discard"]
    );
    let (before, after) = (
        of_it[1].entry.before.clone().unwrap(),
        of_it[1].entry.after.clone().unwrap(),
    );
    assert_eq!(of_it[1].entry.object_id, id);
    assert_eq!(before["models"][0]["spend_usd"], "7.000000000");
    assert_eq!(before["models"][0]["unpriced_calls"], 1);
    assert_eq!(after["models"][0]["spend_usd"], "4.004000000");
    assert_eq!(after["models"][0]["id"], "main own-model");
    assert_eq!(after["selection"]["models"][0], "own-model");
    assert_eq!(of_it[2].entry.after.clone().unwrap()["calls_changed"], 2);
    let list = repricing
        .list(&who(), &PageRequest::first(10))
        .await
        .unwrap();
    assert_eq!(list.items.len(), 1);
}

#[tokio::test]
async fn many_calls_in_many_steps_cost_what_was_shown() {
    let app = App::with_secret().await;
    provider(&app, Some("2")).await;
    let calls: Vec<Call> = (0..600)
        .map(|n| {
            let day = 2 + n % 15;
            let call = call("main", "own-model", &format!("2026-11-{day:02}T10:00:00Z"));
            if n % 3 == 0 {
                priced(call, i64::from(n))
            } else {
                call
            }
        })
        .collect();
    record(&app, &calls).await;
    let seen = computed(&app, json!({})).await;
    assert_eq!(
        (totals(&seen).changed, seen.lines.len(), seen.models.len()),
        (600, 15, 1)
    );
    let lines: NanoUsd = seen.lines.iter().map(|line| line.totals.after_usd).sum();
    assert_eq!(lines, totals(&seen).after_usd);
    apply(&app, &seen).await.unwrap();
    app.admin.repricing().work().await.unwrap();
    let spent: NanoUsd = rows(&app)
        .await
        .iter()
        .filter_map(|call| call.charge.total)
        .sum();
    assert_eq!(spent, totals(&seen).after_usd);
    balanced(&app).await;
}
