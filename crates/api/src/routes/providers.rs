//! Providers: made, read, changed, deleted, tested.

use admin::{
    Page,
    probe::{TestRequest, TestView},
    providers::{
        EndpointsHealth, ImportDraft, Imported, ItsTranscripts, ProviderDraft, ProviderQuery,
        ProviderView,
    },
};
use axum::{Json, extract::State, response::AppendHeaders};
use http::{HeaderName, HeaderValue, StatusCode, header};

use crate::{
    ApiState,
    auth::Caller,
    body::{JsonBody, OptionalJsonBody, PatchBody},
    extract::{Id, IfMatch, NoQuery, Query, etag},
    openapi::{PageParams, ProviderPatch},
    problem::ApiError,
};

/// A provider, its version as `ETag` and, where it is new, its address.
type Answer = (
    StatusCode,
    AppendHeaders<Vec<(HeaderName, HeaderValue)>>,
    Json<ProviderView>,
);

fn answer(status: StatusCode, provider: ProviderView) -> Answer {
    let mut headers: Vec<(HeaderName, HeaderValue)> = etag(provider.version).into_iter().collect();
    if status == StatusCode::CREATED {
        let place = HeaderValue::try_from(format!("/api/v1/providers/{}", provider.id));
        headers.extend(place.ok().map(|place| (header::LOCATION, place)));
    }
    (status, AppendHeaders(headers), Json(provider))
}

/// List providers
#[utoipa::path(
    get,
    path = "/api/v1/providers",
    operation_id = "list_providers",
    tag = "Providers",
    params(
        ("type" = Option<Vec<String>>, Query, description = "Only of this type: openai, anthropic, openai_compatible. Repeat it for several; `type.not=` excludes."),
        ("status" = Option<Vec<String>>, Query, description = "Only with this status: active, disabled, needs_attention (its secret is missing or cannot be decrypted, or its last call was refused for its credential). Repeat it for several; `status.not=` excludes."),
        ("q" = Option<String>, Query, description = "Only with this text in name or id."),
        PageParams,
    ),
    responses((status = 200, description = "One page, by id.", body = Page<ProviderView>)),
)]
pub(crate) async fn list(
    State(state): State<ApiState>,
    Caller(who): Caller,
    Query(query): Query,
) -> Result<Json<Page<ProviderView>>, ApiError> {
    let query = ProviderQuery::read(&query)?;
    Ok(Json(state.admin.providers().list(&who, &query).await?))
}

/// Create a provider
///
/// It takes calls as soon as this is answered.
#[utoipa::path(
    post,
    path = "/api/v1/providers",
    operation_id = "create_provider",
    tag = "Providers",
    request_body = ProviderDraft,
    responses(
        (status = 201, description = "The provider.", body = ProviderView),
        (status = 409, description = "Another provider has the id, or a deleted one had it."),
        (status = 422, description = "Some fields are wrong."),
    ),
)]
pub(crate) async fn create(
    State(state): State<ApiState>,
    Caller(who): Caller,
    _: NoQuery,
    JsonBody(body): JsonBody,
) -> Result<Answer, ApiError> {
    let provider = state
        .admin
        .providers()
        .create(&who, &ProviderDraft::read(body))
        .await?;
    Ok(answer(StatusCode::CREATED, provider))
}

/// Import a provider
///
/// Makes a provider and its secrets of credentials as other gateways write them, all of it or nothing. Every
/// field that is wrong is named at once, as it was sent: `endpoints[0].api_key`.
#[utoipa::path(
    post,
    path = "/api/v1/providers/import",
    operation_id = "import_provider",
    tag = "Providers",
    request_body = ImportDraft,
    responses(
        (status = 201, description = "The provider, and the names of its new secrets.", body = Imported),
        (status = 409, description = "Nothing but the id is wrong: another provider has it, a deleted one had it, or the API has an address of that name. Nothing was made."),
        (status = 422, description = "Some fields are wrong, the id perhaps among them; nothing was made."),
    ),
)]
pub(crate) async fn import(
    State(state): State<ApiState>,
    Caller(who): Caller,
    _: NoQuery,
    JsonBody(body): JsonBody,
) -> Result<
    (
        StatusCode,
        AppendHeaders<Vec<(HeaderName, HeaderValue)>>,
        Json<Imported>,
    ),
    ApiError,
> {
    let draft = ImportDraft::read(body);
    let imported = state.admin.providers().import(&who, &draft).await?;
    let (status, headers, _) = answer(StatusCode::CREATED, imported.provider.clone());
    Ok((status, headers, Json(imported)))
}

/// Read a provider
#[utoipa::path(
    get,
    path = "/api/v1/providers/{id}",
    operation_id = "get_provider",
    tag = "Providers",
    params(("id" = String, Path, description = "The provider's id.")),
    responses(
        (status = 200, description = "The provider; its version as `ETag`.", body = ProviderView),
        (status = 404, description = "There is no such provider."),
    ),
)]
pub(crate) async fn get(
    State(state): State<ApiState>,
    Caller(who): Caller,
    Id(id): Id,
    _: NoQuery,
) -> Result<Answer, ApiError> {
    Ok(answer(
        StatusCode::OK,
        state.admin.providers().get(&who, &id).await?,
    ))
}

/// Change a provider
///
/// A JSON Merge Patch (RFC 7396): what is left out stays, null clears, lists are replaced whole. Calls that
/// begin later see the change. Id and type never change.
#[utoipa::path(
    patch,
    path = "/api/v1/providers/{id}",
    operation_id = "update_provider",
    tag = "Providers",
    params(
        ("id" = String, Path, description = "The provider's id."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that the change is based on. Left out: whatever it is now."),
    ),
    request_body(content(
        (ProviderPatch = "application/merge-patch+json"),
        (ProviderPatch = "application/json"),
    )),
    responses(
        (status = 200, description = "The provider as it is now.", body = ProviderView),
        (status = 404, description = "There is no such provider."),
        (status = 412, description = "Somebody else has changed it since."),
        (status = 422, description = "Some fields are wrong."),
    ),
)]
pub(crate) async fn update(
    State(state): State<ApiState>,
    Caller(who): Caller,
    Id(id): Id,
    _: NoQuery,
    IfMatch(based_on): IfMatch,
    PatchBody(patch): PatchBody,
) -> Result<Answer, ApiError> {
    let provider = state
        .admin
        .providers()
        .update(&who, &id, based_on, patch)
        .await?;
    Ok(answer(StatusCode::OK, provider))
}

/// Delete a provider
///
/// Calls that are running end as they began; its calls stay in the ledger. What was said to it stays too,
/// unless it is to be deleted for good.
#[utoipa::path(
    delete,
    path = "/api/v1/providers/{id}",
    operation_id = "delete_provider",
    tag = "Providers",
    params(
        ("id" = String, Path, description = "The provider's id."),
        ("transcripts" = Option<String>, Query, description = "What becomes of what was said to it: keep (unless given), or delete, for good."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that the decision is based on."),
    ),
    responses(
        (status = 204, description = "It is gone."),
        (status = 404, description = "There is no such provider."),
        (status = 412, description = "Somebody else has changed it since."),
    ),
)]
pub(crate) async fn delete(
    State(state): State<ApiState>,
    Caller(who): Caller,
    Id(id): Id,
    Query(query): Query,
    IfMatch(based_on): IfMatch,
) -> Result<StatusCode, ApiError> {
    let transcripts = ItsTranscripts::read(&query)?;
    let providers = state.admin.providers();
    providers.delete(&who, &id, based_on, transcripts).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Test a provider
///
/// Makes one small, real call, stage by stage, by the very path of traffic; it is in the ledger under the
/// agent `weir:test`. Works on disabled providers. A test that fails is answered with 200 and says what
/// failed and what to do.
#[utoipa::path(
    post,
    path = "/api/v1/providers/{id}/test",
    operation_id = "test_provider",
    tag = "Providers",
    params(("id" = String, Path, description = "The provider's id.")),
    request_body = Option<TestRequest>,
    responses(
        (status = 200, description = "How far it came.", body = TestView),
        (status = 404, description = "There is no such provider."),
        (status = 422, description = "The model is missing or not allowed, or an Authorization is."),
    ),
)]
pub(crate) async fn test(
    State(state): State<ApiState>,
    Caller(who): Caller,
    Id(id): Id,
    _: NoQuery,
    OptionalJsonBody(body): OptionalJsonBody,
) -> Result<Json<TestView>, ApiError> {
    let request = TestRequest::read(body)?;
    let tested = state.admin.providers().test(&who, &id, request).await?;
    Ok(Json(tested))
}

/// Read a provider's endpoints
///
/// Of a provider with several: whether each takes its turn or is passed over, and what the calls of the last 24
/// hours came to at each, the newest 10,000 of them. Health is kept in memory: after a restart all are healthy.
#[utoipa::path(
    get,
    path = "/api/v1/providers/{id}/endpoints",
    operation_id = "get_provider_endpoints",
    tag = "Providers",
    params(("id" = String, Path, description = "The provider's id.")),
    responses(
        (status = 200, description = "Its endpoints, in their order.", body = EndpointsHealth),
        (status = 404, description = "There is no such provider."),
    ),
)]
pub(crate) async fn endpoints(
    State(state): State<ApiState>,
    Caller(who): Caller,
    Id(id): Id,
    _: NoQuery,
) -> Result<Json<EndpointsHealth>, ApiError> {
    Ok(Json(state.admin.providers().endpoints(&who, &id).await?))
}
