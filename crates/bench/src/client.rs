//! One call at a time, and whether its answer is whole.

use std::time::Instant;

use crate::http::{Connection, Head, HttpError, Receive};
use crate::requests::LastBytes;

/// Longest ending that must be recognised: Anthropic's last event.
const TAIL_BYTES: usize = 64;
/// How much of an error's body is shown.
const SHOWN_BYTES: usize = 300;

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    /// No connection, or one that broke.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// Another status than 200.
    #[error("status {status}: {body}")]
    Status {
        /// The status.
        status: u16,
        /// The body's beginning.
        body: String,
    },
    /// The answer ended too early.
    #[error("the answer stopped after {bytes} bytes, before its last event")]
    CutShort {
        /// How much there was.
        bytes: usize,
    },
}

/// An answer with status 200 that came to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    /// When the first bytes of the body were there.
    pub(crate) first_byte: Instant,
}

/// Whoever watches an answer come in.
pub(crate) trait Watch {
    /// The head has come.
    fn began(&mut self, _head: &Head) {}
    /// A piece of the body's content.
    fn content(&mut self, _piece: &[u8]) {}
    /// Some bytes of the body have come.
    fn arrived(&mut self) {}
    /// The last event has come, though the body may not be closed yet.
    fn delivered(&mut self, _call_id: Option<&str>) {}
}

impl Watch for () {}

/// Sends a request and reads the answer to its end, which must be the one that is expected.
pub(crate) async fn call(
    connection: &mut Connection,
    request: &[u8],
    last: LastBytes,
    watch: &mut impl Watch,
) -> Result<Answer, CallError> {
    let mut reading = Reading {
        last,
        watch,
        head: None,
        first_byte: None,
        bytes: 0,
        tail: Tail::default(),
        error_body: Vec::new(),
        delivered: false,
    };
    connection.exchange(request, &mut reading).await?;
    reading.end()
}

struct Reading<'w, W> {
    last: LastBytes,
    watch: &'w mut W,
    head: Option<Head>,
    first_byte: Option<Instant>,
    bytes: usize,
    tail: Tail,
    error_body: Vec<u8>,
    delivered: bool,
}

impl<W: Watch> Receive for Reading<'_, W> {
    fn head(&mut self, head: &Head) {
        self.watch.began(head);
        self.head = Some(head.clone());
    }

    fn content(&mut self, piece: &[u8]) {
        self.bytes += piece.len();
        self.tail.push(piece);
        self.watch.content(piece);
        if self.status() != 200 {
            self.error_body.extend_from_slice(piece);
        }
    }

    fn arrived(&mut self) {
        if self.bytes == 0 {
            return;
        }
        self.first_byte.get_or_insert_with(Instant::now);
        self.watch.arrived();
        // Braces stand within an object too: only its length tells where the last one is.
        if self.last != LastBytes::Brace {
            self.look_for_the_end();
        }
    }
}

impl<W: Watch> Reading<'_, W> {
    fn status(&self) -> u16 {
        self.head.as_ref().map_or(0, |head| head.status)
    }

    fn look_for_the_end(&mut self) {
        if !self.delivered && self.status() == 200 && self.tail.ends_with(self.last) {
            self.delivered = true;
            let head = self.head.as_ref();
            self.watch
                .delivered(head.and_then(|head| head.call_id.as_deref()));
        }
    }

    fn end(mut self) -> Result<Answer, CallError> {
        self.look_for_the_end();
        if self.status() != 200 {
            return Err(CallError::Status {
                status: self.status(),
                body: beginning(&self.error_body),
            });
        }
        match (self.first_byte, self.delivered) {
            (Some(first_byte), true) => Ok(Answer { first_byte }),
            _ => Err(CallError::CutShort { bytes: self.bytes }),
        }
    }
}

/// As much of a body as fits into a message.
pub(crate) fn beginning(body: &[u8]) -> String {
    let shown = body.get(..SHOWN_BYTES).unwrap_or(body);
    String::from_utf8_lossy(shown).into_owned()
}

/// The last bytes of what has come, however it was cut.
#[derive(Default)]
struct Tail {
    bytes: Vec<u8>,
}

impl Tail {
    fn push(&mut self, data: &[u8]) {
        if data.len() >= TAIL_BYTES {
            self.bytes.clear();
        }
        let new = data
            .get(data.len().saturating_sub(TAIL_BYTES)..)
            .unwrap_or_default();
        self.bytes.extend_from_slice(new);
        let surplus = self.bytes.len().saturating_sub(TAIL_BYTES);
        self.bytes.drain(..surplus);
    }

    fn ends_with(&self, last: LastBytes) -> bool {
        let text = self.bytes.trim_ascii_end();
        match last {
            LastBytes::Done => text.ends_with(b"data: [DONE]"),
            LastBytes::MessageStop => text.ends_with(b"data: {\"type\":\"message_stop\"}"),
            LastBytes::Brace => text.ends_with(b"}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ending_is_seen_however_it_is_cut() {
        let text = b"data: {\"choices\":[]}\n\ndata: [DONE]\n\n";
        for size in 1..=text.len() {
            let mut tail = Tail::default();
            let mut pushed = 0;
            for piece in text.chunks(size) {
                tail.push(piece);
                pushed += piece.len();
                // The empty line behind it need not be there.
                let whole = pushed >= text.len() - 2;
                assert_eq!(tail.ends_with(LastBytes::Done), whole, "{size}, {pushed}");
            }
        }
    }

    #[test]
    fn an_ending_within_a_long_piece_is_none() {
        let mut tail = Tail::default();
        tail.push(b"data: [DONE]");
        assert!(tail.ends_with(LastBytes::Done));
        tail.push(&[b'x'; 500]);
        assert!(!tail.ends_with(LastBytes::Done));
    }
}
