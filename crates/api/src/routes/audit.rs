//! The audit: who changed what.

use admin::{
    Page,
    audit::{AuditQuery, AuditView},
};
use axum::{Json, extract::State};

use crate::{ApiState, auth::Caller, extract::Query, openapi::PageParams, problem::ApiError};

/// List changes
///
/// Every change and every refused sign-in, newest first: who, when, what, on which object, from where, with
/// what result; before and after, never a secret's value. Every filter but times may be repeated and takes
/// `.not`: `kind=provider&actor.not=admin_token`.
#[utoipa::path(
    get,
    path = "/api/v1/audit",
    operation_id = "list_audit",
    tag = "Audit",
    params(
        ("actor" = Option<Vec<String>>, Query, description = "person:NAME, admin_token, system (Weir itself), unknown (nobody who had signed in)."),
        ("action" = Option<Vec<String>>, Query, description = "What was done, such as create, update, delete, sign_in."),
        ("kind" = Option<Vec<String>>, Query, description = "Kind of object, such as provider, secret, token, person, settings, catalog."),
        ("object" = Option<Vec<String>>, Query, description = "Ids of objects; deleted ones too."),
        ("result" = Option<Vec<String>>, Query, description = "done, refused."),
        ("since" = Option<String>, Query, description = "At this time or later, RFC 3339."),
        ("until" = Option<String>, Query, description = "Before this time, RFC 3339."),
        PageParams,
    ),
    responses((status = 200, description = "One page.", body = Page<AuditView>)),
)]
pub(crate) async fn list(
    State(state): State<ApiState>,
    Caller(who): Caller,
    Query(query): Query,
) -> Result<Json<Page<AuditView>>, ApiError> {
    Ok(Json(
        state
            .admin
            .audit()
            .list(&who, &AuditQuery::read(&query)?)
            .await?,
    ))
}
