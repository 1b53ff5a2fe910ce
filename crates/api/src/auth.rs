//! Who asks. Closed by default: what is open is listed, not what is protected.

use std::fmt;

use admin::{Actor, ClientAddress, Who};
use axum::{
    extract::{FromRequestParts, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::future::BoxFuture;
use http::{HeaderMap, HeaderValue, header, request::Parts};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{ApiState, docs, problem::ApiError};

/// The paths that anybody may read: a style sheet without any data in it.
pub const OPEN_PATHS: &[&str] = &[docs::STYLE_PATH];

/// The paths that [`ApiState::docs_readers`] may read too. Nothing else: a browser that is signed in
/// sends its cookie with every request, wanted or not, so a session must never change anything here.
const DOCS_PATHS: &[&str] = &[docs::PAGE_PATH, docs::DOCUMENT_PATH];

/// Tells who asks by something else than the admin token, such as the console's session.
pub trait Authorizer: Send + Sync {
    /// Who sends this request. `None`: nobody that is known.
    fn who<'a>(&'a self, request: &'a Parts) -> BoxFuture<'a, Option<Who>>;
}

/// Whoever asks. A handler that takes one runs only after the check.
#[derive(Debug, Clone)]
pub(crate) struct Caller(pub(crate) Who);

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or(ApiError::NoToken)
    }
}

/// Lets a request through to its route only when it is known who sends it.
pub(crate) async fn check(State(state): State<ApiState>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    if !OPEN_PATHS.contains(&parts.uri.path()) {
        match caller(&state, &parts).await {
            Ok(who) => parts.extensions.insert(Caller(who)),
            Err(error) => return sealed(error.into_response()),
        };
    }
    sealed(next.run(Request::from_parts(parts, body)).await)
}

async fn caller(state: &ApiState, parts: &Parts) -> Result<Who, ApiError> {
    let by_token = by_token(state, &parts.headers);
    if let Ok(actor) = by_token {
        let address = parts
            .extensions
            .get::<ClientAddress>()
            .map(|address| address.0);
        return Ok(Who::checked(actor, address));
    }
    if DOCS_PATHS.contains(&parts.uri.path())
        && let Some(readers) = &state.docs_readers
        && let Some(who) = readers.who(parts).await
    {
        return Ok(who);
    }
    by_token.and(Err(ApiError::NoToken))
}

/// Who shows a token: a person one of their own, or whoever knows the admin token.
fn by_token(state: &ApiState, headers: &HeaderMap) -> Result<Actor, ApiError> {
    let shown = headers.get(header::AUTHORIZATION).and_then(bearer);
    if let Some(shown) = shown.and_then(|shown| std::str::from_utf8(shown).ok()) {
        let own = state.admin.api_tokens().recognise(&shown.into());
        if let Some(person) = own {
            return Ok(person);
        }
    }
    let wanted = state.admin_token.as_ref();
    let wanted = wanted.filter(|wanted| !wanted.expose_secret().is_empty());
    match (shown, wanted) {
        (Some(shown), Some(wanted)) if is_same(shown, wanted) => Ok(Actor::AdminToken),
        (Some(_), _) => Err(ApiError::WrongToken),
        (None, Some(_)) => Err(ApiError::NoToken),
        (None, None) => Err(ApiError::Closed),
    }
}

/// Compares hashes, so that neither the time that it takes nor where it stops tells anything.
fn is_same(shown: &[u8], wanted: &SecretString) -> bool {
    let wanted = Sha256::digest(wanted.expose_secret().as_bytes());
    Sha256::digest(shown)
        .as_slice()
        .ct_eq(wanted.as_slice())
        .into()
}

/// What stands behind `Bearer`.
fn bearer(value: &HeaderValue) -> Option<&[u8]> {
    let (scheme, token) = value.as_bytes().split_at_checked("bearer ".len())?;
    scheme
        .eq_ignore_ascii_case(b"bearer ")
        .then(|| token.trim_ascii())
}

/// Headers that every answer has: nothing is kept by caches, nothing is guessed by browsers.
fn sealed(mut answer: Response) -> Response {
    let headers = answer.headers_mut();
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    answer
}

impl fmt::Debug for dyn Authorizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Authorizer")
    }
}
