//! Adding a person.

use axum::response::Response;
use http::StatusCode;
use leptos::prelude::*;

use super::{link, people};
use crate::{
    http::{
        failure::Failure,
        fields::Fields,
        page::{Page, shown_once},
        wrong::Wrong,
    },
    kit::{field::TextField, head::PageHead},
    shell::nav::Place,
};

/// `GET /settings/people/new`
pub(super) async fn show(page: Page) -> Response {
    form(&page, StatusCode::OK, &Fields::default(), &Wrong::NOTHING).await
}

/// `POST /settings/people/new`
pub(super) async fn submit(page: Page, fields: Fields) -> Result<Response, Failure> {
    let people = page.admin().people();
    match people.add(page.who()?, fields.text("name")).await {
        Ok(new) => {
            let title = format!("{} is added", new.name);
            Ok(shown_once(link::once(&page, &title, &new).await))
        }
        Err(error) => {
            let wrong = Wrong::read(error)?;
            Ok(form(&page, StatusCode::UNPROCESSABLE_ENTITY, &fields, &wrong).await)
        }
    }
}

async fn form(page: &Page, status: StatusCode, fields: &Fields, wrong: &Wrong) -> Response {
    let name = wrong.typed(fields, "name");
    page.html(status, "Add person", Place::Settings, move || {
        let crumbs = vec![
            ("Settings", "/settings".to_owned()),
            ("People", people::PATH.to_owned()),
        ];
        html! {
            <PageHead title="Add person" crumbs=crumbs here="Add"/>
            <form class="card narrow" method="post" action="/settings/people/new">
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
