//! Usage as Anthropic's API reports it, split into buckets.
//!
//! Nothing in it overlaps: `input_tokens` holds neither cache reads nor cache writes. Writes are told as
//! a total and, in a whole answer and at the start of a stream, by the time that they live; what the
//! split does not cover is a write of unknown time. `thinking_tokens` are a part of `output_tokens`.
//! There is no total.
//!
//! Later parts of a stream replace the counts that they carry: they are cumulative and never added.
//!
//! `iterations` (beta) list the runs of the model behind one answer:
//!
//! | type | rule |
//! |---|---|
//! | `message`, `fallback_message` | inside the counts at the top: passed over |
//! | `compaction` | beside the counts at the top and of the same model: added to its buckets |
//! | `advisor_message` | beside them and of another model, whose rates no bucket of this call has: left out, and the answer marked as billed beside its usage |
//!
//! Web fetches cost nothing but their tokens.

use domain::{bucket::PerBucket, usage::Usage};

use crate::json::{Raw, object};

object! {
    /// A `usage` object.
    RawUsage {
        input_tokens = "input_tokens",
        output_tokens = "output_tokens",
        cache_read = "cache_read_input_tokens",
        cache_creation = "cache_creation_input_tokens",
        cache_creation_split = "cache_creation",
        output_details = "output_tokens_details",
        server_tool_use = "server_tool_use",
        iterations = "iterations",
        service_tier = "service_tier",
        speed = "speed",
        inference_geo = "inference_geo",
        extra_properties = "extra_properties",
    }
}

object! {
    /// Cache writes by the time that they live.
    CacheCreation { ttl_5m = "ephemeral_5m_input_tokens", ttl_1h = "ephemeral_1h_input_tokens" }
}

object! {
    /// What the output was made of.
    OutputDetails { thinking = "thinking_tokens" }
}

object! {
    /// Tools that Anthropic ran.
    ServerToolUse { web_search_requests = "web_search_requests" }
}

object! {
    /// One run of a model behind the answer.
    Iteration {
        kind = "type",
        input_tokens = "input_tokens",
        output_tokens = "output_tokens",
        cache_read = "cache_read_input_tokens",
        cache_creation = "cache_creation_input_tokens",
        cache_creation_split = "cache_creation",
    }
}

/// The counts of one run, as far as they are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Counts {
    input: Option<u64>,
    output: Option<u64>,
    cache_read: Option<u64>,
    cache_creation: Option<u64>,
    ttl_5m: Option<u64>,
    ttl_1h: Option<u64>,
}

/// Everything that an answer has told so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Told {
    counts: Counts,
    thinking: Option<u64>,
    searches: Option<u64>,
    /// The sum of the compaction runs. `None`: none was listed.
    compaction: Option<Counts>,
    /// Whether a run of another model was listed.
    advisor: bool,
}

/// Whether the output count of a `usage` object holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OutputCount {
    /// It is the count so far or in the end.
    Holds,
    /// It is the small value that a stream starts with.
    StartValue,
}

impl Told {
    /// Takes in a `usage` object; what it carries replaces what was told before.
    pub(super) fn replace(&mut self, usage: &RawUsage<'_>, output: OutputCount) {
        let split: CacheCreation<'_> = usage.cache_creation_split.object().unwrap_or_default();
        let told = Counts {
            input: usage.input_tokens.count(),
            output: usage
                .output_tokens
                .count()
                .filter(|_| output == OutputCount::Holds),
            cache_read: usage.cache_read.count(),
            cache_creation: usage.cache_creation.count(),
            ttl_5m: split.ttl_5m.count(),
            ttl_1h: split.ttl_1h.count(),
        };
        self.counts = Counts::each(told, self.counts, Option::or);
        let details: OutputDetails<'_> = usage.output_details.object().unwrap_or_default();
        self.thinking = details
            .thinking
            .count()
            .filter(|_| output == OutputCount::Holds)
            .or(self.thinking);
        let tools: ServerToolUse<'_> = usage.server_tool_use.object().unwrap_or_default();
        self.searches = tools.web_search_requests.count().or(self.searches);
        if usage.iterations.is_list() {
            (self.compaction, self.advisor) = runs_beside(usage.iterations);
        }
    }

    /// Whether another model ran too, whose tokens are in no bucket.
    pub(super) const fn is_billed_beside(&self) -> bool {
        self.advisor
    }

    /// The buckets, and whether the counts do not fit together.
    pub(super) fn split(&self) -> (Usage, bool) {
        let top = self.counts.buckets();
        let tokens = match self.compaction {
            Some(compaction) => {
                let beside = compaction.buckets();
                PerBucket::from_fn(|bucket| sum(*top.get(bucket), *beside.get(bucket)))
            }
            None => top,
        };
        let reasoning = self
            .thinking
            .map(|thinking| thinking.min(tokens.output.unwrap_or(0)));
        let usage = Usage {
            tokens,
            reasoning,
            searches: self.searches,
            provider_total: None,
        };
        (
            usage,
            self.advisor || self.thinking > reasoning || self.counts.split_is_too_large(),
        )
    }
}

impl Counts {
    fn each(a: Self, b: Self, f: impl Fn(Option<u64>, Option<u64>) -> Option<u64>) -> Self {
        Self {
            input: f(a.input, b.input),
            output: f(a.output, b.output),
            cache_read: f(a.cache_read, b.cache_read),
            cache_creation: f(a.cache_creation, b.cache_creation),
            ttl_5m: f(a.ttl_5m, b.ttl_5m),
            ttl_1h: f(a.ttl_1h, b.ttl_1h),
        }
    }

    fn split_total(&self) -> u64 {
        self.ttl_5m
            .unwrap_or(0)
            .saturating_add(self.ttl_1h.unwrap_or(0))
    }

    fn split_is_too_large(&self) -> bool {
        self.cache_creation
            .is_some_and(|all| self.split_total() > all)
    }

    fn buckets(&self) -> PerBucket<Option<u64>> {
        let is_split = self.ttl_5m.is_some() || self.ttl_1h.is_some();
        let unknown = self
            .cache_creation
            .map(|all| all.saturating_sub(self.split_total()));
        PerBucket {
            input: self.input,
            output: self.output,
            cached_input: self.cache_read,
            cache_write_5m: self.ttl_5m,
            cache_write_1h: self.ttl_1h,
            // Where the split covers everything, nothing was told of other writes.
            cache_write_unknown: unknown.filter(|rest| *rest > 0 || !is_split),
            ..PerBucket::default()
        }
    }
}

/// The sum of the compaction runs, and whether an advisor ran.
fn runs_beside(iterations: Raw<'_>) -> (Option<Counts>, bool) {
    let (mut compaction, mut advisor): (Option<Counts>, bool) = (None, false);
    iterations.for_each(|run: Iteration<'_>| {
        let split: CacheCreation<'_> = run.cache_creation_split.object().unwrap_or_default();
        let counts = Counts {
            input: run.input_tokens.count(),
            output: run.output_tokens.count(),
            cache_read: run.cache_read.count(),
            cache_creation: run.cache_creation.count(),
            ttl_5m: split.ttl_5m.count(),
            ttl_1h: split.ttl_1h.count(),
        };
        if run.kind.is("compaction") {
            compaction = Some(Counts::each(counts, compaction.unwrap_or_default(), sum));
        }
        advisor |= run.kind.is("advisor_message");
    });
    (compaction, advisor)
}

/// The sum, where at least one of two counts was told.
fn sum(a: Option<u64>, b: Option<u64>) -> Option<u64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.saturating_add(b)),
        (told, None) | (None, told) => told,
    }
}
