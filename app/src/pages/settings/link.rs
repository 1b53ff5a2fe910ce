//! A one-time link for one person: a form that says what it does, and the link, shown this once.

use admin::{
    AdminError, Thing,
    people::{NewLink, PersonView},
};
use axum::{extract::Path, response::Response};
use http::StatusCode;
use leptos::prelude::*;
use secrecy::ExposeSecret;

use super::people;
use crate::{
    format::{time, zone::Zone},
    http::{
        failure::Failure,
        fields::Fields,
        once::{self, Taken},
        page::{Page, shown_once},
    },
    kit::{
        figures::When,
        head::{Crumb, PageHead},
        note::{NoteBox, Tone},
        once_card::{Once, OnceCard},
    },
    pages::made_before::{self, Of},
    shell::nav::Place,
};

/// `GET /settings/people/{id}/link`: no link is made.
pub(super) async fn show(page: Page, Path(id): Path<String>) -> Result<Response, Failure> {
    let person = find(&page, &id).await?;
    Ok(form(&page, person).await)
}

/// `POST /settings/people/{id}/link`. The menu of a row sends no id that counts once: it is asked for first.
pub(super) async fn submit(
    page: Page,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response, Failure> {
    let who = page.who()?;
    let once_id = fields.text(once::FIELD);
    if once_id.is_empty() {
        return show(page, Path(id)).await;
    }
    if let Taken::Again(made) = once::take(page.session(), once_id).await? {
        let new = people::action(&id, "link");
        return Ok(made_already(&page, made_before::LINK, new, made).await);
    }
    match page.admin().people().make_link_for(who, &id).await {
        Ok(new) => {
            once::note_made(page.session(), once_id, people::PATH).await;
            let title = format!("A link for {}", new.name);
            Ok(shown_once(made(&page, &title, &new).await))
        }
        Err(error) => {
            once::give_back(page.session(), once_id).await?;
            Err(error.into())
        }
    }
}

/// Says that a form about people was sent before.
pub(super) async fn made_already(
    page: &Page,
    of: Of,
    new: String,
    made: Option<String>,
) -> Response {
    let form = made_before::Form {
        place: Place::Settings,
        crumbs: crumbs(),
        new,
        list: people::PATH,
        of,
    };
    made_before::answer(page, form, made).await
}

pub(super) fn crumbs() -> Vec<Crumb> {
    vec![
        ("Settings", "/settings".to_owned()),
        ("People", people::PATH.to_owned()),
    ]
}

async fn find(page: &Page, id: &str) -> Result<PersonView, Failure> {
    let everybody = page.admin().people().all(page.who()?).await?;
    let found = everybody
        .into_iter()
        .find(|person| person.id.to_string() == id);
    let missing = || AdminError::NotFound {
        what: Thing::Person,
        id: id.to_owned(),
    };
    Ok(found.ok_or_else(missing)?)
}

async fn form(page: &Page, person: PersonView) -> Response {
    let title = format!("A one-time link for {}", person.name);
    let heading = title.clone();
    page.html(StatusCode::OK, &title, Place::Settings, move || {
        let action = people::action(&person.id.to_string(), "link");
        let older = person.link_expires_at.is_some().then_some(
            " They have one already, which is no good any more once you make this one.",
        );
        html! {
            <PageHead title=heading crumbs=crumbs() here=person.name.clone()/>
            <form class="card narrow" method="post" action=action>
                <input type="hidden" name=once::FIELD value=once::issue()/>
                <div class="card-body">
                    <p class="soft">
                        "Whoever opens it sets the password of "<b>{person.name.clone()}</b>" and is signed in. It is good for one use, within 24 hours."
                        {older}
                    </p>
                </div>
                <div class="card-foot">
                    <button class="btn primary" type="submit">"Make the link"</button>
                    <a class="btn ghost" href=people::PATH>"Cancel"</a>
                </div>
            </form>
        }
    })
        .await
}

/// The link, this once. The way on opens when one says that it is handed on.
pub(super) async fn made(page: &Page, title: &str, new: &NewLink) -> Response {
    let once = Once {
        title: "Copy the one-time link now",
        id: "link",
        plain: new.address.expose_secret().to_owned(),
        copy: "Copy link",
        did: "copied",
        done: people::PATH,
        own_page: None,
    };
    let (name, expires_at) = (new.name.clone(), new.expires_at);
    let here = name.clone();
    let heading = title.to_owned();
    page.html(StatusCode::OK, title, Place::Settings, move || {
        let now = time::now();
        let warning = html! {
            <NoteBox tone=Tone::Warning>
                <b>"It is shown this once."</b>" Whoever opens it sets the password of "{name}
                " and is signed in. Hand it on where nobody else reads it."
            </NoteBox>
        };
        html! {
            <PageHead title=heading crumbs=crumbs() here=here/>
            <OnceCard once=once warning=warning>
                <p class="soft">
                    "It is good for one use, and expires "<When moment=expires_at now=now/>
                    {format!(" ({}). ", Zone::here().exact(expires_at))}
                    "An older link of theirs is no good any more."
                </p>
            </OnceCard>
        }
    })
    .await
}
