//! The upstream's own errors on their way down: passed on as they are, but looked through for the very
//! credential that Weir sent, which some upstreams repeat.

use std::time::Duration;

use bytes::Bytes;
use http::{
    HeaderMap, Response, Version,
    header::{CONTENT_ENCODING, CONTENT_LENGTH},
};
use wire::decode::{DecodeError, Decoder};

use crate::{
    Gateway,
    answer::AnswerBody,
    call::{End, OpenCall},
    credential::Credential,
    forward::Refused,
    intake::{self, Held, IntakeError},
    plan::text,
    recording::Recording,
    refusal::Refusal,
    upstream::UpstreamBody,
};

/// An error body up to this size is passed on. No provider's error comes near it.
const ERROR_MAX_BYTES: u64 = 8 << 20;
/// The same for what it unpacks to.
const ERROR_MAX: usize = 8 << 20;
/// How long the rest of an error may take that has begun.
const ERROR_PATIENCE: Duration = Duration::from_secs(30);

impl Gateway {
    /// The way down of an error: looked through for Weir's own credential.
    pub(crate) async fn error_down(
        &self,
        credential: &Credential,
        response: Response<UpstreamBody>,
        call: OpenCall,
        left: &mut Option<Box<Recording>>,
    ) -> Result<Response<AnswerBody>, Refused> {
        let (down, mut call) = self.look_through(credential, response, call, left).await?;
        call.settle(End::Whole, None);
        *left = call.take_recording();
        Ok(down)
    }

    pub(crate) async fn look_through(
        &self,
        credential: &Credential,
        response: Response<UpstreamBody>,
        mut call: OpenCall,
        left: &mut Option<Box<Recording>>,
    ) -> Result<(Response<AnswerBody>, OpenCall), Refused> {
        let (mut parts, body) = response.into_parts();
        parts.version = Version::HTTP_11;
        let status = parts.status.as_u16();
        let patience = self.limits.idle_timeout.min(ERROR_PATIENCE);
        let taken = intake::take(body, ERROR_MAX_BYTES, patience, &self.budget);
        let refusal = match tokio::time::timeout(patience, taken).await {
            Ok(Ok((body, mut held))) => {
                match redacted(credential, &parts.headers, &body, &mut held) {
                    Ok(redacted) => {
                        let body = match redacted {
                            Some(redacted) => {
                                parts.headers.remove(CONTENT_ENCODING);
                                parts.headers.remove(CONTENT_LENGTH);
                                Bytes::from(redacted)
                            }
                            None => body,
                        };
                        call.answer_begins(&parts.headers);
                        call.hear(&body);
                        let down = AnswerBody::held(body, held);
                        return Ok((Response::from_parts(parts, down), call));
                    }
                    Err(TooLarge) => Refusal::ErrorTooLarge { status },
                }
            }
            Ok(Err(IntakeError::Refused(Refusal::BodyTimeout) | IntakeError::Gone)) | Err(_) => {
                Refusal::ErrorCutOff { status }
            }
            // Above the limit for one, or for all calls together.
            Ok(Err(IntakeError::Refused(_))) => Refusal::ErrorTooLarge { status },
        };
        *left = call.failed(refusal.status());
        Err(Refused {
            refusal,
            start: None,
        })
    }
}

/// The body unpacks to more than an error may have, or than there is room for.
struct TooLarge;

/// The error body without Weir's own credential. `None`: it is not in there. `held` grows by what is unpacked.
fn redacted(
    credential: &Credential,
    headers: &HeaderMap,
    body: &Bytes,
    held: &mut Held,
) -> Result<Option<Vec<u8>>, TooLarge> {
    let secrets = credential.secrets();
    if secrets.is_empty() {
        return Ok(None);
    }
    let encoding = text(headers, &CONTENT_ENCODING).unwrap_or("identity");
    let unpacked = match Decoder::for_encoding(encoding) {
        Some(decoder) => match decoder.with_limit(ERROR_MAX).push(body) {
            Ok(unpacked) => Some(unpacked),
            Err(DecodeError::TooLong) => return Err(TooLarge),
            Err(DecodeError::Broken) => None,
        },
        None => None,
    };
    let plain = unpacked.as_deref().unwrap_or(body);
    held.grow(u64::try_from(plain.len()).unwrap_or(u64::MAX))
        .map_err(|_| TooLarge)?;
    Ok(secrets
        .into_iter()
        .fold(None, |redacted: Option<Vec<u8>>, secret| {
            wire::error::redact(redacted.as_deref().unwrap_or(plain), secret).or(redacted)
        }))
}
