//! Forms and addresses as HTTP carries them.

use std::fmt::Write as _;

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

pub(crate) use crate::fields::Fields;

/// What is left as it is in a query: letters, digits, and what reads well in an address.
const IN_QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'/')
    .remove(b':')
    .remove(b',');

impl Fields {
    /// Reads `application/x-www-form-urlencoded` text. Whatever is no such text reads as odd names.
    pub(crate) fn parse(text: &[u8]) -> Self {
        url::form_urlencoded::parse(text).into_owned().collect()
    }

    /// The address of `path` with these in its query.
    pub(crate) fn address(&self, path: &str) -> String {
        let mut address = path.to_owned();
        for (place, (name, value)) in self.iter().enumerate() {
            address.push(if place == 0 { '?' } else { '&' });
            // Writing to a String cannot fail.
            let _ = write!(
                address,
                "{}={}",
                utf8_percent_encode(name, IN_QUERY),
                utf8_percent_encode(value, IN_QUERY)
            );
        }
        address
    }
}

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let is_form = request
            .headers()
            .get(http::header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"));
        if !is_form {
            return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response());
        }
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(IntoResponse::into_response)?;
        Ok(Self::parse(&bytes))
    }
}

/// What is left as it is in a part of a path.
const IN_PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// A part of a path, made safe to stand in one.
pub(crate) fn path_part(text: &str) -> String {
    utf8_percent_encode(text, IN_PATH).to_string()
}

/// A path of this console to go on to, as it came with a request; `/` for anything else, so that nobody
/// can be led to another site.
pub(crate) fn local_path(text: &str) -> &str {
    let plain = text.starts_with('/')
        && !text.starts_with("//")
        && !text.contains('\\')
        && !text.chars().any(char::is_control);
    if plain { text } else { "/" }
}

#[cfg(test)]
mod tests;
