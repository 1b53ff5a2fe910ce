//! The body of an answer on its way out: frames, the pause between them, and how it all ends. It
//! knows nothing of the APIs or of what is in the frames.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::frames::Frames;

/// Time in which what was handed out before a break gets onto the wire.
const BEFORE_BREAK: Duration = Duration::from_millis(5);
/// Time between two pieces that must not share one write.
const BETWEEN_WRITES: Duration = Duration::from_millis(1);

/// What follows the last frame.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The end that the protocol knows.
    Clean,
    /// An error: the server then drops the connection without ending the answer.
    Broken,
    /// Nothing.
    Hanging,
}

/// How a body is handed out.
pub(crate) struct Manner {
    /// Time between two frames.
    pub(crate) pace: Duration,
    pub(crate) ending: Ending,
    /// The length told beforehand; `None`: chunked.
    pub(crate) length: Option<u64>,
    /// Whether each frame is a write of its own even without a pause.
    pub(crate) write_each: bool,
}

/// A body that hands out frames. It needs no task of its own.
pub(crate) struct AnswerBody {
    rest: Bytes,
    ends: Vec<usize>,
    next: usize,
    handed_out: usize,
    manner: Manner,
    /// When the next frame is due, where frames are paced.
    due: Option<Instant>,
    pause: Option<Pin<Box<Sleep>>>,
}

impl AnswerBody {
    pub(crate) fn new(frames: Frames, mut manner: Manner) -> Self {
        if manner.write_each {
            manner.pace = manner.pace.max(BETWEEN_WRITES);
        }
        let (bytes, ends) = frames.into_parts();
        let mut body = Self {
            rest: bytes.into(),
            ends,
            next: 0,
            handed_out: 0,
            manner,
            due: None,
            pause: None,
        };
        if body.ends.is_empty() && body.manner.ending == Ending::Broken {
            // So that the head of the answer still goes out.
            body.pause_for(BEFORE_BREAK);
        }
        body
    }

    fn pause_for(&mut self, time: Duration) {
        self.pause_until(Instant::now() + time);
    }

    fn pause_until(&mut self, time: Instant) {
        match &mut self.pause {
            Some(pause) => pause.as_mut().reset(time),
            None => self.pause = Some(Box::pin(sleep_until(time))),
        }
    }

    /// Waits for the time of the next frame. A frame that is a little late does not make the others late;
    /// one that is late by a whole pause does, so that frames never come in a heap.
    fn pace(&mut self) {
        let now = Instant::now();
        let next = self.due.map(|due| due + self.manner.pace);
        let next = next
            .filter(|next| *next > now)
            .unwrap_or_else(|| now + self.manner.pace);
        self.due = Some(next);
        self.pause_until(next);
    }

    fn poll_pause(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if let Some(pause) = &mut self.pause {
            ready!(pause.as_mut().poll(context));
        }
        Poll::Ready(())
    }

    fn take_frame(&mut self, end: usize) -> Bytes {
        let length = end.saturating_sub(self.handed_out).min(self.rest.len());
        self.next += 1;
        self.handed_out = end;
        self.rest.split_to(length)
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = self.get_mut();
        ready!(this.poll_pause(context));
        if let Some(end) = this.ends.get(this.next).copied() {
            let frame = this.take_frame(end);
            if this.next < this.ends.len() {
                if !this.manner.pace.is_zero() {
                    this.pace();
                }
            } else if this.manner.ending == Ending::Broken {
                this.pause_for(BEFORE_BREAK.max(this.manner.pace));
            }
            return Poll::Ready(Some(Ok(Frame::data(frame))));
        }
        match this.manner.ending {
            Ending::Clean => Poll::Ready(None),
            Ending::Hanging => Poll::Pending,
            Ending::Broken => Poll::Ready(Some(Err(io::Error::new(
                io::ErrorKind::ConnectionAborted,
                "the answer was to break off here",
            )))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.manner.ending == Ending::Clean && self.next >= self.ends.len()
    }

    fn size_hint(&self) -> SizeHint {
        match self.manner.length {
            Some(length) => {
                let handed_out = u64::try_from(self.handed_out).unwrap_or(u64::MAX);
                SizeHint::with_exact(length.saturating_sub(handed_out))
            }
            None => SizeHint::default(),
        }
    }
}
