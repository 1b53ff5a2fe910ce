//! Which credential came with a request, and what the provider says to a wrong one. It knows
//! nothing of the operations; who may call Bedrock is in [`crate::aws`].

use http::request::Parts;
use http::{HeaderMap, StatusCode};

use crate::failures::Failure;
use crate::route::Api;

const GOOGLE_KEY: &str = "x-goog-api-key";

/// The credential in the headers that the provider reads.
pub(crate) fn credential(api: Api, headers: &HeaderMap) -> Option<&str> {
    match api {
        Api::OpenAi | Api::Cohere => bearer(headers),
        Api::Anthropic => header(headers, "x-api-key").or_else(|| bearer(headers)),
        Api::Google => header(headers, GOOGLE_KEY),
        Api::Bedrock => bearer(headers).or_else(|| header(headers, "authorization")),
    }
}

/// Fails with the provider's own status if there is no credential, another than the required one,
/// or one in a place where Google's must not be.
pub(crate) fn check(api: Api, request: &Parts, required: Option<&str>) -> Result<(), Failure> {
    if api == Api::Google {
        misplaced(request)?;
    }
    match credential(api, &request.headers) {
        None => Err(missing(api)),
        Some(given) if required.is_some_and(|required| required != given) => Err(wrong(api, given)),
        Some(_) => Ok(()),
    }
}

/// A key in the query stands in logs, and a Bearer token is another kind of credential.
fn misplaced(request: &Parts) -> Result<(), Failure> {
    let query = request.uri.query().unwrap_or_default();
    let in_query = query
        .split('&')
        .any(|pair| pair == "key" || pair.starts_with("key="));
    if in_query || request.headers.contains_key("authorization") {
        return Err(invalid_google_key());
    }
    Ok(())
}

fn invalid_google_key() -> Failure {
    Failure::invalid("API key not valid. Please pass a valid API key.").with_code("API_KEY_INVALID")
}

fn missing(api: Api) -> Failure {
    match api {
        Api::OpenAi => Failure::new(
            StatusCode::UNAUTHORIZED,
            "You didn't provide an API key. You need to provide your API key in an Authorization \
             header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
        ),
        Api::Anthropic => Failure::new(StatusCode::UNAUTHORIZED, "x-api-key header is required"),
        Api::Google => Failure::new(
            StatusCode::FORBIDDEN,
            "Method doesn't allow unregistered callers (callers without established identity). \
             Please use API Key or other form of API consumer identity to call this API.",
        ),
        Api::Bedrock => Failure::new(StatusCode::FORBIDDEN, "Missing Authentication Token"),
        Api::Cohere => Failure::new(StatusCode::UNAUTHORIZED, "no api key supplied"),
    }
}

fn wrong(api: Api, given: &str) -> Failure {
    match api {
        Api::OpenAi => Failure::new(
            StatusCode::UNAUTHORIZED,
            format!(
                "Incorrect API key provided: {}. You can find your API key at \
                 https://platform.openai.com/account/api-keys.",
                masked(given)
            ),
        ),
        Api::Anthropic => Failure::new(StatusCode::UNAUTHORIZED, "invalid x-api-key"),
        Api::Google => invalid_google_key(),
        Api::Bedrock => Failure::of_status(StatusCode::FORBIDDEN),
        Api::Cohere => Failure::new(StatusCode::UNAUTHORIZED, "invalid api token"),
    }
}

pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = header(headers, "authorization")?.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

pub(crate) fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get(name)?
        .to_str()
        .ok()
        .filter(|value| !value.is_empty())
}

/// Start and end only, as OpenAI repeats keys.
fn masked(given: &str) -> String {
    let length = given.chars().count();
    given
        .chars()
        .enumerate()
        .map(|(place, letter)| {
            let shown = length > 12 && (place < 4 || place + 4 >= length);
            if shown { letter } else { '*' }
        })
        .collect()
}
