//! Usage as Cohere reports it, split into buckets.
//!
//! | count | where it stands |
//! |---|---|
//! | what is billed | `billed_units`: `input_tokens`, `output_tokens`, `image_tokens`, `search_units` |
//! | what the model saw | `tokens`: with the hidden template of the prompt, which nobody pays for |
//! | read from cache | `cached_tokens`, of what the model saw |
//!
//! What is billed counts; only where it is not told at all do `tokens`. The cached part is taken out of the
//! billed input, and never more than that: a model without a rate for it bills it as input. Image tokens stand
//! beside the input. What a rerank bills are search units, which are counted as searches.
//!
//! Counts are JSON numbers that may have a fraction. `12.0` is 12. A true fraction, which no bill can have, is
//! rounded up and the usage marked as one that does not fit together.
//!
//! Classifications, and images that are billed each and not by tokens, belong in no bucket.

use domain::{bucket::PerBucket, usage::Usage};

use crate::{
    json::{Raw, object},
    meter::openai_usage::Split,
};

object! {
    /// The `usage` of a chat, or the `meta` of everything else.
    RawUsage { billed_units = "billed_units", tokens = "tokens", cached_tokens = "cached_tokens" }
}

object! {
    /// Counts of what is billed, or of what the model saw.
    RawUnits {
        input_tokens = "input_tokens",
        output_tokens = "output_tokens",
        image_tokens = "image_tokens",
        images = "images",
        search_units = "search_units",
        classifications = "classifications",
    }
}

/// The same, as numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Units {
    input: Option<u64>,
    output: Option<u64>,
    image_tokens: Option<u64>,
    images: Option<u64>,
    searches: Option<u64>,
    classifications: Option<u64>,
    /// One of them had a fraction.
    fraction: bool,
}

impl RawUsage<'_> {
    /// The buckets. `None`: the object reports no count at all.
    pub(super) fn split(&self) -> Option<Split> {
        let mut units = Units::read(self.billed_units)
            .or_else(|| Units::read(self.tokens))
            .unwrap_or_default();
        let cached = units.count(self.cached_tokens);
        // Without a count of the prompt there is nothing that it could be a part of.
        let cached = cached.map(|cached| cached.min(units.input.unwrap_or(0)));
        let usage = Usage {
            tokens: PerBucket {
                input: units
                    .input
                    .map(|input| input.saturating_sub(cached.unwrap_or(0))),
                cached_input: cached.filter(|_| units.input.is_some()),
                output: units.output,
                input_image: units.image_tokens.filter(|tokens| *tokens > 0),
                ..PerBucket::default()
            },
            reasoning: None,
            searches: units.searches,
            provider_total: None,
        };
        let some = |count: Option<u64>| count.is_some_and(|count| count > 0);
        let billed_beside =
            some(units.classifications) || (some(units.images) && !some(units.image_tokens));
        (units.is_told() || billed_beside).then_some(Split {
            usage,
            mismatch: units.fraction,
            billed_beside,
        })
    }
}

impl Units {
    /// The counts of an object. `None`: there is none in it.
    fn read(units: Raw<'_>) -> Option<Self> {
        let raw: RawUnits<'_> = units.object()?;
        let mut units = Self::default();
        units.input = units.count(raw.input_tokens);
        units.output = units.count(raw.output_tokens);
        units.image_tokens = units.count(raw.image_tokens);
        units.images = units.count(raw.images);
        units.searches = units.count(raw.search_units);
        units.classifications = units.count(raw.classifications);
        let told = units.is_told() || units.images.is_some() || units.classifications.is_some();
        told.then_some(units)
    }

    /// Whether there is a count of something that has a bucket.
    const fn is_told(&self) -> bool {
        self.input.is_some()
            || self.output.is_some()
            || self.image_tokens.is_some()
            || self.searches.is_some()
    }

    /// A count; notes where it has a fraction.
    fn count(&mut self, number: Raw<'_>) -> Option<u64> {
        let text = number.text()?;
        if let Ok(count) = text.parse() {
            return Some(count);
        }
        let number = text
            .parse::<f64>()
            .ok()
            .filter(|number| number.is_finite())?;
        let up = number.max(0.0).ceil();
        self.fraction |= up - number.max(0.0) > 0.0;
        format!("{up:.0}").parse().ok()
    }
}
