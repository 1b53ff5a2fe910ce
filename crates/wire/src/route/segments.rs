//! The segments of a path, decoded and checked.
//!
//! A path that some server might read as another path than it seems to be is refused: `.` and `..`
//! segments, also with blanks behind them, empty segments, backslashes, control characters, escapes of any
//! of these and of `/` and `.`, escapes of such escapes, and broken escapes. One exception: a model id that
//! is one segment may hold escaped slashes, as SDKs write `meta-llama/Llama-3` and the ARNs of AWS; its
//! parts obey the same rules.
//!
//! Knows nothing of what the names mean, but where a type has such ids.

use std::borrow::Cow;

use domain::provider::ProviderType;

use crate::route::PathError;

/// What is written in a path as it is; everything else becomes an escape.
const UNRESERVED: &[u8] = b"-._~";

/// The segments of a path, decoded. The last one may be empty, no other.
pub(super) fn segments(
    provider_type: ProviderType,
    path: &str,
) -> Result<Vec<Cow<'_, str>>, PathError> {
    let path = path.strip_prefix('/').ok_or(PathError::NotAPath)?;
    if path.contains(['?', '#']) {
        return Err(PathError::NotAPath);
    }
    let mut names: Vec<Cow<'_, str>> = Vec::with_capacity(4);
    let mut segments = path.split('/').peekable();
    while let Some(segment) = segments.next() {
        let at_the_end = segments.peek().is_none();
        let before: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
        if !(at_the_end && segment.is_empty()) {
            check(segment, is_model_id(provider_type, &before, at_the_end))?;
        }
        names.push(decoded(segment));
    }
    Ok(names)
}

/// Whether the segment behind these is a model id, in which slashes may be escaped.
fn is_model_id(provider_type: ProviderType, before: &[&str], at_the_end: bool) -> bool {
    let models = matches!(before, ["models"] | [_, "models"]) && at_the_end;
    match provider_type {
        ProviderType::OpenAi
        | ProviderType::Anthropic
        | ProviderType::OpenAiCompatible
        | ProviderType::Cohere => models,
        ProviderType::AzureOpenAi => {
            models || (matches!(before, ["openai", "v1", "models"]) && at_the_end)
        }
        ProviderType::GoogleAi => {
            models || (matches!(before, [_, "openai", "models"]) && at_the_end)
        }
        ProviderType::Bedrock => {
            let styled = matches!(before, ["openai" | "anthropic", "v1", "models"]);
            models || (styled && at_the_end) || before == ["model"]
        }
        // Its paths are rewritten by their segments, and no id of a model there has a slash of its own.
        ProviderType::VertexAi => false,
    }
}

/// A text without its escapes; what is no whole escape stays.
pub(super) fn decoded(segment: &str) -> Cow<'_, str> {
    if !segment.contains('%') {
        return Cow::Borrowed(segment);
    }
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let (byte, tail) = escaped_byte(rest).unwrap_or((*first, tail));
        bytes.push(byte);
        rest = tail;
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

/// A text as one segment of a path.
pub(super) fn encoded(name: &str) -> String {
    let mut segment = String::with_capacity(name.len() + 16);
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || UNRESERVED.contains(&byte) {
            segment.push(char::from(byte));
        } else {
            segment.push_str(&format!("%{byte:02X}"));
        }
    }
    segment
}

/// The byte that an escape at the beginning stands for, and what follows. `None`: no whole escape.
fn escaped_byte(text: &[u8]) -> Option<(u8, &[u8])> {
    let [b'%', high, low, rest @ ..] = text else {
        return None;
    };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let byte = u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()?;
    Some((byte, rest))
}

/// Refuses a segment that is not plainly one name (with `slashes`: names joined by escaped slashes).
fn check(segment: &str, slashes: bool) -> Result<(), PathError> {
    let mut rest = segment.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        rest = if *first == b'%' {
            let (byte, tail) = escaped_byte(rest).ok_or(PathError::Ambiguous)?;
            let escape_of_escape = byte == b'%' && tail.first_chunk::<2>().is_some_and(is_hex);
            let hidden = matches!(byte, b'.' | b'\\') || (byte == b'/' && !slashes);
            if hidden || escape_of_escape || byte.is_ascii_control() {
                return Err(PathError::Ambiguous);
            }
            tail
        } else {
            if *first == b'\\' || first.is_ascii_control() {
                return Err(PathError::Ambiguous);
            }
            tail
        };
    }
    for name in decoded(segment).split('/') {
        // Some servers cut a segment at `;`, or take blanks off its end, before they look for dots.
        let name = name.split(';').next().unwrap_or_default().trim_end();
        if name.is_empty() || name == "." || name == ".." {
            return Err(PathError::Ambiguous);
        }
    }
    Ok(())
}

fn is_hex(digits: &[u8; 2]) -> bool {
    digits.iter().all(u8::is_ascii_hexdigit)
}
