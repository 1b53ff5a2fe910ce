//! The upstream's own errors on their way down: passed on as they are, but looked through for the very
//! credential that Weir sent, which some upstreams repeat.

use bytes::Bytes;
use http::{
    HeaderMap, Response, Version,
    header::{CONTENT_ENCODING, CONTENT_LENGTH},
};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use wire::decode::Decoder;

use crate::{
    Gateway,
    answer::AnswerBody,
    call::{End, OpenCall},
    credential::Credential,
    forward::Refused,
    plan::text,
    refusal::Refusal,
};

/// An error body up to this size is passed on. No provider's error comes near it.
const ERROR_MAX_BYTES: usize = 8 << 20;

impl Gateway {
    /// The way down of an error: looked through for Weir's own credential.
    pub(crate) async fn error_down(
        &self,
        credential: &Credential,
        response: Response<Incoming>,
        call: OpenCall,
    ) -> Result<Response<AnswerBody>, Refused> {
        let (down, mut call) = self.look_through(credential, response, call).await?;
        call.settle(End::Whole, None);
        Ok(down)
    }

    pub(crate) async fn look_through(
        &self,
        credential: &Credential,
        response: Response<Incoming>,
        mut call: OpenCall,
    ) -> Result<(Response<AnswerBody>, OpenCall), Refused> {
        let (mut parts, body) = response.into_parts();
        parts.version = Version::HTTP_11;
        let status = parts.status.as_u16();
        let collected = tokio::time::timeout(
            self.limits.idle_timeout,
            Limited::new(body, ERROR_MAX_BYTES).collect(),
        )
        .await;
        let refusal = match collected {
            Ok(Ok(collected)) => {
                let body = collected.to_bytes();
                let body = match redacted(credential, &parts.headers, &body) {
                    Some(redacted) => {
                        parts.headers.remove(CONTENT_ENCODING);
                        parts.headers.remove(CONTENT_LENGTH);
                        Bytes::from(redacted)
                    }
                    None => body,
                };
                call.answer_begins(&parts.headers);
                call.hear(&body);
                return Ok((Response::from_parts(parts, AnswerBody::ready(body)), call));
            }
            Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => {
                Refusal::ErrorTooLarge { status }
            }
            Ok(Err(_)) => Refusal::Unreachable {
                reason: "it broke off in the middle of an error",
            },
            Err(_) => Refusal::AnswerTimeout,
        };
        call.failed(refusal.status());
        Err(Refused {
            refusal,
            start: None,
        })
    }
}

/// The error body without Weir's own credential. `None`: it is not in there.
fn redacted(credential: &Credential, headers: &HeaderMap, body: &Bytes) -> Option<Vec<u8>> {
    let secrets = credential.secrets();
    if secrets.is_empty() {
        return None;
    }
    let encoding = text(headers, &CONTENT_ENCODING).unwrap_or("identity");
    let plain = Decoder::for_encoding(encoding).and_then(|mut decoder| decoder.push(body).ok());
    let plain = plain.as_deref().unwrap_or(body);
    secrets
        .into_iter()
        .fold(None, |redacted: Option<Vec<u8>>, secret| {
            wire::error::redact(redacted.as_deref().unwrap_or(plain), secret).or(redacted)
        })
}
