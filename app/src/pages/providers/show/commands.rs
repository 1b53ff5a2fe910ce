//! The call of a test as commands to copy: what the type's own API wants, at the provider's proxy URL.

use admin::providers::ProviderView;
use domain::provider::ProviderType;
use leptos::prelude::*;
use serde_json::{Value, json};

use crate::{http::fields::path_part, kit::code::Code};

/// What is asked.
const QUESTION: &str = "What is a weir?";
/// Stands where the provider lists no model.
const ANY_MODEL: &str = "MODEL_ID";

/// One block of commands.
#[derive(Debug, PartialEq, Eq)]
struct Block {
    title: &'static str,
    text: String,
}

/// The commands, folded up until they are asked for.
#[component]
pub(super) fn Commands(
    provider: ProviderView,
    /// The model that was asked, if one was.
    model: Option<String>,
) -> impl IntoView {
    let listed = provider.models.first().map(|model| model.id.clone());
    let model = model.or(listed).unwrap_or_else(|| ANY_MODEL.to_owned());
    let plain_http = provider.provider_type == ProviderType::Bedrock
        && provider.proxy_url.starts_with("http://");
    let caution = plain_http.then(|| html! {
        <p class="help">"Some AWS SDKs send such a token over https only: serve Weir with "<code>"--tls-cert"</code>", or behind a proxy that does."</p>
    });
    let blocks = blocks(&provider, &model)
        .into_iter()
        .map(|block| html! { <Code language=block.title text=block.text/> })
        .collect_view();
    html! {
        <details class="fold" id="commands">
            <summary>"Show commands"</summary>
            <div class="stack tight">
                <p class="help">
                    "The same call from a shell. Put "<a href="/new-token">"a gateway token"</a>" into "<code>"WEIR_TOKEN"</code>" first."
                </p>
                {blocks}
                {caution}
            </div>
        </details>
    }
}

fn blocks(provider: &ProviderView, model: &str) -> Vec<Block> {
    let proxy = &provider.proxy_url;
    let chat = json!({"model": model, "messages": [{"role": "user", "content": QUESTION}]});
    let bearer: &[&str] = &["Authorization: Bearer $WEIR_TOKEN"];
    match provider.provider_type {
        ProviderType::OpenAi | ProviderType::OpenAiCompatible => vec![
            curl(&format!("{proxy}/chat/completions"), bearer, &chat),
            environment(
                "Environment of OpenAI’s SDKs",
                &[
                    ("OPENAI_BASE_URL", proxy),
                    ("OPENAI_API_KEY", "$WEIR_TOKEN"),
                ],
            ),
        ],
        ProviderType::Anthropic => anthropic(provider, model),
        ProviderType::GoogleAi => {
            let body = json!({"contents": [{"parts": [{"text": QUESTION}]}]});
            let address = format!("{proxy}/v1beta/models/{}:generateContent", path_part(model));
            vec![curl(&address, &["x-goog-api-key: $WEIR_TOKEN"], &body)]
        }
        ProviderType::Bedrock => bedrock(provider, model),
    }
}

fn anthropic(provider: &ProviderView, model: &str) -> Vec<Block> {
    let proxy = &provider.proxy_url;
    let body = json!({
        "model": model, "max_tokens": 64, "messages": [{"role": "user", "content": QUESTION}],
    });
    let address = format!("{proxy}/v1/messages");
    let version = "anthropic-version: 2023-06-01";
    if provider.authorization_passthrough == Some(true) {
        let headers = [
            "x-weir-token: $WEIR_TOKEN",
            "Authorization: Bearer $ANTHROPIC_AUTH_TOKEN",
            version,
        ];
        return vec![curl(&address, &headers, &body)];
    }
    vec![
        curl(&address, &["x-api-key: $WEIR_TOKEN", version], &body),
        environment(
            "Environment of Anthropic’s SDKs",
            &[
                ("ANTHROPIC_BASE_URL", proxy),
                ("ANTHROPIC_API_KEY", "$WEIR_TOKEN"),
            ],
        ),
    ]
}

fn bedrock(provider: &ProviderView, model: &str) -> Vec<Block> {
    let proxy = &provider.proxy_url;
    let messages = json!([{"role": "user", "content": [{"text": QUESTION}]}]);
    let address = format!("{proxy}/model/{}/converse", path_part(model));
    let region = provider.region.as_deref().unwrap_or_default();
    let mut sdk = environment(
        "AWS CLI, and the environment of AWS SDKs",
        &[
            ("AWS_BEARER_TOKEN_BEDROCK", "$WEIR_TOKEN"),
            ("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", proxy),
            ("AWS_REGION", region),
        ],
    );
    sdk.text.push_str(&format!(
        "\naws bedrock-runtime converse --region {} --model-id {} \\\n  --messages {}",
        quoted(region),
        quoted(model),
        quoted(&messages.to_string()),
    ));
    vec![
        curl(
            &address,
            &["Authorization: Bearer $WEIR_TOKEN"],
            &json!({"messages": messages}),
        ),
        sdk,
    ]
}

/// A call with curl. Headers may name variables of the shell.
fn curl(address: &str, headers: &[&str], body: &Value) -> Block {
    let headers: String = headers
        .iter()
        .map(|header| format!("  -H \"{header}\" \\\n"))
        .collect();
    Block {
        title: "curl",
        text: format!(
            "curl {} \\\n{headers}  -H \"Content-Type: application/json\" \\\n  -d {}",
            quoted(address),
            quoted(&body.to_string()),
        ),
    }
}

fn environment(title: &'static str, variables: &[(&str, &str)]) -> Block {
    let lines: Vec<String> = variables
        .iter()
        .map(|(name, value)| format!("export {name}=\"{value}\""))
        .collect();
    Block {
        title,
        text: lines.join("\n"),
    }
}

/// A text as one word of a shell, whatever is in it.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:%@,+".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests;
