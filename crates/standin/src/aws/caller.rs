//! Who may call: a bearer key, or a signature that is right, of a key that still holds. It knows
//! nothing of what is called.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::Aws;
use super::authorization::Authorization;
use super::checker::{Question, Verdict};
use crate::failures::Failure;

/// How far a signature's time may be from ours.
const MOST_SKEW: Duration = Duration::from_secs(300);
/// Headers of a signature, which a call with a bearer key has no use for.
const OF_SIGNATURES: [&str; 3] = ["x-amz-date", "x-amz-security-token", "x-amz-content-sha256"];

/// Why a call is refused.
#[derive(Debug)]
pub(super) enum Denied {
    Missing,
    UnknownKey,
    WrongBearer,
    Expired,
    WrongSignature(String),
    /// The signature could not be checked at all.
    Unchecked(String),
}

/// Whether Bedrock takes the call. `required` is a bearer key beside those of the settings.
pub(crate) async fn may_call_bedrock(
    aws: &Aws,
    required: Option<&str>,
    request: &Parts,
    body: &Bytes,
) -> Result<(), Failure> {
    let denied = match bearer(&request.headers) {
        Some(given) => by_bearer(aws, required, given, &request.headers),
        None => signed(aws, "bedrock", request, body).await.map(drop),
    };
    denied.map_err(|denied| {
        let (status, code) = denied.of_bedrock();
        Failure::new(status, denied.message()).with_code(code)
    })
}

/// The id of the key that signed a call to a service.
pub(super) async fn signed(
    aws: &Aws,
    service: &str,
    request: &Parts,
    body: &Bytes,
) -> Result<String, Denied> {
    let given = Authorization::read(&request.headers).ok_or(Denied::Missing)?;
    check_time(&request.headers, &given)?;
    let known = aws.keys.find(&given.key_id).ok_or(Denied::UnknownKey)?;
    if known.token.as_deref() != header(&request.headers, "x-amz-security-token") {
        return Err(Denied::UnknownKey);
    }
    if known.expires.is_some_and(|end| end <= SystemTime::now()) {
        return Err(Denied::Expired);
    }
    let region = aws.settings.region.as_deref().unwrap_or(&given.region);
    if given.service != service || given.region != region {
        return Err(Denied::WrongSignature(format!(
            "Credential should be scoped to a valid region and to the service {service}."
        )));
    }
    let checker = aws.checker.as_ref();
    let checker = checker.ok_or_else(|| Denied::Unchecked("there is no program".to_owned()))?;
    let question = Question {
        method: request.method.as_str(),
        path: request.uri.path(),
        query: request.uri.query().unwrap_or_default(),
        headers: headers(request),
        body: Question::body(body),
        region: &given.region,
        service,
        access_key_id: &given.key_id,
        secret_access_key: &known.secret,
    };
    let verdict = checker.check(&question).await;
    match verdict.map_err(|error| Denied::Unchecked(error.to_string()))? {
        Verdict { ok: true, .. } => Ok(given.key_id),
        Verdict { expected, got, .. } => Err(Denied::WrongSignature(format!(
            "The request signature we calculated does not match the signature you provided. \
             Expected {}, got {}.",
            expected.unwrap_or_default(),
            got.unwrap_or_default()
        ))),
    }
}

fn by_bearer(
    aws: &Aws,
    required: Option<&str>,
    given: &str,
    headers: &HeaderMap,
) -> Result<(), Denied> {
    if let Some(name) = OF_SIGNATURES
        .iter()
        .find(|name| headers.contains_key(**name))
    {
        return Err(Denied::WrongSignature(format!(
            "A call with a bearer key must not carry {name}."
        )));
    }
    let keys = &aws.settings.bearer_keys;
    let any = required.is_none() && keys.is_empty();
    if any || required == Some(given) || keys.iter().any(|key| key == given) {
        Ok(())
    } else {
        Err(Denied::WrongBearer)
    }
}

fn check_time(headers: &HeaderMap, given: &Authorization) -> Result<(), Denied> {
    let refused = |sentence: &str| Denied::WrongSignature(sentence.to_owned());
    let date = header(headers, "x-amz-date").ok_or_else(|| refused("There is no x-amz-date."))?;
    if !date.starts_with(&given.day) {
        return Err(refused(
            "Date in Credential scope does not match x-amz-date.",
        ));
    }
    let time = DateTime::strptime("%Y%m%dT%H%M%SZ", date)
        .and_then(|time| time.to_zoned(TimeZone::UTC))
        .map_err(|_| refused("x-amz-date is no time."))?;
    let skew = Timestamp::now().duration_since(time.timestamp());
    if skew.unsigned_abs() > MOST_SKEW {
        return Err(refused("Signature expired or not yet current."));
    }
    Ok(())
}

/// All headers as texts. Over HTTP/2 the host is not among them.
fn headers(request: &Parts) -> Vec<(&str, String)> {
    let mut headers: Vec<(&str, String)> = request
        .headers
        .iter()
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            (name.as_str(), value.into_owned())
        })
        .collect();
    if !request.headers.contains_key("host")
        && let Some(host) = request.uri.authority()
    {
        headers.push(("host", host.to_string()));
    }
    headers
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = header(headers, "authorization")?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

impl Denied {
    /// The words for all services.
    pub(super) fn message(&self) -> String {
        match self {
            Self::Missing => "Missing Authentication Token".to_owned(),
            Self::UnknownKey => "The security token included in the request is invalid.".to_owned(),
            Self::WrongBearer => {
                "Authentication failed: Please make sure your API Key is valid.".to_owned()
            }
            Self::Expired => "The security token included in the request is expired".to_owned(),
            Self::WrongSignature(sentence) => sentence.clone(),
            Self::Unchecked(why) => format!("The stand-in cannot check signatures: {why}"),
        }
    }

    /// Status and type as STS has them.
    pub(super) fn of_sts(&self) -> (StatusCode, &'static str) {
        let code = match self {
            Self::Missing => "MissingAuthenticationToken",
            Self::UnknownKey | Self::WrongBearer => "InvalidClientTokenId",
            Self::Expired => "ExpiredToken",
            Self::WrongSignature(_) => "SignatureDoesNotMatch",
            Self::Unchecked(_) => return (StatusCode::INTERNAL_SERVER_ERROR, "InternalFailure"),
        };
        (StatusCode::FORBIDDEN, code)
    }

    fn of_bedrock(&self) -> (StatusCode, &'static str) {
        let code = match self {
            Self::Missing => "MissingAuthenticationTokenException",
            Self::UnknownKey => "UnrecognizedClientException",
            Self::WrongBearer => "AccessDeniedException",
            Self::Expired => "ExpiredTokenException",
            Self::WrongSignature(_) | Self::Unchecked(_) => "InvalidSignatureException",
        };
        (StatusCode::FORBIDDEN, code)
    }
}
