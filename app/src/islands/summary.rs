//! The summary beside the provider's form: what is filled in, what is missing, and the button.

use std::time::Duration;

use domain::provider::ProviderType;
use leptos::{prelude::*, wasm_bindgen::JsCast, web_sys::HtmlFormElement};

use super::{dom, leaving};
use crate::{
    kit::{
        icon::{Drawn, Icon},
        note_line::NoteLine,
    },
    provider_form::{
        filled::{Address, Credential, Filled, Needed},
        notes::Note,
        of_type,
        secret_field::SecretField,
    },
};

/// One line of the summary.
struct Line {
    class: &'static str,
    icon: Icon,
    title: &'static str,
    words: String,
    /// What is missing: its words, and the id of its field. Without script a link is all the way there is.
    missing: Option<(&'static str, String)>,
}

impl Line {
    fn done(title: &'static str, words: impl Into<String>) -> Self {
        Self {
            class: "done",
            icon: Icon::Check,
            title,
            words: words.into(),
            missing: None,
        }
    }

    fn to_do(title: &'static str, missing: &'static str, field: impl Into<String>) -> Self {
        Self {
            class: "todo",
            icon: Icon::Alert,
            title,
            words: "Still missing: ".to_owned(),
            missing: Some((missing, field.into())),
        }
    }

    fn open(title: &'static str, words: impl Into<String>) -> Self {
        Self {
            class: "",
            icon: Icon::Dash,
            title,
            words: words.into(),
            missing: None,
        }
    }
}

/// Follows the form that it stands in. Without script it says how the form was when it was sent.
#[island]
pub fn Summary(
    /// How the form is filled in.
    filled: Filled,
    /// What the button says.
    action: String,
    /// Where "Cancel" leads.
    back: String,
    /// The proxy URL up to the id.
    proxy_base: String,
) -> impl IntoView {
    let filled = RwSignal::new(filled);
    let awake = RwSignal::new(false);
    let trouble = RwSignal::new(Note::Silent);
    let place = NodeRef::<leptos::html::Div>::new();
    Effect::new(move || {
        let form = place
            .get()
            .and_then(|place| place.closest("form").ok().flatten());
        let Some(form) = form.and_then(|form| form.dyn_into::<HtmlFormElement>().ok()) else {
            return;
        };
        awake.set(true);
        leaving::guard(&form, trouble);
        let read = {
            let form = form.clone();
            move || filled.set(Filled::read(&dom::fields_of(&form)))
        };
        read();
        for kind in ["input", "change", "weir:models"] {
            let read = read.clone();
            // After the event, so that fields which follow others have followed.
            dom::listen(&form, kind, move |_| {
                set_timeout(read.clone(), Duration::ZERO)
            });
        }
    });
    let off = move || awake.get() && !filled.read().can_be_saved();
    view! {
        <div class="card-body" node_ref=place>
            <ul class="ticks">{move || lines(&filled.read()).into_iter().map(shown).collect_view()}</ul>
            <p class="help">
                {move || if filled.read().id.is_empty() { "The proxy URL will begin with" } else { "The proxy URL will be" }}
                <code class="break address">{proxy_base}{move || filled.read().id.clone()}</code>
            </p>
        </div>
        <div class="card-foot column">
            <span role="alert" class="under">{move || view! { <NoteLine note=trouble.get()/> }}</span>
            <button class="btn primary" type="submit" id="save" name="do" value="save" disabled=off>{action}</button>
            <a class="btn ghost" href=back>"Cancel"</a>
        </div>
    }
}

fn shown(line: Line) -> impl IntoView {
    let missing = line
        .missing
        .map(|(words, field)| view! { <a href=format!("#{field}")>{words}</a> });
    view! { <li class=line.class><Drawn icon=line.icon/><b>{line.title}</b><span>{line.words}{missing}</span></li> }
}

fn lines(filled: &Filled) -> Vec<Line> {
    let mut lines = vec![
        match filled.name.as_str() {
            "" => Line::to_do("Name", "display name", "display_name"),
            name => Line::done("Name", name),
        },
        match filled.type_label() {
            None => Line::to_do("Type", "provider type", "provider-type"),
            Some(label) => Line::done("Type", label),
        },
    ];
    match &filled.address {
        Address::OfType => {}
        Address::Missing => lines.push(Line::to_do(
            "Address",
            "base URL",
            of_type(&filled.ty, "base_url"),
        )),
        Address::Named(address) => lines.push(Line::done("Address", address)),
        Address::NoRegion => lines.push(Line::to_do("Region", "region", "bedrock.region")),
        Address::OfLocation(location) => lines.push(Line::done("Location", location)),
        Address::OfRegion(region) => lines.push(Line::done("Region", region)),
    }
    lines.push(match &filled.credential {
        Credential::Unknown => Line::open("Credentials", "Depend on the type"),
        Credential::Missing(needed) => Line::to_do(
            "Credentials",
            in_words(*needed),
            place_of(*needed, &filled.ty),
        ),
        Credential::NotNeeded => Line::open("Credentials", "No key is sent"),
        Credential::Passthrough => Line::done("Credentials", "The caller’s own are passed through"),
        Credential::Secret(name) => Line::done("Credentials", name),
        Credential::NewSecret(name) => {
            Line::done("Credentials", format!("{name}, saved with the provider"))
        }
        Credential::AccessKey(id) => Line::done("Credentials", format!("Access key in {id}")),
        Credential::OfMachine => Line::done("Credentials", "Those of the machine"),
        Credential::ServicePrincipal(client) => {
            Line::done("Credentials", format!("Service principal {client}"))
        }
        Credential::Role(role) => Line::done("Credentials", format!("Role {}", short_role(role))),
    });
    lines.push(models_line(filled));
    lines.push(match (filled.inputs, filled.outputs) {
        (false, false) => Line::open("Transcripts", "Nothing is recorded"),
        (true, false) => Line::done("Transcripts", "Switched on for inputs"),
        (false, true) => Line::done("Transcripts", "Switched on for outputs"),
        (true, true) => Line::done("Transcripts", "Switched on for inputs and outputs"),
    });
    lines
}

const fn in_words(needed: Needed) -> &'static str {
    match needed {
        Needed::ApiKey => "API key",
        Needed::AccessKeyId => "access key ID",
        Needed::SecretAccessKey => "secret access key",
        Needed::RoleArn => "role ARN",
        Needed::ServiceAccount => "service account key",
        Needed::ClientId => "client ID",
        Needed::ClientSecret => "client secret",
        Needed::TokenUrl => "token URL",
    }
}

/// The id of what holds it.
fn place_of(needed: Needed, ty: &str) -> String {
    let of_reference = |prefix: &str| of_type(prefix, "label");
    match needed {
        Needed::ApiKey if ty == ProviderType::Bedrock.key() => {
            of_reference(SecretField::Bedrock.prefix())
        }
        Needed::ApiKey => of_reference(ty),
        Needed::AccessKeyId => of_reference(SecretField::AccessKeyId.prefix()),
        Needed::SecretAccessKey => of_reference(SecretField::SecretAccessKey.prefix()),
        Needed::RoleArn => "bedrock.role_arn".to_owned(),
        Needed::ServiceAccount => of_reference(SecretField::ServiceAccount.prefix()),
        Needed::ClientId => "azure_openai.client_id".to_owned(),
        Needed::ClientSecret => of_reference(SecretField::AzureClientSecret.prefix()),
        Needed::TokenUrl => "azure_openai.token_url".to_owned(),
    }
}

/// The name at the end of a role's ARN.
fn short_role(arn: &str) -> &str {
    arn.split_once(":role/").map_or(arn, |(_, name)| name)
}

fn models_line(filled: &Filled) -> Line {
    match (filled.models, filled.overridden) {
        (0, _) => Line::open("Models", "Every model is allowed"),
        (models, 0) => Line::done("Models", format!("{models} selected")),
        (models, overridden) => Line::done(
            "Models",
            format!("{models} selected, {overridden} with overrides"),
        ),
    }
}
