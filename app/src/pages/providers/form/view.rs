//! The page with the form.

use admin::providers::ProviderView;
use axum::response::Response;
use domain::provider::ProviderType;
use http::StatusCode;
use leptos::prelude::*;

use super::{
    chosen_type,
    endpoints::Endpoints,
    facts::Facts,
    fetch::Listing,
    models::ModelsCard,
    pasted::without_pasted,
    types::{TypeCards, TypeFields},
};
use crate::{
    http::{failure::Failure, fields::Fields, page::Page, wrong::Wrong},
    islands::{IdentityFields, Summary},
    kit::{
        field::{TextField, Toggle},
        head::{Crumb, PageHead},
        note::{NoteBox, Tone},
        reference::SecretNames,
    },
    pages::settings::transcripts,
    provider_form::{filled::Filled, rate_of},
    shell::nav::Place,
};

/// Which of the two pages it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mode {
    /// A provider is made.
    Create,
    /// A provider is changed: its id and its name.
    Edit {
        /// Its id, which never changes.
        id: String,
        /// Its name as it is now.
        name: String,
    },
}

/// What the form is shown with.
pub(super) struct Shown<'a> {
    pub(super) mode: Mode,
    pub(super) fields: &'a Fields,
    pub(super) wrong: &'a Wrong,
    /// What to say above the form: how it stands, and what is wrong beyond its fields.
    pub(super) notes: Vec<(Tone, String)>,
    /// What the upstream said of its models.
    pub(super) listing: Listing,
    /// The model whose pricing dialog is open from the start.
    pub(super) priced: Option<String>,
    /// Whether it holds what is not saved, so that one is asked before one leaves it.
    pub(super) unsaved: bool,
}

impl<'a> Shown<'a> {
    /// With nothing to say beyond its fields.
    pub(super) fn new(mode: Mode, fields: &'a Fields, wrong: &'a Wrong) -> Self {
        Self {
            mode,
            fields,
            wrong,
            notes: vec![],
            listing: Listing::default(),
            priced: None,
            unsaved: true,
        }
    }
}

struct Words {
    title: &'static str,
    button: &'static str,
    action: String,
    back: String,
    crumbs: Vec<Crumb>,
    here: String,
}

impl Mode {
    /// Changing a provider.
    pub(super) fn of(provider: &ProviderView) -> Self {
        Self::Edit {
            id: provider.id.to_string(),
            name: provider.display_name.clone(),
        }
    }

    fn words(&self) -> Words {
        let list = ("LLM Providers", "/providers".to_owned());
        match self {
            Self::Create => Words {
                title: "Create provider",
                button: "Create provider",
                action: "/new-provider".to_owned(),
                back: "/providers".to_owned(),
                crumbs: vec![list],
                here: "Create".to_owned(),
            },
            Self::Edit { id, name } => Words {
                title: "Edit provider",
                button: "Save changes",
                action: crate::pages::providers::edit_address(id),
                back: crate::pages::providers::address(id),
                crumbs: vec![list],
                here: name.clone(),
            },
        }
    }
}

/// Fields in the order of the page, to find the first that is wrong. Those of models come after all these.
const ORDER: &[&str] = &[
    "display_name",
    "id",
    "type",
    "openai.base_url",
    "openai.key",
    "openai.new_key",
    "openai.new_value",
    "openai.organization",
    "openai.project",
    "anthropic.base_url",
    "anthropic.passthrough",
    "anthropic.key",
    "anthropic.new_key",
    "anthropic.new_value",
    "google_ai.base_url",
    "google_ai.key",
    "google_ai.new_key",
    "google_ai.new_value",
    "bedrock.region",
    "bedrock.base_url",
    "bedrock.mode",
    "bedrock.access_key_id.key",
    "bedrock.access_key_id.new_key",
    "bedrock.access_key_id.new_value",
    "bedrock.secret_access_key.key",
    "bedrock.secret_access_key.new_key",
    "bedrock.secret_access_key.new_value",
    "bedrock.session_token.key",
    "bedrock.session_token.new_key",
    "bedrock.session_token.new_value",
    "bedrock.role_arn",
    "bedrock.external_id",
    "bedrock.session_name",
    "bedrock.api_key.key",
    "bedrock.api_key.new_key",
    "bedrock.api_key.new_value",
    "bedrock.fips",
    "bedrock.guardrail_id",
    "bedrock.guardrail_version",
    "vertex_ai.project",
    "vertex_ai.location",
    "vertex_ai.base_url",
    "vertex_ai.mode",
    "vertex_ai.service_account.key",
    "vertex_ai.service_account.new_key",
    "vertex_ai.service_account.new_value",
    "azure_openai.base_url",
    "azure_openai.api_version",
    "azure_openai.data_zone",
    "azure_openai.mode",
    "azure_openai.key",
    "azure_openai.new_key",
    "azure_openai.new_value",
    "azure_openai.client_id",
    "azure_openai.scope",
    "azure_openai.client_secret.key",
    "azure_openai.client_secret.new_key",
    "azure_openai.client_secret.new_value",
    "azure_openai.token_url",
    "openai_compatible.preset",
    "openai_compatible.base_url",
    "openai_compatible.key",
    "openai_compatible.new_key",
    "openai_compatible.new_value",
    "openai_compatible.inject_stream_usage",
    "cohere.base_url",
    "cohere.key",
    "cohere.new_key",
    "cohere.new_value",
    "first_endpoint",
    "other_paths",
    "q",
    "model",
];

/// Answers the page.
///
/// # Errors
/// What admin says.
pub(super) async fn answer(
    page: &Page,
    status: StatusCode,
    shown: Shown<'_>,
) -> Result<Response, Failure> {
    let facts = Facts::gather(page, page.who()?, shown.fields).await?;
    let Shown {
        mode,
        fields,
        wrong,
        notes,
        listing,
        priced,
        unsaved,
    } = shown;
    let fields = without_pasted(fields);
    let wrong = wrong.clone().in_order(ORDER);
    // The first field that is wrong must be in sight.
    let priced = priced.or_else(|| wrong.first().and_then(model_of_dialog));
    let proxy_base = format!("{}/llm/v1/providers/", page.public_url());
    let words = mode.words();
    Ok(page.html(status, words.title, Place::Providers, move || {
        let filled = Filled::read(&fields);
        let creating = mode == Mode::Create;
        let chosen = chosen_type(&fields);
        // The type of a provider that exists is fixed: the fields of others are of no use.
        let of_types = ProviderType::ALL
            .iter()
            .filter(|ty| creating || chosen == Some(**ty))
            .map(|ty| html! { <TypeFields ty=*ty fields=fields.clone() wrong=wrong.clone() secrets=facts.secrets.len()
                own_addresses=facts.own_addresses.clone()/> })
            .collect_view();
        let notes = notes.into_iter().map(|(tone, words)| html! { <NoteBox tone=tone>{words}</NoteBox> }).collect_view();
        let import = creating.then(|| html! { <a class="btn" href="/new-provider/import">"Import credentials"</a> });
        html! {
            <PageHead title=words.title crumbs=words.crumbs here=words.here>{import}</PageHead>
            {notes}
            <form class="with-side provider-form" method="post" action=words.action.clone() novalidate data-unsaved=unsaved.then_some("")>
                // What Enter presses in any field; a search that is typed is searched first.
                <button class="sr" type="submit" name="do" value="enter" tabindex="-1" aria-hidden="true">"Go on"</button>
                {fields.get("version").map(|version| html! { <input type="hidden" name="version" value=version.to_owned()/> })}
                <div class="stack">
                    <IdentityCard mode=mode.clone() fields=fields.clone() wrong=wrong.clone()/>
                    {creating.then(|| html! {
                        <section class="card" id="provider-type" aria-labelledby="type-title">
                            <div class="card-head"><span class="step-n" aria-hidden="true">"2"</span><h2 id="type-title">"Provider type"</h2></div>
                            <div class="card-body"><TypeCards fields=fields.clone() wrong=wrong.clone()/></div>
                        </section>
                    })}
                    <section class="card of-type" aria-labelledby="connection-title">
                        <div class="card-head">
                            <span class="step-n" aria-hidden="true">{if creating { "3" } else { "2" }}</span>
                            <h2 id="connection-title">"Connection"</h2>
                        </div>
                        <div class="card-body">
                            <p class="help no-type">"Choose a provider type, and what it needs is asked here."</p>
                            <SecretNames names=facts.secrets.clone()/>
                            {of_types}
                            <Endpoints fields=fields.clone() wrong=wrong.clone()/>
                            <hr class="rule"/>
                            <Toggle name="other_paths" label="Let other paths through" on=fields.ticked("other_paths") error=wrong.of("other_paths")
                                words="Files, batches, images, audio and whatever else Weir does not meter. With a shared key they reach other \
                                       applications’ data, and their calls are unpriced."/>
                        </div>
                    </section>
                    <ModelsCard step=if creating { "4" } else { "3" } fields=fields.clone() wrong=wrong.clone() facts=facts
                        listing=listing priced=priced action=words.action.clone()/>
                    <TranscriptsCard step=if creating { "5" } else { "4" } fields=fields.clone()/>
                </div>
                <div class="side">
                    <aside class="card" aria-labelledby="summary-title">
                        <div class="card-head"><h2 id="summary-title">"Summary"</h2></div>
                        <Summary filled=filled action=words.button.to_owned() back=words.back proxy_base=proxy_base/>
                    </aside>
                </div>
            </form>
        }
    })
        .await)
}

/// The model whose pricing dialog has this field.
fn model_of_dialog(field: &str) -> Option<String> {
    let of_rate = rate_of(field).map(|(_, model)| model);
    let model = of_rate.or_else(|| field.strip_prefix("price_as."));
    model.map(str::to_owned)
}

#[component]
fn IdentityCard(mode: Mode, fields: Fields, wrong: Wrong) -> impl IntoView {
    let body = match mode {
        Mode::Create => html! {
            <IdentityFields name=fields.get("display_name").unwrap_or_default().to_owned() id=fields.get("id").unwrap_or_default().to_owned()
                name_error=wrong.of("display_name") id_error=wrong.of("id") focus_name=wrong.is_empty() || wrong.is_first("display_name")
                focus_id=wrong.is_first("id")/>
        },
        Mode::Edit { id, .. } => {
            let label = chosen_type(&fields)
                .map(ProviderType::label)
                .unwrap_or_default();
            let ty = fields.text("type").to_owned();
            html! {
                <div class="grid-2">
                    <TextField name="display_name" label="Display name" typed=wrong.typed(&fields, "display_name") help="What people see."/>
                    <div class="field">
                        <label for="fixed-id">"Resource id"</label>
                        <input class="input mono" id="fixed-id" value=id.clone() readonly aria-describedby="fixed-id-about"/>
                        <span class="help" id="fixed-id-about">{format!("Part of the proxy URL, and fixed. So is the type, {label}.")}</span>
                    </div>
                </div>
                <input type="hidden" name="id" value=id/>
                <input type="hidden" name="type" value=ty/>
            }
        }
    };
    html! {
        <section class="card" aria-labelledby="provider-title">
            <div class="card-head"><span class="step-n" aria-hidden="true">"1"</span><h2 id="provider-title">"Provider"</h2></div>
            <div class="card-body">{body}</div>
        </section>
    }
}

#[component]
fn TranscriptsCard(step: &'static str, fields: Fields) -> impl IntoView {
    html! {
        <section class="card" id="transcripts" aria-labelledby="transcripts-title">
            <div class="card-head"><span class="step-n" aria-hidden="true">{step}</span><h2 id="transcripts-title">"Transcripts"</h2></div>
            <div class="card-body">
                <Toggle name="record_inputs" label="Record inputs" on=fields.ticked("record_inputs")
                    words="Keeps the body of each request: system prompts, messages, tool-call arguments and results, and images as they are in it."/>
                <Toggle name="record_outputs" label="Record outputs" on=fields.ticked("record_outputs")
                    words="Keeps the body of each answer: completions, tool calls, and reasoning where the provider sends it; a stream as its frames."/>
                <p class="help">
                    "A switch holds for new calls only: what was said before it is switched on is not recorded, and what is recorded \
                     stays when it is switched off. Callers cannot change it. Tokens and cost are recorded either way. Headers and keys never are, \
                     nor are lists of models and prompts that are only counted. How long it is kept is set in "<a href=transcripts::PATH>"Settings, Transcripts"</a>"."
                </p>
            </div>
        </section>
    }
}
