//! The catalog's file at the operator's address, fetched when an admin asks for it: over the same client as
//! upstreams, so the same proxy, certificates, address rules and connect timeout hold.

use std::{fmt, str::FromStr, time::Duration};

use admin::catalog::{CATALOG_MAX_BYTES, CatalogSource, FetchFailure};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{HeaderValue, Request, Response, StatusCode, Uri, header};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use tokio::time::timeout;
use url::Url;

use crate::{
    Gateway,
    refusal::Refusal,
    upstream::{self, UpstreamBody},
};

/// How long the whole of it may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where the catalog's file is, as `--catalog-url` says it.
#[derive(Clone)]
pub struct CatalogAddress {
    uri: Uri,
    /// Without the query, in which a signature may stand.
    shown: String,
}

impl fmt::Debug for CatalogAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CatalogAddress").field(&self.shown).finish()
    }
}

/// What is wrong with the address of a catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CatalogAddressError {
    /// It is no address that can be fetched from.
    #[error("write a whole address, such as https://example.com/models.jsonl")]
    NotHttp,
    /// A user name or password in it.
    #[error("leave user name and password out of the address")]
    HasCredentials,
}

impl FromStr for CatalogAddress {
    type Err = CatalogAddressError;

    fn from_str(text: &str) -> Result<Self, CatalogAddressError> {
        let mut url: Url = text.parse().map_err(|_| CatalogAddressError::NotHttp)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(CatalogAddressError::NotHttp);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(CatalogAddressError::HasCredentials);
        }
        url.set_fragment(None);
        let uri = url
            .as_str()
            .parse()
            .map_err(|_| CatalogAddressError::NotHttp)?;
        url.set_query(None);
        Ok(Self {
            uri,
            shown: url.into(),
        })
    }
}

/// Fetches the file through the data plane's connections.
#[derive(Debug)]
pub struct CatalogFetcher {
    gateway: Gateway,
    address: CatalogAddress,
}

impl CatalogFetcher {
    /// Makes one for an address.
    #[must_use]
    pub const fn new(gateway: Gateway, address: CatalogAddress) -> Self {
        Self { gateway, address }
    }

    async fn file(&self) -> Result<Vec<u8>, FetchFailure> {
        let mut request = Request::new(Full::new(Bytes::new()));
        *request.uri_mut() = self.address.uri.clone();
        let headers = request.headers_mut();
        headers.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
        headers.insert(header::USER_AGENT, HeaderValue::from_static("weir"));
        let response = self.gateway.client.request(request).await;
        let response = response.map_err(|error| {
            FetchFailure::Failed(match upstream::refusal(&error) {
                Refusal::Unreachable { reason } | Refusal::Broken { reason } => {
                    format!("The catalog's address could not be reached: {reason}.")
                }
                Refusal::AddressRefused => "The catalog's address leads to a link-local or cloud metadata address, to which Weir does not connect unless it is started with --allow-link-local-upstreams.".to_owned(),
                _ => "No connection to the catalog's address within the connect timeout.".to_owned(),
            })
        })?;
        check_status(&response)?;
        let body = Limited::new(response.into_body(), CATALOG_MAX_BYTES);
        match body.collect().await {
            Ok(body) => Ok(body.to_bytes().into()),
            Err(error) if error.is::<LengthLimitError>() => Err(FetchFailure::TooLarge),
            Err(_) => Err(failed("The answer broke off before its end")),
        }
    }
}

impl CatalogSource for CatalogFetcher {
    fn address(&self) -> &str {
        &self.address.shown
    }

    fn fetch(&self) -> BoxFuture<'_, Result<Vec<u8>, FetchFailure>> {
        Box::pin(async {
            timeout(PATIENCE, self.file())
                .await
                .unwrap_or_else(|_| Err(failed("The address did not answer whole within a minute")))
        })
    }
}

/// Only a plain answer is taken. A redirect is not followed: it could lead anywhere.
fn check_status(response: &Response<UpstreamBody>) -> Result<(), FetchFailure> {
    let status = response.status();
    if status == StatusCode::OK {
        return Ok(());
    }
    let status = status.as_u16();
    Err(if (300..400).contains(&status) {
        failed(&format!(
            "The address answered {status} and points elsewhere, which is not followed; set --catalog-url to where the file is"
        ))
    } else {
        failed(&format!(
            "The address answered {status} instead of the file"
        ))
    })
}

fn failed(what: &str) -> FetchFailure {
    FetchFailure::Failed(format!("{what}. Nothing has changed."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_secret_is_not_shown() {
        let read = |text: &str| text.parse::<CatalogAddress>();
        let signed = read("https://files.example/models.jsonl?sig=s3cret#top").unwrap();
        assert_eq!(signed.shown, "https://files.example/models.jsonl");
        assert_eq!(signed.uri, "https://files.example/models.jsonl?sig=s3cret");
        let told = format!("{signed:?}");
        assert_eq!(
            told,
            r#"CatalogAddress("https://files.example/models.jsonl")"#
        );
        let refused = |text: &str| read(text).unwrap_err();
        assert_eq!(
            refused("https://ada:pw@files.example/"),
            CatalogAddressError::HasCredentials
        );
        for text in ["models.jsonl", "file:///models.jsonl", ""] {
            assert_eq!(refused(text), CatalogAddressError::NotHttp, "{text}");
        }
    }
}
