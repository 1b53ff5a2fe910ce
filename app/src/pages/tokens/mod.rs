//! Gateway tokens: what applications show to Weir. The token itself is shown once, when it is made.

mod create;
mod list;
mod one;

pub(crate) use list::TokenStatus;

use axum::{
    Router,
    routing::{get, post},
};

use crate::http::{Console, fields::path_part};

/// The routes of these pages.
pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/tokens", get(list::show))
        .route("/new-token", get(create::show).post(create::submit))
        .route("/tokens/{id}", get(one::show))
        .route("/tokens/{id}/revoke", post(one::revoke))
}

/// The address of a token's page.
pub(crate) fn address(id: &str) -> String {
    format!("/tokens/{}", path_part(id))
}
