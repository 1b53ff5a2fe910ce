//! Whose credentials they are: named, or plain from the fields that only one kind has.

use domain::provider::{Preset, ProviderType};
use serde_json::Value;

/// A kind of credentials, by the name that other gateways give it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportKind {
    /// Azure OpenAI.
    Azure,
    /// Amazon Bedrock.
    Aws,
    /// Google Vertex AI.
    Google,
    /// Anthropic.
    Anthropic,
    /// Cerebras, by its OpenAI-compatible API.
    Cerebras,
    /// Together AI, by its OpenAI-compatible API.
    TogetherAi,
    /// Cohere.
    Cohere,
    /// OpenAI.
    OpenAi,
    /// Groq, by its OpenAI-compatible API.
    Groq,
}

impl ImportKind {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 9] = [
        Self::Azure,
        Self::Aws,
        Self::Google,
        Self::Anthropic,
        Self::Cerebras,
        Self::TogetherAi,
        Self::Cohere,
        Self::OpenAi,
        Self::Groq,
    ];

    /// Its name in JSON.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Azure => "azure",
            Self::Aws => "aws",
            Self::Google => "google",
            Self::Anthropic => "anthropic",
            Self::Cerebras => "cerebras",
            Self::TogetherAi => "togetherai",
            Self::Cohere => "cohere",
            Self::OpenAi => "openai",
            Self::Groq => "groq",
        }
    }

    /// What people read; also the name of a provider that is given none.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Azure => "Azure OpenAI",
            Self::Aws => "AWS Bedrock",
            Self::Google => "Vertex AI",
            Self::Anthropic => "Anthropic",
            Self::Cerebras => "Cerebras",
            Self::TogetherAi => "Together AI",
            Self::Cohere => "Cohere",
            Self::OpenAi => "OpenAI",
            Self::Groq => "Groq",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn named(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }

    /// All names, for messages.
    pub(super) fn names() -> String {
        Self::ALL.map(Self::key).join(", ")
    }

    /// The kind that the fields of an endpoint show. `None`: several have such fields.
    pub(super) fn shown_by(endpoint: &Value) -> Option<Self> {
        let has = |names: &[&str]| names.iter().any(|name| endpoint.get(name).is_some());
        if has(&["service_account_info"]) {
            Some(Self::Google)
        } else if has(&["api_type", "api_base", "api_version"]) {
            Some(Self::Azure)
        } else if has(&[
            "access_key_id",
            "secret_access_key",
            "session_token",
            "role_arn",
            "use_web_identity",
            "use_fips_endpoint",
        ]) {
            Some(Self::Aws)
        } else {
            None
        }
    }

    /// The type of the provider that it becomes.
    pub(super) const fn provider_type(self) -> ProviderType {
        match self {
            Self::Azure => ProviderType::AzureOpenAi,
            Self::Aws => ProviderType::Bedrock,
            Self::Google => ProviderType::VertexAi,
            Self::Anthropic => ProviderType::Anthropic,
            Self::Cohere => ProviderType::Cohere,
            Self::OpenAi => ProviderType::OpenAi,
            Self::Cerebras | Self::TogetherAi | Self::Groq => ProviderType::OpenAiCompatible,
        }
    }

    /// The known host that it is.
    pub(super) const fn preset(self) -> Option<Preset> {
        match self {
            Self::Cerebras => Some(Preset::Cerebras),
            Self::TogetherAi => Some(Preset::TogetherAi),
            Self::Groq => Some(Preset::Groq),
            Self::Azure
            | Self::Aws
            | Self::Google
            | Self::Anthropic
            | Self::Cohere
            | Self::OpenAi => None,
        }
    }
}
