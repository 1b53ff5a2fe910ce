//! Azure OpenAI: its paths, who may call, and what it adds to OpenAI's answers. It knows nothing of the answers
//! themselves.
//!
//! - A deployment that is called like a model is of that model; any other is of [`USUAL_MODEL`].
//! - Dated paths (`/openai/deployments/…`, `/openai/responses`, `/openai/models`) want an `api-version`.
//! - A prompt with [`FILTERED`] in it is refused by the content filter.

use http::request::Parts;
use http::{HeaderMap, StatusCode};

use crate::credentials::{bearer, header};
use crate::failures::Failure;

/// The model of deployments whose name tells none.
pub(crate) const USUAL_MODEL: &str = "gpt-4o-2024-11-20";
/// Words of a prompt that the content filter refuses.
pub(crate) const FILTERED: &str = "words that no filter lets through";
/// From this day on versions know `stream_options`.
const STREAM_OPTIONS_SINCE: &str = "2024-09-01";
/// What the names of models begin with.
const FAMILIES: [&str; 8] = [
    "gpt-",
    "o1",
    "o3",
    "o4",
    "text-embedding-",
    "codex-",
    "model-router",
    "deepseek-",
];

/// What the filter says of every prompt.
pub(crate) const PROMPT_FILTERED: &str = concat!(
    r#"[{"prompt_index":0,"content_filter_results":{"hate":{"filtered":false,"severity":"safe"},"#,
    r#""jailbreak":{"filtered":false,"detected":false},"self_harm":{"filtered":false,"severity":"safe"},"#,
    r#""sexual":{"filtered":false,"severity":"safe"},"violence":{"filtered":false,"severity":"safe"}}}]"#
);
/// What it says of every piece of an answer.
pub(crate) const ANSWER_FILTERED: &str = concat!(
    r#"{"hate":{"filtered":false,"severity":"safe"},"self_harm":{"filtered":false,"severity":"safe"},"#,
    r#""sexual":{"filtered":false,"severity":"safe"},"violence":{"filtered":false,"severity":"safe"}}"#
);
/// What it says of a prompt that it refuses.
pub(crate) const REFUSED: &str = concat!(
    r#"{"code":"ResponsibleAIPolicyViolation","content_filter_result":{"hate":{"filtered":false,"severity":"safe"},"#,
    r#""jailbreak":{"filtered":false,"detected":false},"self_harm":{"filtered":false,"severity":"safe"},"#,
    r#""sexual":{"filtered":false,"severity":"safe"},"violence":{"filtered":true,"severity":"high"}}}"#
);

/// Deployment and path of OpenAI's API that a path means. `None`: Azure has no such path.
pub(crate) fn split(path: &str) -> Option<(Option<&str>, &str)> {
    let path = path.strip_prefix("/openai")?;
    if let Some(rest) = path.strip_prefix("/v1") {
        return rest.starts_with('/').then_some((None, rest));
    }
    if let Some(rest) = path.strip_prefix("/deployments/") {
        let place = rest.find('/')?;
        let (deployment, rest) = rest.split_at_checked(place)?;
        let called = ["/chat/completions", "/completions", "/embeddings"];
        return called.contains(&rest).then_some((Some(deployment), rest));
    }
    let dated = path.starts_with("/responses") || path.starts_with("/models");
    dated.then_some((None, path))
}

/// The model of a deployment.
pub(crate) fn model_of(deployment: &str) -> &str {
    let is_model = FAMILIES.iter().any(|start| deployment.starts_with(start));
    if is_model { deployment } else { USUAL_MODEL }
}

/// Fails where a dated path comes without a version.
pub(crate) fn check_version(request: &Parts) -> Result<(), Failure> {
    let version = version(request.uri.query().unwrap_or_default());
    if is_dated(request.uri.path()) && version.is_none_or(str::is_empty) {
        return Err(Failure::new(StatusCode::NOT_FOUND, "Resource not found"));
    }
    Ok(())
}

/// Whether a request of this path and query may have `stream_options`.
pub(crate) fn takes_stream_options(path: &str, query: &str) -> bool {
    !is_dated(path) || version(query).is_none_or(|version| version >= STREAM_OPTIONS_SINCE)
}

fn is_dated(path: &str) -> bool {
    path.contains("/openai/") && !path.contains("/openai/v1/")
}

fn version(query: &str) -> Option<&str> {
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find_map(|(name, value)| (name == "api-version").then_some(value))
}

/// The credential that Azure reads: a key in its own header, a token or a key as Bearer.
pub(crate) fn credential(headers: &HeaderMap) -> Option<&str> {
    bearer(headers).or_else(|| header(headers, "api-key"))
}

/// Fails with Azure's own words if there is no credential or not the right one. `issued`: whether a token is
/// one that Entra ID gave for this.
pub(crate) fn check(
    request: &Parts,
    required: Option<&str>,
    issued: impl FnOnce(&str) -> bool,
) -> Result<(), Failure> {
    let headers = &request.headers;
    let is_key = |given: &str| required.is_none_or(|required| required == given);
    match (bearer(headers), header(headers, "api-key")) {
        (None, None) => Err(Failure::new(
            StatusCode::UNAUTHORIZED,
            "Access denied due to missing subscription key. Make sure to include subscription key when making requests to an API.",
        )),
        // The token wins. Below `/v1` a key may stand there, too.
        (Some(token), _) if issued(token) => Ok(()),
        (Some(token), _) if required == Some(token) && !is_dated(request.uri.path()) => Ok(()),
        (Some(_), _) => Err(Failure::new(
            StatusCode::UNAUTHORIZED,
            "Unauthorized. Access token is missing, invalid, audience is incorrect (https://cognitiveservices.azure.com), or have expired.",
        )
        .with_code("Unauthorized")),
        (None, Some(key)) if is_key(key) => Ok(()),
        (None, Some(_)) => Err(Failure::new(
            StatusCode::UNAUTHORIZED,
            "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource.",
        )),
    }
}

/// The deployment does not exist.
pub(crate) fn no_deployment() -> Failure {
    Failure::new(
        StatusCode::NOT_FOUND,
        "The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again.",
    )
    .with_code("DeploymentNotFound")
}

/// The filter refuses the prompt.
pub(crate) fn filtered() -> Failure {
    Failure::bad(
        "prompt",
        "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and retry.",
    )
    .with_code("content_filter")
}
