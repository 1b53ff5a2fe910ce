//! What a status is called by each provider. It knows nothing of why there is an error.

use http::StatusCode;

/// The names of one status.
pub(super) struct Names {
    pub(super) openai_type: &'static str,
    pub(super) openai_code: Option<&'static str>,
    pub(super) anthropic_type: &'static str,
    pub(super) anthropic_code: &'static str,
    pub(super) google_status: &'static str,
    pub(super) aws_type: &'static str,
    pub(super) databricks_code: &'static str,
    pub(super) message: &'static str,
}

/// The names of a status.
pub(super) fn names(status: StatusCode) -> Names {
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
        google_status: google_status(status),
        aws_type: aws_type(status),
        databricks_code: databricks_code(status),
        openai_type,
        openai_code,
        anthropic_type,
        anthropic_code,
        message,
    }
}

fn google_status(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        409 => "ABORTED",
        429 => "RESOURCE_EXHAUSTED",
        499 => "CANCELLED",
        503 => "UNAVAILABLE",
        504 => "DEADLINE_EXCEEDED",
        500..=599 => "INTERNAL",
        _ => "INVALID_ARGUMENT",
    }
}

fn aws_type(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 => "UnrecognizedClientException",
        403 => "AccessDeniedException",
        404 => "ResourceNotFoundException",
        408 => "ModelTimeoutException",
        409 => "ConflictException",
        424 => "ModelErrorException",
        429 => "ThrottlingException",
        503 => "ServiceUnavailableException",
        500..=599 => "InternalServerException",
        _ => "ValidationException",
    }
}

fn databricks_code(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "RESOURCE_DOES_NOT_EXIST",
        429 => "REQUEST_LIMIT_EXCEEDED",
        503 => "TEMPORARILY_UNAVAILABLE",
        500..=599 => "INTERNAL_ERROR",
        _ => "BAD_REQUEST",
    }
}
