//! Usage as Google's `generateContent` and embeddings report it, split into buckets.
//!
//! | count | where it stands |
//! |---|---|
//! | prompt | `promptTokenCount`, what was read from a cache inside it |
//! | read from cache | `cachedContentTokenCount` |
//! | results of tools that Google ran | `toolUsePromptTokenCount`, beside the prompt and billed like it |
//! | the answer | `candidatesTokenCount` |
//! | thoughts | `thoughtsTokenCount`, beside the answer or inside of it: the total tells |
//! | all of it | `totalTokenCount` |
//!
//! Zero counts are left out of the JSON. So an answer that is not counted is none where nothing was
//! generated, and not known where something was. Where thoughts or the answer are not counted, the total
//! still has them.
//!
//! Each count may be told by modality: audio and images get buckets of their own, by the rule of
//! `openai_usage`; what is told of the cache says which of them came from there. Video and documents are
//! counted, and billed, as text.
//!
//! There are no cache writes: a cache is billed by how long it is kept, which no answer tells.

use domain::{bucket::PerBucket, usage::Usage};

use crate::{
    json::{Raw, object},
    meter::openai_usage::{Split, take},
};

object! {
    /// A `usageMetadata` object.
    RawUsage {
        prompt = "promptTokenCount",
        cached = "cachedContentTokenCount",
        tool_use = "toolUsePromptTokenCount",
        candidates = "candidatesTokenCount",
        thoughts = "thoughtsTokenCount",
        total = "totalTokenCount",
        prompt_details = "promptTokensDetails",
        cache_details = "cacheTokensDetails",
        tool_use_details = "toolUsePromptTokensDetails",
        candidates_details = "candidatesTokensDetails",
        service_tier = "serviceTier",
        traffic_type = "trafficType",
    }
}

object! {
    /// Tokens of one modality.
    ModalityCount { modality = "modality", tokens = "tokenCount" }
}

/// Tokens of the modalities that have buckets of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Modalities {
    audio: u64,
    image: u64,
}

/// What one `usageMetadata` told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Told {
    prompt: Option<u64>,
    cached: Option<u64>,
    tool_use: Option<u64>,
    candidates: Option<u64>,
    thoughts: Option<u64>,
    total: Option<u64>,
    prompt_parts: Modalities,
    cached_parts: Modalities,
    tool_use_parts: Modalities,
    candidates_parts: Modalities,
}

/// What an answer can hold beside its prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Generated {
    /// Nothing: the answer is no text.
    Never,
    /// Nothing was seen.
    Nothing,
    /// Something was seen.
    Something,
}

impl Told {
    /// What the object tells. `None`: no count at all.
    pub(super) fn read(usage: &RawUsage<'_>) -> Option<Self> {
        let told = Self {
            prompt: usage.prompt.count(),
            cached: usage.cached.count(),
            tool_use: usage.tool_use.count(),
            candidates: usage.candidates.count(),
            thoughts: usage.thoughts.count(),
            total: usage.total.count(),
            prompt_parts: Modalities::read(usage.prompt_details),
            cached_parts: Modalities::read(usage.cache_details),
            tool_use_parts: Modalities::read(usage.tool_use_details),
            candidates_parts: Modalities::read(usage.candidates_details),
        };
        let counts = [
            told.prompt,
            told.cached,
            told.tool_use,
            told.candidates,
            told.thoughts,
            told.total,
        ];
        counts.iter().any(Option::is_some).then_some(told)
    }

    /// The buckets.
    pub(super) fn split(&self, generated: Generated) -> Split {
        let (prompt, cached) = (self.prompt.unwrap_or(0), self.cached.unwrap_or(0));
        let tool_use = self.tool_use.unwrap_or(0);
        let uncached = prompt.saturating_sub(cached).saturating_add(tool_use);
        let outside_of_cache = |prompt: u64, cached: u64, tool_use: u64| {
            Some(prompt.saturating_sub(cached).saturating_add(tool_use))
        };
        let audio = outside_of_cache(
            self.prompt_parts.audio,
            self.cached_parts.audio,
            self.tool_use_parts.audio,
        );
        let image = outside_of_cache(
            self.prompt_parts.image,
            self.cached_parts.image,
            self.tool_use_parts.image,
        );
        let (input_audio, rest) = take(audio, uncached);
        let (input_image, input) = take(image, rest);
        let (cached_input_audio, cached_rest) = take(Some(self.cached_parts.audio), cached);
        let output = self.output(generated);
        let (output_audio, rest) = take(Some(self.candidates_parts.audio), output.unwrap_or(0));
        let (output_image, text) = take(Some(self.candidates_parts.image), rest);
        let usage = Usage {
            tokens: PerBucket {
                input: self.prompt.or(self.tool_use).map(|_| input),
                cached_input: self.cached.map(|_| cached_rest),
                output: output.map(|_| text),
                input_audio,
                input_image,
                cached_input_audio,
                output_audio,
                output_image,
                ..PerBucket::default()
            },
            reasoning: self.thoughts.map(|thoughts| thoughts.min(text)),
            searches: None,
            provider_total: self.total,
        };
        let mismatch = usage.mismatch() || cached > prompt || self.thoughts > usage.reasoning;
        Split {
            usage,
            mismatch,
            billed_beside: false,
        }
    }

    /// All that was generated. `None`: not told.
    fn output(&self, generated: Generated) -> Option<u64> {
        let (candidates, thoughts) = (self.candidates.unwrap_or(0), self.thoughts.unwrap_or(0));
        let beside = candidates.saturating_add(thoughts);
        let prompt = self.prompt.unwrap_or(0);
        let by_total = self
            .total
            .map(|total| total.saturating_sub(prompt.saturating_add(self.tool_use.unwrap_or(0))));
        let counted = match by_total {
            Some(inside) if inside == candidates && candidates >= thoughts => inside,
            Some(all) if all == beside => all,
            // One of the two is not counted on its own.
            Some(all) if all > beside && (self.candidates.is_none() || self.thoughts.is_none()) => {
                all
            }
            Some(_) | None => beside,
        };
        let told = self.candidates.is_some() || self.thoughts.is_some() || counted > 0;
        match generated {
            Generated::Never => None,
            Generated::Nothing => Some(counted),
            Generated::Something => told.then_some(counted),
        }
    }
}

impl Modalities {
    fn read(details: Raw<'_>) -> Self {
        let mut modalities = Self::default();
        details.for_each(|part: ModalityCount<'_>| {
            let tokens = part.tokens.count().unwrap_or(0);
            let sum = match part.modality.escaped() {
                Some("AUDIO") => &mut modalities.audio,
                Some("IMAGE") => &mut modalities.image,
                // TEXT, VIDEO, DOCUMENT, and what is not known yet.
                Some(_) | None => return,
            };
            *sum = sum.saturating_add(tokens);
        });
        modalities
    }
}
