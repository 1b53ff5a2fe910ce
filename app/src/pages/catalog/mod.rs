//! The catalog: which one is in use, a newer one in its place, and every model with its list prices.

mod act;
mod changes;
mod models;
mod show;
mod upload;
mod words;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
};

use crate::http::Console;

/// The address of the catalog's page.
const PATH: &str = "/settings/catalog";
/// The address of what the catalog that waits would change.
const CHANGES: &str = "/settings/catalog/changes";

/// The routes of these pages.
pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route(
            PATH,
            get(show::show)
                .post(act::upload)
                .layer(DefaultBodyLimit::max(upload::MOST)),
        )
        .route(CHANGES, get(changes::show))
        .route("/settings/catalog/refresh", post(act::refresh))
        .route("/settings/catalog/builtin", post(act::builtin))
        .route("/settings/catalog/apply", post(act::apply))
        .route("/settings/catalog/discard", post(act::discard))
}
