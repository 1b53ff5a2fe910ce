//! How far the form is filled in: what the Summary tells.

use std::collections::HashSet;

use domain::provider::ProviderType;
use serde::{Deserialize, Serialize};

use super::{
    azure_mode::AzureMode,
    google_mode::GoogleMode,
    mode::Mode,
    of_type, rate_of,
    secret_field::{Named, SecretField},
};
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
    /// A region makes it, and none is named.
    NoRegion,
    /// This region makes it.
    OfRegion(String),
    /// This location of Google Cloud makes it.
    OfLocation(String),
}

/// Whose credential goes up.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Credential {
    /// The type is not chosen.
    #[default]
    Unknown,
    /// One is needed and none is named.
    Missing(Needed),
    /// None is needed and none is named.
    NotNeeded,
    /// The caller's own.
    Passthrough,
    /// Weir's, from this secret.
    Secret(String),
    /// Weir's, from a secret that is made with the provider.
    NewSecret(String),
    /// An access key of AWS, from secrets; this is the key's id.
    AccessKey(String),
    /// Whatever credentials of the cloud the machine has.
    OfMachine,
    /// This role of AWS.
    Role(String),
    /// This application of Entra ID.
    ServicePrincipal(String),
}

/// What is missing of a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Needed {
    ApiKey,
    AccessKeyId,
    SecretAccessKey,
    RoleArn,
    ServiceAccount,
    ClientId,
    ClientSecret,
    TokenUrl,
}

impl Filled {
    /// Reads it from what the form holds.
    pub(crate) fn read(form: &Fields) -> Self {
        let ty = form.text("type").parse::<ProviderType>().ok();
        let with_rates = overridden(form);
        let models: Vec<&str> = form.all("model").collect();
        let overridden = models.iter().filter(|id| with_rates.contains(*id)).count();
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

/// The models that have a rate of their own, in one look at the form: it may have thousands of fields.
fn overridden(form: &Fields) -> HashSet<&str> {
    let filled = form.iter().filter(|(_, value)| !value.trim().is_empty());
    let models = filled.filter_map(|(name, _)| rate_of(name));
    models.map(|(_, model)| model).collect()
}

fn address(form: &Fields, ty: ProviderType) -> Address {
    let named = form.text(&of_type(ty.key(), "base_url"));
    match ty {
        ProviderType::OpenAi
        | ProviderType::Anthropic
        | ProviderType::GoogleAi
        | ProviderType::Cohere => match named {
            "" => Address::OfType,
            named => Address::Named(named.to_owned()),
        },
        ProviderType::Bedrock => match (form.text("bedrock.region"), named) {
            ("", _) => Address::NoRegion,
            (region, "") => Address::OfRegion(region.to_owned()),
            (_, named) => Address::Named(named.to_owned()),
        },
        ProviderType::VertexAi => match (form.text("vertex_ai.location"), named) {
            ("", "") => Address::OfType,
            (location, "") => Address::OfLocation(location.to_owned()),
            (_, named) => Address::Named(named.to_owned()),
        },
        ProviderType::AzureOpenAi | ProviderType::OpenAiCompatible => match named {
            "" => Address::Missing,
            named => Address::Named(named.to_owned()),
        },
    }
}

fn credential(form: &Fields, ty: ProviderType) -> Credential {
    let key = |field: SecretField, or: Credential| match field.named(form) {
        Named::Nothing => or,
        Named::Existing(name) => Credential::Secret(name),
        Named::New(name) => Credential::NewSecret(name),
    };
    let needed = Credential::Missing(Needed::ApiKey);
    match ty {
        ProviderType::OpenAi => key(SecretField::OpenAi, needed),
        ProviderType::Anthropic if form.ticked("anthropic.passthrough") => Credential::Passthrough,
        ProviderType::Anthropic => key(SecretField::Anthropic, needed),
        ProviderType::GoogleAi => key(SecretField::GoogleAi, needed),
        ProviderType::Bedrock => match Mode::of(form) {
            Mode::DefaultChain => Credential::OfMachine,
            Mode::StaticKeys => access_key(form),
            Mode::AssumeRole | Mode::WebIdentity => match form.text("bedrock.role_arn") {
                "" => Credential::Missing(Needed::RoleArn),
                role => Credential::Role(role.to_owned()),
            },
            Mode::Bearer => key(SecretField::Bedrock, needed),
        },
        ProviderType::VertexAi => match GoogleMode::of(form) {
            GoogleMode::DefaultChain => Credential::OfMachine,
            GoogleMode::ServiceAccount => key(
                SecretField::ServiceAccount,
                Credential::Missing(Needed::ServiceAccount),
            ),
        },
        ProviderType::AzureOpenAi => match AzureMode::of(form) {
            AzureMode::Key => key(SecretField::Azure, needed),
            AzureMode::ServicePrincipal => service_principal(form),
        },
        ProviderType::OpenAiCompatible => key(SecretField::Compatible, Credential::NotNeeded),
        ProviderType::Cohere => key(SecretField::Cohere, needed),
    }
}

fn service_principal(form: &Fields) -> Credential {
    let client_id = form.text("azure_openai.client_id");
    if client_id.is_empty() {
        Credential::Missing(Needed::ClientId)
    } else if SecretField::AzureClientSecret.named(form) == Named::Nothing {
        Credential::Missing(Needed::ClientSecret)
    } else if form.text("azure_openai.token_url").is_empty() {
        Credential::Missing(Needed::TokenUrl)
    } else {
        Credential::ServicePrincipal(client_id.to_owned())
    }
}

fn access_key(form: &Fields) -> Credential {
    let secret = SecretField::SecretAccessKey.named(form);
    match (SecretField::AccessKeyId.named(form), secret) {
        (Named::Nothing, _) => Credential::Missing(Needed::AccessKeyId),
        (_, Named::Nothing) => Credential::Missing(Needed::SecretAccessKey),
        (Named::Existing(id) | Named::New(id), Named::Existing(_) | Named::New(_)) => {
            Credential::AccessKey(id)
        }
    }
}
