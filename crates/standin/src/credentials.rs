//! Which credential came with a request, and what the provider says to a wrong one. It knows
//! nothing of the operations.

use http::{HeaderMap, StatusCode};

use crate::failures::Failure;
use crate::route::Api;

/// The credential in the headers that the provider reads.
pub(crate) fn credential(api: Api, headers: &HeaderMap) -> Option<&str> {
    match api {
        Api::OpenAi => bearer(headers),
        Api::Anthropic => header(headers, "x-api-key").or_else(|| bearer(headers)),
    }
}

/// Fails with 401 if there is no credential, or another than the required one.
pub(crate) fn check(api: Api, headers: &HeaderMap, required: Option<&str>) -> Result<(), Failure> {
    match credential(api, headers) {
        None => Err(missing(api)),
        Some(given) if required.is_some_and(|required| required != given) => Err(wrong(api, given)),
        Some(_) => Ok(()),
    }
}

fn missing(api: Api) -> Failure {
    match api {
        Api::OpenAi => Failure::new(
            StatusCode::UNAUTHORIZED,
            "You didn't provide an API key. You need to provide your API key in an Authorization \
             header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
        ),
        Api::Anthropic => Failure::new(StatusCode::UNAUTHORIZED, "x-api-key header is required"),
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
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = header(headers, "authorization")?.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
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
