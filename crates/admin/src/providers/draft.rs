//! What an admin sends to make or change a provider: the flat JSON of the API, unchecked.

mod patch;

use std::collections::BTreeMap;

use domain::provider::ProviderType;
use serde_json::Value;

use super::several::{ENDPOINTS, EndpointDraft};
use crate::{error::FieldError, fields::Object};

pub(crate) use patch::patched;

/// A provider as somebody wrote it. Texts are as typed; empty ones count as not given.
///
/// The console's form fills it by hand, the REST API through [`ProviderDraft::read`]; both are checked
/// by the same code.
#[derive(Debug, Clone, PartialEq, Eq, Default, utoipa::ToSchema)]
#[schema(as = NewProvider, description = "A provider to be made.")]
pub struct ProviderDraft {
    /// `^[a-z][a-z0-9-]*$`, 63 characters at most; never changes. Left out: derived from the display name.
    #[schema(example = "openai-main")]
    pub id: Option<String>,
    /// What people read; 1 to 253 characters.
    #[schema(value_type = String, required = true, example = "OpenAI main")]
    pub display_name: Option<String>,
    /// openai, anthropic, google_ai, bedrock, azure_openai, vertex_ai, openai_compatible or cohere; never changes.
    #[schema(rename = "type", value_type = String, required = true, example = "openai")]
    pub provider_type: Option<String>,
    /// Whether calls are taken. Left out: yes.
    pub enabled: Option<bool>,
    /// The upstream's address. Left out: the type's own, bedrock's by its region, vertex_ai's by its location;
    /// azure_openai and openai_compatible have none and need one. azure_openai takes every form that Azure shows of
    /// a resource's address and keeps what stands before `/openai`.
    pub base_url: Option<String>,
    /// The name of the secret that holds the key. openai, google_ai, cohere: required. anthropic: required
    /// unless passthrough is on, and then there must be none. openai_compatible: where the server asks for
    /// one. bedrock, vertex_ai: their `credentials` instead. azure_openai: the key of the resource, or
    /// `credentials`.
    #[schema(example = "OPENAI_API_KEY")]
    pub api_key: Option<String>,
    /// openai_compatible only: which known host it is (deepseek, together_ai, groq, sambanova, cerebras,
    /// fireworks_ai, mistral, xai, perplexity, databricks, vllm, ollama, mlflow); picks the list prices.
    pub preset: Option<String>,
    /// openai_compatible only: whether usage is asked for in streams whose client did not. Left out: yes.
    pub inject_stream_usage: Option<bool>,
    /// Whether paths that Weir does not meter are let through too. Left out: no.
    pub other_paths: Option<bool>,
    /// openai only: sent as `OpenAI-Organization`.
    pub organization: Option<String>,
    /// openai: sent as `OpenAI-Project`. vertex_ai: the Google Cloud project that is called and billed, required
    /// unless Weir was started with `VERTEXAI_PROJECT`.
    pub project: Option<String>,
    /// vertex_ai only: `global`, `us`, `eu` or a region; required unless Weir was started with
    /// `VERTEXAI_LOCATION`.
    #[schema(example = "us-central1")]
    pub location: Option<String>,
    /// anthropic only: whether the client's own `Authorization` goes up instead of a key. Left out: no.
    pub authorization_passthrough: Option<bool>,
    /// bedrock only, required: the AWS region, such as us-east-1.
    #[schema(example = "us-east-1")]
    pub region: Option<String>,
    /// bedrock, vertex_ai: where the credentials come from. Left out: the default chain. azure_openai: a service
    /// principal, instead of `api_key`.
    pub credentials: Option<CredentialsDraft>,
    /// bedrock only: whether the region's FIPS address is called. Left out: no.
    pub fips: Option<bool>,
    /// bedrock only: put into every call, over what the client says.
    pub guardrail: Option<GuardrailDraft>,
    /// azure_openai only: the `api-version` that is added to calls which need one and name none. Left out:
    /// 2024-10-21.
    #[schema(example = "2024-10-21")]
    pub api_version: Option<String>,
    /// azure_openai only: us, eu, apac or us-gov where its deployments keep to a data zone, which has prices of
    /// its own. Left out: global prices, and those of us-gov at an address of the government's cloud.
    #[schema(example = "eu")]
    pub data_zone: Option<String>,
    /// Several endpoints, 20 at most, to which calls go in turn; `region`, `base_url`, `api_key` and
    /// `credentials` then stand in each of them and not beside. `location`, `project` of vertex_ai, `api_version`
    /// and `data_zone` may stand in each, and hold beside for those that have none. Empty or left out: the fields
    /// beside are the only endpoint.
    #[schema(required = false)]
    pub endpoints: Vec<EndpointDraft>,
    /// The models that may be called, 1000 at most. Empty or left out: every model.
    #[schema(required = false)]
    pub models: Vec<ModelDraft>,
    /// Whether request bodies are recorded. Left out: no.
    pub record_inputs: Option<bool>,
    /// Whether answers are recorded. Left out: no.
    pub record_outputs: Option<bool>,
    /// Fields that could not even be read. Empty in a draft made by hand.
    #[schema(ignore)]
    pub unreadable: Vec<FieldError>,
}

/// One model of a [`ProviderDraft`].
#[derive(Debug, Clone, PartialEq, Eq, Default, utoipa::ToSchema)]
#[schema(as = NewProviderModel, description = "One model that a provider offers.")]
pub struct ModelDraft {
    /// The upstream's id of it.
    #[schema(example = "gpt-4o")]
    pub id: String,
    /// What people read instead of the id.
    pub display_name: Option<String>,
    /// The catalog's id whose prices hold, where it does not know this one.
    pub price_as: Option<String>,
    /// Bucket → dollars per million tokens. Null, empty or left out keeps the catalog's rate.
    #[schema(value_type = super::RatesView, required = false)]
    pub rates: BTreeMap<String, Option<String>>,
}

/// Where the credentials of a provider come from; which fields there are depends on the mode.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, utoipa::ToSchema)]
#[schema(as = Credentials)]
pub struct CredentialsDraft {
    /// bedrock: default_chain, static_keys, assume_role, web_identity or bearer. azure_openai:
    /// service_principal. vertex_ai: default_chain or service_account.
    #[schema(value_type = String, required = true, example = "default_chain")]
    pub mode: Option<String>,
    /// static_keys: the name of the secret that holds the access key's id.
    pub access_key_id: Option<String>,
    /// static_keys: the name of the secret that holds the key.
    pub secret_access_key: Option<String>,
    /// static_keys, of temporary keys: the name of the secret that holds their token.
    pub session_token: Option<String>,
    /// assume_role, web_identity: the role.
    #[schema(example = "arn:aws:iam::123456789012:role/bedrock-caller")]
    pub role_arn: Option<String>,
    /// assume_role: what the role's owner asks for.
    pub external_id: Option<String>,
    /// assume_role: how the sessions are called in the logs of AWS. Left out: `weir-` and the provider's id.
    pub session_name: Option<String>,
    /// bearer: the name of the secret that holds the Bedrock API key.
    pub api_key: Option<String>,
    /// service_account: the name of the secret that holds the JSON of the service account's key.
    pub service_account: Option<String>,
    /// service_principal: the application's client id.
    pub client_id: Option<String>,
    /// service_principal: the name of the secret that holds the application's client secret.
    pub client_secret: Option<String>,
    /// service_principal: where tokens are got.
    #[schema(example = "https://login.microsoftonline.com/TENANT/oauth2/v2.0/token")]
    pub token_url: Option<String>,
    /// service_principal: what tokens are asked for. Left out: Azure OpenAI in the cloud of the addresses.
    #[schema(example = "https://cognitiveservices.azure.com/.default")]
    pub scope: Option<String>,
}

/// A guardrail of Bedrock.
#[derive(Debug, Clone, PartialEq, Eq, Default, utoipa::ToSchema)]
#[schema(as = Guardrail)]
pub struct GuardrailDraft {
    /// Its id or ARN.
    #[schema(value_type = String, required = true)]
    pub id: Option<String>,
    /// A number, or DRAFT.
    #[schema(value_type = String, required = true, example = "1")]
    pub version: Option<String>,
}

/// The fields that Weir fills in itself.
pub(crate) const READ_ONLY: &[&str] = &[
    "version",
    "created_at",
    "updated_at",
    "proxy_url",
    "discovery_url",
];

/// The fields that not every type has, and which types do.
pub(crate) const FIELDS_OF_SOME_TYPES: &[(&str, &[ProviderType])] = &[
    ("preset", &[ProviderType::OpenAiCompatible]),
    ("inject_stream_usage", &[ProviderType::OpenAiCompatible]),
    ("organization", &[ProviderType::OpenAi]),
    ("project", &[ProviderType::OpenAi, ProviderType::VertexAi]),
    ("authorization_passthrough", &[ProviderType::Anthropic]),
    ("region", &[ProviderType::Bedrock]),
    ("location", &[ProviderType::VertexAi]),
    (
        "credentials",
        &[
            ProviderType::Bedrock,
            ProviderType::AzureOpenAi,
            ProviderType::VertexAi,
        ],
    ),
    ("fips", &[ProviderType::Bedrock]),
    ("guardrail", &[ProviderType::Bedrock]),
    ("api_version", &[ProviderType::AzureOpenAi]),
    ("data_zone", &[ProviderType::AzureOpenAi]),
];

impl ProviderDraft {
    /// Reads the JSON of a new provider. What cannot be read is kept as errors, to be told together with
    /// all others.
    #[must_use]
    pub fn read(mut json: Value) -> Self {
        let mut read_only = vec![];
        if let Value::Object(fields) = &mut json {
            for name in READ_ONLY {
                if fields.remove(*name).is_some_and(|value| !value.is_null()) {
                    read_only.push(FieldError::new(
                        *name,
                        "read_only",
                        "Weir fills this in itself; leave it out",
                    ));
                }
            }
        }
        let mut draft = Self::read_editable(json);
        draft.unreadable.extend(read_only);
        draft
    }

    /// Reads the JSON of a provider without the fields that Weir fills in.
    pub(crate) fn read_editable(json: Value) -> Self {
        let mut object = Object::new("", json);
        let mut draft = Self {
            id: object.text("id"),
            display_name: object.text("display_name"),
            provider_type: object.text("type"),
            enabled: object.flag("enabled"),
            base_url: object.text("base_url"),
            api_key: object.text("api_key"),
            preset: object.text("preset"),
            inject_stream_usage: object.flag("inject_stream_usage"),
            other_paths: object.flag("other_paths"),
            organization: object.text("organization"),
            project: object.text("project"),
            authorization_passthrough: object.flag("authorization_passthrough"),
            region: object.text("region"),
            location: object.text("location"),
            credentials: None,
            fips: object.flag("fips"),
            guardrail: None,
            api_version: object.text("api_version"),
            data_zone: object.text("data_zone"),
            endpoints: vec![],
            models: vec![],
            record_inputs: object.flag("record_inputs"),
            record_outputs: object.flag("record_outputs"),
            unreadable: vec![],
        };
        let credentials = object.take("credentials");
        let guardrail = object.take("guardrail");
        let endpoints = object.list(ENDPOINTS).unwrap_or_default();
        let models = object.list("models").unwrap_or_default();
        let mut errors = object.end();
        if let Some(json) = credentials {
            let (credentials, wrong) = CredentialsDraft::read(json);
            draft.credentials = Some(credentials);
            errors.extend(wrong);
        }
        if let Some(json) = guardrail {
            let (guardrail, wrong) = GuardrailDraft::read(json);
            draft.guardrail = Some(guardrail);
            errors.extend(wrong);
        }
        for (index, endpoint) in endpoints.into_iter().enumerate() {
            let (endpoint, wrong) = EndpointDraft::read(&format!("{ENDPOINTS}[{index}]"), endpoint);
            draft.endpoints.push(endpoint);
            errors.extend(wrong);
        }
        for (index, model) in models.into_iter().enumerate() {
            let (model, wrong) = ModelDraft::read(&format!("models[{index}]"), model);
            draft.models.push(model);
            errors.extend(wrong);
        }
        draft.unreadable = errors;
        draft
    }

    /// Whether a field of one type was given.
    pub(crate) fn gives(&self, field: &str) -> bool {
        let text = |text: &Option<String>| crate::fields::filled(text.as_deref()).is_some();
        match field {
            "preset" => text(&self.preset),
            "inject_stream_usage" => self.inject_stream_usage.is_some(),
            "organization" => text(&self.organization),
            "project" => text(&self.project),
            "authorization_passthrough" => self.authorization_passthrough.is_some(),
            "region" => text(&self.region),
            "location" => text(&self.location),
            "credentials" => self.credentials.is_some(),
            "fips" => self.fips.is_some(),
            "guardrail" => self.guardrail.is_some(),
            "api_version" => text(&self.api_version),
            "data_zone" => text(&self.data_zone),
            _ => false,
        }
    }
}

impl CredentialsDraft {
    fn read(json: Value) -> (Self, Vec<FieldError>) {
        Self::read_at("credentials", json)
    }

    /// Reads its JSON. `path` stands before each field's name.
    pub(super) fn read_at(path: &str, json: Value) -> (Self, Vec<FieldError>) {
        let mut object = Object::new(path, json);
        let draft = Self {
            mode: object.text("mode"),
            access_key_id: object.text("access_key_id"),
            secret_access_key: object.text("secret_access_key"),
            session_token: object.text("session_token"),
            role_arn: object.text("role_arn"),
            external_id: object.text("external_id"),
            session_name: object.text("session_name"),
            api_key: object.text("api_key"),
            service_account: object.text("service_account"),
            client_id: object.text("client_id"),
            client_secret: object.text("client_secret"),
            token_url: object.text("token_url"),
            scope: object.text("scope"),
        };
        (draft, object.end())
    }
}

impl GuardrailDraft {
    fn read(json: Value) -> (Self, Vec<FieldError>) {
        let mut object = Object::new("guardrail", json);
        let draft = Self {
            id: object.text("id"),
            version: object.text("version"),
        };
        (draft, object.end())
    }
}

impl ModelDraft {
    fn read(path: &str, json: Value) -> (Self, Vec<FieldError>) {
        let mut object = Object::new(path, json);
        let mut draft = Self {
            id: object.text("id").unwrap_or_default(),
            display_name: object.text("display_name"),
            price_as: object.text("price_as"),
            rates: BTreeMap::new(),
        };
        for (bucket, rate) in object.map("rates").unwrap_or_default() {
            match rate {
                Value::String(rate) => draft.rates.insert(bucket, Some(rate)),
                Value::Null => draft.rates.insert(bucket, None),
                _ => {
                    object.wrong(FieldError::new(
                        format!("{path}.rates.{}", crate::error::shown(&bucket)),
                        "wrong_type",
                        "write the rate as a text, such as \"2.50\", so that it stays exact; null keeps the catalog's",
                    ));
                    None
                }
            };
        }
        (draft, object.end())
    }
}
