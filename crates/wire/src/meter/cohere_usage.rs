//! Usage as Cohere reports it, split into buckets.
//!
//! | count | where it stands |
//! |---|---|
//! | what is billed | `billed_units`: `input_tokens`, `text_tokens`, `output_tokens`, `image_tokens`, `search_units` |
//! | what the model saw | `tokens`: with the hidden template of the prompt, which nobody pays for |
//! | read from cache | `cached_tokens`, of what the model saw |
//!
//! What is billed counts; only where it is not told do `tokens`: at all, or, of a chat, neither what came in nor
//! what went out. The cached part is taken out of the billed input, and never more than that: a model without a
//! rate for it bills it as input. Image tokens stand beside the input. Those of a text are the input where no
//! other is told; an input that has the images in it, too, does not fit together with them, and the text counts.
//! What a rerank bills are search units, which are counted as searches.
//!
//! Counts are JSON numbers that may have a fraction. `12.0` is 12. A true fraction, a negative number and one that
//! is too large are on no bill: the first is rounded up, the second is 0, the last is none, and the usage is
//! marked as one that does not fit together.
//!
//! Classifications, pages, and images that are billed each and not by tokens, belong in no bucket.

use domain::{bucket::PerBucket, usage::Usage};
use rust_decimal::{Decimal, prelude::ToPrimitive};

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
        text_tokens = "text_tokens",
        output_tokens = "output_tokens",
        image_tokens = "image_tokens",
        images = "images",
        pages = "pages",
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
    pages: Option<u64>,
    searches: Option<u64>,
    classifications: Option<u64>,
    /// One of them is on no bill, or they do not fit together.
    mismatch: bool,
}

impl RawUsage<'_> {
    /// The buckets. `None`: the object reports no count at all.
    pub(super) fn split(&self) -> Option<Split> {
        let units = Units::read(self.billed_units).or_else(|| Units::read(self.tokens));
        self.split_of(units.unwrap_or_default())
    }

    /// The same of a chat, of which tokens are billed, whatever else is.
    pub(super) fn split_of_chat(&self) -> Option<Split> {
        let mut units = Units::read(self.billed_units).unwrap_or_default();
        if units.input.is_none() && units.output.is_none() {
            let seen = Units::read(self.tokens).unwrap_or_default();
            units.input = seen.input;
            units.output = seen.output;
            units.mismatch |= seen.mismatch;
        }
        self.split_of(units)
    }

    fn split_of(&self, mut units: Units) -> Option<Split> {
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
        let billed_beside = some(units.classifications)
            || some(units.pages)
            || (some(units.images) && !some(units.image_tokens));
        (units.is_told() || billed_beside).then_some(Split {
            usage,
            mismatch: units.mismatch,
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
        units.pages = units.count(raw.pages);
        units.searches = units.count(raw.search_units);
        units.classifications = units.count(raw.classifications);
        if let Some(text) = units.count(raw.text_tokens) {
            let input = units.input.unwrap_or(text);
            let images = units.image_tokens.unwrap_or(0);
            units.mismatch |= input != text;
            units.input = Some(if input == text.saturating_add(images) {
                text
            } else {
                input
            });
        }
        let beside = [units.images, units.pages, units.classifications];
        let told = units.is_told() || beside.iter().any(Option::is_some);
        told.then_some(units)
    }

    /// Whether there is a count of something that has a bucket.
    const fn is_told(&self) -> bool {
        self.input.is_some()
            || self.output.is_some()
            || self.image_tokens.is_some()
            || self.searches.is_some()
    }

    /// A count; notes where it is none that a bill can have.
    fn count(&mut self, number: Raw<'_>) -> Option<u64> {
        let (count, is_exact) = count(number.text()?)?;
        self.mismatch |= !is_exact;
        count
    }
}

/// The count that a JSON number is, and whether it is that very number; `None` as the count: too large.
/// `None`: it is no number.
fn count(text: &str) -> Option<(Option<u64>, bool)> {
    if let Ok(count) = text.parse() {
        return Some((Some(count), true));
    }
    if !text.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
        return None;
    }
    let number = if text.contains(['e', 'E']) {
        Decimal::from_scientific(text)
    } else {
        Decimal::from_str_exact(text)
    };
    let Ok(number) = number else {
        return Some((None, false));
    };
    let up = number.max(Decimal::ZERO).ceil();
    Some((up.to_u64(), up == number && up.to_u64().is_some()))
}
