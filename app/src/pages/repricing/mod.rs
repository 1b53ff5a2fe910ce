//! Re-pricing: what calls would cost by today's rates, and giving them that price.

mod act;
mod create;
mod difference;
mod list;
mod show;
mod words;

use axum::{
    Router,
    routing::{get, post},
};
use domain::Timestamp;

use crate::{
    format::zone::Zone,
    http::{
        Console,
        fields::{Fields, path_part},
    },
    kit::head::Crumb,
};

const PATH: &str = "/repricing";
const NEW: &str = "/repricing/new";

/// The routes of these pages.
pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route(PATH, get(list::show))
        .route(NEW, get(create::show).post(create::submit))
        .route("/repricing/{id}", get(show::show))
        .route("/repricing/{id}/apply", post(act::apply))
        .route("/repricing/{id}/discard", post(act::discard))
}

/// The address of one.
pub(crate) fn address(id: &str) -> String {
    format!("{PATH}/{}", path_part(id))
}

/// The address of the form, filled in for calls without a price that are like this and began in this range.
/// For the page that is being made.
pub(crate) fn for_unpriced(
    like: &[(&str, &str)],
    from: Option<Timestamp>,
    to: Option<Timestamp>,
) -> String {
    let mut query = Fields::default();
    for (name, value) in like {
        query.push(*name, *value);
    }
    let zone = Zone::here();
    for (name, moment) in [("from", from), ("to", to)] {
        if let Some(moment) = moment {
            query.push(name, zone.of_field(moment));
        }
    }
    query.push("only_unpriced", "on");
    query.address(NEW)
}

/// The address of the form for what a list of calls without a price is narrowed to.
pub(crate) fn for_list(query: &Fields) -> String {
    let mut form = Fields::default();
    for name in ["provider", "model", "range", "from", "to"] {
        for value in query.all(name).filter(|value| !value.trim().is_empty()) {
            form.push(name, value);
        }
    }
    form.push("only_unpriced", "on");
    form.address(NEW)
}

pub(crate) use words::calls;

/// The way to these pages.
fn crumbs(on_the_list: bool) -> Vec<Crumb> {
    let mut crumbs = vec![("Calls", "/calls".to_owned())];
    if !on_the_list {
        crumbs.push(("Re-pricing", PATH.to_owned()));
    }
    crumbs
}
