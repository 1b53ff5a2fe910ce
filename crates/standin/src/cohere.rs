//! Cohere's API, second version. It knows nothing of the server, of faults in delivery, or of the other APIs;
//! the compatible paths are OpenAI's.

mod chat;
mod embed;
mod events;
mod models;
mod operation;
mod rerank;
mod usage;

pub(crate) use operation::Operation;

use crate::ask::Ask;
use crate::failures::Failure;
use crate::reply::Reply;

/// Answers one of Cohere's operations.
pub(crate) fn answer(operation: &Operation<'_>, ask: &Ask<'_>) -> Result<Reply, Failure> {
    match operation {
        Operation::Chat => chat::answer(ask),
        Operation::Embed => embed::answer(ask),
        Operation::Rerank => rerank::answer(ask),
        Operation::Tokenize => models::tokenize(ask),
        Operation::Models => Ok(models::list(ask)),
        Operation::Model(id) => models::one(ask, id),
    }
}
