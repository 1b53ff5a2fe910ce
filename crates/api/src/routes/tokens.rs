//! Gateway tokens: made, listed, revoked. The token itself is answered once.

use admin::{
    Page,
    tokens::{TokenDraft, TokenView},
};
use axum::{Json, extract::State};
use http::StatusCode;
use secrecy::ExposeSecret;

use crate::{
    ApiState,
    auth::Caller,
    body::JsonBody,
    extract::{Id, NoQuery, Query},
    openapi::{CreatedToken, PageParams},
    problem::ApiError,
};

/// List gateway tokens
#[utoipa::path(
    get,
    path = "/api/v1/tokens",
    operation_id = "list_tokens",
    tag = "Gateway tokens",
    params(PageParams),
    responses((status = 200, description = "One page, newest first.", body = Page<TokenView>)),
)]
pub(crate) async fn list(
    State(state): State<ApiState>,
    Caller(who): Caller,
    Query(query): Query,
) -> Result<Json<Page<TokenView>>, ApiError> {
    let page = admin::query::page(&query)?;
    Ok(Json(state.admin.tokens().list(&who, &page).await?))
}

/// Create a gateway token
///
/// The answer is the only place where the token is ever shown: Weir keeps its hash.
#[utoipa::path(
    post,
    path = "/api/v1/tokens",
    operation_id = "create_token",
    tag = "Gateway tokens",
    request_body = TokenDraft,
    responses(
        (status = 201, description = "The token. Keep it; it is not shown again.", body = CreatedToken),
        (status = 422, description = "Some fields are wrong."),
    ),
)]
pub(crate) async fn create(
    State(state): State<ApiState>,
    Caller(who): Caller,
    _: NoQuery,
    JsonBody(body): JsonBody,
) -> Result<(StatusCode, Json<CreatedToken>), ApiError> {
    let new = state
        .admin
        .tokens()
        .create(&who, &TokenDraft::read(body))
        .await?;
    let created = CreatedToken {
        id: new.token.id.to_string(),
        token: new.plain.expose_secret().to_owned(),
    };
    Ok((StatusCode::CREATED, Json(created)))
}

/// Revoke a gateway token
///
/// It is refused from now on; calls that are running end as they began. Its calls stay in the ledger.
#[utoipa::path(
    delete,
    path = "/api/v1/tokens/{id}",
    operation_id = "revoke_token",
    tag = "Gateway tokens",
    params(("id" = String, Path, description = "The token's id, not the token.")),
    responses(
        (status = 204, description = "It is refused from now on."),
        (status = 404, description = "There is no such token."),
    ),
)]
pub(crate) async fn revoke(
    State(state): State<ApiState>,
    Caller(who): Caller,
    Id(id): Id,
    _: NoQuery,
) -> Result<StatusCode, ApiError> {
    state.admin.tokens().revoke(&who, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
