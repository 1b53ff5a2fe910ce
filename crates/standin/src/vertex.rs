//! Google's Vertex AI: who may call it, what other publishers' models answer, embeddings by `:predict`, and the
//! lists of models. What Google's own models answer is in [`crate::google`]. It knows nothing of the server or of
//! faults in delivery.
//!
//! A token must have been issued by the stand-in. A project named `forbidden-…` may be called by nobody.

mod beside;
mod caller;
mod claude;
mod models;
mod operation;
mod partner;
mod predict;

pub(crate) use beside::{TRAFFIC, write_beside};
pub(crate) use caller::may_call;
pub(crate) use operation::{Operation, Place};

use crate::ask::Ask;
use crate::failures::Failure;
use crate::reply::Reply;

/// Answers one of Vertex AI's operations.
pub(crate) fn answer(operation: &Operation<'_>, ask: &Ask<'_>) -> Result<Reply, Failure> {
    match operation {
        Operation::Claude { model, streamed } => claude::answer(ask, model, *streamed),
        Operation::CountClaude => claude::count_tokens(ask),
        Operation::Partner { model, streamed } => partner::answer(ask, model, *streamed),
        Operation::Predict(model) => predict::answer(ask, model),
        Operation::Models(publisher) => Ok(models::list(ask, publisher)),
        Operation::Model(publisher, id) => models::one(ask, publisher, id),
    }
}
