//! The past that is made up is whole, in order, believable, and the same each time.
#![allow(
    clippy::unwrap_used,
    clippy::as_conversions,
    reason = "these are tests"
)]

use std::collections::HashMap;

use catalog::Catalog;
use domain::{
    Timestamp,
    call::{Call, Outcome},
    pricing::PriceState,
};
use jiff::tz::TimeZone;
use weir_sample::{Caller, Past, World, providers, tokens};

fn end() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

fn past(calls: u64, days: u16, seed: u64) -> Vec<Call> {
    let catalog = Catalog::builtin().unwrap();
    let providers = providers(&catalog, 20, 3, end());
    let callers = tokens(200, 50, end())
        .into_iter()
        .map(Caller::from)
        .collect();
    let world = World::new(&providers, &catalog, callers, 2_000);
    let past = Past {
        calls,
        days,
        end: end(),
        seed,
    };
    world.calls(&past).unwrap().collect()
}

#[test]
fn each_call_is_there_in_order_and_within_the_days() {
    let calls = past(20_000, 30, 1);
    assert_eq!(calls.len(), 20_000);
    assert!(
        calls
            .windows(2)
            .all(|pair| pair[0].start.started_at <= pair[1].start.started_at)
    );
    let first = calls.first().unwrap().start.started_at;
    assert!(first >= end() - jiff::SignedDuration::from_hours(30 * 24));
    assert!(calls.last().unwrap().start.started_at < end());
    let ids: std::collections::HashSet<_> = calls.iter().map(|call| call.start.id).collect();
    assert_eq!(ids.len(), calls.len());
}

#[test]
fn the_same_seed_makes_the_same_past_and_another_another() {
    assert_eq!(past(500, 7, 3), past(500, 7, 3));
    assert_ne!(past(500, 7, 3), past(500, 7, 4));
}

#[test]
fn eight_of_a_hundred_do_not_end_well() {
    let calls = past(20_000, 30, 1);
    let bad = calls.iter().filter(|call| call.outcome != Outcome::Ok);
    let share = bad.count() as f64 / calls.len() as f64;
    assert!((0.07..0.09).contains(&share), "{share}");
}

#[test]
fn days_are_busier_than_nights_and_weekends() {
    let mut of_hour: HashMap<(bool, i8), u32> = HashMap::new();
    for call in past(50_000, 28, 1) {
        let at = call.start.started_at.to_zoned(TimeZone::UTC);
        let weekend = at.weekday().to_monday_zero_offset() >= 5;
        *of_hour.entry((weekend, at.hour())).or_default() += 1;
    }
    let of = |weekend, hour| of_hour.get(&(weekend, hour)).copied().unwrap_or(0);
    assert!(of(false, 10) > 5 * of(false, 3));
    assert!(of(false, 10) > 3 * of(true, 10));
}

#[test]
fn every_price_state_occurs_and_the_books_of_each_call_balance() {
    let mut states: HashMap<PriceState, u32> = HashMap::new();
    for call in past(20_000, 30, 1) {
        *states.entry(call.price_state).or_default() += 1;
        assert_eq!(call.usage.mismatch(), call.usage_mismatch);
        let known: i64 = call
            .charge
            .cost
            .iter()
            .filter_map(|(_, cost)| *cost)
            .map(|cost| cost.0)
            .sum();
        if let Some(total) = call.charge.total {
            assert_eq!(total.0, known);
        }
    }
    for state in PriceState::ALL {
        assert!(
            states.get(state).is_some_and(|count| *count > 100),
            "{state:?}: {states:?}"
        );
    }
}

#[test]
fn a_few_are_called_and_call_most() {
    let calls = past(20_000, 30, 1);
    let mut by_user: HashMap<Option<String>, u32> = HashMap::new();
    let mut by_model: HashMap<Option<String>, u32> = HashMap::new();
    for call in &calls {
        *by_user.entry(call.start.user.clone()).or_default() += 1;
        *by_model.entry(call.start.model.clone()).or_default() += 1;
    }
    let most = |of: &HashMap<Option<String>, u32>| *of.values().max().unwrap();
    assert!(by_user.len() > 1_000);
    assert!(most(&by_user) > 1_000);
    assert!(by_model.len() > 40, "{}", by_model.len());
    assert!(most(&by_model) > 3_000);
}

#[test]
fn providers_have_ids_of_their_own_and_the_models_asked_for() {
    let catalog = Catalog::builtin().unwrap();
    let providers = providers(&catalog, 200, 50, end());
    assert_eq!(providers.len(), 200);
    let ids: std::collections::HashSet<_> = providers.iter().map(|one| one.id.clone()).collect();
    assert_eq!(ids.len(), 200);
    // Some hosts have fewer models than that.
    let full = providers.iter().filter(|one| one.models.len() == 50);
    assert!(full.count() >= 100);
    assert!(providers.iter().all(|one| !one.models.is_empty()));
}
