//! Titan's texts, which count the tokens in each answer. It knows nothing of the other vendors.

use super::request::InvokeRequest;
use super::{Answered, Text};
use crate::ask::Ask;
use crate::failures::Failure;
use crate::json::object_text;

/// The limit. Fails with 400 without a text.
pub(super) fn read(ask: &Ask<'_>, request: &InvokeRequest<'_>) -> Result<Option<u64>, Failure> {
    match request.input_text {
        Some(_) => Ok(request.titan_limit()),
        None => Err(Failure::lacks(ask.api, "inputText")),
    }
}

/// One result and its counts.
pub(super) fn answer(_: &InvokeRequest<'_>, text: &Text<'_>, streamed: bool) -> Answered {
    let finish = text.finish("FINISH");
    let prompt = text.counts.prompt.input;
    let told = text.usage.is_some();
    if !streamed {
        return Answered::Whole(object_text(|body| {
            if told {
                body.number("inputTextTokenCount", prompt);
            }
            body.array("results", |results| {
                results.object(|result| {
                    if told {
                        result.number("tokenCount", text.counts.output);
                    }
                    result
                        .pieces("outputText", text.prose.pieces())
                        .text("completionReason", finish);
                });
            });
        }));
    }
    let count = text.prose.frames();
    let events = text.prose.pieces().enumerate().map(|(place, piece)| {
        let last = place + 1 == count;
        object_text(|event| {
            event
                .pieces("outputText", std::iter::once(piece))
                .number("index", 0);
            if last && told {
                event.number("totalOutputTextTokenCount", text.counts.output);
            } else {
                event.null("totalOutputTextTokenCount");
            }
            event.text_or_null("completionReason", last.then_some(finish));
            if place == 0 && told {
                event.number("inputTextTokenCount", prompt);
            } else {
                event.null("inputTextTokenCount");
            }
        })
    });
    Answered::Events(events.collect())
}
