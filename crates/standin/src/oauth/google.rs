//! Google's token endpoint: tokens for a service account and for a person, and the service account's
//! key. It knows nothing of models.

use http::StatusCode;
use http::request::Parts;

use super::OAuth;
use super::issuing::{Form, base, bearer, refusal, unavailable};
use super::jwt;
use super::settings::OAuthSettings;
use super::tokens::Issuer;
use crate::json::object_string;
use crate::reply::Reply;

const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// POST /token.
pub(super) fn token(oauth: &OAuth, request: &Parts, form: &Form<'_>) -> Reply {
    let settings = &oauth.settings;
    let grant = form.get("grant_type").unwrap_or_default();
    let issuer = match &*grant {
        _ if !Form::is_form(request) => Err(("invalid_request", "Not a form.".to_owned())),
        JWT_BEARER => {
            let assertion = form.get("assertion").unwrap_or_default();
            let audience = format!("{}/token", base(request));
            jwt::check(settings, &assertion, &audience)
                .map(|()| Issuer::ServiceAccount)
                .map_err(|words| ("invalid_grant", words))
        }
        "refresh_token" => by_refresh_token(settings, form).map(|()| Issuer::User),
        _ => Err((
            "unsupported_grant_type",
            format!("Invalid grant_type: {grant}"),
        )),
    };
    match issuer {
        Err((error, words)) => refusal(StatusCode::BAD_REQUEST, error, &words),
        Ok(_) if oauth.tokens.is_refusing() => unavailable(),
        Ok(issuer) => bearer(&oauth.tokens.issue(issuer)),
    }
}

fn by_refresh_token(
    settings: &OAuthSettings,
    form: &Form<'_>,
) -> Result<(), (&'static str, String)> {
    let is = |name: &str, expected: &str| form.get(name).is_some_and(|value| value == expected);
    if !is("client_id", &settings.client_id) || !is("client_secret", &settings.client_secret) {
        Err((
            "invalid_client",
            "The OAuth client was not found.".to_owned(),
        ))
    } else if !is("refresh_token", &settings.refresh_token) {
        Err((
            "invalid_grant",
            "Token has been expired or revoked.".to_owned(),
        ))
    } else {
        Ok(())
    }
}

/// The JSON file.
pub(super) fn service_account(settings: &OAuthSettings, base: &str) -> String {
    object_string(|file| {
        file.text("type", "service_account")
            .text("project_id", &settings.project)
            .text("private_key_id", &settings.key_id)
            .text("private_key", jwt::PRIVATE_KEY)
            .text("client_email", &settings.client_email)
            .text("client_id", "100000000000000000000")
            .text("auth_uri", &format!("{base}/o/oauth2/auth"))
            .text("token_uri", &format!("{base}/token"))
            .text("universe_domain", "googleapis.com");
    })
}
