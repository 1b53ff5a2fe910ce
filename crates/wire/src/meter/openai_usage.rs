//! Usage as OpenAI's API and the many that imitate it report it, split into buckets.
//!
//! | what | where it stands | which hosts |
//! |---|---|---|
//! | prompt | `prompt_tokens`; Responses `input_tokens` | all |
//! | read from cache | `*_tokens_details.cached_tokens` | OpenAI, Azure, Groq, Cerebras, Fireworks, SambaNova, Mistral, xAI, vLLM |
//! | | `prompt_cache_hit_tokens` | DeepSeek |
//! | | `cached_tokens` at the top | Together |
//! | | `cache_read_input_tokens` at the top | Databricks |
//! | written to cache | `*_tokens_details.cache_write_tokens`, Responses also by TTL | OpenAI |
//! | | `cache_creation_input_tokens` at the top | Databricks with Claude |
//! | generated | `completion_tokens`; Responses `output_tokens` | all |
//! | reasoning | `*_tokens_details.reasoning_tokens` | most |
//! | | `reasoning_tokens` at the top | Databricks, Perplexity |
//! | searches | `num_search_queries` | Perplexity |
//!
//! Cache counts are parts of the prompt and reasoning is a part of what was generated. Two exceptions show
//! in the total: xAI's chat has reasoning beside `completion_tokens`, and Databricks may have cache counts
//! beside `prompt_tokens`. Where the total is prompt and completion plus such a count, that count stands
//! outside; where there is no total, a count that is larger than what it should be a part of does.
//!
//! Google has thoughts beside `completion_tokens` too, and where it does not tell how many, they are what
//! the total has beyond prompt and completion.
//!
//! A count that is told in two places is one count, and the larger one is taken. Audio and image tokens are
//! parts of the totals: they get buckets of their own where there are any, and since nobody tells how many
//! of them came from the cache, they are taken out of the uncached part.
//!
//! Perplexity's `citation_tokens`, and reasoning that the total does not count in, are billed at rates that
//! no bucket has: they are left out and the usage is marked as not fitting. What OpenAI's image tool
//! used (`tool_usage.image_gen` of a response) is outside its `usage`: it is in no bucket, and the answer is marked as billed beside them.
//! Mistral's `prompt_audio_seconds` and Cerebras' `image_tokens` at the top count nothing that is billed
//! apart.

use domain::{bucket::PerBucket, provider::ProviderType, usage::Usage};

use crate::json::{Raw, object};

object! {
    /// A `usage` object, in every form that is known.
    RawUsage {
        prompt_tokens = "prompt_tokens",
        completion_tokens = "completion_tokens",
        input_tokens = "input_tokens",
        output_tokens = "output_tokens",
        total_tokens = "total_tokens",
        prompt_details = "prompt_tokens_details",
        completion_details = "completion_tokens_details",
        input_details = "input_tokens_details",
        output_details = "output_tokens_details",
        cache_hit = "prompt_cache_hit_tokens",
        cached_tokens = "cached_tokens",
        cache_read = "cache_read_input_tokens",
        cache_creation = "cache_creation_input_tokens",
        reasoning_tokens = "reasoning_tokens",
        citation_tokens = "citation_tokens",
        searches = "num_search_queries",
        service_tier = "service_tier",
        extra_properties = "extra_properties",
    }
}

object! {
    /// What the prompt was made of.
    PromptDetails {
        cached = "cached_tokens",
        cache_write = "cache_write_tokens",
        cache_write_details = "cache_write_tokens_details",
        audio = "audio_tokens",
        image = "image_tokens",
    }
}

object! {
    /// Cache writes by the time that they live.
    WriteDetails { ttl_30m = "ttl_30m_tokens", ttl_12h = "ttl_12h_tokens" }
}

object! {
    /// What was generated.
    OutputDetails { reasoning = "reasoning_tokens", audio = "audio_tokens", image = "image_tokens" }
}

/// A usage in buckets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Split {
    pub(super) usage: Usage,
    /// Whether the counts do not fit together.
    pub(super) mismatch: bool,
    /// Whether there are tokens that are billed at rates which no bucket has.
    pub(super) billed_beside: bool,
}

/// Tokens written to caches, by the time that they live.
#[derive(Default)]
struct Writes {
    ttl_30m: Option<u64>,
    ttl_12h: Option<u64>,
    unknown: Option<u64>,
}

impl RawUsage<'_> {
    /// The buckets. `None`: the object reports no count at all.
    pub(super) fn split(&self, provider_type: ProviderType) -> Option<Split> {
        let prompt_details: PromptDetails<'_> = self
            .prompt_details
            .object()
            .or(self.input_details.object())
            .unwrap_or_default();
        let output_details: OutputDetails<'_> = self
            .completion_details
            .object()
            .or(self.output_details.object())
            .unwrap_or_default();
        let prompt = self.prompt_tokens.count().or(self.input_tokens.count());
        let generated = self
            .completion_tokens
            .count()
            .or(self.output_tokens.count());
        let total = self.total_tokens.count();
        let cached = [
            prompt_details.cached,
            self.cache_hit,
            self.cached_tokens,
            self.cache_read,
        ]
        .into_iter()
        .filter_map(Raw::count)
        .max();
        let writes = Writes::read(&prompt_details, self.cache_creation);
        let reasoning = output_details
            .reasoning
            .count()
            .max(self.reasoning_tokens.count())
            .or_else(|| untold_thoughts(provider_type, prompt, generated, total));
        let cache_named_apart = self.cache_read.count().max(self.cache_creation.count()) > Some(0);

        let parts = Parts {
            prompt: prompt.unwrap_or(0),
            generated: generated.unwrap_or(0),
            cache: cached.unwrap_or(0).saturating_add(writes.total()),
            reasoning: reasoning.unwrap_or(0),
        };
        let outside = parts.outside(total, cache_named_apart);
        let uncached = if outside.cache {
            parts.prompt
        } else {
            parts.prompt.saturating_sub(parts.cache)
        };
        let generated_whole = parts.generated.saturating_add(if outside.reasoning {
            parts.reasoning
        } else {
            0
        });
        let (input_audio, uncached) = take(prompt_details.audio.count(), uncached);
        let (input_image, uncached) = take(prompt_details.image.count(), uncached);
        let (output_audio, text) = take(output_details.audio.count(), generated_whole);
        let (output_image, text) = take(output_details.image.count(), text);

        let usage = Usage {
            tokens: PerBucket {
                input: prompt.map(|_| uncached),
                output: generated.map(|_| text),
                cached_input: cached,
                cache_write_30m: writes.ttl_30m,
                cache_write_12h: writes.ttl_12h,
                cache_write_unknown: writes.unknown,
                input_audio,
                input_image,
                output_audio,
                output_image,
                ..PerBucket::default()
            },
            reasoning: reasoning.map(|count| count.min(text)),
            searches: self.searches.count(),
            provider_total: total,
        };
        let cannot_be = !outside.cache && parts.cache > parts.prompt;
        let left_out = reasoning > usage.reasoning || self.citation_tokens.count() > Some(0);
        let told = usage.is_reported() || total.is_some();
        told.then(|| Split {
            usage,
            mismatch: usage.mismatch() || cannot_be || left_out,
            billed_beside: left_out,
        })
    }
}

impl Writes {
    fn read(details: &PromptDetails<'_>, creation: Raw<'_>) -> Self {
        let split = details.cache_write_details.object::<WriteDetails<'_>>();
        let told = split.map(|split| (split.ttl_30m.count(), split.ttl_12h.count()));
        match (details.cache_write.count(), told) {
            (None, None | Some((None, None))) => Self {
                unknown: creation.count(),
                ..Self::default()
            },
            // Thirty minutes unless something else is said.
            (Some(all), None | Some((None, None))) => Self {
                ttl_30m: Some(all),
                ..Self::default()
            },
            (Some(all), Some((None, Some(ttl_12h)))) => Self {
                ttl_30m: Some(all.saturating_sub(ttl_12h)),
                ttl_12h: Some(ttl_12h),
                unknown: None,
            },
            (all, Some((ttl_30m, ttl_12h))) => {
                let split = ttl_30m.unwrap_or(0).saturating_add(ttl_12h.unwrap_or(0));
                let rest = all.unwrap_or(0).saturating_sub(split);
                Self {
                    ttl_30m,
                    ttl_12h,
                    unknown: (rest > 0).then_some(rest),
                }
            }
        }
    }

    fn total(&self) -> u64 {
        [self.ttl_30m, self.ttl_12h, self.unknown]
            .into_iter()
            .flatten()
            .fold(0, u64::saturating_add)
    }
}

/// The counts that decide what stands inside what.
struct Parts {
    prompt: u64,
    generated: u64,
    cache: u64,
    reasoning: u64,
}

/// Which counts stand beside those that they are usually a part of.
#[derive(Clone, Copy, Default)]
struct Outside {
    cache: bool,
    reasoning: bool,
}

impl Parts {
    fn outside(&self, total: Option<u64>, cache_named_apart: bool) -> Outside {
        let Some(total) = total else {
            return Outside {
                cache: cache_named_apart && self.cache > self.prompt,
                reasoning: self.reasoning > self.generated,
            };
        };
        let inside = Outside::default();
        [
            inside,
            Outside {
                cache: cache_named_apart,
                reasoning: false,
            },
            Outside {
                cache: false,
                reasoning: true,
            },
            Outside {
                cache: cache_named_apart,
                reasoning: true,
            },
        ]
        .into_iter()
        .find(|outside| self.sum(*outside) == total)
        .unwrap_or(inside)
    }

    /// The total if the counts stood like this.
    fn sum(&self, outside: Outside) -> u64 {
        self.prompt
            .saturating_add(self.generated)
            .saturating_add(if outside.cache { self.cache } else { 0 })
            .saturating_add(if outside.reasoning { self.reasoning } else { 0 })
    }
}

/// Google's imitation of the API tells the answer and the total, and not the thoughts between them.
fn untold_thoughts(
    provider_type: ProviderType,
    prompt: Option<u64>,
    generated: Option<u64>,
    total: Option<u64>,
) -> Option<u64> {
    match provider_type {
        ProviderType::GoogleAi | ProviderType::VertexAi => {
            let told = prompt?.saturating_add(generated?);
            total?.checked_sub(told).filter(|rest| *rest > 0)
        }
        ProviderType::OpenAi
        | ProviderType::Anthropic
        | ProviderType::Bedrock
        | ProviderType::AzureOpenAi
        | ProviderType::OpenAiCompatible
        | ProviderType::Cohere => None,
    }
}

/// Takes a part out of a whole: the part where it is more than nothing, and what is left of the whole.
pub(super) fn take(part: Option<u64>, whole: u64) -> (Option<u64>, u64) {
    match part.map(|part| part.min(whole)).filter(|part| *part > 0) {
        Some(part) => (Some(part), whole - part),
        None => (None, whole),
    }
}
