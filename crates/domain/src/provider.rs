//! Providers: configured upstreams.
//!
//! [`Upstream`] is a closed enum with what each type needs, so that a state which a type does not have
//! (an Anthropic provider with both passthrough and a key, say) cannot be built.

mod aws;
mod azure;
mod azure_address;
mod base_url;
mod geography;
mod google;
mod kind;
mod preset;
mod price_place;
mod several;

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    id::{ModelId, ProviderId, SecretName},
    pricing::RateOverrides,
};

pub use aws::{AwsCredentials, Guardrail, InvalidRegion, InvalidRoleArn, Region, RoleArn};
pub use azure::{
    ApiVersion, AzureCredentials, ClientId, DataZone, InvalidApiVersion, InvalidVisibleText, Scope,
    ServicePrincipal, UnknownDataZone, is_azures,
};
pub use azure_address::AzureAddress;
pub use base_url::{BaseUrl, InvalidBaseUrl};
pub use geography::Geography;
pub use google::{
    GoogleCredentials, GoogleLocation, GoogleProject, InvalidLocation, InvalidProject,
    VERTEX_PUBLISHERS, VertexApi, is_global, vertex_model,
};
pub use kind::{ProviderType, UnknownType};
pub use preset::{Preset, UnknownPreset, lacks_v1};
pub use price_place::{PricePlace, host, residency};
pub use several::{
    ENDPOINT_NAME_MAX, ENDPOINTS_MAX, Endpoint, EndpointName, InvalidEndpointName, Several,
};

/// Longest display name, in characters.
pub const DISPLAY_NAME_MAX: usize = 253;

/// What each provider type needs to reach its upstream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Upstream {
    /// OpenAI's own API.
    #[serde(rename = "openai")]
    OpenAi {
        /// `None`: the default address.
        base_url: Option<BaseUrl>,
        /// The key.
        api_key: SecretName,
        /// Sent as `OpenAI-Organization`.
        organization: Option<String>,
        /// Sent as `OpenAI-Project`.
        project: Option<String>,
    },
    /// Anthropic's own API.
    #[serde(rename = "anthropic")]
    Anthropic {
        /// `None`: the default address.
        base_url: Option<BaseUrl>,
        /// Whose credential goes up.
        auth: AnthropicAuth,
    },
    /// Google's Gemini API.
    #[serde(rename = "google_ai")]
    GoogleAi {
        /// `None`: the default address.
        base_url: Option<BaseUrl>,
        /// The key.
        api_key: SecretName,
    },
    /// The runtime of AWS Bedrock.
    #[serde(rename = "bedrock")]
    Bedrock {
        /// Where the models run, or where a profile is called.
        region: Region,
        /// `None`: the region's own address.
        base_url: Option<BaseUrl>,
        /// Who calls.
        credentials: AwsCredentials,
        /// Whether the region's FIPS address is called; only without a `base_url`.
        fips: bool,
        /// Put into every call, over what the client says. `None`: the client's own stays.
        guardrail: Option<Guardrail>,
    },
    /// Vertex AI of Google Cloud.
    #[serde(rename = "vertex_ai")]
    VertexAi {
        /// Whose models are called, and who is billed.
        project: GoogleProject,
        /// Where they run.
        location: GoogleLocation,
        /// `None`: the location's own address.
        base_url: Option<BaseUrl>,
        /// Who calls.
        credentials: GoogleCredentials,
    },
    /// Azure OpenAI: models of OpenAI's and others in a Microsoft Azure resource.
    #[serde(rename = "azure_openai")]
    AzureOpenAi {
        /// The resource, or a gateway in front of it: what stands before `/openai`.
        base_url: BaseUrl,
        /// Added to calls of the dated paths that name none. `None`: [`ApiVersion::DEFAULT`].
        api_version: Option<ApiVersion>,
        /// Who calls.
        credentials: AzureCredentials,
        /// Where its deployments process, if prices depend on it. `None`: anywhere, or in the zone that the
        /// address tells.
        data_zone: Option<DataZone>,
    },
    /// Any server that speaks OpenAI's API.
    #[serde(rename = "openai_compatible")]
    OpenAiCompatible {
        /// Where it is.
        base_url: BaseUrl,
        /// Which known host it is. `None`: one that the catalog does not know.
        preset: Option<Preset>,
        /// `None`: the server asks for none.
        api_key: Option<SecretName>,
        /// Whether `stream_options.include_usage` is asked of it for streams.
        inject_stream_usage: bool,
    },
    /// Cohere's own API.
    #[serde(rename = "cohere")]
    Cohere {
        /// `None`: the default address.
        base_url: Option<BaseUrl>,
        /// The key.
        api_key: SecretName,
    },
}

/// Whose credential an Anthropic provider sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnthropicAuth {
    /// Weir's, from a secret.
    Key(SecretName),
    /// The client's own `Authorization`, passed through.
    Passthrough,
}

impl Upstream {
    /// The type.
    #[must_use]
    pub const fn provider_type(&self) -> ProviderType {
        match self {
            Self::OpenAi { .. } => ProviderType::OpenAi,
            Self::Anthropic { .. } => ProviderType::Anthropic,
            Self::GoogleAi { .. } => ProviderType::GoogleAi,
            Self::Bedrock { .. } => ProviderType::Bedrock,
            Self::VertexAi { .. } => ProviderType::VertexAi,
            Self::AzureOpenAi { .. } => ProviderType::AzureOpenAi,
            Self::OpenAiCompatible { .. } => ProviderType::OpenAiCompatible,
            Self::Cohere { .. } => ProviderType::Cohere,
        }
    }

    /// The address calls go to: the one that was named, else the type's own.
    #[must_use]
    pub fn base_url(&self) -> Cow<'_, str> {
        let named = match self {
            Self::OpenAi { base_url, .. }
            | Self::Anthropic { base_url, .. }
            | Self::GoogleAi { base_url, .. }
            | Self::Cohere { base_url, .. } => base_url.as_ref(),
            Self::AzureOpenAi { base_url, .. } | Self::OpenAiCompatible { base_url, .. } => {
                Some(base_url)
            }
            Self::Bedrock {
                base_url: None,
                region,
                fips,
                ..
            } => return Cow::Owned(region.bedrock_runtime(*fips)),
            Self::VertexAi {
                base_url: None,
                location,
                ..
            } => return Cow::Owned(location.vertex_ai()),
            Self::Bedrock { base_url, .. } | Self::VertexAi { base_url, .. } => base_url.as_ref(),
        };
        Cow::Borrowed(named.map_or_else(
            || self.provider_type().default_base_url().unwrap_or_default(),
            BaseUrl::as_str,
        ))
    }

    /// The AWS region that it is called in.
    #[must_use]
    pub const fn region(&self) -> Option<&Region> {
        match self {
            Self::Bedrock { region, .. } => Some(region),
            Self::OpenAi { .. }
            | Self::Anthropic { .. }
            | Self::GoogleAi { .. }
            | Self::VertexAi { .. }
            | Self::AzureOpenAi { .. }
            | Self::OpenAiCompatible { .. }
            | Self::Cohere { .. } => None,
        }
    }

    /// Project and location of Google Cloud that every call is made in, whatever its path says.
    #[must_use]
    pub const fn google_home(&self) -> Option<(&GoogleProject, &GoogleLocation)> {
        match self {
            Self::VertexAi {
                project, location, ..
            } => Some((project, location)),
            Self::OpenAi { .. }
            | Self::Anthropic { .. }
            | Self::GoogleAi { .. }
            | Self::Bedrock { .. }
            | Self::AzureOpenAi { .. }
            | Self::OpenAiCompatible { .. }
            | Self::Cohere { .. } => None,
        }
    }

    /// The catalog's name for where it is called, where prices depend on that.
    #[must_use]
    pub fn price_region(&self) -> Option<&str> {
        match self {
            Self::Bedrock { region, .. } => Some(region.as_str()),
            Self::AzureOpenAi {
                base_url,
                data_zone,
                ..
            } => data_zone
                .or_else(|| DataZone::of_address(base_url))
                .map(DataZone::key),
            Self::OpenAi { .. }
            | Self::Anthropic { .. }
            | Self::VertexAi { .. }
            | Self::GoogleAi { .. }
            | Self::OpenAiCompatible { .. }
            | Self::Cohere { .. } => None,
        }
    }

    /// The secrets that it refers to.
    #[must_use]
    pub fn secrets(&self) -> Vec<&SecretName> {
        match self {
            Self::OpenAi { api_key, .. }
            | Self::GoogleAi { api_key, .. }
            | Self::Cohere { api_key, .. } => vec![api_key],
            Self::Bedrock { credentials, .. } => credentials.secrets(),
            Self::VertexAi { credentials, .. } => credentials.secrets(),
            Self::AzureOpenAi { credentials, .. } => credentials.secrets(),
            Self::Anthropic {
                auth: AnthropicAuth::Key(key),
                ..
            } => vec![key],
            Self::Anthropic {
                auth: AnthropicAuth::Passthrough,
                ..
            } => vec![],
            Self::OpenAiCompatible { api_key, .. } => api_key.iter().collect(),
        }
    }

    /// The catalog's name for whose prices hold. `None`: no list prices, overrides only.
    #[must_use]
    pub const fn catalog_kind(&self) -> Option<&'static str> {
        let preset = match self {
            Self::OpenAi { .. }
            | Self::Anthropic { .. }
            | Self::GoogleAi { .. }
            | Self::Bedrock { .. }
            | Self::VertexAi { .. }
            | Self::AzureOpenAi { .. }
            | Self::Cohere { .. } => None,
            Self::OpenAiCompatible { preset, .. } => *preset,
        };
        self.provider_type().catalog_kind(preset)
    }
}

/// One model that a provider offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderModel {
    /// The upstream's id of it.
    pub id: ModelId,
    /// What people read instead of the id. `None`: the catalog's name, else the id.
    pub display_name: Option<String>,
    /// The catalog's id whose prices hold for it, where its own id is unknown there.
    pub price_as: Option<ModelId>,
    /// Rates that replace the catalog's.
    #[serde(default)]
    pub rates: RateOverrides,
}

/// Which bodies of a provider's calls are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Recording {
    /// Request bodies.
    pub inputs: bool,
    /// Answers.
    pub outputs: bool,
}

/// One configured upstream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provider {
    /// Its id in addresses and in the ledger; never changes.
    pub id: ProviderId,
    /// What people read.
    pub display_name: String,
    /// Whether calls are taken.
    pub enabled: bool,
    /// Type, address and credentials; of the first endpoint, where there are several.
    pub upstream: Upstream,
    /// The names of its endpoints, and the others. `None`: it has one, without a name.
    pub several: Option<Several>,
    /// Whether paths that Weir does not meter are let through too.
    pub other_paths: bool,
    /// The models that may be called, in the admin's order. Empty: every model.
    pub models: Vec<ProviderModel>,
    /// Which bodies are kept.
    pub recording: Recording,
    /// Counts the changes, from 1 on; guards against overwriting somebody else's.
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Provider {
    /// The entry of a model. `None`: the list does not have it (which an empty list never has).
    #[must_use]
    pub fn model(&self, id: &str) -> Option<&ProviderModel> {
        self.models.iter().find(|model| model.id.as_str() == id)
    }

    /// Whether a model may be called: it is listed, or the list is empty.
    #[must_use]
    pub fn allows(&self, id: &str) -> bool {
        self.models.is_empty() || self.model(id).is_some()
    }
}
