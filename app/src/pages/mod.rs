//! The pages, one folder for each kind of thing. Every page has its state in its address, and every
//! form is sent to the page that it stands on.

pub(crate) mod account;
pub(crate) mod audit;
pub(crate) mod calls;
pub(crate) mod catalog;
pub(crate) mod errors;
pub(crate) mod find;
pub(crate) mod keys;
mod made_before;
pub(crate) mod providers;
pub(crate) mod repricing;
pub(crate) mod secrets;
pub(crate) mod settings;
pub(crate) mod sign_in;
pub(crate) mod tokens;
pub(crate) mod transcripts;
pub(crate) mod usage;
pub(crate) mod welcome;

use axum::{
    Router,
    response::Redirect,
    routing::{get, post},
};

use crate::http::Console;

/// Every page's route.
pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/", get(async || Redirect::to("/providers")))
        .route("/welcome", get(welcome::show).post(welcome::submit))
        .route("/sign-in", get(sign_in::show).post(sign_in::submit))
        .route("/sign-out", post(sign_in::out))
        .route(
            "/account/password",
            get(account::show).post(account::submit),
        )
        .merge(providers::routes())
        .merge(secrets::routes())
        .merge(tokens::routes())
        .merge(usage::routes())
        .merge(transcripts::routes())
        .merge(calls::routes())
        .merge(repricing::routes())
        .merge(settings::routes())
        .merge(audit::routes())
        .merge(catalog::routes())
        .merge(find::routes())
        .merge(keys::routes())
}
