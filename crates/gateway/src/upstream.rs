//! Requests to upstreams over connections that are kept.
//!
//! An HTTP/1 connection has no task of its own: whoever waits for an answer moves it on ([`connection`],
//! [`body`]). So the bytes of an answer go from one socket to the other within one turn of one task, what came
//! in one read leaves in one write, and nothing has to wake anybody. HTTP/2 connections serve many calls at a
//! time and run beside them.
//!
//! | module | what it is |
//! |---|---|
//! | [`connection`] | one connection, and sending a request on it |
//! | [`pool`] | connections that are not in use, and those of HTTP/2 |
//! | [`body`] | an answer's body, which gives its connection back at its end |
//! | [`failure`] | why a request failed, and what that means to the caller |
//!
//! How a connection is made is `connect`'s.

mod body;
mod connection;
mod failure;
mod pool;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body_util::Full;
use tower::ServiceExt;

use self::{
    connection::{Connection, SendFailure},
    pool::{Origin, Pool},
};
use crate::connect::TimedConnector;

pub(crate) use body::UpstreamBody;
pub(crate) use failure::{UpstreamFailure, refusal};

/// So many kept connections are tried for a request that goes out on none of them, before a new one is made.
const KEPT_TRIES: usize = 3;

/// The client of all upstreams. Clones share its connections.
#[derive(Debug, Clone)]
pub(crate) struct UpstreamClient {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    connector: TimedConnector,
    pool: Arc<Pool>,
}

impl UpstreamClient {
    /// A client without connections yet. Must be made inside the runtime, which looks after unused ones.
    pub(crate) fn new(connector: TimedConnector) -> Self {
        Self {
            shared: Arc::new(Shared {
                connector,
                pool: Pool::start(),
            }),
        }
    }

    /// Sends a request to the address that it names in full, and waits for the head of the answer.
    ///
    /// A connection that was kept may have been closed by the other end just now. Where nothing of the
    /// request went out on it, or the upstream says that it did not look at it, another one is taken; else
    /// the request fails, since it may have been heard.
    ///
    /// # Errors
    /// [`UpstreamFailure`].
    pub(crate) async fn request(
        &self,
        mut request: Request<Full<Bytes>>,
    ) -> Result<Response<UpstreamBody>, UpstreamFailure> {
        let pool = &self.shared.pool;
        let origin = Origin::of(request.uri())?;
        for _ in 0..KEPT_TRIES {
            let Some(kept) = pool.take(&origin) else {
                break;
            };
            match kept.send(request, pool).await {
                Ok(response) => return Ok(response),
                Err(SendFailure::Unsent(unsent)) => request = *unsent,
                Err(SendFailure::Sent(error)) => return Err(UpstreamFailure::Exchange(error)),
            }
        }
        let connection = self.connect(origin, request.uri().clone()).await?;
        connection
            .send(request, pool)
            .await
            .map_err(|failure| match failure {
                SendFailure::Unsent(_) => UpstreamFailure::ClosedAtOnce,
                SendFailure::Sent(error) => UpstreamFailure::Exchange(error),
            })
    }

    async fn connect(&self, origin: Origin, uri: Uri) -> Result<Connection, UpstreamFailure> {
        let stream = self
            .shared
            .connector
            .clone()
            .oneshot(uri)
            .await
            .map_err(UpstreamFailure::Connect)?;
        Connection::open(origin, stream, &self.shared.pool)
            .await
            .map_err(UpstreamFailure::Exchange)
    }
}
