//! What a browser remembers for a person, in cookies that are no secret: how the console looks and behaves
//! here. Read by the server, so that the first paint is right, and by the islands themselves.

use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, HeaderValue, header};

use super::fields::local_path;

/// The value of a cookie that came with a request.
pub(crate) fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(given, _)| *given == name)
        .map(|(_, value)| value)
}

/// Goes back to a page of this console, with a cookie that lasts a year.
pub(crate) fn remember(name: &str, value: &str, back: &str) -> Response {
    let mut response = Redirect::to(local_path(back)).into_response();
    let cookie = format!("{name}={value}; Path=/; Max-Age=31536000; SameSite=Lax");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
