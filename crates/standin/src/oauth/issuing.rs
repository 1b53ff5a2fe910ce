//! The paths at which tokens are issued, and their answers' common parts. It knows nothing of models.
//!
//! | path | who answers |
//! |---|---|
//! | `POST /{tenant}/oauth2/v2.0/token` | Microsoft Entra |
//! | `POST /token` | Google's token endpoint |
//! | `GET /computeMetadata/v1/…` | Google's metadata server |
//! | `GET /standin/service-account.json` | the stand-in: the key of its service account |

use std::borrow::Cow;

use bytes::Bytes;
use http::request::Parts;
use http::{Method, StatusCode};
use url::form_urlencoded;

use super::OAuth;
use super::tokens::Fresh;
use super::{entra, google, metadata};
use crate::json::object_text;
use crate::reply::{Content, Reply};

const FORM: &str = "application/x-www-form-urlencoded";

/// Answers a request for a token; `None` for any other.
pub(crate) fn answer(oauth: &OAuth, request: &Parts, body: &Bytes) -> Option<Reply> {
    let path = request.uri.path();
    let reply = match (&request.method, path) {
        (&Method::POST, "/token") => google::token(oauth, request, &Form(body)),
        (&Method::GET, "/standin/service-account.json") => {
            Reply::json(oauth.service_account(&base(request)).into_bytes())
        }
        (&Method::POST, _) => {
            let tenant = path.strip_prefix('/')?.strip_suffix("/oauth2/v2.0/token")?;
            entra::token(oauth, request, tenant, &Form(body))
        }
        (&Method::GET, _) => {
            let item = path.strip_prefix("/computeMetadata/v1/")?;
            metadata::answer(oauth, request, item)
        }
        _ => return None,
    };
    Some(reply)
}

/// Where the stand-in was asked, as the client wrote it.
pub(super) fn base(request: &Parts) -> String {
    let header = request
        .headers
        .get("host")
        .and_then(|host| host.to_str().ok());
    let authority = request.uri.authority().map(|host| host.as_str());
    format!("http://{}", header.or(authority).unwrap_or_default())
}

/// A form's members.
pub(super) struct Form<'f>(&'f [u8]);

impl Form<'_> {
    pub(super) fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        form_urlencoded::parse(self.0).find_map(|(found, value)| (found == name).then_some(value))
    }

    /// Whether it was sent as one.
    pub(super) fn is_form(request: &Parts) -> bool {
        let kind = request.headers.get("content-type");
        kind.is_some_and(|kind| kind.as_bytes().starts_with(FORM.as_bytes()))
    }
}

/// The answer with a token.
pub(super) fn bearer(token: &Fresh) -> Reply {
    Reply::object(|body| {
        body.text("access_token", &token.text)
            .number("expires_in", token.seconds)
            .text("token_type", "Bearer");
    })
    .with_header("cache-control", "no-store")
}

/// An error as OAuth has them.
pub(super) fn refusal(status: StatusCode, error: &str, description: &str) -> Reply {
    let body = object_text(|body| {
        body.text("error", error)
            .text("error_description", description);
    });
    Reply::of(status, Content::Json(body))
}

/// Nothing is issued now.
pub(super) fn unavailable() -> Reply {
    refusal(
        StatusCode::SERVICE_UNAVAILABLE,
        "temporarily_unavailable",
        "Tokens are not issued now.",
    )
}
