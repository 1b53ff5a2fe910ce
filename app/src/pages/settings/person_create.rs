//! Adding a person.

use axum::response::Response;
use http::StatusCode;
use leptos::prelude::*;

use super::{link, people};
use crate::{
    http::{
        failure::Failure,
        fields::Fields,
        once::{self, Taken},
        page::{Page, shown_once},
        wrong::Wrong,
    },
    kit::{field::TextField, head::PageHead},
    pages::made_before,
    shell::nav::Place,
};

/// The address of the form.
const NEW: &str = "/settings/people/new";

/// `GET /settings/people/new`
pub(super) async fn show(page: Page) -> Response {
    form(&page, StatusCode::OK, &Fields::default(), &Wrong::NOTHING).await
}

/// `POST /settings/people/new`
pub(super) async fn submit(page: Page, fields: Fields) -> Result<Response, Failure> {
    let who = page.who()?;
    let id = fields.text(once::FIELD);
    if let Taken::Again(made) = once::take(page.session(), id).await? {
        let new = NEW.to_owned();
        return Ok(link::made_already(&page, made_before::PERSON, new, made).await);
    }
    match page.admin().people().add(who, fields.text("name")).await {
        Ok(new) => {
            once::note_made(page.session(), id, people::PATH).await;
            let title = format!("{} is added", new.name);
            Ok(shown_once(link::made(&page, &title, &new).await))
        }
        Err(error) => {
            once::give_back(page.session(), id).await?;
            let wrong = Wrong::read(error)?;
            Ok(form(&page, StatusCode::UNPROCESSABLE_ENTITY, &fields, &wrong).await)
        }
    }
}

async fn form(page: &Page, status: StatusCode, fields: &Fields, wrong: &Wrong) -> Response {
    let name = wrong.typed(fields, "name");
    page.html(status, "Add person", Place::Settings, move || {
        html! {
            <PageHead title="Add person" crumbs=link::crumbs() here="Add"/>
            <form class="card narrow" method="post" action=NEW>
                <input type="hidden" name=once::FIELD value=once::issue()/>
                <div class="card-body">
                    <TextField name="name" label="Name" typed=name focus=true help="They sign in with it, and the audit names them by it."/>
                    <p class="soft">
                        "You get a one-time link to hand on. With it they set a password of their own, within 24 hours. "
                        "Everybody who may sign in can do everything here."
                    </p>
                </div>
                <div class="card-foot">
                    <button class="btn primary" type="submit">"Add person"</button>
                    <a class="btn ghost" href=people::PATH>"Cancel"</a>
                </div>
            </form>
        }
    })
        .await
}
