//! One connection to an upstream, and sending a request on it.

use std::{
    error::Error,
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, Waker, ready},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, Uri, header::HOST, uri::PathAndQuery};
use http_body_util::Full;
use hyper::{
    body::Incoming,
    client::conn::{TrySendError, http1, http2},
};
use hyper_util::{
    client::legacy::connect::Connection as _,
    rt::{TokioExecutor, TokioTimer},
};

use super::{
    body::UpstreamBody,
    pool::{InUse, Origin, Pool, SharedHttp2},
};
use crate::connect::UpstreamStream;

/// The most of an HTTP/1 connection's bytes that wait to be read or written, and so the largest head of an
/// answer. No provider's comes near it; a client that reads slowly costs that much memory.
const HTTP1_BUFFER_BYTES: usize = 128 << 10;
/// The most of an answer over HTTP/2 that waits for its client.
const HTTP2_STREAM_WINDOW: u32 = 256 << 10;
/// The same for all answers of a connection together: enough for those of all calls that share one, so that
/// clients which read slowly, or not at all, do not hold up the others.
const HTTP2_CONNECTION_WINDOW: u32 = 32 << 20;
/// How often an HTTP/2 connection is asked whether it is still there.
const HTTP2_KEEP_ALIVE: Duration = Duration::from_secs(30);

/// A connection on which a request can be sent.
#[derive(Debug)]
pub(super) enum Connection {
    /// It serves one call at a time, and moves on only while it is polled.
    Http1(Box<Http1>),
    /// It serves many, and is moved on by a task of its own.
    Http2(Http2),
}

/// A request that failed on a connection.
pub(super) enum SendFailure {
    /// Nothing of it went out, or the upstream has said that it did not look at it: it can be sent on another
    /// connection.
    Unsent(Box<Request<Full<Bytes>>>),
    /// It may have been heard.
    Sent(hyper::Error),
}

impl Connection {
    /// Begins to speak HTTP on a stream.
    pub(super) async fn open(
        origin: Origin,
        stream: UpstreamStream,
        pool: &Pool,
    ) -> Result<Self, hyper::Error> {
        if stream.connected().is_negotiated_h2() {
            let (sender, connection) = http2::Builder::new(TokioExecutor::new())
                .timer(TokioTimer::new())
                .initial_stream_window_size(HTTP2_STREAM_WINDOW)
                .initial_connection_window_size(HTTP2_CONNECTION_WINDOW)
                .keep_alive_interval(HTTP2_KEEP_ALIVE)
                .handshake(stream)
                .await?;
            tokio::spawn(async move {
                if let Err(error) = connection.await {
                    tracing::debug!(%error, "An HTTP/2 connection to an upstream ended");
                }
            });
            let shared = SharedHttp2::new(sender);
            let first = shared.enter();
            pool.share(origin, shared);
            return Ok(Self::Http2(first));
        }
        let (sender, connection) = http1::Builder::new()
            .max_buf_size(HTTP1_BUFFER_BYTES)
            .handshake(stream)
            .await?;
        Ok(Self::Http1(Box::new(Http1 {
            origin,
            sender,
            connection: Some(connection),
        })))
    }

    /// Sends a request and waits for the head of the answer.
    pub(super) async fn send(
        self,
        mut request: Request<Full<Bytes>>,
        pool: &Arc<Pool>,
    ) -> Result<Response<UpstreamBody>, SendFailure> {
        let address = request.uri().clone();
        match self {
            Self::Http1(mut http1) => {
                to_origin_form(&mut request);
                match http1.exchange(request).await {
                    Ok(response) => Ok(response
                        .map(|body| UpstreamBody::of_http1(body, http1, Arc::downgrade(pool)))),
                    Err(failure) => Err(unsent(failure, address)),
                }
            }
            Self::Http2(mut http2) => {
                let again = request.clone();
                match http2.sender.try_send_request(request).await {
                    Ok(response) => {
                        Ok(response.map(|body| UpstreamBody::of_http2(body, http2.in_use)))
                    }
                    Err(failure) if is_refused(failure.error()) => {
                        Err(SendFailure::Unsent(Box::new(again)))
                    }
                    Err(failure) => Err(unsent(failure, address)),
                }
            }
        }
    }
}

/// What a failure leaves. `address`: where the request went, in full.
fn unsent(mut failure: TrySendError<Request<Full<Bytes>>>, address: Uri) -> SendFailure {
    match failure.take_message() {
        Some(mut request) => {
            request.headers_mut().remove(HOST);
            *request.uri_mut() = address;
            SendFailure::Unsent(Box::new(request))
        }
        None => SendFailure::Sent(failure.into_error()),
    }
}

/// Whether an upstream that speaks HTTP/2 has said that it did not look at the request: the connection was on its
/// way out, or too many requests ran on it (RFC 9113, 8.7).
fn is_refused(error: &hyper::Error) -> bool {
    let cause = error.source().and_then(|cause| cause.downcast_ref());
    cause.is_some_and(|cause: &h2::Error| {
        // This comes only to the requests behind the last one that was looked at.
        let is_left_behind = cause.is_go_away();
        let is_too_much = cause.is_reset() && cause.reason() == Some(h2::Reason::REFUSED_STREAM);
        cause.is_remote() && (is_left_behind || is_too_much)
    })
}

/// Moves the authority of the address into `host`, where HTTP/1 has it.
fn to_origin_form(request: &mut Request<Full<Bytes>>) {
    let uri = std::mem::take(request.uri_mut());
    let is_default = matches!(
        (uri.scheme_str(), uri.port_u16()),
        (Some("https"), Some(443)) | (Some("http"), Some(80))
    );
    let host = match uri.authority() {
        Some(_) if is_default => HeaderValue::from_str(uri.host().unwrap_or_default()).ok(),
        Some(authority) => HeaderValue::from_str(authority.as_str()).ok(),
        None => None,
    };
    if let Some(host) = host {
        request.headers_mut().insert(HOST, host);
    }
    *request.uri_mut() = uri
        .into_parts()
        .path_and_query
        .unwrap_or_else(|| PathAndQuery::from_static("/"))
        .into();
}

/// An HTTP/1 connection.
pub(super) struct Http1 {
    pub(super) origin: Origin,
    sender: http1::SendRequest<Full<Bytes>>,
    /// `None`: it is over. It is dropped at once, since only then a request is given back that it has not begun.
    connection: Option<http1::Connection<UpstreamStream, Full<Bytes>>>,
}

impl std::fmt::Debug for Http1 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Http1")
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

impl Http1 {
    async fn exchange(
        &mut self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, TrySendError<Request<Full<Bytes>>>> {
        let mut answer = pin!(self.sender.try_send_request(request));
        let connection = &mut self.connection;
        poll_fn(|cx| {
            // What went wrong with the connection, the answer tells.
            let _is_over = move_on(connection, cx);
            answer.as_mut().poll(cx)
        })
        .await
    }

    /// Moves the connection on. Ready: it is over.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        move_on(&mut self.connection, cx)
    }

    /// Whether a request can be sent on it. Looks whether the other end has closed it.
    pub(super) fn is_ready(&mut self) -> bool {
        let nobody = &mut Context::from_waker(Waker::noop());
        self.poll(nobody).is_pending() && self.sender.is_ready()
    }
}

/// Moves a connection on, and drops it when it is over.
fn move_on<C: Future + Unpin>(connection: &mut Option<C>, cx: &mut Context<'_>) -> Poll<()> {
    if let Some(open) = connection {
        let _how = ready!(Pin::new(open).poll(cx));
        *connection = None;
    }
    Poll::Ready(())
}

/// A share of an HTTP/2 connection, for one call.
#[derive(Debug)]
pub(super) struct Http2 {
    pub(super) sender: http2::SendRequest<Full<Bytes>>,
    pub(super) in_use: InUse,
}
