//! The ledger's rows.

use admin::calls::{CallQuery, CallView, CallsPage};
use axum::{Json, extract::State};

use crate::{
    ApiState,
    auth::Caller,
    extract::{Id, NoQuery, Query},
    openapi::PageParams,
    problem::ApiError,
};

/// List calls
///
/// The ledger's rows, newest first. Every filter but times and thresholds may be repeated; those that name
/// something take `.not`: `provider=a&provider=b&outcome.not=ok`.
#[utoipa::path(
    get,
    path = "/api/v1/calls",
    operation_id = "list_calls",
    tag = "Ledger",
    params(
        ("provider" = Option<Vec<String>>, Query, description = "Provider ids; deleted ones too."),
        ("model" = Option<Vec<String>>, Query, description = "Models as they were asked for."),
        ("agent" = Option<Vec<String>>, Query, description = "Agents; empty: calls without one."),
        ("user" = Option<Vec<String>>, Query, description = "Users; empty: calls without one."),
        ("token" = Option<Vec<String>>, Query, description = "Ids of gateway tokens; empty: Weir's own calls."),
        ("endpoint" = Option<Vec<String>>, Query, description = "Names of endpoints of providers with several; of other providers, hosts."),
        ("outcome" = Option<Vec<String>>, Query, description = "ok, upstream_error, client_closed, truncated, interrupted, rejected."),
        ("price_state" = Option<Vec<String>>, Query, description = "priced, estimated, unpriced, not_billed."),
        ("operation" = Option<Vec<String>>, Query, description = "chat, responses, completions, embeddings, messages, count_tokens, models, stored_response, other."),
        ("status" = Option<Vec<String>>, Query, description = "A status such as 429, or a class such as 4xx."),
        ("since" = Option<String>, Query, description = "Started at this time or later, RFC 3339."),
        ("until" = Option<String>, Query, description = "Started before this time, RFC 3339."),
        ("cost_above" = Option<String>, Query, description = "Dearer than this many dollars; calls without a known cost are not."),
        ("latency_above" = Option<u64>, Query, description = "Slower than this many milliseconds."),
        ("after" = Option<i64>, Query, description = "Recorded after the call with this `recorded_seq`, oldest first: for a list that goes on. Not together with cursor."),
        PageParams,
    ),
    responses((status = 200, description = "One page.", body = CallsPage)),
)]
pub(crate) async fn list(
    State(state): State<ApiState>,
    Caller(who): Caller,
    Query(query): Query,
) -> Result<Json<CallsPage>, ApiError> {
    Ok(Json(
        state
            .admin
            .calls()
            .list(&who, &CallQuery::read(&query)?)
            .await?,
    ))
}

/// Read a call
///
/// One row of the ledger. `has_transcript` tells whether its bodies are recorded.
#[utoipa::path(
    get,
    path = "/api/v1/calls/{id}",
    operation_id = "get_call",
    tag = "Ledger",
    params(("id" = String, Path, description = "The call's id.")),
    responses(
        (status = 200, description = "The call.", body = CallView),
        (status = 404, description = "There is no such call, it is not over yet, or its row was deleted."),
    ),
)]
pub(crate) async fn get(
    State(state): State<ApiState>,
    Caller(who): Caller,
    Id(id): Id,
    _: NoQuery,
) -> Result<Json<CallView>, ApiError> {
    Ok(Json(state.admin.calls().get(&who, &id).await?))
}
