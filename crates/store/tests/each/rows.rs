//! Rows that are looked up one by one, read while others are written, or not to be believed.

use crate::common::*;
use domain::{
    NanoUsd,
    call::{Call, DueResponse, Outcome},
    pricing::PriceState,
};
use weir_store as store;

const FROM: &str = "2025-11-18T07:00:00Z";
const TO: &str = "2025-11-20T19:00:00Z";

#[tokio::test]
async fn the_latest_call_of_a_provider_is_not_one_that_weir_refused() {
    let place = Place::new();
    let store = place.open().await;
    let ids = ["openai-main", "other", "unused"].map(provider_id);
    for id in ["openai-main", "other", "unused"] {
        let note = noted();
        store
            .providers()
            .insert(&provider(id), &note)
            .await
            .unwrap();
    }
    let latest = async || store.calls().latest_calls(&ids).await.unwrap();
    assert!(latest().await.is_empty());
    let mut failed = call(1, at("2025-11-20T12:00:00Z"));
    failed.status = 401;
    failed.outcome = Outcome::UpstreamError;
    let mut refused = call(2, at("2025-11-20T12:00:01Z"));
    refused.outcome = Outcome::Rejected;
    let mut other = call(3, at("2025-11-20T10:00:00Z"));
    other.start.provider = provider_id("other");
    let mut not_asked_for = call(4, at("2025-11-20T10:00:00Z"));
    not_asked_for.start.provider = provider_id("gone");
    let first = call(0, at("2025-11-20T11:00:00Z"));
    let calls = [first, failed.clone(), refused, other.clone(), not_asked_for];
    record(&mut place.writer(&store), &calls).await;
    let found = latest().await;
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(found[&provider_id("openai-main")].call, failed);
    assert_eq!(found[&provider_id("other")].call, other);
}

#[tokio::test]
async fn background_responses_wait_for_their_usage() {
    let place = Place::new();
    let store = place.open().await;
    let mut writer = place.writer(&store);
    let begun = |n, response: &str| {
        let mut call = call(n, at("2025-11-20T12:00:00Z"));
        call.usage = domain::usage::Usage::default();
        call.background_response = Some(response.to_owned());
        call
    };
    let mut shown = call(3, at("2025-11-20T12:05:00Z"));
    shown.background_response = Some("resp_b".to_owned());
    record(
        &mut writer,
        &[
            begun(1, "resp_a"),
            begun(2, "resp_b"),
            shown,
            call(4, at(TO)),
        ],
    )
    .await;
    let waiting = |since: &'static str| {
        let store = store.clone();
        async move { store.calls().unbilled_background(at(since)).await.unwrap() }
    };
    assert_eq!(
        waiting("2025-11-20T00:00:00Z").await,
        [DueResponse {
            provider: provider_id("openai-main"),
            response: "resp_a".to_owned(),
            model: call(1, at(TO)).start.model,
        }]
    );
    assert_eq!(waiting("2025-11-20T12:01:00Z").await, []);
}

#[tokio::test]
async fn readers_are_not_held_up_by_the_writer() {
    let place = Place::new();
    let store = place.open().await;
    let mut writer = place.writer(&store);
    let reading = |seed| {
        let store = store.clone();
        tokio::spawn(async move {
            let mut dice = Dice(seed);
            let mut last = 0;
            for _ in 0..25 {
                let rows = all(&store).await.len();
                assert!(rows >= last, "rows were there and are gone");
                assert_eq!(rows % 100, 0, "half a batch was seen");
                last = rows;
                tokio::time::sleep(std::time::Duration::from_millis(dice.roll(5))).await;
            }
        })
    };
    let readers = [reading(1), reading(2)];
    let mut dice = Dice(3);
    for batch in 0..20 {
        let calls: Vec<Call> = (0..100)
            .map(|n| dice.call(batch * 100 + n, at(FROM), at(TO)))
            .collect();
        record(&mut writer, &calls).await;
        tokio::task::yield_now().await;
    }
    for reader in readers {
        reader.await.unwrap();
    }
    assert_balanced(&store).await;
}

#[tokio::test]
async fn what_an_upstream_makes_up_does_not_break_the_sums() {
    let place = Place::new();
    let store = place.open().await;
    let mut wild = call(1, at(FROM));
    wild.usage.tokens.input = Some(u64::MAX);
    wild.charge.cost.input = Some(NanoUsd(i64::MAX));
    wild.charge.total = Some(NanoUsd(i64::MAX));
    wild.start.agent = Some(String::new());
    wild.start.model = Some("a\0b".to_owned());
    wild.replied_model = Some("é".repeat(5_000));
    let mut odd = call(2, at(FROM));
    odd.usage.reasoning = Some(500);
    let mut calls = vec![wild.clone(), odd.clone()];
    calls.extend((3..200).map(|n| {
        let mut more = wild.clone();
        more.start.id = call_id(at(FROM), n);
        more
    }));
    record(&mut place.writer(&store), &calls).await;
    let row = store
        .calls()
        .get(wild.start.id)
        .await
        .unwrap()
        .unwrap()
        .call;
    assert_eq!(row.price_state, PriceState::Unpriced);
    assert_eq!(row.charge.total, None);
    assert!(row.usage_mismatch);
    assert_eq!(row.start.agent, None);
    assert_eq!(row.start.model.as_deref(), Some("a\u{fffd}b"));
    assert_eq!(row.replied_model.unwrap().len(), 2_048);
    let row = store.calls().get(odd.start.id).await.unwrap().unwrap().call;
    assert_eq!(row.usage.reasoning, Some(100));
    assert!(row.usage_mismatch);
    assert_eq!(row.charge.total, Some(NanoUsd(3_500_000)));
    assert_balanced(&store).await;
}

#[test]
fn a_cursor_is_a_text_that_a_page_gave() {
    for wrong in ["", "x", "-1", "+1", &"0".repeat(33), &"g".repeat(32)] {
        assert!(wrong.parse::<store::Cursor>().is_err(), "{wrong}");
    }
}

#[tokio::test]
async fn a_live_list_goes_on_in_the_order_of_recording() {
    let place = Place::new();
    let store = place.open().await;
    let mut writer = place.writer(&store);
    record(&mut writer, &[call(1, at(TO)), call(2, at(FROM))]).await;
    let seen = all(&store)
        .await
        .iter()
        .map(|row| row.recorded_seq)
        .max()
        .unwrap();
    // Recorded later, though it began earlier.
    record(
        &mut writer,
        &[call(3, at(TO)), call(4, at(FROM)), call(5, at(FROM))],
    )
    .await;
    let filter = store::CallFilter {
        after_recorded_seq: Some(seen),
        ..store::CallFilter::default()
    };
    let page = store.calls().list(&filter, 2, None).await.unwrap();
    let names: Vec<_> = page
        .items
        .iter()
        .map(|row| row.call.upstream_request_id.clone().unwrap())
        .collect();
    assert_eq!(names, ["req_3", "req_4"]);
    let filter = store::CallFilter {
        after_recorded_seq: Some(page.items[1].recorded_seq),
        ..store::CallFilter::default()
    };
    assert_eq!(
        store
            .calls()
            .list(&filter, 2, None)
            .await
            .unwrap()
            .items
            .len(),
        1
    );
}
