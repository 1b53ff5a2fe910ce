//! What to do about each way in which a connection can fail.

use domain::provider::{AnthropicAuth, AwsCredentials, Upstream, lacks_v1};

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
        Symptom::CredentialsMissing => credentials_missing(upstream),
        Symptom::NotResolved => format!("The name in {address} is not known to this machine's resolver. Check its spelling, and that this machine may resolve it."),
        Symptom::AddressRefused => format!("{address} leads to a link-local or cloud metadata address, which Weir does not connect to unless it is started with --allow-link-local-upstreams."),
        Symptom::ConnectionRefused => format!("Nothing listens at {address}. Is the server running, is the port right, and may this machine reach it?{}", private_hint(&address)),
        Symptom::TimedOut => format!("{address} did not answer in time. A firewall may drop the packets, or the server is overloaded.{}", private_hint(&address)),
        Symptom::Tls => format!("The TLS connection to {address} failed. Check that it speaks https there, and that its certificate is valid for this name; a private CA is given with --upstream-ca."),
        Symptom::Unauthorized => unauthorized(upstream),
        Symptom::Forbidden => forbidden(upstream),
        Symptom::NotFound => not_found(upstream),
        Symptom::RateLimited => "The upstream limits this account at the moment: wait, or raise its limits or its credit. The key itself is good.".to_owned(),
        Symptom::UpstreamError => upstream_error(upstream),
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
        Upstream::GoogleAi { api_key: key, .. } => {
            format!("The key in secret {key} is wrong, expired or of another project. Put a new value. Clients of this provider show their gateway token in x-goog-api-key, not as Bearer.")
        }
        Upstream::Bedrock { .. } => {
            "AWS does not know these credentials. Check that the key is still valid and of this region's account.".to_owned()
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

fn credentials_missing(upstream: &Upstream) -> String {
    let Upstream::Bedrock { credentials, .. } = upstream else {
        return "Name the secret that holds the key.".to_owned();
    };
    match credentials {
        AwsCredentials::DefaultChain => "Nothing on the machine that Weir runs on gives AWS credentials: set them in Weir's environment, give the machine or pod a role, or choose another credential type.".to_owned(),
        AwsCredentials::StaticKeys { .. } | AwsCredentials::Bearer { .. } => {
            "Check the values of the secrets that this provider names.".to_owned()
        }
        AwsCredentials::AssumeRole { role_arn, external_id, .. } => format!(
            "AWS did not let Weir assume {}. The role's trust policy must name the identity that Weir runs as{}, and that identity needs sts:AssumeRole on it.",
            role_arn.as_str(),
            if external_id.is_some() { " and this external ID" } else { "" }
        ),
        AwsCredentials::WebIdentity { role_arn } => format!(
            "AWS did not let Weir assume {} with its web identity. AWS_WEB_IDENTITY_TOKEN_FILE must name a fresh token, and the role's trust policy its issuer and subject.",
            role_arn.as_str()
        ),
    }
}

fn forbidden(upstream: &Upstream) -> String {
    match upstream {
        Upstream::Bedrock { region, .. } => format!(
            "The credentials are known but may not do this. They need bedrock:InvokeModel and bedrock:InvokeModelWithResponseStream on the foundation model and on the inference profile, in every region the profile leads to, and the model must be enabled in {region}."
        ),
        Upstream::OpenAi { .. }
        | Upstream::Anthropic { .. }
        | Upstream::GoogleAi { .. }
        | Upstream::OpenAiCompatible { .. } => {
            "The key is known but may not do this: its account, project or permissions do not cover this model.".to_owned()
        }
    }
}

fn upstream_error(upstream: &Upstream) -> String {
    match upstream {
        // A bare model id that AWS serves only by profile is refused like this.
        Upstream::Bedrock { .. } => "AWS refused the call or failed; its own words say why. Where they speak of on-demand throughput, call an inference profile instead: the model's id with us., eu., another geography or global. before it.".to_owned(),
        Upstream::OpenAi { .. }
        | Upstream::Anthropic { .. }
        | Upstream::GoogleAi { .. }
        | Upstream::OpenAiCompatible { .. } => {
            "The upstream refused the call or failed; its own words say why.".to_owned()
        }
    }
}

fn not_found(upstream: &Upstream) -> String {
    match upstream {
        Upstream::Bedrock { region, .. } => format!(
            "Use the exact id of a model or inference profile that is served in {region}, its prefix included."
        ),
        Upstream::OpenAi { .. } | Upstream::Anthropic { .. } | Upstream::GoogleAi { .. } => {
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
        Upstream::OpenAiCompatible {
            base_url, preset, ..
        } if lacks_v1(*preset, base_url.as_str()) => {
            " The address of an OpenAI-compatible server usually ends in /v1; this one does not."
        }
        Upstream::OpenAi { .. }
        | Upstream::Anthropic { .. }
        | Upstream::GoogleAi { .. }
        | Upstream::Bedrock { .. }
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
