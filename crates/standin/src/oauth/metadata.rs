//! Google's metadata server, which machines there ask for their own token. It knows nothing of models.

use http::StatusCode;
use http::request::Parts;

use super::OAuth;
use super::issuing::{bearer, unavailable};
use super::tokens::Issuer;
use crate::reply::{Content, Reply};

const FLAVOR: &str = "metadata-flavor";
const GOOGLE: &str = "Google";

/// GET /computeMetadata/v1/{item}.
pub(super) fn answer(oauth: &OAuth, request: &Parts, item: &str) -> Reply {
    let shown = request.headers.get(FLAVOR);
    let reply = if shown.is_none_or(|shown| shown != GOOGLE) {
        plain(
            StatusCode::FORBIDDEN,
            "Missing Metadata-Flavor:Google header.",
        )
    } else {
        match item {
            "project/project-id" => plain(StatusCode::OK, &oauth.settings.project),
            "instance/service-accounts/default/email" => {
                plain(StatusCode::OK, &oauth.settings.client_email)
            }
            "instance/service-accounts/default/token" if oauth.tokens.is_refusing() => {
                unavailable()
            }
            "instance/service-accounts/default/token" => {
                bearer(&oauth.tokens.issue(Issuer::Metadata))
            }
            _ => plain(StatusCode::NOT_FOUND, "Not Found"),
        }
    };
    reply.with_header(FLAVOR, GOOGLE)
}

fn plain(status: StatusCode, words: &str) -> Reply {
    Reply::of(status, Content::Text(words.as_bytes().to_vec()))
}
