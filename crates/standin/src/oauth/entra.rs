//! Microsoft Entra: tokens for an application. It knows nothing of models.

use http::StatusCode;
use http::request::Parts;

use super::OAuth;
use super::issuing::{Form, bearer, refusal, unavailable};
use super::tokens::Issuer;
use crate::reply::Reply;

/// What tokens can be for.
const SCOPES: [&str; 3] = [
    "https://cognitiveservices.azure.com/.default",
    "https://cognitiveservices.azure.us/.default",
    "https://ai.azure.com/.default",
];

/// POST /{tenant}/oauth2/v2.0/token.
pub(super) fn token(oauth: &OAuth, request: &Parts, tenant: &str, form: &Form<'_>) -> Reply {
    let settings = &oauth.settings;
    let is = |name: &str, expected: &str| form.get(name).is_some_and(|value| value == expected);
    let scope = form.get("scope").unwrap_or_default();
    if !Form::is_form(request) {
        invalid(
            "AADSTS900144: The request body must contain the following parameter: 'grant_type'.",
        )
    } else if tenant != settings.tenant {
        invalid(&format!(
            "AADSTS90002: Tenant '{tenant}' not found. Check to make sure you have the correct \
             tenant ID and are signing into the correct cloud."
        ))
    } else if !is("grant_type", "client_credentials") {
        let words = "AADSTS70003: The app requested an unsupported grant type.";
        denied(StatusCode::BAD_REQUEST, "unsupported_grant_type", words)
    } else if !is("client_id", &settings.client_id) {
        let words = format!(
            "AADSTS700016: Application with identifier '{}' was not found in the directory \
             '{tenant}'.",
            form.get("client_id").unwrap_or_default()
        );
        denied(StatusCode::BAD_REQUEST, "unauthorized_client", &words)
    } else if !is("client_secret", &settings.client_secret) {
        let words = format!(
            "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the \
             request is the client secret value, not the client secret ID, for a secret added to \
             app '{}'.",
            settings.client_id
        );
        denied(StatusCode::UNAUTHORIZED, "invalid_client", &words)
    } else if !SCOPES.contains(&&*scope) {
        let words = format!(
            "AADSTS1002012: The provided value for scope {scope} is not valid. Client credential \
             flows must have a scope value with /.default suffixed to the resource identifier."
        );
        denied(StatusCode::BAD_REQUEST, "invalid_scope", &words)
    } else if oauth.tokens.is_refusing() {
        unavailable()
    } else {
        bearer(&oauth.tokens.issue(Issuer::Entra))
    }
}

fn invalid(words: &str) -> Reply {
    denied(StatusCode::BAD_REQUEST, "invalid_request", words)
}

/// Goes on with ids, as Entra does.
fn denied(status: StatusCode, error: &str, words: &str) -> Reply {
    let description = format!(
        "{words}\r\nTrace ID: 00000000-57a9-4d17-8057-a9d17057a900\r\n\
         Correlation ID: 11111111-57a9-4d17-8057-a9d17057a911\r\nTimestamp: 2026-11-01 00:00:00Z"
    );
    refusal(status, error, &description)
}
