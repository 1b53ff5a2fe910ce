//! Making a provider of credentials as other gateways write them.
//!
//! What was pasted holds secrets and is not sent back: after an error it is pasted again, and the page
//! says so. Errors name the fields as they stand in what was pasted.

use admin::providers::{ImportDraft, ImportKind};
use axum::response::Response;
use http::StatusCode;
use leptos::prelude::*;

use super::address;
use crate::{
    format::count::plural,
    http::{failure::Failure, fields::Fields, flash::Flash, page::Page, wrong::Wrong},
    kit::{
        field::{TextField, Under},
        head::PageHead,
    },
    provider_form::notes::sentence,
    shell::nav::Place,
};

const PATH: &str = "/new-provider/import";
const PLACEHOLDER: &str =
    r#"{"endpoints": [{"region": "us-east-1", "role_arn": "arn:aws:iam::…:role/…"}]}"#;

/// What is wrong, by where the page tells it.
#[derive(Default)]
struct Refused {
    wrong: Wrong,
    /// Fields of what was pasted, and why they were refused.
    pasted: Vec<(String, String)>,
}

/// `GET /new-provider/import`
pub(super) async fn show(page: Page) -> Response {
    form(&page, StatusCode::OK, page.query(), Refused::default()).await
}

/// `POST /new-provider/import`
pub(super) async fn submit(page: Page, fields: Fields) -> Result<Response, Failure> {
    let text = |name: &str| Some(fields.text(name).to_owned());
    let draft = ImportDraft {
        kind: text("kind"),
        display_name: text("display_name"),
        id: text("id"),
        ..ImportDraft::default()
    };
    let draft = draft.with_pasted(fields.text("credentials"));
    match page.admin().providers().import(page.who()?, &draft).await {
        Ok(made) => {
            let names: Vec<_> = made.secrets.iter().map(ToString::to_string).collect();
            let detail = match &*names {
                [] => "It needed no secret.".to_owned(),
                [name] => format!("Its key is the new secret {name}."),
                names => format!(
                    "With it were made {}: {}.",
                    plural(names.len(), "secret", "secrets"),
                    names.join(", ")
                ),
            };
            let done = Flash::new(format!("{} is made", made.provider.display_name), detail);
            Ok(page.go_on(&address(made.provider.id.as_str()), done).await)
        }
        Err(error) => {
            let refused = refused(Wrong::read_named(error)?);
            Ok(form(&page, StatusCode::UNPROCESSABLE_ENTITY, &fields, refused).await)
        }
    }
}

/// Tells fields of the form from those of what was pasted.
fn refused(errors: Vec<(String, String)>) -> Refused {
    const OF_THE_FORM: [&str; 4] = ["kind", "display_name", "id", "credentials"];
    let mut refused = Refused::default();
    for (field, words) in errors {
        if OF_THE_FORM.contains(&field.as_str()) {
            refused.wrong.add(field, sentence(&words));
        } else {
            refused.pasted.push((field, sentence(&words)));
        }
    }
    if !refused.pasted.is_empty() {
        let words = format!(
            "{} below. Correct what you have and paste it again: it holds secrets, so it is not sent back.",
            match refused.pasted.len() {
                1 => "One field is wrong, told".to_owned(),
                count => format!("{count} fields are wrong, told"),
            }
        );
        refused.wrong.add("credentials", words);
    } else if !refused.wrong.is_empty() && refused.wrong.of("credentials").is_empty() {
        refused.wrong.add(
            "credentials",
            "Paste the credentials again: they hold secrets, so they are not sent back.",
        );
    }
    refused.wrong = refused.wrong.in_order(&OF_THE_FORM);
    refused
}

async fn form(page: &Page, status: StatusCode, fields: &Fields, refused: Refused) -> Response {
    let Refused { wrong, pasted } = refused;
    let (name, id) = (
        wrong.typed(fields, "display_name"),
        wrong.typed(fields, "id"),
    );
    let kind = wrong.typed(fields, "kind");
    let (error, focus) = (wrong.of("credentials"), wrong.is_first("credentials"));
    page.html(status, "Import credentials", Place::Providers, move || {
        let kinds = ImportKind::ALL.map(|offered| {
            html! { <option value=offered.key() selected=kind.value == offered.key()>{offered.label()}</option> }
        });
        let pasted = pasted.into_iter().map(|(field, words)| {
            html! { <li><code>{field}</code>" "{words}</li> }
        });
        let pasted: Vec<_> = pasted.collect();
        let pasted = (!pasted.is_empty()).then(|| html! { <ul class="wrong-fields" id="credentials-fields" role="alert">{pasted}</ul> });
        html! {
            <PageHead title="Import credentials" crumbs=vec![("LLM Providers", "/providers".to_owned())] here="Import"
                lede="Credentials as other gateways keep them, in JSON, become a provider and its secrets: all of it, or nothing and what is wrong with it."/>
            <form class="card narrow" method="post" action=PATH>
                <div class="card-body">
                    <div class="field">
                        <label for="kind">"Whose credentials"</label>
                        <select class="input" id="kind" name="kind" aria-invalid=(!kind.error.is_empty()).then_some("true")
                            aria-describedby="kind-about" autofocus=kind.first>
                            <option value="">"As their fields tell (Azure, AWS, Google)"</option>
                            {kinds.into_iter().collect_view()}
                        </select>
                        <Under id="kind-about" error=kind.error help="Keys of Anthropic, Cerebras, Together AI, Cohere, OpenAI and Groq all look the same: choose theirs.".to_owned()/>
                    </div>
                    <TextField name="display_name" label="Display name" typed=name optional=true help="What people read. Left blank: the provider's own name."/>
                    <TextField name="id" label="Resource ID" typed=id optional=true mono=true help="Left blank: derived from the name."/>
                    <div class="field">
                        <label for="credentials">"Credentials"</label>
                        <textarea class="input mono" id="credentials" name="credentials" rows="12" autocomplete="off" spellcheck="false"
                            aria-required="true" aria-invalid=(!error.is_empty()).then_some("true") aria-describedby="credentials-about"
                            autofocus=focus placeholder=PLACEHOLDER></textarea>
                        <Under id="credentials-about" error=error
                            help="All of the JSON, from { to }. Its keys become secrets: encrypted, and readable by nobody again.".to_owned()/>
                        {pasted}
                    </div>
                </div>
                <div class="card-foot">
                    <button class="btn primary" type="submit">"Import"</button>
                    <a class="btn ghost" href="/new-provider">"Cancel"</a>
                </div>
            </form>
        }
    })
        .await
}
