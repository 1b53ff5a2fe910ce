//! Keeps what an upstream made up from harming the sums, or from being refused by the database for ever.
//!
//! | what | becomes |
//! |---|---|
//! | a count of tokens or searches that no call can have | the most that one can have, marked as a mismatch; the call is unpriced |
//! | a cost that no call can have | the call is unpriced |
//! | more reasoning than output | as much as there is output, marked as a mismatch |
//! | a text that is very long, or has a character that Postgres refuses | cut, or with that character replaced |
//! | an empty text where there may be none | none |

use domain::{
    Bucket, NanoUsd, PerBucket,
    call::{Call, CallStart},
    pricing::PriceState,
};

/// The most tokens or searches that one call can have: ten thousand million.
const COUNT_MAX: u64 = 10_000_000_000;
/// The most that one call can cost: a hundred thousand dollars.
const COST_MAX: NanoUsd = NanoUsd(100_000 * 1_000_000_000);

/// Makes a call one that can be recorded.
pub(super) fn believable(call: &mut Call) {
    call.clean_texts();
    believable_start(&mut call.start);
    let usage = &mut call.usage;
    let mut made_up = false;
    let mut limit = |count: &mut Option<u64>| {
        if count.is_some_and(|count| count > COUNT_MAX) {
            *count = Some(COUNT_MAX);
            made_up = true;
        }
    };
    for bucket in Bucket::ALL {
        limit(usage.tokens.get_mut(*bucket));
    }
    limit(&mut usage.reasoning);
    limit(&mut usage.searches);
    limit(&mut usage.provider_total);
    call.usage_mismatch |= made_up;
    let output = usage.tokens.output.unwrap_or(0);
    if usage.reasoning.is_some_and(|reasoning| reasoning > output) {
        usage.reasoning = usage.tokens.output;
        call.usage_mismatch = true;
    }

    let charge = &mut call.charge;
    let costs = [charge.total, charge.searches, charge.reasoning];
    made_up |= costs
        .into_iter()
        .chain(charge.cost.iter().map(|(_, cost)| *cost))
        .flatten()
        .any(|cost| !(NanoUsd::ZERO..=COST_MAX).contains(&cost));
    if made_up {
        call.price_state = PriceState::Unpriced;
        charge.total = None;
        charge.cost = PerBucket::default();
        charge.reasoning = None;
        charge.searches = None;
    }
    let output = charge.cost.output.unwrap_or_default();
    if charge.reasoning.is_some_and(|reasoning| reasoning > output) {
        charge.reasoning = charge.cost.output;
    }
}

/// Makes the beginning of a call one that can be recorded.
pub(super) fn believable_start(start: &mut CallStart) {
    start.clean_texts();
    start.estimated_input = start.estimated_input.map(|count| count.min(COUNT_MAX));
}
