//! What a click does about a failure.
//!
//! Addresses are those of the console, so that a program can show them to a person as well.

use domain::provider::{AnthropicAuth, Upstream};
use serde::Serialize;

use super::{Policy, Symptom};
use crate::live::LiveProvider;

/// A step that mends a failure, or tries to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[schema(as = TestAction)]
pub enum Action {
    /// Opens a page of the console.
    Open {
        /// What the page is for.
        label: String,
        /// Its address, below that of the console.
        #[schema(example = "/new-secret?name=OPENAI_API_KEY")]
        href: String,
    },
    /// Tests another model.
    TryModel {
        /// What is tested.
        label: String,
        /// Its id.
        #[schema(example = "eu.anthropic.claude-opus-5-5")]
        model: String,
    },
    /// Copies a text.
    Copy {
        /// What it is.
        label: String,
        /// The text.
        text: String,
    },
}

impl Action {
    fn open(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self::Open {
            label: label.into(),
            href: href.into(),
        }
    }

    pub(crate) fn try_model(model: String) -> Self {
        Self::TryModel {
            label: format!("Test {model}"),
            model,
        }
    }

    /// To where a provider's list of models is changed.
    fn models_of(provider: &str) -> Self {
        Self::open(
            "Change its models",
            format!("/providers/{provider}/edit#models"),
        )
    }
}

/// What to click, for this provider.
pub(super) fn actions(
    symptom: Symptom,
    provider: &LiveProvider,
    policy: Option<&Policy>,
) -> Vec<Action> {
    let id = provider.provider.id.as_str();
    let edit = || Action::open("Edit the provider", format!("/providers/{id}/edit"));
    match symptom {
        Symptom::SecretMissing => match provider.secret_missing() {
            Some(name) => vec![
                Action::open(format!("Make {name}"), format!("/new-secret?name={name}")),
                Action::open("Name another secret", format!("/providers/{id}/edit")),
            ],
            None => vec![edit()],
        },
        Symptom::Unauthorized => match key_of(&provider.provider.upstream) {
            Some(name) => vec![
                Action::open(
                    format!("Replace the value of {name}"),
                    format!("/secrets/{name}#value-card"),
                ),
                edit(),
            ],
            None => vec![edit()],
        },
        Symptom::Forbidden => policy
            .map(|policy| Action::Copy {
                label: "IAM policy".to_owned(),
                text: policy.text(),
            })
            .into_iter()
            .collect(),
        Symptom::NotFound | Symptom::OnDemandUnsupported
            if !provider.provider.models.is_empty() =>
        {
            vec![Action::models_of(id)]
        }
        Symptom::CredentialsMissing
        | Symptom::NotResolved
        | Symptom::AddressRefused
        | Symptom::ConnectionRefused
        | Symptom::TimedOut
        | Symptom::NoAnswer
        | Symptom::Tls
        | Symptom::UnknownIssuer
        | Symptom::CertificateExpired
        | Symptom::OtherName
        | Symptom::NotTls
        | Symptom::WrongRegion
        | Symptom::NotTheApi => vec![edit()],
        Symptom::NotFound
        | Symptom::OnDemandUnsupported
        | Symptom::RateLimited
        | Symptom::Refused
        | Symptom::UpstreamError
        | Symptom::NoUsage
        | Symptom::CannotRecord => vec![],
    }
}

/// The secret whose value is the one key that goes up. `None`: there is none, or it takes several.
fn key_of(upstream: &Upstream) -> Option<String> {
    match upstream {
        Upstream::Anthropic {
            auth: AnthropicAuth::Passthrough,
            ..
        } => None,
        Upstream::OpenAi { .. }
        | Upstream::Anthropic { .. }
        | Upstream::GoogleAi { .. }
        | Upstream::Bedrock { .. }
        | Upstream::VertexAi { .. }
        | Upstream::AzureOpenAi { .. }
        | Upstream::OpenAiCompatible { .. }
        | Upstream::Cohere { .. } => match upstream.secrets().as_slice() {
            [one] => Some(one.to_string()),
            _ => None,
        },
    }
}
