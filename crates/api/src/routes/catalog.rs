//! The catalog: which models there are, what they cost, and a newer one in its place.

use admin::{
    Page,
    catalog::{
        ApplyRequest, CatalogModelView, CatalogStatus, DiscardRequest, ModelQuery, ProposedCatalog,
    },
};
use axum::{Json, extract::State};
use http::StatusCode;

use crate::{
    ApiState,
    auth::Caller,
    body::{CatalogFile, JsonBody},
    extract::{NoQuery, Query},
    openapi::PageParams,
    problem::ApiError,
};

/// Search the catalog
///
/// Models with list prices, limits and abilities; the best match first.
#[utoipa::path(
    get,
    path = "/api/v1/catalog/models",
    operation_id = "search_models",
    tag = "Catalog",
    params(
        ("type" = String, Query, description = "Whose models: openai, anthropic, google_ai, bedrock, azure_openai, openai_compatible or cohere."),
        ("preset" = Option<String>, Query, description = "With openai_compatible: which known host. Without it there are no list prices, so the list is empty."),
        ("q" = Option<String>, Query, description = "A part of the id or the name."),
        ("region" = Option<String>, Query, description = "Whose prices are told, where a model has some of its own in that region."),
        PageParams,
    ),
    responses((status = 200, description = "One page.", body = Page<CatalogModelView>)),
)]
pub(crate) async fn models(
    State(state): State<ApiState>,
    Caller(who): Caller,
    Query(query): Query,
) -> Result<Json<Page<CatalogModelView>>, ApiError> {
    Ok(Json(
        state
            .admin
            .catalog()
            .models(&who, &ModelQuery::read(&query)?)?,
    ))
}

/// Show the catalog in use
///
/// Its version, where it came from, how many models it has, and the catalog that waits to be applied.
#[utoipa::path(
    get,
    path = "/api/v1/catalog",
    operation_id = "get_catalog",
    tag = "Catalog",
    responses((status = 200, description = "The catalog.", body = CatalogStatus)),
)]
pub(crate) async fn get(
    State(state): State<ApiState>,
    Caller(who): Caller,
    _: NoQuery,
) -> Result<Json<CatalogStatus>, ApiError> {
    Ok(Json(state.admin.catalog().status(&who).await?))
}

/// Upload a newer catalog
///
/// The body is the file: 16 MiB at most, checked line by line. It waits for an hour; nothing changes until it
/// is applied. The answer says what would change.
#[utoipa::path(
    post,
    path = "/api/v1/catalog",
    operation_id = "upload_catalog",
    tag = "Catalog",
    request_body(content = String, content_type = "application/jsonl", description = "A header line, then one line per model."),
    responses(
        (status = 200, description = "What would change.", body = ProposedCatalog),
        (status = 409, description = "It is not newer than the one in use."),
        (status = 413, description = "It is too large."),
        (status = 422, description = "It is damaged, of another format, or dated too far ahead."),
    ),
)]
pub(crate) async fn upload(
    State(state): State<ApiState>,
    Caller(who): Caller,
    _: NoQuery,
    CatalogFile(file): CatalogFile,
) -> Result<Json<ProposedCatalog>, ApiError> {
    Ok(Json(state.admin.catalog().upload(&who, file).await?))
}

/// Fetch a newer catalog
///
/// From the address that the operator has set with --catalog-url. Nothing changes until it is applied. The
/// answer says what would change.
#[utoipa::path(
    post,
    path = "/api/v1/catalog/refresh",
    operation_id = "refresh_catalog",
    tag = "Catalog",
    responses(
        (status = 200, description = "What would change.", body = ProposedCatalog),
        (status = 409, description = "No address is set, or the catalog there is not newer."),
        (status = 413, description = "The file there is too large."),
        (status = 422, description = "The file there is damaged, of another format, or dated too far ahead."),
        (status = 502, description = "The address does not answer the file."),
    ),
)]
pub(crate) async fn refresh(
    State(state): State<ApiState>,
    Caller(who): Caller,
    _: NoQuery,
) -> Result<Json<ProposedCatalog>, ApiError> {
    Ok(Json(state.admin.catalog().refresh(&who).await?))
}

/// Propose the built-in catalog
///
/// The catalog that this release carries, in place of the one that was applied. Nothing changes until it is
/// applied. The answer says what would change.
#[utoipa::path(
    post,
    path = "/api/v1/catalog/builtin",
    operation_id = "propose_builtin_catalog",
    tag = "Catalog",
    responses(
        (status = 200, description = "What would change.", body = ProposedCatalog),
        (status = 409, description = "It is in use."),
    ),
)]
pub(crate) async fn builtin(
    State(state): State<ApiState>,
    Caller(who): Caller,
    _: NoQuery,
) -> Result<Json<ProposedCatalog>, ApiError> {
    Ok(Json(state.admin.catalog().back_to_builtin(&who).await?))
}

/// Apply the catalog that waits
///
/// Calls that begin later are priced by it. Rows of the ledger keep what they were priced with, and no model
/// becomes callable by it.
#[utoipa::path(
    post,
    path = "/api/v1/catalog/apply",
    operation_id = "apply_catalog",
    tag = "Catalog",
    request_body = ApplyRequest,
    responses(
        (status = 200, description = "The catalog in use now.", body = CatalogStatus),
        (status = 409, description = "That catalog does not wait, or is not newer any more."),
        (status = 422, description = "The body is not as it should be."),
    ),
)]
pub(crate) async fn apply(
    State(state): State<ApiState>,
    Caller(who): Caller,
    _: NoQuery,
    JsonBody(body): JsonBody,
) -> Result<Json<CatalogStatus>, ApiError> {
    let request = ApplyRequest::read(body)?;
    Ok(Json(state.admin.catalog().apply(&who, request).await?))
}

/// Discard the catalog that waits
///
/// Nothing in use changes by it.
#[utoipa::path(
    delete,
    path = "/api/v1/catalog/pending",
    operation_id = "discard_catalog",
    tag = "Catalog",
    params(
        ("pending" = Option<String>, Query, description = "Which one, by its id; whichever waits where it is left out."),
    ),
    responses(
        (status = 204, description = "None waits."),
        (status = 409, description = "That catalog does not wait."),
    ),
)]
pub(crate) async fn discard(
    State(state): State<ApiState>,
    Caller(who): Caller,
    Query(query): Query,
) -> Result<StatusCode, ApiError> {
    let request = DiscardRequest::read(&query)?;
    state.admin.catalog().discard(&who, request).await?;
    Ok(StatusCode::NO_CONTENT)
}
