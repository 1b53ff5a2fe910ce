//! Secrets: upstream credentials under a name. Their values go in and never come out.

mod create;
mod list;
mod one;

use axum::{
    Router,
    routing::{get, post},
};

use crate::http::{Console, fields::path_part};

/// The routes of these pages.
pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/secrets", get(list::show))
        .route("/new-secret", get(create::show).post(create::submit))
        .route("/secrets/{name}", get(one::show).post(one::replace))
        .route("/secrets/{name}/delete", post(one::delete))
}

/// The address of a secret's page.
pub(crate) fn address(name: &str) -> String {
    format!("/secrets/{}", path_part(name))
}
