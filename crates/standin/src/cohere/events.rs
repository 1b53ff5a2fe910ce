//! The stream of a chat: named events, the usage in the last one. It knows nothing of requests.

use super::chat::{Answer, PLAN, write_call, write_citation};
use crate::frames::Frames;
use crate::json::{self, Object};
use crate::prose::Prose;
use crate::reply::{Dialect, Reply};

const EVENT_ROOM: usize = 150;
const HEAD_ROOM: usize = 1024;

/// All events of an answer.
pub(super) fn stream(answer: &Answer<'_>) -> Reply {
    let count = answer.prose.frames() + 8;
    let mut frames = Frames::with_room(count * EVENT_ROOM + HEAD_ROOM, count);
    event(&mut frames, "message-start", |body| {
        body.text("id", &answer.id);
        message(body, |message| {
            message
                .text("role", "assistant")
                .array("content", |_| {})
                .text("tool_plan", "")
                .array("tool_calls", |_| {})
                .array("citations", |_| {});
        });
    });
    let mut index = 0;
    if let Some(thoughts) = answer.thoughts {
        write_part(&mut frames, index, "thinking", thoughts);
        index += 1;
    }
    match &answer.call {
        Some((id, call)) => {
            for word in PLAN.split_inclusive(' ') {
                event(&mut frames, "tool-plan-delta", |body| {
                    message(body, |message| {
                        message.text("tool_plan", word);
                    });
                });
            }
            event(&mut frames, "tool-call-start", |body| {
                body.number("index", 0);
                message(body, |message| {
                    message.object("tool_calls", |entry| write_call(entry, id, &call.name, ""));
                });
            });
            for piece in call.pieces() {
                event(&mut frames, "tool-call-delta", |body| {
                    body.number("index", 0);
                    message(body, |message| {
                        message.object("tool_calls", |entry| {
                            entry.object("function", |function| {
                                function.text("arguments", &piece);
                            });
                        });
                    });
                });
            }
            event(&mut frames, "tool-call-end", |body| {
                body.number("index", 0);
            });
        }
        None => write_part(&mut frames, index, "text", answer.prose),
    }
    if let Some(document) = answer.cited.as_ref().filter(|_| answer.call.is_none()) {
        event(&mut frames, "citation-start", |body| {
            body.number("index", 0);
            message(body, |message| {
                message.object("citations", |citation| write_citation(citation, document));
            });
        });
        event(&mut frames, "citation-end", |body| {
            body.number("index", 0);
        });
    }
    event(&mut frames, "message-end", |body| {
        body.object("delta", |delta| {
            delta
                .text("finish_reason", answer.finish)
                .raw_if_any("usage", answer.usage.as_deref());
        });
    });
    frames.push(b"data: [DONE]\n\n");
    Reply::events(Dialect::Cohere, frames)
}

/// A part of the content; what is the same in all its pieces is made once.
fn write_part(frames: &mut Frames, index: u64, kind: &str, prose: Prose) {
    event(frames, "content-start", |body| {
        body.number("index", index);
        message(body, |message| {
            message.object("content", |content| {
                content.text("type", kind).text(kind, "");
            });
        });
    });
    let head = format!(
        "event: content-delta\ndata: {{\"type\":\"content-delta\",\"index\":{index},\
         \"delta\":{{\"message\":{{\"content\":{{\"{kind}\":\""
    );
    for piece in prose.pieces() {
        let out = frames.next();
        out.extend_from_slice(head.as_bytes());
        out.extend_from_slice(piece.as_bytes());
        out.extend_from_slice(b"\"}}}}\n\n");
        frames.end();
    }
    event(frames, "content-end", |body| {
        body.number("index", index);
    });
}

fn message(body: &mut Object<'_>, fill: impl FnOnce(&mut Object<'_>)) {
    body.object("delta", |delta| {
        delta.object("message", fill);
    });
}

fn event(frames: &mut Frames, kind: &str, fill: impl FnOnce(&mut Object<'_>)) {
    let out = frames.next();
    out.extend_from_slice(b"event: ");
    out.extend_from_slice(kind.as_bytes());
    out.extend_from_slice(b"\ndata: ");
    json::object(out, |body| {
        body.text("type", kind);
        fill(body);
    });
    out.extend_from_slice(b"\n\n");
    frames.end();
}
