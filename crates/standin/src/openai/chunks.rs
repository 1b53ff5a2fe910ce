//! The streams of chat and completions: chunks without event names, then `[DONE]`. It knows
//! nothing of what the choices in the chunks hold.

use super::compatible;
use super::request::StreamOptions;
use super::usage::Counts;
use crate::ask::Ask;
use crate::frames::Frames;
use crate::json::{self, Object};
use crate::reply::{Dialect, Reply};
use crate::wishes::{Usage, UsagePlace};

const CHUNK_ROOM: usize = 340;

/// What all chunks of a stream have in common.
pub(super) struct Heading<'h> {
    pub(super) id: &'h str,
    pub(super) object: &'h str,
    pub(super) created: u64,
    pub(super) model: &'h str,
    pub(super) tier: &'h str,
    pub(super) fingerprint: &'h str,
}

/// A stream being written.
pub(super) struct Chunks<'c> {
    frames: Frames,
    /// All bytes of a chunk before its choices.
    head: Vec<u8>,
    ask: &'c Ask<'c>,
    model: &'c str,
    id: &'c str,
    counts: Counts,
    visible: u64,
    place: Option<UsagePlace>,
    in_every_chunk: Option<&'static str>,
    extra_chunk: bool,
    obfuscation: bool,
}

impl Heading<'_> {
    /// Writes the members before the choices.
    pub(super) fn write(&self, body: &mut Object<'_>) {
        body.text("id", self.id)
            .text("object", self.object)
            .number("created", self.created)
            .text("model", self.model)
            .text("service_tier", self.tier)
            .text("system_fingerprint", self.fingerprint);
    }
}

impl<'c> Chunks<'c> {
    /// `counts` are those of the whole answer, `frames` is about how many there will be.
    pub(super) fn new(
        heading: &Heading<'c>,
        options: &StreamOptions,
        ask: &'c Ask<'c>,
        counts: Counts,
        frames: usize,
    ) -> Self {
        let mut head = b"data: ".to_vec();
        json::object(&mut head, |body| heading.write(body));
        // The object goes on in each chunk.
        head.pop();
        head.extend_from_slice(b",\"choices\":[");
        let told = !matches!(ask.wishes.usage, Some(Usage::Absent));
        let place = ask.wishes.usage_place;
        let place = place.or_else(|| compatible::usage_place(ask.host, options));
        let mut frames_written =
            Frames::with_room((frames + 4) * (CHUNK_ROOM + head.len() / 4), frames + 4);
        if let Some(first) = compatible::first_chunk(ask.host) {
            frames_written.push(first.as_bytes());
        }
        let extra_chunk = told && place.is_none() && options.include_usage == Some(true);
        Self {
            frames: frames_written,
            head,
            ask,
            model: heading.model,
            id: heading.id,
            counts,
            visible: 0,
            place,
            in_every_chunk: extra_chunk.then_some("null"),
            extra_chunk,
            obfuscation: options.include_obfuscation == Some(true),
        }
    }

    /// A chunk with one choice, whose text is written by `choice` and counts for `tokens`.
    pub(super) fn chunk(&mut self, tokens: u64, choice: impl FnOnce(&mut Vec<u8>)) {
        self.visible += tokens;
        let running = self.running_usage();
        self.write(running.as_deref(), None, choice);
    }

    /// The chunk with the finish reason.
    pub(super) fn last_chunk(&mut self, choice: impl FnOnce(&mut Vec<u8>)) {
        let whole = self.whole_usage();
        let usage = match self.place {
            Some(UsagePlace::Finish | UsagePlace::Every) => whole.clone(),
            None => None,
        };
        let beside = compatible::beside_text(self.ask.host, self.id, whole.as_deref());
        self.write(usage.as_deref(), beside.as_deref(), choice);
    }

    /// The chunk with the usage, if there is one, and the end.
    pub(super) fn finish(mut self) -> Reply {
        if self.extra_chunk {
            let usage = self.whole_usage();
            self.write(usage.as_deref(), None, |_| {});
        }
        self.frames.push(b"data: [DONE]\n\n");
        Reply::events(Dialect::Chunks, self.frames)
    }

    fn write(
        &mut self,
        usage: Option<&str>,
        beside: Option<&str>,
        choice: impl FnOnce(&mut Vec<u8>),
    ) {
        let out = self.frames.next();
        out.extend_from_slice(&self.head);
        choice(out);
        out.push(b']');
        if let Some(usage) = usage.or(self.in_every_chunk) {
            out.extend_from_slice(b",\"usage\":");
            out.extend_from_slice(usage.as_bytes());
        }
        if let Some(beside) = beside {
            out.extend_from_slice(beside.as_bytes());
        }
        if self.obfuscation {
            out.extend_from_slice(b",\"obfuscation\":\"k3Xw9\"");
        }
        out.extend_from_slice(b"}\n\n");
        self.frames.end();
    }

    fn whole_usage(&self) -> Option<String> {
        compatible::whole_usage(self.ask, &self.counts, self.model)
    }

    fn running_usage(&self) -> Option<String> {
        if self.place != Some(UsagePlace::Every) {
            return None;
        }
        let counts = self.counts.with_output(self.visible, self.counts.reasoning);
        compatible::whole_usage(self.ask, &counts, self.model)
    }
}
