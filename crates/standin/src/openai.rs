//! OpenAI's API. It knows nothing of the server, of faults in delivery, or of Anthropic's API.

mod chat;
mod chunks;
mod completions;
mod embeddings;
mod models;
mod other;
mod request;
mod response_events;
mod response_object;
mod responses;
mod usage;

use http::StatusCode;

use crate::ask::Ask;
use crate::failures::Failure;
use crate::reply::Reply;
use crate::route::Operation;

/// Answers one of OpenAI's operations.
pub(crate) fn answer(operation: &Operation<'_>, ask: &Ask<'_>) -> Result<Reply, Failure> {
    match operation {
        Operation::ChatCompletions => chat::answer(ask),
        Operation::Completions => completions::answer(ask),
        Operation::Embeddings => embeddings::answer(ask),
        Operation::Responses => responses::create(ask),
        Operation::Response(id) => responses::retrieve(ask, id),
        Operation::CancelResponse(id) => responses::cancel(ask, id),
        Operation::ResponseInputTokens => responses::input_tokens(ask),
        Operation::CompactResponse => responses::compact(ask),
        Operation::OpenAiModels => Ok(models::list()),
        Operation::OpenAiModel(id) => models::one(id),
        Operation::Files => Ok(other::files(ask)),
        Operation::Images => other::images(ask),
        Operation::Messages
        | Operation::CountTokens
        | Operation::AnthropicModels
        | Operation::AnthropicModel(_)
        | Operation::WrongMethod(_)
        | Operation::UnknownPath(_) => Err(Failure::of_status(StatusCode::NOT_FOUND)),
    }
}
