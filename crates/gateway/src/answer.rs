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
use hyper::body::Incoming;
use tokio::{
    task::JoinHandle,
    time::{Instant as Deadline, Sleep},
};
use wire::strip::UsageChunkFilter;

use crate::{
    call::{End, OpenCall},
    drain::Drainer,
    metering::Metering,
};

/// The body of an answer that a client gets.
#[derive(Debug)]
pub struct AnswerBody(Kind);

#[derive(Debug)]
enum Kind {
    /// Weir's own answer, or one that was looked through.
    Ready(Option<Bytes>),
    /// The upstream's answer as it comes.
    Flowing(Box<Flowing>),
}

#[derive(Debug)]
struct Flowing {
    upstream: Incoming,
    metering: Option<Metering>,
    filter: Option<UsageChunkFilter>,
    call: OpenCall,
    /// Bytes that are still to come, where the upstream said how many there are.
    remaining: Option<u64>,
    idle_timeout: Duration,
    idle: Option<Pin<Box<Sleep>>>,
    /// The row is being written; what follows it waits.
    settling: Option<(JoinHandle<()>, Held)>,
    ended: bool,
    drainer: Drainer,
}

/// What waits for the row.
#[derive(Debug)]
enum Held {
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
        Self(Kind::Ready(Some(bytes.into())))
    }

    /// A body that comes from the upstream.
    pub(crate) fn flowing(
        upstream: Incoming,
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
            Kind::Ready(bytes) => Poll::Ready(
                bytes
                    .take()
                    .filter(|b| !b.is_empty())
                    .map(|b| Ok(Frame::data(b))),
            ),
            Kind::Flowing(flowing) => flowing.poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Ready(bytes) => bytes.as_ref().is_none_or(Bytes::is_empty),
            Kind::Flowing(flowing) => flowing.ended,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Ready(bytes) => {
                let bytes = bytes.as_ref().map_or(0, Bytes::len);
                SizeHint::with_exact(u64::try_from(bytes).unwrap_or(u64::MAX))
            }
            Kind::Flowing(_) => SizeHint::default(),
        }
    }
}

impl Flowing {
    fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        loop {
            if let Some((row, _)) = &mut self.settling {
                // A task that died has been logged by the runtime; the answer goes on all the same.
                let _ended = ready!(Pin::new(row).poll(cx));
                if let Some((_, held)) = self.settling.take() {
                    return Poll::Ready(self.release(held));
                }
            }
            if self.ended {
                return Poll::Ready(None);
            }
            let held = match Pin::new(&mut self.upstream).poll_frame(cx) {
                Poll::Pending => {
                    ready!(self.poll_idle(cx));
                    tracing::info!("An answer stopped coming and is broken off");
                    self.settle(End::Broken, Held::Failure)
                }
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(piece) => {
                        let Some(held) = self.piece(piece) else {
                            continue;
                        };
                        Some(held)
                    }
                    Err(trailers) => self.settle(End::Whole, Held::Piece(trailers)),
                },
                Poll::Ready(Some(Err(_))) => self.settle(End::Broken, Held::Failure),
                Poll::Ready(None) => self.whole(),
            };
            if let Some(held) = held {
                return Poll::Ready(self.release(held));
            }
        }
    }

    /// Takes in one piece. `None`: nothing of it goes down (yet).
    fn piece(&mut self, piece: Bytes) -> Option<Held> {
        let began = Instant::now();
        self.idle = None;
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
            return self.settle(End::Whole, Held::Piece(Frame::data(down)));
        }
        (!down.is_empty()).then(|| Held::Piece(Frame::data(down)))
    }

    /// The upstream's answer is at its end.
    fn whole(&mut self) -> Option<Held> {
        let rest = self
            .filter
            .take()
            .map(UsageChunkFilter::finish)
            .unwrap_or_default();
        if rest.is_empty() {
            return self.settle(End::Whole, Held::End);
        }
        self.call.hear(&rest);
        self.settle(End::Whole, Held::Piece(Frame::data(rest)))
    }

    /// Writes the row, if that has not been done. What may go down now; `None`: it waits for the row.
    fn settle(&mut self, end: End, held: Held) -> Option<Held> {
        let reading = self.metering.take().map(Metering::finish);
        match self.call.settle(end, reading) {
            None => Some(held),
            Some(row) => {
                self.settling = Some((row, held));
                None
            }
        }
    }

    fn release(&mut self, held: Held) -> Option<Result<Frame<Bytes>, BrokenOff>> {
        match held {
            Held::Piece(frame) => Some(Ok(frame)),
            Held::End => {
                self.ended = true;
                None
            }
            Held::Failure => {
                self.ended = true;
                Some(Err(BrokenOff))
            }
        }
    }

    /// Ready when nothing has come for too long. The timer is set only while something is waited for.
    fn poll_idle(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let timeout = self.idle_timeout;
        let idle = self
            .idle
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(Deadline::now() + timeout)));
        idle.as_mut().poll(cx)
    }
}

impl Drop for AnswerBody {
    /// The client has left: what the upstream still sends is read without it.
    fn drop(&mut self) {
        if let Kind::Flowing(flowing) = std::mem::replace(&mut self.0, Kind::Ready(None))
            && flowing.call.is_open()
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
