//! Takes out of a stream the chunk that it has only because Weir asked for the usage.
//!
//! With `stream_options.include_usage` a chat stream gets one more chunk, with empty `choices` and a
//! `usage`. A client that did not ask for it may stumble over the empty list, so it is taken out, and
//! nothing else is: not the first chunk of Azure (empty `choices`, no usage), not a moderation chunk, not
//! an error. All other bytes are the upstream's. That includes the `"usage":null` which every earlier
//! chunk has then; SDKs read it as they read a missing one.
//!
//! Whole events are passed on at once; only one that has not ended yet is held back. After
//! `data: [DONE]` everything passes.

use std::ops::Range;

use bytes::Bytes;
use memchr::{memchr2, memmem};

use crate::{json::object, sse::Scanner};

/// A longer event is no usage chunk: it is passed on unread.
const MAX_HELD: usize = 256 * 1024;

object! {
    /// A chunk of a stream.
    Chunk { choices = "choices", usage = "usage", error = "error", moderation = "moderation" }
}

/// Filters the bytes of one stream.
#[derive(Debug)]
pub struct UsageChunkFilter {
    /// The beginning of the event that has not ended yet.
    held: Vec<u8>,
    /// The line that has not ended yet has begun.
    in_line: bool,
    after_cr: AfterCr,
    /// The event that has not ended yet is too long to be a usage chunk.
    too_long: bool,
    /// The stream's last event has passed.
    done: bool,
    choices: memmem::Finder<'static>,
}

/// Whether the last byte was a CR that ended a line, so that a LF which follows belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AfterCr {
    No,
    /// It ended a line within an event.
    InEvent,
    /// It ended an event that was passed on.
    Passed,
    /// It ended an event that was taken out.
    TakenOut,
}

/// What becomes of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Pass,
    TakeOut,
    /// It passes, and so does everything after it.
    Done,
}

impl Default for UsageChunkFilter {
    fn default() -> Self {
        Self::new()
    }
}

impl UsageChunkFilter {
    /// A filter for one stream.
    #[must_use]
    pub fn new() -> Self {
        Self {
            held: Vec::new(),
            in_line: false,
            after_cr: AfterCr::No,
            too_long: false,
            done: false,
            choices: memmem::Finder::new(b"\"choices\""),
        }
    }

    /// Takes the next bytes of the stream and gives those that may go on now: all whole events but the
    /// usage chunk. Copies nothing where a chunk holds whole events only.
    #[must_use]
    pub fn push(&mut self, chunk: &Bytes) -> Bytes {
        if self.done {
            return chunk.clone();
        }
        let mut out = Kept::of(chunk);
        // Where the event at hand begins in this chunk, and the line at hand.
        let (mut event, mut line) = (0, 0);
        if chunk.first() == Some(&b'\n') && self.after_cr != AfterCr::No {
            line = 1;
            match self.after_cr {
                AfterCr::Passed => out.keep(0..1),
                AfterCr::TakenOut | AfterCr::InEvent | AfterCr::No => {}
            }
            if self.after_cr != AfterCr::InEvent {
                event = 1;
            }
        }
        if !chunk.is_empty() {
            self.after_cr = AfterCr::No;
        }
        while let Some(end) = line_end(chunk, line) {
            let is_empty = end.start == line && !self.in_line;
            let cr_at_the_end = end.end == chunk.len() && chunk.last() == Some(&b'\r');
            (line, self.in_line) = (end.end, false);
            if !is_empty {
                if cr_at_the_end {
                    self.after_cr = AfterCr::InEvent;
                }
                continue;
            }
            let verdict = self.end_event(chunk, event..line, &mut out);
            event = line;
            if cr_at_the_end {
                self.after_cr = if verdict == Verdict::TakeOut {
                    AfterCr::TakenOut
                } else {
                    AfterCr::Passed
                };
            }
            if verdict == Verdict::Done {
                self.done = true;
                out.keep(line..chunk.len());
                return out.into_bytes();
            }
        }
        self.in_line |= line < chunk.len();
        self.hold(chunk, event, &mut out);
        out.into_bytes()
    }

    /// Gives what was held back of an event that the stream broke off in; nothing where that was the usage
    /// chunk but for its end.
    #[must_use]
    pub fn finish(mut self) -> Bytes {
        let held = std::mem::take(&mut self.held);
        match self.verdict(&held) {
            Verdict::Pass | Verdict::Done => Bytes::from(held),
            Verdict::TakeOut => Bytes::new(),
        }
    }

    /// Passes on the event that ends with `range` of the chunk, or takes it out.
    fn end_event(&mut self, chunk: &Bytes, range: Range<usize>, out: &mut Kept<'_>) -> Verdict {
        if std::mem::take(&mut self.too_long) {
            out.keep(range);
            return Verdict::Pass;
        }
        let bytes = chunk.get(range.clone()).unwrap_or_default();
        if self.held.is_empty() {
            let verdict = self.verdict(bytes);
            if verdict != Verdict::TakeOut {
                out.keep(range);
            }
            return verdict;
        }
        let mut event = std::mem::take(&mut self.held);
        event.extend_from_slice(bytes);
        let verdict = self.verdict(&event);
        if verdict != Verdict::TakeOut {
            out.add(&event);
        }
        event.clear();
        self.held = event;
        verdict
    }

    /// Holds back the event that begins at `start` of the chunk, unless it has grown too long.
    fn hold(&mut self, chunk: &Bytes, start: usize, out: &mut Kept<'_>) {
        let bytes = chunk.get(start..).unwrap_or_default();
        if self.held.len().saturating_add(bytes.len()) > MAX_HELD && !self.too_long {
            self.too_long = true;
            out.add(&std::mem::take(&mut self.held));
        }
        if self.too_long {
            out.keep(start..chunk.len());
        } else {
            self.held.extend_from_slice(bytes);
        }
    }

    fn verdict(&self, event: &[u8]) -> Verdict {
        if self.has_choices(event) {
            return Verdict::Pass;
        }
        let mut verdict = Verdict::Pass;
        let mut scanner = Scanner::with_limit(usize::MAX);
        let mut each = |data: &[u8]| {
            if data.trim_ascii() == b"[DONE]" {
                verdict = Verdict::Done;
            } else if is_usage_chunk(data) {
                verdict = Verdict::TakeOut;
            }
        };
        scanner.push(event, |event| each(event.data));
        scanner.finish(|event| each(event.data));
        verdict
    }

    /// Whether the first `"choices"` of an event is a list that is not empty: the most there are, told
    /// without reading the JSON.
    fn has_choices(&self, event: &[u8]) -> bool {
        let after = self
            .choices
            .find(event)
            .and_then(|at| event.get(at + self.choices.needle().len()..));
        let list = after.and_then(|rest| rest.trim_ascii_start().strip_prefix(b":"));
        let inside = list.and_then(|rest| rest.trim_ascii_start().strip_prefix(b"["));
        inside.is_some_and(|rest| rest.trim_ascii_start().starts_with(b"{"))
    }
}

/// Whether the data of an event is the chunk that only tells the usage.
fn is_usage_chunk(data: &[u8]) -> bool {
    serde_json::from_slice::<Chunk<'_>>(data).is_ok_and(|chunk| {
        chunk.choices.is_empty_list()
            && chunk.usage.is_object()
            && !chunk.error.is_some()
            && !chunk.moderation.is_some()
    })
}

/// The next line end at or behind `from`.
fn line_end(chunk: &[u8], from: usize) -> Option<Range<usize>> {
    let rest = chunk.get(from..)?;
    let at = memchr2(b'\n', b'\r', rest)?;
    let is_crlf = rest.get(at..).is_some_and(|end| end.starts_with(b"\r\n"));
    Some(from + at..from + at + if is_crlf { 2 } else { 1 })
}

/// The bytes that go on: slices of the chunk, copied only where they are not one slice.
struct Kept<'a> {
    chunk: &'a Bytes,
    copied: Vec<u8>,
    /// What is kept behind the copied bytes.
    slice: Range<usize>,
}

impl<'a> Kept<'a> {
    const fn of(chunk: &'a Bytes) -> Self {
        Self {
            chunk,
            copied: Vec::new(),
            slice: 0..0,
        }
    }

    fn keep(&mut self, range: Range<usize>) {
        if range.start == self.slice.end {
            self.slice.end = range.end;
        } else {
            self.copy();
            self.slice = range;
        }
    }

    fn add(&mut self, bytes: &[u8]) {
        self.copy();
        self.copied.extend_from_slice(bytes);
    }

    fn copy(&mut self) {
        let slice = std::mem::take(&mut self.slice);
        self.copied
            .extend_from_slice(self.chunk.get(slice).unwrap_or_default());
    }

    fn into_bytes(mut self) -> Bytes {
        if self.copied.is_empty() {
            return self.chunk.slice(self.slice);
        }
        self.copy();
        Bytes::from(self.copied)
    }
}
