//! Llama, which counts the tokens in its answer. It knows nothing of the other vendors.

use super::request::InvokeRequest;
use super::{Answered, Text};
use crate::ask::Ask;
use crate::failures::Failure;
use crate::json::{count, object_text};

/// The limit. Fails with 400 without a prompt.
pub(super) fn read(ask: &Ask<'_>, request: &InvokeRequest<'_>) -> Result<Option<u64>, Failure> {
    match request.prompt {
        Some(_) => Ok(request.max_gen_len),
        None => Err(Failure::lacks(ask.api, "prompt")),
    }
}

/// A generation and its counts.
pub(super) fn answer(_: &InvokeRequest<'_>, text: &Text<'_>, streamed: bool) -> Answered {
    let finish = text.finish("stop");
    let prompt = text.counts.prompt.input;
    if !streamed {
        return Answered::Whole(object_text(|body| {
            body.pieces("generation", text.prose.pieces());
            if text.usage.is_some() {
                body.number("prompt_token_count", prompt)
                    .number("generation_token_count", text.counts.output);
            }
            body.text("stop_reason", finish);
        }));
    }
    let pieces: Vec<&str> = text.prose.pieces().collect();
    let events = pieces.iter().enumerate().map(|(place, piece)| {
        object_text(|event| {
            event.pieces("generation", std::iter::once(*piece));
            if place == 0 {
                event.number("prompt_token_count", prompt);
            } else {
                event.null("prompt_token_count");
            }
            event.number("generation_token_count", count(place + 1));
            let last = place + 1 == pieces.len();
            event.text_or_null("stop_reason", last.then_some(finish));
        })
    });
    Answered::Events(events.collect())
}
