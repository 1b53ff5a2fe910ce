//! Known hosts that speak OpenAI's API.
//!
//! Addresses: the vendors' SDKs and documentation, November 2026.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Known OpenAI-compatible hosts. Picks the address that is offered and the catalog's prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// api.deepseek.com
    Deepseek,
    /// api.together.ai
    TogetherAi,
    /// api.groq.com
    Groq,
    /// api.sambanova.ai
    Sambanova,
    /// api.cerebras.ai
    Cerebras,
    /// api.fireworks.ai
    FireworksAi,
    /// api.mistral.ai
    Mistral,
    /// api.x.ai
    Xai,
    /// api.perplexity.ai
    Perplexity,
    /// A vLLM server of one's own.
    Vllm,
    /// An Ollama server of one's own.
    Ollama,
    /// A Databricks workspace.
    Databricks,
    /// A model that MLflow serves, or MLflow's AI gateway.
    Mlflow,
}

impl Preset {
    /// Every preset, in the order in which people are offered them.
    pub const ALL: &'static [Self] = &[
        Self::Deepseek,
        Self::TogetherAi,
        Self::Groq,
        Self::Sambanova,
        Self::Cerebras,
        Self::FireworksAi,
        Self::Mistral,
        Self::Xai,
        Self::Perplexity,
        Self::Databricks,
        Self::Vllm,
        Self::Ollama,
        Self::Mlflow,
    ];

    /// The name in JSON and in addresses; the catalog's name for the host where it lists it.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Deepseek => "deepseek",
            Self::TogetherAi => "together_ai",
            Self::Groq => "groq",
            Self::Sambanova => "sambanova",
            Self::Cerebras => "cerebras",
            Self::FireworksAi => "fireworks_ai",
            Self::Mistral => "mistral",
            Self::Xai => "xai",
            Self::Perplexity => "perplexity",
            Self::Vllm => "vllm",
            Self::Ollama => "ollama",
            Self::Databricks => "databricks",
            Self::Mlflow => "mlflow",
        }
    }

    /// What a person reads.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Deepseek => "DeepSeek",
            Self::TogetherAi => "Together AI",
            Self::Groq => "Groq",
            Self::Sambanova => "SambaNova",
            Self::Cerebras => "Cerebras",
            Self::FireworksAi => "Fireworks",
            Self::Mistral => "Mistral",
            Self::Xai => "xAI",
            Self::Perplexity => "Perplexity",
            Self::Vllm => "vLLM",
            Self::Ollama => "Ollama",
            Self::Databricks => "Databricks",
            Self::Mlflow => "MLflow",
        }
    }

    /// The address that is offered. For hosts of one's own a pattern to be changed.
    #[must_use]
    pub const fn base_url(self) -> &'static str {
        match self {
            Self::Deepseek => "https://api.deepseek.com/v1",
            Self::TogetherAi => "https://api.together.ai/v1",
            Self::Groq => "https://api.groq.com/openai/v1",
            Self::Sambanova => "https://api.sambanova.ai/v1",
            Self::Cerebras => "https://api.cerebras.ai/v1",
            Self::FireworksAi => "https://api.fireworks.ai/inference/v1",
            Self::Mistral => "https://api.mistral.ai/v1",
            Self::Xai => "https://api.x.ai/v1",
            Self::Perplexity => "https://api.perplexity.ai",
            Self::Vllm => "http://localhost:8000/v1",
            Self::Ollama => "http://localhost:11434/v1",
            Self::Databricks => "https://WORKSPACE.cloud.databricks.com/serving-endpoints",
            Self::Mlflow => "http://localhost:5000/gateway/mlflow/v1",
        }
    }
}

/// Whether the address of an OpenAI-compatible server seems to lack the `/v1` at its end. Some hosts have
/// an address that ends otherwise.
#[must_use]
pub fn lacks_v1(preset: Option<Preset>, address: &str) -> bool {
    let address = address.trim_end_matches('/');
    let ends_otherwise = |preset: Preset| !preset.base_url().ends_with("/v1");
    let known = |preset: &Preset| preset.base_url() == address;
    !address.ends_with("/v1")
        && !preset.is_some_and(ends_otherwise)
        && !Preset::ALL.iter().any(known)
}

impl FromStr for Preset {
    type Err = UnknownPreset;
    fn from_str(text: &str) -> Result<Self, UnknownPreset> {
        Self::ALL
            .iter()
            .copied()
            .find(|preset| preset.key() == text)
            .ok_or(UnknownPreset)
    }
}

/// A text that names no preset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such preset")]
pub struct UnknownPreset;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hosts_whose_own_address_ends_in_v1_can_lack_it() {
        assert!(lacks_v1(None, "http://llm.internal:8000"));
        assert!(lacks_v1(Some(Preset::Vllm), "http://llm.internal:8000/"));
        assert!(!lacks_v1(None, "http://llm.internal:8000/v1/"));
        assert!(!lacks_v1(None, Preset::Perplexity.base_url()));
        assert!(!lacks_v1(
            Some(Preset::Databricks),
            "https://mine.cloud.databricks.com/serving-endpoints"
        ));
        for preset in Preset::ALL {
            assert!(!lacks_v1(Some(*preset), preset.base_url()), "{preset:?}");
        }
    }
}
