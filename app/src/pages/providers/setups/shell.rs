//! Commands of a shell: the call of each type's own API with curl, and variables.

use admin::providers::ProviderView;
use domain::provider::{ProviderType, VertexApi};
use serde_json::{Value, json};

use super::{Block, api_version, passes, vertex};
use crate::http::fields::path_part;

/// One question with curl.
pub(super) fn call(provider: &ProviderView, model: &str, question: &str) -> String {
    let proxy = &provider.proxy_url;
    let id = Value::from(model);
    let asked = Value::from(question);
    let messages = format!(r#""messages": [{{"role": "user", "content": {asked}}}]"#);
    let version = "anthropic-version: 2023-06-01";
    match provider.provider_type {
        ProviderType::OpenAi | ProviderType::OpenAiCompatible => curl(
            &format!("{proxy}/chat/completions"),
            &["Authorization: Bearer $WEIR_TOKEN"],
            &format!(r#"{{"model": {id}, {messages}}}"#),
        ),
        ProviderType::Cohere => curl(
            &format!("{proxy}/v2/chat"),
            &["Authorization: Bearer $WEIR_TOKEN"],
            &format!(r#"{{"model": {id}, {messages}}}"#),
        ),
        ProviderType::Anthropic => {
            let both = [
                "x-weir-token: $WEIR_TOKEN",
                "Authorization: Bearer $ANTHROPIC_AUTH_TOKEN",
                version,
            ];
            let one = ["x-api-key: $WEIR_TOKEN", version];
            curl(
                &format!("{proxy}/v1/messages"),
                if passes(provider) { &both } else { &one },
                &format!(r#"{{"model": {id}, "max_tokens": 1000, {messages}}}"#),
            )
        }
        ProviderType::GoogleAi => curl(
            &format!("{proxy}/v1beta/models/{}:generateContent", path_part(model)),
            &["x-goog-api-key: $WEIR_TOKEN"],
            &format!(r#"{{"contents": [{{"parts": [{{"text": {asked}}}]}}]}}"#),
        ),
        ProviderType::VertexAi => curl(
            &vertex::path(provider, model),
            &["Authorization: Bearer $WEIR_TOKEN"],
            &match VertexApi::of(model) {
                VertexApi::Google => format!(
                    r#"{{"contents": [{{"role": "user", "parts": [{{"text": {asked}}}]}}]}}"#
                ),
                VertexApi::Anthropic => format!(
                    r#"{{"anthropic_version": "vertex-2023-10-16", "max_tokens": 1000, {messages}}}"#
                ),
                VertexApi::OpenAiStyle | VertexApi::Partner(_) => {
                    format!(r#"{{"model": {id}, {messages}}}"#)
                }
            },
        ),
        ProviderType::AzureOpenAi => curl(
            &format!(
                "{proxy}/openai/deployments/{}/chat/completions?api-version={}",
                path_part(model),
                api_version(provider)
            ),
            &["api-key: $WEIR_TOKEN"],
            &format!("{{{messages}}}"),
        ),
        ProviderType::Bedrock => curl(
            &format!("{proxy}/model/{}/converse", path_part(model)),
            &["Authorization: Bearer $WEIR_TOKEN"],
            &json_of_converse(&asked),
        ),
    }
}

fn json_of_converse(asked: &Value) -> String {
    let content = json!([{ "text": asked }]);
    format!(r#"{{"messages": [{{"role": "user", "content": {content}}}]}}"#)
}

/// A call with curl. Headers may name variables of the shell.
fn curl(address: &str, headers: &[&str], body: &str) -> String {
    let headers: String = headers
        .iter()
        .map(|header| format!("  -H \"{header}\" \\\n"))
        .collect();
    format!(
        "curl {} \\\n{headers}  -H \"Content-Type: application/json\" \\\n  -d {}",
        quoted(address),
        quoted(body),
    )
}

/// Variables with their values, as words of a shell.
pub(super) fn environment(variables: &[(&str, String)]) -> Block {
    let lines: Vec<String> = variables
        .iter()
        .map(|(name, value)| format!("export {name}={value}"))
        .collect();
    Block {
        title: "Shell",
        text: lines.join("\n"),
    }
}

/// A text as one word of a shell, whatever is in it.
pub(super) fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:%@,+".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}
