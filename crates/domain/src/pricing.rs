//! Pricing: from usage and rates to the cost of one call. The only place where money is computed.
//!
//! | step | rule |
//! |---|---|
//! | 1 | a bucket's rate is the provider's override for the requested model, else its override for the model that the answer names; an override holds for every prompt size, tier and geography |
//! | 2 | else the catalog's rate for the model that the answer names, else for the requested one |
//! | 3 | the catalog's rate is that of the answer's tier (a tier that a model has no rates for costs the standard ones), where it names none of the tier whose hours hold at the start of the call; of the long-context table when the whole prompt is strictly above the threshold; times the geography's multiplier |
//! | 4 | a cache bucket without any rate bills at the input rate in force |
//! | 5 | audio and image tokens without a rate of their own in the catalog count as input, cached input or output; those with one keep it, whatever an override says |
//! | 6 | a bucket that has tokens and no rate makes the call unpriced: its total is not known, which is not the same as nothing |
//! | 7 | searches cost the catalog's rate per thousand: no override, no tier, no geography |
//!
//! A tier's blank rate is the standard one times the ratio of the tier's input rate to the standard
//! input rate, for every bucket and for long prompts too. The notes that came with the price lists
//! would leave a blank cached rate at the standard one; the design's fine print decides for the ratio.
//! A tier without an input rate has no ratio, and then its blank rates are unknown.
//!
//! Costs are rounded half-even to nano-dollars once per bucket, and the total is the sum of the
//! rounded costs, so that rows, buckets and totals agree to the last digit.
//!
//! Knows nothing of providers' APIs, of clocks, or of where rates are kept.

use std::iter;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{
    bucket::{Bucket, PerBucket},
    money::{NanoUsd, UsdPerMtok, UsdPerThousand},
    provider::PricePlace,
};

mod hours;
mod lookup;
mod price;

pub use hours::{InvalidHours, WeeklyHours};
pub use lookup::{card_names, expected_card, is_fee, is_pinned, is_prepaid};
pub use price::{PriceRequest, Priced, price};

/// Rates of a model that an admin has set; `None` keeps the catalog's rate, zero is free.
pub type RateOverrides = PerBucket<Option<UsdPerMtok>>;

/// The list prices of one model, as the catalog has them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RateCard {
    /// Rates of an ordinary call. `None`: not published.
    pub standard: PerBucket<Option<UsdPerMtok>>,
    /// Rates that replace the standard ones for a long prompt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub long_context: Option<LongContext>,
    /// Rates of other service tiers, each tier once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<TierRates>,
    /// What every token rate is multiplied by when the call is pinned to a geography.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regional_multiplier: Option<Decimal>,
    /// Searches run by the provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub searches: Option<UsdPerThousand>,
}

impl RateCard {
    /// The prices of the calls of an upstream that is called there, before any answer tells more: where they are
    /// pinned to a geography, every token rate is multiplied.
    #[must_use]
    pub fn at(mut self, place: &PricePlace) -> Self {
        if !place.is_pinned {
            return self;
        }
        let Some(multiplier) = self.regional_multiplier.take() else {
            return self;
        };
        let scale = |rates: &mut PerBucket<Option<UsdPerMtok>>| {
            for bucket in Bucket::ALL {
                let rate = rates.get_mut(*bucket);
                *rate = rate.map(|rate| rate.times(multiplier));
            }
        };
        scale(&mut self.standard);
        let of_tiers = self.tiers.iter_mut().flat_map(|tier| {
            let long = tier.long_context.as_mut().map(|long| &mut long.rates);
            iter::once(&mut tier.rates).chain(long)
        });
        let long = self.long_context.as_mut().map(|long| &mut long.rates);
        of_tiers.chain(long).for_each(scale);
        self
    }
}

/// Rates that apply to the whole call once the whole prompt has more tokens than the threshold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LongContext {
    /// Tokens; the rates apply strictly above it.
    pub threshold: u64,
    /// `None` keeps the rate of the ordinary call.
    pub rates: PerBucket<Option<UsdPerMtok>>,
}

/// Rates of one service tier of a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierRates {
    /// The tier.
    pub tier: ServiceTier,
    /// `None`: the standard rate times the tier's ratio of input rates.
    pub rates: PerBucket<Option<UsdPerMtok>>,
    /// The tier's own rates for a long prompt. `None`, as a blank in it: the model's long rate times the
    /// tier's ratio; where the model has none, the tier's ordinary rate stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub long_context: Option<LongContext>,
    /// When the tier holds of itself, named by no answer. `None`: only where an answer names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<WeeklyHours>,
}

/// A service tier with rates of its own. What a provider calls its ordinary tier is no tier here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceTier {
    /// Answers within a day, at a discount.
    Batch,
    /// Slower, at a discount.
    Flex,
    /// Faster, at a premium.
    Priority,
    /// OpenAI's fastest, at a higher premium.
    Ultrafast,
    /// Anthropic's `speed: fast`.
    Fast,
    /// DeepSeek outside of its peak hours.
    OffPeak,
}

/// Where a rate came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RateSource {
    /// Set by an admin for this provider and model.
    Override,
    /// The catalog's list price.
    Catalog,
    /// The input rate in force, for a cache bucket that has no rate of its own.
    Input,
}

/// The rate that a bucket was priced with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppliedRate {
    /// US dollars per million tokens, tier and geography included.
    pub usd_per_mtok: UsdPerMtok,
    /// Where it came from.
    pub source: RateSource,
}

/// The rate that searches were priced with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppliedSearchRate {
    /// US dollars per thousand searches.
    pub usd_per_thousand: UsdPerThousand,
    /// Where it came from: always the catalog.
    pub source: RateSource,
}

/// Whether, and how surely, the cost of a call is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PriceState {
    /// Each bucket that has tokens has a rate; the counts are the provider's.
    Priced,
    /// As priced, but Weir counted the tokens since the provider did not report them.
    Estimated,
    /// Some bucket that has tokens has no rate: the total is unknown, which is not zero.
    Unpriced,
    /// The call costs nothing by nature: a model list, a token count, a refused or failed call.
    NotBilled,
}

impl PriceState {
    /// The name in JSON, in the database and in addresses.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Priced => "priced",
            Self::Estimated => "estimated",
            Self::Unpriced => "unpriced",
            Self::NotBilled => "not_billed",
        }
    }

    /// Every state.
    pub const ALL: &'static [Self] = &[
        Self::Priced,
        Self::Estimated,
        Self::Unpriced,
        Self::NotBilled,
    ];
}

/// What one call cost, with all that explains it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Charge {
    /// `None` where the call is unpriced or not billed.
    pub total: Option<NanoUsd>,
    /// Cost per bucket. `None` where the bucket has no tokens or no rate.
    pub cost: PerBucket<Option<NanoUsd>>,
    /// The part of `cost.output` that was reasoning, rounded on its own; for display, never added to
    /// the total. `None` where there was none or output has no rate.
    pub reasoning: Option<NanoUsd>,
    /// Cost of the searches. `None` where there were none or they have no rate.
    pub searches: Option<NanoUsd>,
    /// The rate of each bucket that has tokens.
    pub rates: PerBucket<Option<AppliedRate>>,
    /// The rate of the searches, where there were any.
    pub search_rate: Option<AppliedSearchRate>,
    /// Whether Weir counted the tokens, also where the call is unpriced and its state does not say so.
    #[serde(default)]
    pub estimated: bool,
    /// Whether something was billed that is in no bucket, so that no rate makes the total known.
    #[serde(default)]
    pub billed_beside: bool,
}

#[cfg(test)]
mod tests;
