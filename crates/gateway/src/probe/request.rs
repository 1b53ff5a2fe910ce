//! The small requests that a test makes, in each type's own API.

use catalog::Mode;
use domain::provider::{ApiVersion, Preset, Upstream, VertexApi};
use http::{HeaderMap, HeaderValue, Method, header::CONTENT_TYPE};
use percent_encoding::{AsciiSet, utf8_percent_encode};
use serde_json::{Value, json};

use crate::{azure::knows_completion_tokens, control_plane::SEGMENT};

/// Version of Anthropic's API that the tests speak.
const ANTHROPIC_VERSION: &str = "2023-06-01";
/// The same on Vertex AI, where it stands in the body.
const VERTEX_ANTHROPIC_VERSION: &str = "vertex-2023-10-16";
/// What stays as it is in the name of a model of Vertex AI, whose versions stand behind an `@`.
const VERTEX_NAME: &AsciiSet = &SEGMENT.remove(b'@');
/// Tokens that the answer may have: enough for a model that reasons first.
const MOST_TOKENS: u32 = 64;
const PROMPT: &str = "Reply with the single word ok.";
/// The most models that Cohere lists on one page.
const COHERE_PAGE: &str = "page_size=1000";

/// A request as a client would send it, but for the credential.
pub(super) struct TestRequest {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: Option<String>,
    pub(super) place: Place,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

/// Where a request goes.
pub(super) enum Place {
    /// To its path below the base URL, as every call does.
    BelowBaseUrl,
    /// To this path of the same host; the request's own path only says what it is.
    AtHost(&'static str),
}

impl TestRequest {
    /// A tiny question to a model, in the API that the catalog says it has.
    pub(super) fn inference(upstream: &Upstream, model: &str, mode: Mode) -> Self {
        let messages = json!([{ "role": "user", "content": PROMPT }]);
        let (path, body) = match (upstream, mode) {
            (Upstream::Anthropic { .. }, _) => (
                "/v1/messages".to_owned(),
                json!({ "model": model, "messages": messages, "max_tokens": MOST_TOKENS }),
            ),
            (Upstream::GoogleAi { .. }, mode) => google(model, mode),
            (Upstream::Bedrock { .. }, mode) => bedrock(model, mode),
            (Upstream::VertexAi { .. }, mode) => vertex(model, mode, &messages),
            (Upstream::AzureOpenAi { api_version, .. }, mode) => {
                azure(model, mode, api_version.as_ref())
            }
            (Upstream::Cohere { .. }, mode) => cohere(model, mode),
            (_, Mode::Embedding) => (
                "/embeddings".to_owned(),
                json!({ "model": model, "input": "ok" }),
            ),
            (_, Mode::Completion) => (
                "/completions".to_owned(),
                json!({ "model": model, "prompt": PROMPT, "max_tokens": MOST_TOKENS }),
            ),
            (_, Mode::Responses) => (
                "/responses".to_owned(),
                json!({ "model": model, "input": PROMPT, "max_output_tokens": MOST_TOKENS }),
            ),
            (Upstream::OpenAi { .. }, Mode::Chat) => (
                "/chat/completions".to_owned(),
                json!({ "model": model, "messages": messages, "max_completion_tokens": MOST_TOKENS }),
            ),
            // Many compatible servers know the older name only.
            (Upstream::OpenAiCompatible { .. }, Mode::Chat) => (
                "/chat/completions".to_owned(),
                json!({ "model": model, "messages": messages, "max_tokens": MOST_TOKENS }),
            ),
        };
        let mut headers = headers(upstream);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Self {
            method: Method::POST,
            path,
            query: None,
            place: Place::BelowBaseUrl,
            headers,
            body: body.to_string().into_bytes(),
        }
    }

    /// The upstream's list of models, the whole of it at once; Cohere's first page. Not for Bedrock, which has
    /// it elsewhere, nor for Vertex AI, which has one for each publisher, nor for Azure, which lists its deployments
    /// to nobody who calls them.
    pub(super) fn models(upstream: &Upstream) -> Self {
        let (path, query, place) = match upstream {
            Upstream::Anthropic { .. } => ("/v1/models", Some("limit=1000"), Place::BelowBaseUrl),
            Upstream::Cohere { .. } => ("/v1/models", Some(COHERE_PAGE), Place::BelowBaseUrl),
            Upstream::GoogleAi { .. } => {
                ("/v1beta/models", Some("pageSize=1000"), Place::BelowBaseUrl)
            }
            Upstream::OpenAiCompatible {
                preset: Some(Preset::Databricks),
                ..
            } => ("/models", None, Place::AtHost("/api/2.0/serving-endpoints")),
            Upstream::OpenAi { .. }
            | Upstream::Bedrock { .. }
            | Upstream::VertexAi { .. }
            | Upstream::AzureOpenAi { .. }
            | Upstream::OpenAiCompatible { .. } => ("/models", None, Place::BelowBaseUrl),
        };
        Self {
            method: Method::GET,
            path: path.to_owned(),
            query: query.map(str::to_owned),
            place,
            headers: headers(upstream),
            body: Vec::new(),
        }
    }

    /// The page of Cohere's list that follows on another one, by what that one calls it.
    pub(super) fn next_models(upstream: &Upstream, page_token: &str) -> Self {
        let token = utf8_percent_encode(page_token, SEGMENT);
        Self {
            query: Some(format!("{COHERE_PAGE}&page_token={token}")),
            ..Self::models(upstream)
        }
    }
}

fn google(model: &str, mode: Mode) -> (String, Value) {
    // A tuned model goes by its whole name and has a path of its own.
    let (collection, name) = match model.strip_prefix("tunedModels/") {
        Some(name) => ("tunedModels", name),
        None => ("models", model),
    };
    let name = utf8_percent_encode(name, SEGMENT);
    let content = json!({ "role": "user", "parts": [{ "text": PROMPT }] });
    match mode {
        Mode::Embedding => (
            format!("/v1beta/{collection}/{name}:embedContent"),
            json!({ "content": content }),
        ),
        Mode::Chat | Mode::Completion | Mode::Responses => (
            format!("/v1beta/{collection}/{name}:generateContent"),
            json!({ "contents": [content], "generationConfig": { "maxOutputTokens": MOST_TOKENS } }),
        ),
    }
}

/// In the API that a model of Vertex AI is called by. Project and location are put in on the way.
fn vertex(model: &str, mode: Mode, messages: &Value) -> (String, Value) {
    let name = utf8_percent_encode(model, VERTEX_NAME);
    let content = json!({ "role": "user", "parts": [{ "text": PROMPT }] });
    let google = format!("/v1/publishers/google/models/{name}");
    match (VertexApi::of(model), mode) {
        (VertexApi::Anthropic, _) => (
            format!("/v1/publishers/anthropic/models/{name}:rawPredict"),
            json!({ "anthropic_version": VERTEX_ANTHROPIC_VERSION, "messages": messages, "max_tokens": MOST_TOKENS }),
        ),
        (VertexApi::Partner(publisher), _) => (
            format!("/v1/publishers/{publisher}/models/{name}:rawPredict"),
            json!({ "model": model, "messages": messages, "max_tokens": MOST_TOKENS }),
        ),
        (VertexApi::OpenAiStyle, Mode::Embedding) => (
            "/v1/endpoints/openapi/embeddings".to_owned(),
            json!({ "model": model, "input": "ok" }),
        ),
        (VertexApi::OpenAiStyle, _) => (
            "/v1/endpoints/openapi/chat/completions".to_owned(),
            json!({ "model": model, "messages": messages, "max_tokens": MOST_TOKENS }),
        ),
        // Newer ones embed by a word of their own.
        (VertexApi::Google, Mode::Embedding) if model.starts_with("gemini-embedding-2") => (
            format!("{google}:embedContent"),
            json!({ "content": content }),
        ),
        (VertexApi::Google, Mode::Embedding) if model.starts_with("multimodal") => (
            format!("{google}:predict"),
            json!({ "instances": [{ "text": "ok" }] }),
        ),
        (VertexApi::Google, Mode::Embedding) => (
            format!("{google}:predict"),
            json!({ "instances": [{ "content": "ok" }] }),
        ),
        (VertexApi::Google, Mode::Chat | Mode::Completion | Mode::Responses) => {
            let path = match model.strip_prefix("endpoints/") {
                Some(id) => format!("/v1/endpoints/{}", utf8_percent_encode(id, SEGMENT)),
                None => google,
            };
            (
                format!("{path}:generateContent"),
                json!({ "contents": [content], "generationConfig": { "maxOutputTokens": MOST_TOKENS } }),
            )
        }
    }
}
/// By the dated paths, which every resource has; the Responses API only where no preview is needed for it.
fn azure(deployment: &str, mode: Mode, api_version: Option<&ApiVersion>) -> (String, Value) {
    let below = |call: &str| {
        let name = utf8_percent_encode(deployment, SEGMENT);
        format!("/openai/deployments/{name}/{call}")
    };
    let messages = json!([{ "role": "user", "content": PROMPT }]);
    match mode {
        Mode::Embedding => (below("embeddings"), json!({ "input": "ok" })),
        Mode::Completion => (
            below("completions"),
            json!({ "prompt": PROMPT, "max_tokens": MOST_TOKENS }),
        ),
        Mode::Responses => (
            "/openai/v1/responses".to_owned(),
            json!({ "model": deployment, "input": PROMPT, "max_output_tokens": MOST_TOKENS }),
        ),
        Mode::Chat => (
            below("chat/completions"),
            if knows_completion_tokens(api_version) {
                json!({ "messages": messages, "max_completion_tokens": MOST_TOKENS })
            } else {
                json!({ "messages": messages, "max_tokens": MOST_TOKENS })
            },
        ),
    }
}

fn bedrock(model: &str, mode: Mode) -> (String, Value) {
    let id = utf8_percent_encode(model, SEGMENT);
    match mode {
        // Each maker has a form of its own here, and Amazon's newer models another one than the older.
        Mode::Embedding if model.contains("cohere.") => (
            format!("/model/{id}/invoke"),
            json!({ "texts": ["ok"], "input_type": "search_query" }),
        ),
        Mode::Embedding if model.contains("nova-") => (
            format!("/model/{id}/invoke"),
            json!({
                "taskType": "SINGLE_EMBEDDING",
                "singleEmbeddingParams": {
                    "embeddingPurpose": "GENERIC_INDEX",
                    "text": { "truncationMode": "END", "value": "ok" },
                },
            }),
        ),
        Mode::Embedding => (format!("/model/{id}/invoke"), json!({ "inputText": "ok" })),
        Mode::Chat | Mode::Completion | Mode::Responses => (
            format!("/model/{id}/converse"),
            json!({
                "messages": [{ "role": "user", "content": [{ "text": PROMPT }] }],
                "inferenceConfig": { "maxTokens": MOST_TOKENS },
            }),
        ),
    }
}

fn cohere(model: &str, mode: Mode) -> (String, Value) {
    // The catalog has no models that rank, and not every one that embeds.
    let path = match mode {
        _ if model.contains("rerank") => "/v2/rerank",
        Mode::Embedding => "/v2/embed",
        Mode::Chat if model.starts_with("embed-") => "/v2/embed",
        Mode::Chat | Mode::Completion | Mode::Responses => "/v2/chat",
    };
    let body = match path {
        "/v2/rerank" => json!({ "model": model, "query": "ok", "documents": ["ok", "no"] }),
        "/v2/embed" => json!({
            "model": model,
            "texts": ["ok"],
            "input_type": "search_query",
            "embedding_types": ["float"],
        }),
        _ => json!({
            "model": model,
            "messages": [{ "role": "user", "content": PROMPT }],
            "max_tokens": MOST_TOKENS,
        }),
    };
    (path.to_owned(), body)
}

fn headers(upstream: &Upstream) -> HeaderMap {
    let mut headers = HeaderMap::new();
    match upstream {
        Upstream::OpenAi { .. }
        | Upstream::GoogleAi { .. }
        | Upstream::Bedrock { .. }
        | Upstream::VertexAi { .. }
        | Upstream::AzureOpenAi { .. }
        | Upstream::OpenAiCompatible { .. }
        | Upstream::Cohere { .. } => {}
        Upstream::Anthropic { .. } => {
            headers.insert(
                "anthropic-version",
                HeaderValue::from_static(ANTHROPIC_VERSION),
            );
        }
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_version_of_azures_is_asked_by_the_older_name() {
        let asked = |version: Option<&str>| {
            let version = version.map(|version| version.parse().unwrap());
            azure("d", Mode::Chat, version.as_ref()).1
        };
        for version in [None, Some("2024-10-21"), Some("2024-09-01-preview")] {
            assert_eq!(asked(version)["max_completion_tokens"], MOST_TOKENS);
            assert!(asked(version)["max_tokens"].is_null());
        }
        let older = asked(Some("2024-06-01"));
        assert_eq!(older["max_tokens"], MOST_TOKENS);
        assert!(older["max_completion_tokens"].is_null());
    }

    #[test]
    fn each_model_of_vertex_is_asked_in_its_own_api() {
        for (model, mode, path) in [
            (
                "gemini-3-pro",
                Mode::Chat,
                "publishers/google/models/gemini-3-pro:generateContent",
            ),
            ("endpoints/12", Mode::Chat, "endpoints/12:generateContent"),
            (
                "claude-opus-4-5@20251101",
                Mode::Chat,
                "publishers/anthropic/models/claude-opus-4-5@20251101:rawPredict",
            ),
            (
                "codestral-2",
                Mode::Chat,
                "publishers/mistralai/models/codestral-2:rawPredict",
            ),
            (
                "meta/llama-4-maas",
                Mode::Chat,
                "endpoints/openapi/chat/completions",
            ),
            (
                "text-embedding-005",
                Mode::Embedding,
                "publishers/google/models/text-embedding-005:predict",
            ),
            (
                "gemini-embedding-2",
                Mode::Embedding,
                "publishers/google/models/gemini-embedding-2:embedContent",
            ),
        ] {
            assert_eq!(vertex(model, mode, &json!([])).0, format!("/v1/{path}"));
        }
    }

    #[test]
    fn tuned_models_of_google_have_a_path_of_their_own() {
        for (model, mode, path) in [
            (
                "gemini-3-pro",
                Mode::Chat,
                "/v1beta/models/gemini-3-pro:generateContent",
            ),
            (
                "tunedModels/mine",
                Mode::Chat,
                "/v1beta/tunedModels/mine:generateContent",
            ),
            (
                "tunedModels/a/b",
                Mode::Embedding,
                "/v1beta/tunedModels/a%2Fb:embedContent",
            ),
        ] {
            assert_eq!(google(model, mode).0, path);
        }
    }
}
