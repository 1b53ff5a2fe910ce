//! What a handler answers instead of its page. The layer around all pages makes a page of it.

use std::time::Duration;

use admin::AdminError;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use tower_sessions::{session, session_store};

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
        /// When to try again, where that helps.
        retry_after: Option<Duration>,
    },
}

impl Failure {
    /// Something of the console's own failed; it is logged here.
    pub(crate) fn internal(what: &str, error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error, "Could not {what}");
        Self::from(AdminError::Internal)
    }

    /// When to try again, where that helps.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Problem { retry_after, .. } => *retry_after,
            Self::NotFound
            | Self::Missing(_)
            | Self::CrossSite
            | Self::SignedOut
            | Self::FirstStart => None,
        }
    }

    /// It passes by itself: what was sent may be taken in a moment.
    pub(crate) fn passes(&self) -> bool {
        self.status() == StatusCode::SERVICE_UNAVAILABLE && self.retry_after().is_some()
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
                retry_after: problem.retry_after,
            },
        }
    }
}

impl From<session::Error> for Failure {
    fn from(error: session::Error) -> Self {
        match error {
            session::Error::Store(session_store::Error::Backend(detail)) => {
                tracing::error!(detail, "Could not read or write a session");
                Self::from(AdminError::Unavailable)
            }
            session::Error::Store(
                session_store::Error::Encode(_) | session_store::Error::Decode(_),
            )
            | session::Error::SerdeJson(_) => Self::internal("read or write a session", &error),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}
