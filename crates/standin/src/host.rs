//! Whose server is played, where that is more than whose API is spoken: many servers speak OpenAI's
//! API, each with its own manners. It knows nothing of what they answer.

/// A server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    /// The one whose API is spoken.
    Own,
    Google,
    Bedrock,
    Vertex,
    Azure,
    Groq,
    DeepSeek,
    Xai,
    Mistral,
    Together,
    Fireworks,
    Cerebras,
    SambaNova,
    Perplexity,
    Databricks,
    Vllm,
    Ollama,
    MlFlow,
    Cohere,
}

impl Host {
    /// The server of that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "azure" => Self::Azure,
            "groq" => Self::Groq,
            "deepseek" => Self::DeepSeek,
            "xai" => Self::Xai,
            "mistral" => Self::Mistral,
            "together" => Self::Together,
            "fireworks" => Self::Fireworks,
            "cerebras" => Self::Cerebras,
            "sambanova" => Self::SambaNova,
            "perplexity" => Self::Perplexity,
            "databricks" => Self::Databricks,
            "vllm" => Self::Vllm,
            "ollama" => Self::Ollama,
            "mlflow" => Self::MlFlow,
            "cohere" => Self::Cohere,
            _ => return None,
        })
    }

    /// What the paths of its API begin with, besides `/v1`.
    pub(crate) fn base_paths(self) -> &'static [&'static str] {
        match self {
            Self::Groq => &["/openai"],
            Self::Fireworks => &["/inference"],
            Self::Databricks => &[
                "/serving-endpoints",
                "/ai-gateway/mlflow",
                "/ai-gateway",
                "/anthropic",
            ],
            Self::Own
            | Self::Google
            | Self::Bedrock
            | Self::Vertex
            | Self::Azure
            | Self::DeepSeek
            | Self::Xai
            | Self::Mistral
            | Self::Together
            | Self::Cerebras
            | Self::SambaNova
            | Self::Perplexity
            | Self::Vllm
            | Self::Ollama => &[],
            Self::MlFlow => &["/gateway/mlflow"],
            Self::Cohere => &["/compatibility"],
        }
    }
}
