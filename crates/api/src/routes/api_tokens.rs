//! API tokens of one's own: made, listed, revoked. The token itself is answered once.

use admin::{
    Page,
    api_tokens::{ApiTokenDraft, ApiTokenView},
};
use axum::{Json, extract::State};
use http::StatusCode;
use secrecy::ExposeSecret;

use crate::{
    ApiState,
    auth::Caller,
    body::JsonBody,
    extract::{Id, NoQuery, Query},
    openapi::{CreatedApiToken, PageParams},
    problem::ApiError,
};

/// List one's own API tokens
#[utoipa::path(
    get,
    path = "/api/v1/api-tokens",
    operation_id = "list_api_tokens",
    tag = "API tokens",
    params(PageParams),
    responses(
        (status = 200, description = "One page, newest first.", body = Page<ApiTokenView>),
        (status = 403, description = "The admin token is no person and has none."),
    ),
)]
pub(crate) async fn list(
    State(state): State<ApiState>,
    Caller(who): Caller,
    Query(query): Query,
) -> Result<Json<Page<ApiTokenView>>, ApiError> {
    let page = admin::query::page(&query)?;
    Ok(Json(state.admin.api_tokens().list(&who, &page).await?))
}

/// Create an API token of one's own
///
/// What is done with it is done in its owner's name. The answer is the only place where the token is ever
/// shown: Weir keeps its hash.
#[utoipa::path(
    post,
    path = "/api/v1/api-tokens",
    operation_id = "create_api_token",
    tag = "API tokens",
    request_body = ApiTokenDraft,
    responses(
        (status = 201, description = "The token. Keep it; it is not shown again.", body = CreatedApiToken),
        (status = 403, description = "The admin token is no person and has none."),
        (status = 422, description = "Some fields are wrong."),
    ),
)]
pub(crate) async fn create(
    State(state): State<ApiState>,
    Caller(who): Caller,
    _: NoQuery,
    JsonBody(body): JsonBody,
) -> Result<(StatusCode, Json<CreatedApiToken>), ApiError> {
    let new = state
        .admin
        .api_tokens()
        .create(&who, &ApiTokenDraft::read(body))
        .await?;
    let created = CreatedApiToken {
        id: new.token.id.to_string(),
        token: new.plain.expose_secret().to_owned(),
    };
    Ok((StatusCode::CREATED, Json(created)))
}

/// Revoke an API token of one's own
#[utoipa::path(
    delete,
    path = "/api/v1/api-tokens/{id}",
    operation_id = "revoke_api_token",
    tag = "API tokens",
    params(("id" = String, Path, description = "The token's id, not the token.")),
    responses(
        (status = 204, description = "It is refused from now on."),
        (status = 403, description = "The admin token is no person and has none."),
        (status = 404, description = "You have no such token."),
    ),
)]
pub(crate) async fn revoke(
    State(state): State<ApiState>,
    Caller(who): Caller,
    Id(id): Id,
    _: NoQuery,
) -> Result<StatusCode, ApiError> {
    state.admin.api_tokens().revoke(&who, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
