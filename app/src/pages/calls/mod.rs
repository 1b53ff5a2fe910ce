//! Calls: the ledger, row by row.

mod account;
mod follow;
mod history;
mod list;
mod query;
pub(crate) mod table;

use axum::{Router, routing::get};

use crate::http::Console;

/// The routes of these pages.
pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/calls", get(list::show))
        .route("/calls/new", get(follow::count))
}
