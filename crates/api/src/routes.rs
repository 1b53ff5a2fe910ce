//! The routes. Each is a shell: read, call `admin`, write down.

pub(crate) mod audit;
pub(crate) mod calls;
pub(crate) mod catalog;
pub(crate) mod providers;
pub(crate) mod secrets;
pub(crate) mod tokens;
pub(crate) mod usage;

use axum::{
    Router,
    routing::{any, delete, get, post, put},
};

use crate::{ApiState, docs, problem::no_such_path};

/// Every path under `/api`; what is not listed is not there.
pub(crate) fn all() -> Router<ApiState> {
    Router::new()
        .route(
            "/api/v1/providers",
            get(providers::list).post(providers::create),
        )
        .route(
            "/api/v1/providers/{id}",
            get(providers::get)
                .patch(providers::update)
                .delete(providers::delete),
        )
        .route("/api/v1/providers/{id}/test", post(providers::test))
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
        .route("/api/v1/usage", get(usage::report))
        .route("/api/v1/audit", get(audit::list))
        .route(docs::DOCUMENT_PATH, get(docs::document))
        .route(docs::PAGE_PATH, get(docs::page))
        .route(docs::STYLE_PATH, get(docs::style))
        .route("/api", any(no_such_path))
        .route("/api/", any(no_such_path))
        .route("/api/{*rest}", any(no_such_path))
}
