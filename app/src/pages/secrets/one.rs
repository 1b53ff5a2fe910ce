//! One secret: where it is used, a new value, and its end.

use admin::{AdminError, Thing, secrets::SecretView};
use axum::{extract::Path, response::Response};
use http::StatusCode;
use leptos::prelude::*;
use secrecy::SecretString;

use super::{address, create::ValueField};
use crate::{
    format::time,
    http::{failure::Failure, fields::Fields, flash::Flash, page::Page, wrong::Wrong},
    kit::{
        danger::DangerZone,
        figures::{When, WhenOr},
        head::PageHead,
        kv::Fact,
        note::{NoteBox, Tone},
    },
    pages::{audit, providers},
    shell::nav::Place,
};

/// `GET /secrets/{name}`
pub(super) async fn show(page: Page, Path(name): Path<String>) -> Result<Response, Failure> {
    answer(
        &page,
        StatusCode::OK,
        &name,
        &Fields::default(),
        &Wrong::NOTHING,
        None,
    )
    .await
}

/// `POST /secrets/{name}`: replaces the value.
pub(super) async fn replace(
    page: Page,
    Path(name): Path<String>,
    fields: Fields,
) -> Result<Response, Failure> {
    let who = page.who()?;
    find(&page, &name).await?;
    let value = SecretString::from(fields.get("value").unwrap_or_default());
    match page.admin().secrets().put(who, &name, value).await {
        Ok(()) => {
            let done = Flash::new(
                format!("{name} has a new value"),
                "Calls that begin from now on use it.",
            );
            Ok(page.go_on(&address(&name), done).await)
        }
        Err(error) => {
            let wrong = Wrong::read(error)?;
            answer(
                &page,
                StatusCode::UNPROCESSABLE_ENTITY,
                &name,
                &Fields::default(),
                &wrong,
                None,
            )
            .await
        }
    }
}

/// `POST /secrets/{name}/delete`
pub(super) async fn delete(
    page: Page,
    Path(name): Path<String>,
    fields: Fields,
) -> Result<Response, Failure> {
    let who = page.who()?;
    find(&page, &name).await?;
    if fields.text("confirm") != name {
        let wrong = Wrong::one("confirm", "This is not its name. Nothing was deleted.");
        return answer(
            &page,
            StatusCode::UNPROCESSABLE_ENTITY,
            &name,
            &fields,
            &wrong,
            None,
        )
        .await;
    }
    match page.admin().secrets().delete(who, &name).await {
        Ok(()) => Ok(page
            .go_on("/secrets", Flash::new(format!("{name} is deleted"), ""))
            .await),
        Err(AdminError::SecretInUse { .. }) => {
            let refused = "It is in use, so it was not deleted. Let these providers use another secret first.";
            answer(
                &page,
                StatusCode::CONFLICT,
                &name,
                &fields,
                &Wrong::NOTHING,
                Some(refused),
            )
            .await
        }
        Err(error) => Err(error.into()),
    }
}

async fn find(page: &Page, name: &str) -> Result<SecretView, Failure> {
    let all = page.admin().secrets().all(page.who()?).await?;
    let found = all.into_iter().find(|secret| secret.name.as_str() == name);
    found.ok_or_else(|| {
        AdminError::NotFound {
            what: Thing::Secret,
            id: name.to_owned(),
        }
        .into()
    })
}

async fn answer(
    page: &Page,
    status: StatusCode,
    name: &str,
    fields: &Fields,
    wrong: &Wrong,
    refused: Option<&'static str>,
) -> Result<Response, Failure> {
    let secret = find(page, name).await?;
    let confirm = wrong.typed(fields, "confirm");
    let value_error = wrong.of("value");
    let focus_value = wrong.is_first("value");
    Ok(page.html(status, name, Place::Secrets, move || {
        let now = time::now();
        let name = secret.name.to_string();
        let page = address(&name);
        let in_use = !secret.used_by.is_empty();
        let links = || {
            let links: Vec<_> = secret
                .used_by
                .iter()
                .map(|id| {
                    let (edit, id) = (providers::edit_address(id.as_str()), id.to_string());
                    html! { <a class="model" href=edit>{id}</a> }
                })
                .collect();
            html! { <span class="models">{links}</span> }
        };
        let used_by = if in_use { links() } else { html! { <span class="muted">"no provider"</span> } };
        let (updated, created, used) = (secret.updated_at, secret.created_at, secret.last_used_at);
        let end = if in_use {
            html! {
                <section class="card" id="delete" aria-labelledby="delete-title">
                    <div class="card-head"><h2 id="delete-title">"Delete this secret"</h2></div>
                    <div class="card-body">
                        {refused.map(|words| html! { <NoteBox tone=Tone::Bad>{words}</NoteBox> })}
                        <p class="soft">"It can be deleted once no provider refers to it any more. These do:"</p>
                        {links()}
                    </div>
                </section>
            }
        } else {
            html! {
                <DangerZone title="Delete this secret" action=format!("{page}/delete") expected=name.clone() button="Delete secret" typed=confirm>
                    "No provider refers to it. Its value is gone for good."
                </DangerZone>
            }
        };
        html! {
            <PageHead title=name.clone() crumbs=vec![("Secrets", "/secrets".to_owned())] here=name.clone()>
                <a class="btn" href=audit::changes("secret", &name)>"Changes"</a>
            </PageHead>
            <div class="cols-2">
                <section class="card" aria-labelledby="facts-title">
                    <div class="card-head"><h2 id="facts-title">"Use"</h2></div>
                    <div class="card-body">
                        <dl class="kv">
                            <Fact name="Used by">{used_by}</Fact>
                            <Fact name="Value set"><When moment=updated now=now/></Fact>
                            <Fact name="Made"><When moment=created now=now/></Fact>
                            <Fact name="Last used"><WhenOr moment=used now=now none="never"/></Fact>
                        </dl>
                    </div>
                </section>
                <form class="card" id="value-card" method="post" action=page.clone() aria-labelledby="value-title">
                    <div class="card-head"><h2 id="value-title">"Replace the value"</h2></div>
                    <div class="card-body">
                        <p class="soft">"Calls that begin afterwards use the new value; running ones end as they began. The old one is gone."</p>
                        <ValueField error=value_error focus=focus_value/>
                    </div>
                    <div class="card-foot"><button class="btn primary" type="submit">"Replace value"</button></div>
                </form>
            </div>
            {end}
        }
    })
        .await)
}
