//! Audit: who changed what, when, from where, with what result.

mod difference;
mod list;
mod query;
mod table;
mod words;

use axum::{Router, routing::get};

use crate::http::{Console, fields::Fields};

const PATH: &str = "/audit";

/// The routes of these pages.
pub(super) fn routes() -> Router<Console> {
    Router::new().route(PATH, get(list::show))
}

pub(crate) use words::actor;

/// The address of all that was changed of one kind.
pub(crate) fn of_kind(kind: &str) -> String {
    Fields::from([("kind", kind)]).address(PATH)
}

/// The address of all that was changed of one object.
pub(crate) fn changes(kind: &str, id: &str) -> String {
    Fields::from([("kind", kind), ("object", id)]).address(PATH)
}
