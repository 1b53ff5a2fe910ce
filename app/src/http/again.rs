//! A form that could not be taken at the moment, since the database is locked or full: the page that says so holds
//! what was typed, to be sent again. Works without script, for every form; secret values are not sent back, the
//! form asks for them again.

use axum::{
    body::{Body, Bytes},
    extract::{FromRequest as _, Request},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{Method, header};
use leptos::prelude::*;

use super::{failure::Failure, fields::Fields, once, page::Page};
use crate::{
    kit::head::PageHead, pages::errors, provider_form::without_new_values, shell::nav::Place,
};

/// Fields with what nobody may read again: passwords, values of secrets, pasted credentials, and one-time links.
const SECRET: [&str; 7] = [
    "value",
    "password",
    "current_password",
    "new_password",
    "authorization",
    "credentials",
    "link",
];

/// Lets the request of somebody who has signed in through. Where a form is refused that may well be taken later,
/// it is kept in the page.
pub(super) async fn keep_form(page: &Page, request: Request, next: Next) -> Response {
    let is_form = request.method() == Method::POST
        && request
            .headers()
            .get(header::CONTENT_TYPE)
            .is_some_and(|ty| {
                ty.as_bytes()
                    .starts_with(b"application/x-www-form-urlencoded")
            });
    if !is_form {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let bytes = match Bytes::from_request(Request::new(body), &()).await {
        Ok(bytes) => bytes,
        Err(refused) => return refused.into_response(),
    };
    let request = Request::from_parts(parts, Body::from(bytes.clone()));
    let response = next.run(request).await;
    match response.extensions().get::<Failure>().cloned() {
        Some(failure) if failure.passes() => answer(page, &failure, &Fields::parse(&bytes)).await,
        _ => response,
    }
}

async fn answer(page: &Page, failure: &Failure, typed: &Fields) -> Response {
    let fields = SECRET
        .iter()
        .fold(without_new_values(typed), |fields, name| {
            fields.with(name, "")
        });
    let had_secret = fields != *typed;
    // The one that it had may be taken and could not be given back: nothing would ever be made with it.
    let fields = match fields.text(once::FIELD) {
        "" => fields,
        _ => fields.with(once::FIELD, &once::issue()),
    };
    let (title, words) = errors::title_and_words(page, failure);
    let (heading, action) = (title.clone(), page.here().to_owned());
    let response = page.html(failure.status(), &heading, Place::Elsewhere, move || {
        let held: Vec<_> = fields
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| {
                html! { <input type="hidden" name=name.to_owned() value=value.to_owned()/> }
            })
            .collect();
        html! {
            <PageHead title=title lede=words/>
            <form class="stack tight" method="post" action=action>
                {held}
                <p class="soft">"It may not have been saved, or only a part of it. What you typed is kept on this page: look at what is there before you send it again."</p>
                {had_secret.then(|| html! {
                    <p class="soft">"Passwords and the values of secrets are not kept. The form will ask for them again."</p>
                })}
                <div class="row"><button class="btn primary" type="submit">"Send again"</button></div>
            </form>
        }
    });
    errors::to_be_tried_again(response.await, failure)
}
