//! Where the credentials of a Vertex AI provider come from: the modes that the form offers.

use crate::fields::Fields;

/// One mode. Its key is the API's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GoogleMode {
    /// What the machine has.
    DefaultChain,
    /// The key of a service account out of a secret.
    ServiceAccount,
}

impl GoogleMode {
    /// Every mode, in the order in which people are offered them.
    pub(crate) const ALL: &'static [Self] = &[Self::DefaultChain, Self::ServiceAccount];
    /// The field that holds it.
    pub(crate) const FIELD: &'static str = "vertex_ai.mode";

    /// The name in the form and in the API.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::DefaultChain => "default_chain",
            Self::ServiceAccount => "service_account",
        }
    }

    /// What a person reads.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::DefaultChain => "Application default credentials",
            Self::ServiceAccount => "Service account",
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
