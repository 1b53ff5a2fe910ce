//! What a request asks for, read from its body without building a tree of it.
//!
//! Only members that matter to Weir are looked at, and leniently: what the upstream would refuse is the
//! upstream's to refuse. Two things are strict, since the list of allowed models hangs on them: the body
//! must be one JSON object, and a member that matters must not stand there twice. Parsers disagree about
//! which of two counts, and a second `model` would get round the list. For `model` that goes for other
//! letter case too, because JSON readers in Go take `Model` for it.
//!
//! Changes one thing in a body, and only for streams that would tell no usage otherwise:
//! [`with_stream_usage`].

mod members;
mod multipart;

use std::borrow::Cow;

use domain::call::Operation;

use crate::{
    json::{Raw, unescape},
    request::members::{IncludeUsage, Members},
};

pub use multipart::multipart_model;

/// What a request asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Asked {
    /// The model, as the request writes it. `None` only where the operation can do without.
    pub model: Option<String>,
    /// Whether the answer is to be a stream.
    pub stream: bool,
    /// Whether the client itself asks for the usage in the stream (`stream_options.include_usage`).
    pub asks_stream_usage: bool,
    /// The most tokens that one choice may generate. `None`: no limit is named.
    pub max_output_tokens: Option<u64>,
    /// How many answers are generated: `n`, or `best_of` where that is more. At least 1.
    pub choices: u64,
    /// The service tier, in the request's own word.
    pub service_tier: Option<String>,
    /// Whether the answer is to be worked out in the background (Responses): its usage shows later.
    pub background: bool,
    /// The response that this one goes on from (Responses).
    pub previous_response_id: Option<String>,
}

impl Asked {
    /// The most tokens that the whole answer may have. `None`: no limit is named.
    #[must_use]
    pub fn output_limit(&self) -> Option<u64> {
        self.max_output_tokens
            .map(|most| most.saturating_mul(self.choices.max(1)))
    }
}

/// Why a request body cannot be passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// No JSON, or not UTF-8.
    #[error("the body is not JSON")]
    NotJson,
    /// JSON, but no object.
    #[error("the body is not a JSON object")]
    NotAnObject,
    /// A member that matters stands there twice.
    #[error("`{0}` stands in the body more than once")]
    Duplicate(&'static str),
    /// An operation that runs a model, without one.
    #[error("`model` is missing")]
    ModelMissing,
    /// The model is no string.
    #[error("`model` is not a string")]
    ModelNotAString,
    /// The model is an empty string.
    #[error("`model` is empty")]
    ModelEmpty,
    /// A form that says it is multipart and cannot be read without doubt.
    #[error("the multipart form cannot be read")]
    BadForm,
}

/// Reads the JSON body of a request.
///
/// Operations that run no model may come without one, and then without a body too.
///
/// # Errors
/// When the body is no JSON object, names a member that matters twice, or has no usable model where
/// one is needed. A `model` that is there is never passed over: it must be a string that is not empty.
pub fn read(operation: Operation, body: &[u8]) -> Result<Asked, RequestError> {
    if !operation.is_inference() && body.trim_ascii().is_empty() {
        return Ok(Asked {
            choices: 1,
            ..Asked::default()
        });
    }
    let members = Members::read(body)?;
    let model = match (members.model, Raw::of(members.model).escaped()) {
        (None, _) if operation.is_inference() => return Err(RequestError::ModelMissing),
        (None, _) => None,
        (Some(_), None) => return Err(RequestError::ModelNotAString),
        (Some(_), Some("")) => return Err(RequestError::ModelEmpty),
        (Some(_), Some(model)) => Some(unescape(model).into_owned()),
    };
    let text = |member| Raw::of(member).string().map(Cow::into_owned);
    let count = |member| Raw::of(member).count();
    let limits = [
        members.max_tokens,
        members.max_completion_tokens,
        members.max_output_tokens,
    ];
    let asks_stream_usage = match members.include_usage()? {
        IncludeUsage::Is(value) => Raw::of(Some(value)).flag(),
        IncludeUsage::Absent { .. } | IncludeUsage::NoObject => false,
    };
    Ok(Asked {
        model,
        stream: Raw::of(members.stream).flag(),
        asks_stream_usage,
        max_output_tokens: limits.into_iter().filter_map(count).min(),
        choices: count(members.n)
            .max(count(members.best_of))
            .unwrap_or(1)
            .max(1),
        service_tier: text(members.service_tier),
        background: Raw::of(members.background).flag(),
        previous_response_id: text(members.previous_response_id),
    })
}

/// The model that a request to a path which Weir does not meter names: in a JSON object, whatever the
/// content type says of it, or in a multipart form. `None`: it names none.
///
/// # Errors
/// When the body says that it is JSON or a form and is not, or names `model` twice.
pub fn other_model(
    content_type: Option<&str>,
    body: &[u8],
) -> Result<Option<String>, RequestError> {
    let media_type = content_type
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim();
    if media_type
        .get(..10)
        .is_some_and(|start| start.eq_ignore_ascii_case("multipart/"))
    {
        return multipart_model(content_type.unwrap_or_default(), body);
    }
    let says_json = media_type.eq_ignore_ascii_case("application/json");
    let looks_like_json = body.trim_ascii_start().first() == Some(&b'{');
    if body.trim_ascii().is_empty() || !(says_json || looks_like_json) {
        return Ok(None);
    }
    match read(Operation::Other, body) {
        Ok(asked) => Ok(asked.model),
        // A list holds no `model` of its own, and what only looks like JSON is somebody else's format.
        Err(RequestError::NotAnObject) => Ok(None),
        Err(RequestError::NotJson) if !says_json => Ok(None),
        Err(error) => Err(error),
    }
}

/// The body with `stream_options.include_usage` set to true and every other byte as it was. `None`: it
/// asks for the usage already, or its `stream_options` are of a form that is the upstream's to refuse.
///
/// # Errors
/// When the body is no JSON object or has a member that matters twice.
pub fn with_stream_usage(body: &[u8]) -> Result<Option<Vec<u8>>, RequestError> {
    let members = Members::read(body)?;
    let change = match members.stream_options {
        None => {
            let comma = if members.is_empty { "" } else { "," };
            Change::insert(
                members.inside,
                format!(r#""stream_options":{{"include_usage":true}}{comma}"#),
            )
        }
        Some(null @ "null") => Change::replace(null, r#"{"include_usage":true}"#.to_owned()),
        Some(_) => match members.include_usage()? {
            IncludeUsage::Absent { inside, is_empty } => {
                let comma = if is_empty { "" } else { "," };
                Change::insert(inside, format!(r#""include_usage":true{comma}"#))
            }
            IncludeUsage::Is(no @ ("false" | "null")) => Change::replace(no, "true".to_owned()),
            IncludeUsage::Is(_) | IncludeUsage::NoObject => return Ok(None),
        },
    };
    Ok(Some(change.applied_to(body)))
}

/// Text that is put into a body at one place, and the text there that it replaces.
struct Change<'a> {
    replaced: &'a str,
    put: String,
}

impl<'a> Change<'a> {
    fn insert(before: &'a str, put: String) -> Self {
        Self {
            replaced: before.get(..0).unwrap_or_default(),
            put,
        }
    }

    const fn replace(replaced: &'a str, put: String) -> Self {
        Self { replaced, put }
    }

    /// `body` with the change; what is replaced must be a slice of it.
    fn applied_to(&self, body: &[u8]) -> Vec<u8> {
        let start = self
            .replaced
            .as_ptr()
            .addr()
            .saturating_sub(body.as_ptr().addr());
        let (before, rest) = body.split_at_checked(start).unwrap_or((body, &[]));
        let after = rest.get(self.replaced.len()..).unwrap_or_default();
        [before, self.put.as_bytes(), after].concat()
    }
}
