//! Lists of calls: every filter, every page.

use std::{ops::RangeInclusive, time::Duration};

use crate::common::*;
use domain::{
    CallId, NanoUsd,
    call::{Call, Operation, Outcome},
    pricing::PriceState,
};
use store::{CallFilter, Choice, Store};
use weir_store as store;

const FROM: &str = "2025-11-18T07:00:00Z";
const TO: &str = "2025-11-20T19:00:00Z";

async fn ledger(place: &Place, count: u64) -> (Store, Vec<Call>) {
    let store = place.open().await;
    let mut writer = place.writer(&store);
    let mut dice = Dice(1);
    let mut calls: Vec<Call> = (0..count)
        .map(|n| {
            let mut call = dice.call(n, at(FROM), at(TO));
            call.status = dice.one_of(&[200, 200, 400, 401, 429, 500, 504]);
            if call.status >= 400 && call.outcome == Outcome::Ok {
                call.outcome = Outcome::UpstreamError;
            }
            call.latency_us = dice.roll(20_000_000);
            call.start.operation = dice.one_of(Operation::ALL);
            call
        })
        .collect();
    for some in calls.chunks(97) {
        record(&mut writer, some).await;
    }
    calls.sort_by_key(|call| std::cmp::Reverse(call.start.id));
    (store, calls)
}

/// Reads a list page by page and compares it with the calls that a plain function takes.
async fn check(store: &Store, calls: &[Call], filter: &CallFilter, takes: impl Fn(&Call) -> bool) {
    let expected: Vec<CallId> = calls
        .iter()
        .filter(|call| takes(call))
        .map(|call| call.start.id)
        .collect();
    assert!(!expected.is_empty(), "the case is of no use: {filter:?}");
    assert!(
        expected.len() < calls.len(),
        "the case is of no use: {filter:?}"
    );
    let mut found = vec![];
    let mut cursor = None;
    loop {
        let page = store.calls().list(filter, 37, cursor).await.unwrap();
        assert!(page.items.len() <= 37);
        found.extend(page.items.iter().map(|row| row.call.start.id));
        let Some(next) = page.next else { break };
        cursor = Some(next.to_string().parse().unwrap());
    }
    assert_eq!(found, expected, "{filter:?}");
    let all = u64::try_from(expected.len()).unwrap();
    for (most, counted) in [(all + 1, all), (all, all), (all - 1, all - 1)] {
        let found = store.calls().count_up_to(filter, most).await.unwrap();
        assert_eq!(found, counted, "up to {most}: {filter:?}");
    }
}

fn named(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[tokio::test]
async fn each_filter_finds_what_it_says() {
    let place = Place::new();
    let (store, calls) = ledger(&place, 500).await;
    let any = CallFilter::default;

    let providers = Choice {
        any_of: vec![provider_id("provider-0"), provider_id("provider-2")],
        none_of: vec![],
    };
    check(
        &store,
        &calls,
        &CallFilter {
            providers: providers.clone(),
            ..any()
        },
        |call| call.start.provider.as_str() != "provider-1",
    )
    .await;
    let providers = Choice {
        any_of: vec![],
        none_of: vec![provider_id("provider-1")],
    };
    check(&store, &calls, &CallFilter { providers, ..any() }, |call| {
        call.start.provider.as_str() != "provider-1"
    })
    .await;

    for value in [None, named("model-1")] {
        let models = Choice::only(value.clone());
        check(&store, &calls, &CallFilter { models, ..any() }, |call| {
            call.start.model == value
        })
        .await;
        let value = value.map(|text| text.replace("model", "agent"));
        let agents = Choice::only(value.clone());
        check(&store, &calls, &CallFilter { agents, ..any() }, |call| {
            call.start.agent == value
        })
        .await;
        let value = value.map(|text| text.replace("agent", "user"));
        let users = Choice {
            any_of: vec![],
            none_of: vec![value.clone()],
        };
        check(&store, &calls, &CallFilter { users, ..any() }, |call| {
            call.start.user != value
        })
        .await;
    }
    let agents = Choice {
        any_of: vec![None, named("agent-2"), named("agent-2")],
        none_of: vec![],
    };
    check(&store, &calls, &CallFilter { agents, ..any() }, |call| {
        call.start
            .agent
            .as_deref()
            .is_none_or(|agent| agent == "agent-2")
    })
    .await;
    let users = Choice {
        any_of: vec![],
        none_of: vec![None, named("user-3")],
    };
    check(&store, &calls, &CallFilter { users, ..any() }, |call| {
        call.start
            .user
            .as_deref()
            .is_some_and(|user| user != "user-3")
    })
    .await;

    for token in [None, Some(token_id(1))] {
        let tokens = Choice::only(token);
        check(&store, &calls, &CallFilter { tokens, ..any() }, |call| {
            call.start.token == token
        })
        .await;
        let tokens = Choice {
            any_of: vec![],
            none_of: vec![token],
        };
        check(&store, &calls, &CallFilter { tokens, ..any() }, |call| {
            call.start.token != token
        })
        .await;
    }
    for outcome in Outcome::ALL {
        let outcomes = Choice::only(*outcome);
        check(&store, &calls, &CallFilter { outcomes, ..any() }, |call| {
            call.outcome == *outcome
        })
        .await;
    }
    let outcomes = Choice {
        any_of: vec![Outcome::Truncated, Outcome::Rejected],
        none_of: vec![],
    };
    check(&store, &calls, &CallFilter { outcomes, ..any() }, |call| {
        matches!(call.outcome, Outcome::Truncated | Outcome::Rejected)
    })
    .await;
    for state in PriceState::ALL {
        let price_states = Choice::only(*state);
        check(
            &store,
            &calls,
            &CallFilter {
                price_states,
                ..any()
            },
            |call| call.price_state == *state,
        )
        .await;
    }
    let operations = Choice::only(Operation::Messages);
    check(
        &store,
        &calls,
        &CallFilter {
            operations,
            ..any()
        },
        |call| call.start.operation == Operation::Messages,
    )
    .await;
    let outcomes = Choice {
        any_of: vec![],
        none_of: vec![Outcome::Ok, Outcome::Truncated],
    };
    check(&store, &calls, &CallFilter { outcomes, ..any() }, |call| {
        !matches!(call.outcome, Outcome::Ok | Outcome::Truncated)
    })
    .await;
}

#[tokio::test]
async fn numbers_are_filtered_by_where_they_lie() {
    let place = Place::new();
    let (store, calls) = ledger(&place, 500).await;
    let any = CallFilter::default;
    let statuses = |any_of: &[RangeInclusive<u16>], none_of: &[RangeInclusive<u16>]| CallFilter {
        statuses: Choice {
            any_of: any_of.to_vec(),
            none_of: none_of.to_vec(),
        },
        ..any()
    };
    check(&store, &calls, &statuses(&[400..=429], &[]), |call| {
        (400..=429).contains(&call.status)
    })
    .await;
    let apart = statuses(&[401..=401, 500..=500], &[]);
    check(&store, &calls, &apart, |call| {
        matches!(call.status, 401 | 500)
    })
    .await;
    let apart = statuses(&[200..=200, 500..=599], &[504..=504]);
    check(&store, &calls, &apart, |call| {
        matches!(call.status, 200 | 500)
    })
    .await;
    check(
        &store,
        &calls,
        &statuses(&[], &[200..=299, 429..=429]),
        |call| !matches!(call.status, 200 | 429),
    )
    .await;
    for cost in [10_000_000, 50_000_000, 2_000_000_000].map(NanoUsd) {
        let cost_above = Some(cost);
        check(
            &store,
            &calls,
            &CallFilter {
                cost_above,
                ..any()
            },
            |call| call.charge.total.is_some_and(|total| total > cost),
        )
        .await;
    }
    for us in [5_000_000, 10_000_000, 15_000_000] {
        let filter = CallFilter {
            latency_above_us: Some(us),
            ..any()
        };
        check(&store, &calls, &filter, |call| call.latency_us > us).await;
    }
}

#[tokio::test]
async fn times_are_half_open() {
    let place = Place::new();
    let (store, calls) = ledger(&place, 400).await;
    let some = &calls[100].start.started_at;
    let filter = CallFilter {
        since: Some(*some),
        ..CallFilter::default()
    };
    check(&store, &calls, &filter, |call| {
        call.start.started_at >= *some
    })
    .await;
    let filter = CallFilter {
        until: Some(*some),
        ..CallFilter::default()
    };
    check(&store, &calls, &filter, |call| {
        call.start.started_at < *some
    })
    .await;
}

#[tokio::test]
async fn filters_of_different_kinds_are_and() {
    let place = Place::new();
    let (store, calls) = ledger(&place, 500).await;
    let (since, until) = (at("2025-11-18T12:00:00Z"), at("2025-11-20T00:00:00Z"));
    let filter = CallFilter {
        providers: Choice {
            any_of: vec![provider_id("provider-0"), provider_id("provider-1")],
            none_of: vec![],
        },
        models: Choice {
            any_of: vec![],
            none_of: vec![None],
        },
        agents: Choice {
            any_of: vec![named("agent-1"), named("agent-2")],
            none_of: vec![],
        },
        price_states: Choice {
            any_of: vec![PriceState::Unpriced, PriceState::Estimated],
            none_of: vec![],
        },
        outcomes: Choice {
            any_of: vec![],
            none_of: vec![Outcome::Rejected],
        },
        since: Some(since),
        until: Some(until),
        ..CallFilter::default()
    };
    check(&store, &calls, &filter, |call| {
        let start = &call.start;
        start.provider.as_str() != "provider-2"
            && start.model.is_some()
            && matches!(start.agent.as_deref(), Some("agent-1" | "agent-2"))
            && matches!(
                call.price_state,
                PriceState::Unpriced | PriceState::Estimated
            )
            && call.outcome != Outcome::Rejected
            && (since..until).contains(&start.started_at)
    })
    .await;
}

#[tokio::test]
async fn new_rows_in_between_move_nothing() {
    let place = Place::new();
    let (store, calls) = ledger(&place, 100).await;
    let first = store
        .calls()
        .list(&CallFilter::default(), 10, None)
        .await
        .unwrap();
    let newer = call(9_999, at(TO) + std::time::Duration::from_secs(60));
    record(&mut place.writer(&store), &[newer]).await;
    let second = store
        .calls()
        .list(&CallFilter::default(), 10, first.next)
        .await
        .unwrap();
    let found: Vec<CallId> = second.items.iter().map(|row| row.call.start.id).collect();
    let expected: Vec<CallId> = calls[10..20].iter().map(|call| call.start.id).collect();
    assert_eq!(found, expected);
}

/// A list of what is hardly there ends after a while, says how far it got, and goes on from there.
#[tokio::test]
async fn a_search_goes_on_where_it_ended() {
    let place = Place::new();
    let store = place.open().await;
    let mut writer = place.writer(&store);
    // Months of calls, of which two are wanted.
    let calls: Vec<Call> = (0..100_u64)
        .map(|n| {
            let hours = i64::try_from(n).unwrap() * 20;
            let started_at = at("2021-01-01T00:00:00Z") + jiff::SignedDuration::from_hours(hours);
            let mut call = call(n, started_at);
            call.status = if n == 3 || n == 50 { 299 } else { 200 };
            call
        })
        .collect();
    for some in calls.chunks(25) {
        record(&mut writer, some).await;
    }
    let filter = CallFilter {
        statuses: Choice::only(299..=299),
        ..CallFilter::default()
    };
    let mut found = vec![];
    let mut cursor = None;
    let mut back_to = None;
    let mut stretches = 0;
    loop {
        let calls = store.calls();
        let page = calls.list_within(&filter, 50, cursor, Duration::ZERO);
        let page = page.await.unwrap();
        stretches += 1;
        found.extend(page.items.iter().map(|row| row.call.start.id));
        let Some(next) = page.next else {
            assert_eq!(page.searched_back_to, None);
            break;
        };
        assert!(page.searched_back_to.is_some());
        assert!(back_to.is_none() || page.searched_back_to < back_to);
        back_to = page.searched_back_to;
        cursor = Some(next);
    }
    assert!(stretches > 3, "{stretches}");
    assert_eq!(found, [calls[50].start.id, calls[3].start.id]);
    let page = store.calls().list(&filter, 1, None).await.unwrap();
    assert_eq!(page.items[0].call, calls[50]);
}
