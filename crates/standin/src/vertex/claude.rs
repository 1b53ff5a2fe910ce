//! Anthropic's models: bodies and answers are Anthropic's, the model stands in the path and the version in the
//! body. It knows nothing of the other publishers.

use crate::anthropic;
use crate::ask::Ask;
use crate::failures::Failure;
use crate::reply::Reply;

/// POST …/models/{model}:rawPredict and :streamRawPredict.
pub(super) fn answer(ask: &Ask<'_>, model: &str, streamed: bool) -> Result<Reply, Failure> {
    ask.existing(model)?;
    // The answer names the model as its maker does.
    anthropic::raw_predict(ask, model.split('@').next().unwrap_or(model), streamed)
}

/// POST …/models/count-tokens:rawPredict.
pub(super) fn count_tokens(ask: &Ask<'_>) -> Result<Reply, Failure> {
    anthropic::count_raw(ask)
}
