//! Which operation a method and path stand for. It knows no bodies. Every path works at the root
//! and under `/v1`.

use http::Method;
use http::request::Parts;

/// Whose API is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Api {
    OpenAi,
    Anthropic,
}

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Operation<'p> {
    ChatCompletions,
    Completions,
    Embeddings,
    Responses,
    Response(&'p str),
    CancelResponse(&'p str),
    ResponseInputTokens,
    CompactResponse,
    Files,
    Images,
    OpenAiModels,
    OpenAiModel(&'p str),
    Messages,
    CountTokens,
    AnthropicModels,
    AnthropicModel(&'p str),
    /// The path exists, but not with this method.
    WrongMethod(Api),
    UnknownPath(Api),
}

impl<'p> Operation<'p> {
    /// Never fails: what is unknown has a value of its own.
    pub(crate) fn of(request: &'p Parts) -> Self {
        let whole = request.uri.path();
        let path = whole
            .strip_prefix("/v1")
            .filter(|rest| rest.starts_with('/'))
            .unwrap_or(whole);
        let api = likely_api(request);
        let (method, operation) = match path {
            "/chat/completions" => (Method::POST, Self::ChatCompletions),
            "/completions" => (Method::POST, Self::Completions),
            "/embeddings" => (Method::POST, Self::Embeddings),
            "/responses" => (Method::POST, Self::Responses),
            "/responses/input_tokens" => (Method::POST, Self::ResponseInputTokens),
            "/responses/compact" => (Method::POST, Self::CompactResponse),
            "/messages" => (Method::POST, Self::Messages),
            "/messages/count_tokens" => (Method::POST, Self::CountTokens),
            "/images/generations" => (Method::POST, Self::Images),
            "/files" => (Method::GET, Self::Files),
            "/models" => (Method::GET, Self::models(api)),
            _ => match Self::with_id(path, api) {
                Some(found) => found,
                None => return Self::UnknownPath(api),
            },
        };
        if request.method == method {
            operation
        } else {
            Self::WrongMethod(operation.api())
        }
    }

    fn with_id(path: &'p str, api: Api) -> Option<(Method, Self)> {
        if let Some(id) = path.strip_prefix("/models/") {
            return Some((Method::GET, Self::model(api, id)));
        }
        let rest = path.strip_prefix("/responses/")?;
        match rest.split_once('/') {
            None => Some((Method::GET, Self::Response(rest))),
            Some((id, "cancel")) => Some((Method::POST, Self::CancelResponse(id))),
            Some(_) => None,
        }
    }

    fn models(api: Api) -> Self {
        match api {
            Api::OpenAi => Self::OpenAiModels,
            Api::Anthropic => Self::AnthropicModels,
        }
    }

    fn model(api: Api, id: &'p str) -> Self {
        match api {
            Api::OpenAi => Self::OpenAiModel(id),
            Api::Anthropic => Self::AnthropicModel(id),
        }
    }

    /// Whose operation it is.
    pub(crate) fn api(&self) -> Api {
        match self {
            Self::ChatCompletions
            | Self::Completions
            | Self::Embeddings
            | Self::Responses
            | Self::Response(_)
            | Self::CancelResponse(_)
            | Self::ResponseInputTokens
            | Self::CompactResponse
            | Self::Files
            | Self::Images
            | Self::OpenAiModels
            | Self::OpenAiModel(_) => Api::OpenAi,
            Self::Messages
            | Self::CountTokens
            | Self::AnthropicModels
            | Self::AnthropicModel(_) => Api::Anthropic,
            Self::WrongMethod(api) | Self::UnknownPath(api) => *api,
        }
    }
}

/// For the paths that both have: Anthropic's clients send their own headers.
fn likely_api(request: &Parts) -> Api {
    let anthropic = ["anthropic-version", "x-api-key"]
        .iter()
        .any(|name| request.headers.contains_key(*name));
    if anthropic {
        Api::Anthropic
    } else {
        Api::OpenAi
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(method: Method, path: &str, expected: &Operation<'_>) {
        let request = http::Request::builder().method(method).uri(path);
        let (parts, ()) = request.body(()).expect("a request").into_parts();
        assert_eq!(&Operation::of(&parts), expected, "{path}");
    }

    #[test]
    fn paths_work_with_and_without_the_version() {
        check(
            Method::POST,
            "/v1/chat/completions",
            &Operation::ChatCompletions,
        );
        check(
            Method::POST,
            "/chat/completions?x=1",
            &Operation::ChatCompletions,
        );
        check(
            Method::GET,
            "/v1/responses/resp_1",
            &Operation::Response("resp_1"),
        );
        check(
            Method::POST,
            "/responses/resp_1/cancel",
            &Operation::CancelResponse("resp_1"),
        );
        check(Method::GET, "/models/a/b", &Operation::OpenAiModel("a/b"));
    }

    #[test]
    fn what_does_not_exist_has_a_value_of_its_own() {
        check(Method::GET, "/v2", &Operation::UnknownPath(Api::OpenAi));
        check(
            Method::GET,
            "/messages",
            &Operation::WrongMethod(Api::Anthropic),
        );
    }
}
