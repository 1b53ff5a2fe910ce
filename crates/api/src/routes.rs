//! The routes. Each is a shell: read, call `admin`, write down.

pub(crate) mod api_tokens;
pub(crate) mod audit;
pub(crate) mod calls;
pub(crate) mod catalog;
pub(crate) mod metrics;
pub(crate) mod people;
pub(crate) mod providers;
pub(crate) mod repricings;
pub(crate) mod secrets;
pub(crate) mod settings;
pub(crate) mod tokens;
pub(crate) mod transcripts;
pub(crate) mod usage;

use axum::{
    Router,
    routing::{any, delete, get, patch, post, put},
};

use crate::{ApiState, docs, extract::Id, problem::no_such_path};

/// Every path under `/api`, and `/metrics`; what is not listed is not there.
pub(crate) fn all() -> Router<ApiState> {
    Router::new()
        .route(
            "/api/v1/providers",
            get(providers::list).post(providers::create),
        )
        // A provider that was called so before there was this address is still read, changed and deleted here.
        .route(
            "/api/v1/providers/import",
            post(providers::import)
                .get(|state, caller, query| providers::get(state, caller, import(), query))
                .patch(|state, caller, query, based_on, patch| {
                    providers::update(state, caller, import(), query, based_on, patch)
                })
                .delete(|state, caller, query, based_on| {
                    providers::delete(state, caller, import(), query, based_on)
                }),
        )
        .route(
            "/api/v1/providers/{id}",
            get(providers::get)
                .patch(providers::update)
                .delete(providers::delete),
        )
        .route("/api/v1/providers/{id}/test", post(providers::test))
        .route(
            "/api/v1/providers/{id}/endpoints",
            get(providers::endpoints),
        )
        .route("/api/v1/secrets", get(secrets::list))
        .route(
            "/api/v1/secrets/{name}",
            put(secrets::put).delete(secrets::delete),
        )
        .route("/api/v1/tokens", get(tokens::list).post(tokens::create))
        .route("/api/v1/tokens/{id}", delete(tokens::revoke))
        .route("/api/v1/catalog", get(catalog::get).post(catalog::upload))
        .route("/api/v1/catalog/models", get(catalog::models))
        .route("/api/v1/catalog/refresh", post(catalog::refresh))
        .route("/api/v1/catalog/builtin", post(catalog::builtin))
        .route("/api/v1/catalog/apply", post(catalog::apply))
        .route("/api/v1/catalog/pending", delete(catalog::discard))
        .route("/api/v1/calls", get(calls::list))
        .route("/api/v1/calls/{id}", get(calls::get))
        .route(
            "/api/v1/transcripts/deletions",
            get(transcripts::deletions).post(transcripts::forget),
        )
        .route("/api/v1/transcripts/{id}", get(transcripts::get))
        .route("/api/v1/conversations", get(transcripts::list))
        .route(
            "/api/v1/conversations/{id}",
            get(transcripts::conversation).delete(transcripts::delete),
        )
        .route(
            "/api/v1/conversations/{id}/export",
            get(transcripts::export),
        )
        .route("/api/v1/usage", get(usage::report))
        .route(
            "/api/v1/repricings",
            get(repricings::list).post(repricings::create),
        )
        .route(
            "/api/v1/repricings/{id}",
            get(repricings::get).delete(repricings::discard),
        )
        .route("/api/v1/repricings/{id}/apply", post(repricings::apply))
        .route("/api/v1/usage/report.csv", get(usage::csv_report))
        .route("/api/v1/people", get(people::list).post(people::create))
        .route("/api/v1/people/{id}", patch(people::update))
        .route("/api/v1/people/{id}/link", post(people::make_link))
        .route(
            "/api/v1/api-tokens",
            get(api_tokens::list).post(api_tokens::create),
        )
        .route("/api/v1/api-tokens/{id}", delete(api_tokens::revoke))
        .route(
            "/api/v1/settings",
            get(settings::get).patch(settings::update),
        )
        .route("/api/v1/system", get(settings::system))
        .route("/api/v1/audit", get(audit::list))
        .route("/metrics", get(metrics::get))
        .route(docs::DOCUMENT_PATH, get(docs::document))
        .route(docs::PAGE_PATH, get(docs::page))
        .route(docs::STYLE_PATH, get(docs::style))
        .route("/api", any(no_such_path))
        .route("/api/", any(no_such_path))
        .route("/api/{*rest}", any(no_such_path))
}

/// The id of a provider that has the name of an address.
fn import() -> Id {
    Id("import".to_owned())
}
