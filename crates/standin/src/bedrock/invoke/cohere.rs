//! Cohere's texts, which count nothing: neither the body nor the headers do. It knows nothing of
//! the other vendors.

use serde_json::value::RawValue;

use super::request::InvokeRequest;
use super::{Answered, Text};
use crate::ask::Ask;
use crate::failures::Failure;
use crate::json::{Object, object_text};

/// The limit. Fails with 400 without a message or a prompt.
pub(super) fn read(ask: &Ask<'_>, request: &InvokeRequest<'_>) -> Result<Option<u64>, Failure> {
    match request.message.or(request.prompt) {
        Some(_) => Ok(request.max_tokens),
        None => Err(Failure::lacks(ask.api, "message")),
    }
}

/// A text, with the conversation that it makes; a list of generations from the older models, which take a prompt and repeat
/// it.
pub(super) fn answer(request: &InvokeRequest<'_>, text: &Text<'_>, streamed: bool) -> Answered {
    let finish = text.finish("COMPLETE");
    let Some(message) = request.message else {
        return generations(request, text, finish, streamed);
    };
    let whole = |body: &mut Object<'_>| {
        body.text("response_id", &text.seed.uuid())
            .pieces("text", text.prose.pieces())
            .text("generation_id", &text.seed.uuid())
            .array("chat_history", |list| {
                list.object(|said| {
                    said.text("role", "USER").raw("message", message.get());
                });
                list.object(|said| {
                    said.text("role", "CHATBOT")
                        .pieces("message", text.prose.pieces());
                });
            })
            .text("finish_reason", finish);
    };
    if !streamed {
        return Answered::Whole(object_text(whole));
    }
    let mut events: Vec<Vec<u8>> = text
        .prose
        .pieces()
        .map(|piece| {
            object_text(|event| {
                event
                    .flag("is_finished", false)
                    .text("event_type", "text-generation")
                    .pieces("text", std::iter::once(piece));
            })
        })
        .collect();
    events.push(object_text(|event| {
        event
            .flag("is_finished", true)
            .text("event_type", "stream-end")
            .object("response", whole)
            .text("finish_reason", finish);
    }));
    Answered::Events(events)
}

fn generations(
    request: &InvokeRequest<'_>,
    text: &Text<'_>,
    finish: &str,
    streamed: bool,
) -> Answered {
    let prompt = request.prompt.map(RawValue::get);
    if !streamed {
        return Answered::Whole(object_text(|body| {
            body.array("generations", |list| {
                list.object(|generation| {
                    generation
                        .text("finish_reason", finish)
                        .text("id", &text.seed.uuid())
                        .pieces("text", text.prose.pieces());
                });
            })
            .text("id", &text.seed.uuid())
            .raw_if_any("prompt", prompt);
        }));
    }
    let mut events: Vec<Vec<u8>> = text
        .prose
        .pieces()
        .map(|piece| {
            object_text(|event| {
                event
                    .flag("is_finished", false)
                    .pieces("text", std::iter::once(piece));
            })
        })
        .collect();
    events.push(object_text(|event| {
        event
            .flag("is_finished", true)
            .text("finish_reason", finish)
            .raw_if_any("prompt", prompt);
    }));
    Answered::Events(events)
}
