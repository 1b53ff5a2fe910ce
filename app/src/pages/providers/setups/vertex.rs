//! How models of Vertex AI are called: each by the API that it has there, and by that API's SDK.

use admin::providers::ProviderView;
use domain::provider::VertexApi;

use crate::http::fields::path_part;

/// Where a client that calls a model is pointed to.
pub(super) fn address(provider: &ProviderView, model: &str) -> String {
    let proxy = &provider.proxy_url;
    match VertexApi::of(model) {
        VertexApi::Google => proxy.clone(),
        VertexApi::Anthropic => format!("{proxy}/v1"),
        VertexApi::OpenAiStyle => format!("{proxy}/v1/endpoints/openapi"),
        VertexApi::Partner(_) => path(provider, model),
    }
}

/// The address of a call that is written out.
pub(super) fn path(provider: &ProviderView, model: &str) -> String {
    let proxy = &provider.proxy_url;
    let of = |publisher: &str, action: &str| {
        let id = path_part(model);
        format!("{proxy}/v1/publishers/{publisher}/models/{id}:{action}")
    };
    match VertexApi::of(model) {
        VertexApi::Google => match model.strip_prefix("endpoints/") {
            Some(id) => format!("{proxy}/v1/endpoints/{}:generateContent", path_part(id)),
            None => of("google", "generateContent"),
        },
        VertexApi::Anthropic => of("anthropic", "rawPredict"),
        VertexApi::OpenAiStyle => format!("{}/chat/completions", address(provider, model)),
        VertexApi::Partner(publisher) => of(publisher, "rawPredict"),
    }
}

/// A model as its SDK takes it: of a tuned one its whole name.
pub(super) fn name(provider: &ProviderView, model: &str) -> String {
    match (provider.any_project(), provider.any_location()) {
        (Some(project), Some(location)) if model.starts_with("endpoints/") => {
            format!("projects/{project}/locations/{location}/{model}")
        }
        _ => model.to_owned(),
    }
}

/// What is called from Python: its name, what to install, the text.
pub(super) fn python(model: &str) -> (&'static str, &'static str, &'static str) {
    match VertexApi::of(model) {
        VertexApi::Google => (
            "Google’s Gen AI SDK for Python",
            "google-genai",
            include_str!("texts/vertex.py"),
        ),
        VertexApi::Anthropic => (
            "Anthropic’s SDK for Python, for Vertex AI",
            "'anthropic[vertex]'",
            include_str!("texts/vertex.claude.py"),
        ),
        VertexApi::OpenAiStyle => (
            "OpenAI’s SDK for Python",
            "openai",
            include_str!("texts/openai.py"),
        ),
        VertexApi::Partner(_) => (
            "Python without an SDK",
            "",
            include_str!("texts/vertex.partner.py"),
        ),
    }
}

/// The same from TypeScript and JavaScript.
pub(super) fn typescript(model: &str) -> (&'static str, &'static str, &'static str) {
    match VertexApi::of(model) {
        VertexApi::Google => (
            "Google’s Gen AI SDK for TypeScript and JavaScript",
            "@google/genai",
            include_str!("texts/vertex.mjs"),
        ),
        VertexApi::Anthropic => (
            "Anthropic’s SDK for Vertex AI, for TypeScript and JavaScript",
            "@anthropic-ai/vertex-sdk google-auth-library",
            include_str!("texts/vertex.claude.mjs"),
        ),
        VertexApi::OpenAiStyle => (
            "OpenAI’s SDK for TypeScript and JavaScript",
            "openai",
            include_str!("texts/openai.mjs"),
        ),
        VertexApi::Partner(_) => (
            "TypeScript and JavaScript without an SDK",
            "",
            include_str!("texts/vertex.partner.mjs"),
        ),
    }
}
