//! Proof of a credential in a request: Signature Version 4, or the bearer header.
//!
//! Signed are the method, the path and query exactly as they are sent (the canonical path encodes each
//! `%` a second time, as every service but S3 wants it), the body, and the headers `content-type`,
//! `host`, `x-amz-date` and, with temporary keys, `x-amz-security-token`. Everything else may be added
//! or changed on the way.

use std::time::SystemTime;

use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningParams, SigningSettings},
    sign::v4,
};
use domain::provider::Region;
use http::{
    HeaderName, HeaderValue, Method, Uri,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use secrecy::ExposeSecret;

use crate::credential::{Credential, Keys};

/// The service that signs for Bedrock's runtime and for its control plane.
pub const BEDROCK: &str = "bedrock";

/// A request that is about to be sent.
#[derive(Debug, Clone, Copy)]
pub struct ToSign<'a> {
    /// Its method.
    pub method: &'a Method,
    /// The whole address, byte for byte as it is sent. Its host is signed, without a default port.
    pub url: &'a str,
    /// Its `content-type`, byte for byte.
    pub content_type: Option<&'a HeaderValue>,
    /// All of its body.
    pub body: &'a [u8],
    /// The region of the host.
    pub region: &'a Region,
    /// The name of the service in the signature, such as [`BEDROCK`].
    pub service: &'a str,
    /// The moment of sending. AWS refuses what is more than five minutes off.
    pub now: SystemTime,
}

/// Why a request cannot be signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// The URL is no absolute one.
    #[error("the URL to sign is no absolute http(s) URL")]
    Url,
    /// The bearer key cannot stand in a header.
    #[error("the Bedrock API key has characters that no header can hold; check it for line breaks")]
    Key,
    /// The content type is no text.
    #[error("the content type is no plain text")]
    ContentType,
    /// The signer failed.
    #[error("cannot sign the request: {0}")]
    Signer(String),
}

/// The headers that prove the credential: to be added to exactly this request, replacing others of their
/// names. Secret ones are marked sensitive. A retry needs new ones.
///
/// # Errors
/// [`SignError`].
pub fn sign(
    credential: &Credential,
    request: &ToSign<'_>,
) -> Result<Vec<(HeaderName, HeaderValue)>, SignError> {
    match credential {
        Credential::Bearer(key) => {
            let mut value = HeaderValue::from_str(&format!("Bearer {}", key.expose_secret()))
                .map_err(|_| SignError::Key)?;
            value.set_sensitive(true);
            Ok(vec![(AUTHORIZATION, value)])
        }
        Credential::Keys(keys) => signature(keys, request),
    }
}

fn signature(
    keys: &Keys,
    request: &ToSign<'_>,
) -> Result<Vec<(HeaderName, HeaderValue)>, SignError> {
    let absolute = request
        .url
        .parse::<Uri>()
        .is_ok_and(|uri| uri.scheme().is_some() && uri.host().is_some());
    if !absolute {
        return Err(SignError::Url);
    }
    let content_type = request
        .content_type
        .map(|value| value.to_str().map_err(|_| SignError::ContentType))
        .transpose()?;
    let failed = |error: &dyn std::error::Error| SignError::Signer(error.to_string());
    let params: SigningParams<'_> = v4::SigningParams::builder()
        .identity(keys.identity())
        .region(request.region.as_str())
        .name(request.service)
        .time(request.now)
        .settings(SigningSettings::default())
        .build()
        .map_err(|error| failed(&error))?
        .into();
    let signable = SignableRequest::new(
        request.method.as_str(),
        request.url,
        content_type
            .into_iter()
            .map(|value| (CONTENT_TYPE.as_str(), value)),
        SignableBody::Bytes(request.body),
    )
    .map_err(|error| failed(&error))?;
    let (instructions, _) = aws_sigv4::http_request::sign(signable, &params)
        .map_err(|error| failed(&error))?
        .into_parts();
    let (headers, _) = instructions.into_parts();
    headers
        .into_iter()
        .map(|header| {
            let name = HeaderName::try_from(header.name()).map_err(|error| failed(&error))?;
            let mut value =
                HeaderValue::from_str(header.value()).map_err(|error| failed(&error))?;
            value.set_sensitive(name == AUTHORIZATION || header.sensitive());
            Ok((name, value))
        })
        .collect()
}

#[cfg(test)]
mod tests;
