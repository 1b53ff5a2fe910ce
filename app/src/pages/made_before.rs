//! What is answered to a form that made a token before: a second token is made of nothing but a new form.

use axum::response::Response;
use http::StatusCode;
use leptos::prelude::*;

use crate::{
    http::page::{Page, shown_once},
    kit::head::{Crumb, PageHead},
    shell::nav::Place,
};

/// The form, and what is around it.
#[derive(Debug, Clone)]
pub(super) struct Form {
    /// Where its page belongs.
    pub(super) place: Place,
    /// The way to it.
    pub(super) crumbs: Vec<Crumb>,
    /// The address of a new one.
    pub(super) new: &'static str,
    /// The address of the list of what it makes.
    pub(super) list: &'static str,
}

/// Says that nothing was made. `made`: the address of what was made before; `None`: it is not known.
pub(super) async fn answer(page: &Page, form: Form, made: Option<String>) -> Response {
    let Form {
        place,
        crumbs,
        new,
        list,
    } = form;
    let answer = page.html(StatusCode::CONFLICT, "Made already", place, move || {
        let (words, way) = match made {
            Some(own_page) => (
                "This form was sent before, and its token was made then. The token was shown that once and cannot be shown \
                 again. If it is lost, revoke it and make another.",
                html! { <a class="btn primary" href=own_page>"Open the token’s page"</a> },
            ),
            None => (
                "This form was sent before, so nothing was made of it now. Look in the list whether its token is there.",
                html! { <a class="btn primary" href=list>"Show the tokens"</a> },
            ),
        };
        html! {
            <PageHead title="No second token was made" lede=words crumbs=crumbs here="Create"/>
            <div class="row">{way}<a class="btn" href=new>"Create another token"</a></div>
        }
    });
    shown_once(answer.await)
}
