//! Several endpoints in one provider, as somebody writes them and as they are shown.
//!
//! An endpoint has of a provider's fields those that say where it is and who calls; all others are the same for
//! every endpoint and stand beside `endpoints`. So one is checked as a provider that has only it, by the same
//! code, and shown the same way.

use domain::provider::{EndpointName, Provider, ProviderType, Upstream};
use serde::Serialize;
use serde_json::Value;

use super::{CredentialsDraft, CredentialsView, ProviderDraft, ProviderView};
use crate::{
    error::FieldError,
    fields::{Object, filled},
};

/// The fields that each endpoint has for itself, and a provider with several does not have; in the order of the JSON.
const OF_EACH: &[&str] = &[
    "region",
    "location",
    "project",
    "base_url",
    "api_key",
    "credentials",
    "api_version",
    "data_zone",
];

/// Whose a field of a provider is, where it has several endpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    /// Each endpoint's own.
    Each,
    /// The provider's.
    All,
}

impl Owner {
    /// Whose a field is in providers of a type.
    pub(crate) fn of(field: &str, ty: ProviderType) -> Self {
        // OpenAI's project is a header, which all calls carry alike.
        if OF_EACH.contains(&field) && (field, ty) != ("project", ProviderType::OpenAi) {
            Self::Each
        } else {
            Self::All
        }
    }

    /// The fields that an endpoint has in its JSON, of whatever type, in the order of the JSON.
    pub(crate) fn fields_of_endpoints() -> impl Iterator<Item = &'static str> {
        OF_EACH.iter().copied()
    }
}

/// The field that lists them.
pub(crate) const ENDPOINTS: &str = "endpoints";

/// One of several endpoints, as somebody wrote it. What its type needs of a provider, each endpoint needs.
#[derive(Debug, Clone, PartialEq, Eq, Default, utoipa::ToSchema)]
#[schema(as = NewProviderEndpoint)]
pub struct EndpointDraft {
    /// `^[a-z][a-z0-9-]*$`, 63 characters at most; calls name it, so a new name is a new endpoint to reports.
    #[schema(value_type = String, required = true, example = "eu-west")]
    pub name: Option<String>,
    /// bedrock: the AWS region.
    #[schema(example = "eu-west-1")]
    pub region: Option<String>,
    /// vertex_ai: the location whose models are called.
    #[schema(example = "europe-west1")]
    pub location: Option<String>,
    /// vertex_ai: the Google Cloud project that is called and billed.
    #[schema(example = "my-project")]
    pub project: Option<String>,
    /// The upstream's address. Left out: as for a provider.
    pub base_url: Option<String>,
    /// The name of the secret that holds the key, where the type has one.
    #[schema(example = "OPENAI_API_KEY_EU")]
    pub api_key: Option<String>,
    /// Where its credentials come from, as for a provider.
    pub credentials: Option<CredentialsDraft>,
    /// azure_openai: the `api-version` that is added to calls which name none. Left out: the usual one.
    #[schema(example = "2024-10-21")]
    pub api_version: Option<String>,
    /// azure_openai: the data zone that its deployments keep to. Left out: none, or that of the address.
    #[schema(example = "eu")]
    pub data_zone: Option<String>,
}

impl EndpointDraft {
    /// Reads its JSON. `path` stands before each field's name.
    pub(super) fn read(path: &str, json: Value) -> (Self, Vec<FieldError>) {
        let mut object = Object::new(path, json);
        let mut draft = Self {
            name: object.text("name"),
            region: object.text("region"),
            location: object.text("location"),
            project: object.text("project"),
            base_url: object.text("base_url"),
            api_key: object.text("api_key"),
            credentials: None,
            api_version: object.text("api_version"),
            data_zone: object.text("data_zone"),
        };
        let credentials = object.take("credentials");
        let mut errors = object.end();
        if let Some(json) = credentials {
            let path = format!("{path}.credentials");
            let (credentials, wrong) = CredentialsDraft::read_at(&path, json);
            draft.credentials = Some(credentials);
            errors.extend(wrong);
        }
        (draft, errors)
    }

    /// The provider that has only this endpoint.
    #[must_use]
    pub fn alone(&self, of: &ProviderDraft) -> ProviderDraft {
        ProviderDraft {
            region: self.region.clone(),
            location: self.location.clone(),
            // The provider's is OpenAI's header.
            project: self.project.clone().or_else(|| of.project.clone()),
            api_version: self.api_version.clone(),
            data_zone: self.data_zone.clone(),
            base_url: self.base_url.clone(),
            api_key: self.api_key.clone(),
            credentials: self.credentials.clone(),
            endpoints: vec![],
            ..of.clone()
        }
    }

    /// Whether it has a field itself.
    pub(crate) fn gives(&self, field: &str) -> bool {
        let text = |text: &Option<String>| filled(text.as_deref()).is_some();
        match field {
            "region" => text(&self.region),
            "location" => text(&self.location),
            "project" => text(&self.project),
            "base_url" => text(&self.base_url),
            "api_key" => text(&self.api_key),
            "credentials" => self.credentials.is_some(),
            "api_version" => text(&self.api_version),
            "data_zone" => text(&self.data_zone),
            _ => false,
        }
    }
}

impl ProviderDraft {
    /// Whether a field was given beside the endpoints that they have for themselves.
    pub(crate) fn gives_of_endpoint(&self, field: &str) -> bool {
        let text = |text: &Option<String>| filled(text.as_deref()).is_some();
        match field {
            "base_url" => text(&self.base_url),
            "api_key" => text(&self.api_key),
            other => self.gives(other),
        }
    }
}

/// One of several endpoints. Fields that its type does not have, and optional ones that are not set, are left
/// out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = ProviderEndpoint)]
pub struct EndpointView {
    /// What it is called.
    #[schema(value_type = String, example = "eu-west")]
    pub name: EndpointName,
    /// bedrock: the AWS region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// vertex_ai: the location whose models are called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// vertex_ai: the Google Cloud project that is called and billed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// The upstream's address, where it is not the type's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// The name of the secret that holds the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_key: Option<String>,
    /// Where its credentials come from, where the type has them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<CredentialsDraft>)]
    pub credentials: Option<CredentialsView>,
    /// azure_openai: the `api-version` that is added to calls which name none, where it is not the usual one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
    /// azure_openai: the data zone that its deployments keep to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub data_zone: Option<&'static str>,
}

impl EndpointView {
    /// Takes out of a view, for `endpoints`, what each has for itself.
    pub(super) fn move_into(view: &mut ProviderView, provider: &Provider) {
        let Some(several) = &provider.several else {
            return;
        };
        // What the first has and another has not is not shown as the other's.
        Self::taken_out_of(view, &several.first);
        let of = |(name, upstream): (&EndpointName, &Upstream)| {
            let mut alone = view.clone();
            alone.show(upstream);
            Self::taken_out_of(&mut alone, name)
        };
        view.endpoints = provider.endpoints().map(of).collect();
    }

    fn taken_out_of(view: &mut ProviderView, name: &EndpointName) -> Self {
        let project = match Owner::of("project", view.provider_type) {
            Owner::Each => view.project.take(),
            Owner::All => None,
        };
        Self {
            name: name.clone(),
            region: view.region.take(),
            location: view.location.take(),
            project,
            base_url: view.base_url.take(),
            api_key: view.api_key.take(),
            credentials: view.credentials.take(),
            api_version: view.api_version.take(),
            data_zone: view.data_zone.take(),
        }
    }
}

/// What callers that must name it are told: the only endpoint's, else the first one's.
impl ProviderView {
    /// bedrock: the AWS region.
    #[must_use]
    pub fn any_region(&self) -> Option<&str> {
        let of_first = || self.endpoints.first()?.region.as_deref();
        self.region.as_deref().or_else(of_first)
    }

    /// vertex_ai: the location.
    #[must_use]
    pub fn any_location(&self) -> Option<&str> {
        let of_first = || self.endpoints.first()?.location.as_deref();
        self.location.as_deref().or_else(of_first)
    }

    /// vertex_ai: the project.
    #[must_use]
    pub fn any_project(&self) -> Option<&str> {
        let of_first = || self.endpoints.first()?.project.as_deref();
        self.project.as_deref().or_else(of_first)
    }

    /// azure_openai: the `api-version`.
    #[must_use]
    pub fn any_api_version(&self) -> Option<&str> {
        let of_first = || self.endpoints.first()?.api_version.as_deref();
        self.api_version.as_deref().or_else(of_first)
    }
}

impl CredentialsDraft {
    /// Reads credentials that somebody typed as JSON. `path` stands before each field's name.
    ///
    /// # Errors
    /// Every field that is wrong.
    pub fn typed(path: &str, text: &str) -> Result<Self, Vec<FieldError>> {
        let Ok(json) = serde_json::from_str::<Value>(text) else {
            return Err(vec![FieldError::new(
                path,
                "invalid_json",
                "write credentials as JSON, such as {\"mode\": \"default_chain\"}, or leave this blank",
            )]);
        };
        let (credentials, errors) = Self::read_at(path, json);
        if errors.is_empty() {
            Ok(credentials)
        } else {
            Err(errors)
        }
    }

    /// The same the other way.
    #[must_use]
    pub fn as_typed(&self) -> String {
        let mut json = serde_json::to_value(self).unwrap_or_default();
        if let Some(fields) = json.as_object_mut() {
            fields.retain(|_, value| !value.is_null());
        }
        json.to_string()
    }
}
