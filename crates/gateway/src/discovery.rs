//! The discovery document: what a client needs to know of a provider, for one who has a token for it.

use admin::live::{LiveProvider, Snapshot};
use domain::{
    Bucket, CallId, ModelId,
    pricing::expected_card,
    provider::{AnthropicAuth, PricePlace, ProviderModel, ProviderType, Upstream},
};
use http::{HeaderValue, Response, header::CONTENT_TYPE};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{PREFIX, answer::AnswerBody, cards::Cards, headers};

/// Answers `GET {proxy URL}/.well-known/weir`.
pub(crate) fn answer(
    snapshot: &Snapshot,
    provider: &LiveProvider,
    cards: &Cards,
    id: CallId,
) -> Response<AnswerBody> {
    let document = document(snapshot, provider, cards);
    let body = serde_json::to_vec(&document).unwrap_or_default();
    let mut response = Response::new(AnswerBody::ready(body));
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers::own(response.headers_mut(), id);
    response
}

#[derive(Debug, Serialize)]
struct Document<'a> {
    provider: &'a str,
    display_name: &'a str,
    #[serde(rename = "type")]
    provider_type: &'static str,
    /// Path of the proxy URL; the host is the one that was asked.
    proxy_path: String,
    paths: &'static [&'static str],
    other_paths: bool,
    authentication: Authentication,
    /// Whether every model may be called; `models` is empty then.
    every_model: bool,
    models: Vec<Value>,
    catalog_version: &'a str,
}

#[derive(Debug, Serialize)]
struct Authentication {
    headers: &'static [&'static str],
    note: &'static str,
}

fn document<'a>(snapshot: &'a Snapshot, live: &'a LiveProvider, cards: &Cards) -> Document<'a> {
    let provider = &live.provider;
    let provider_type = provider.upstream.provider_type();
    let place = provider.upstream.price_place();
    Document {
        provider: provider.id.as_str(),
        display_name: &provider.display_name,
        provider_type: provider_type.key(),
        proxy_path: format!("{PREFIX}{}", provider.id),
        paths: paths(provider_type),
        other_paths: provider.other_paths,
        authentication: authentication(&provider.upstream),
        every_model: provider.models.is_empty(),
        models: provider
            .models
            .iter()
            .map(|model| entry(snapshot, live, cards, &place, model))
            .collect(),
        catalog_version: snapshot.catalog.version(),
    }
}

const fn paths(provider_type: ProviderType) -> &'static [&'static str] {
    match provider_type {
        ProviderType::OpenAi | ProviderType::OpenAiCompatible => &[
            "/chat/completions",
            "/responses",
            "/completions",
            "/embeddings",
            "/models",
        ],
        ProviderType::Anthropic => &["/v1/messages", "/v1/messages/count_tokens", "/v1/models"],
        ProviderType::GoogleAi => &[
            "/v1beta/models/{model}:generateContent",
            "/v1beta/models/{model}:streamGenerateContent",
            "/v1beta/models/{model}:countTokens",
            "/v1beta/models/{model}:embedContent",
            "/v1beta/models/{model}:batchEmbedContents",
            "/v1beta/models",
            "/v1beta/openai/chat/completions",
            "/v1beta/openai/embeddings",
            "/v1beta/openai/models",
        ],
        ProviderType::VertexAi => &[
            "/v1/publishers/{publisher}/models/{model}:generateContent",
            "/v1/publishers/{publisher}/models/{model}:streamGenerateContent",
            "/v1/publishers/{publisher}/models/{model}:countTokens",
            "/v1/publishers/{publisher}/models/{model}:embedContent",
            "/v1/publishers/{publisher}/models/{model}:predict",
            "/v1/publishers/{publisher}/models/{model}:rawPredict",
            "/v1/publishers/{publisher}/models/{model}:streamRawPredict",
            "/v1/publishers/{publisher}/models",
            "/v1/endpoints/{endpoint}:generateContent",
            "/v1/endpoints/openapi/chat/completions",
            "/v1/endpoints/openapi/embeddings",
        ],
        ProviderType::AzureOpenAi => &[
            "/openai/deployments/{deployment}/chat/completions",
            "/openai/deployments/{deployment}/completions",
            "/openai/deployments/{deployment}/embeddings",
            "/openai/responses",
            "/openai/models",
            "/openai/v1/chat/completions",
            "/openai/v1/responses",
            "/openai/v1/completions",
            "/openai/v1/embeddings",
            "/openai/v1/models",
        ],
        ProviderType::Cohere => &[
            "/v2/chat",
            "/v2/embed",
            "/v2/rerank",
            "/v1/tokenize",
            "/v1/models",
            "/compatibility/v1/chat/completions",
            "/compatibility/v1/embeddings",
        ],
        ProviderType::Bedrock => &[
            "/model/{model}/converse",
            "/model/{model}/converse-stream",
            "/model/{model}/invoke",
            "/model/{model}/invoke-with-response-stream",
            "/model/{model}/count-tokens",
            "/openai/v1/chat/completions",
            "/openai/v1/responses",
            "/anthropic/v1/messages",
        ],
    }
}

const fn authentication(upstream: &Upstream) -> Authentication {
    match upstream {
        Upstream::OpenAi { .. } | Upstream::OpenAiCompatible { .. } | Upstream::Cohere { .. } => {
            Authentication {
                headers: &["authorization: Bearer", "x-weir-token"],
                note: "Send the gateway token where your SDK puts its API key.",
            }
        }
        Upstream::GoogleAi { .. } => Authentication {
            headers: &["x-goog-api-key", "x-weir-token"],
            note: "Send the gateway token where your SDK puts its API key; on the OpenAI-style paths as Authorization: Bearer.",
        },
        Upstream::VertexAi { .. } => Authentication {
            headers: &["authorization: Bearer", "x-goog-api-key", "x-weir-token"],
            note: "Send the gateway token as Authorization: Bearer, or where a Google SDK puts its API key. A project and location in a path are replaced by the provider's own.",
        },
        Upstream::AzureOpenAi { .. } => Authentication {
            headers: &["api-key", "authorization: Bearer", "x-weir-token"],
            note: "Give an Azure OpenAI client this proxy URL as its endpoint and the gateway token as its API key.",
        },
        Upstream::Bedrock { .. } => Authentication {
            headers: &["authorization: Bearer", "x-weir-token"],
            note: "Give AWS SDKs the gateway token as AWS_BEARER_TOKEN_BEDROCK; most send it over https only.",
        },
        Upstream::Anthropic {
            auth: AnthropicAuth::Key(_),
            ..
        } => Authentication {
            headers: &["x-api-key", "authorization: Bearer", "x-weir-token"],
            note: "Send the gateway token where your SDK puts its API key.",
        },
        Upstream::Anthropic {
            auth: AnthropicAuth::Passthrough,
            ..
        } => Authentication {
            headers: &["x-weir-token"],
            note: "Send the gateway token in x-weir-token. Your own Authorization is passed on to Anthropic.",
        },
    }
}

/// A model with the rates that its calls are priced with, where they are known.
fn entry(
    snapshot: &Snapshot,
    live: &LiveProvider,
    cards: &Cards,
    place: &PricePlace,
    model: &ProviderModel,
) -> Value {
    let upstream = &live.provider.upstream;
    let price_as = model.price_as.as_ref().map(ModelId::as_str);
    let listed = expected_card(upstream.provider_type(), price_as, model.id.as_str())
        .and_then(|name| cards.find(&snapshot.catalog, upstream, name));
    let card = listed.as_ref().map(|row| row.card.clone().at(place));
    let mut rates = Map::new();
    for bucket in Bucket::ALL {
        let own = *model.rates.get(*bucket);
        let listed = card.as_ref().and_then(|card| *card.standard.get(*bucket));
        if let Some(rate) = own.or(listed) {
            let source = if own.is_some() { "override" } else { "catalog" };
            rates.insert(
                bucket.key().to_owned(),
                json!({ "usd_per_mtok": rate.to_string(), "source": source }),
            );
        }
    }
    let name = listed.as_ref().map(|row| row.display_name.clone());
    let mut entry = json!({
        "id": model.id,
        "display_name": model.display_name.clone().or(name),
        "rates": rates,
    });
    let dimensions = listed.and_then(|row| row.embedding_dimensions);
    if let (Some(dimensions), Value::Object(entry)) = (dimensions, &mut entry) {
        entry.insert("embedding_dimensions".to_owned(), dimensions.into());
    }
    entry
}
