//! A provider as people and programs see it: the flat JSON of the API.

use domain::{
    Bucket, ProviderId, Timestamp,
    provider::{
        AnthropicAuth, AwsCredentials, AzureCredentials, GoogleCredentials, Guardrail, PricePlace,
        Provider, ProviderModel, ProviderType, ServicePrincipal, Upstream,
    },
};
use serde::Serialize;

use super::EndpointView;

/// One provider. Fields that its type does not have, and optional ones that are not set, are left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = Provider)]
pub struct ProviderView {
    /// Its id in addresses and in the ledger; never changes.
    #[schema(value_type = String, example = "openai-main")]
    pub id: ProviderId,
    /// What people read.
    #[schema(example = "OpenAI main")]
    pub display_name: String,
    /// The type; never changes.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "openai")]
    pub provider_type: ProviderType,
    /// Whether calls are taken.
    pub enabled: bool,
    /// The upstream's address, where it is not the type's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// The name of the secret that holds the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "OPENAI_API_KEY")]
    pub api_key: Option<String>,
    /// openai_compatible: which known host it is; picks the catalog.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preset: Option<&'static str>,
    /// openai_compatible: whether usage is asked for in streams whose client did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inject_stream_usage: Option<bool>,
    /// Whether paths that Weir does not meter are let through too.
    pub other_paths: bool,
    /// openai: sent as `OpenAI-Organization`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// openai: sent as `OpenAI-Project`. vertex_ai: the Google Cloud project that is called and billed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// anthropic: whether the client's own `Authorization` goes up instead of a key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_passthrough: Option<bool>,
    /// bedrock: the AWS region.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "us-east-1")]
    pub region: Option<String>,
    /// vertex_ai: the location whose models are called.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "us-central1")]
    pub location: Option<String>,
    /// bedrock, vertex_ai: where the credentials come from. azure_openai: its service principal, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<super::CredentialsDraft>)]
    pub credentials: Option<CredentialsView>,
    /// bedrock: whether the region's FIPS address is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fips: Option<bool>,
    /// bedrock: put into every call.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<super::GuardrailDraft>)]
    pub guardrail: Option<Guardrail>,
    /// azure_openai: the `api-version` that is added to calls which name none, where it is not the usual one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2025-04-01-preview")]
    pub api_version: Option<String>,
    /// azure_openai: the data zone that its deployments keep to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "eu")]
    pub data_zone: Option<&'static str>,
    /// Whose list prices hold; of several endpoints, at the first.
    #[serde(skip)]
    pub price_place: PricePlace,
    /// Whether other list prices hold at another of its endpoints.
    #[serde(skip)]
    pub prices_differ: bool,
    /// Its endpoints, to which calls go in turn. Left out where it has one, whose fields stand beside.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub endpoints: Vec<EndpointView>,
    /// The models that may be called. Empty: every model.
    pub models: Vec<ModelView>,
    /// Whether request bodies are recorded.
    pub record_inputs: bool,
    /// Whether answers are recorded.
    pub record_outputs: bool,
    /// Counts the changes, from 1 on. Also the `ETag`.
    pub version: u64,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it was last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
    /// Where applications point their SDK.
    #[schema(example = "http://127.0.0.1:8080/llm/v1/providers/openai-main")]
    pub proxy_url: String,
    /// Where applications read what the provider offers.
    #[schema(example = "http://127.0.0.1:8080/llm/v1/providers/openai-main/.well-known/weir")]
    pub discovery_url: String,
}

/// Where the credentials of a provider come from, as the API has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum CredentialsView {
    /// Those of AWS.
    Aws(AwsCredentials),
    /// Of Google.
    Google(GoogleCredentials),
    /// An application of Entra ID.
    ServicePrincipal {
        /// The word for it.
        mode: ServicePrincipalMode,
        /// What it is.
        #[serde(flatten)]
        principal: ServicePrincipal,
    },
}

/// The mode of a service principal's credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ServicePrincipalMode {
    /// The only one.
    ServicePrincipal,
}

/// One model of a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = ProviderModel)]
pub struct ModelView {
    /// The upstream's id of it.
    #[schema(example = "gpt-4o")]
    pub id: String,
    /// What people read instead of the id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// The catalog's id whose prices hold for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price_as: Option<String>,
    /// Rates that replace the catalog's, in dollars per million tokens; `"0"` is free.
    #[serde(skip_serializing_if = "RatesView::is_empty")]
    #[schema(required = false)]
    pub rates: RatesView,
}

/// Overridden rates: bucket → dollars per million tokens. A bucket that is left out keeps the catalog's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RatesView(pub domain::pricing::RateOverrides);

impl RatesView {
    /// Whether no rate is overridden.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|(_, rate)| rate.is_none())
    }
}

impl Serialize for RatesView {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(
            self.0
                .iter()
                .filter_map(|(bucket, rate)| rate.map(|rate| (bucket.key(), rate))),
        )
    }
}

impl utoipa::PartialSchema for RatesView {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        let rate = |bucket: &Bucket| {
            utoipa::openapi::ObjectBuilder::new()
                .schema_type(utoipa::openapi::schema::SchemaType::from_iter([
                    utoipa::openapi::Type::String,
                    utoipa::openapi::Type::Null,
                ]))
                .description(Some(format!(
                    "{}: dollars per million tokens",
                    bucket.label()
                )))
                .build()
        };
        Bucket::ALL
            .iter()
            .filter(|bucket| bucket.can_be_overridden())
            .fold(utoipa::openapi::ObjectBuilder::new(), |object, bucket| object.property(bucket.key(), rate(bucket)))
            .description(Some("Bucket → dollars per million tokens. Left out or null: the catalog's rate; \"0\": free."))
            .build()
            .into()
    }
}

impl utoipa::ToSchema for RatesView {
    fn name() -> std::borrow::Cow<'static, str> {
        "Rates".into()
    }
}

impl ProviderView {
    /// What somebody would send to have it as it is.
    #[must_use]
    pub fn draft(&self) -> super::ProviderDraft {
        let mut json = serde_json::to_value(self).unwrap_or_default();
        if let Some(fields) = json.as_object_mut() {
            fields.retain(|name, _| !super::draft::READ_ONLY.contains(&name.as_str()));
        }
        super::ProviderDraft::read_editable(json)
    }

    /// The view of a provider, with addresses under `public_url` (no slash at its end).
    #[must_use]
    pub fn of(provider: &Provider, public_url: &str) -> Self {
        let proxy_url = format!("{public_url}/llm/v1/providers/{}", provider.id);
        let mut view = Self {
            id: provider.id.clone(),
            display_name: provider.display_name.clone(),
            provider_type: provider.upstream.provider_type(),
            enabled: provider.enabled,
            base_url: None,
            api_key: None,
            preset: None,
            inject_stream_usage: None,
            other_paths: provider.other_paths,
            organization: None,
            project: None,
            authorization_passthrough: None,
            region: None,
            location: None,
            credentials: None,
            fips: None,
            guardrail: None,
            api_version: None,
            data_zone: None,
            price_place: provider.upstream.price_place(),
            prices_differ: provider
                .upstreams()
                .any(|other| other.price_place() != provider.upstream.price_place()),
            endpoints: vec![],
            models: provider.models.iter().map(ModelView::of).collect(),
            record_inputs: provider.recording.inputs,
            record_outputs: provider.recording.outputs,
            version: provider.version,
            created_at: provider.created_at,
            updated_at: provider.updated_at,
            discovery_url: format!("{proxy_url}/.well-known/weir"),
            proxy_url,
        };
        view.show(&provider.upstream);
        EndpointView::move_into(&mut view, provider);
        view
    }

    /// Shows where calls go and who makes them.
    pub(super) fn show(&mut self, upstream: &Upstream) {
        let view = self;
        match upstream {
            Upstream::OpenAi {
                base_url,
                api_key,
                organization,
                project,
            } => {
                view.base_url = base_url.as_ref().map(ToString::to_string);
                view.api_key = Some(api_key.to_string());
                view.organization.clone_from(organization);
                view.project.clone_from(project);
            }
            Upstream::Anthropic { base_url, auth } => {
                view.base_url = base_url.as_ref().map(ToString::to_string);
                view.authorization_passthrough = Some(*auth == AnthropicAuth::Passthrough);
                if let AnthropicAuth::Key(key) = auth {
                    view.api_key = Some(key.to_string());
                }
            }
            Upstream::GoogleAi { base_url, api_key } | Upstream::Cohere { base_url, api_key } => {
                view.base_url = base_url.as_ref().map(ToString::to_string);
                view.api_key = Some(api_key.to_string());
            }
            Upstream::Bedrock {
                region,
                base_url,
                credentials,
                fips,
                guardrail,
            } => {
                view.base_url = base_url.as_ref().map(ToString::to_string);
                view.region = Some(region.to_string());
                view.credentials = Some(CredentialsView::Aws(credentials.clone()));
                view.fips = Some(*fips);
                view.guardrail.clone_from(guardrail);
            }
            Upstream::VertexAi {
                project,
                location,
                base_url,
                credentials,
            } => {
                view.base_url = base_url.as_ref().map(ToString::to_string);
                view.project = Some(project.to_string());
                view.location = Some(location.to_string());
                view.credentials = Some(CredentialsView::Google(credentials.clone()));
            }
            Upstream::AzureOpenAi {
                base_url,
                api_version,
                credentials,
                data_zone,
            } => {
                view.base_url = Some(base_url.to_string());
                view.api_version = api_version.as_ref().map(ToString::to_string);
                view.data_zone = data_zone.map(domain::provider::DataZone::key);
                match credentials {
                    AzureCredentials::Key(key) => view.api_key = Some(key.to_string()),
                    AzureCredentials::ServicePrincipal(principal) => {
                        view.credentials = Some(CredentialsView::ServicePrincipal {
                            mode: ServicePrincipalMode::ServicePrincipal,
                            principal: principal.clone(),
                        });
                    }
                }
            }
            Upstream::OpenAiCompatible {
                base_url,
                preset,
                api_key,
                inject_stream_usage,
            } => {
                view.base_url = Some(base_url.to_string());
                view.preset = preset.map(domain::provider::Preset::key);
                view.api_key = api_key.as_ref().map(ToString::to_string);
                view.inject_stream_usage = Some(*inject_stream_usage);
            }
        }
    }
}

impl ModelView {
    fn of(model: &ProviderModel) -> Self {
        Self {
            id: model.id.to_string(),
            display_name: model.display_name.clone(),
            price_as: model.price_as.as_ref().map(ToString::to_string),
            rates: RatesView(model.rates),
        }
    }
}
