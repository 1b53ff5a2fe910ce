//! Errors as each provider words them. It knows nothing of why there is an error.

use http::StatusCode;

use crate::json::object_text;
use crate::route::Api;

/// A request that is refused.
pub(crate) struct Failure {
    pub(crate) status: StatusCode,
    message: String,
    /// OpenAI's `param`: the member of the request that is wrong.
    parameter: Option<&'static str>,
    /// Instead of the code that belongs to the status.
    code: Option<&'static str>,
}

/// What a status is called by each provider.
struct Names {
    openai_type: &'static str,
    openai_code: Option<&'static str>,
    anthropic_type: &'static str,
    anthropic_code: &'static str,
    message: &'static str,
}

impl Failure {
    /// With the words that belong to `status`.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        Self::new(status, names(status).message)
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

    /// 400 because of one member of the request.
    pub(crate) fn bad(parameter: &'static str, message: impl Into<String>) -> Self {
        Self {
            parameter: Some(parameter),
            ..Self::new(StatusCode::BAD_REQUEST, message)
        }
    }

    /// 400 because a member is not there.
    pub(crate) fn lacks(api: Api, parameter: &'static str) -> Self {
        let message = match api {
            Api::OpenAi => format!("Missing required parameter: '{parameter}'."),
            Api::Anthropic => format!("{parameter}: Field required"),
        };
        Self::bad(parameter, message).with_code("missing_required_parameter")
    }

    /// 400 because the body cannot be read.
    pub(crate) fn unreadable(error: &serde_json::Error) -> Self {
        let message = format!("We could not parse the JSON body of your request: {error}");
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// 404 for a model that does not exist.
    pub(crate) fn unknown_model(api: Api, model: &str) -> Self {
        let message = match api {
            Api::OpenAi => {
                format!("The model `{model}` does not exist or you do not have access to it.")
            }
            Api::Anthropic => format!("model: {model}"),
        };
        Self::new(StatusCode::NOT_FOUND, message).with_code("model_not_found")
    }

    /// With another code than the status has.
    pub(crate) fn with_code(self, code: &'static str) -> Self {
        Self {
            code: Some(code),
            ..self
        }
    }

    /// Seconds for `retry-after`.
    pub(crate) fn retry_after(status: StatusCode) -> Option<u16> {
        matches!(status.as_u16(), 429 | 503 | 529).then_some(7)
    }

    /// The body of the error.
    pub(crate) fn body(&self, api: Api, request_id: &str) -> Vec<u8> {
        let names = names(self.status);
        object_text(|body| match api {
            Api::OpenAi => {
                body.object("error", |error| {
                    error
                        .text("message", &self.message)
                        .text("type", names.openai_type)
                        .text_or_null("param", self.parameter)
                        .text_or_null("code", self.code.or(names.openai_code));
                });
            }
            Api::Anthropic => {
                let code = self.code.unwrap_or(names.anthropic_code);
                body.text("type", "error")
                    .object("error", |error| {
                        error
                            .text("type", names.anthropic_type)
                            .text("message", &self.message)
                            .object("details", |details| {
                                details.text("error_code", code);
                            });
                    })
                    .text("request_id", request_id);
            }
        })
    }
}

/// The page that a proxy in front of a provider would send.
pub(crate) fn page(status: StatusCode) -> Vec<u8> {
    let title = status.canonical_reason().unwrap_or("Error");
    let number = status.as_u16();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head><title>{number} {title}</title></head>\n<body>\n\
         <center><h1>{number} {title}</h1></center>\n<hr><center>cloudflare</center>\n\
         <script>document.title = \"scripted\"</script>\n</body>\n</html>\n"
    )
    .into_bytes()
}

fn names(status: StatusCode) -> Names {
    let (openai_type, openai_code, anthropic_type, anthropic_code, message) = match status.as_u16()
    {
        401 => (
            "invalid_request_error",
            Some("invalid_api_key"),
            "authentication_error",
            "invalid_api_key",
            "Incorrect API key provided.",
        ),
        402 => (
            "insufficient_quota",
            Some("billing_hard_limit_reached"),
            "billing_error",
            "billing_error",
            "There is a problem with the billing of this account.",
        ),
        403 => (
            "invalid_request_error",
            Some("permission_denied"),
            "permission_error",
            "permission_denied",
            "This key may not do that.",
        ),
        404 => (
            "invalid_request_error",
            None,
            "not_found_error",
            "not_found",
            "Not found.",
        ),
        409 => (
            "invalid_request_error",
            Some("conflict"),
            "conflict_error",
            "conflict",
            "The resource was changed by another request.",
        ),
        413 => (
            "invalid_request_error",
            Some("request_too_large"),
            "request_too_large",
            "request_too_large",
            "Request exceeds the maximum size.",
        ),
        429 => (
            "requests",
            Some("rate_limit_exceeded"),
            "rate_limit_error",
            "rate_limit_exceeded",
            "Rate limit reached for requests. Please try again in 7s.",
        ),
        504 => (
            "server_error",
            None,
            "timeout_error",
            "timeout",
            "The request timed out.",
        ),
        503 | 529 => (
            "server_error",
            None,
            "overloaded_error",
            "overloaded",
            "Overloaded. Please try again later.",
        ),
        500..=599 => (
            "server_error",
            None,
            "api_error",
            "internal_error",
            "The server had an error while processing your request.",
        ),
        _ => (
            "invalid_request_error",
            None,
            "invalid_request_error",
            "invalid_request",
            "The request is not valid.",
        ),
    };
    Names {
        openai_type,
        openai_code,
        anthropic_type,
        anthropic_code,
        message,
    }
}
