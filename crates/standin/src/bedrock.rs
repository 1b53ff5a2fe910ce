//! Bedrock's runtime and its control plane. It knows nothing of the server, of faults in delivery,
//! or of who may call.

mod control;
mod converse;
mod converse_events;
mod converse_request;
mod count;
mod guardrail;
mod invoke;
mod model_id;
mod operation;
mod usage;

pub use guardrail::{GuardrailPlace, GuardrailSeen};
pub(crate) use operation::Operation;

use crate::ask::Ask;
use crate::failures::Failure;
use crate::reply::Reply;

/// Answers one of Bedrock's operations.
pub(crate) fn answer(operation: &Operation<'_>, ask: &Ask<'_>) -> Result<Reply, Failure> {
    match operation {
        Operation::Converse(id) => converse::answer(ask, id, false),
        Operation::ConverseStream(id) => converse::answer(ask, id, true),
        Operation::Invoke(id) => invoke::answer(ask, id, false),
        Operation::InvokeStream(id) => invoke::answer(ask, id, true),
        Operation::CountTokens(id) => count::answer(ask, id),
        Operation::FoundationModels => Ok(control::foundation_models()),
        Operation::InferenceProfiles => control::inference_profiles(ask),
        Operation::InferenceProfile(id) => control::inference_profile(id),
        Operation::Guardrail(id) => control::guardrail(ask, id),
    }
}
