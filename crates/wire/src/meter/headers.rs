//! What the headers of an answer tell of its usage.
//!
//! | header | who | what |
//! |---|---|---|
//! | `x-amzn-bedrock-input-token-count`, `-output-token-count`, `-cache-read-input-token-count`, `-cache-write-input-token-count` | Bedrock, plain answers | counts, where the body has none |
//! | `x-amzn-bedrock-service-tier` | Bedrock | the tier that was used |
//! | `x-gemini-service-tier` | Google | the tier that was used |
//! | `fireworks-prompt-tokens`, `fireworks-cached-prompt-tokens` | Fireworks, plain answers | the prompt, where the body does not split it |

use domain::{provider::ProviderType, usage::Usage};

use crate::meter::{
    Reading,
    bedrock_usage::{Counts, Maker},
};

/// What headers told.
#[derive(Debug, Default)]
pub(super) struct Headers {
    tier: Option<String>,
    bedrock: Counts,
    prompt: PromptCounts,
}

/// A prompt, and the part of it that was read from a cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct PromptCounts {
    pub(super) whole: Option<u64>,
    pub(super) cached: Option<u64>,
}

impl Headers {
    /// Reads them; `get` gives a header's value by its name in lower case.
    pub(super) fn read<'h>(
        provider_type: ProviderType,
        get: &dyn Fn(&str) -> Option<&'h str>,
    ) -> Self {
        let count = |name: &str| get(name).and_then(|value| value.trim().parse::<u64>().ok());
        let word = |name: &str| {
            get(name)
                .map(str::trim)
                .filter(|word| !word.is_empty())
                .map(str::to_owned)
        };
        match provider_type {
            ProviderType::OpenAi
            | ProviderType::Anthropic
            | ProviderType::VertexAi
            | ProviderType::AzureOpenAi
            | ProviderType::Cohere => Self::default(),
            ProviderType::GoogleAi => Self {
                tier: word("x-gemini-service-tier"),
                ..Self::default()
            },
            ProviderType::Bedrock => Self {
                tier: word("x-amzn-bedrock-service-tier"),
                bedrock: Counts {
                    input: count("x-amzn-bedrock-input-token-count"),
                    output: count("x-amzn-bedrock-output-token-count"),
                    cache_read: count("x-amzn-bedrock-cache-read-input-token-count"),
                    cache_write: count("x-amzn-bedrock-cache-write-input-token-count"),
                },
                ..Self::default()
            },
            ProviderType::OpenAiCompatible => Self {
                prompt: PromptCounts {
                    whole: count("fireworks-prompt-tokens"),
                    cached: count("fireworks-cached-prompt-tokens"),
                },
                ..Self::default()
            },
        }
    }

    /// Adds to what the body told: the tier, and counts that it left out.
    pub(super) fn complete(
        &self,
        provider_type: ProviderType,
        maker: Maker,
        reading: &mut Reading,
    ) {
        if let Some(tier) = &self.tier {
            reading.set_tier(provider_type, tier);
        }
        self.bedrock.fill(maker, &mut reading.usage);
        self.prompt.fill(&mut reading.usage);
    }
}

impl PromptCounts {
    /// Fills in the prompt where an answer told nothing of it, and splits it where the answer did not.
    pub(super) fn fill(&self, usage: &mut Usage) {
        let tokens = &mut usage.tokens;
        let whole = tokens.input.or(self.whole);
        let (Some(whole), None) = (whole, tokens.cached_input) else {
            return;
        };
        let cached = self.cached.map(|cached| cached.min(whole));
        tokens.input = Some(whole - cached.unwrap_or(0));
        tokens.cached_input = cached;
    }
}
