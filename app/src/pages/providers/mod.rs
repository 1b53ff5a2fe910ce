//! LLM providers: the list, the form that makes and changes them, and the page of each.
//!
//! The form and what belongs to it stand under `/new-provider`, so that a provider may have any id.

mod act;
pub(crate) mod form;
mod import;
mod list;
pub(crate) mod places;
mod setups;
mod show;
mod standing;
mod told;
pub(super) mod week;

pub(super) use show::overview::{Strip, calls_in_words};

use axum::{
    Router,
    routing::{get, post},
};

use crate::http::{Console, failure::Failure, fields::path_part, page::Page};

/// The routes of these pages.
pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/providers", get(list::show))
        .route(
            "/new-provider",
            get(form::create::show).post(form::create::submit),
        )
        .route(
            "/new-provider/import",
            get(import::show).post(import::submit),
        )
        .route("/new-provider/free-id", get(form::create::free_id))
        .route("/providers/{id}", get(show::overview))
        .route("/providers/{id}/models", get(show::models))
        .route("/providers/{id}/connect", get(show::connect))
        .route("/providers/{id}/activity", get(show::activity))
        .route(
            "/providers/{id}/edit",
            get(form::edit::show).post(form::edit::submit),
        )
        .route(
            "/providers/{id}/test",
            get(show::test_again).post(show::test),
        )
        .route("/providers/{id}/enable", post(act::enable))
        .route("/providers/{id}/disable", post(act::disable))
        .route("/providers/{id}/delete", post(act::delete))
}

/// The address of a provider's page.
pub(crate) fn address(id: &str) -> String {
    format!("/providers/{}", path_part(id))
}

/// The address of the form that changes a provider.
pub(crate) fn edit_address(id: &str) -> String {
    format!("/providers/{}/edit", path_part(id))
}

/// Id and display name of every provider, by name.
///
/// # Errors
/// What admin says.
pub(crate) async fn names(page: &Page) -> Result<Vec<(String, String)>, Failure> {
    page.who()?;
    let snapshot = page.admin().live().keep();
    let mut names: Vec<(String, String)> = snapshot
        .providers
        .values()
        .map(|live| {
            (
                live.provider.id.to_string(),
                live.provider.display_name.clone(),
            )
        })
        .collect();
    names.sort_by_key(|(id, name)| (name.to_lowercase(), id.clone()));
    Ok(names)
}
