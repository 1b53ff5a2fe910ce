//! Settings, and how Weir itself is.

use admin::{
    settings::{SettingsPatch, SettingsView},
    system::SystemView,
};
use axum::{Json, extract::State};

use crate::{ApiState, auth::Caller, body::PatchBody, extract::NoQuery, problem::ApiError};

/// Get the settings
#[utoipa::path(
    get,
    path = "/api/v1/settings",
    operation_id = "get_settings",
    tag = "Settings",
    responses((status = 200, description = "The settings as they are.", body = SettingsView)),
)]
pub(crate) async fn get(
    State(state): State<ApiState>,
    Caller(who): Caller,
    _: NoQuery,
) -> Result<Json<SettingsView>, ApiError> {
    Ok(Json(state.admin.settings().get(&who).await?))
}

/// Change settings
///
/// A JSON Merge Patch: what is left out stays, null goes back to the default.
#[utoipa::path(
    patch,
    path = "/api/v1/settings",
    operation_id = "update_settings",
    tag = "Settings",
    request_body(content = SettingsPatch, content_type = "application/merge-patch+json"),
    responses(
        (status = 200, description = "The settings as they are now.", body = SettingsView),
        (status = 422, description = "Some fields are wrong."),
    ),
)]
pub(crate) async fn update(
    State(state): State<ApiState>,
    Caller(who): Caller,
    _: NoQuery,
    PatchBody(body): PatchBody,
) -> Result<Json<SettingsView>, ApiError> {
    let patch = SettingsPatch::read(body)?;
    Ok(Json(state.admin.settings().update(&who, &patch).await?))
}

/// Get version, health and sizes
///
/// Weir as it is at the moment. What cannot be told is null.
#[utoipa::path(
    get,
    path = "/api/v1/system",
    operation_id = "get_system",
    tag = "Settings",
    responses((status = 200, description = "Weir as it is at the moment.", body = SystemView)),
)]
pub(crate) async fn system(
    State(state): State<ApiState>,
    Caller(who): Caller,
    _: NoQuery,
) -> Result<Json<SystemView>, ApiError> {
    Ok(Json(state.admin.system().get(&who).await?))
}
