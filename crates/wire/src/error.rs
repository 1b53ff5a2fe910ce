//! Weir's own errors, in the shape that each provider's SDK reads; and blanking a credential in an error of
//! the upstream.

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use memchr::{memchr2, memmem};
use serde::Serialize;

use crate::{json, route::Dialect};

/// What stands in the place of a credential.
const REDACTED: &[u8] = b"[redacted]";

/// An error that Weir answers itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorAnswer {
    /// Its content type.
    pub content_type: &'static str,
    /// Its body.
    pub body: Vec<u8>,
    /// Headers that the dialect's SDKs read beside it; names in lower case. They hold no line ends.
    pub headers: Vec<(&'static str, String)>,
}

/// An error of Weir's own, as the SDKs of a dialect read it.
///
/// `code` is Weir's stable code for it, `message` what a person reads, `request_id` the id of the call,
/// where there is one: Anthropic's, Amazon's and Cohere's errors carry it. Amazon's have no place for a code
/// but the type, whose names are Amazon's own, and Cohere's have none: Weir's goes into the header
/// `x-weir-error-code`.
#[must_use]
pub fn body(
    dialect: Dialect,
    status: u16,
    code: &str,
    message: &str,
    request_id: Option<&str>,
) -> ErrorAnswer {
    let mut headers = Vec::new();
    let body = match dialect {
        Dialect::OpenAi => serde_json::to_vec(&OpenAi {
            error: OpenAiError {
                message,
                kind: openai_type(status),
                param: (),
                code,
            },
        }),
        Dialect::Anthropic => serde_json::to_vec(&Anthropic {
            kind: "error",
            error: AnthropicError {
                kind: anthropic_type(status),
                message,
                details: Details { error_code: code },
            },
            request_id,
        }),
        Dialect::Google => serde_json::to_vec(&Google {
            error: GoogleError {
                code: status,
                message,
                status: google_status(status),
                details: [ErrorInfo {
                    kind: "type.googleapis.com/google.rpc.ErrorInfo",
                    reason: code,
                    domain: "weir",
                }],
            },
        }),
        Dialect::Aws => {
            headers.push(("x-amzn-errortype", aws_type(status).to_owned()));
            headers.push(error_code(code));
            let id = request_id.map(|id| ("x-amzn-requestid", id.replace(['\r', '\n'], " ")));
            headers.extend(id);
            serde_json::to_vec(&Aws { message })
        }
        Dialect::Cohere => {
            headers.push(error_code(code));
            serde_json::to_vec(&Cohere {
                id: request_id,
                message,
            })
        }
    };
    ErrorAnswer {
        content_type: "application/json",
        // Writing strings into memory does not fail.
        body: body.unwrap_or_default(),
        headers,
    }
}

/// The header for a code that the body has no place for.
fn error_code(code: &str) -> (&'static str, String) {
    ("x-weir-error-code", code.replace(['\r', '\n'], " "))
}

#[derive(Serialize)]
struct OpenAi<'a> {
    error: OpenAiError<'a>,
}

#[derive(Serialize)]
struct OpenAiError<'a> {
    message: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    param: (),
    code: &'a str,
}

#[derive(Serialize)]
struct Anthropic<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    error: AnthropicError<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
}

#[derive(Serialize)]
struct AnthropicError<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    message: &'a str,
    details: Details<'a>,
}

#[derive(Serialize)]
struct Details<'a> {
    error_code: &'a str,
}

#[derive(Serialize)]
struct Google<'a> {
    error: GoogleError<'a>,
}

#[derive(Serialize)]
struct GoogleError<'a> {
    code: u16,
    message: &'a str,
    status: &'static str,
    details: [ErrorInfo<'a>; 1],
}

#[derive(Serialize)]
struct ErrorInfo<'a> {
    #[serde(rename = "@type")]
    kind: &'static str,
    reason: &'a str,
    domain: &'static str,
}

#[derive(Serialize)]
struct Aws<'a> {
    message: &'a str,
}

#[derive(Serialize)]
struct Cohere<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    message: &'a str,
}

const fn openai_type(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        403 => "permission_error",
        429 => "rate_limit_error",
        500.. => "server_error",
        _ => "invalid_request_error",
    }
}

const fn anthropic_type(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        409 => "conflict_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        504 => "timeout_error",
        503 | 529 => "overloaded_error",
        500.. => "api_error",
        _ => "invalid_request_error",
    }
}

const fn google_status(status: u16) -> &'static str {
    match status {
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        409 => "ABORTED",
        429 => "RESOURCE_EXHAUSTED",
        499 => "CANCELLED",
        501 => "UNIMPLEMENTED",
        502 | 503 => "UNAVAILABLE",
        504 => "DEADLINE_EXCEEDED",
        500.. => "INTERNAL",
        _ => "INVALID_ARGUMENT",
    }
}

const fn aws_type(status: u16) -> &'static str {
    match status {
        401 => "UnrecognizedClientException",
        403 => "AccessDeniedException",
        404 => "ResourceNotFoundException",
        408 | 504 => "ModelTimeoutException",
        409 => "ConflictException",
        429 => "ThrottlingException",
        502 | 503 => "ServiceUnavailableException",
        500.. => "InternalServerException",
        _ => "ValidationException",
    }
}

/// The body with every occurrence of a credential replaced by `[redacted]`. `None`: it holds none.
///
/// A credential is found as it is and with any of its characters written as JSON escapes, in whatever
/// manner the upstream's JSON writer has: `\/`, `\u002b`.
#[must_use]
pub fn redact(body: &[u8], secret: &str) -> Option<Vec<u8>> {
    let first = *secret.as_bytes().first()?;
    // First as JSON, going from escape to escape, so that none is cut in two; then as bytes.
    let candidate = |text: &[u8]| memchr2(first, b'\\', text);
    let escape =
        |text: &[u8]| escape_at_start(text).map_or(1, |(_, after)| text.len() - after.len());
    let blanked = replace(body, candidate, |text| escaped_length(text, secret), escape);
    let plain = memmem::Finder::new(secret);
    let body = blanked.as_deref().unwrap_or(body);
    let found = replace(body, |text| plain.find(text), |_| Some(secret.len()), |_| 1);
    found.or(blanked)
}

/// How a text reads in base64 that it stands in, for each of the three ways in which it can lie there: without
/// the letters at its ends that tell of what is beside it, too.
#[must_use]
pub fn in_base64(text: &str) -> [String; 3] {
    // What may stand before it in its group, and how many letters are then not its own, or not wholly.
    [(&b""[..], 0), (b"x", 2), (b"xx", 3)].map(|(before, strange)| {
        let bytes = [before, text.as_bytes()].concat();
        let own = bytes.len().saturating_mul(8) / 6;
        let letters = STANDARD_NO_PAD.encode(bytes);
        letters.get(strange..own).unwrap_or_default().to_owned()
    })
}

/// `body` with each stretch blanked that begins where `candidate` says, and whose length `find` tells; where
/// it tells none, `step` says how many bytes on to look again. `None`: there is no such stretch.
fn replace(
    body: &[u8],
    candidate: impl Fn(&[u8]) -> Option<usize>,
    find: impl Fn(&[u8]) -> Option<usize>,
    step: impl Fn(&[u8]) -> usize,
) -> Option<Vec<u8>> {
    let mut blanked = None;
    let (mut seen, mut copied) = (0, 0);
    while let Some(rest) = body.get(seen..) {
        let Some(next) = candidate(rest) else {
            break;
        };
        seen += next;
        let rest = rest.get(next..).unwrap_or_default();
        let Some(length) = find(rest) else {
            seen += step(rest);
            continue;
        };
        let blanked: &mut Vec<u8> = blanked.get_or_insert_default();
        blanked.extend_from_slice(body.get(copied..seen).unwrap_or_default());
        blanked.extend_from_slice(REDACTED);
        seen += length;
        copied = seen;
    }
    if let Some(blanked) = &mut blanked {
        blanked.extend_from_slice(body.get(copied..).unwrap_or_default());
    }
    blanked
}

/// How many bytes the secret takes that `text` begins with, where `text` is in a JSON string and a
/// backslash begins an escape. `None`: it does not begin with it.
fn escaped_length(text: &[u8], secret: &str) -> Option<usize> {
    let mut rest = text;
    for expected in secret.chars() {
        let mut plain = [0; 4];
        rest = if rest.first() == Some(&b'\\') {
            let (character, after) = escape_at_start(rest)?;
            (character == expected).then_some(after)?
        } else {
            rest.strip_prefix(expected.encode_utf8(&mut plain).as_bytes())?
        };
    }
    Some(text.len() - rest.len())
}

/// The character that the escape at the beginning stands for, and what follows it.
fn escape_at_start(text: &[u8]) -> Option<(char, &[u8])> {
    let after = text.strip_prefix(b"\\")?;
    // The longest escape, of a surrogate pair, has eleven bytes behind its backslash. All are ASCII.
    let length = after
        .iter()
        .take(11)
        .take_while(|byte| byte.is_ascii())
        .count();
    let head = str::from_utf8(after.get(..length)?).ok()?;
    let (character, tail) = json::escape(head);
    Some((character, after.get(head.len() - tail.len()..)?))
}
