//! The stream of a response: named and numbered events, of which the last holds the whole response
//! and its usage. It knows nothing of requests.

use super::request::StreamOptions;
use super::response_object::{Item, Response, Status, write_summary, write_text_part};
use crate::frames::Frames;
use crate::json::{self, Object};
use crate::prose::Prose;
use crate::reply::{Dialect, Reply};
use crate::tools::ToolCall;

const EVENT_ROOM: usize = 300;
const RESPONSE_ROOM: usize = 2048;

/// A stream being written.
struct Events {
    frames: Frames,
    number: u64,
    obfuscation: bool,
}

/// All events of a response that ends as `end` says.
pub(super) fn stream(
    response: &Response<'_>,
    end: Status,
    background: bool,
    options: &StreamOptions,
) -> Reply {
    let count = response.items.iter().map(Item::frames).sum::<usize>() + 10;
    let mut events = Events {
        frames: Frames::with_room(count * EVENT_ROOM + 3 * RESPONSE_ROOM, count),
        number: 0,
        obfuscation: options.include_obfuscation == Some(true),
    };
    let first = if background {
        Status::Queued
    } else {
        Status::InProgress
    };
    events.whole("response.created", response, first);
    if background {
        events.whole("response.queued", response, Status::Queued);
    }
    events.whole("response.in_progress", response, Status::InProgress);
    for (index, item) in (0..).zip(&response.items) {
        events.item(index, item);
    }
    let last = match end {
        Status::Incomplete => "response.incomplete",
        Status::Failed => "response.failed",
        Status::Completed | Status::Queued | Status::InProgress | Status::Cancelled => {
            "response.completed"
        }
    };
    events.whole(last, response, end);
    Reply::events(Dialect::Responses, events.frames)
}

impl Events {
    fn event(&mut self, kind: &str, fill: impl FnOnce(&mut Object<'_>)) {
        let out = self.frames.next();
        out.extend_from_slice(b"event: ");
        out.extend_from_slice(kind.as_bytes());
        out.extend_from_slice(b"\ndata: ");
        json::object(out, |body| {
            body.text("type", kind)
                .number("sequence_number", self.number);
            fill(body);
        });
        out.extend_from_slice(b"\n\n");
        self.frames.end();
        self.number += 1;
    }

    fn whole(&mut self, kind: &str, response: &Response<'_>, status: Status) {
        self.event(kind, |body| {
            body.object("response", |whole| response.write(whole, status));
        });
    }

    fn item(&mut self, index: u64, item: &Item) {
        self.event("response.output_item.added", |body| {
            body.number("output_index", index)
                .object("item", |entry| item.write(entry, false));
        });
        match item {
            Item::Reasoning(_, None) => {}
            Item::Reasoning(id, Some(summary)) => self.summary(index, id, *summary),
            Item::WebSearch(id) => self.search(index, id),
            Item::Message(id, prose) => self.message(index, id, *prose),
            Item::Call(id, _, call) => self.call(index, id, call),
        }
        self.event("response.output_item.done", |body| {
            body.number("output_index", index)
                .object("item", |entry| item.write(entry, true));
        });
    }

    fn message(&mut self, index: u64, id: &str, prose: Prose) {
        let place = |body: &mut Object<'_>| {
            body.text("item_id", id)
                .number("output_index", index)
                .number("content_index", 0);
        };
        self.event("response.content_part.added", |body| {
            place(body);
            body.object("part", |part| write_text_part(part, None));
        });
        let obfuscation = self.obfuscation;
        for piece in prose.pieces() {
            self.event("response.output_text.delta", |body| {
                place(body);
                body.pieces("delta", std::iter::once(piece))
                    .array("logprobs", |_| {});
                if obfuscation {
                    body.text("obfuscation", "k3Xw9");
                }
            });
        }
        self.event("response.output_text.done", |body| {
            place(body);
            body.pieces("text", prose.pieces())
                .array("logprobs", |_| {});
        });
        self.event("response.content_part.done", |body| {
            place(body);
            body.object("part", |part| write_text_part(part, Some(prose)));
        });
    }

    fn summary(&mut self, index: u64, id: &str, prose: Prose) {
        let place = |body: &mut Object<'_>| {
            body.text("item_id", id)
                .number("output_index", index)
                .number("summary_index", 0);
        };
        self.event("response.reasoning_summary_part.added", |body| {
            place(body);
            body.object("part", |part| write_summary(part, None));
        });
        for piece in prose.pieces() {
            self.event("response.reasoning_summary_text.delta", |body| {
                place(body);
                body.pieces("delta", std::iter::once(piece));
            });
        }
        self.event("response.reasoning_summary_text.done", |body| {
            place(body);
            body.pieces("text", prose.pieces());
        });
        self.event("response.reasoning_summary_part.done", |body| {
            place(body);
            body.object("part", |part| write_summary(part, Some(prose)));
        });
    }

    fn search(&mut self, index: u64, id: &str) {
        for kind in [
            "response.web_search_call.in_progress",
            "response.web_search_call.searching",
            "response.web_search_call.completed",
        ] {
            self.event(kind, |body| {
                body.number("output_index", index).text("item_id", id);
            });
        }
    }

    fn call(&mut self, index: u64, id: &str, call: &ToolCall) {
        for piece in call.pieces() {
            self.event("response.function_call_arguments.delta", |body| {
                body.text("item_id", id)
                    .number("output_index", index)
                    .text("delta", &piece);
            });
        }
        self.event("response.function_call_arguments.done", |body| {
            body.text("item_id", id)
                .number("output_index", index)
                .text("name", &call.name)
                .text("arguments", &call.arguments);
        });
    }
}

impl Item {
    /// About how many events it takes.
    fn frames(&self) -> usize {
        match self {
            Self::Message(_, prose) => prose.frames() + 6,
            Self::Reasoning(_, Some(summary)) => summary.frames() + 6,
            Self::Reasoning(_, None) => 2,
            Self::WebSearch(_) => 5,
            Self::Call(_, _, call) => call.arguments.len() / 8 + 6,
        }
    }
}
