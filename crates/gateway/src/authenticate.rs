//! Who is calling: the gateway token in a request's headers.
//!
//! | provider | where the token is looked for, in this order |
//! |---|---|
//! | any | `x-weir-token`; where it is there, nothing else is tried |
//! | openai, openai_compatible, cohere | `Authorization: Bearer` |
//! | anthropic | `x-api-key`, `Authorization: Bearer` |
//! | google_ai | `x-goog-api-key`, `?key=`; on OpenAI-style paths `Authorization: Bearer` |
//! | vertex_ai | `Authorization: Bearer`, `x-goog-api-key`, `x-api-key`, `?key=` |
//! | bedrock | `Authorization: Bearer`; on Anthropic-style paths `x-api-key` too |
//! | azure_openai | `api-key`, `Authorization: Bearer` |
//! | anthropic with passthrough | nowhere else: `Authorization` is the client's own |
//! | unknown | every header above and those of other SDKs, so that 401 comes before 404 |

use std::{borrow::Cow, sync::Arc};

use admin::live::{LiveToken, Snapshot};
use domain::{
    Timestamp,
    provider::{AnthropicAuth, Upstream},
    token::{API_TOKEN_PREFIX, TOKEN_PREFIX, TokenHash},
};
use http::{HeaderMap, HeaderName, header::AUTHORIZATION, request::Parts};
use sha2::{Digest, Sha256};

use wire::route::Dialect;

use crate::{headers::WEIR_TOKEN, query, refusal::Refusal};

/// One place where a token may stand.
#[derive(Clone, Copy)]
enum Place {
    Bearer,
    Key(&'static str),
    /// The query's `key`.
    Query,
}

const UNKNOWN_PROVIDER: &[Place] = &[
    Place::Bearer,
    Place::Key("x-api-key"),
    Place::Key("x-goog-api-key"),
    Place::Key("api-key"),
];
const AZURE: &[Place] = &[Place::Key("api-key"), Place::Bearer];

fn places(upstream: Option<&Upstream>, dialect: Dialect) -> (&'static [Place], &'static str) {
    match upstream {
        Some(Upstream::GoogleAi { .. }) => match dialect {
            Dialect::OpenAi => (&[Place::Bearer], "Authorization: Bearer"),
            Dialect::Google | Dialect::Anthropic | Dialect::Aws | Dialect::Cohere => (
                &[Place::Key("x-goog-api-key"), Place::Query],
                "x-goog-api-key",
            ),
        },
        // Google's own clients send a key as one, and everybody else's a token.
        Some(Upstream::VertexAi { .. }) => (
            &[
                Place::Bearer,
                Place::Key("x-goog-api-key"),
                Place::Key("x-api-key"),
                Place::Query,
            ],
            "Authorization: Bearer",
        ),
        Some(Upstream::AzureOpenAi { .. }) => (AZURE, "api-key"),
        Some(Upstream::Bedrock { .. }) => match dialect {
            Dialect::Anthropic => (&[Place::Key("x-api-key"), Place::Bearer], "x-api-key"),
            Dialect::Aws | Dialect::OpenAi | Dialect::Google | Dialect::Cohere => {
                (&[Place::Bearer], "Authorization: Bearer")
            }
        },
        Some(
            Upstream::OpenAi { .. } | Upstream::OpenAiCompatible { .. } | Upstream::Cohere { .. },
        ) => (&[Place::Bearer], "Authorization: Bearer"),
        Some(Upstream::Anthropic {
            auth: AnthropicAuth::Key(_),
            ..
        }) => (&[Place::Key("x-api-key"), Place::Bearer], "x-api-key"),
        Some(Upstream::Anthropic {
            auth: AnthropicAuth::Passthrough,
            ..
        }) => (&[], "x-weir-token (Authorization is passed on)"),
        None => (UNKNOWN_PROVIDER, "Authorization: Bearer"),
    }
}

/// Finds the token in the headers and whom it stands for.
///
/// # Errors
/// A [`Refusal`] with status 401.
pub(crate) fn caller(
    request: &Parts,
    upstream: Option<&Upstream>,
    dialect: Dialect,
    snapshot: &Snapshot,
    now: Timestamp,
) -> Result<Arc<LiveToken>, Refusal> {
    let headers = &request.headers;
    if let Some(Upstream::Anthropic {
        auth: AnthropicAuth::Passthrough,
        ..
    }) = upstream
        && holds_token(headers)
    {
        return Err(Refusal::TokenInPassthrough);
    }
    let (places, header) = places(upstream, dialect);
    let own = headers
        .get(WEIR_TOKEN)
        .map(|value| value.to_str().unwrap_or_default());
    let shown: Vec<Cow<'_, str>> = match own {
        Some(own) => vec![own.into()],
        None => places
            .iter()
            .filter_map(|place| at(request, *place))
            .collect(),
    };
    if shown.is_empty() {
        return Err(Refusal::TokenMissing { header });
    }
    // Some clients send a key of their own beside the token.
    let token = shown
        .into_iter()
        .find_map(|token| {
            let hash = TokenHash(Sha256::digest(token.as_bytes()).into());
            snapshot.tokens.get(&hash)
        })
        .ok_or(Refusal::TokenUnknown)?;
    if token.has_expired(now) {
        return Err(Refusal::TokenExpired);
    }
    Ok(Arc::clone(token))
}

/// Whether a token of Weir's stands anywhere in `Authorization`, whatever the scheme.
fn holds_token(headers: &HeaderMap) -> bool {
    headers.get_all(AUTHORIZATION).iter().any(|value| {
        value
            .as_bytes()
            .split(|byte| byte.is_ascii_whitespace() || matches!(byte, b',' | b':' | b'"' | b'='))
            .any(|word| {
                word.starts_with(TOKEN_PREFIX.as_bytes())
                    || word.starts_with(API_TOKEN_PREFIX.as_bytes())
            })
    })
}

fn at(request: &Parts, place: Place) -> Option<Cow<'_, str>> {
    let headers = &request.headers;
    match place {
        Place::Bearer => bearer(headers).map(Cow::Borrowed),
        Place::Key(name) => {
            let value = headers.get(HeaderName::from_static(name))?.to_str();
            value.ok().map(Cow::Borrowed)
        }
        Place::Query => query::key(request.uri.query()?),
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The client's own credential, for passthrough.
///
/// # Errors
/// [`Refusal::AuthorizationMissing`].
pub(crate) fn own_authorization(headers: &HeaderMap) -> Result<http::HeaderValue, Refusal> {
    let mut value = headers
        .get(AUTHORIZATION)
        .cloned()
        .ok_or(Refusal::AuthorizationMissing)?;
    value.set_sensitive(true);
    Ok(value)
}
