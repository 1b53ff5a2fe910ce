//! Cost & Usage: spend, requests and tokens over time, by whatever they are grouped by and narrowed to.

mod card;
mod choices;
mod csv;
mod figures;
mod filters;
mod limits;
mod names;
mod query;
pub(crate) mod range;
mod report;
mod show;
mod sum;
mod table;
mod tools;
mod tops;

use axum::{Router, routing::get};

use crate::http::Console;

/// The address of the page.
pub(crate) const PATH: &str = "/usage";

/// The routes of this page.
pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route(PATH, get(show::show))
        .route("/usage/spend.csv", get(csv::spend))
        .route("/usage/requests.csv", get(csv::requests))
        .route("/usage/tokens.csv", get(csv::tokens))
        .merge(report::routes())
}
