//! What a handler answers instead of its page. The layer around all pages makes a page of it.

use admin::AdminError;
use axum::response::{IntoResponse, Response};
use http::StatusCode;

/// Why there is no page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// There is nothing under this address.
    NotFound,
    /// What was asked for does not exist (any more), in admin's words.
    Missing(String),
    /// The request comes from another site.
    CrossSite,
    /// The session has ended, so that a change cannot be made.
    SignedOut,
    /// No admin exists yet.
    FirstStart,
    /// A problem that admin tells.
    Problem {
        /// HTTP status.
        status: u16,
        /// What kind of problem it is.
        title: &'static str,
        /// What happened and what to do.
        detail: String,
    },
}

impl Failure {
    /// Something of the console's own failed; it is logged here.
    pub(crate) fn internal(what: &str, error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error, "Could not {what}");
        Self::from(AdminError::Internal)
    }

    /// The status that is answered.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::NotFound | Self::Missing(_) => StatusCode::NOT_FOUND,
            Self::CrossSite | Self::FirstStart => StatusCode::FORBIDDEN,
            Self::SignedOut => StatusCode::UNAUTHORIZED,
            Self::Problem { status, .. } => {
                StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
            }
        }
    }
}

impl From<AdminError> for Failure {
    fn from(error: AdminError) -> Self {
        let problem = error.problem();
        match error {
            AdminError::NotFound { .. } => Self::Missing(problem.detail),
            _ => Self::Problem {
                status: problem.status,
                title: problem.title,
                detail: problem.detail,
            },
        }
    }
}

impl From<tower_sessions::session::Error> for Failure {
    fn from(error: tower_sessions::session::Error) -> Self {
        Self::internal("read or write a session", &error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}
