//! The paths of OpenAI's API, without the version. It knows no bodies.

use http::Method;

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Operation<'p> {
    Chat,
    /// Chat with a served model: that of the endpoint, or the only one there is.
    Invocations(Option<&'p str>),
    Completions,
    Embeddings,
    Responses,
    Response(&'p str),
    CancelResponse(&'p str),
    ResponseInputTokens,
    CompactResponse,
    Files,
    Images,
    Models,
    Model(&'p str),
    /// Whether the server lives.
    Alive,
}

impl<'p> Operation<'p> {
    /// The operation of a path, and its method.
    pub(crate) fn find(path: &'p str) -> Option<(Method, Self)> {
        Some(match path {
            "/chat/completions" => (Method::POST, Self::Chat),
            "/invocations" => (Method::POST, Self::Invocations(None)),
            "/completions" => (Method::POST, Self::Completions),
            "/embeddings" => (Method::POST, Self::Embeddings),
            "/responses" => (Method::POST, Self::Responses),
            "/responses/input_tokens" => (Method::POST, Self::ResponseInputTokens),
            "/responses/compact" => (Method::POST, Self::CompactResponse),
            "/images/generations" => (Method::POST, Self::Images),
            "/files" => (Method::GET, Self::Files),
            "/models" | "/api/tags" | "/api/2.0/serving-endpoints" => (Method::GET, Self::Models),
            "/ping" | "/health" | "/version" => (Method::GET, Self::Alive),
            _ => return Self::with_id(path),
        })
    }

    fn with_id(path: &'p str) -> Option<(Method, Self)> {
        if let Some(id) = path.strip_prefix("/models/") {
            return Some((Method::GET, Self::Model(id)));
        }
        if let Some(endpoint) = path.strip_suffix("/invocations") {
            let endpoint = endpoint.strip_prefix('/')?;
            let whole = !endpoint.is_empty() && !endpoint.contains('/');
            return whole.then_some((Method::POST, Self::Invocations(Some(endpoint))));
        }
        let rest = path.strip_prefix("/responses/")?;
        match rest.split_once('/') {
            None => Some((Method::GET, Self::Response(rest))),
            Some((id, "cancel")) => Some((Method::POST, Self::CancelResponse(id))),
            Some(_) => None,
        }
    }
}
