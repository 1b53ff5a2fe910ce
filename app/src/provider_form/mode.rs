//! Where the credentials of a Bedrock provider come from: the modes that the form offers.

use crate::fields::Fields;

/// One mode. Its key is the API's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// What the machine has.
    DefaultChain,
    /// Keys out of secrets.
    StaticKeys,
    /// A role, assumed with what the machine has.
    AssumeRole,
    /// A role, assumed with a token in a file.
    WebIdentity,
    /// A Bedrock API key out of a secret.
    Bearer,
}

impl Mode {
    /// Every mode, in the order in which people are offered them.
    pub(crate) const ALL: &'static [Self] = &[
        Self::DefaultChain,
        Self::StaticKeys,
        Self::AssumeRole,
        Self::WebIdentity,
        Self::Bearer,
    ];
    /// The field that holds it.
    pub(crate) const FIELD: &'static str = "bedrock.mode";

    /// The name in the form and in the API.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::DefaultChain => "default_chain",
            Self::StaticKeys => "static_keys",
            Self::AssumeRole => "assume_role",
            Self::WebIdentity => "web_identity",
            Self::Bearer => "bearer",
        }
    }

    /// What a person reads.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::DefaultChain => "Default chain",
            Self::StaticKeys => "Static keys",
            Self::AssumeRole => "Assume IAM role",
            Self::WebIdentity => "Web identity",
            Self::Bearer => "API key",
        }
    }

    /// The one that a form has chosen. The default chain, where it has chosen none that there is.
    pub(crate) fn of(form: &Fields) -> Self {
        let chosen = form.text(Self::FIELD);
        Self::ALL
            .iter()
            .copied()
            .find(|mode| mode.key() == chosen)
            .unwrap_or(Self::DefaultChain)
    }
}
