//! Models of other publishers, which answer as Mistral's own servers do. It knows nothing of the other operations.

use serde::Deserialize;

use crate::ask::Ask;
use crate::failures::Failure;
use crate::host::Host;
use crate::openai::{self, Operation};
use crate::reply::Reply;
use crate::route::Api;

#[derive(Deserialize)]
struct Form {
    stream: Option<bool>,
    stream_options: Option<serde::de::IgnoredAny>,
}

/// POST …/models/{model}:rawPredict and :streamRawPredict.
pub(super) fn answer(ask: &Ask<'_>, model: &str, streamed: bool) -> Result<Reply, Failure> {
    let form: Form = ask.read()?;
    if form.stream.unwrap_or(false) != streamed {
        return Err(Failure::invalid(
            "stream does not fit the method of the path",
        ));
    }
    if form.stream_options.is_some() {
        return Err(Failure::invalid(
            "stream_options: Extra inputs are not permitted",
        ));
    }
    let name = model.split('@').next().unwrap_or(model);
    let as_mistral = Ask {
        api: Api::OpenAi,
        host: Host::Mistral,
        ..*ask
    };
    openai::answer(&Operation::Invocations(Some(name)), &as_mistral)
}
