//! Several endpoints in one provider, as somebody writes them and as they are shown.
//!
//! An endpoint has of a provider's fields those that say where it is and who calls; all others are the same for
//! every endpoint and stand beside `endpoints`. So one is checked as a provider that has only it, by the same
//! code, and shown the same way.

use domain::provider::{EndpointName, Provider, Upstream};
use serde::Serialize;
use serde_json::Value;

use super::{CredentialsDraft, CredentialsView, ProviderDraft, ProviderView};
use crate::{error::FieldError, fields::Object};

/// The fields that each endpoint has for itself.
pub(crate) const OF_EACH: &[&str] = &["region", "base_url", "api_key", "credentials"];
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
    /// The upstream's address. Left out: as for a provider.
    pub base_url: Option<String>,
    /// The name of the secret that holds the key, where the type has one.
    #[schema(example = "OPENAI_API_KEY_EU")]
    pub api_key: Option<String>,
    /// Where its credentials come from, as for a provider.
    pub credentials: Option<CredentialsDraft>,
}

impl EndpointDraft {
    /// Reads its JSON. `path` stands before each field's name.
    pub(super) fn read(path: &str, json: Value) -> (Self, Vec<FieldError>) {
        let mut object = Object::new(path, json);
        let mut draft = Self {
            name: object.text("name"),
            region: object.text("region"),
            base_url: object.text("base_url"),
            api_key: object.text("api_key"),
            credentials: None,
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
            base_url: self.base_url.clone(),
            api_key: self.api_key.clone(),
            credentials: self.credentials.clone(),
            endpoints: vec![],
            ..of.clone()
        }
    }
}

impl ProviderDraft {
    /// Whether a field was given that each endpoint has for itself.
    pub(crate) fn gives_of_each(&self, field: &str) -> bool {
        let text = |text: &Option<String>| crate::fields::filled(text.as_deref()).is_some();
        match field {
            "region" => text(&self.region),
            "base_url" => text(&self.base_url),
            "api_key" => text(&self.api_key),
            "credentials" => self.credentials.is_some(),
            _ => false,
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
}

impl EndpointView {
    /// Takes out of a view, for `endpoints`, what each has for itself.
    pub(super) fn move_into(view: &mut ProviderView, provider: &Provider) {
        let of = |(name, upstream): (&EndpointName, &Upstream)| {
            let mut alone = view.clone();
            alone.show(upstream);
            Self {
                name: name.clone(),
                region: alone.region.take(),
                base_url: alone.base_url.take(),
                api_key: alone.api_key.take(),
                credentials: alone.credentials.take(),
            }
        };
        let endpoints: Vec<Self> = provider.endpoints().map(of).collect();
        if !endpoints.is_empty() {
            view.endpoints = endpoints;
            view.region = None;
            view.base_url = None;
            view.api_key = None;
            view.credentials = None;
        }
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
