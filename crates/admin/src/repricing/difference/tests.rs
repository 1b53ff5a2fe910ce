//! Models add up to the whole, however many there are.

use domain::{
    CallId, NanoUsd, ProviderId, Timestamp,
    call::{Call, CallStart, Operation, Outcome},
    pricing::{Charge, PriceState},
    provider::ProviderType,
    usage::Usage,
};
use serde_json::Value;
use store::usage::ReportZone;
use uuid::Uuid;

use super::{Difference, Gathering, HELD_MOST, LINES_MOST, Span, Totals};
use crate::repricing::rates::Again;

/// A call that cost this much.
fn call(model: &str, day: usize, nano: i64) -> Call {
    let at = format!("2026-11-{:02}T10:00:00Z", 1 + day % 28);
    let charge = Charge {
        total: Some(NanoUsd(nano)),
        ..Charge::default()
    };
    Call {
        start: CallStart {
            id: CallId(Uuid::nil()),
            started_at: at.parse::<Timestamp>().unwrap(),
            provider: ProviderId::new("main").unwrap(),
            provider_type: ProviderType::OpenAi,
            model: Some(model.to_owned()),
            requested_model: None,
            operation: Operation::Chat,
            streamed: false,
            agent: None,
            user: None,
            conversation: None,
            token: None,
            endpoint: None,
            attempt_of: None,
            catalog_version: String::new(),
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
        usage: Usage::default(),
        usage_mismatch: false,
        price_state: PriceState::Priced,
        charge,
    }
}

fn dearer(before: &Call, by: i64) -> Again {
    let mut after = before.clone();
    after.charge.total = before.charge.total.map(|total| NanoUsd(total.0 + by));
    Again::Changed(Box::new(after))
}

fn gathered(calls: impl IntoIterator<Item = (Call, Again)>) -> (Totals, Difference) {
    let mut gathering = Gathering::new(ReportZone::utc());
    for (call, again) in calls {
        gathering.add(&call, &again);
    }
    gathering.end()
}

fn assert_adds_up(totals: &Totals, difference: &Difference) {
    let mut sum = Totals::default();
    for line in &difference.models {
        sum.add(&line.totals);
    }
    if let Some(others) = &difference.other_models {
        sum.add(others);
    }
    assert_eq!(sum, *totals);
}

#[test]
fn models_are_of_all_calls_and_days_of_those_with_a_change() {
    let same = |model, day| (call(model, day, 5), Again::Same);
    let other = |model, day| {
        let call = call(model, day, 7);
        let again = dearer(&call, 3);
        (call, again)
    };
    let (totals, difference) = gathered([
        same("a", 1),
        same("a", 2),
        other("a", 3),
        same("b", 1),
        same("b", 2),
    ]);
    assert_adds_up(&totals, &difference);
    let told: Vec<_> = difference
        .models
        .iter()
        .map(|line| {
            (
                line.model.as_deref().unwrap(),
                line.totals.before_usd.0,
                line.totals.after_usd.0,
            )
        })
        .collect();
    assert_eq!(told, [("a", 17, 20), ("b", 10, 10)]);
    assert_eq!(difference.lines.len(), 1);
    let (was, is) = difference.for_audit(&Value::Null);
    // What does not change is not in the audit; what does has the figures of all its calls.
    assert_eq!(was["models"].as_array().unwrap().len(), 1);
    assert_eq!(was["models"][0]["spend_usd"], "0.000000017");
    assert_eq!(is["models"][0]["spend_usd"], "0.000000020");
}

#[test]
fn however_many_models_there_are_so_many_are_told_and_the_rest_in_one() {
    for count in [LINES_MOST + 1, HELD_MOST + 500] {
        let calls = (0..count).map(|n| {
            let call = call(&format!("model-{n}"), n, 1_000_000);
            let again = dearer(&call, i64::try_from(n).unwrap());
            (call, again)
        });
        let (totals, difference) = gathered(calls);
        assert_adds_up(&totals, &difference);
        assert_eq!(difference.span, Span::Range);
        assert_eq!(difference.models.len(), LINES_MOST);
        assert!(difference.lines.len() <= LINES_MOST);
        // The largest differences are told.
        let first = difference.models[0].totals.difference().0;
        let last = difference.models[LINES_MOST - 1].totals.difference().0;
        assert_eq!(first - last, i64::try_from(LINES_MOST - 1).unwrap());
        let others = difference.other_models.unwrap();
        assert_eq!(others.calls, u64::try_from(count - LINES_MOST).unwrap());
        let (was, _) = difference.for_audit(&Value::Null);
        assert_eq!(was["models"][LINES_MOST]["id"], "other models");
    }
}
