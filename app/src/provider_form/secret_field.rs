//! The fields that refer to a secret: which there are, which of them count, and what they name.

use domain::provider::ProviderType;

use super::{azure_mode::AzureMode, google_mode::GoogleMode, mode::Mode, of_type};
use crate::fields::Fields;

/// The id of the page's list of the names of all secrets.
pub(crate) const NAMES: &str = "secret-names";

/// The id of the line that says, while one types, what there is to say of the name of a secret.
pub(crate) fn live_line(field: &str) -> String {
    format!("{field}-live")
}

/// A field that refers to a secret: one that exists, or one that is made with the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SecretField {
    /// OpenAI's key.
    OpenAi,
    /// Anthropic's key.
    Anthropic,
    /// Google's key.
    GoogleAi,
    /// The id of an AWS access key.
    AccessKeyId,
    /// An AWS access key.
    SecretAccessKey,
    /// The token of a temporary AWS access key.
    SessionToken,
    /// Bedrock's own API key.
    Bedrock,
    /// The key of a service account of Google's.
    ServiceAccount,
    /// A key of an Azure resource.
    Azure,
    /// The client secret of an application of Entra ID.
    AzureClientSecret,
    /// The key of an OpenAI-compatible server.
    Compatible,
    /// Cohere's key.
    Cohere,
}

/// What such a field names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Named {
    /// Nothing.
    Nothing,
    /// This secret, which is said to exist.
    Existing(String),
    /// This secret, which is made with the form.
    New(String),
}

impl SecretField {
    /// Every field, in the order of the form.
    pub(crate) const ALL: &'static [Self] = &[
        Self::OpenAi,
        Self::Anthropic,
        Self::GoogleAi,
        Self::AccessKeyId,
        Self::SecretAccessKey,
        Self::SessionToken,
        Self::Bedrock,
        Self::ServiceAccount,
        Self::Azure,
        Self::AzureClientSecret,
        Self::Compatible,
        Self::Cohere,
    ];

    /// What the names of its fields begin with.
    pub(crate) const fn prefix(self) -> &'static str {
        match self {
            Self::OpenAi => ProviderType::OpenAi.key(),
            Self::Anthropic => ProviderType::Anthropic.key(),
            Self::GoogleAi => ProviderType::GoogleAi.key(),
            Self::AccessKeyId => "bedrock.access_key_id",
            Self::SecretAccessKey => "bedrock.secret_access_key",
            Self::SessionToken => "bedrock.session_token",
            Self::Bedrock => "bedrock.api_key",
            Self::ServiceAccount => "vertex_ai.service_account",
            Self::Azure => ProviderType::AzureOpenAi.key(),
            Self::AzureClientSecret => "azure_openai.client_secret",
            Self::Compatible => ProviderType::OpenAiCompatible.key(),
            Self::Cohere => ProviderType::Cohere.key(),
        }
    }

    /// The name that one would give such a secret.
    pub(crate) const fn suggested(self) -> &'static str {
        match self {
            Self::OpenAi => "OPENAI_API_KEY",
            Self::Anthropic => "ANTHROPIC_API_KEY",
            Self::GoogleAi => "GEMINI_API_KEY",
            Self::AccessKeyId => "AWS_ACCESS_KEY_ID",
            Self::SecretAccessKey => "AWS_SECRET_ACCESS_KEY",
            Self::SessionToken => "AWS_SESSION_TOKEN",
            Self::Bedrock => "BEDROCK_API_KEY",
            Self::ServiceAccount => "VERTEX_SERVICE_ACCOUNT",
            Self::Azure => "AZURE_OPENAI_API_KEY",
            Self::AzureClientSecret => "AZURE_CLIENT_SECRET",
            Self::Compatible => "GROQ_API_KEY",
            Self::Cohere => "COHERE_API_KEY",
        }
    }

    /// The field of a prefix.
    pub(crate) fn of_prefix(prefix: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|field| field.prefix() == prefix)
    }

    /// Those that count for what the form has chosen; all others are hidden, and sent all the same.
    pub(crate) fn that_count(form: &Fields) -> &'static [Self] {
        let Ok(ty) = form.text("type").parse::<ProviderType>() else {
            return &[];
        };
        match ty {
            ProviderType::OpenAi => &[Self::OpenAi],
            ProviderType::Anthropic if form.ticked("anthropic.passthrough") => &[],
            ProviderType::Anthropic => &[Self::Anthropic],
            ProviderType::GoogleAi => &[Self::GoogleAi],
            ProviderType::Bedrock => match Mode::of(form) {
                Mode::StaticKeys => &[Self::AccessKeyId, Self::SecretAccessKey, Self::SessionToken],
                Mode::Bearer => &[Self::Bedrock],
                Mode::DefaultChain | Mode::AssumeRole | Mode::WebIdentity => &[],
            },
            ProviderType::VertexAi => match GoogleMode::of(form) {
                GoogleMode::ServiceAccount => &[Self::ServiceAccount],
                GoogleMode::DefaultChain => &[],
            },
            ProviderType::AzureOpenAi => match AzureMode::of(form) {
                AzureMode::Key => &[Self::Azure],
                AzureMode::ServicePrincipal => &[Self::AzureClientSecret],
            },
            ProviderType::OpenAiCompatible => &[Self::Compatible],
            ProviderType::Cohere => &[Self::Cohere],
        }
    }

    /// The name of one of its own fields: `key_from`, `key`, `new_key` or `new_value`.
    pub(crate) fn part(self, part: &str) -> String {
        of_type(self.prefix(), part)
    }

    /// Whether a secret is to be made for it, rather than to be chosen.
    pub(crate) fn is_new(self, form: &Fields) -> bool {
        form.text(&self.part("key_from")) == "new"
    }

    /// What it names.
    pub(crate) fn named(self, form: &Fields) -> Named {
        let field = |part| form.text(&self.part(part));
        if !self.is_new(form) {
            return match field("key") {
                "" => Named::Nothing,
                name => Named::Existing(name.to_owned()),
            };
        }
        match (field("new_key"), field("new_value")) {
            ("", _) | (_, "") => Named::Nothing,
            (name, _) => Named::New(name.to_owned()),
        }
    }
}
