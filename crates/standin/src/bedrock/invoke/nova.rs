//! Nova, whose bodies are nearly those of Converse. It knows nothing of the other vendors.

use super::request::InvokeRequest;
use super::{Answered, Text};
use crate::ask::Ask;
use crate::failures::Failure;
use crate::json::{Object, object_text};

/// The limit. Fails with 400 without messages.
pub(super) fn read(ask: &Ask<'_>, request: &InvokeRequest<'_>) -> Result<Option<u64>, Failure> {
    match request.messages {
        Some(_) => Ok(request.nova_limit()),
        None => Err(Failure::lacks(ask.api, "messages")),
    }
}

/// A message and its usage.
pub(super) fn answer(_: &InvokeRequest<'_>, text: &Text<'_>, streamed: bool) -> Answered {
    let finish = text.finish("end_turn");
    let usage = text.usage.as_deref();
    if !streamed {
        return Answered::Whole(object_text(|body| {
            body.object("output", |output| {
                output.object("message", |message| {
                    message
                        .array("content", |content| {
                            content.object(|block| {
                                block.pieces("text", text.prose.pieces());
                            });
                        })
                        .text("role", "assistant");
                });
            })
            .text("stopReason", finish)
            .raw_if_any("usage", usage);
        }));
    }
    let mut events = vec![event("messageStart", |start| {
        start.text("role", "assistant");
    })];
    for piece in text.prose.pieces() {
        events.push(event("contentBlockDelta", |delta| {
            delta
                .object("delta", |delta| {
                    delta.pieces("text", std::iter::once(piece));
                })
                .number("contentBlockIndex", 0);
        }));
    }
    events.push(event("contentBlockStop", |stop| {
        stop.number("contentBlockIndex", 0);
    }));
    events.push(event("messageStop", |stop| {
        stop.text("stopReason", finish);
    }));
    events.push(event("metadata", |metadata| {
        metadata
            .raw_if_any("usage", usage)
            .object("metrics", |_| {})
            .object("trace", |_| {});
    }));
    Answered::Events(events)
}

fn event(name: &str, fill: impl FnOnce(&mut Object<'_>)) -> Vec<u8> {
    object_text(|event| {
        event.object(name, fill);
    })
}
