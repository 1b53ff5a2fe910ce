//! The one check of a provider: every rule that a saved provider keeps. Collects all that is wrong.
//!
//! Pure: what it must know of other things (which secrets there are, which models the catalog knows) it
//! is told.

mod azure;
mod bedrock;
mod credentials;
mod models;
mod several;
mod vertex;

use domain::{
    ProviderId, SecretName,
    provider::{
        AnthropicAuth, BaseUrl, DISPLAY_NAME_MAX, Preset, ProviderModel, ProviderType, Recording,
        Several, Upstream,
    },
};

use super::{
    address::{REFUSED_ADDRESS, is_refused_host},
    draft::{FIELDS_OF_SOME_TYPES, ProviderDraft},
};
use crate::{
    error::FieldError,
    fields::{filled, label},
};

pub use vertex::VertexDefaults;

/// Longest organization or project, in characters.
const HEADER_VALUE_MAX: usize = 256;

/// What the check must know.
pub(crate) struct Facts<'a> {
    /// Whether there is a secret of this name.
    pub(crate) has_secret: &'a dyn Fn(&SecretName) -> bool,
    /// Whether the catalog of a kind has a model.
    pub(crate) has_price: &'a dyn Fn(&str, &str) -> bool,
    /// Whether link-local and metadata addresses are taken.
    pub(crate) allow_link_local: bool,
    /// Project and location of providers of Vertex AI that name none.
    pub(crate) vertex: &'a VertexDefaults,
}

/// A provider that keeps every rule but those about ids of others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Checked {
    /// The id that was asked for.
    pub(crate) id: Option<ProviderId>,
    pub(crate) display_name: String,
    pub(crate) enabled: bool,
    pub(crate) upstream: Upstream,
    pub(crate) several: Option<Several>,
    pub(crate) other_paths: bool,
    pub(crate) models: Vec<ProviderModel>,
    pub(crate) recording: Recording,
}

/// Checks a draft.
///
/// # Errors
/// Every field that is wrong.
pub(crate) fn check(draft: &ProviderDraft, facts: &Facts<'_>) -> Result<Checked, Vec<FieldError>> {
    let mut check = Check {
        draft,
        facts,
        errors: draft.unreadable.clone(),
    };
    let id = check.id();
    let display_name = check.display_name();
    let ty = check.provider_type();
    if let Some(ty) = ty {
        check.fields_of_other_types(ty);
    }
    let upstreams = ty.and_then(|ty| check.several(ty));
    let first = upstreams.as_ref().map(|(first, _)| first);
    let models = check.models(first.map(Upstream::catalog_kind));
    match (display_name, upstreams) {
        (Some(display_name), Some((upstream, several))) if check.errors.is_empty() => Ok(Checked {
            id,
            display_name,
            enabled: draft.enabled.unwrap_or(true),
            upstream,
            several,
            other_paths: draft.other_paths.unwrap_or(false),
            models,
            recording: Recording {
                inputs: draft.record_inputs.unwrap_or(false),
                outputs: draft.record_outputs.unwrap_or(false),
            },
        }),
        _ => Err(check.errors),
    }
}

struct Check<'a> {
    draft: &'a ProviderDraft,
    facts: &'a Facts<'a>,
    errors: Vec<FieldError>,
}

impl Check<'_> {
    fn wrong(&mut self, field: &str, code: &'static str, message: impl Into<String>) {
        self.errors.push(FieldError::new(field, code, message));
    }

    /// Whether a field was found unreadable before, so that it need not be told missing as well.
    fn is_unreadable(&self, field: &str) -> bool {
        self.draft
            .unreadable
            .iter()
            .any(|error| error.field == field)
    }

    fn require(&mut self, field: &str, message: impl Into<String>) {
        if !self.is_unreadable(field) && !self.errors.iter().any(|error| error.field == field) {
            self.wrong(field, "required", message);
        }
    }

    fn id(&mut self) -> Option<ProviderId> {
        let text = filled(self.draft.id.as_deref())?;
        ProviderId::new(text)
            .map_err(|error| self.wrong("id", "invalid_id", error.to_string()))
            .ok()
    }

    fn display_name(&mut self) -> Option<String> {
        let name = label(
            "display_name",
            self.draft.display_name.as_deref(),
            DISPLAY_NAME_MAX,
            &mut self.errors,
        );
        if name.is_none() {
            self.require(
                "display_name",
                "give the provider a name that people will know it by",
            );
        }
        name
    }

    fn provider_type(&mut self) -> Option<ProviderType> {
        let Some(text) = filled(self.draft.provider_type.as_deref()) else {
            self.require(
                "type",
                "choose a provider type: openai, anthropic, google_ai, bedrock, azure_openai, vertex_ai, openai_compatible or cohere",
            );
            return None;
        };
        text.parse()
            .map_err(|error: domain::provider::UnknownType| {
                self.wrong("type", "invalid_type", error.to_string())
            })
            .ok()
    }

    fn fields_of_other_types(&mut self, ty: ProviderType) {
        for (field, owners) in FIELDS_OF_SOME_TYPES {
            if !owners.contains(&ty) && self.draft.gives(field) {
                self.of_other_type(field, owners, ty);
            }
        }
    }

    fn of_other_type(&mut self, field: &str, owners: &[ProviderType], ty: ProviderType) {
        let owners: Vec<&str> = owners.iter().map(|owner| owner.key()).collect();
        self.wrong(
            field,
            "field_of_other_type",
            format!(
                "only providers of type {} have this; this one is of type {}",
                owners.join(" and "),
                ty.key()
            ),
        );
    }

    /// Where calls go and who makes them, of a provider with one endpoint.
    fn upstream(&mut self, ty: ProviderType) -> Option<Upstream> {
        match ty {
            ProviderType::OpenAi => self.openai(),
            ProviderType::Anthropic => self.anthropic(),
            ProviderType::GoogleAi => self.google_ai(),
            ProviderType::Bedrock => self.bedrock(),
            ProviderType::VertexAi => self.vertex(),
            ProviderType::AzureOpenAi => self.azure_openai(),
            ProviderType::OpenAiCompatible => self.compatible(),
            ProviderType::Cohere => self.cohere(),
        }
    }

    fn base_url(&mut self) -> Option<BaseUrl> {
        let text = filled(self.draft.base_url.as_deref())?;
        let url: BaseUrl = text
            .parse()
            .map_err(|error: domain::provider::InvalidBaseUrl| {
                self.wrong("base_url", "invalid_base_url", error.to_string())
            })
            .ok()?;
        self.reachable("base_url", url)
    }

    /// An address that Weir connects to, and no other.
    fn reachable(&mut self, field: &str, url: BaseUrl) -> Option<BaseUrl> {
        if !self.facts.allow_link_local && is_refused_host(url.url()) {
            self.wrong(field, "refused_address", REFUSED_ADDRESS);
            return None;
        }
        Some(url)
    }

    /// The secret that `api_key` names, if it names one that there is.
    fn api_key(&mut self) -> Option<SecretName> {
        self.reference("api_key", self.draft.api_key.as_deref())
    }

    /// The secret that a field names, if it names one that there is.
    fn reference(&mut self, field: &str, text: Option<&str>) -> Option<SecretName> {
        let text = filled(text)?;
        let Ok(name) = SecretName::new(text) else {
            self.wrong(
                field,
                "invalid_reference",
                "write the name of a secret, such as OPENAI_API_KEY (capitals, digits and underscores), never the key itself",
            );
            return None;
        };
        if !(self.facts.has_secret)(&name) {
            self.wrong(
                field,
                "secret_not_found",
                format!("there is no secret {name}: it was deleted or is spelled differently; make it first"),
            );
            return None;
        }
        Some(name)
    }

    fn header_value(&mut self, field: &str, text: Option<&str>) -> Option<String> {
        let text = filled(text)?;
        if text.chars().count() > HEADER_VALUE_MAX {
            self.wrong(
                field,
                "too_long",
                format!("{HEADER_VALUE_MAX} characters at most"),
            );
            return None;
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            self.wrong(
                field,
                "not_header_safe",
                "it is sent as a header: use letters, digits and punctuation of ASCII, without spaces",
            );
            return None;
        }
        Some(text.to_owned())
    }

    fn openai(&mut self) -> Option<Upstream> {
        let base_url = self.base_url();
        let api_key = self.api_key();
        if api_key.is_none() {
            self.require("api_key", "name the secret that holds the OpenAI key");
        }
        let organization = self.header_value("organization", self.draft.organization.as_deref());
        let project = self.header_value("project", self.draft.project.as_deref());
        Some(Upstream::OpenAi {
            base_url,
            api_key: api_key?,
            organization,
            project,
        })
    }

    fn anthropic(&mut self) -> Option<Upstream> {
        let base_url = self.base_url();
        let auth = if self.draft.authorization_passthrough.unwrap_or(false) {
            if filled(self.draft.api_key.as_deref()).is_some() {
                self.wrong(
                    "api_key",
                    "must_be_absent",
                    "with authorization passthrough the client's own credential goes up, so there must be no key here: clear it, or switch passthrough off",
                );
            }
            Some(AnthropicAuth::Passthrough)
        } else {
            let api_key = self.api_key();
            if api_key.is_none() {
                self.require(
                    "api_key",
                    "name the secret that holds the Anthropic key, or switch authorization passthrough on",
                );
            }
            api_key.map(AnthropicAuth::Key)
        };
        Some(Upstream::Anthropic {
            base_url,
            auth: auth?,
        })
    }

    fn google_ai(&mut self) -> Option<Upstream> {
        let base_url = self.base_url();
        let api_key = self.api_key();
        if api_key.is_none() {
            self.require("api_key", "name the secret that holds the Google AI key");
        }
        Some(Upstream::GoogleAi {
            base_url,
            api_key: api_key?,
        })
    }

    fn cohere(&mut self) -> Option<Upstream> {
        let base_url = self.base_url();
        if let Some(url) = &base_url
            && names_its_api(url)
        {
            self.wrong(
                "base_url",
                "invalid_base_url",
                "leave out /v1, /v2 and /compatibility at its end: calls write them themselves, and each goes to one of them",
            );
        }
        let api_key = self.api_key();
        if api_key.is_none() {
            self.require("api_key", "name the secret that holds the Cohere key");
        }
        Some(Upstream::Cohere {
            base_url,
            api_key: api_key?,
        })
    }

    fn compatible(&mut self) -> Option<Upstream> {
        let base_url = self.base_url();
        if base_url.is_none() {
            self.require(
                "base_url",
                "write the server's address, such as http://localhost:8000/v1",
            );
        }
        let api_key = self.api_key();
        let preset = self.preset();
        Some(Upstream::OpenAiCompatible {
            base_url: base_url?,
            preset,
            api_key,
            inject_stream_usage: self.draft.inject_stream_usage.unwrap_or(true),
        })
    }

    fn preset(&mut self) -> Option<Preset> {
        let text = filled(self.draft.preset.as_deref())?;
        let preset = text.parse().ok();
        if preset.is_none() {
            let known: Vec<&str> = Preset::ALL.iter().map(|preset| preset.key()).collect();
            self.wrong(
                "preset",
                "invalid_preset",
                format!(
                    "there is no such preset; leave it out, or use one of: {}",
                    known.join(", ")
                ),
            );
        }
        preset
    }
}

/// Whether an address of Cohere's goes on to one of its APIs.
fn names_its_api(url: &BaseUrl) -> bool {
    ["/v1", "/v2", "/compatibility"]
        .iter()
        .any(|end| url.as_str().ends_with(end))
}

#[cfg(test)]
mod tests;
