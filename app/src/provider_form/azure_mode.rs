//! Whose credential an Azure OpenAI provider sends: the two ways that the form offers.

use crate::fields::Fields;

/// One way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AzureMode {
    /// A key of the resource.
    Key,
    /// An application of Entra ID, with tokens.
    ServicePrincipal,
}

impl AzureMode {
    /// Both, in the order in which people are offered them.
    pub(crate) const ALL: &'static [Self] = &[Self::Key, Self::ServicePrincipal];
    /// The field that holds it.
    pub(crate) const FIELD: &'static str = "azure_openai.mode";

    /// The name in the form; a service principal's is also the API's.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Key => "api_key",
            Self::ServicePrincipal => "service_principal",
        }
    }

    /// What a person reads.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Key => "API key",
            Self::ServicePrincipal => "Service principal",
        }
    }

    /// The one that a form has chosen. The key, where it has chosen none that there is.
    pub(crate) fn of(form: &Fields) -> Self {
        let chosen = form.text(Self::FIELD);
        Self::ALL
            .iter()
            .copied()
            .find(|mode| mode.key() == chosen)
            .unwrap_or(Self::Key)
    }
}
