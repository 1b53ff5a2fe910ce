//! The pricing function: pure, total, and the same for every provider type, streamed or not.

use jiff::Timestamp;
use rust_decimal::Decimal;

use crate::{
    bucket::{Bucket, PerBucket},
    money::{NanoUsd, UsdPerMtok},
    pricing::{
        AppliedRate, AppliedSearchRate, Charge, LongContext, PriceState, RateCard, RateOverrides,
        RateSource, ServiceTier, TierRates,
    },
    usage::Usage,
};

/// All that the price of one call depends on.
#[derive(Debug, Clone, Copy)]
pub struct PriceRequest<'a> {
    /// What the call used. Nothing reported at all: the call is not billed. Zeros that were reported
    /// are priced, at zero.
    pub usage: &'a Usage,
    /// The provider's overrides in the order in which they are asked: those of the requested model,
    /// then those of the model that the answer names.
    pub overrides: [Option<&'a RateOverrides>; 2],
    /// The catalog's prices in the order in which they are asked: those of the model that the answer
    /// names, then those of the requested one. Where the answer's name must not count (Bedrock), only
    /// the second is given.
    pub cards: [Option<&'a RateCard>; 2],
    /// The tier that the answer names. `None`: the ordinary one, or one without a price of its own.
    pub tier: Option<ServiceTier>,
    /// When the call began; decides tiers that hold at certain hours.
    pub at: Timestamp,
    /// Whether the call was pinned to a geography that a multiplier holds for.
    pub pinned_geography: bool,
    /// Whether the provider bills something of the call that is in no bucket: its total is then unknown.
    pub billed_beside: bool,
    /// Whether Weir counted the tokens, since the provider did not report them.
    pub estimated: bool,
}

/// A priced call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Priced {
    /// The usage as it was priced: audio and image tokens without a rate of their own now stand in
    /// input, cached input or output. Each token is still in exactly one bucket.
    pub usage: Usage,
    /// Whether the cost is known: unpriced beats estimated beats priced.
    pub state: PriceState,
    /// The cost, and the rates that explain it.
    pub charge: Charge,
}

/// Prices one call.
///
/// Whether a call costs something by nature is the caller's to know: for a model list, a token count
/// or a refused call it passes a usage in which nothing is reported.
#[must_use]
pub fn price(request: &PriceRequest<'_>) -> Priced {
    if !request.usage.is_reported() {
        let charge = Charge::default();
        return Priced {
            usage: *request.usage,
            state: PriceState::NotBilled,
            charge,
        };
    }
    let rates = RatesInForce {
        request,
        prompt_tokens: request.usage.prompt_tokens(),
    };
    let usage = folded(request.usage, &rates);
    let mut charge = Charge {
        estimated: request.estimated,
        billed_beside: request.billed_beside,
        ..Charge::default()
    };
    let mut all_known = !request.billed_beside;

    for (bucket, tokens) in usage.tokens.iter() {
        let Some(tokens) = some_of(*tokens) else {
            continue;
        };
        let rate = rates.of(bucket);
        all_known &= rate.is_some();
        *charge.rates.get_mut(bucket) = rate;
        *charge.cost.get_mut(bucket) = rate.map(|rate| rate.usd_per_mtok.cost_of(tokens));
    }
    if let Some(searches) = some_of(usage.searches) {
        charge.search_rate = rates.of_searches();
        charge.searches = charge
            .search_rate
            .map(|rate| rate.usd_per_thousand.cost_of(searches));
        all_known &= charge.searches.is_some();
    }
    charge.reasoning = reasoning_cost(&usage, &charge);
    charge.total = all_known.then(|| total_of(&charge));

    let state = match (all_known, request.estimated) {
        (false, _) => PriceState::Unpriced,
        (true, true) => PriceState::Estimated,
        (true, false) => PriceState::Priced,
    };
    Priced {
        usage,
        state,
        charge,
    }
}

fn total_of(charge: &Charge) -> NanoUsd {
    charge
        .cost
        .iter()
        .filter_map(|(_, cost)| *cost)
        .chain(charge.searches)
        .sum()
}

/// Never more than the output's own cost, even where an answer claims more reasoning than output.
fn reasoning_cost(usage: &Usage, charge: &Charge) -> Option<NanoUsd> {
    let reasoning = some_of(usage.reasoning)?;
    let output = some_of(usage.tokens.output)?;
    let rate = charge.rates.output?;
    Some(rate.usd_per_mtok.cost_of(reasoning.min(output)))
}

/// A count that is reported and not zero.
fn some_of(count: Option<u64>) -> Option<u64> {
    count.filter(|count| *count > 0)
}

/// Moves audio and image tokens without a rate of their own to the bucket that they bill as.
fn folded(usage: &Usage, rates: &RatesInForce<'_>) -> Usage {
    let mut folded = *usage;
    for (bucket, tokens) in usage.tokens.iter() {
        let (Some(tokens), Some(into)) = (*tokens, bills_as(bucket)) else {
            continue;
        };
        if rates.listed(bucket).is_none() {
            *folded.tokens.get_mut(bucket) = None;
            let sum = folded.tokens.get_mut(into);
            *sum = Some(sum.unwrap_or(0).saturating_add(tokens));
        }
    }
    folded
}

/// The bucket that audio and image tokens bill as where they have no rate of their own.
const fn bills_as(bucket: Bucket) -> Option<Bucket> {
    match bucket {
        Bucket::InputAudio | Bucket::InputImage => Some(Bucket::Input),
        Bucket::CachedInputAudio => Some(Bucket::CachedInput),
        Bucket::OutputAudio | Bucket::OutputImage => Some(Bucket::Output),
        Bucket::Input
        | Bucket::Output
        | Bucket::CachedInput
        | Bucket::CacheWrite5m
        | Bucket::CacheWrite1h
        | Bucket::CacheWrite30m
        | Bucket::CacheWrite12h
        | Bucket::CacheWriteUnknown => None,
    }
}

/// The rates that hold for one call.
struct RatesInForce<'a> {
    request: &'a PriceRequest<'a>,
    prompt_tokens: u64,
}

impl RatesInForce<'_> {
    fn of(&self, bucket: Bucket) -> Option<AppliedRate> {
        self.overridden_or_listed(bucket).or_else(|| {
            let input = bucket
                .is_cache()
                .then(|| self.overridden_or_listed(Bucket::Input))??;
            Some(AppliedRate {
                source: RateSource::Input,
                ..input
            })
        })
    }

    fn overridden_or_listed(&self, bucket: Bucket) -> Option<AppliedRate> {
        if let Some(usd_per_mtok) = self.overridden(bucket) {
            return Some(AppliedRate {
                usd_per_mtok,
                source: RateSource::Override,
            });
        }
        let usd_per_mtok = self.listed(bucket)?;
        Some(AppliedRate {
            usd_per_mtok,
            source: RateSource::Catalog,
        })
    }

    fn overridden(&self, bucket: Bucket) -> Option<UsdPerMtok> {
        if !bucket.can_be_overridden() {
            return None;
        }
        self.request
            .overrides
            .iter()
            .flatten()
            .find_map(|rates| *rates.get(bucket))
    }

    fn listed(&self, bucket: Bucket) -> Option<UsdPerMtok> {
        self.request
            .cards
            .iter()
            .flatten()
            .find_map(|card| self.on_card(card, bucket))
    }

    fn of_searches(&self) -> Option<AppliedSearchRate> {
        let usd_per_thousand = self
            .request
            .cards
            .iter()
            .flatten()
            .find_map(|card| card.searches)?;
        Some(AppliedSearchRate {
            usd_per_thousand,
            source: RateSource::Catalog,
        })
    }

    fn on_card(&self, card: &RateCard, bucket: Bucket) -> Option<UsdPerMtok> {
        let tier = card.tiers.iter().find(|rates| match self.request.tier {
            Some(named) => rates.tier == named,
            None => rates
                .hours
                .as_ref()
                .is_some_and(|hours| hours.hold_at(self.request.at)),
        });
        let rate = match tier {
            Some(tier) => self.on_tier(card, tier, bucket),
            None => self.on_ordinary_tier(card, bucket),
        }?;
        match card.regional_multiplier {
            Some(multiplier) if self.request.pinned_geography => Some(rate.times(multiplier)),
            _ => Some(rate),
        }
    }

    fn on_ordinary_tier(&self, card: &RateCard, bucket: Bucket) -> Option<UsdPerMtok> {
        let long = card.long_context.as_ref().filter(|long| self.is_long(long));
        long.and_then(|long| *long.rates.get(bucket))
            .or(*card.standard.get(bucket))
    }

    fn on_tier(&self, card: &RateCard, tier: &TierRates, bucket: Bucket) -> Option<UsdPerMtok> {
        let own_long = tier.long_context.as_ref();
        let model_long = card.long_context.as_ref();
        let scaled = |rates: &PerBucket<Option<UsdPerMtok>>| {
            let standard = (*rates.get(bucket))?;
            Some(standard.times(tier_ratio(card, tier)?))
        };
        let long = own_long
            .or(model_long)
            .filter(|long| self.is_long(long))
            .and_then(|_| {
                own_long
                    .and_then(|long| *long.rates.get(bucket))
                    .or_else(|| scaled(&model_long?.rates))
            });
        long.or(*tier.rates.get(bucket))
            .or_else(|| scaled(&card.standard))
    }

    fn is_long(&self, long: &LongContext) -> bool {
        self.prompt_tokens > long.threshold
    }
}

/// What a tier's blank rates are derived with. `None` where either input rate is unknown, or where
/// there is no ratio since the standard rate is nothing and the tier's is not.
fn tier_ratio(card: &RateCard, tier: &TierRates) -> Option<Decimal> {
    let standard = card.standard.input?.usd();
    let own = tier.rates.input?.usd();
    if own == standard {
        Some(Decimal::ONE)
    } else {
        own.checked_div(standard)
    }
}
