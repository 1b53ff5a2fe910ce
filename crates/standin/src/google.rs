//! Google's Gemini API. It knows nothing of the server, of faults in delivery, or of the other
//! APIs.

mod contents;
mod embeddings;
mod generate;
mod models;
mod operation;
mod request;
mod usage;

pub(crate) use operation::{Form, Operation};

use crate::ask::Ask;
use crate::failures::Failure;
use crate::reply::Reply;

/// Answers one of Google's operations.
pub(crate) fn answer(operation: &Operation<'_>, ask: &Ask<'_>) -> Result<Reply, Failure> {
    match operation {
        Operation::Generate(model, form) => generate::answer(ask, model, *form),
        Operation::CountTokens(model) => generate::count_tokens(ask, model),
        Operation::Embed(model) => embeddings::one(ask, model),
        Operation::EmbedAll(model) => embeddings::several(ask, model),
        Operation::Models => Ok(models::list(ask)),
        Operation::Model(id) => models::one(ask, id),
    }
}
