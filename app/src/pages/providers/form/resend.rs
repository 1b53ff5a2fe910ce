//! A form that was sent after the session had ended: the page holds what was typed, to be sent again once one has
//! signed in. Works without script; with it the form is not even sent.
//!
//! Whoever asks is nobody: nothing is read or saved here, only what was sent goes back, without secret values.

use axum::response::Response;
use http::StatusCode;
use leptos::prelude::*;

use crate::{
    http::{fields::Fields, page::Page},
    provider_form::{has_new_value, without_new_values},
    shell::gate::Gate,
};

/// Whether a path takes the form of a provider.
pub(crate) fn takes_form(path: &str) -> bool {
    path == "/new-provider" || (path.starts_with("/providers/") && path.ends_with("/edit"))
}

/// Answers the page. `path`: where the form was sent.
pub(crate) async fn answer(page: &Page, path: &str, fields: &Fields) -> Response {
    let (look, action) = (page.look().clone(), path.to_owned());
    let had_value = has_new_value(fields);
    let fields = without_new_values(fields);
    page.bare_html(StatusCode::UNAUTHORIZED, TITLE, move || {
        let held: Vec<_> = fields
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| {
                html! { <input type="hidden" name=name.to_owned() value=value.to_owned()/> }
            })
            .collect();
        html! {
            <Gate title=TITLE.to_owned() look=look here="/".to_owned()>
                <p class="soft">
                    "The session has ended, so nothing was changed. What you typed is kept on this page: sign in in another tab, then \
                     come back here and send it again."
                </p>
                {had_value.then(|| html! {
                    <p class="soft">"The value of the new secret is not kept. The form will ask for it again."</p>
                })}
                <form class="stack tight" method="post" action=action>
                    {held}
                    <a class="btn" href="/sign-in" target="_blank">"Sign in in another tab"</a>
                    <button class="btn primary" type="submit">"Send again"</button>
                </form>
            </Gate>
        }
    })
    .await
}

const TITLE: &str = "You are signed out";
