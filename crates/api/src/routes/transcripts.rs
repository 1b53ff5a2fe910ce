//! What was said in calls: conversations, transcripts, deleting them for good.

use admin::{
    csv, query,
    transcripts::{
        ConversationDetailView, ConversationQuery, ConversationsPage, DeletionsView, ExportFormat,
        ForgetRequest, TranscriptView, Transcripts,
    },
};
use axum::{
    Json,
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};

use crate::{
    ApiState,
    auth::Caller,
    body::JsonBody,
    extract::{Id, NoQuery, Query},
    openapi::PageParams,
    problem::ApiError,
};

/// Get the transcript of a call
///
/// The bodies as they were recorded, each where its provider was told to record it when the call began. Who
/// asks is written into the audit.
#[utoipa::path(
    get,
    path = "/api/v1/transcripts/{id}",
    operation_id = "get_transcript",
    tag = "Transcripts",
    params(("id" = String, Path, description = "The call's id.")),
    responses(
        (status = 200, description = "The bodies.", body = TranscriptView),
        (status = 404, description = "Nothing was recorded of such a call, or it was deleted."),
    ),
)]
pub(crate) async fn get(
    State(state): State<ApiState>,
    Caller(who): Caller,
    Id(id): Id,
    _: NoQuery,
) -> Result<Json<TranscriptView>, ApiError> {
    Ok(Json(state.admin.transcripts().transcript(&who, &id).await?))
}

/// List conversations
///
/// The one that was last spoken in first. A conversation fits where one of its calls fits all filters. Filters
/// that name something may be repeated and take `.not`: `provider=a&provider=b&outcome.not=ok`.
#[utoipa::path(
    get,
    path = "/api/v1/conversations",
    operation_id = "list_conversations",
    tag = "Transcripts",
    params(
        ("q" = Option<String>, Query, description = "Words that were said in a call, all of them; the last one may be the beginning of a word."),
        ("provider" = Option<Vec<String>>, Query, description = "Provider ids; deleted ones too."),
        ("model" = Option<Vec<String>>, Query, description = "Models as they were asked for."),
        ("agent" = Option<Vec<String>>, Query, description = "Agents; empty: calls without one."),
        ("user" = Option<Vec<String>>, Query, description = "Users; empty: calls without one."),
        ("token" = Option<Vec<String>>, Query, description = "Ids of gateway tokens; empty: Weir's own calls."),
        ("outcome" = Option<Vec<String>>, Query, description = "ok, upstream_error, client_closed, truncated, interrupted, rejected."),
        ("since" = Option<String>, Query, description = "With a call that started at this time or later, RFC 3339."),
        ("until" = Option<String>, Query, description = "With a call that started before this time, RFC 3339."),
        PageParams,
    ),
    responses((status = 200, description = "One page.", body = ConversationsPage)),
)]
pub(crate) async fn list(
    State(state): State<ApiState>,
    Caller(who): Caller,
    Query(query): Query,
) -> Result<Json<ConversationsPage>, ApiError> {
    let query = ConversationQuery::read(&query)?;
    Ok(Json(state.admin.transcripts().list(&who, &query).await?))
}

/// Read a conversation
///
/// Its recorded calls, oldest first, each with what is new in it: messages of earlier calls are not repeated.
/// Who asks is written into the audit. A page of calls with very long bodies is shorter than its limit; 20 unless
/// given.
#[utoipa::path(
    get,
    path = "/api/v1/conversations/{id}",
    operation_id = "get_conversation",
    tag = "Transcripts",
    params(("id" = String, Path, description = "The conversation's id."), PageParams),
    responses(
        (status = 200, description = "The conversation and one page of its calls.", body = ConversationDetailView),
        (status = 404, description = "There is no such conversation."),
    ),
)]
pub(crate) async fn conversation(
    State(state): State<ApiState>,
    Caller(who): Caller,
    Id(id): Id,
    Query(query): Query,
) -> Result<Json<ConversationDetailView>, ApiError> {
    let page = query::page_or(&query, Transcripts::TURNS_DEFAULT)?;
    let transcripts = state.admin.transcripts();
    let detail = transcripts.conversation(&who, &id, &page).await?;
    Ok(Json(detail.into()))
}

/// Export a conversation
///
/// As one JSON file. `openai`: `{"conversation_id", "messages": […]}`, what was said as messages of OpenAI's chat
/// API, each once. `raw`: `{"conversation_id", "calls": […]}`, the transcript of each call. It is sent while it is
/// read; an answer that breaks off is not whole: it ends without its last chunk, which clients report as an
/// error. Who asks is written into the audit.
#[utoipa::path(
    get,
    path = "/api/v1/conversations/{id}/export",
    operation_id = "export_conversation",
    tag = "Transcripts",
    params(
        ("id" = String, Path, description = "The conversation's id."),
        ("format" = Option<String>, Query, description = "openai (unless given) or raw."),
    ),
    responses(
        (status = 200, description = "The file.", body = String, content_type = "application/json"),
        (status = 404, description = "There is no such conversation."),
    ),
)]
pub(crate) async fn export(
    State(state): State<ApiState>,
    Caller(who): Caller,
    Id(id): Id,
    Query(query): Query,
) -> Result<Response, ApiError> {
    let format = ExportFormat::read(&query)?;
    let export = state.admin.transcripts().export(&who, &id, format).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            csv::disposition(&export.file_name),
        ),
    ];
    // What fails on the way breaks the answer off.
    let body = Body::from_stream(export.pieces);
    Ok((headers, body).into_response())
}

/// Delete a conversation
///
/// For good: what was said in its calls is gone from every file when the list of deletions says that it has
/// ended. The calls and what they cost stay in the ledger.
#[utoipa::path(
    delete,
    path = "/api/v1/conversations/{id}",
    operation_id = "delete_conversation",
    tag = "Transcripts",
    params(("id" = String, Path, description = "The conversation's id.")),
    responses(
        (status = 202, description = "It is being deleted, among what else is.", body = DeletionsView),
        (status = 404, description = "There is no such conversation."),
    ),
)]
pub(crate) async fn delete(
    State(state): State<ApiState>,
    Caller(who): Caller,
    Id(id): Id,
    _: NoQuery,
) -> Result<(StatusCode, Json<DeletionsView>), ApiError> {
    let transcripts = state.admin.transcripts();
    transcripts.forget_conversation(&who, &id).await?;
    Ok((StatusCode::ACCEPTED, Json(transcripts.deletions(&who)?)))
}

/// Delete many transcripts
///
/// Whatever was said to one provider, or before a date. For good, as with one conversation.
#[utoipa::path(
    post,
    path = "/api/v1/transcripts/deletions",
    operation_id = "delete_transcripts",
    tag = "Transcripts",
    request_body = ForgetRequest,
    responses(
        (status = 202, description = "They are being deleted, among what else is.", body = DeletionsView),
        (status = 422, description = "Some fields are wrong."),
    ),
)]
pub(crate) async fn forget(
    State(state): State<ApiState>,
    Caller(who): Caller,
    _: NoQuery,
    JsonBody(body): JsonBody,
) -> Result<(StatusCode, Json<DeletionsView>), ApiError> {
    let what = ForgetRequest::read(body)?.what()?;
    let transcripts = state.admin.transcripts();
    transcripts.forget(&who, &what).await?;
    Ok((StatusCode::ACCEPTED, Json(transcripts.deletions(&who)?)))
}

/// List deletions of transcripts
///
/// Those that were asked for since Weir was started, the newest first, and how far they are.
#[utoipa::path(
    get,
    path = "/api/v1/transcripts/deletions",
    operation_id = "list_transcript_deletions",
    tag = "Transcripts",
    responses((status = 200, description = "The deletions.", body = DeletionsView)),
)]
pub(crate) async fn deletions(
    State(state): State<ApiState>,
    Caller(who): Caller,
    _: NoQuery,
) -> Result<Json<DeletionsView>, ApiError> {
    Ok(Json(state.admin.transcripts().deletions(&who)?))
}
