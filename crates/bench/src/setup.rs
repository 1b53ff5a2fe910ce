//! Sets Weir up: a secret, two providers that lead to the stand-in, a gateway token.

use std::net::SocketAddr;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::admin_api::AdminApi;
use crate::error::Error;
use crate::side::{Side, Way};

/// The provider that most calls go to.
pub(crate) const OPENAI: &str = "bench-openai";
const ANTHROPIC: &str = "bench-anthropic";
const RECORDED: &str = "bench-recorded";

#[derive(Deserialize)]
struct NewToken {
    token: String,
}

/// Tells Weir of the stand-in; returns the token that calls need.
pub(crate) async fn set_up(weir: SocketAddr, upstream: SocketAddr) -> Result<String, Error> {
    let mut api = AdminApi::new(weir);
    let key = json!({ "value": "sk-upstream-0123456789abcdef" });
    api.put("/api/v1/secrets/BENCH_KEY", &key).await?;
    for provider in [
        json!({
            "id": OPENAI,
            "display_name": "Stand-in as OpenAI",
            "type": "openai",
            "base_url": format!("http://{upstream}/v1"),
            "api_key": "BENCH_KEY",
            "models": [{ "id": "gpt-4o-mini" }],
        }),
        json!({
            "id": ANTHROPIC,
            "display_name": "Stand-in as Anthropic",
            "type": "anthropic",
            "base_url": format!("http://{upstream}"),
            "api_key": "BENCH_KEY",
            "models": [{ "id": "claude-sonnet-4-5" }],
        }),
    ] {
        api.post::<Value>("/api/v1/providers", &provider).await?;
    }
    let token = json!({ "name": "bench", "agent": "bench" });
    let token: NewToken = api.post("/api/v1/tokens", &token).await?;
    Ok(token.token)
}

/// Tells Weir of the stand-in once more, as a provider whose calls are recorded.
pub(crate) async fn set_up_recording(weir: SocketAddr, upstream: SocketAddr) -> Result<(), Error> {
    let provider = json!({
        "id": RECORDED,
        "display_name": "Stand-in, recorded",
        "type": "openai",
        "base_url": format!("http://{upstream}/v1"),
        "api_key": "BENCH_KEY",
        "models": [{ "id": "gpt-4o-mini" }],
        "record_inputs": true,
        "record_outputs": true,
    });
    let mut api = AdminApi::new(weir);
    api.post::<Value>("/api/v1/providers", &provider)
        .await
        .map(drop)
}

/// The way through the provider whose calls are recorded.
pub(crate) fn through_recording(side: &Side) -> Side {
    Side {
        openai_base: format!("/llm/v1/providers/{RECORDED}"),
        ..side.clone()
    }
}

/// The way through a Weir that was set up.
pub(crate) fn through_weir(address: SocketAddr, token: &str) -> Side {
    Side {
        way: Way::Weir,
        address,
        openai_base: format!("/llm/v1/providers/{OPENAI}"),
        anthropic_base: format!("/llm/v1/providers/{ANTHROPIC}"),
        key: token.to_owned(),
    }
}
