//! How applications reach a provider, and how it reaches its upstream.

use admin::providers::{EndpointView, ProviderStatus, ProviderView};
use domain::{
    Timestamp,
    provider::{AwsCredentials, Preset, ProviderType, Region},
};
use leptos::prelude::*;

use crate::{
    kit::{
        icon::{Drawn, Icon},
        kv::{Fact, LongFact},
    },
    pages::{
        audit,
        providers::{edit_address, standing::ProviderStanding},
        secrets, transcripts,
    },
    provider_form::mode::Mode,
};

/// The facts of a connection.
#[component]
pub(super) fn Connection(
    provider: ProviderView,
    status: ProviderStatus,
    now: Timestamp,
) -> impl IntoView {
    let ty = provider.provider_type;
    // What each endpoint has for itself stands with the endpoints.
    let one = provider.endpoints.is_empty();
    let base_url = one.then(|| base_url(&provider));
    let endpoints: Vec<_> = provider.endpoints.iter().map(endpoint).collect();
    let preset = provider.preset.and_then(|key| key.parse::<Preset>().ok());
    let recording = match (provider.record_inputs, provider.record_outputs) {
        (false, false) => "Nothing",
        (true, false) => "Inputs",
        (false, true) => "Outputs",
        (true, true) => "Inputs and outputs",
    };
    let id = provider.id.to_string();
    let edit = edit_address(&id);
    let recorded = transcripts::of_provider(&id);
    let changes = audit::changes("provider", &id);
    html! {
        <section class="card" aria-labelledby="connection-title">
            <div class="card-head">
                <h2 id="connection-title">"Connection"</h2>
                <div class="end"><a class="btn sm" href=changes>"Changes"</a><a class="btn sm" href=edit><Drawn icon=Icon::Pencil/>"Edit"</a></div>
            </div>
            <div class="card-body">
                <dl class="kv">
                    <Fact name="Type">{ty.label()}{preset.map(|preset| format!(": {}", preset.label()))}</Fact>
                    <Fact name="Status"><ProviderStanding id=id status=status now=now why=false/></Fact>
                    <LongFact name="Proxy URL" value=provider.proxy_url.clone()/>
                    <LongFact name="Discovery URL" value=provider.discovery_url.clone()/>
                    {provider.region.clone().map(|region| html! { <Fact name="Region"><code>{region}</code></Fact> })}
                    {base_url.map(|base_url| html! { <LongFact name="Base URL" value=base_url/> })}
                    {endpoints}
                    {match &provider.credentials {
                        Some(credentials) => Some(aws(credentials)),
                        None => one.then(|| key(&provider)),
                    }}
                    {provider.fips.map(|on| html! { <Fact name="FIPS endpoint">{if on { "On" } else { "Off" }}</Fact> })}
                    {(ty == ProviderType::Bedrock).then(|| guardrail(&provider))}
                    {provider.organization.clone().map(|value| html! { <LongFact name="Organization" value=value/> })}
                    {provider.project.clone().map(|value| html! { <LongFact name="Project" value=value/> })}
                    {provider.authorization_passthrough.map(|on| html! {
                        <Fact name="Passthrough">{if on { "On" } else { "Off" }}</Fact>
                    })}
                    {provider.inject_stream_usage.map(|on| html! {
                        <Fact name="Usage in streams">{if on { "Asked for" } else { "As the caller asks" }}</Fact>
                    })}
                    <Fact name="Other paths">{if provider.other_paths { "Let through, not metered" } else { "Refused" }}</Fact>
                    <Fact name="Recording"><span>{recording}</span><a class="aside" href=recorded>"Transcripts"</a></Fact>
                </dl>
            </div>
        </section>
    }
}

/// Where its calls go: to the address that it names, else to that of its type or of its region.
fn base_url(provider: &ProviderView) -> String {
    let of_type = || {
        let address = provider.provider_type.default_base_url();
        address.map(str::to_owned)
    };
    let of_region = || {
        let region: Region = provider.region.as_deref()?.parse().ok()?;
        Some(region.bedrock_runtime(provider.fips == Some(true)))
    };
    provider
        .base_url
        .clone()
        .or_else(of_type)
        .or_else(of_region)
        .unwrap_or_default()
}

/// What one of several endpoints has for itself, in a line.
fn endpoint(endpoint: &EndpointView) -> AnyView {
    let place = endpoint
        .base_url
        .clone()
        .or_else(|| endpoint.region.clone());
    let mode = endpoint.credentials.as_ref().map(|credentials| {
        let key = match credentials {
            AwsCredentials::DefaultChain => Mode::DefaultChain,
            AwsCredentials::StaticKeys { .. } => Mode::StaticKeys,
            AwsCredentials::AssumeRole { .. } => Mode::AssumeRole,
            AwsCredentials::WebIdentity { .. } => Mode::WebIdentity,
            AwsCredentials::Bearer { .. } => Mode::Bearer,
        };
        html! { <span>{key.label()}</span> }
    });
    let key = endpoint.api_key.as_deref().map(secret);
    let place =
        place.map(|place| html! { <code class="cut" title=place.clone()>{place.clone()}</code> });
    html! { <Fact name=format!("Endpoint {}", endpoint.name)>{place}{key}{mode}</Fact> }
}

fn secret(name: &str) -> AnyView {
    html! { <a href=secrets::address(name)><code>{name.to_owned()}</code></a> }
}

fn key(provider: &ProviderView) -> AnyView {
    let key = match (&provider.api_key, provider.authorization_passthrough) {
        (Some(name), _) => secret(name),
        (None, Some(true)) => html! { <span>"The caller’s own Authorization"</span> },
        (None, _) => html! { <span class="muted">"No key is sent"</span> },
    };
    html! { <Fact name="API key">{key}</Fact> }
}

/// The credential type and what it names; never a value.
fn aws(credentials: &AwsCredentials) -> AnyView {
    let (mode, facts) = match credentials {
        AwsCredentials::DefaultChain => (Mode::DefaultChain, ().into_any()),
        AwsCredentials::StaticKeys {
            access_key_id,
            secret_access_key,
            session_token,
        } => {
            let token = session_token.as_ref().map(|name| {
                let name = secret(name.as_str());
                html! { <Fact name="Session token">{name}</Fact> }
            });
            let (id, key) = (
                secret(access_key_id.as_str()),
                secret(secret_access_key.as_str()),
            );
            let facts = html! {
                <Fact name="Access key ID">{id}</Fact>
                <Fact name="Secret access key">{key}</Fact>
                {token}
            };
            (Mode::StaticKeys, facts)
        }
        AwsCredentials::AssumeRole {
            role_arn,
            external_id,
            session_name,
        } => {
            let facts = html! {
                <LongFact name="Role ARN" value=role_arn.as_str()/>
                {external_id.clone().map(|id| html! { <LongFact name="External ID" value=id/> })}
                {session_name.clone().map(|name| html! { <LongFact name="Session name" value=name/> })}
            };
            (Mode::AssumeRole, facts)
        }
        AwsCredentials::WebIdentity { role_arn } => {
            let facts = html! { <LongFact name="Role ARN" value=role_arn.as_str()/> };
            (Mode::WebIdentity, facts)
        }
        AwsCredentials::Bearer { api_key } => {
            let key = secret(api_key.as_str());
            let facts = html! { <Fact name="Bedrock API key">{key}</Fact> };
            (Mode::Bearer, facts)
        }
    };
    html! { <Fact name="Credential type">{mode.label()}</Fact>{facts} }
}

fn guardrail(provider: &ProviderView) -> AnyView {
    match &provider.guardrail {
        None => html! { <Fact name="Guardrail"><span class="muted">"None"</span></Fact> },
        Some(guardrail) => {
            let version = match guardrail.version.as_str() {
                "DRAFT" => "draft".to_owned(),
                number => format!("version {number}"),
            };
            let id = guardrail.id.clone();
            html! { <Fact name="Guardrail"><code class="cut" title=id.clone()>{id.clone()}</code>{version}</Fact> }
        }
    }
}
