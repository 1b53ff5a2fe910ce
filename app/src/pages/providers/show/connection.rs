//! How applications reach a provider, and how it reaches its upstream.

use admin::providers::{CredentialsView, EndpointView, ProviderStatus, ProviderView};
use domain::{
    Timestamp,
    provider::{
        ApiVersion, AwsCredentials, BaseUrl, DataZone, GoogleCredentials, GoogleLocation, Preset,
        ProviderType, Region, ServicePrincipal,
    },
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
    provider_form::{azure_mode::AzureMode, google_mode::GoogleMode, mode::Mode},
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
                    {provider.location.clone().map(|location| html! { <Fact name="Location"><code>{location}</code></Fact> })}
                    {base_url.map(|base_url| html! { <LongFact name="Base URL" value=base_url/> })}
                    {endpoints}
                    {(one && ty == ProviderType::AzureOpenAi).then(|| of_azure(&provider))}
                    {match &provider.credentials {
                        Some(CredentialsView::Aws(credentials)) => Some(aws(credentials)),
                        Some(CredentialsView::Google(credentials)) => Some(google(credentials)),
                        Some(CredentialsView::ServicePrincipal { principal, .. }) => {
                            Some(service_principal(principal, provider.base_url.as_deref()))
                        }
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
    let of_location = || {
        let location: GoogleLocation = provider.location.as_deref()?.parse().ok()?;
        Some(location.vertex_ai())
    };
    provider
        .base_url
        .clone()
        .or_else(of_type)
        .or_else(of_region)
        .or_else(of_location)
        .unwrap_or_default()
}

/// What one of several endpoints has for itself, in a line.
fn endpoint(endpoint: &EndpointView) -> AnyView {
    let place = endpoint
        .base_url
        .clone()
        .or_else(|| endpoint.region.clone())
        .or_else(|| endpoint.location.clone());
    let mode = endpoint.credentials.as_ref().map(|credentials| {
        let words = match credentials {
            CredentialsView::Aws(AwsCredentials::DefaultChain) => Mode::DefaultChain.label(),
            CredentialsView::Aws(AwsCredentials::StaticKeys { .. }) => Mode::StaticKeys.label(),
            CredentialsView::Aws(AwsCredentials::AssumeRole { .. }) => Mode::AssumeRole.label(),
            CredentialsView::Aws(AwsCredentials::WebIdentity { .. }) => Mode::WebIdentity.label(),
            CredentialsView::Aws(AwsCredentials::Bearer { .. }) => Mode::Bearer.label(),
            CredentialsView::Google(GoogleCredentials::DefaultChain) => {
                GoogleMode::DefaultChain.label()
            }
            CredentialsView::Google(GoogleCredentials::ServiceAccount { .. }) => {
                GoogleMode::ServiceAccount.label()
            }
            CredentialsView::ServicePrincipal { .. } => AzureMode::ServicePrincipal.label(),
        };
        html! { <span>{words}</span> }
    });
    let key = endpoint.api_key.as_deref().map(secret);
    let place =
        place.map(|place| html! { <code class="cut" title=place.clone()>{place.clone()}</code> });
    let more = [
        endpoint.project.clone(),
        endpoint.api_version.clone(),
        endpoint.data_zone.map(str::to_owned),
    ];
    let more = more
        .into_iter()
        .flatten()
        .map(|own| html! { <code>{own}</code> })
        .collect_view();
    html! { <Fact name=format!("Endpoint {}", endpoint.name)>{place}{more}{key}{mode}</Fact> }
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

/// The same of Google.
fn google(credentials: &GoogleCredentials) -> AnyView {
    let (mode, fact) = match credentials {
        GoogleCredentials::DefaultChain => (GoogleMode::DefaultChain, ().into_any()),
        GoogleCredentials::ServiceAccount { service_account } => {
            let key = secret(service_account.as_str());
            let fact = html! { <Fact name="Service account key">{key}</Fact> };
            (GoogleMode::ServiceAccount, fact)
        }
    };
    html! { <Fact name="Credential type">{mode.label()}</Fact>{fact} }
}

/// The version that is added, and what the prices depend on.
fn of_azure(provider: &ProviderView) -> AnyView {
    let version = provider
        .api_version
        .clone()
        .unwrap_or_else(|| ApiVersion::DEFAULT.to_owned());
    let zone = provider
        .price_place
        .region
        .as_deref()
        .and_then(|key| key.parse::<DataZone>().ok());
    html! {
        <Fact name="API version"><code>{version}</code>", where a caller names none"</Fact>
        <Fact name="Data zone">{zone.map_or("Global", DataZone::label)}</Fact>
    }
}

/// An application of Entra ID; never its secret's value.
fn service_principal(principal: &ServicePrincipal, base_url: Option<&str>) -> AnyView {
    let resource: Option<BaseUrl> = base_url.and_then(|url| url.parse().ok());
    let scope = resource.map(|resource| principal.scope(&resource).into_owned());
    let client_secret = secret(principal.client_secret.as_str());
    html! {
        <Fact name="Credential type">{AzureMode::ServicePrincipal.label()}</Fact>
        <LongFact name="Client ID" value=principal.client_id.as_str()/>
        <Fact name="Client secret">{client_secret}</Fact>
        <LongFact name="Token URL" value=principal.token_url.as_str()/>
        {scope.map(|scope| html! { <LongFact name="Scope" value=scope/> })}
    }
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
