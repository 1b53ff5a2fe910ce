//! One call to a service that gives credentials.
//!
//! Calls are rare (a credential lasts an hour), so each has a connection of its own and nothing is kept
//! open in between. Redirects are not followed: a credential goes nowhere but where it was meant to.

use std::{error::Error, fmt, time::Duration};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::HttpsConnector;
use hyper_util::{client::legacy, rt::TokioExecutor};

use crate::network::{Network, Reach, Route};

/// Bytes of the longest answer. Real ones have a few thousand.
const ANSWER_MAX: usize = 1024 * 1024;

/// Calls services. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Client {
    client: legacy::Client<HttpsConnector<Route>, Full<Bytes>>,
    /// For all of a call: connection, answer and its body.
    timeout: Duration,
}

impl Client {
    /// A client of a network. `connect` is how long a connection may take, `read` an answer after it.
    #[must_use]
    pub fn new(network: &Network, reach: Reach, connect: Duration, read: Duration) -> Self {
        Self {
            client: legacy::Client::builder(TokioExecutor::new())
                .pool_max_idle_per_host(0)
                .build(network.connector(reach, connect)),
            timeout: connect.saturating_add(read),
        }
    }

    /// Sends a request and reads its answer, whatever its status.
    ///
    /// # Errors
    /// [`CallFailed`], where there was no whole answer in time.
    pub async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>, CallFailed> {
        let host = request.uri().host().unwrap_or_default().to_owned();
        match tokio::time::timeout(self.timeout, self.exchange(request)).await {
            Ok(answer) => answer.map_err(|error| CallFailed {
                host,
                reason: innermost(&*error),
                timed_out: false,
            }),
            Err(_) => Err(CallFailed {
                host,
                reason: format!("no answer within {} seconds", self.timeout.as_secs()),
                timed_out: true,
            }),
        }
    }

    async fn exchange(
        &self,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, Box<dyn Error + Send + Sync>> {
        let request = request.map(Full::new);
        let (parts, body) = self.client.request(request).await?.into_parts();
        let body = Limited::new(body, ANSWER_MAX).collect().await?.to_bytes();
        Ok(Response::from_parts(parts, body))
    }
}

/// The error at the end of the chain: "connection refused" rather than "client error (connect)".
fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

/// A call that got no answer.
#[derive(Debug)]
pub struct CallFailed {
    /// Who was called.
    pub host: String,
    /// What happened.
    pub reason: String,
    /// Whether it took too long.
    pub timed_out: bool,
}

impl fmt::Display for CallFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.host, self.reason)
    }
}

impl Error for CallFailed {}
