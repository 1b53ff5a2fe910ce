//! What is answered to a form that counts once and was sent before: a second token, a second link is made of
//! nothing but a new form.

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
    pub(super) new: String,
    /// The address of the list of what it makes.
    pub(super) list: &'static str,
    /// What it makes, in words.
    pub(super) of: Of,
}

/// How the page tells of what was made before.
#[derive(Debug, Clone, Copy)]
pub(super) struct Of {
    title: &'static str,
    /// Where it is known what was made, and where it is not.
    known: &'static str,
    unknown: &'static str,
    /// The ways on: to what was made, to the list, to a new form.
    open: &'static str,
    list: &'static str,
    another: &'static str,
}

/// A gateway token, or an API token.
pub(super) const TOKEN: Of = Of {
    title: "No second token was made",
    known: "This form was sent before, and its token was made then. The token was shown that once and cannot be shown \
            again. If it is lost, revoke it and make another.",
    unknown: "This form was sent before, so nothing was made of it now. Look in the list whether its token is there.",
    open: "Open the token’s page",
    list: "Show the tokens",
    another: "Create another token",
};

/// A one-time link.
pub(super) const LINK: Of = Of {
    title: "No second link was made",
    known: "This form was sent before, and its link was made then. The link was shown that once and cannot be shown \
            again. If it is lost, make another: then the lost one is no good any more.",
    unknown: "This form was sent before, so nothing was made of it now. The list says who has a link.",
    open: "Show the people",
    list: "Show the people",
    another: "Make another link",
};

/// A person, with a one-time link.
pub(super) const PERSON: Of = Of {
    title: "Nobody else was added",
    known: "This form was sent before, and the person was added then. Their one-time link was shown that once and cannot \
            be shown again. If it is lost, make another from their row of the list.",
    unknown: "This form was sent before, so nobody was added now. Look in the list whether the person is there.",
    open: "Show the people",
    list: "Show the people",
    another: "Add another person",
};

/// Says that nothing was made. `made`: the address of what was made before; `None`: it is not known.
pub(super) async fn answer(page: &Page, form: Form, made: Option<String>) -> Response {
    let Form {
        place,
        crumbs,
        new,
        list,
        of,
    } = form;
    let answer = page.html(StatusCode::CONFLICT, "Made already", place, move || {
        let (words, href, label) = match made {
            Some(address) => (of.known, address, of.open),
            None => (of.unknown, list.to_owned(), of.list),
        };
        html! {
            <PageHead title=of.title lede=words crumbs=crumbs here="Create"/>
            <div class="row"><a class="btn primary" href=href>{label}</a><a class="btn" href=new>{of.another}</a></div>
        }
    });
    shown_once(answer.await)
}
