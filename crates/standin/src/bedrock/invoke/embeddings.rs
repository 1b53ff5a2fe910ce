//! Embeddings of Titan, which counts the tokens in its answer, and of Cohere, of which the headers
//! tell them. It knows nothing of the texts.

use super::super::usage::Counts;
use super::request::InvokeRequest;
use crate::ask::Ask;
use crate::caching::Prompt;
use crate::failures::Failure;
use crate::json::object_text;
use crate::reply::Reply;
use crate::seed::Seed;
use crate::vector;

const TITAN: usize = 1024;
const COHERE: usize = 1024;

/// One vector.
pub(super) fn titan(ask: &Ask<'_>, streamed: bool) -> Result<Reply, Failure> {
    let request = read(ask, streamed)?;
    let text = request.input_text;
    let text = text.ok_or_else(|| Failure::lacks(ask.api, "inputText"))?;
    let text: String = serde_json::from_str(text.get()).map_err(|e| Failure::unreadable(&e))?;
    let dimensions = request.dimensions.unwrap_or(TITAN);
    if ![256, 512, 1024].contains(&dimensions) {
        return Err(Failure::invalid(
            "Malformed input request: dimensions is not a valid enum value",
        ));
    }
    let vector = vector::vector(Seed::of(text.as_bytes()), dimensions);
    let tokens = vector::tokens(&text);
    let body = object_text(|body| {
        body.array("embedding", |numbers| vector::write(numbers, &vector));
        if ask.wishes.usage.is_none() {
            body.number("inputTextTokenCount", tokens);
        }
    });
    Ok(told(ask, body, tokens))
}

/// A vector for each text.
pub(super) fn cohere(ask: &Ask<'_>, streamed: bool) -> Result<Reply, Failure> {
    let request = read(ask, streamed)?;
    let texts = request.texts;
    let texts = texts.ok_or_else(|| Failure::lacks(ask.api, "texts"))?;
    let texts: Vec<String> =
        serde_json::from_str(texts.get()).map_err(|error| Failure::unreadable(&error))?;
    let tokens = texts.iter().map(|text| vector::tokens(text)).sum();
    let body = object_text(|body| {
        body.array("embeddings", |list| {
            for text in &texts {
                let vector = vector::vector(Seed::of(text.as_bytes()), COHERE);
                list.array(|numbers| vector::write(numbers, &vector));
            }
        })
        .text("id", &Seed::of(ask.body).uuid())
        .text("response_type", "embeddings_floats")
        .array("texts", |list| {
            for text in &texts {
                list.text(text);
            }
        });
    });
    Ok(told(ask, body, tokens))
}

fn read<'a>(ask: &Ask<'a>, streamed: bool) -> Result<InvokeRequest<'a>, Failure> {
    if streamed {
        let refusal = "The model is unsupported for streaming";
        return Err(Failure::invalid(refusal));
    }
    ask.read()
}

fn told(ask: &Ask<'_>, body: Vec<u8>, tokens: u64) -> Reply {
    let prompt = Prompt {
        input: tokens,
        ..Prompt::default()
    };
    let counts = Counts { prompt, output: 0 };
    let reply = Reply::json(body);
    match counts.metrics(ask.wishes) {
        Some(metrics) => metrics.without_output().in_headers(reply),
        None => reply,
    }
}
