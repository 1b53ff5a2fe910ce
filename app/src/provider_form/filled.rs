//! How far the form is filled in: what the Summary tells.

use domain::provider::ProviderType;
use serde::{Deserialize, Serialize};

use super::of_type;
use crate::fields::Fields;

/// How far the form is filled in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filled {
    pub(crate) name: String,
    pub(crate) id: String,
    /// Key of the type. Empty: none is chosen.
    pub(crate) ty: String,
    pub(crate) address: Address,
    pub(crate) credential: Credential,
    pub(crate) models: usize,
    pub(crate) overridden: usize,
    pub(crate) inputs: bool,
    pub(crate) outputs: bool,
}

/// Where calls go.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Address {
    /// The type is not chosen, or has an address of its own.
    #[default]
    OfType,
    /// It must be named and is not.
    Missing,
    /// It is named.
    Named(String),
}

/// Whose credential goes up.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Credential {
    /// The type is not chosen.
    #[default]
    Unknown,
    /// One is needed and none is named.
    Missing,
    /// None is needed and none is named.
    NotNeeded,
    /// The caller's own.
    Passthrough,
    /// Weir's, from this secret.
    Secret(String),
    /// Weir's, from a secret that is made with the provider.
    NewSecret(String),
}

impl Filled {
    /// Reads it from what the form holds.
    pub(crate) fn read(form: &Fields) -> Self {
        let ty = form.text("type").parse::<ProviderType>().ok();
        let models: Vec<&str> = form.all("model").collect();
        let overridden = models.iter().filter(|id| has_override(form, id)).count();
        Self {
            name: form.text("display_name").to_owned(),
            id: form.text("id").to_owned(),
            ty: ty.map_or_else(String::new, |ty| ty.key().to_owned()),
            address: ty.map_or(Address::OfType, |ty| address(form, ty)),
            credential: ty.map_or(Credential::Unknown, |ty| credential(form, ty)),
            models: models.len(),
            overridden,
            inputs: form.ticked("record_inputs"),
            outputs: form.ticked("record_outputs"),
        }
    }

    /// The type, in words.
    pub(crate) fn type_label(&self) -> Option<&'static str> {
        self.ty
            .parse::<ProviderType>()
            .ok()
            .map(ProviderType::label)
    }

    /// Whether name and type are set, without which nothing can be made.
    pub(crate) fn can_be_saved(&self) -> bool {
        !self.name.is_empty() && !self.ty.is_empty()
    }
}

fn has_override(form: &Fields, id: &str) -> bool {
    form.iter().any(|(name, value)| {
        !value.trim().is_empty()
            && name
                .strip_prefix("rate.")
                .and_then(|rest| rest.split_once('.'))
                .is_some_and(|(_, model)| model == id)
    })
}

fn address(form: &Fields, ty: ProviderType) -> Address {
    match (
        ty.default_base_url(),
        form.text(&of_type(ty.key(), "base_url")),
    ) {
        (Some(_), "") => Address::OfType,
        (None, "") => Address::Missing,
        (_, named) => Address::Named(named.to_owned()),
    }
}

fn credential(form: &Fields, ty: ProviderType) -> Credential {
    let field = |name| form.text(&of_type(ty.key(), name));
    if ty == ProviderType::Anthropic && form.ticked("anthropic.passthrough") {
        return Credential::Passthrough;
    }
    let named = match field("key_from") {
        "new" if !field("new_key").is_empty() && !field("new_value").is_empty() => {
            Some(Credential::NewSecret(field("new_key").to_owned()))
        }
        "new" => None,
        _ if field("key").is_empty() => None,
        _ => Some(Credential::Secret(field("key").to_owned())),
    };
    named.unwrap_or(match ty {
        ProviderType::OpenAi | ProviderType::Anthropic => Credential::Missing,
        ProviderType::OpenAiCompatible => Credential::NotNeeded,
    })
}
