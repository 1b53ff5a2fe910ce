//! The HTTP client that aws-config calls with: [`Network`] in the form that it asks for.

use std::{error::Error, time::Duration};

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
use credentials::{Client, Network, Reach};

/// How long an answer may take where aws-config does not say.
const READ_TIMEOUT: Duration = Duration::from_secs(10);

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
        SharedHttpConnector::new(Connector(Client::new(
            &self.0,
            Reach::Operator,
            connect,
            read,
        )))
    }
}

#[derive(Debug)]
struct Connector(Client);

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client = self.0.clone();
        HttpConnectorFuture::new(async move {
            let request = readable(request).map_err(ConnectorError::user)?;
            // Found again in the chain of aws-config's errors.
            let answer = client.call(request).await.map_err(|failed| {
                if failed.timed_out {
                    ConnectorError::timeout(failed.into())
                } else {
                    ConnectorError::io(failed.into())
                }
            })?;
            HttpResponse::try_from(answer.map(SdkBody::from))
                .map_err(|error| ConnectorError::user(error.into()))
        })
    }
}

type BoxError = Box<dyn Error + Send + Sync>;

fn readable(request: HttpRequest) -> Result<http::Request<Bytes>, BoxError> {
    let (parts, body) = request.try_into_http1x()?.into_parts();
    let body = body.bytes().ok_or("the request has no fixed body")?;
    let body = Bytes::copy_from_slice(body);
    Ok(http::Request::from_parts(parts, body))
}
