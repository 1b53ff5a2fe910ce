//! A request that is refused, and why. It knows nothing of how each provider words it.

mod bodies;
mod names;

pub(crate) use bodies::{Voice, page};

use http::StatusCode;

use crate::route::Api;

/// A request that is refused.
pub(crate) struct Failure {
    pub(crate) status: StatusCode,
    message: String,
    /// OpenAI's `param`: the member of the request that is wrong.
    parameter: Option<&'static str>,
    /// Instead of the code that belongs to the status: OpenAI's and Anthropic's code, Google's
    /// reason, the type of AWS.
    code: Option<&'static str>,
}

impl Failure {
    /// With the words that belong to `status`.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        Self::new(status, names::names(status).message)
    }

    /// With words of its own.
    pub(crate) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            parameter: None,
            code: None,
        }
    }

    /// 400 with words of its own.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// 400 because of one member of the request.
    pub(crate) fn bad(parameter: &'static str, message: impl Into<String>) -> Self {
        Self {
            parameter: Some(parameter),
            ..Self::invalid(message)
        }
    }

    /// 400 because a member is not there.
    pub(crate) fn lacks(api: Api, parameter: &'static str) -> Self {
        match api {
            Api::OpenAi => Self::bad(
                parameter,
                format!("Missing required parameter: '{parameter}'."),
            )
            .with_code("missing_required_parameter"),
            Api::Anthropic => Self::bad(parameter, format!("{parameter}: Field required"))
                .with_code("missing_required_parameter"),
            Api::Google => Self::invalid(format!("{parameter} is not specified")),
            Api::Cohere => Self::invalid(format!("invalid request: {parameter} must be provided")),
            Api::Bedrock => Self::invalid(format!(
                "1 validation error detected: Value at '{parameter}' failed to satisfy \
                 constraint: Member must not be null"
            )),
        }
    }

    /// 400 because the body cannot be read.
    pub(crate) fn unreadable(error: &serde_json::Error) -> Self {
        Self::invalid(format!(
            "We could not parse the JSON body of your request: {error}"
        ))
    }

    /// 404 for a model that does not exist; Bedrock calls that 400.
    pub(crate) fn unknown_model(api: Api, model: &str) -> Self {
        match api {
            Api::OpenAi => Self::new(
                StatusCode::NOT_FOUND,
                format!("The model `{model}` does not exist or you do not have access to it."),
            )
            .with_code("model_not_found"),
            Api::Anthropic => Self::new(StatusCode::NOT_FOUND, format!("model: {model}"))
                .with_code("model_not_found"),
            Api::Google => Self::new(
                StatusCode::NOT_FOUND,
                format!(
                    "models/{model} is not found for this API version, or is not supported for \
                     this method. Call ListModels to see the list of available models."
                ),
            ),
            Api::Cohere => Self::new(
                StatusCode::NOT_FOUND,
                format!(
                    "model '{model}' not found, make sure the correct model ID was used and that you have \
                     access to the model."
                ),
            ),
            Api::Bedrock => Self::invalid("The provided model identifier is invalid."),
        }
    }

    /// With another code than the status has.
    pub(crate) fn with_code(self, code: &'static str) -> Self {
        Self {
            code: Some(code),
            ..self
        }
    }

    /// Seconds for `retry-after`; Google says it in the body, AWS does not say it.
    pub(crate) fn retry_after(api: Api, status: StatusCode) -> Option<u16> {
        let said = match api {
            Api::OpenAi | Api::Anthropic | Api::Cohere => true,
            Api::Google | Api::Bedrock => false,
        };
        (said && matches!(status.as_u16(), 429 | 503 | 529)).then_some(7)
    }
}
