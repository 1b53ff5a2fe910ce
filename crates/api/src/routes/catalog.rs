//! The catalog: which models there are, and what they cost.

use admin::{
    Page,
    catalog::{CatalogModelView, ModelQuery},
};
use axum::{Json, extract::State};

use crate::{ApiState, auth::Caller, extract::Query, openapi::PageParams, problem::ApiError};

/// Search the catalog
///
/// Models with list prices, limits and abilities; the best match first.
#[utoipa::path(
    get,
    path = "/api/v1/catalog/models",
    operation_id = "search_models",
    tag = "Catalog",
    params(
        ("type" = String, Query, description = "Whose models: openai, anthropic or openai_compatible."),
        ("preset" = Option<String>, Query, description = "With openai_compatible: which known host. Without it there are no list prices, so the list is empty."),
        ("q" = Option<String>, Query, description = "A part of the id or the name."),
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
