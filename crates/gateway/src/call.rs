//! One call from the moment it is sent up to its row in the ledger.
//!
//! [`OpenCall`] is made when the start of the call has been journalled and is settled exactly once:
//! by the answer's body before it hands out the end, by the drain after a client has left, or, where
//! neither came to it, when it is dropped.

mod listening;
mod row;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use admin::live::LiveProvider;
use bytes::Bytes;
use catalog::Catalog;
use domain::call::{Call, CallStart};
use http::Method;
use tokio::{sync::oneshot, task::JoinHandle};
use wire::{meter::Reading, request::Asked};

use crate::{
    background::Background, cards::Cards, intake::Held, recorder::Recorder, recording::Recording,
};

pub(crate) use row::rejected;

/// A request body up to this size is kept until the call is over, for counting its tokens should the
/// upstream not tell; of a larger one only the size is.
pub(crate) const PROMPT_KEPT_BYTES: usize = 32 << 10;

/// After this answer the body may be sent once more, without what Weir added to it.
const BAD_REQUEST: u16 = 400;

/// What pricing and recording need, shared by all calls.
#[derive(Debug)]
pub(crate) struct Books {
    pub(crate) recorder: Recorder,
    pub(crate) cards: Cards,
    pub(crate) background: Background,
}

/// What of the request is needed at the end of the call.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) asked: Asked,
    /// The request only reads or removes, which no provider charges for.
    free: bool,
    /// Empty where the body was too large to be kept.
    prompt: Bytes,
    /// The body's share of the budget for all calls, as long as the body is there.
    held: Option<Held>,
}

impl Sent {
    /// Keeps of a body what is worth its memory.
    pub(crate) fn new(method: &Method, asked: Asked, body: &Bytes, held: Held) -> Self {
        let kept = body.len() <= PROMPT_KEPT_BYTES;
        Self {
            asked,
            free: matches!(*method, Method::GET | Method::HEAD | Method::DELETE),
            prompt: if kept { body.clone() } else { Bytes::new() },
            held: Some(held),
        }
    }

    /// The body has been sent and is not sent again: of a large one nothing is left.
    fn was_sent(&mut self) {
        if self.prompt.is_empty() {
            self.held = None;
        }
    }
}

/// Is told the row of a call.
pub(crate) type Observer = oneshot::Sender<Call>;

/// What a call begins with.
pub(crate) struct Opening {
    pub(crate) books: Arc<Books>,
    pub(crate) provider: Arc<LiveProvider>,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) start: CallStart,
    pub(crate) sent: Sent,
    pub(crate) began: Instant,
    /// Time spent inside Weir so far.
    pub(crate) inside: Duration,
    pub(crate) recording: Option<Box<Recording>>,
    pub(crate) observer: Option<Observer>,
}

/// A call that is running.
#[derive(Debug)]
pub(crate) struct OpenCall {
    running: Option<Running>,
    /// Ends with this call: what comes down after the row was written belongs to it, too.
    recording: Option<Box<Recording>>,
}

#[derive(Debug)]
struct Running {
    books: Arc<Books>,
    provider: Arc<LiveProvider>,
    catalog: Arc<Catalog>,
    start: CallStart,
    sent: Sent,
    began: Instant,
    /// Time spent inside Weir so far.
    inside: Duration,
    ttfb: Option<Duration>,
    status: u16,
    upstream_request_id: Option<String>,
    /// The address, or the location, pins the call to a geography: its name.
    residency: Option<String>,
    observer: Option<Observer>,
}

/// How the bytes of an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// All of them came.
    Whole,
    /// They stopped before the end: the connection broke, or nothing came for too long.
    Broken,
    /// The client left; what came after that was read without it.
    ClientLeft,
    /// The client left, and the answer had not begun when waiting for it ended: the upstream works on,
    /// and bills.
    GivenUp,
    /// Weir itself failed the call: no answer came.
    Failed,
}

impl OpenCall {
    /// Opens a call whose start has been journalled.
    pub(crate) fn new(opening: Opening) -> Self {
        let Opening {
            books,
            provider,
            catalog,
            start,
            sent,
            began,
            inside,
            recording,
            observer,
        } = opening;
        books.recorder.metrics().begins();
        let residency = provider.provider.upstream.geography();
        let running = Some(Running {
            books,
            provider,
            catalog,
            start,
            sent,
            began,
            inside,
            ttfb: None,
            status: 0,
            upstream_request_id: None,
            residency,
            observer,
        });
        Self { running, recording }
    }

    /// Notes the head of the answer.
    pub(crate) fn answered(&mut self, status: u16, upstream_request_id: Option<String>) {
        if let Some(running) = &mut self.running {
            running.status = status;
            if status != BAD_REQUEST {
                running.sent.was_sent();
            }
            running.upstream_request_id = upstream_request_id;
        }
    }

    /// Notes that the head of the answer was handled, which took Weir so long.
    pub(crate) fn head_handled(&mut self, inside: Duration) {
        if let Some(running) = &mut self.running {
            running.inside = running.inside.saturating_add(inside);
        }
    }

    /// Notes that a piece of the answer was handled, which took Weir so long.
    pub(crate) fn delivered(&mut self, inside: Duration) {
        if let Some(running) = &mut self.running
            && running.ttfb.is_none()
        {
            running.ttfb = Some(running.began.elapsed());
            running.inside = running.inside.saturating_add(inside);
        }
    }

    /// Notes the status of Weir's own answer, where the upstream gave none. Returns what was recorded.
    pub(crate) fn failed(mut self, status: u16) -> Option<Box<Recording>> {
        self.answered(status, None);
        self.unheard();
        self.settle(End::Failed, None);
        self.take_recording()
    }

    /// What was recorded of the call, whose row is written.
    pub(crate) fn take_recording(&mut self) -> Option<Box<Recording>> {
        self.recording.take()
    }

    /// Whether the call is still open.
    pub(crate) fn is_open(&self) -> bool {
        self.running.is_some()
    }

    /// Writes the row. It is durable when this returns, or, where tokens had to be counted, when the
    /// task that is returned has ended.
    pub(crate) fn settle(
        &mut self,
        end: End,
        mut reading: Option<Reading>,
    ) -> Option<JoinHandle<()>> {
        let running = self.running.take()?;
        if let Some(reading) = &mut reading {
            running.goes_on(reading);
        }
        if running.needs_estimate(end, reading.as_ref()) {
            let mut recording = self.recording.take();
            let tasks = running.books.recorder.tasks().clone();
            return Some(tasks.spawn_blocking(move || {
                running.finish(end, reading, recording.as_deref_mut());
            }));
        }
        running.finish(end, reading, self.recording.as_deref_mut());
        None
    }
}

impl Drop for OpenCall {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.finish(End::ClientLeft, None, self.recording.as_deref_mut());
        }
    }
}

/// Whole microseconds.
pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
