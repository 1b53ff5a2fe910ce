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

    let made_up = !is_believable(call);
    let charge = &mut call.charge;
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

/// Whether a call can have its counts and its costs. Whoever gives a call a price asks this first: one that cannot
/// is unpriced, whatever the rates. A count at the limit of a call that is marked as a mismatch was cut to it.
#[must_use]
pub fn is_believable(call: &Call) -> bool {
    let usage = &call.usage;
    let counts = [usage.reasoning, usage.searches, usage.provider_total];
    let most = if call.usage_mismatch {
        COUNT_MAX.saturating_sub(1)
    } else {
        COUNT_MAX
    };
    let charge = &call.charge;
    let costs = [charge.total, charge.searches, charge.reasoning];
    let are_counts = counts
        .into_iter()
        .chain(usage.tokens.iter().map(|(_, count)| *count))
        .flatten()
        .all(|count| count <= most);
    let are_costs = costs
        .into_iter()
        .chain(charge.cost.iter().map(|(_, cost)| *cost))
        .flatten()
        .all(|cost| (NanoUsd::ZERO..=COST_MAX).contains(&cost));
    are_counts && are_costs
}

/// Makes the beginning of a call one that can be recorded.
pub(super) fn believable_start(start: &mut CallStart) {
    start.clean_texts();
    start.estimated_input = start.estimated_input.map(|count| count.min(COUNT_MAX));
}

#[cfg(test)]
mod tests {
    use domain::{
        CallId, NanoUsd, ProviderId, Timestamp,
        call::{Call, CallStart, Operation, Outcome},
        pricing::{Charge, PriceState},
        provider::ProviderType,
        usage::Usage,
    };
    use uuid::Uuid;

    use super::{COST_MAX, COUNT_MAX, believable, is_believable};

    fn call(input: u64, total: i64) -> Call {
        let mut usage = Usage::default();
        usage.tokens.input = Some(input);
        Call {
            start: CallStart {
                id: CallId(Uuid::nil()),
                started_at: Timestamp::UNIX_EPOCH,
                provider: ProviderId::new("main").unwrap(),
                provider_type: ProviderType::OpenAi,
                model: None,
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
            usage,
            usage_mismatch: false,
            price_state: PriceState::Priced,
            charge: Charge {
                total: Some(NanoUsd(total)),
                ..Charge::default()
            },
        }
    }

    #[test]
    fn what_no_call_can_have_is_told_before_and_after_it_was_cut() {
        for (input, total, fine) in [
            (1, 1, true),
            (COUNT_MAX, COST_MAX.0, true),
            (COUNT_MAX + 1, 1, false),
            (u64::MAX, i64::MAX, false),
            (1, COST_MAX.0 + 1, false),
            (1, -1, false),
        ] {
            let mut call = call(input, total);
            assert_eq!(is_believable(&call), fine, "{input} {total}");
            believable(&mut call);
            let state = call.price_state;
            assert_eq!(state == PriceState::Priced, fine, "{input} {total}");
            // Its counts are as they were, or can be told from what was cut.
            assert_eq!(is_believable(&call), input <= COUNT_MAX, "{input} {total}");
        }
    }
}
