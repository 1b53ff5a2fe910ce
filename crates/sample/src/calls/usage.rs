//! What a made-up call used.

use domain::{call::Operation, provider::ProviderType, usage::Usage};
use rand::{RngExt as _, rngs::Xoshiro256PlusPlus};

use crate::world::Offer;

/// The shortest prompts have so many tokens, the longest so many doublings more.
const SHORTEST_PROMPT: u64 = 60;
const PROMPT_DOUBLINGS: u32 = 9;
const SHORTEST_ANSWER: u64 = 12;
const ANSWER_DOUBLINGS: u32 = 6;

/// Tokens in the buckets that the provider type reports.
pub(super) fn made_up(offer: &Offer, random: &mut Xoshiro256PlusPlus) -> Usage {
    let prompt = length(SHORTEST_PROMPT, PROMPT_DOUBLINGS, random);
    let mut usage = Usage::default();
    if offer.operation == Operation::Embeddings {
        usage.tokens.input = Some(prompt);
        usage.provider_total = Some(prompt);
        return usage;
    }
    let output = length(SHORTEST_ANSWER, ANSWER_DOUBLINGS, random);
    let cached = if random.random_bool(0.45) {
        share(prompt, random.random_range(300..900))
    } else {
        0
    };
    let fresh = prompt.saturating_sub(cached);
    let written = match offer.provider_type {
        ProviderType::Anthropic | ProviderType::Bedrock if random.random_bool(0.3) => {
            share(fresh, random.random_range(200..800))
        }
        _ => 0,
    };
    usage.tokens.input = Some(fresh.saturating_sub(written));
    usage.tokens.cached_input = Some(cached);
    if matches!(
        offer.provider_type,
        ProviderType::Anthropic | ProviderType::Bedrock
    ) {
        usage.tokens.cache_write_5m = Some(written);
    }
    usage.tokens.output = Some(output);
    usage.reasoning = random
        .random_bool(0.35)
        .then(|| share(output, random.random_range(100..700)));
    usage.provider_total = Some(usage.total_tokens());
    usage
}

/// Short ones are many, long ones few: each doubling is less likely than the one before.
fn length(shortest: u64, doublings: u32, random: &mut Xoshiro256PlusPlus) -> u64 {
    let mut length = shortest;
    for _ in 0..doublings {
        if random.random_bool(0.32) {
            break;
        }
        length = length.saturating_mul(2);
    }
    random.random_range(length..length.saturating_mul(2))
}

/// So many thousandths.
fn share(of: u64, thousandths: u64) -> u64 {
    of.saturating_mul(thousandths)
        .checked_div(1_000)
        .unwrap_or(0)
}
