//! Providers with several endpoints, and the attempts of their calls.

use crate::common::*;
use domain::{
    call::{Call, Outcome},
    pricing::PriceState,
    provider::{Endpoint, Several, Upstream},
};
use store::{AtEndpoint, CallFilter, Choice};
use weir_store as store;

fn at_endpoint(n: u64, endpoint: &str, change: impl FnOnce(&mut Call)) -> Call {
    let mut call = call(n, at("2025-11-20T10:00:00Z"));
    call.start.endpoint = Some(endpoint.to_owned());
    change(&mut call);
    call
}

fn failed(call: &mut Call) {
    (call.status, call.outcome) = (503, Outcome::UpstreamError);
    call.price_state = PriceState::NotBilled;
    call.charge = domain::pricing::Charge::default();
}

#[tokio::test]
async fn attempts_name_the_first_and_are_found_by_it() {
    let place = Place::new();
    let store = place.open().await;
    let mut writer = place.writer(&store);
    let first = at_endpoint(1, "eu", failed);
    let of_first = |call: &mut Call| call.start.attempt_of = Some(first.start.id);
    let second = at_endpoint(2, "us", of_first);
    let other = at_endpoint(3, "us", |_| {});
    record(&mut writer, &[first.clone(), second.clone(), other.clone()]).await;
    let attempts = store.calls().attempts(first.start.id).await.unwrap();
    let attempts: Vec<Call> = attempts.into_iter().map(|row| row.call).collect();
    assert_eq!(attempts, [first.clone(), second]);
    let alone = store.calls().attempts(other.start.id).await.unwrap();
    assert_eq!(alone.len(), 1);
    let of_us = CallFilter {
        endpoints: Choice::only(Some("us".to_owned())),
        ..CallFilter::default()
    };
    let page = store.calls().list(&of_us, 10, None).await.unwrap();
    assert_eq!(page.items.len(), 2);
}

#[tokio::test]
async fn what_calls_came_to_is_told_by_endpoint() {
    let place = Place::new();
    let store = place.open().await;
    let mut writer = place.writer(&store);
    let calls = [
        at_endpoint(1, "eu", failed),
        at_endpoint(2, "us", |_| {}),
        at_endpoint(3, "us", |call| {
            call.price_state = PriceState::Unpriced;
            call.charge.total = None;
        }),
        at_endpoint(4, "us", |call| call.outcome = Outcome::Rejected),
        at_endpoint(5, "us", |call| call.start.provider = provider_id("other")),
        at_endpoint(6, "us", |call| {
            call.start.started_at = at("2025-11-18T10:00:00Z");
            call.start.id = call_id(call.start.started_at, 6);
        }),
    ];
    record(&mut writer, &calls).await;
    let (since, main) = (at("2025-11-20T00:00:00Z"), provider_id("openai-main"));
    let told = store.calls().by_endpoint(&main, since, 100).await.unwrap();
    let us = AtEndpoint {
        calls: 2,
        failed: 0,
        spend: domain::NanoUsd(3_500_000),
        unpriced_calls: 1,
    };
    let eu = AtEndpoint {
        calls: 1,
        failed: 1,
        ..AtEndpoint::default()
    };
    let expected = [("eu", eu), ("us", us)].map(|(name, at)| (Some(name.to_owned()), at));
    assert_eq!(told, (expected.into(), false));
    let (newest, more) = store.calls().by_endpoint(&main, since, 2).await.unwrap();
    assert!(more && newest.len() == 1, "{newest:?}");
}

#[tokio::test]
async fn several_endpoints_are_kept_and_their_secrets_are_in_use() {
    let place = Place::new();
    let store = place.open().await;
    let mut several = provider("several");
    let upstream = Upstream::OpenAi {
        base_url: None,
        api_key: secret_name("OTHER_KEY"),
        organization: None,
        project: None,
    };
    several.several = Some(Several {
        first: "eu".parse().unwrap(),
        others: vec![Endpoint {
            name: "us".parse().unwrap(),
            upstream,
        }],
    });
    store.providers().insert(&several, &noted()).await.unwrap();
    let kept = store.providers().get(&several.id).await.unwrap();
    assert_eq!(kept.as_ref(), Some(&several));
    let names: Vec<&str> = several.endpoints().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["eu", "us"]);
    assert_eq!(several.secrets().len(), 2);
}
