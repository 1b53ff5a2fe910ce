//! Cohere's chat (v2), streamed and plain; and its rerank, which comes plain.
//!
//! A stream tells its id in `message-start`, text, thoughts, the plan and the arguments of tools in pieces, and
//! why it ended, with the usage, in `message-end`. That is its last event, whatever empty word some servers
//! send behind it. No answer names a model.
//!
//! A failure in the middle of a stream is a `message-end` with an `error`, or whose reason is `ERROR` or
//! `TIMEOUT`; what it says was used is billed.

use serde::de::IgnoredAny;

use crate::{
    json::{self, Raw, object},
    meter::{
        Reading,
        cohere_usage::RawUsage,
        openai_usage::Split,
        pattern::{Gap, Pattern},
    },
    sse::Event,
};

object! {
    /// An event of a stream.
    StreamEvent { kind = "type", id = "id", delta = "delta", message = "message" }
}

object! {
    /// What an event changes.
    Delta { message = "message", finish_reason = "finish_reason", usage = "usage", error = "error" }
}

object! {
    /// A whole answer.
    Answer {
        id = "id",
        message = "message",
        finish_reason = "finish_reason",
        usage = "usage",
        error = "error",
    }
}

object! {
    /// A message, or a piece of one.
    Message { content = "content", tool_plan = "tool_plan", tool_calls = "tool_calls" }
}

object! {
    /// A part of the content, or a piece of one.
    Part { text = "text", thinking = "thinking" }
}

object! {
    /// A call of one of the client's tools, or a piece of one.
    Call { function = "function" }
}

object! {
    /// The function that is called.
    Function { name = "name", arguments = "arguments" }
}

object! {
    /// The answer to a rerank.
    Ranked { id = "id", results = "results", meta = "meta" }
}

/// What an event of a stream is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Start,
    /// A piece of what is said.
    Piece,
    End,
    /// Citations, ends of parts and what is not known yet: tells nothing that is billed.
    Rest,
}

impl Kind {
    fn of(name: &[u8]) -> Self {
        match name {
            b"message-start" => Self::Start,
            b"content-start" | b"content-delta" | b"tool-plan-delta" | b"tool-call-start"
            | b"tool-call-delta" => Self::Piece,
            b"message-end" => Self::End,
            _ => Self::Rest,
        }
    }
}

/// What has been read of an answer so far.
#[derive(Debug, Default)]
pub(super) struct Cohere {
    reading: Reading,
    pattern: Pattern,
    usage: Option<Split>,
    in_shape: bool,
    out_of_shape: bool,
    done: bool,
}

impl Cohere {
    /// Takes in one event of a stream.
    pub(super) fn event(&mut self, event: &Event<'_>) {
        if let Some(text) = self.pattern.text_of(event) {
            self.reading.see_escaped(text);
            return;
        }
        let named = Kind::of(event.name);
        self.reading.delivered_text |= event.given_up;
        let data = event.data.trim_ascii();
        if data.is_empty() || data == b"[DONE]" {
            self.done |= named == Kind::End || !data.is_empty();
            return;
        }
        let text = json::text(event.data);
        let told = match serde_json::from_str::<StreamEvent<'_>>(&text) {
            Ok(told) => told,
            Err(error) => {
                // What only breaks off may have been in shape.
                self.out_of_shape |= !error.is_eof();
                return;
            }
        };
        let kind = match told.kind.escaped() {
            Some(kind) => Kind::of(kind.as_bytes()),
            None => named,
        };
        self.in_shape |= told.kind.is_some();
        self.out_of_shape |= !told.kind.is_some();
        // The body of an error, where a stream had begun.
        self.reading.error |= !told.kind.is_some() && told.message.string().is_some();
        let delta: Delta<'_> = told.delta.object().unwrap_or_default();
        match kind {
            Kind::Start => self.reading.note_id(told.id),
            Kind::Piece => {
                if let Some(piece) = self.message(delta.message) {
                    self.pattern.learn(event, &text, &[(piece, Gap::Text)]);
                }
            }
            Kind::End => {
                self.ends(delta.finish_reason, delta.error);
                self.usage(delta.usage);
                self.reading.ended = true;
                self.done = true;
            }
            Kind::Rest => {}
        }
    }

    /// Whether this event, which may not have come to its end, is whole and the stream's last.
    pub(super) fn is_last(event: &Event<'_>) -> bool {
        let data = event.data.trim_ascii();
        let at_its_start = || data.starts_with(br#"{"type":"message-end""#);
        data == b"[DONE]"
            || ((Kind::of(event.name) == Kind::End || (event.name.is_empty() && at_its_start()))
                && data.ends_with(b"}")
                && serde_json::from_slice::<IgnoredAny>(data).is_ok())
    }

    pub(super) const fn is_done(&self) -> bool {
        self.done
    }

    /// Takes in a whole answer. Whether it is one JSON text.
    pub(super) fn take(&mut self, body: &[u8]) -> bool {
        let text = json::text(body);
        let Ok(answer) = serde_json::from_str::<Answer<'_>>(&text) else {
            return false;
        };
        self.reading.note_id(answer.id);
        self.in_shape |= answer.message.is_object();
        self.ends(answer.finish_reason, answer.error);
        self.message(answer.message);
        self.usage(answer.usage);
        true
    }

    /// What a stream told. `foreign`: it had lines that are none of a stream's.
    pub(super) fn finish(mut self, foreign: bool) -> Reading {
        self.reading.error |= (self.out_of_shape || foreign) && !self.in_shape;
        self.read()
    }

    /// What a plain answer told; it came whole.
    pub(super) fn finish_plain(mut self) -> Reading {
        self.reading.ended = true;
        self.reading.error |= !self.in_shape;
        self.read()
    }

    fn read(mut self) -> Reading {
        if let Some(split) = self.usage {
            self.reading.usage = split.usage;
            self.reading.mismatch = split.mismatch;
            self.reading.billed_beside = split.billed_beside;
        }
        self.reading
    }

    fn ends(&mut self, reason: Raw<'_>, error: Raw<'_>) {
        self.reading.error |= error.is_some() || reason.is("ERROR") || reason.is("TIMEOUT");
    }

    fn usage(&mut self, usage: Raw<'_>) {
        let told = usage
            .object()
            .and_then(|usage: RawUsage<'_>| usage.split_of_chat());
        self.usage = told.or(self.usage);
    }

    /// Takes in a message, or a piece of one, and gives the text in it if there is one and nothing else.
    fn message<'a>(&mut self, message: Raw<'a>) -> Option<Raw<'a>> {
        let message: Message<'a> = message.object()?;
        let (mut pieces, mut last) = (0, None);
        let mut see = |reading: &mut Reading, text: Raw<'a>| {
            if reading.see(text) {
                pieces += 1;
                last = Some(text);
            }
        };
        see(&mut self.reading, message.tool_plan);
        // A whole answer has lists of what a stream brings one by one; a request's content may be a string.
        each(message.content, |part: Part<'a>| {
            see(&mut self.reading, part.text);
            see(&mut self.reading, part.thinking);
        });
        see(&mut self.reading, message.content);
        each(message.tool_calls, |call: Call<'a>| {
            let function: Function<'a> = call.function.object().unwrap_or_default();
            see(&mut self.reading, function.name);
            see(&mut self.reading, function.arguments);
        });
        last.filter(|_| pieces == 1)
    }
}

/// Calls `with` for an object, or for each entry of a list.
fn each<'a, T: serde::Deserialize<'a>>(value: Raw<'a>, mut with: impl FnMut(T)) {
    match value.object() {
        Some(one) => with(one),
        None => value.for_each(with),
    }
}

/// Reads the whole answer to a rerank. `None`: it is no JSON.
pub(super) fn ranked(body: &[u8]) -> Option<Reading> {
    let text = json::text(body);
    let answer = serde_json::from_str::<Ranked<'_>>(&text).ok()?;
    let split = answer
        .meta
        .object()
        .and_then(|meta: RawUsage<'_>| meta.split())
        .unwrap_or_default();
    let mut reading = Reading {
        ended: true,
        error: !answer.results.is_list(),
        delivered_text: answer.results.is_list(),
        usage: split.usage,
        mismatch: split.mismatch,
        billed_beside: split.billed_beside,
        ..Reading::default()
    };
    reading.note_id(answer.id);
    Some(reading)
}
