//! How applications reach a provider, and how it reaches its upstream.

use admin::providers::ProviderView;
use domain::provider::{Preset, ProviderType};
use leptos::prelude::*;

use crate::{
    kit::{
        icon::{Drawn, Icon},
        kv::{Fact, LongFact},
    },
    pages::{providers::edit_address, secrets},
};

/// The facts of a connection.
#[component]
pub(super) fn Connection(provider: ProviderView) -> impl IntoView {
    let ty = provider.provider_type;
    let base_url = provider
        .base_url
        .clone()
        .or_else(|| ty.default_base_url().map(str::to_owned))
        .unwrap_or_default();
    let preset = provider.preset.and_then(|key| key.parse::<Preset>().ok());
    let key = match (&provider.api_key, provider.authorization_passthrough) {
        (Some(name), _) => html! { <a href=secrets::address(name)><code>{name.clone()}</code></a> },
        (None, Some(true)) => html! { <span>"The caller’s own Authorization"</span> },
        (None, _) => html! { <span class="muted">"No key is sent"</span> },
    };
    let recording = match (provider.record_inputs, provider.record_outputs) {
        (false, false) => "Nothing",
        (true, false) => "Nothing yet; switched on for inputs",
        (false, true) => "Nothing yet; switched on for outputs",
        (true, true) => "Nothing yet; switched on for inputs and outputs",
    };
    let edit = edit_address(provider.id.as_str());
    html! {
        <section class="card" aria-labelledby="connection-title">
            <div class="card-head">
                <h2 id="connection-title">"Connection"</h2>
                <div class="end"><a class="btn sm" href=edit><Drawn icon=Icon::Pencil/>"Edit"</a></div>
            </div>
            <div class="card-body">
                <dl class="kv">
                    <Fact name="Type">{ty.label()}{preset.map(|preset| format!(": {}", preset.label()))}</Fact>
                    <LongFact name="Proxy URL" value=provider.proxy_url.clone()/>
                    <LongFact name="Discovery URL" value=provider.discovery_url.clone()/>
                    <LongFact name="Base URL" value=base_url/>
                    <Fact name="API key">{key}</Fact>
                    {provider.organization.clone().map(|value| html! { <LongFact name="Organization" value=value/> })}
                    {provider.project.clone().map(|value| html! { <LongFact name="Project" value=value/> })}
                    {(ty == ProviderType::Anthropic).then(|| html! {
                        <Fact name="Passthrough">{if provider.authorization_passthrough == Some(true) { "On" } else { "Off" }}</Fact>
                    })}
                    {(ty == ProviderType::OpenAiCompatible).then(|| html! {
                        <Fact name="Usage in streams">{if provider.inject_stream_usage == Some(false) { "As the caller asks" } else { "Asked for" }}</Fact>
                    })}
                    <Fact name="Other paths">{if provider.other_paths { "Let through, not metered" } else { "Refused" }}</Fact>
                    <Fact name="Recording">{recording}</Fact>
                </dl>
            </div>
        </section>
    }
}
