//! Calls: the ledger, row by row.

mod account;
mod follow;
mod history;
pub(in crate::pages) mod list;
pub(in crate::pages) mod query;
pub(crate) mod table;

use axum::{Router, routing::get};
use domain::{CallId, Timestamp};

use crate::http::{Console, fields::Fields};

/// The routes of these pages.
pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/calls", get(list::show))
        .route("/calls/new", get(follow::count))
}

/// The address of a call's row, opened. When it began stands in its id, so that it is found among the calls of
/// that moment, however old it is and however many there were then.
pub(crate) fn address(id: CallId) -> String {
    const MILLIS_AT: u32 = 80;
    /// How far the clock of an id and that of its call may be apart.
    const APART: i64 = 5;
    let millis = i64::try_from(id.0.as_u128() >> MILLIS_AT).unwrap_or_default();
    let moment = |millis| Timestamp::from_millisecond(millis).unwrap_or_default();
    let mut query = Fields::from([("open", id.to_string().as_str()), ("rows", "100")]);
    query.push("from", moment(millis.saturating_sub(APART)).to_string());
    query.push("to", moment(millis.saturating_add(APART)).to_string());
    query.address(list::PATH)
}
