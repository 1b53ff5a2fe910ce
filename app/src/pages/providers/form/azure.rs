//! What an Azure OpenAI provider is asked for: endpoint, api-version, data zone, key or service principal.

use domain::provider::{ApiVersion, DataZone};
use leptos::prelude::*;

use super::types::reference;
use crate::{
    http::{fields::Fields, wrong::Wrong},
    kit::{
        field::{TextField, Typed, Under},
        note::{NoteBox, Tone},
    },
    provider_form::{azure_mode::AzureMode, secret_field::SecretField},
};

/// Its fields. Those of the chosen credential are shown, without any script.
pub(super) fn fields(fields: &Fields, wrong: &Wrong, secrets: usize) -> AnyView {
    let typed = |name: &str| wrong.typed(fields, name);
    html! {
        <TextField name="azure_openai.base_url" label="Endpoint" typed=typed("azure_openai.base_url") mono=true
            placeholder="https://my-resource.openai.azure.com"
            help="As the resource shows it under Keys and Endpoint; what follows from /openai on is cut off. A gateway in front of it may have a path."/>
        <div class="grid-2">
            <TextField name="azure_openai.api_version" label="API version" typed=typed("azure_openai.api_version") optional=true mono=true
                placeholder=ApiVersion::DEFAULT help="For callers that name none. What a caller names goes up as it is."/>
            {zones("azure_openai.data_zone".to_owned(), typed("azure_openai.data_zone"))}
        </div>
        {modes(fields)}
        <div class="mode-fields for-azure_key">
            {reference(SecretField::Azure, "API key", fields, wrong, secrets, false, "The secret that holds one of the resource’s two keys. Applications never see it.")}
        </div>
        <div class="mode-fields for-azure_principal">
            <div class="grid-2">
                <TextField name="azure_openai.client_id" label="Client ID" typed=typed("azure_openai.client_id") mono=true
                    placeholder="00000000-0000-0000-0000-000000000000" help="Of the application in Entra ID. It needs the role Cognitive Services OpenAI User."/>
                <TextField name="azure_openai.scope" label="Scope" typed=typed("azure_openai.scope") optional=true mono=true
                    placeholder="https://cognitiveservices.azure.com/.default" help="Blank: Azure OpenAI, in the cloud of the endpoint."/>
            </div>
            {reference(SecretField::AzureClientSecret, "Client secret", fields, wrong, secrets, false, "The secret that holds the value of the application’s client secret, not its id.")}
            <TextField name="azure_openai.token_url" label="Token URL" typed=typed("azure_openai.token_url") mono=true
                placeholder="https://login.microsoftonline.com/TENANT/oauth2/v2.0/token" help="Where the tenant gives tokens. They are kept and renewed before they end."/>
        </div>
        <NoteBox tone=Tone::Info>
            "Callers name "<b>"deployments"</b>". A call is priced as the model that the answer names, unless the deployment’s pricing says what it is priced as."
        </NoteBox>
    }
}

/// The data zone of an endpoint.
pub(super) fn zones(name: String, typed: Typed) -> AnyView {
    let about = format!("{name}-about");
    let chosen = typed.value.clone();
    let options = DataZone::ALL.iter().map(|zone| {
        html! { <option value=zone.key() selected=chosen == zone.key()>{zone.label()}</option> }
    });
    html! {
        <div class="field">
            <label for=name.clone()>"Data zone"</label>
            <select class="input" id=name.clone() name=name aria-describedby=about.clone()
                aria-invalid=(!typed.error.is_empty()).then_some("true") autofocus=typed.first>
                <option value="" selected=chosen.is_empty()>"Global"</option>
                {options.collect_view()}
            </select>
            <Under id=about error=typed.error help="It picks the list prices of all its deployments; zone deployments cost more. Where a resource has both kinds, make a provider for each, or override rates.".to_owned()/>
        </div>
    }
}

/// What a way takes, in a sentence.
const fn explained(mode: AzureMode) -> &'static str {
    match mode {
        AzureMode::Key => "One of the two keys of the resource, sent as api-key.",
        AzureMode::ServicePrincipal => {
            "An application of Entra ID; its tokens are sent as Authorization: Bearer."
        }
    }
}

fn modes(fields: &Fields) -> AnyView {
    let chosen = AzureMode::of(fields);
    let lines = AzureMode::ALL.iter().map(|mode| {
        let about = format!("{}-{}", AzureMode::FIELD, mode.key());
        html! {
            <label class="check">
                <input type="radio" name=AzureMode::FIELD value=mode.key() checked=*mode == chosen aria-describedby=about.clone()/>
                <span><b>{mode.label()}</b><span class="help" id=about>{explained(*mode)}</span></span>
            </label>
        }
    });
    html! {
        <fieldset class="field wide">
            <legend>"Credential type"</legend>
            <div class="boxes modes">{lines.collect_view()}</div>
        </fieldset>
    }
}
