//! The body of an upstream's answer.
//!
//! It moves its connection on while it is read, joins small pieces that are there at the same time (the events
//! of a stream that came in one read), and gives the connection back when it is at its end.

use std::{
    pin::Pin,
    sync::Weak,
    task::{Context, Poll},
};

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use super::{
    connection::Http1,
    pool::{InUse, Pool},
};

/// Pieces are joined up to this size; a larger one is passed on as it is, without a copy.
const JOINED_BYTES: usize = 16 << 10;
/// A piece of this size is worth no joining.
const LARGE_BYTES: usize = 4 << 10;

/// The body of an answer. Dropped before its end, it closes an HTTP/1 connection or resets an HTTP/2 stream.
#[derive(Debug)]
pub(crate) struct UpstreamBody {
    incoming: Incoming,
    way: Way,
    /// What came behind the pieces that were joined.
    next: Option<Came>,
}

/// What the body comes on.
#[derive(Debug)]
enum Way {
    Http1(Box<Http1>, Weak<Pool>),
    Http2 {
        _in_use: InUse,
    },
    /// The connection is over or has been given back.
    Gone,
}

type Came = Option<Result<Frame<Bytes>, hyper::Error>>;

impl UpstreamBody {
    pub(super) fn of_http1(incoming: Incoming, connection: Box<Http1>, pool: Weak<Pool>) -> Self {
        let mut body = Self {
            incoming,
            way: Way::Http1(connection, pool),
            next: None,
        };
        if body.incoming.is_end_stream() {
            body.end();
        }
        body
    }

    pub(super) const fn of_http2(incoming: Incoming, in_use: InUse) -> Self {
        Self {
            incoming,
            way: Way::Http2 { _in_use: in_use },
            next: None,
        }
    }

    /// One piece, as it is.
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Came> {
        let came = match Pin::new(&mut self.incoming).poll_frame(cx) {
            Poll::Ready(came) => came,
            Poll::Pending => {
                let Way::Http1(connection, _) = &mut self.way else {
                    return Poll::Pending;
                };
                if connection.poll(cx).is_ready() {
                    self.way = Way::Gone;
                }
                match Pin::new(&mut self.incoming).poll_frame(cx) {
                    Poll::Ready(came) => came,
                    Poll::Pending => return Poll::Pending,
                }
            }
        };
        if came.is_none() || self.incoming.is_end_stream() {
            self.end();
        }
        Poll::Ready(came)
    }

    /// Gives the connection back, if it can be used again.
    fn end(&mut self) {
        if let Way::Http1(mut connection, pool) = std::mem::replace(&mut self.way, Way::Gone)
            && connection.is_ready()
            && let Some(pool) = pool.upgrade()
        {
            pool.give_back(connection);
        }
    }

    /// Adds to a small piece what is there already.
    fn join(&mut self, first: Bytes, cx: &mut Context<'_>) -> Frame<Bytes> {
        let mut joined: Option<BytesMut> = None;
        while !self.incoming.is_end_stream() {
            let Poll::Ready(came) = self.poll_piece(cx) else {
                break;
            };
            let piece = match came {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(piece) => piece,
                    Err(trailers) => {
                        self.next = Some(Some(Ok(trailers)));
                        break;
                    }
                },
                end => {
                    self.next = Some(end);
                    break;
                }
            };
            let bytes = joined.as_ref().map_or(first.len(), BytesMut::len);
            if bytes.saturating_add(piece.len()) > JOINED_BYTES {
                self.next = Some(Some(Ok(Frame::data(piece))));
                break;
            }
            joined
                .get_or_insert_with(|| {
                    let mut joined = BytesMut::with_capacity(JOINED_BYTES);
                    joined.extend_from_slice(&first);
                    joined
                })
                .extend_from_slice(&piece);
        }
        Frame::data(joined.map_or(first, BytesMut::freeze))
    }
}

impl Body for UpstreamBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let body = self.get_mut();
        let came = match body.next.take() {
            Some(came) => came,
            None => match body.poll_piece(cx) {
                Poll::Ready(came) => came,
                Poll::Pending => return Poll::Pending,
            },
        };
        let Some(Ok(frame)) = came else {
            return Poll::Ready(came);
        };
        Poll::Ready(Some(Ok(match frame.into_data() {
            Ok(piece) if piece.len() < LARGE_BYTES => body.join(piece, cx),
            Ok(piece) => Frame::data(piece),
            Err(trailers) => trailers,
        })))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.next, None | Some(None)) && self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        match &self.next {
            None => self.incoming.size_hint(),
            Some(_) => SizeHint::default(),
        }
    }
}
