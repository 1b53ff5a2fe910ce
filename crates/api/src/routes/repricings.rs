//! Other prices for calls that are in the ledger.

use admin::{
    Page, query,
    repricing::{RepricingDetail, RepricingView, read_apply},
};
use axum::{Json, extract::State};
use http::StatusCode;

use crate::{
    ApiState,
    auth::Caller,
    body::JsonBody,
    extract::{Id, NoQuery, Query},
    openapi::{ApplyRepricing, NewRepricing, PageParams},
    problem::ApiError,
};

/// Ask for a re-pricing
///
/// Works out what calls of a range would cost by today's rates: the providers' overrides and the catalog in
/// use. Nothing changes until it is applied. It is computed in the background: ask for it again until its
/// state is `ready`.
#[utoipa::path(
    post,
    path = "/api/v1/repricings",
    operation_id = "create_repricing",
    tag = "Ledger",
    request_body = NewRepricing,
    responses(
        (status = 202, description = "It is being computed.", body = RepricingView),
        (status = 422, description = "Some fields are wrong."),
    ),
)]
pub(crate) async fn create(
    State(state): State<ApiState>,
    Caller(who): Caller,
    _: NoQuery,
    JsonBody(body): JsonBody,
) -> Result<(StatusCode, Json<RepricingView>), ApiError> {
    let repricing = state.admin.repricing();
    let asked = repricing.create(&who, repricing.select(body)?).await?;
    Ok((StatusCode::ACCEPTED, Json(asked)))
}

/// List re-pricings
///
/// The newest first.
#[utoipa::path(
    get,
    path = "/api/v1/repricings",
    operation_id = "list_repricings",
    tag = "Ledger",
    params(PageParams),
    responses((status = 200, description = "One page.", body = Page<RepricingView>)),
)]
pub(crate) async fn list(
    State(state): State<ApiState>,
    Caller(who): Caller,
    Query(query): Query,
) -> Result<Json<Page<RepricingView>>, ApiError> {
    let page = query::page(&query)?;
    Ok(Json(state.admin.repricing().list(&who, &page).await?))
}

/// Show a re-pricing
///
/// What it changes by day, provider and model, and how far it is.
#[utoipa::path(
    get,
    path = "/api/v1/repricings/{id}",
    operation_id = "get_repricing",
    tag = "Ledger",
    params(("id" = String, Path, description = "Its id.")),
    responses(
        (status = 200, description = "The re-pricing.", body = RepricingDetail),
        (status = 404, description = "There is none of this id."),
    ),
)]
pub(crate) async fn get(
    State(state): State<ApiState>,
    Caller(who): Caller,
    Id(id): Id,
    _: NoQuery,
) -> Result<Json<RepricingDetail>, ApiError> {
    Ok(Json(state.admin.repricing().get(&who, &id).await?))
}

/// Apply a re-pricing
///
/// Gives calls the prices that were shown, in small steps in the background. Where rates have changed since,
/// nothing is applied and it is computed again.
#[utoipa::path(
    post,
    path = "/api/v1/repricings/{id}/apply",
    operation_id = "apply_repricing",
    tag = "Ledger",
    params(("id" = String, Path, description = "Its id.")),
    request_body = ApplyRepricing,
    responses(
        (status = 202, description = "It is being applied.", body = RepricingView),
        (status = 404, description = "There is none of this id."),
        (status = 409, description = "It is not ready, rates have changed since, or another one is being applied."),
        (status = 422, description = "Some fields are wrong."),
    ),
)]
pub(crate) async fn apply(
    State(state): State<ApiState>,
    Caller(who): Caller,
    Id(id): Id,
    _: NoQuery,
    JsonBody(body): JsonBody,
) -> Result<(StatusCode, Json<RepricingView>), ApiError> {
    let fingerprint = read_apply(body)?;
    let repricing = state.admin.repricing();
    let applied = repricing.apply(&who, &id, &fingerprint).await?;
    Ok((StatusCode::ACCEPTED, Json(applied)))
}

/// Discard a re-pricing
///
/// One that was not applied. Nothing else changes by it.
#[utoipa::path(
    delete,
    path = "/api/v1/repricings/{id}",
    operation_id = "discard_repricing",
    tag = "Ledger",
    params(("id" = String, Path, description = "Its id.")),
    responses(
        (status = 204, description = "It is gone."),
        (status = 404, description = "There is none of this id."),
        (status = 409, description = "It was applied."),
    ),
)]
pub(crate) async fn discard(
    State(state): State<ApiState>,
    Caller(who): Caller,
    Id(id): Id,
    _: NoQuery,
) -> Result<StatusCode, ApiError> {
    state.admin.repricing().discard(&who, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
