//! Which of a provider's operations a method and path ask for.
//!
//! | type | method and path | operation |
//! |---|---|---|
//! | openai, openai_compatible | `POST /chat/completions` | chat |
//! | | `POST /completions` | completions |
//! | | `POST /embeddings` | embeddings |
//! | | `POST /responses`, `POST /responses/compact` | responses |
//! | | `POST /responses/input_tokens` | count_tokens |
//! | | `GET`, `DELETE /responses/{id}`, `GET /responses/{id}/input_items`, `POST /responses/{id}/cancel` | stored_response |
//! | | `GET /models`, `GET /models/{id}` | models |
//! | openai_compatible | `POST /fim/completions` (Mistral) | completions |
//! | anthropic | `POST /v1/messages` | messages |
//! | | `POST /v1/messages/count_tokens` | count_tokens |
//! | | `GET /v1/models`, `GET /v1/models/{id}` | models |
//! | all | anything else | other |
//!
//! The types that speak OpenAI's API take the paths with a leading `/v1` too. Names are compared after
//! percent-decoding, since that is how the upstream compares them: `/%63hat/completions` is a chat.
//!
//! A path that some server might read as another path than it seems to be is refused: `.` and `..`
//! segments, empty segments, backslashes, control characters, escapes of any of these and of `/` and `.`,
//! escapes of such escapes, and broken escapes. One exception: the model id in `/models/{id}` may hold
//! escaped slashes, as SDKs write `meta-llama/Llama-3` there; its parts obey the same rules.
//!
//! Knows nothing of query strings: a path comes without one.

use std::borrow::Cow;

use domain::{call::Operation, provider::ProviderType};

/// What a method and path ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route<'a> {
    /// The operation.
    pub operation: Operation,
    /// The path below the provider's base URL, as the client wrote it, with its leading slash. For types
    /// that speak OpenAI's API without a leading `/v1`, which their base URL carries.
    pub upstream_path: &'a str,
    /// The model in `/models/{id}`, decoded. `None` on every other path.
    pub model_in_path: Option<String>,
    /// Whether a leading `/v1` was taken off.
    versioned: bool,
}

/// Why a path is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// It does not begin with a slash, or has a query or a fragment.
    #[error("not a path")]
    NotAPath,
    /// It could be read as another path than it seems to be.
    #[error(
        "the path has `..`, an empty part, a backslash, a control character or an escape of one of these"
    )]
    Ambiguous,
}

/// What `method` and `path` (without its query) ask of a provider of this type.
///
/// # Errors
/// When the path is no path or is written so that servers could disagree about what it means.
pub fn route<'a>(
    provider_type: ProviderType,
    method: &str,
    path: &'a str,
) -> Result<Route<'a>, PathError> {
    let segments = segments(path)?;
    let names: Vec<&str> = segments.iter().map(AsRef::as_ref).collect();
    // A slash at the end is a thing that servers tend to overlook.
    let names = match names.as_slice() {
        [names @ .., ""] => names,
        names => names,
    };
    let (versioned, names) = match (provider_type, names) {
        (ProviderType::OpenAi | ProviderType::OpenAiCompatible, ["v1", names @ ..]) => {
            (!names.is_empty(), names)
        }
        (
            ProviderType::OpenAi | ProviderType::OpenAiCompatible | ProviderType::Anthropic,
            names,
        ) => (false, names),
    };
    let operation = match provider_type {
        ProviderType::OpenAi => openai(method, names),
        ProviderType::OpenAiCompatible => compatible(method, names),
        ProviderType::Anthropic => anthropic(method, names),
    };
    let model_in_path = match (operation, names) {
        (Operation::Models, ["v1", "models", id @ ..] | ["models", id @ ..]) if !id.is_empty() => {
            Some(id.join("/"))
        }
        _ => None,
    };
    let upstream_path = if versioned {
        after_first_segment(path)
    } else {
        path
    };
    Ok(Route {
        operation,
        upstream_path,
        model_in_path,
        versioned,
    })
}

impl Route<'_> {
    /// The upstream's URL, without a query: base URL and path, with `/v1` neither doubled nor lost.
    ///
    /// A `/v1` that the client wrote for a type that speaks OpenAI's API goes up only where the base URL
    /// has no path of its own (`http://host:8000`); any other base URL says where its API begins. For every
    /// type a base URL that ends in `/v1` swallows the one that the path begins with.
    #[must_use]
    pub fn url(&self, base_url: &str) -> String {
        let base = base_url.trim_end_matches('/');
        let host_and_path = base.split_once("://").map_or(base, |(_, rest)| rest);
        if self.versioned && !host_and_path.contains('/') {
            return format!("{base}/v1{}", self.upstream_path);
        }
        let path = match self.upstream_path.strip_prefix("/v1") {
            Some(rest) if base.ends_with("/v1") && rest.starts_with('/') => rest,
            Some(_) | None => self.upstream_path,
        };
        format!("{base}{path}")
    }
}

/// The geography that an OpenAI base URL pins its calls to, by its residency host. `None`: none.
#[must_use]
pub fn residency(base_url: &str) -> Option<&str> {
    let (_, rest) = base_url.split_once("://")?;
    let host = rest.split(['/', ':']).next()?;
    let geography = host.strip_suffix(".api.openai.com")?;
    (!geography.is_empty() && !geography.contains('.')).then_some(geography)
}

fn openai(method: &str, names: &[&str]) -> Operation {
    match (method, names) {
        ("POST", ["chat", "completions"]) => Operation::Chat,
        ("POST", ["completions"]) => Operation::Completions,
        ("POST", ["embeddings"]) => Operation::Embeddings,
        ("POST", ["responses"] | ["responses", "compact"]) => Operation::Responses,
        ("POST", ["responses", "input_tokens"]) => Operation::CountTokens,
        ("GET" | "DELETE", ["responses", _])
        | ("GET", ["responses", _, "input_items"])
        | ("POST", ["responses", _, "cancel"]) => Operation::StoredResponse,
        ("GET", ["models"] | ["models", _]) => Operation::Models,
        _ => Operation::Other,
    }
}

fn compatible(method: &str, names: &[&str]) -> Operation {
    match (method, names) {
        ("POST", ["fim", "completions"]) => Operation::Completions,
        // Ids with slashes in them.
        ("GET", ["models", _, ..]) => Operation::Models,
        _ => openai(method, names),
    }
}

fn anthropic(method: &str, names: &[&str]) -> Operation {
    match (method, names) {
        ("POST", ["v1", "messages"]) => Operation::Messages,
        ("POST", ["v1", "messages", "count_tokens"]) => Operation::CountTokens,
        ("GET", ["v1", "models"] | ["v1", "models", _]) => Operation::Models,
        _ => Operation::Other,
    }
}

fn after_first_segment(path: &str) -> &str {
    let below = path.strip_prefix('/').unwrap_or(path);
    below
        .find('/')
        .and_then(|slash| below.get(slash..))
        .unwrap_or("/")
}

/// The segments of a path, decoded. The last one may be empty, no other.
fn segments(path: &str) -> Result<Vec<Cow<'_, str>>, PathError> {
    let path = path.strip_prefix('/').ok_or(PathError::NotAPath)?;
    if path.contains(['?', '#']) {
        return Err(PathError::NotAPath);
    }
    let mut names: Vec<Cow<'_, str>> = Vec::with_capacity(4);
    let mut segments = path.split('/').peekable();
    while let Some(segment) = segments.next() {
        let below_models = names.last().is_some_and(|name| name == "models") && names.len() <= 2;
        let at_the_end = segments.peek().is_none();
        if !(at_the_end && segment.is_empty()) {
            check(segment, below_models && at_the_end)?;
        }
        names.push(decoded(segment));
    }
    Ok(names)
}

fn decoded(segment: &str) -> Cow<'_, str> {
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
        // Some servers cut a segment at `;` before they look for dots.
        let name = name.split(';').next().unwrap_or_default();
        if name.is_empty() || name == "." || name == ".." {
            return Err(PathError::Ambiguous);
        }
    }
    Ok(())
}

fn is_hex(digits: &[u8; 2]) -> bool {
    digits.iter().all(u8::is_ascii_hexdigit)
}
