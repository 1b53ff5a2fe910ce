//! Settings: the zone of reports and how Weir is, people, one's own API tokens, what is kept of calls and of
//! what is said in them.

mod api_token;
mod api_token_create;
mod api_tokens;
mod general;
mod link;
mod people;
mod person_create;
pub(crate) mod storage;
pub(crate) mod transcripts;

use axum::{
    Router,
    routing::{get, post},
};
use leptos::prelude::*;

use crate::{
    http::{Console, fields::path_part},
    kit::head::PageHead,
};

macro_rules! tabs {
    ($($name:ident = $address:literal, $label:literal;)+) => {
        /// A tab of the settings, each with an address of its own.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Tab { $($name,)+ }

        /// Every tab with its address and its label, in order.
        const TABS: &[(Tab, &str, &str)] = &[$((Tab::$name, $address, $label),)+];
    };
}

tabs! {
    General = "/settings", "General";
    People = "/settings/people", "People";
    ApiTokens = "/settings/api-tokens", "API tokens";
    Storage = "/settings/storage", "Storage";
    Transcripts = "/settings/transcripts", "Transcripts";
    Catalog = "/settings/catalog", "Catalog";
    Password = "/account/password", "Password";
}

/// The routes of these pages. That of the password is with the account.
pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/settings", get(general::show).post(general::submit))
        .route(storage::PATH, get(storage::show).post(storage::submit))
        .route(storage::CHECK, post(storage::check))
        .route(
            transcripts::PATH,
            get(transcripts::show).post(transcripts::submit),
        )
        .route("/settings/people", get(people::show))
        .route(
            "/settings/people/new",
            get(person_create::show).post(person_create::submit),
        )
        .route("/settings/people/{id}/disable", post(people::disable))
        .route("/settings/people/{id}/enable", post(people::enable))
        .route(
            "/settings/people/{id}/link",
            get(link::show).post(link::submit),
        )
        .route("/settings/api-tokens", get(api_tokens::show))
        .route(
            "/settings/api-tokens/new",
            get(api_token_create::show).post(api_token_create::submit),
        )
        .route("/settings/api-tokens/{id}", get(api_token::show))
        .route("/settings/api-tokens/{id}/revoke", post(api_token::revoke))
}

/// The address of one of one's own API tokens.
pub(crate) fn api_token_address(id: &str) -> String {
    format!("/settings/api-tokens/{}", path_part(id))
}

/// Head and tabs.
#[component]
pub(crate) fn Head(
    tab: Tab,
    #[prop(into)] lede: String,
    /// The actions.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let tabs = TABS.iter().map(|(of, address, label)| {
        html! { <a href=*address aria-current=(*of == tab).then_some("page")>{*label}</a> }
    });
    let head = match children {
        Some(actions) => html! { <PageHead title="Settings" lede=lede>{actions()}</PageHead> },
        None => html! { <PageHead title="Settings" lede=lede/> },
    };
    html! {
        {head}
        <nav class="tabs" aria-label="Settings">{tabs.collect_view()}</nav>
    }
}
