//! OpenAI's API, also as other servers speak it. It knows nothing of the server, of faults in
//! delivery, or of the other APIs.

mod chat;
mod chunks;
mod compatible;
mod completions;
mod embeddings;
mod models;
mod operation;
mod other;
mod request;
mod response_events;
mod response_object;
mod responses;
mod usage;

pub(crate) use operation::Operation;

use crate::ask::Ask;
use crate::failures::Failure;
use crate::reply::Reply;

/// Answers one of OpenAI's operations.
pub(crate) fn answer(operation: &Operation<'_>, ask: &Ask<'_>) -> Result<Reply, Failure> {
    match operation {
        Operation::Chat => chat::answer(ask),
        Operation::Invocations(endpoint) => chat::invoke(ask, *endpoint),
        Operation::Completions => completions::answer(ask),
        Operation::Embeddings => embeddings::answer(ask),
        Operation::Responses => responses::create(ask),
        Operation::Response(id) => responses::retrieve(ask, id),
        Operation::CancelResponse(id) => responses::cancel(ask, id),
        Operation::ResponseInputTokens => responses::input_tokens(ask),
        Operation::CompactResponse => responses::compact(ask),
        Operation::Models => Ok(models::list(ask)),
        Operation::Model(id) => models::one(id),
        Operation::Files => Ok(other::files(ask)),
        Operation::Images => other::images(ask),
        Operation::Alive => Ok(other::alive()),
    }
}
