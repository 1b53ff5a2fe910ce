//! The demo's secrets, providers and token.

use admin::{
    Admin, AdminError, Who,
    page::PageRequest,
    providers::{BasedOn, ProviderDraft},
    tokens::TokenDraft,
};
use secrecy::SecretString;
use serde_json::{Value, json};

/// What the stand-in takes as a key. Not secret: it opens nothing else.
pub(super) const UPSTREAM_KEY: &str = "sk-standin-demo";
/// The name of the token that the sample calls use; made anew at each start.
const TOKEN_NAME: &str = "demo trickle";

/// Makes what is missing, points the providers to where the stand-in is now, and makes a token.
pub(super) async fn make(admin: &Admin, upstream: &str) -> Result<SecretString, AdminError> {
    let who = Who::system();
    for name in ["OPENAI_API_KEY", "ANTHROPIC_API_KEY"] {
        admin
            .secrets()
            .put(&who, name, SecretString::from(UPSTREAM_KEY))
            .await?;
    }
    for provider in providers(upstream) {
        let id = provider
            .get("id")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        match admin.providers().get(&who, &id).await {
            Ok(_) => {
                let address = json!({ "base_url": provider.get("base_url") });
                admin
                    .providers()
                    .update(&who, &id, BasedOn::Newest, address)
                    .await?;
            }
            Err(AdminError::NotFound { .. }) => {
                admin
                    .providers()
                    .create(&who, &ProviderDraft::read(provider))
                    .await?;
            }
            Err(error) => return Err(error),
        }
    }
    for token in admin
        .tokens()
        .list(&who, &PageRequest::default())
        .await?
        .items
    {
        if token.name == TOKEN_NAME {
            admin.tokens().revoke(&who, &token.id.to_string()).await?;
        }
    }
    let draft = TokenDraft {
        name: Some(TOKEN_NAME.to_owned()),
        ..TokenDraft::default()
    };
    Ok(admin.tokens().create(&who, &draft).await?.plain)
}

fn providers(upstream: &str) -> [Value; 4] {
    [
        json!({
            "id": "openai-main",
            "display_name": "OpenAI main",
            "type": "openai",
            "base_url": format!("{upstream}/v1"),
            "api_key": "OPENAI_API_KEY",
            "models": [
                { "id": "gpt-5-mini" },
                { "id": "gpt-5.6", "rates": { "output": "18" } },
                { "id": "text-embedding-3-small" },
            ],
        }),
        json!({
            "id": "anthropic-production",
            "display_name": "Anthropic production",
            "type": "anthropic",
            "base_url": upstream,
            "api_key": "ANTHROPIC_API_KEY",
            "models": [{ "id": "claude-sonnet-5-5" }, { "id": "claude-haiku-5-5" }],
        }),
        json!({
            "id": "anthropic-engineers",
            "display_name": "Anthropic, engineers’ own accounts",
            "type": "anthropic",
            "base_url": upstream,
            "authorization_passthrough": true,
        }),
        json!({
            "id": "vllm-gpu-rack",
            "display_name": "vLLM on the GPU rack",
            "type": "openai_compatible",
            "preset": "vllm",
            "base_url": format!("{upstream}/v1"),
            "api_key": "OPENAI_API_KEY",
            "models": [
                { "id": "qwen3.5-72b-instruct", "rates": { "input": "0.20", "output": "0.60" } },
                { "id": "qwen3.8-27b-ft-support" },
            ],
        }),
    ]
}
