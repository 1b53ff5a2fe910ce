//! The API's description as it is served: the document, and a page for people that is rendered from it.
//!
//! The page needs nothing but itself and one style sheet: no scripts, no other addresses, offline too.

mod html;
mod page;
mod tree;

use std::sync::LazyLock;

use axum::response::IntoResponse;
use http::{HeaderName, HeaderValue, header};

use crate::{auth::Caller, extract::NoQuery, openapi};

/// Where the document is.
pub(crate) const DOCUMENT_PATH: &str = "/api/openapi.json";
/// Where the page is.
pub(crate) const PAGE_PATH: &str = "/api/docs";
/// Where the page's style sheet is.
pub(crate) const STYLE_PATH: &str = "/api/docs/style.css";

/// Lets the page load its style sheet and nothing else.
const POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const STYLE: &str = include_str!("docs/style.css");

/// Made when they are first asked for, then kept. That neither is empty is proven by tests.
static DOCUMENT: LazyLock<String> =
    LazyLock::new(|| serde_json::to_string(&openapi::document()).unwrap_or_default());
static PAGE: LazyLock<String> = LazyLock::new(|| {
    serde_json::from_str(&DOCUMENT)
        .map(|document| page::render(&document))
        .unwrap_or_default()
});

/// `GET /api/openapi.json`
pub(crate) async fn document(_: Caller, _: NoQuery) -> impl IntoResponse {
    typed("application/json", DOCUMENT.as_str())
}

/// `GET /api/docs`
pub(crate) async fn page(_: Caller, _: NoQuery) -> impl IntoResponse {
    typed("text/html; charset=utf-8", PAGE.as_str())
}

/// `GET /api/docs/style.css`
pub(crate) async fn style() -> impl IntoResponse {
    typed("text/css; charset=utf-8", STYLE)
}

fn typed(media_type: &'static str, body: &'static str) -> impl IntoResponse {
    let headers: [(HeaderName, HeaderValue); 2] = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(POLICY),
        ),
    ];
    (headers, body)
}
