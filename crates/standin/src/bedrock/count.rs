//! Counting the tokens of a request to converse or to invoke. It knows nothing of the other
//! operations.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::converse_request::ConverseRequest;
use super::model_id::ModelId;
use crate::ask::Ask;
use crate::failures::Failure;
use crate::json;
use crate::reply::Reply;

const CHARACTERS_PER_TOKEN: u64 = 4;

#[derive(Deserialize)]
struct CountRequest<'a> {
    #[serde(borrow)]
    input: Option<Input<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input<'a> {
    #[serde(borrow)]
    converse: Option<ConverseRequest<'a>>,
    invoke_model: Option<InvokeInput>,
}

#[derive(Deserialize)]
struct InvokeInput {
    body: String,
}

/// POST /model/{id}/count-tokens.
pub(super) fn answer(ask: &Ask<'_>, id: &str) -> Result<Reply, Failure> {
    ModelId::named(id)?;
    let request: CountRequest<'_> = ask.read()?;
    let input = request.input;
    let input = input.ok_or_else(|| Failure::lacks(ask.api, "input"))?;
    let tokens = match (input.converse, input.invoke_model) {
        (Some(request), None) => {
            let prompt = request.prompt("");
            prompt.input + prompt.read + prompt.written()
        }
        (None, Some(invoke)) => {
            let body = STANDARD.decode(invoke.body);
            let body = body.map_err(|_| Failure::invalid("The body is not base64."))?;
            json::count(body.len()) / CHARACTERS_PER_TOKEN
        }
        (None, None) | (Some(_), Some(_)) => {
            return Err(Failure::invalid(
                "Exactly one of converse and invokeModel must be given.",
            ));
        }
    };
    Ok(Reply::object(|body| {
        body.number("inputTokens", tokens);
    }))
}
