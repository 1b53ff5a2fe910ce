//! The small requests that a test makes, in each type's own API.

use catalog::Mode;
use domain::provider::ProviderType;
use http::{HeaderMap, HeaderValue, Method, header::CONTENT_TYPE};
use serde_json::json;

/// Version of Anthropic's API that the tests speak.
const ANTHROPIC_VERSION: &str = "2023-06-01";
/// Tokens that the answer may have: enough for a model that reasons first.
const MOST_TOKENS: u32 = 64;
const PROMPT: &str = "Reply with the single word ok.";

/// A request as a client would send it, but for the credential.
pub(super) struct TestRequest {
    pub(super) method: Method,
    pub(super) path: &'static str,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl TestRequest {
    /// A tiny question to a model, in the API that the catalog says it has.
    pub(super) fn inference(provider_type: ProviderType, model: &str, mode: Mode) -> Self {
        let messages = json!([{ "role": "user", "content": PROMPT }]);
        let (path, body) = match (provider_type, mode) {
            (ProviderType::Anthropic, _) => (
                "/v1/messages",
                json!({ "model": model, "messages": messages, "max_tokens": MOST_TOKENS }),
            ),
            (_, Mode::Embedding) => ("/embeddings", json!({ "model": model, "input": "ok" })),
            (_, Mode::Completion) => (
                "/completions",
                json!({ "model": model, "prompt": PROMPT, "max_tokens": MOST_TOKENS }),
            ),
            (_, Mode::Responses) => (
                "/responses",
                json!({ "model": model, "input": PROMPT, "max_output_tokens": MOST_TOKENS }),
            ),
            (ProviderType::OpenAi, Mode::Chat) => (
                "/chat/completions",
                json!({ "model": model, "messages": messages, "max_completion_tokens": MOST_TOKENS }),
            ),
            // Many compatible servers know the older name only.
            (ProviderType::OpenAiCompatible, Mode::Chat) => (
                "/chat/completions",
                json!({ "model": model, "messages": messages, "max_tokens": MOST_TOKENS }),
            ),
        };
        let mut headers = headers(provider_type);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Self {
            method: Method::POST,
            path,
            headers,
            body: body.to_string().into_bytes(),
        }
    }

    /// The upstream's list of models.
    pub(super) fn models(provider_type: ProviderType) -> Self {
        let path = match provider_type {
            ProviderType::OpenAi | ProviderType::OpenAiCompatible => "/models",
            ProviderType::Anthropic => "/v1/models",
        };
        Self {
            method: Method::GET,
            path,
            headers: headers(provider_type),
            body: Vec::new(),
        }
    }
}

fn headers(provider_type: ProviderType) -> HeaderMap {
    let mut headers = HeaderMap::new();
    match provider_type {
        ProviderType::OpenAi | ProviderType::OpenAiCompatible => {}
        ProviderType::Anthropic => {
            headers.insert(
                "anthropic-version",
                HeaderValue::from_static(ANTHROPIC_VERSION),
            );
        }
    }
    headers
}
