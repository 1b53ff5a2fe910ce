//! What is read of the vendors' bodies, all of them in one: their members' names differ. It knows
//! nothing of the answers.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::caching::{Caching, Prompt};
use crate::json;

const CHARACTERS_PER_TOKEN: u64 = 4;
const TOKENS_OF_FRAMING: u64 = 2;

/// A body of any vendor but Anthropic.
#[derive(Deserialize)]
pub(super) struct InvokeRequest<'a> {
    /// Llama, Mistral, older models of Cohere.
    #[serde(borrow)]
    pub(super) prompt: Option<&'a RawValue>,
    /// Nova, newer models of Mistral.
    #[serde(borrow)]
    pub(super) messages: Option<&'a RawValue>,
    #[serde(borrow)]
    system: Option<&'a RawValue>,
    /// Cohere.
    #[serde(borrow)]
    pub(super) message: Option<&'a RawValue>,
    /// Titan.
    #[serde(borrow, rename = "inputText")]
    pub(super) input_text: Option<&'a RawValue>,
    /// Cohere's embeddings.
    #[serde(borrow)]
    pub(super) texts: Option<&'a RawValue>,
    /// Titan's embeddings.
    pub(super) dimensions: Option<usize>,
    /// Mistral, Cohere.
    pub(super) max_tokens: Option<u64>,
    /// Llama.
    pub(super) max_gen_len: Option<u64>,
    #[serde(rename = "textGenerationConfig")]
    titan: Option<TitanConfig>,
    #[serde(rename = "inferenceConfig")]
    nova: Option<NovaConfig>,
}

#[derive(Deserialize)]
struct TitanConfig {
    #[serde(rename = "maxTokenCount")]
    limit: Option<u64>,
}

#[derive(Deserialize)]
struct NovaConfig {
    #[serde(rename = "maxTokens", alias = "max_new_tokens")]
    limit: Option<u64>,
}

impl InvokeRequest<'_> {
    /// Titan's limit.
    pub(super) fn titan_limit(&self) -> Option<u64> {
        self.titan.as_ref()?.limit
    }

    /// Nova's limit.
    pub(super) fn nova_limit(&self) -> Option<u64> {
        self.nova.as_ref()?.limit
    }

    /// The tokens of the prompt.
    pub(super) fn prompt(&self) -> Prompt {
        let parts = [
            self.prompt,
            self.messages,
            self.system,
            self.message,
            self.input_text,
            self.texts,
        ];
        let length: usize = parts.iter().flatten().map(|part| part.get().len()).sum();
        let caching = Caching::of(&parts, "cachePoint");
        caching.split(json::count(length) / CHARACTERS_PER_TOKEN + TOKENS_OF_FRAMING)
    }

    /// Whether the headers tell the counts: not those of Cohere.
    pub(super) fn is_told_in_headers(&self) -> bool {
        self.message.is_none()
    }
}
