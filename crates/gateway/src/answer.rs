//! The answer on its way down: the upstream's bytes, with a copy to the meter.
//!
//! Nothing waits but the end: the row is written before the piece that completes the answer (a
//! stream's last event, the last bytes of a plain body) is handed on. Where the end cannot be told
//! beforehand, the end of the body itself waits.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::{
    task::JoinHandle,
    time::{Instant as Deadline, Sleep},
};
use wire::strip::UsageChunkFilter;

use crate::{
    call::{End, OpenCall},
    drain::Drainer,
    intake,
    metering::Metering,
    upstream::UpstreamBody,
};

/// The body of an answer that a client gets.
#[derive(Debug)]
pub struct AnswerBody(Kind);

#[derive(Debug)]
enum Kind {
    /// Weir's own answer, or one that was looked through; with its share of the memory for all calls.
    Ready {
        bytes: Option<Bytes>,
        _held: Option<intake::Held>,
    },
    /// The upstream's answer as it comes.
    Flowing(Box<Flowing>),
}

#[derive(Debug)]
struct Flowing {
    upstream: UpstreamBody,
    metering: Option<Metering>,
    filter: Option<UsageChunkFilter>,
    call: OpenCall,
    /// Bytes that are still to come, where the upstream said how many there are.
    remaining: Option<u64>,
    idle_timeout: Duration,
    idle: Option<Pin<Box<Sleep>>>,
    /// Since when the next piece is waited for.
    waiting_since: Option<Deadline>,
    /// Something was handed on since the connection was last told to wait, which is when it sends.
    unsent: bool,
    /// The answer broke off; that is told when what came before it has had its chance to be sent.
    broken: bool,
    /// The row is being written; what follows it waits.
    settling: Option<(JoinHandle<()>, Waiting)>,
    ended: bool,
    drainer: Drainer,
}

/// What waits for the row.
#[derive(Debug)]
enum Waiting {
    Piece(Frame<Bytes>),
    End,
    Failure,
}

/// The answer broke off. The client's connection is then broken as well: nothing is made up.
#[derive(Debug, thiserror::Error)]
#[error("the upstream's answer broke off")]
pub struct BrokenOff;

impl AnswerBody {
    /// A body that is there already.
    pub(crate) fn ready(bytes: impl Into<Bytes>) -> Self {
        Self(Kind::Ready {
            bytes: Some(bytes.into()),
            _held: None,
        })
    }

    /// A body that is there already and takes a share of the memory for all calls until it is delivered.
    pub(crate) const fn held(bytes: Bytes, held: intake::Held) -> Self {
        Self(Kind::Ready {
            bytes: Some(bytes),
            _held: Some(held),
        })
    }

    /// The bytes of a body that is there already. `None`: it comes from the upstream.
    pub(crate) const fn known(&self) -> Option<&Bytes> {
        match &self.0 {
            Kind::Ready { bytes, .. } => bytes.as_ref(),
            Kind::Flowing(_) => None,
        }
    }

    /// A body that comes from the upstream.
    pub(crate) fn flowing(
        upstream: UpstreamBody,
        metering: Option<Metering>,
        filter: Option<UsageChunkFilter>,
        call: OpenCall,
        idle_timeout: Duration,
        drainer: Drainer,
    ) -> Self {
        let remaining = upstream.size_hint().exact();
        Self(Kind::Flowing(Box::new(Flowing {
            upstream,
            metering,
            filter,
            call,
            remaining,
            idle_timeout,
            idle: None,
            waiting_since: None,
            // The head.
            unsent: true,
            broken: false,
            settling: None,
            ended: false,
            drainer,
        })))
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        match &mut self.get_mut().0 {
            Kind::Ready { bytes, .. } => Poll::Ready(
                bytes
                    .take()
                    .filter(|b| !b.is_empty())
                    .map(|b| Ok(Frame::data(b))),
            ),
            Kind::Flowing(flowing) => {
                let next = flowing.poll_next(cx);
                flowing.unsent = next.is_ready();
                next
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Ready { bytes, .. } => bytes.as_ref().is_none_or(Bytes::is_empty),
            Kind::Flowing(flowing) => flowing.ended,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Ready { bytes, .. } => {
                let bytes = bytes.as_ref().map_or(0, Bytes::len);
                SizeHint::with_exact(u64::try_from(bytes).unwrap_or(u64::MAX))
            }
            Kind::Flowing(_) => SizeHint::default(),
        }
    }
}

impl Flowing {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        loop {
            if let Some((row, _)) = &mut self.settling {
                // A task that died has been logged by the runtime; the answer goes on all the same.
                let _ended = ready!(Pin::new(row).poll(cx));
                if let Some((_, held)) = self.settling.take() {
                    return self.release(held, cx);
                }
            }
            if self.ended {
                return Poll::Ready(None);
            }
            if self.broken {
                return self.release(Waiting::Failure, cx);
            }
            let held = match Pin::new(&mut self.upstream).poll_frame(cx) {
                Poll::Pending => {
                    ready!(self.poll_idle(cx));
                    tracing::info!("An answer stopped coming and is broken off");
                    self.settle(End::Broken, Waiting::Failure)
                }
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(piece) => {
                        let Some(held) = self.piece(piece) else {
                            continue;
                        };
                        Some(held)
                    }
                    Err(trailers) => self.settle(End::Whole, Waiting::Piece(trailers)),
                },
                Poll::Ready(Some(Err(_))) => self.settle(End::Broken, Waiting::Failure),
                Poll::Ready(None) => self.whole(),
            };
            if let Some(held) = held {
                return self.release(held, cx);
            }
        }
    }

    /// Takes in one piece. `None`: nothing of it goes down (yet).
    fn piece(&mut self, piece: Bytes) -> Option<Waiting> {
        let began = Instant::now();
        self.waiting_since = None;
        let complete = self
            .metering
            .as_mut()
            .is_some_and(|metering| metering.push(&piece));
        if let Some(remaining) = &mut self.remaining {
            *remaining = remaining.saturating_sub(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        }
        let down = match &mut self.filter {
            Some(filter) => filter.push(&piece),
            None => piece,
        };
        self.call.hear(&down);
        self.call.delivered(began.elapsed());
        let last = complete || self.remaining == Some(0);
        if last && self.call.is_open() {
            return self.settle(End::Whole, Waiting::Piece(Frame::data(down)));
        }
        (!down.is_empty()).then(|| Waiting::Piece(Frame::data(down)))
    }

    /// The upstream's answer is at its end.
    fn whole(&mut self) -> Option<Waiting> {
        let rest = self
            .filter
            .take()
            .map(UsageChunkFilter::finish)
            .unwrap_or_default();
        if rest.is_empty() {
            return self.settle(End::Whole, Waiting::End);
        }
        self.call.hear(&rest);
        self.settle(End::Whole, Waiting::Piece(Frame::data(rest)))
    }

    /// Writes the row, if that has not been done. What may go down now; `None`: it waits for the row.
    fn settle(&mut self, end: End, held: Waiting) -> Option<Waiting> {
        let reading = self.metering.take().map(Metering::finish);
        match self.call.settle(end, reading) {
            None => Some(held),
            Some(row) => {
                self.settling = Some((row, held));
                None
            }
        }
    }

    fn release(
        &mut self,
        held: Waiting,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        match held {
            Waiting::Piece(frame) => Poll::Ready(Some(Ok(frame))),
            Waiting::End => {
                self.ended = true;
                Poll::Ready(None)
            }
            // Told at once, the connection would throw away what it has not sent. It sends while it is told to
            // wait, as much as the client takes then.
            Waiting::Failure if self.unsent => {
                self.broken = true;
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Waiting::Failure => {
                self.ended = true;
                Poll::Ready(Some(Err(BrokenOff)))
            }
        }
    }

    /// Ready when nothing has come for too long. One timer serves all pieces: it is moved on only when it has
    /// gone off, since setting it for each of them would cost more than reading the clock.
    fn poll_idle(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let due = *self.waiting_since.get_or_insert_with(Deadline::now) + self.idle_timeout;
        let idle = self
            .idle
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(due)));
        loop {
            ready!(idle.as_mut().poll(cx));
            if idle.deadline() >= due {
                return Poll::Ready(());
            }
            idle.as_mut().reset(due);
        }
    }
}

impl Drop for AnswerBody {
    /// The client has left: what the upstream still sends is read without it.
    fn drop(&mut self) {
        if let Kind::Flowing(flowing) = std::mem::replace(
            &mut self.0,
            Kind::Ready {
                bytes: None,
                _held: None,
            },
        ) && flowing.call.is_open()
        {
            let Flowing {
                upstream,
                metering,
                filter,
                call,
                drainer,
                ..
            } = *flowing;
            drainer.drain(upstream, metering, filter, call);
        }
    }
}
