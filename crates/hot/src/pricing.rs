//! Pricing a call.

use std::hint::black_box;

use domain::{
    NanoUsd, PerBucket, Timestamp,
    pricing::{Charge, PriceRequest, Priced, RateCard, ServiceTier, price},
    usage::Usage,
};

use crate::Function;

/// A model with rates and nothing else.
const PLAIN: &str = r#"{"standard": {"input": "1.25", "cached_input": "0.125", "output": "10"}}"#;
/// A model with all that a rate card can have.
const TIERED: &str = r#"{
    "standard": {"input": "1.25", "cached_input": "0.125", "cache_write_5m": "1.5625", "output": "10"},
    "long_context": {"threshold": 4000, "rates": {"input": "2.5", "cached_input": "0.25", "output": "15"}},
    "tiers": [
        {"tier": "batch", "rates": {"input": "0.625", "output": "5"}},
        {"tier": "flex", "rates": {"input": "0.625"}},
        {"tier": "priority", "rates": {"input": "2.5", "output": "20"}}
    ],
    "regional_multiplier": "1.1",
    "searches": "10"
}"#;

pub(crate) fn functions() -> Vec<Function> {
    vec![
        pricing("price of a call", card(PLAIN), None),
        pricing(
            "price on a tier, of a long prompt",
            card(TIERED),
            Some(ServiceTier::Priority),
        ),
    ]
}

fn card(json: &str) -> RateCard {
    serde_json::from_str(json).expect("a rate card")
}

fn pricing(name: &'static str, card: RateCard, tier: Option<ServiceTier>) -> Function {
    let usage = used();
    Function::new(name, move || {
        let total = priced(black_box(&usage), &card, tier).charge.total;
        total.map_or(0, |NanoUsd(total)| total.unsigned_abs())
    })
}

/// What a call costs that used this, by plain rates.
pub(crate) fn charge() -> Charge {
    priced(&used(), &card(PLAIN), None).charge
}

/// What a call with a cached prompt used.
pub(crate) fn used() -> Usage {
    Usage {
        tokens: PerBucket {
            input: Some(1_104),
            cached_input: Some(4_096),
            output: Some(300),
            ..PerBucket::default()
        },
        reasoning: Some(192),
        searches: None,
        provider_total: Some(5_500),
    }
}

/// A call priced by one card; one with a tier is pinned to a geography, too.
fn priced(usage: &Usage, card: &RateCard, tier: Option<ServiceTier>) -> Priced {
    price(&PriceRequest {
        usage,
        overrides: [None, None],
        cards: [Some(card), None],
        tier,
        at: Timestamp::UNIX_EPOCH,
        pinned_geography: tier.is_some(),
        billed_beside: false,
        estimated: false,
    })
}
