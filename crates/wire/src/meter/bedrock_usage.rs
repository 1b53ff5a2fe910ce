//! Usage as Bedrock itself reports it, split into buckets: in a Converse answer, in the headers of an
//! answer, and in the metrics at the end of an invoke stream.
//!
//! Nothing in it overlaps: the input holds neither cache reads nor cache writes. Converse tells writes by
//! the time that they live; what the split does not cover is a write of unknown time, of OpenAI's models
//! one for thirty minutes.
//!
//! | what | Converse | headers `x-amzn-bedrock-…` | `amazon-bedrock-invocationMetrics` |
//! |---|---|---|---|
//! | input | `inputTokens` | `input-token-count` | `inputTokenCount` |
//! | read from cache | `cacheReadInputTokens` | `cache-read-input-token-count` | `cacheReadInputTokenCount` |
//! | written to cache | `cacheWriteInputTokens`, `cacheDetails` | `cache-write-input-token-count` | `cacheWriteInputTokenCount` |
//! | generated | `outputTokens` | `output-token-count` | `outputTokenCount` |
//!
//! One fault is known: of OpenAI's models `inputTokens` has been seen with the cache counts inside. Where
//! they fit inside they are taken out.

use domain::{
    bucket::{Bucket, PerBucket},
    usage::Usage,
};

use crate::{
    json::{Raw, object},
    meter::openai_usage::Split,
};

object! {
    /// The `usage` of Converse; Nova's own API has other names for the cache counts.
    RawUsage {
        input = "inputTokens",
        output = "outputTokens",
        total = "totalTokens",
        cache_read = "cacheReadInputTokens",
        cache_read_count = "cacheReadInputTokenCount",
        cache_write = "cacheWriteInputTokens",
        cache_write_count = "cacheWriteInputTokenCount",
        cache_details = "cacheDetails",
    }
}

object! {
    /// Tokens written to caches for one time.
    CacheDetail { ttl = "ttl", tokens = "inputTokens" }
}

object! {
    /// The metrics of an invoke stream.
    Metrics {
        input = "inputTokenCount",
        output = "outputTokenCount",
        cache_read = "cacheReadInputTokenCount",
        cache_write = "cacheWriteInputTokenCount",
    }
}

/// Who made the model behind an answer, as far as it matters for reading its usage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Maker {
    /// OpenAI.
    OpenAi,
    /// Somebody else, or it is not known.
    #[default]
    Other,
}

impl Maker {
    /// The maker of a model by its id: bare, behind the prefix of a profile, or at the end of an ARN.
    pub(super) fn of(model: Option<&str>) -> Self {
        let id = model.and_then(|model| model.rsplit('/').next());
        let mut names = id.unwrap_or_default().split('.').take(2);
        if names.any(|name| name == "openai") {
            Self::OpenAi
        } else {
            Self::Other
        }
    }
}

/// The four counts that Bedrock tells of every model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Counts {
    pub(super) input: Option<u64>,
    pub(super) output: Option<u64>,
    pub(super) cache_read: Option<u64>,
    pub(super) cache_write: Option<u64>,
}

/// Tokens written to caches, by the time that they live.
#[derive(Default)]
struct Writes {
    split: PerBucket<Option<u64>>,
    total: u64,
}

impl RawUsage<'_> {
    /// The buckets. `None`: the object reports no count at all.
    pub(super) fn split(&self, maker: Maker) -> Option<Split> {
        let count = |names: [Raw<'_>; 2]| names.into_iter().find_map(Raw::count);
        let counts = Counts {
            input: self.input.count(),
            output: self.output.count(),
            cache_read: count([self.cache_read, self.cache_read_count]),
            cache_write: count([self.cache_write, self.cache_write_count]),
        };
        let writes = Writes::read(self.cache_details);
        let written = counts.cache_write.unwrap_or(0);
        let cache = counts
            .cache_read
            .unwrap_or(0)
            .saturating_add(written.max(writes.total));
        let mut tokens = counts.buckets(maker, writes.total);
        if maker == Maker::OpenAi {
            tokens.input = tokens
                .input
                .map(|input| input.checked_sub(cache).unwrap_or(input));
        }
        for (bucket, count) in writes.split.iter() {
            if let Some(count) = count {
                let sum = tokens.get_mut(bucket);
                *sum = Some(sum.unwrap_or(0).saturating_add(*count));
            }
        }
        let usage = Usage {
            tokens,
            reasoning: None,
            searches: None,
            provider_total: self.total.count(),
        };
        let too_large = counts.cache_write.is_some_and(|all| writes.total > all);
        let told = usage.is_reported() || usage.provider_total.is_some();
        told.then(|| Split {
            usage,
            mismatch: usage.mismatch() || too_large,
            billed_beside: false,
        })
    }
}

impl Writes {
    fn read(details: Raw<'_>) -> Self {
        let mut writes = Self::default();
        details.for_each(|detail: CacheDetail<'_>| {
            let Some(tokens) = detail.tokens.count() else {
                return;
            };
            let bucket = match detail.ttl.escaped() {
                Some("5m") => Bucket::CacheWrite5m,
                Some("30m") => Bucket::CacheWrite30m,
                Some("1h") => Bucket::CacheWrite1h,
                Some("12h") => Bucket::CacheWrite12h,
                // It stays in what the split does not cover.
                Some(_) | None => return,
            };
            let sum = writes.split.get_mut(bucket);
            *sum = Some(sum.unwrap_or(0).saturating_add(tokens));
            writes.total = writes.total.saturating_add(tokens);
        });
        writes
    }
}

impl Counts {
    /// The counts of an invoke stream's metrics.
    pub(super) fn of_metrics(metrics: Raw<'_>) -> Self {
        let metrics: Metrics<'_> = metrics.object().unwrap_or_default();
        Self {
            input: metrics.input.count(),
            output: metrics.output.count(),
            cache_read: metrics.cache_read.count(),
            cache_write: metrics.cache_write.count(),
        }
    }

    /// Fills in what an answer did not tell: its prompt if it told nothing of it, and its output. A count
    /// is never taken from one place and its complement from another, since they may draw the line
    /// between input and cache differently.
    pub(super) fn fill(&self, maker: Maker, usage: &mut Usage) {
        let told = self.buckets(maker, 0);
        let is_told = |is_prompt: bool| {
            usage
                .tokens
                .iter()
                .any(|(bucket, count)| bucket.is_prompt() == is_prompt && count.is_some())
        };
        let known = [is_told(false), is_told(true)];
        for bucket in Bucket::ALL {
            let [output_known, prompt_known] = known;
            let known = if bucket.is_prompt() {
                prompt_known
            } else {
                output_known
            };
            if !known {
                *usage.tokens.get_mut(*bucket) = *told.get(*bucket);
            }
        }
    }

    /// The buckets, of which `split` written tokens are told elsewhere.
    fn buckets(&self, maker: Maker, split: u64) -> PerBucket<Option<u64>> {
        // Where a split covers everything, nothing was told of other writes.
        let rest = self
            .cache_write
            .map(|all| all.saturating_sub(split))
            .filter(|rest| *rest > 0 || split == 0);
        let (ttl_30m, unknown) = match maker {
            Maker::OpenAi => (rest, None),
            Maker::Other => (None, rest),
        };
        PerBucket {
            input: self.input,
            output: self.output,
            cached_input: self.cache_read,
            cache_write_30m: ttl_30m,
            cache_write_unknown: unknown,
            ..PerBucket::default()
        }
    }
}
