//! What a request asks for, read from its body without building a tree of it.
//!
//! Only members that matter to Weir are looked at, and leniently: what the upstream would refuse is the
//! upstream's to refuse. Two things are strict, since the list of allowed models hangs on them: the body
//! must be one JSON object, and a member that matters must not stand there twice. Parsers disagree about
//! which of two counts, and a second `model` would get round the list. For `model` that goes for other
//! letter case too, because JSON readers in Go take `Model` for it.
//!
//! Changes two things in a body: [`with_stream_usage`], and only for streams that would tell no usage
//! otherwise, and [`with_guardrail`], where the provider has one.

mod change;
mod limits;
mod members;
mod multipart;

use std::borrow::Cow;

use domain::{
    call::Operation,
    provider::{ProviderType, vertex_model},
};

use crate::{
    json::{Raw, unescape},
    request::{
        limits::Limits,
        members::{IncludeUsage, Members},
    },
};

pub use change::{with_guardrail, with_stream_usage};
pub use multipart::multipart_model;

/// What a request asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Asked {
    /// The model that the body names: as the request writes it, Google's without `models/`. `None` where
    /// the operation can do without or the path may name it; where the path does, that one counts.
    pub model: Option<String>,
    /// Whether the body asks for a stream. Never where it is the path that does.
    pub stream: bool,
    /// Whether the client itself asks for the usage in the stream (`stream_options.include_usage`).
    pub asks_stream_usage: bool,
    /// The most tokens that one choice may generate. `None`: no limit is named.
    pub max_output_tokens: Option<u64>,
    /// How many answers are generated: `n` or what the API calls it, or `best_of` where that is more. At
    /// least 1.
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
    /// The model names a project of Google Cloud, which is the provider's to name.
    #[error(
        "`model` names a project of Google Cloud, and Weir calls every model in the provider's own; write it without, such as google/gemini-3-pro, and call what was tuned by its path: /v1/endpoints/ID:generateContent"
    )]
    ModelInProject,
    /// A form that says it is multipart and cannot be read without doubt.
    #[error("the multipart form cannot be read")]
    BadForm,
}

/// Reads the JSON body of a request.
///
/// Operations that run no model may come without one, and then without a body too. So may those whose
/// path can name it: whoever calls this must see to it that one of the two does.
///
/// # Errors
/// When the body is no JSON object, names a member that matters twice, or has no usable model where
/// one is needed. A `model` that counts is never passed over: it must be a string that is not empty.
pub fn read(
    operation: Operation,
    provider_type: ProviderType,
    body: &[u8],
) -> Result<Asked, RequestError> {
    if !operation.is_inference() && body.trim_ascii().is_empty() {
        return Ok(Asked {
            choices: 1,
            ..Asked::default()
        });
    }
    let members = Members::read(body)?;
    let place = ModelPlace::of(operation, provider_type);
    // Clients of Azure's dated paths write `null` where the path names the deployment.
    let is_null = members.model.is_some_and(|model| model == "null");
    let named_model = members
        .model
        .filter(|_| !(is_null && provider_type == ProviderType::AzureOpenAi));
    let model = match (place, named_model, Raw::of(named_model).escaped()) {
        (ModelPlace::Path, ..) | (ModelPlace::Either, None, _) => None,
        (ModelPlace::Body, None, _) => return Err(RequestError::ModelMissing),
        (_, Some(_), None) => return Err(RequestError::ModelNotAString),
        (_, Some(_), Some(model)) => {
            let model = unescape(model);
            // What runs no model is bounded by the rights of the provider's own credentials.
            if operation.is_inference() && names_a_project(provider_type, &model) {
                return Err(RequestError::ModelInProject);
            }
            Some(named(provider_type, &model)?)
        }
    };
    let text = |member| Raw::of(member).string().map(Cow::into_owned);
    let asks_stream_usage = match members.include_usage()? {
        IncludeUsage::Is(value) => Raw::of(Some(value)).flag(),
        IncludeUsage::Absent { .. } | IncludeUsage::NoObject => false,
    };
    let limits = Limits::of(operation, &members);
    Ok(Asked {
        model,
        stream: place != ModelPlace::Path && Raw::of(members.stream).flag(),
        asks_stream_usage,
        max_output_tokens: limits.output,
        choices: limits.choices.unwrap_or(1).max(1),
        service_tier: limits::service_tier(operation, &members),
        background: Raw::of(members.background).flag(),
        previous_response_id: text(members.previous_response_id),
    })
}

/// The name by which a model of this type is known, where a body writes it like this.
fn named(provider_type: ProviderType, model: &str) -> Result<String, RequestError> {
    let model = match provider_type {
        ProviderType::GoogleAi => model.strip_prefix("models/").unwrap_or(model).into(),
        ProviderType::VertexAi => vertex_model(model),
        ProviderType::OpenAi
        | ProviderType::Anthropic
        | ProviderType::Bedrock
        | ProviderType::AzureOpenAi
        | ProviderType::OpenAiCompatible
        | ProviderType::Cohere => Cow::Borrowed(model),
    };
    if model.is_empty() {
        Err(RequestError::ModelEmpty)
    } else {
        Ok(model.into_owned())
    }
}

/// Whether a model is written with a project of Google Cloud before it, whose endpoint would answer and be billed.
fn names_a_project(provider_type: ProviderType, model: &str) -> bool {
    let mut names = model.split('/');
    provider_type == ProviderType::VertexAi
        && names.any(|name| name.eq_ignore_ascii_case("projects"))
}

/// Where a request names its model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ModelPlace {
    /// In the body, where it must stand.
    Body,
    /// In the body, or in the path, or nowhere.
    Either,
    /// In the path: what the body says counts for nothing.
    Path,
}

impl ModelPlace {
    const fn of(operation: Operation, provider_type: ProviderType) -> Self {
        match (operation, provider_type) {
            (Operation::Generate | Operation::Converse | Operation::Invoke, _)
            | (Operation::Messages, ProviderType::VertexAi) => Self::Path,
            // Google's own APIs and their imitations of OpenAI's; Databricks' and MLflow's `/invocations`.
            // Azure's deployments.
            (Operation::Embeddings, ProviderType::GoogleAi | ProviderType::VertexAi)
            | (Operation::Chat, ProviderType::OpenAiCompatible | ProviderType::VertexAi)
            | (
                Operation::Chat | Operation::Completions | Operation::Embeddings,
                ProviderType::AzureOpenAi,
            )
            | (
                Operation::CountTokens
                | Operation::Models
                | Operation::StoredResponse
                | Operation::Other,
                _,
            ) => Self::Either,
            (
                Operation::Chat
                | Operation::Responses
                | Operation::Completions
                | Operation::Embeddings
                | Operation::Messages
                | Operation::CohereChat
                | Operation::Rerank,
                _,
            ) => Self::Body,
        }
    }
}

/// The model that a request to a path which Weir does not meter names: in a JSON object, whatever the
/// content type says of it, or in a multipart form. `None`: it names none.
///
/// # Errors
/// When the body says that it is JSON or a form and is not, or names `model` twice.
pub fn other_model(
    provider_type: ProviderType,
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
        let model = multipart_model(content_type.unwrap_or_default(), body)?;
        return model.map(|model| named(provider_type, &model)).transpose();
    }
    let says_json = media_type.eq_ignore_ascii_case("application/json");
    let looks_like_json = body.trim_ascii_start().first() == Some(&b'{');
    if body.trim_ascii().is_empty() || !(says_json || looks_like_json) {
        return Ok(None);
    }
    match read(Operation::Other, provider_type, body) {
        Ok(asked) => Ok(asked.model),
        // A list holds no `model` of its own, and what only looks like JSON is somebody else's format.
        Err(RequestError::NotAnObject) => Ok(None),
        Err(RequestError::NotJson) if !says_json => Ok(None),
        Err(error) => Err(error),
    }
}
