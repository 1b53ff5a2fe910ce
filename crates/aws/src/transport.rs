//! The HTTP client that aws-config calls with: [`Network`] in the form that it asks for.
//!
//! Calls are rare (a credential lasts an hour), so each has a connection of its own and nothing is kept
//! open in between. Redirects are not followed: a credential goes nowhere but where it was meant to.

use std::{error::Error, fmt, time::Duration};

use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
    },
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::HttpsConnector;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};

use crate::network::{Network, Route};

/// How long an answer may take where aws-config does not say.
const READ_TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes of the longest answer. Real ones have a few thousand.
const ANSWER_MAX: usize = 1024 * 1024;

/// Makes the connectors.
#[derive(Debug)]
pub(crate) struct Transport(pub(crate) Network);

impl HttpClient for Transport {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let ours = self.0.connect_timeout();
        let connect = settings.connect_timeout().map_or(ours, |it| it.min(ours));
        let read = settings.read_timeout().unwrap_or(READ_TIMEOUT);
        SharedHttpConnector::new(Connector {
            client: Client::builder(TokioExecutor::new())
                .pool_max_idle_per_host(0)
                .build(self.0.connector(connect)),
            timeout: connect.saturating_add(read),
        })
    }
}

#[derive(Debug)]
struct Connector {
    client: Client<HttpsConnector<Route>, Full<Bytes>>,
    /// For all of a call: connection, answer and its body.
    timeout: Duration,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client = self.client.clone();
        let timeout = self.timeout;
        HttpConnectorFuture::new(async move {
            let request = request
                .try_into_http1x()
                .map_err(|error| ConnectorError::user(error.into()))?;
            let host = request.uri().host().unwrap_or_default().to_owned();
            let failed = |reason: String| CallFailed {
                host: host.clone(),
                reason,
            };
            match tokio::time::timeout(timeout, exchange(&client, request)).await {
                Ok(answer) => {
                    answer.map_err(|error| ConnectorError::io(failed(innermost(&*error)).into()))
                }
                Err(_) => {
                    let reason = format!("no answer within {} seconds", timeout.as_secs());
                    Err(ConnectorError::timeout(failed(reason).into()))
                }
            }
        })
    }
}

type BoxError = Box<dyn Error + Send + Sync>;

async fn exchange(
    client: &Client<HttpsConnector<Route>, Full<Bytes>>,
    request: http::Request<SdkBody>,
) -> Result<HttpResponse, BoxError> {
    let (parts, body) = request.into_parts();
    let body = body.bytes().ok_or("the request has no fixed body")?;
    let body = Full::new(Bytes::copy_from_slice(body));
    let (parts, body) = client
        .request(http::Request::from_parts(parts, body))
        .await?
        .into_parts();
    let body = Limited::new(body, ANSWER_MAX).collect().await?.to_bytes();
    let answer = http::Response::from_parts(parts, SdkBody::from(body));
    Ok(HttpResponse::try_from(answer)?)
}

/// The error at the end of the chain: "connection refused" rather than "client error (connect)".
fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

/// A call that got no answer. Found again in the chain of aws-config's errors.
#[derive(Debug)]
pub(crate) struct CallFailed {
    pub(crate) host: String,
    pub(crate) reason: String,
}

impl fmt::Display for CallFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.host, self.reason)
    }
}

impl Error for CallFailed {}
