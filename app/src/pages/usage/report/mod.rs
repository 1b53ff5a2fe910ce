//! The full report: a form that says what is to be in the file, and the file.

mod form;
mod query;

use axum::{
    Router,
    body::Body,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use http::header;

use crate::{
    format::time,
    http::{Console, failure::Failure, page::Page},
};

/// The page.
const PATH: &str = "/usage/report";
/// The file.
const FILE: &str = "/usage/report.csv";

/// The routes of these pages.
pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route(PATH, get(form::show))
        .route(FILE, get(file))
}

/// `GET /usage/report.csv`. What cannot be answered leads to the page, which says why.
async fn file(page: Page) -> Result<Response, Failure> {
    let who = page.who()?;
    let query = query::plain(page.query());
    let Some(asked) = query::Asked::read(&query, &page.zone(), time::now()).query else {
        return Ok(Redirect::to(&page.query().address(PATH)).into_response());
    };
    let report = page.admin().usage().report_csv(who, &asked)?;
    let headers = [
        (header::CONTENT_TYPE, admin::csv::MEDIA_TYPE.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            admin::csv::disposition(&report.file_name),
        ),
    ];
    Ok((headers, Body::from_stream(report.lines)).into_response())
}
