//! A one-time link for one person, shown this once.

use admin::people::NewLink;
use axum::{
    extract::Path,
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use leptos::prelude::*;
use secrecy::ExposeSecret;

use super::people;
use crate::{
    format::{time, zone::Zone},
    http::{
        failure::Failure,
        page::{Page, shown_once},
    },
    kit::{
        copy::CopyWide,
        figures::When,
        head::PageHead,
        note::{NoteBox, Tone},
    },
    shell::nav::Place,
};

/// `POST /settings/people/{id}/link`
pub(super) async fn submit(page: Page, Path(id): Path<String>) -> Result<Response, Failure> {
    let made = page.admin().people();
    let new = made.make_link_for(page.who()?, &id).await?;
    let title = format!("A link for {}", new.name);
    Ok(shown_once(once(&page, &title, &new).await))
}

/// `GET /settings/people/{id}/link`: where one comes by going back; no link is made.
pub(super) async fn again(Path(_): Path<String>) -> Response {
    Redirect::to(people::PATH).into_response()
}

/// The link, this once. The way on opens when one says that it is handed on.
pub(super) async fn once(page: &Page, title: &str, new: &NewLink) -> Response {
    let address = new.address.expose_secret().to_owned();
    let (name, expires_at) = (new.name.clone(), new.expires_at);
    let heading = title.to_owned();
    page.html(StatusCode::OK, title, Place::Settings, move || {
        let now = time::now();
        let crumbs = vec![
            ("Settings", "/settings".to_owned()),
            ("People", people::PATH.to_owned()),
        ];
        html! {
            <PageHead title=heading crumbs=crumbs here=name.clone()/>
            <section class="card narrow once" aria-labelledby="once-title">
                <div class="card-head"><h2 id="once-title">"Copy the one-time link now"</h2></div>
                <div class="card-body">
                    <NoteBox tone=Tone::Warning>
                        <b>"It is shown this once."</b>" Whoever opens it sets the password of "{name.clone()}
                        " and is signed in. Hand it on where nobody else reads it."
                    </NoteBox>
                    <div class="plain-token">
                        <code id="link" class="break">{address.clone()}</code>
                        <CopyWide text=address label="Copy link"/>
                    </div>
                    <p class="soft">
                        "It is good for one use, and expires "<When moment=expires_at now=now/>
                        {format!(" ({}). ", Zone::here().exact(expires_at))}
                        "An older link of theirs is no good any more."
                    </p>
                    <label class="check"><input type="checkbox" id="saved"/><span>"I copied it"</span></label>
                </div>
                <div class="card-foot">
                    <span class="help until-saved">"Say that you copied it, and you can go on."</span>
                    <a class="btn primary when-saved" href=people::PATH>"Done"</a>
                </div>
            </section>
        }
    })
        .await
}
