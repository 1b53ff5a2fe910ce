//! What one call used, split into buckets that do not overlap.

use serde::{Deserialize, Serialize};

use crate::bucket::{Bucket, PerBucket};

/// The usage that a provider reported for one call.
///
/// `None` means that the provider did not report the count; `Some(0)` that it reported none. Each
/// token stands in exactly one bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens per bucket.
    pub tokens: PerBucket<Option<u64>>,
    /// Generated tokens that were reasoning. A part of `output`, never beside it.
    pub reasoning: Option<u64>,
    /// Web searches that the provider ran.
    pub searches: Option<u64>,
    /// The provider's own total of tokens, where it names one; for checking the split.
    pub provider_total: Option<u64>,
}

impl Usage {
    /// Tokens of the whole prompt: uncached, cached and written to caches. Decides the long-context tier.
    #[must_use]
    pub fn prompt_tokens(&self) -> u64 {
        self.sum(Bucket::is_prompt)
    }

    /// All tokens, prompt and generated.
    #[must_use]
    pub fn total_tokens(&self) -> u64 {
        self.sum(|_| true)
    }

    /// Whether the provider reported any count at all. That it ran no search is none: some say so before
    /// anything else is known.
    #[must_use]
    pub fn is_reported(&self) -> bool {
        self.searches.is_some_and(|searches| searches > 0)
            || self.tokens.iter().any(|(_, count)| count.is_some())
    }

    /// Whether the buckets do not add up to the provider's own total, where it names one.
    #[must_use]
    pub fn mismatch(&self) -> bool {
        self.provider_total
            .is_some_and(|total| total != self.total_tokens())
    }

    fn sum(&self, include: impl Fn(Bucket) -> bool) -> u64 {
        self.tokens
            .iter()
            .filter(|(bucket, _)| include(*bucket))
            .fold(0, |sum, (_, count)| sum.saturating_add(count.unwrap_or(0)))
    }
}
