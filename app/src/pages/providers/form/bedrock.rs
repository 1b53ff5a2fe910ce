//! What a Bedrock provider is asked for: region, credentials in each mode, FIPS, guardrail.

use leptos::prelude::*;

use super::{regions::REGIONS, types::reference};
use crate::{
    http::{fields::Fields, wrong::Wrong},
    kit::{
        field::{TextField, Toggle, Under},
        note_line::NoteLine,
    },
    provider_form::{mode::Mode, notes::Note, secret_field::SecretField},
};

/// Its fields. Those of the chosen credential mode are shown, without any script.
/// `own_address`: where calls go without a base URL.
pub(super) fn fields(
    fields: &Fields,
    wrong: &Wrong,
    secrets: usize,
    own_address: String,
) -> AnyView {
    let typed = |name: &str| wrong.typed(fields, name);
    let error = wrong.of("bedrock.fips");
    html! {
        <div class="grid-2">
            {region(fields, wrong)}
            <TextField name="bedrock.base_url" label="Base URL" typed=typed("bedrock.base_url") optional=true mono=true
                placeholder=own_address help="Only for a VPC endpoint or a proxy of yours."/>
        </div>
        {modes(fields, wrong)}
        {static_keys(fields, wrong, secrets)}
        {role(fields, wrong)}
        <div class="mode-fields for-bearer">
            {reference(SecretField::Bedrock, "Bedrock API key", fields, wrong, secrets, false,
                "The secret that holds the key. It is sent as Bearer, and nothing is signed.")}
        </div>
        <Toggle name="bedrock.fips" label="FIPS endpoint" on=fields.ticked("bedrock.fips") error=error first=wrong.is_first("bedrock.fips")
            words="Calls the region’s FIPS 140 address. AWS has them in the United States, Canada and GovCloud; not together with a base URL."/>
        <div class="grid-2">
            <TextField name="bedrock.guardrail_id" label="Guardrail" typed=typed("bedrock.guardrail_id") optional=true mono=true
                placeholder="Id or ARN" help="Put into every call, over what the caller says. It must exist in the region."/>
            <TextField name="bedrock.guardrail_version" label="Guardrail version" typed=typed("bedrock.guardrail_version") optional=true
                mono=true placeholder="1" help="A number, or DRAFT."/>
        </div>
    }
}

fn region(fields: &Fields, wrong: &Wrong) -> AnyView {
    let typed = wrong.typed(fields, "bedrock.region");
    let options = REGIONS
        .iter()
        .map(|(name, place)| html! { <option value=*name>{*place}</option> });
    html! {
        <div class="field">
            <label for="bedrock.region">"Region"</label>
            <input class="input mono" id="bedrock.region" name="bedrock.region" list="bedrock.regions" value=typed.value placeholder="us-east-1"
                autocomplete="off" spellcheck="false" autocapitalize="off" aria-required="true"
                aria-invalid=(!typed.error.is_empty()).then_some("true") aria-describedby="bedrock.region-about" autofocus=typed.first/>
            <datalist id="bedrock.regions">{options.collect_view()}</datalist>
            <Under id="bedrock.region-about" error=typed.error help="Where your models are enabled. It decides addresses and prices.".to_owned()/>
        </div>
    }
}

/// What a mode takes, in a sentence.
const fn explained(mode: Mode) -> &'static str {
    match mode {
        Mode::DefaultChain => {
            "What Weir’s machine has: environment, shared config, IRSA, EKS Pod Identity, instance profile."
        }
        Mode::StaticKeys => "An access key out of secrets.",
        Mode::AssumeRole => {
            "A role that Weir assumes with what its machine has: for other accounts, or short-lived keys."
        }
        Mode::WebIdentity => {
            "A role that Weir assumes with the token in AWS_WEB_IDENTITY_TOKEN_FILE."
        }
        Mode::Bearer => "A Bedrock API key out of a secret, without any signing.",
    }
}

fn modes(fields: &Fields, wrong: &Wrong) -> AnyView {
    let chosen = Mode::of(fields);
    let error = wrong.of(Mode::FIELD);
    let error = (!error.is_empty()).then(|| html! { <NoteLine note=Note::Wrong(error)/> });
    let lines = Mode::ALL.iter().map(|mode| {
        let about = format!("{}-{}", Mode::FIELD, mode.key());
        html! {
            <label class="check">
                <input type="radio" name=Mode::FIELD value=mode.key() checked=*mode == chosen aria-describedby=about.clone()/>
                <span><b>{mode.label()}</b><span class="help" id=about>{explained(*mode)}</span></span>
            </label>
        }
    });
    html! {
        <fieldset class="field wide">
            <legend>"Credential type"</legend>
            <div class="boxes modes">{lines.collect_view()}</div>
            {error}
        </fieldset>
    }
}

fn static_keys(fields: &Fields, wrong: &Wrong, secrets: usize) -> AnyView {
    let key =
        |of, label, optional, help| reference(of, label, fields, wrong, secrets, optional, help);
    html! {
        <div class="mode-fields for-static_keys">
            {key(SecretField::AccessKeyId, "Access key ID", false, "The secret that holds it.")}
            {key(SecretField::SecretAccessKey, "Secret access key", false, "The secret that holds it.")}
            {key(SecretField::SessionToken, "Session token", true, "Only for temporary keys; they end, and Weir cannot renew them.")}
        </div>
    }
}

/// Two modes have a role; what is typed stays when one is taken for the other.
fn role(fields: &Fields, wrong: &Wrong) -> AnyView {
    let typed = |name: &str| wrong.typed(fields, name);
    html! {
        <div class="mode-fields for-role">
            <TextField name="bedrock.role_arn" label="Role ARN" typed=typed("bedrock.role_arn") mono=true
                placeholder="arn:aws:iam::123456789012:role/bedrock-caller" help="The role that calls Bedrock."/>
        </div>
        <div class="mode-fields for-assume_role">
            <div class="grid-2">
                <TextField name="bedrock.external_id" label="External ID" typed=typed("bedrock.external_id") optional=true mono=true
                    help="Where the role’s trust policy asks for one."/>
                <TextField name="bedrock.session_name" label="Session name" typed=typed("bedrock.session_name") optional=true mono=true
                    placeholder="weir-…" help="How the calls are named in CloudTrail. Blank: weir- and the resource id."/>
            </div>
        </div>
    }
}
