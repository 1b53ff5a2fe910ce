//! Making a secret.

use axum::response::Response;
use http::StatusCode;
use leptos::prelude::*;
use secrecy::SecretString;

use super::address;
use crate::{
    http::{failure::Failure, fields::Fields, flash::Flash, page::Page, wrong::Wrong},
    kit::{
        field::{TextField, Under},
        head::PageHead,
    },
    shell::nav::Place,
};

const FIELDS: &[&str] = &["name", "value"];

/// `GET /new-secret`
pub(super) async fn show(page: Page) -> Response {
    form(&page, StatusCode::OK, page.query(), &Wrong::NOTHING).await
}

/// `POST /new-secret`
pub(super) async fn submit(page: Page, fields: Fields) -> Result<Response, Failure> {
    let who = page.who()?;
    let name = fields.text("name");
    let secrets = page.admin().secrets();
    let mut wrong = Wrong::NOTHING;
    // Here one makes a secret; to replace a value is another page, so that it does not happen by accident.
    if secrets
        .all(who)
        .await?
        .iter()
        .any(|secret| secret.name.as_str() == name)
    {
        wrong.add(
            "name",
            "There is a secret of this name. Choose another, or replace its value on its own page.",
        );
    } else {
        match secrets
            .put(
                who,
                name,
                SecretString::from(fields.get("value").unwrap_or_default()),
            )
            .await
        {
            Ok(()) => {
                let done = Flash::new(
                    format!("{name} is saved"),
                    "Providers can refer to it from now on.",
                );
                return Ok(page.go_on(&address(name), done).await);
            }
            Err(error) => wrong.extend(Wrong::read(error)?),
        }
    }
    Ok(form(
        &page,
        StatusCode::UNPROCESSABLE_ENTITY,
        &fields,
        &wrong.in_order(FIELDS),
    )
    .await)
}

async fn form(page: &Page, status: StatusCode, fields: &Fields, wrong: &Wrong) -> Response {
    let name = wrong.typed(fields, "name");
    // Where the address has said the name already, the value is what is missing.
    let focus = wrong.is_empty() && name.value.is_empty();
    let value_error = wrong.of("value");
    let focus_value = wrong.is_first("value") || (wrong.is_empty() && !focus);
    page.html(status, "Create secret", Place::Secrets, move || {
        html! {
            <PageHead title="Create secret" crumbs=vec![("Secrets", "/secrets".to_owned())] here="Create"/>
            <form class="card narrow" method="post" action="/new-secret">
                <div class="card-body">
                    <TextField name="name" label="Name" typed=name mono=true focus=focus placeholder="OPENAI_API_KEY"
                        help="Capitals, digits and underscores. Providers refer to it, so it cannot change later."/>
                    <ValueField error=value_error focus=focus_value/>
                </div>
                <div class="card-foot">
                    <button class="btn primary" type="submit">"Create secret"</button>
                    <a class="btn ghost" href="/secrets">"Cancel"</a>
                </div>
            </form>
        }
    })
        .await
}

/// The value of a secret. It is never sent back, so it is typed again after an error.
#[component]
pub(super) fn ValueField(error: String, focus: bool) -> impl IntoView {
    html! {
        <div class="field">
            <label for="value">"Value"</label>
            <input class="input mono" id="value" name="value" type="password" autocomplete="off" spellcheck="false" aria-required="true"
                aria-invalid=(!error.is_empty()).then_some("true") aria-describedby="value-about" autofocus=focus/>
            <Under id="value-about" error=error help="Encrypted when saved. Nobody can read it again, not even in part.".to_owned()/>
        </div>
    }
}
