//! What routes read from the address and from headers.

use std::convert::Infallible;

use admin::{providers::BasedOn, query::Params};
use axum::extract::{FromRequestParts, Path};
use http::{HeaderMap, HeaderName, HeaderValue, header, request::Parts};

use crate::problem::ApiError;

/// The id or name in a path.
pub(crate) struct Id(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let path: Result<Path<String>, _> = Path::from_request_parts(parts, state).await;
        path.map(|Path(id)| Self(id))
            .map_err(|_| ApiError::NoSuchPath(parts.uri.path().to_owned()))
    }
}

/// What stands behind the `?`, for `admin` to read.
pub(crate) struct Query(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(parts.uri.query().unwrap_or_default().to_owned()))
    }
}

/// Nothing stands behind the `?`.
pub(crate) struct NoQuery;

impl<S: Send + Sync> FromRequestParts<S> for NoQuery {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Params::parse(parts.uri.query().unwrap_or_default()).end()?;
        Ok(Self)
    }
}

/// `If-Match`: which version a change is based on. Left out or `*`: whatever it is now.
pub(crate) struct IfMatch(pub(crate) BasedOn);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(based_on(&parts.headers)))
    }
}

/// A tag that no version has matches none, so that a change with it is refused.
fn based_on(headers: &HeaderMap) -> BasedOn {
    if !headers.contains_key(header::IF_MATCH) {
        return BasedOn::Newest;
    }
    let mut versions = vec![];
    for value in headers.get_all(header::IF_MATCH) {
        for tag in value.to_str().unwrap_or_default().split(',').map(str::trim) {
            if tag == "*" {
                return BasedOn::Newest;
            }
            // A proxy that compresses may have made the tag a weak one; the version is as good.
            let tag = tag.strip_prefix("W/").unwrap_or(tag);
            versions.extend(tag.trim_matches('"').parse::<u64>().ok());
        }
    }
    BasedOn::OneOf(versions)
}

/// The `ETag` of a version.
pub(crate) fn etag(version: u64) -> Option<(HeaderName, HeaderValue)> {
    HeaderValue::try_from(format!("\"{version}\""))
        .ok()
        .map(|tag| (header::ETAG, tag))
}
