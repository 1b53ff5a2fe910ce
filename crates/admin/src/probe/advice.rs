//! What to do about each way in which a connection can fail.

mod azure;
mod reach;

use domain::provider::{AnthropicAuth, GoogleCredentials, Upstream, lacks_v1};

use super::Symptom;
use crate::live::LiveProvider;

/// What to do, for this provider.
pub(crate) fn advice(symptom: Symptom, provider: &LiveProvider) -> String {
    let upstream = &provider.provider.upstream;
    let address = upstream.base_url();
    match symptom {
        Symptom::SecretMissing => match provider.secret_missing().or_else(|| provider.provider.secrets().into_iter().next()) {
            Some(name) => format!(
                "Secret \"{name}\" was not found: it was deleted or is spelled differently (names are UPPER_SNAKE_CASE). Make it, or name another one."
            ),
            None => "Name the secret that holds the key.".to_owned(),
        },
        Symptom::CredentialsMissing => reach::credentials_missing(upstream),
        Symptom::NotResolved
        | Symptom::AddressRefused
        | Symptom::ConnectionRefused
        | Symptom::TimedOut
        | Symptom::NoAnswer
        | Symptom::Tls
        | Symptom::UnknownIssuer
        | Symptom::CertificateExpired
        | Symptom::OtherName
        | Symptom::NotTls => reach::advice(symptom, upstream),
        Symptom::Unauthorized => unauthorized(upstream),
        Symptom::Forbidden => forbidden(provider),
        Symptom::NotFound => not_found(upstream),
        Symptom::OnDemandUnsupported => on_demand(upstream),
        Symptom::WrongRegion => wrong_region(upstream),
        Symptom::RateLimited => "The upstream limits this account at the moment: wait, or raise its limits or its credit. The key itself is good.".to_owned(),
        Symptom::Refused => refused(upstream),
        Symptom::UpstreamError => "The upstream failed; its own words say why. Nothing is wrong with this provider’s settings: try again in a while, and look at the upstream’s status page if it stays.".to_owned(),
        Symptom::NotTheApi => format!("What answers at {address} does not speak this provider type's API: a proxy, a sign-in page or another server may stand there. Check the address and the type.{}", v1_hint(upstream)),
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
            "AWS does not take these credentials: wrong, expired or of another region. A Bedrock API key works only in the region that it was made for, and a short-term one for 12 hours at most.".to_owned()
        }
        Upstream::VertexAi { credentials, .. } => match credentials {
            GoogleCredentials::DefaultChain => "Google does not take the token of this machine's credentials: they may be of an account that was disabled or deleted. Weir fetches a new one for the next call.".to_owned(),
            GoogleCredentials::ServiceAccount { service_account } => format!(
                "Google does not take the token of the service account in secret {service_account}: it may be disabled or deleted. Weir fetches a new one for the next call; if that is refused as well, put a new key as the secret's value."
            ),
        },
        Upstream::AzureOpenAi { credentials, base_url, .. } => azure::unauthorized(credentials, base_url),
        Upstream::OpenAi { api_key: key, .. } | Upstream::Anthropic { auth: AnthropicAuth::Key(key), .. } => {
            format!("The key in secret {key} is wrong, expired or of another account. Put a new value.")
        }
        Upstream::Cohere { api_key: key, .. } => {
            format!("Cohere does not take the key in secret {key}: it is wrong, was deleted or belongs to another team. Make one on the API keys page of Cohere’s dashboard, and put it in its place.")
        }
        Upstream::OpenAiCompatible { api_key: Some(key), .. } => {
            format!("The key in secret {key} is wrong, expired or of another account. Put a new value.")
        }
        Upstream::OpenAiCompatible { api_key: None, .. } => {
            "This server asks for a key. Make a secret that holds it, and name it as the API key reference.".to_owned()
        }
    }
}

fn forbidden(provider: &LiveProvider) -> String {
    match &provider.provider.upstream {
        Upstream::Bedrock { region, .. } => {
            let covers = if provider.provider.models.is_empty() {
                "This provider allows every model, so the policy does, too: list its models to have a narrower one."
            } else {
                "The policy below allows exactly this provider’s models."
            };
            format!(
                "The credentials are known but may not do this. They need bedrock:InvokeModel and bedrock:InvokeModelWithResponseStream on the foundation model and on the inference profile, in every region that the profile leads to. {covers} If they have these rights, access to the model must still be granted in {region}, in the Bedrock console."
            )
        }
        Upstream::VertexAi { project, .. } => format!(
            "The credentials are known but may not do this. Their account needs aiplatform.endpoints.predict in {project}: give it the role Vertex AI User (roles/aiplatform.user) there. The Vertex AI API must be enabled in {project}, and the models of other publishers must be enabled in its Model Garden first. A change of roles takes some minutes."
        ),
        Upstream::AzureOpenAi { credentials, .. } => azure::forbidden(credentials),
        Upstream::GoogleAi { .. } => {
            "The key is known but may not do this: it may be restricted to other APIs or addresses, its project lacks the Gemini API, or your country is not served.".to_owned()
        }
        Upstream::OpenAi { .. } | Upstream::Anthropic { .. } | Upstream::OpenAiCompatible { .. } | Upstream::Cohere { .. } => {
            "The key is known but may not do this: its account, project or permissions do not cover this model.".to_owned()
        }
    }
}

fn on_demand(upstream: &Upstream) -> String {
    let region = upstream
        .region()
        .map(ToString::to_string)
        .unwrap_or_default();
    format!(
        "AWS serves this model by inference profile alone. Call its profile instead of the bare id: one with a geography keeps the calls in it, `global.` runs them in any region at the lowest rate. Those that can be called from {region} come first."
    )
}

fn wrong_region(upstream: &Upstream) -> String {
    let region = upstream
        .region()
        .map(ToString::to_string)
        .unwrap_or_default();
    format!(
        "This does not belong to {region}. Set the region in which the model is enabled, or for which the key was made; a base URL of one’s own must be of the same region; and a profile of another geography cannot be called from here."
    )
}

fn refused(upstream: &Upstream) -> String {
    match upstream {
        Upstream::Bedrock { region, .. } => format!(
            "AWS did not take the request; its own words say why. Often the model is not enabled in {region}, the profile is of another geography, or the model does not answer Converse calls."
        ),
        Upstream::AzureOpenAi { .. } => azure::REFUSED.to_owned(),
        Upstream::OpenAi { .. }
        | Upstream::Anthropic { .. }
        | Upstream::GoogleAi { .. }
        | Upstream::VertexAi { .. }
        | Upstream::OpenAiCompatible { .. }
        | Upstream::Cohere { .. } => {
            "The upstream did not take the request; its own words say why. Sign-in and address are good: it may be that this model answers no chat.".to_owned()
        }
    }
}

fn not_found(upstream: &Upstream) -> String {
    match upstream {
        Upstream::VertexAi {
            project, location, ..
        } => format!(
            "Either there is no model of this id, or it is not served in {location}: many newer ones are served in global or in a multi-region (us, eu) alone. Models of other publishers look so, too, until they are enabled for {project} in the Model Garden. Use the exact id, its version behind @ included where it has one."
        ),
        Upstream::Bedrock { region, .. } => format!(
            "Use the exact id of a model or inference profile that is served in {region}, its prefix included. Models that are not enabled there look as if they did not exist."
        ),
        Upstream::AzureOpenAi { base_url, .. } => azure::not_found(base_url),
        Upstream::OpenAi { .. }
        | Upstream::Anthropic { .. }
        | Upstream::GoogleAi { .. }
        | Upstream::Cohere { .. } => {
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
        | Upstream::VertexAi { .. }
        | Upstream::AzureOpenAi { .. }
        | Upstream::OpenAiCompatible { .. }
        | Upstream::Cohere { .. } => "",
    }
}
