//! Finding a page, a provider, a model, a secret, a token, or something to do, by a part of its name. A page
//! of its own, and the list in the palette that opens over every page.

mod gather;
mod rank;
mod view;

use axum::{Router, response::Response, routing::get};
use http::StatusCode;

use crate::{
    http::{Console, failure::Failure, page::Page},
    shell::nav::Place,
};

/// How many of a kind the palette shows.
const IN_PALETTE: usize = 6;
/// How many of a kind the page shows.
const ON_PAGE: usize = 100;

/// The routes of these pages.
pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/find", get(show))
        .route("/find/list", get(list))
}

/// `GET /find`
async fn show(page: Page) -> Result<Response, Failure> {
    let query = page.query().clone();
    let found = gather::found(&page, query.text("q"), ON_PAGE)?;
    let (here, keys) = (page.here().to_owned(), page.look().keys);
    Ok(page
        .html(StatusCode::OK, "Find", Place::Elsewhere, move || {
            view::page(found, &query, &here, keys)
        })
        .await)
}

/// `GET /find/list`: what the palette shows for `q`. `here` is the page that it stands over.
async fn list(page: Page) -> Result<Response, Failure> {
    let query = page.query();
    let found = gather::found(&page, query.text("q"), IN_PALETTE)?;
    let (typed, here) = (query.text("q").to_owned(), query.text("here").to_owned());
    let keys = page.look().keys;
    Ok(page
        .piece(move || view::palette(found, &typed, &here, keys))
        .await)
}
