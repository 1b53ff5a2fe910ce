//! Mistral, which counts nothing in its answer: the headers do. It knows nothing of the other
//! vendors.

use super::request::InvokeRequest;
use super::{Answered, Text};
use crate::ask::Ask;
use crate::failures::Failure;
use crate::json::object_text;

/// The limit. Fails with 400 without a prompt or messages.
pub(super) fn read(ask: &Ask<'_>, request: &InvokeRequest<'_>) -> Result<Option<u64>, Failure> {
    match request.prompt.or(request.messages) {
        Some(_) => Ok(request.max_tokens),
        None => Err(Failure::lacks(ask.api, "prompt")),
    }
}

/// One output; one choice where messages were given.
pub(super) fn answer(request: &InvokeRequest<'_>, text: &Text<'_>, streamed: bool) -> Answered {
    let finish = text.finish("stop");
    let chat = request.messages.is_some();
    if !streamed {
        return Answered::Whole(one(chat, text.prose.pieces(), Some(finish)));
    }
    let count = text.prose.frames();
    let events = text.prose.pieces().enumerate().map(|(place, piece)| {
        let last = place + 1 == count;
        one(chat, std::iter::once(piece), last.then_some(finish))
    });
    Answered::Events(events.collect())
}

fn one<'p>(chat: bool, pieces: impl Iterator<Item = &'p str>, finish: Option<&str>) -> Vec<u8> {
    let name = if chat { "choices" } else { "outputs" };
    object_text(|body| {
        body.array(name, |list| {
            list.object(|entry| {
                if chat {
                    entry.number("index", 0).object("message", |message| {
                        message.text("role", "assistant").pieces("content", pieces);
                    });
                } else {
                    entry.pieces("text", pieces);
                }
                entry.text_or_null("stop_reason", finish);
            });
        });
    })
}
