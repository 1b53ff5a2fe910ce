//! What to do about each way in which a connection can fail.

use domain::provider::{AnthropicAuth, Upstream};

use super::Symptom;
use crate::live::LiveProvider;

/// What to do, for this provider.
pub(crate) fn advice(symptom: Symptom, provider: &LiveProvider) -> String {
    let upstream = &provider.provider.upstream;
    let address = upstream.base_url();
    match symptom {
        Symptom::SecretMissing => match provider.secret_missing().or_else(|| upstream.secrets().into_iter().next()) {
            Some(name) => format!(
                "Secret \"{name}\" was not found: it was deleted or is spelled differently (names are UPPER_SNAKE_CASE). Make it, or name another one."
            ),
            None => "Name the secret that holds the key.".to_owned(),
        },
        Symptom::NotResolved => format!("The name in {address} is not known to this machine's resolver. Check its spelling, and that this machine may resolve it."),
        Symptom::AddressRefused => format!("{address} leads to a link-local or cloud metadata address, which Weir does not connect to unless it is started with --allow-link-local-upstreams."),
        Symptom::ConnectionRefused => format!("Nothing listens at {address}. Is the server running, is the port right, and may this machine reach it?{}", private_hint(address)),
        Symptom::TimedOut => format!("{address} did not answer in time. A firewall may drop the packets, or the server is overloaded.{}", private_hint(address)),
        Symptom::Tls => format!("The TLS connection to {address} failed. Check that it speaks https there, and that its certificate is valid for this name; a private CA is given with --upstream-ca."),
        Symptom::Unauthorized => unauthorized(upstream),
        Symptom::Forbidden => "The key is known but may not do this: its account, project or permissions do not cover this model.".to_owned(),
        Symptom::NotFound => not_found(upstream),
        Symptom::RateLimited => "The upstream limits this account at the moment: wait, or raise its limits or its credit. The key itself is good.".to_owned(),
        Symptom::UpstreamError => "The upstream refused the call or failed; its own words say why.".to_owned(),
        Symptom::NotTheApi => format!("What answers at {address} does not speak this provider type's API. Check the address and the type.{}", v1_hint(upstream)),
        Symptom::NoUsage => "The model answered but reports no usage, so that Weir estimates the tokens of its calls.".to_owned(),
        Symptom::CannotRecord => "Weir could not record the call: its journal's disk is full or fails. Its log says more.".to_owned(),
    }
}

fn unauthorized(upstream: &Upstream) -> String {
    match upstream {
        Upstream::Anthropic { auth: AnthropicAuth::Passthrough, .. } => {
            "With passthrough the client must send an Authorization of its own, and this one was not accepted: sign in again and use a fresh one.".to_owned()
        }
        Upstream::OpenAi { api_key: key, .. } | Upstream::Anthropic { auth: AnthropicAuth::Key(key), .. } => {
            format!("The key in secret {key} is wrong, expired or of another account. Put a new value.")
        }
        Upstream::OpenAiCompatible { api_key: Some(key), .. } => {
            format!("The key in secret {key} is wrong, expired or of another account. Put a new value.")
        }
        Upstream::OpenAiCompatible { api_key: None, .. } => {
            "This server asks for a key. Make a secret that holds it, and name it as the API key reference.".to_owned()
        }
    }
}

fn not_found(upstream: &Upstream) -> String {
    match upstream {
        Upstream::OpenAi { .. } | Upstream::Anthropic { .. } => {
            "Use the model's exact id at this provider, and check that this account may use it."
                .to_owned()
        }
        Upstream::OpenAiCompatible { .. } => {
            format!(
                "Use the model's exact id at this server; GET /v1/models lists them.{}",
                v1_hint(upstream)
            )
        }
    }
}

fn v1_hint(upstream: &Upstream) -> &'static str {
    match upstream {
        Upstream::OpenAiCompatible { base_url, .. } if !base_url.as_str().ends_with("/v1") => {
            " The address of an OpenAI-compatible server usually ends in /v1; this one does not."
        }
        Upstream::OpenAi { .. }
        | Upstream::Anthropic { .. }
        | Upstream::OpenAiCompatible { .. } => "",
    }
}

fn private_hint(address: &str) -> &'static str {
    if address.contains("://localhost") || address.contains("://127.") {
        " Where Weir runs in a container, localhost is the container itself."
    } else {
        ""
    }
}
