//! The REST API: thin shells over `admin`.
//!
//! A route reads what was sent, calls one function of `admin`, and writes down what it gives. Rules,
//! checks and messages are over there; here are paths, headers, statuses and the description of it all
//! (`/api/openapi.json`, readable at `/api/docs`).
//!
//! | | |
//! |---|---|
//! | closed by default | every path under `/api` but [`OPEN_PATHS`], and `/metrics`, wants the admin token or a person's own API token; 401 comes before 404 |
//! | errors | problem documents (RFC 9457) with a stable `code` |
//! | unknown parameters and fields | refused by name |
//!
//! Knows nothing of pages, SQL, or the data plane.

mod auth;
mod body;
mod docs;
mod extract;
mod openapi;
mod problem;
mod routes;

use std::{fmt, sync::Arc};

use admin::Admin;
use axum::{Router, middleware};
use secrecy::SecretString;

pub use admin::ClientAddress;
pub use auth::{Authorizer, OPEN_PATHS};
pub use openapi::document;
pub use problem::ProblemDocument;

/// What the API is made of.
#[derive(Clone)]
pub struct ApiState {
    /// What an admin can do.
    pub admin: Admin,
    /// The admin token. `None`: the API is open only to people's own API tokens, and says so.
    pub admin_token: Option<SecretString>,
    /// Who else may read the API's description: people who have signed in to the console. `None`: nobody.
    pub docs_readers: Option<Arc<dyn Authorizer>>,
}

impl fmt::Debug for ApiState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiState")
            .field("open", &self.admin_token.is_some())
            .finish_non_exhaustive()
    }
}

/// Everything under `/api`, and `/metrics`. Has no fallback of its own, so that it can be merged with other routers.
pub fn router(state: ApiState) -> Router {
    routes::all()
        .method_not_allowed_fallback(problem::method_not_allowed)
        .layer(middleware::from_fn_with_state(state.clone(), auth::check))
        .with_state(state)
}
