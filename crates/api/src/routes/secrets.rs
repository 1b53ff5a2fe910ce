//! Secrets: names come out, values only go in.

use admin::{Page, secrets::SecretView};
use axum::{Json, extract::State};
use http::StatusCode;

use crate::{
    ApiState,
    auth::Caller,
    body::JsonBody,
    extract::{Id, NoQuery, Query},
    openapi::{PageParams, SecretValue},
    problem::ApiError,
};

/// List secrets
///
/// Their names and who uses them, never their values.
#[utoipa::path(
    get,
    path = "/api/v1/secrets",
    operation_id = "list_secrets",
    tag = "Secrets",
    params(PageParams),
    responses((status = 200, description = "One page, by name.", body = Page<SecretView>)),
)]
pub(crate) async fn list(
    State(state): State<ApiState>,
    Caller(who): Caller,
    Query(query): Query,
) -> Result<Json<Page<SecretView>>, ApiError> {
    let page = admin::query::page(&query)?;
    Ok(Json(state.admin.secrets().list(&who, &page).await?))
}

/// Make a secret or replace its value
///
/// Calls that begin later use the new value. It is never shown again.
#[utoipa::path(
    put,
    path = "/api/v1/secrets/{name}",
    operation_id = "put_secret",
    tag = "Secrets",
    params(("name" = String, Path, description = "Capitals, digits and underscores, beginning with a letter, such as OPENAI_API_KEY.")),
    request_body = SecretValue,
    responses(
        (status = 204, description = "The secret has this value now."),
        (status = 422, description = "The name or the value cannot be taken."),
    ),
)]
pub(crate) async fn put(
    State(state): State<ApiState>,
    Caller(who): Caller,
    Id(name): Id,
    _: NoQuery,
    JsonBody(body): JsonBody,
) -> Result<StatusCode, ApiError> {
    let value = admin::secrets::read_value(body)?;
    state.admin.secrets().put(&who, &name, value).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Delete a secret
///
/// Refused while a provider uses it.
#[utoipa::path(
    delete,
    path = "/api/v1/secrets/{name}",
    operation_id = "delete_secret",
    tag = "Secrets",
    params(("name" = String, Path, description = "The secret's name.")),
    responses(
        (status = 204, description = "It is gone."),
        (status = 404, description = "There is no such secret."),
        (status = 409, description = "Providers use it; they are named."),
    ),
)]
pub(crate) async fn delete(
    State(state): State<ApiState>,
    Caller(who): Caller,
    Id(name): Id,
    _: NoQuery,
) -> Result<StatusCode, ApiError> {
    state.admin.secrets().delete(&who, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}
