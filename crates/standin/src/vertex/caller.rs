//! Who may call Vertex AI: whoever shows an access token that was issued for Google Cloud. It knows nothing of the
//! operations.

use http::StatusCode;
use http::request::Parts;

use super::operation::project;
use crate::failures::Failure;
use crate::oauth::{TokenFor, TokenState};
use crate::state::StandinState;

/// Fails with 401 without a good token, with 403 for a project that nobody may call.
pub(crate) fn may_call(state: &StandinState, request: &Parts) -> Result<(), Failure> {
    let query = request.uri.query().unwrap_or_default();
    let misplaced = request.headers.contains_key("x-goog-api-key")
        || request.headers.contains_key("x-api-key")
        || query.split('&').any(|pair| pair.starts_with("key="));
    if misplaced {
        return Err(Failure::new(
            StatusCode::UNAUTHORIZED,
            "API keys are not supported by this API. Expected OAuth2 access token or other \
             authentication credentials that assert a principal.",
        )
        .with_code("CREDENTIALS_MISSING"));
    }
    let token = request
        .headers
        .get("authorization")
        .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let refused = |code| {
        let words = "Request had invalid authentication credentials. Expected OAuth 2 access \
                     token, login cookie or other valid authentication credential.";
        Err(Failure::new(StatusCode::UNAUTHORIZED, words).with_code(code))
    };
    match token.map(|token| state.token_state(token, TokenFor::Google)) {
        None => return refused("CREDENTIALS_MISSING"),
        Some(TokenState::Expired) => return refused("ACCESS_TOKEN_EXPIRED"),
        Some(TokenState::ForAnother | TokenState::Unknown) => {
            return refused("ACCESS_TOKEN_TYPE_UNSUPPORTED");
        }
        Some(TokenState::Good) => {}
    }
    match project(request.uri.path()) {
        Some(project) if project.starts_with("forbidden-") => Err(Failure::new(
            StatusCode::FORBIDDEN,
            format!(
                "Permission 'aiplatform.endpoints.predict' denied on resource \
                 '//aiplatform.googleapis.com/projects/{project}' (or it may not exist)."
            ),
        )
        .with_code("IAM_PERMISSION_DENIED")),
        _ => Ok(()),
    }
}
