//! Other prices for calls that are there: rows, history and every sum agree after each step, whatever
//! happens in between.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::common::{books::*, *};
use domain::{
    NanoUsd,
    call::Call,
    pricing::{Charge, PriceState, RateSource},
};
use sea_orm::ConnectionTrait;
use serde_json::json;
use store::{
    AuditEntry, CallFilter, Choice, RepricingInfo, RepricingPlace, RepricingResult, RepricingState,
    Store,
    ledger::{PricedAgain, Repricer, RepricingStep},
};
use uuid::Uuid;
use weir_store as store;

const FROM: &str = "2025-10-25T03:00:00Z";
const TO: &str = "2025-11-04T09:00:00Z";
const LATER: &str = "2025-12-24T09:00:00Z";

fn entry(action: &str) -> AuditEntry {
    AuditEntry {
        actor: "person:Ada".to_owned(),
        action: action.to_owned(),
        object_kind: "repricing".to_owned(),
        ..noted()
    }
}

/// What is left of a call's price by other rates: some become priced, some unpriced, some have other tokens.
fn priced_again(dice: &mut Dice, before: &Call) -> Option<Call> {
    if before.price_state == PriceState::NotBilled || dice.roll(4) == 0 {
        return None;
    }
    let mut after = before.clone();
    after.start.catalog_version = "2026-01-01".to_owned();
    if let Some(audio) = after.usage.tokens.input_audio.take() {
        let input = &mut after.usage.tokens.input;
        *input = Some(input.unwrap_or(0) + audio);
    }
    after.charge = Charge::default();
    for (bucket, tokens) in after.usage.tokens.iter() {
        if tokens.is_some_and(|tokens| tokens > 0) {
            *after.charge.cost.get_mut(bucket) = Some(NanoUsd(dice.roll(1_000_000_007) as i64));
            *after.charge.rates.get_mut(bucket) = Some(rate("0.5", RateSource::Override));
        }
    }
    after.price_state = dice.one_of(&[
        PriceState::Priced,
        PriceState::Estimated,
        PriceState::Unpriced,
    ]);
    if after.price_state != PriceState::Unpriced {
        after.charge.total = Some(after.charge.cost.iter().filter_map(|(_, cost)| *cost).sum());
    }
    Some(after)
}

async fn ready(store: &Store) -> Uuid {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let id = Uuid::from_u128(NEXT.fetch_add(1, Ordering::Relaxed).into());
    let repricings = store.repricings();
    repricings
        .add(id, &json!({}), &entry("propose"))
        .await
        .unwrap();
    let result = RepricingResult {
        rates: json!({"rates": 1}),
        fingerprint: "today".to_owned(),
        totals: json!({"calls": 1}),
        difference: json!([]),
    };
    assert!(repricings.computed(id, &result).await.unwrap());
    id
}

async fn applied(store: &Store) -> Uuid {
    let id = ready(store).await;
    assert!(
        store
            .repricings()
            .apply(id, "today", &entry("apply"))
            .await
            .unwrap()
    );
    id
}

async fn info(store: &Store, id: Uuid) -> RepricingInfo {
    store.repricings().get(id).await.unwrap().unwrap()
}

/// One step from wherever it is: whether there are more.
async fn step(
    store: &Store,
    repricer: &mut Repricer,
    id: Uuid,
    dice: &mut Dice,
) -> Result<bool, store::StoreError> {
    let info = info(store, id).await;
    let filter = CallFilter::default();
    let (rows, next) = store
        .repricings()
        .calls(&filter, info.until_seq, &info.place, 20)
        .await?;
    let calls: Vec<PricedAgain> = rows
        .iter()
        .filter_map(|row| {
            let after = priced_again(dice, &row.call)?;
            Some(PricedAgain {
                before: row.call.clone(),
                after,
            })
        })
        .collect();
    let taken = RepricingStep {
        repricing: id,
        at: at(LATER),
        from: info.place,
        to: next,
        seen: rows.len() as u64,
        seen_until: rows.last().map(|row| row.call.start.started_at),
        calls: &calls,
    };
    let are_more = taken.to.is_some();
    assert!(repricer.step(&taken).await?);
    // The same step a second time is none.
    assert!(!repricer.step(&taken).await?);
    Ok(are_more)
}

async fn calls(store: &Store) -> Vec<Call> {
    all(store).await.into_iter().map(|row| row.call).collect()
}

async fn assert_figures_are_the_rows(store: &Store, dice: &mut Dice) {
    let rows = calls(store).await;
    balance(store, &rows, dice, 8, (at(FROM), at(TO))).await;
}

#[tokio::test]
async fn rows_and_every_sum_agree_with_the_sealer_between_the_steps() {
    for seed in (0..3).take(ledgers(3)) {
        let place = Place::new();
        let store = place.open().await;
        let mut dice = Dice(seed);
        let some: Vec<Call> = (0..120).map(|n| dice.call(n, at(FROM), at(TO))).collect();
        let mut writer = place.writer(&store);
        record(&mut writer, &some).await;
        for _ in 0..dice.roll(40) {
            writer.seal_some(at(LATER)).await.unwrap();
        }
        let id = applied(&store).await;
        let mut repricer = Repricer::new(store.clone());
        let mut late = 1_000;
        while step(&store, &mut repricer, id, &mut dice).await.unwrap() {
            assert_balanced(&store).await;
            for _ in 0..dice.roll(30) {
                writer.seal_some(at(LATER)).await.unwrap();
            }
            // Calls that come meanwhile are not in it, however early they began.
            late += 1;
            record(&mut writer, &[dice.call(late, at(FROM), at(TO))]).await;
        }
        assert_balanced(&store).await;
        assert_figures_are_the_rows(&store, &mut dice).await;
        writer.seal(at(LATER)).await.unwrap();
        assert_balanced(&store).await;
        assert_figures_are_the_rows(&store, &mut dice).await;
        let found = info(&store, id).await;
        assert_eq!(found.calls_seen, 120);
        let newer: Vec<_> = all(&store)
            .await
            .into_iter()
            .filter(|row| row.recorded_seq > found.until_seq)
            .collect();
        assert!(!newer.is_empty());
        for row in newer {
            assert_eq!(row.call.start.catalog_version, "2025-11-20");
        }
    }
}

#[tokio::test]
async fn a_step_that_breaks_off_leaves_nothing_and_the_next_start_goes_on_there() {
    let place = Place::new();
    let store = place.open().await;
    let mut dice = Dice(9);
    let some: Vec<Call> = (0..60).map(|n| dice.call(n, at(FROM), at(TO))).collect();
    let mut writer = place.writer(&store);
    record(&mut writer, &some).await;
    writer.seal(at(LATER)).await.unwrap();
    let id = applied(&store).await;
    let mut repricer = Repricer::new(store.clone());
    assert!(step(&store, &mut repricer, id, &mut dice).await.unwrap());
    let (reached, rows) = (info(&store, id).await, calls(&store).await);
    assert_eq!(reached.calls_seen, 20);

    // It breaks off when rows and history are written, but not all sums.
    let db = other(&place).await;
    refuse(&db, "UPDATE ON usage_sealed").await;
    let before = number(&db, "SELECT count(*) FROM call_prices").await;
    step(&store, &mut repricer, id, &mut Dice(1))
        .await
        .unwrap_err();
    assert_eq!(calls(&store).await, rows);
    assert_eq!(info(&store, id).await, reached);
    assert_eq!(
        number(&db, "SELECT count(*) FROM call_prices").await,
        before
    );
    assert_balanced(&store).await;
    allow(&db).await;

    // Another start of the program.
    drop((repricer, writer, store));
    let store = place.open().await;
    let due = store.repricings().due().await.unwrap().unwrap();
    assert_eq!(
        (due.id, due.place, due.state),
        (id, reached.place, RepricingState::Applying)
    );
    let mut repricer = Repricer::new(store.clone());
    while step(&store, &mut repricer, id, &mut dice).await.unwrap() {}
    assert_eq!(info(&store, id).await.calls_seen, 60);
    assert!(
        store
            .repricings()
            .finish(id, &entry("finish"))
            .await
            .unwrap()
    );
    assert_eq!(store.repricings().due().await.unwrap(), None);
    assert_balanced(&store).await;
    assert_figures_are_the_rows(&store, &mut dice).await;
}

#[tokio::test]
async fn a_call_keeps_the_prices_that_it_had() {
    let place = Place::new();
    let store = place.open().await;
    let first = call(1, at(FROM));
    let mut writer = place.writer(&store);
    record(&mut writer, std::slice::from_ref(&first)).await;
    let mut history = vec![first.clone()];
    for cost in [5_000_000, 7_000_000] {
        let id = applied(&store).await;
        let before = calls(&store).await.remove(0);
        let mut after = before.clone();
        after.charge.cost.input = Some(NanoUsd(cost));
        after.charge.total = Some(NanoUsd(cost + 1_000_000));
        after.usage.tokens.input_audio = Some(3);
        after.start.catalog_version = format!("of {cost}");
        history.push(after.clone());
        let taken = RepricingStep {
            repricing: id,
            at: at(LATER),
            from: RepricingPlace::default(),
            to: None,
            seen: 1,
            seen_until: Some(before.start.started_at),
            calls: &[PricedAgain { before, after }],
        };
        assert!(Repricer::new(store.clone()).step(&taken).await.unwrap());
        assert!(
            store
                .repricings()
                .finish(id, &entry("finish"))
                .await
                .unwrap()
        );
    }
    assert_eq!(calls(&store).await.remove(0), history[2]);
    let mut kept = store
        .repricings()
        .prices_before(first.start.id)
        .await
        .unwrap();
    kept.sort_by_key(|price| price.repricing);
    for (price, was) in kept.iter().zip(&history) {
        assert_eq!(price.by, "person:Ada");
        assert_eq!(price.before.charge, was.charge);
        assert_eq!(price.before.catalog_version, was.start.catalog_version);
    }
    // Only the first of them moved tokens.
    assert_eq!(kept.len(), 2);
    assert_eq!(kept[0].before.tokens, Some(first.usage.tokens));
    assert_eq!(kept[1].before.tokens, None);
    let nobodys = call(2, at(FROM)).start.id;
    assert_eq!(store.repricings().prices_before(nobodys).await.unwrap(), []);
}

#[tokio::test]
async fn a_call_that_was_deleted_meanwhile_changes_no_sum() {
    let place = Place::new();
    let store = place.open().await;
    let gone = call(1, at(FROM));
    let mut writer = place.writer(&store);
    record(&mut writer, std::slice::from_ref(&gone)).await;
    let id = applied(&store).await;
    let db = other(&place).await;
    let sum = "SELECT sum(cost_total_nano) FROM usage_quarters";
    let spent = number(&db, sum).await;
    db.execute_unprepared("DELETE FROM calls").await.unwrap();
    let mut after = gone.clone();
    after.charge.cost.input = Some(NanoUsd(9));
    after.charge.total = Some(NanoUsd(1_000_009));
    let taken = RepricingStep {
        repricing: id,
        at: at(LATER),
        from: RepricingPlace::default(),
        to: None,
        seen: 1,
        seen_until: None,
        calls: &[PricedAgain {
            before: gone,
            after,
        }],
    };
    assert!(Repricer::new(store.clone()).step(&taken).await.unwrap());
    assert_eq!(number(&db, sum).await, spent);
    assert_eq!(number(&db, "SELECT count(*) FROM call_prices").await, 0);
    assert_eq!(info(&store, id).await.calls_changed, 0);
}

#[tokio::test]
async fn one_is_applied_at_a_time_and_only_by_the_rates_that_were_seen() {
    let place = Place::new();
    let store = place.open().await;
    let (one, two) = (ready(&store).await, ready(&store).await);
    let repricings = store.repricings();
    assert!(
        !repricings
            .apply(one, "of another day", &entry("apply"))
            .await
            .unwrap()
    );
    assert_eq!(repricings.applied().await.unwrap(), 0);
    assert!(
        repricings
            .apply(one, "today", &entry("apply"))
            .await
            .unwrap()
    );
    assert!(
        !repricings
            .apply(two, "today", &entry("apply"))
            .await
            .unwrap()
    );
    assert!(!repricings.discard(one, &entry("discard")).await.unwrap());
    assert!(!repricings.compute_again(one).await.unwrap());
    assert!(repricings.finish(one, &entry("finish")).await.unwrap());
    assert!(!repricings.finish(one, &entry("finish")).await.unwrap());
    assert_eq!(repricings.applied().await.unwrap(), 1);

    assert!(repricings.compute_again(two).await.unwrap());
    assert_eq!(repricings.rates(two).await.unwrap(), None);
    assert!(repricings.note_seen(two, 5, Some(at(FROM))).await.unwrap());
    assert!(repricings.discard(two, &entry("discard")).await.unwrap());
    assert!(!repricings.note_seen(two, 6, None).await.unwrap());
    assert_eq!(repricings.get(two).await.unwrap(), None);
    let page = repricings.list(10, None).await.unwrap();
    assert_eq!(page.items.len(), 1);
    assert_eq!(page.items[0].state, RepricingState::Applied);
    let rows = store
        .audit()
        .list(&store::AuditFilter::default(), 50, None)
        .await
        .unwrap();
    let mut actions: Vec<_> = rows.items.into_iter().map(|row| row.entry.action).collect();
    actions.sort();
    assert_eq!(
        actions,
        ["apply", "discard", "finish", "propose", "propose"]
    );
}

#[tokio::test]
async fn calls_are_looked_at_once_each_whichever_way_they_are_found() {
    let place = Place::new();
    let store = place.open().await;
    let mut dice = Dice(4);
    let some: Vec<Call> = (0..90).map(|n| dice.call(n, at(FROM), at(TO))).collect();
    record(&mut place.writer(&store), &some).await;
    let filters = [
        CallFilter::default(),
        CallFilter {
            price_states: Choice::only(PriceState::Unpriced),
            ..CallFilter::default()
        },
        CallFilter {
            models: Choice {
                any_of: vec![Some("model-1".to_owned()), None],
                none_of: vec![],
            },
            since: Some(at("2025-10-27T00:00:00Z")),
            until: Some(at("2025-11-02T00:00:00Z")),
            ..CallFilter::default()
        },
    ];
    for filter in filters {
        let whole = store
            .calls()
            .list(&filter, 1_000, None)
            .await
            .unwrap()
            .items;
        let (mut found, mut place) = (vec![], Some(RepricingPlace::default()));
        while let Some(from) = place {
            let (rows, next) = store
                .repricings()
                .calls(&filter, i64::MAX, &from, 7)
                .await
                .unwrap();
            found.extend(rows);
            place = next;
        }
        assert!(!whole.is_empty());
        // A place of a version that found them by something else: it begins again and leaves nothing out.
        let elsewhere = RepricingPlace::Among {
            part: "another value".to_owned(),
            after: whole.first().map(|row| row.call.start.id),
        };
        let read = |from: RepricingPlace| {
            let (store, filter) = (&store, &filter);
            async move {
                store
                    .repricings()
                    .calls(filter, i64::MAX, &from, 7)
                    .await
                    .unwrap()
            }
        };
        assert_eq!(read(elsewhere).await, read(RepricingPlace::Begin).await);
        assert_eq!(read(RepricingPlace::End).await, (vec![], None));
        found.sort_by_key(|row| std::cmp::Reverse(row.call.start.id.0));
        assert_eq!(found, whole);
    }
}
