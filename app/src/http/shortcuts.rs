//! Whether single keys do something: remembered in a cookie, since not everybody wants them to. The list
//! of them is a page of its own.

use axum::response::Response;
use http::HeaderMap;

use super::{fields::Fields, remembered};

/// The cookie. Not secret, and read by the keys' island itself.
pub(crate) const COOKIE: &str = "weir_keys";
const OFF: &str = "off";

/// Whether single keys do something in this browser. They do unless they were switched off.
pub(crate) fn are_on(headers: &HeaderMap) -> bool {
    remembered::read(headers, COOKIE) != Some(OFF)
}

/// `POST /keys`: switches them on or off.
pub(crate) async fn switch(fields: Fields) -> Response {
    let chosen = if fields.text("keys") == OFF {
        OFF
    } else {
        "on"
    };
    remembered::remember(COOKIE, chosen, fields.text("back"))
}
