//! Anthropic's API. It knows nothing of the server, of faults in delivery, or of OpenAI's API.

mod blocks;
mod events;
mod messages;
mod models;
mod operation;
mod request;
mod usage;

pub(crate) use operation::Operation;

use http::{HeaderMap, StatusCode};

use crate::ask::Ask;
use crate::caching::Prompt;
use crate::failures::Failure;
use crate::reply::Reply;

const OLD_VERSION: &str = "2023-06-01";
const NEW_VERSION: &str = "2026-10-21";

/// The version of the API that a request speaks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Version {
    Old,
    /// Refuses some members that the old one takes.
    New,
}

/// Answers one of Anthropic's operations.
pub(crate) fn answer(operation: &Operation<'_>, ask: &Ask<'_>) -> Result<Reply, Failure> {
    let version = version(ask.headers)?;
    match operation {
        Operation::Messages => messages::answer(ask, version),
        Operation::CountTokens => messages::count_tokens(ask, version),
        Operation::Models => Ok(models::list(ask)),
        Operation::Model(id) => models::one(id),
    }
}

/// Answers a body of this API that came to Bedrock, with the tokens of the prompt and of the answer.
/// `ask` is Bedrock's.
pub(crate) fn invoke(
    ask: &Ask<'_>,
    model: &str,
    streamed: bool,
) -> Result<(Reply, Prompt, u64), Failure> {
    messages::invoke(ask, model, streamed)
}

/// Answers a body of this API that came to Vertex AI.
pub(crate) fn raw_predict(ask: &Ask<'_>, model: &str, streamed: bool) -> Result<Reply, Failure> {
    messages::raw_predict(ask, model, streamed)
}

/// The count of the tokens of a body that came to Vertex AI.
pub(crate) fn count_raw(ask: &Ask<'_>) -> Result<Reply, Failure> {
    messages::count_tokens(ask, messages::raw_version(&ask.read()?)?)
}

fn version(headers: &HeaderMap) -> Result<Version, Failure> {
    let given = headers
        .get("anthropic-version")
        .and_then(|value| value.to_str().ok());
    let refusal = match given {
        Some(OLD_VERSION) => return Ok(Version::Old),
        Some(NEW_VERSION) => return Ok(Version::New),
        Some(other) => format!("anthropic-version: {other} is not a valid version"),
        None => "anthropic-version: header is required".to_owned(),
    };
    Err(Failure::new(StatusCode::BAD_REQUEST, refusal))
}
