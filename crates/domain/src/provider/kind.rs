//! Which kinds of upstream there are, and what holds for all providers of one.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Preset;

/// The kinds of upstream that Weir speaks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ProviderType {
    /// OpenAI's own API.
    #[serde(rename = "openai")]
    OpenAi,
    /// Anthropic's own API.
    #[serde(rename = "anthropic")]
    Anthropic,
    /// Google's Gemini API.
    #[serde(rename = "google_ai")]
    GoogleAi,
    /// The runtime of AWS Bedrock.
    #[serde(rename = "bedrock")]
    Bedrock,
    /// Vertex AI of Google Cloud.
    #[serde(rename = "vertex_ai")]
    VertexAi,
    /// Azure OpenAI: models of OpenAI's and others in a Microsoft Azure resource.
    #[serde(rename = "azure_openai")]
    AzureOpenAi,
    /// Any server that speaks OpenAI's API.
    #[serde(rename = "openai_compatible")]
    OpenAiCompatible,
    /// Cohere's own API.
    #[serde(rename = "cohere")]
    Cohere,
}

impl ProviderType {
    /// Every type, in the order in which people are offered them.
    pub const ALL: &'static [Self] = &[
        Self::OpenAi,
        Self::Anthropic,
        Self::GoogleAi,
        Self::Bedrock,
        Self::VertexAi,
        Self::AzureOpenAi,
        Self::OpenAiCompatible,
        Self::Cohere,
    ];

    /// The name in JSON, in the database and in addresses.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
            Self::GoogleAi => "google_ai",
            Self::Bedrock => "bedrock",
            Self::VertexAi => "vertex_ai",
            Self::AzureOpenAi => "azure_openai",
            Self::OpenAiCompatible => "openai_compatible",
            Self::Cohere => "cohere",
        }
    }

    /// What a person reads.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::OpenAi => "OpenAI",
            Self::Anthropic => "Anthropic",
            Self::GoogleAi => "Google AI",
            Self::Bedrock => "AWS Bedrock",
            Self::VertexAi => "Vertex AI",
            Self::AzureOpenAi => "Azure OpenAI",
            Self::OpenAiCompatible => "OpenAI-compatible",
            Self::Cohere => "Cohere",
        }
    }

    /// The address that is used where a provider names none. `None`: one must be named, or its region
    /// makes one.
    #[must_use]
    pub const fn default_base_url(self) -> Option<&'static str> {
        match self {
            Self::OpenAi => Some("https://api.openai.com/v1"),
            Self::Anthropic => Some("https://api.anthropic.com"),
            Self::GoogleAi => Some("https://generativelanguage.googleapis.com"),
            Self::Cohere => Some("https://api.cohere.com"),
            Self::Bedrock | Self::AzureOpenAi | Self::VertexAi | Self::OpenAiCompatible => None,
        }
    }

    /// The catalog's name for whose list prices hold. Only OpenAI-compatible servers have a preset; of
    /// other types it does not matter. `None`: no list prices, overrides only.
    #[must_use]
    pub const fn catalog_kind(self, preset: Option<Preset>) -> Option<&'static str> {
        match (self, preset) {
            (Self::OpenAi, _) => Some("openai"),
            (Self::Anthropic, _) => Some("anthropic"),
            (Self::GoogleAi, _) => Some("google_ai"),
            (Self::Bedrock, _) => Some("bedrock"),
            (Self::VertexAi, _) => Some("vertex_ai"),
            (Self::AzureOpenAi, _) => Some("azure_openai"),
            (Self::OpenAiCompatible, Some(preset)) => Some(preset.key()),
            (Self::OpenAiCompatible, None) => None,
            (Self::Cohere, _) => Some("cohere"),
        }
    }
}

impl FromStr for ProviderType {
    type Err = UnknownType;
    fn from_str(text: &str) -> Result<Self, UnknownType> {
        Self::ALL
            .iter()
            .copied()
            .find(|ty| ty.key() == text)
            .ok_or(UnknownType)
    }
}

/// A text that names no provider type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "no such provider type; use openai, anthropic, google_ai, bedrock, azure_openai, vertex_ai, openai_compatible or cohere"
)]
pub struct UnknownType;
