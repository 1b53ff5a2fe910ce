//! Which of a provider's operations a method and path ask for, and whose SDK speaks on a path.
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
//! | | `POST /invocations` (MLflow), `POST /{endpoint}/invocations` (Databricks) | chat |
//! | anthropic | `POST /v1/messages` | messages |
//! | | `POST /v1/messages/count_tokens` | count_tokens |
//! | | `GET /v1/models`, `GET /v1/models/{id}` | models |
//! | google_ai, below `/v1`, `/v1beta`, `/v1alpha` | `POST /models/{id}:generateContent`, `:streamGenerateContent` | generate |
//! | | `POST /models/{id}:embedContent`, `:batchEmbedContents` | embeddings |
//! | | `POST /models/{id}:countTokens` | count_tokens |
//! | | `GET /models`, `GET /models/{id}` | models |
//! | | `POST /openai/chat/completions`, `POST /openai/embeddings`, `GET /openai/models[/{id}]` | chat, embeddings, models |
//! | bedrock | `POST /model/{id}/converse`, `/converse-stream` | converse |
//! | | `POST /model/{id}/invoke`, `/invoke-with-response-stream` | invoke |
//! | | `POST /model/{id}/count-tokens` | count_tokens |
//! | | below `/openai/v1` and `/anthropic`: as openai and anthropic | |
//! | vertex_ai, below `/v1`, `/v1beta1` and there below `/projects/{p}/locations/{l}` or not | `POST /publishers/{p}/models/{id}:generateContent`, `:streamGenerateContent` | generate |
//! | | `POST …:predict` of what embeds, `:embedContent` | embeddings |
//! | | `POST …:countTokens`, `/publishers/anthropic/models/count-tokens:rawPredict` | count_tokens |
//! | | `POST …:rawPredict`, `:streamRawPredict` | messages of Anthropic, chat of others |
//! | | `POST /endpoints/{id}:generateContent`, `:streamGenerateContent` | generate |
//! | | below `/endpoints/openapi` and `/publishers/openai/v1`: as openai | |
//! | | `GET /publishers/{p}/models[/{id}]` | models |
//! | azure_openai, below `/openai/deployments/{id}` | `POST /chat/completions`, `/completions`, `/embeddings` | chat, completions, embeddings |
//! | azure_openai, below `/openai` and `/openai/v1` | as openai, but that only `/openai/v1` has chats, completions and embeddings | |
//! | cohere | `POST /v2/chat`, `POST /v2/embed`, `POST /v2/rerank` | cohere_chat, embeddings, rerank |
//! | | `POST /v1/tokenize` | count_tokens |
//! | | `GET /v1/models`, `GET /v1/models/{id}` | models |
//! | | `POST /compatibility/v1/chat/completions`, `POST /compatibility/v1/embeddings` | chat, embeddings |
//! | all | anything else | other |
//!
//! The types that speak OpenAI's API take the paths with a leading `/v1` too. Names are compared after
//! percent-decoding, since that is how the upstream compares them: `/%63hat/completions` is a chat.
//! Google's tuned models go by their whole name (`tunedModels/x`), others without `models/`.
//!
//! An ARN as Bedrock's model id may come with raw slashes; it goes up as the one segment that AWS asks
//! for. Vertex AI's go up in the provider's own project and location, and those without a version, in which a
//! project could stand anywhere, are refused. Every other path goes up as the client wrote it. What makes a path
//! ambiguous, and so refused, is in `segments`.
//!
//! Knows nothing of query strings: a path comes without one.

mod asked;
mod azure;
mod segments;
mod vertex;

use std::borrow::Cow;

use domain::{call::Operation, provider::ProviderType};

use self::{
    asked::{Asked, anthropic, bedrock, cohere, compatible, google, openai},
    segments::{decoded, encoded, segments},
    vertex::Home,
};

pub use azure::is_dated;

/// What a method and path ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route<'a> {
    /// The operation.
    pub operation: Operation,
    /// The path below the provider's base URL, as the client wrote it, with its leading slash. For types
    /// that speak OpenAI's API without a leading `/v1`, which their base URL carries; for Vertex AI without
    /// project and location, until [`Route::at_home`] puts in the provider's own.
    pub upstream_path: Cow<'a, str>,
    /// The model that the path names, decoded. `None`: the body names it, or nothing does.
    pub model: Option<String>,
    /// Whether the path asks for a stream. `None`: the body says.
    pub streamed: Option<bool>,
    /// Whether a leading `/v1` was taken off.
    versioned: bool,
    /// Beginnings of the path that a base URL which ends in them swallows.
    versions: &'static [&'static str],
    /// Where a project and location of Google Cloud belong in it.
    home: Home<'a>,
}

/// Whose SDK speaks on a path: decides the shape of Weir's own errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// OpenAI's, and everybody's who imitates its API.
    OpenAi,
    /// Anthropic's.
    Anthropic,
    /// Google's.
    Google,
    /// Amazon's.
    Aws,
    /// Cohere's.
    Cohere,
}

impl Dialect {
    /// Every dialect.
    pub const ALL: &'static [Self] = &[
        Self::OpenAi,
        Self::Anthropic,
        Self::Google,
        Self::Aws,
        Self::Cohere,
    ];
}

/// Names at the beginning of a path that say whose SDK speaks.
const DIALECT_NAMES: usize = 8;

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
    /// One of Vertex AI's that does not begin with a version of its API: what project and location it lies in
    /// nobody can tell, so that none could be put in.
    #[error(
        "the path does not begin with /v1/ or /v1beta1/, as every path of Vertex AI has to: write the version first"
    )]
    NoVersion,
}

/// What `method` and `path` (without its query) ask of a provider of this type.
///
/// # Errors
/// When the path is no path, is written so that servers could disagree about what it means, or is one of Vertex
/// AI's without its version.
pub fn route<'a>(
    provider_type: ProviderType,
    method: &str,
    path: &'a str,
) -> Result<Route<'a>, PathError> {
    let segments = segments(provider_type, path)?;
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
            ProviderType::OpenAi
            | ProviderType::OpenAiCompatible
            | ProviderType::Anthropic
            | ProviderType::GoogleAi
            | ProviderType::Bedrock
            | ProviderType::VertexAi
            | ProviderType::AzureOpenAi
            | ProviderType::Cohere,
            names,
        ) => (false, names),
    };
    let (asked, versions): (Asked, &'static [&'static str]) = match provider_type {
        ProviderType::OpenAi => (openai(method, names), &["/v1"]),
        ProviderType::OpenAiCompatible => (compatible(method, names), &["/v1"]),
        ProviderType::Anthropic => (anthropic(method, names), &["/v1"]),
        ProviderType::GoogleAi => (google(method, names), &["/v1", "/v1beta", "/v1alpha"]),
        ProviderType::Bedrock => (bedrock(method, names), &[]),
        ProviderType::VertexAi => (vertex::asked(method, names), vertex::VERSIONS),
        ProviderType::AzureOpenAi => (azure::asked(method, names), &[]),
        ProviderType::Cohere => (cohere(method, names), &[]),
    };
    let (home, homeless) = match provider_type {
        ProviderType::VertexAi => Home::of(method, names, path)?,
        ProviderType::OpenAi
        | ProviderType::OpenAiCompatible
        | ProviderType::Anthropic
        | ProviderType::GoogleAi
        | ProviderType::Bedrock
        | ProviderType::AzureOpenAi
        | ProviderType::Cohere => (Home::Nowhere, Cow::Borrowed(path)),
    };
    let upstream_path = match (provider_type, names) {
        (ProviderType::Bedrock, ["model", id @ .., action])
            if id.len() > 1 && asked.model.is_some() =>
        {
            Cow::Owned(format!(
                "/model/{}/{}",
                encoded(&id.join("/")),
                encoded(action)
            ))
        }
        _ if versioned => Cow::Borrowed(after_first_segment(path)),
        _ => homeless,
    };
    Ok(Route {
        operation: asked.operation,
        upstream_path,
        model: asked.model,
        streamed: asked.streamed,
        versioned,
        versions,
        home,
    })
}

impl Route<'_> {
    /// The same in this project and location of Google Cloud, whatever the client wrote. A path that has no such
    /// place stays as it is.
    #[must_use]
    pub fn at_home(mut self, project: &str, location: &str) -> Self {
        if let Some(path) = self.home.at(project, location) {
            self.upstream_path = Cow::Owned(path);
        }
        self
    }

    /// The upstream's URL, without a query: base URL and path, with the version neither doubled nor lost.
    ///
    /// A `/v1` that the client wrote for a type that speaks OpenAI's API goes up only where the base URL
    /// has no path of its own (`http://host:8000`); any other base URL says where its API begins. For the
    /// types whose paths begin with a version a base URL that ends in it swallows the path's.
    #[must_use]
    pub fn url(&self, base_url: &str) -> String {
        let base = base_url.trim_end_matches('/');
        let host_and_path = base.split_once("://").map_or(base, |(_, rest)| rest);
        if self.versioned && !host_and_path.contains('/') {
            return format!("{base}/v1{}", self.upstream_path);
        }
        let path = self
            .versions
            .iter()
            .filter(|version| base.ends_with(*version))
            .find_map(|version| self.upstream_path.strip_prefix(version))
            .filter(|rest| rest.starts_with('/'))
            .unwrap_or(&self.upstream_path);
        format!("{base}{path}")
    }
}

/// Whose SDK speaks on a path of a provider of this type. Total: any path has an answer, checked or not.
#[must_use]
pub fn dialect(provider_type: ProviderType, path: &str) -> Dialect {
    let mut names = path.split('/').filter(|name| !name.is_empty()).map(decoded);
    if provider_type == ProviderType::VertexAi {
        let names: Vec<Cow<'_, str>> = names.take(DIALECT_NAMES).collect();
        return if vertex::is_openai_style(&names) {
            Dialect::OpenAi
        } else if vertex::is_anthropics(&names) {
            Dialect::Anthropic
        } else {
            Dialect::Google
        };
    }
    let mut name = || names.next().unwrap_or_default();
    match provider_type {
        ProviderType::OpenAi | ProviderType::AzureOpenAi | ProviderType::OpenAiCompatible => {
            Dialect::OpenAi
        }
        ProviderType::Anthropic => Dialect::Anthropic,
        ProviderType::VertexAi => Dialect::Google,
        ProviderType::GoogleAi => match (name().as_ref(), name().as_ref()) {
            (_, "openai") => Dialect::OpenAi,
            _ => Dialect::Google,
        },
        ProviderType::Bedrock => match name().as_ref() {
            "openai" => Dialect::OpenAi,
            "anthropic" => Dialect::Anthropic,
            _ => Dialect::Aws,
        },
        ProviderType::Cohere => match name().as_ref() {
            "compatibility" => Dialect::OpenAi,
            _ => Dialect::Cohere,
        },
    }
}

/// Whether the answer to a call is what was asked, or may be: the items that a stored response goes on from,
/// a conversation that is made shorter, and whatever Weir does not know. The path may have anything before it.
#[must_use]
pub fn answers_input(operation: Operation, path: &str) -> bool {
    let path = path.strip_suffix('/').unwrap_or(path);
    let ends_with = |name: &str| {
        path.rsplit('/')
            .next()
            .is_some_and(|last| decoded(last) == name)
    };
    match operation {
        Operation::StoredResponse => ends_with("input_items"),
        Operation::Responses => ends_with("compact"),
        Operation::Other => true,
        Operation::Chat
        | Operation::Completions
        | Operation::Embeddings
        | Operation::Messages
        | Operation::Generate
        | Operation::Converse
        | Operation::Invoke
        | Operation::CohereChat
        | Operation::Rerank
        | Operation::CountTokens
        | Operation::Models => false,
    }
}

fn after_first_segment(path: &str) -> &str {
    let below = path.strip_prefix('/').unwrap_or(path);
    below
        .find('/')
        .and_then(|slash| below.get(slash..))
        .unwrap_or("/")
}
