//! Errors as they are told: problem documents (RFC 9457), from one table for what goes wrong in HTTP and
//! from `admin`'s table for all else.

use std::time::Duration;

use admin::{AdminError, FieldError, Problem};
use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, Method, StatusCode, Uri, header};
use serde::Serialize;

/// The media type of a problem document.
pub(crate) const MEDIA_TYPE: &str = "application/problem+json";

/// Why a request was not answered as asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    /// `admin` refused.
    #[error(transparent)]
    Admin(#[from] AdminError),
    /// No admin token is configured.
    #[error("the API is closed")]
    Closed,
    /// No token was shown.
    #[error("no token was shown")]
    NoToken,
    /// The token that was shown is another one.
    #[error("the token is wrong")]
    WrongToken,
    /// There is nothing at this path.
    #[error("no such path")]
    NoSuchPath(String),
    /// There is something at this path, but not for this method.
    #[error("no such method here")]
    Method {
        /// The method that was used.
        method: Method,
        /// The path.
        path: String,
    },
    /// The body is not of a type that is read here.
    #[error("wrong content type")]
    MediaType {
        /// What is read here.
        wanted: &'static str,
    },
    /// The body is no JSON.
    #[error("malformed JSON")]
    Malformed(String),
    /// The body is too long.
    #[error("body too long")]
    TooLarge,
    /// The body did not arrive whole.
    #[error("the body broke off")]
    BrokenBody,
}

impl ApiError {
    /// The table.
    fn problem(&self) -> Problem {
        let (status, code, title, detail) = match self {
            Self::Admin(error) => return error.problem(),
            Self::Closed => (
                StatusCode::UNAUTHORIZED,
                "api_closed",
                "The API is closed",
                "No admin token is configured. Make an API token of your own in the console under Settings, or start Weir with WEIR_ADMIN_TOKEN set to a long random text; then send one of them as `Authorization: Bearer …`.".to_owned(),
            ),
            Self::NoToken => (
                StatusCode::UNAUTHORIZED,
                "token_missing",
                "No admin token",
                "Send an API token of your own (wra_…), or the admin token, the value of WEIR_ADMIN_TOKEN, as `Authorization: Bearer …`.".to_owned(),
            ),
            Self::WrongToken => (
                StatusCode::UNAUTHORIZED,
                "token_wrong",
                "Wrong admin token",
                "The bearer token is neither the value of WEIR_ADMIN_TOKEN that Weir was started with, nor an API token (wra_…) that is good: it may have been revoked or have expired, or its owner is disabled. A gateway token (wr_…) is not accepted here.".to_owned(),
            ),
            Self::NoSuchPath(path) => (
                StatusCode::NOT_FOUND,
                "path_not_found",
                "No such path",
                format!("There is nothing at {path}. /api/docs lists what there is."),
            ),
            Self::Method { method, path } => (
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "Method not allowed",
                format!("{path} does not take {method}. The Allow header names what it takes; /api/docs says more."),
            ),
            Self::MediaType { wanted } => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "wrong_content_type",
                "Wrong content type",
                format!("Send JSON, with `Content-Type: {wanted}`."),
            ),
            Self::Malformed(what) => (
                StatusCode::BAD_REQUEST,
                "malformed_json",
                "Malformed JSON",
                format!("The body is not valid JSON: {what}."),
            ),
            Self::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "body_too_large",
                "Body too large",
                "A body may have 1 MiB at most.".to_owned(),
            ),
            Self::BrokenBody => (
                StatusCode::BAD_REQUEST,
                "body_incomplete",
                "Body incomplete",
                "The body did not arrive whole. Send the request again.".to_owned(),
            ),
        };
        Problem {
            status: status.as_u16(),
            code,
            title,
            detail,
            errors: vec![],
            retry_after: None,
        }
    }
}

/// One of each kind of error, for describing them all.
pub(crate) fn kinds() -> Vec<Problem> {
    let of_http = [
        ApiError::Malformed(String::new()),
        ApiError::BrokenBody,
        ApiError::Closed,
        ApiError::NoToken,
        ApiError::WrongToken,
        ApiError::NoSuchPath(String::new()),
        ApiError::Method {
            method: Method::GET,
            path: String::new(),
        },
        ApiError::TooLarge,
        ApiError::MediaType { wanted: "" },
    ];
    let of_admin = AdminError::kinds().into_iter().map(ApiError::from);
    let mut kinds: Vec<Problem> = of_http
        .into_iter()
        .chain(of_admin)
        .map(|error| error.problem())
        .collect();
    kinds.sort_by_key(|kind| (kind.status, kind.code));
    kinds
}

/// An error, as a problem document (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = Problem)]
pub struct ProblemDocument {
    /// Where this kind of error is described.
    #[serde(rename = "type")]
    #[schema(example = "/api/docs#error-invalid")]
    pub kind: String,
    /// What kind of error it is.
    #[schema(example = "Some fields are wrong")]
    pub title: &'static str,
    /// The HTTP status.
    #[schema(example = 422)]
    pub status: u16,
    /// What happened, to what, and what to do.
    pub detail: String,
    /// Stable name of the error, for programs.
    #[schema(example = "invalid")]
    pub code: &'static str,
    /// The fields or parameters at fault; empty where it is none.
    pub errors: Vec<FieldError>,
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let problem = self.problem();
        let status =
            StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let document = ProblemDocument {
            kind: format!("/api/docs#error-{}", problem.code),
            title: problem.title,
            status: problem.status,
            detail: problem.detail,
            code: problem.code,
            errors: problem.errors,
        };
        let mut answer = (status, Json(document)).into_response();
        let headers = answer.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"weir\""),
            );
        }
        if let Some(wait) = problem.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(whole_seconds(wait)));
        }
        answer
    }
}

/// Seconds, rounded up.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs()
        .saturating_add(u64::from(wait.subsec_nanos() > 0))
}

/// The answer where a path knows other methods only.
pub(crate) async fn method_not_allowed(method: Method, uri: Uri) -> ApiError {
    ApiError::Method {
        method,
        path: uri.path().to_owned(),
    }
}

/// The answer where there is nothing.
pub(crate) async fn no_such_path(uri: Uri) -> ApiError {
    ApiError::NoSuchPath(uri.path().to_owned())
}
