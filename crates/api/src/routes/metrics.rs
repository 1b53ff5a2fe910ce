//! Figures for Prometheus.

use admin::metrics::MEDIA_TYPE;
use axum::{extract::State, response::IntoResponse};
use http::header::CONTENT_TYPE;

use crate::{ApiState, auth::Caller, extract::NoQuery, problem::ApiError};

/// Get figures for Prometheus
///
/// Counts since Weir started, and how far the ledger is behind, in the text form of OpenMetrics. Sums that must
/// hold over restarts are those of `/api/v1/usage`.
#[utoipa::path(
    get,
    path = "/metrics",
    operation_id = "get_metrics",
    tag = "Settings",
    responses((
        status = 200,
        description = "The figures.",
        content_type = "application/openmetrics-text",
        body = String,
    )),
)]
pub(crate) async fn get(
    State(state): State<ApiState>,
    Caller(who): Caller,
    _: NoQuery,
) -> Result<impl IntoResponse, ApiError> {
    let text = state.admin.metrics().text(&who).await?;
    Ok(([(CONTENT_TYPE, MEDIA_TYPE)], text))
}
