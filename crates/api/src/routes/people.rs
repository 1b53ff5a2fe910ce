//! People: added, listed, disabled, enabled, given a link. The link itself is answered once.

use admin::{
    Page,
    people::{NewLink, PersonPatch, PersonView, read_name},
};
use axum::{Json, extract::State};
use http::StatusCode;
use secrecy::ExposeSecret;

use crate::{
    ApiState,
    auth::Caller,
    body::{JsonBody, PatchBody},
    extract::{Id, NoQuery, Query},
    openapi::{CreatedLink, PageParams, PersonName},
    problem::ApiError,
};

fn answer(new: &NewLink) -> (StatusCode, Json<CreatedLink>) {
    let created = CreatedLink {
        id: new.person.to_string(),
        link: new.address.expose_secret().to_owned(),
        link_expires_at: new.expires_at.to_string(),
    };
    (StatusCode::CREATED, Json(created))
}

/// List people
#[utoipa::path(
    get,
    path = "/api/v1/people",
    operation_id = "list_people",
    tag = "People",
    params(PageParams),
    responses((status = 200, description = "One page, by name.", body = Page<PersonView>)),
)]
pub(crate) async fn list(
    State(state): State<ApiState>,
    Caller(who): Caller,
    Query(query): Query,
) -> Result<Json<Page<PersonView>>, ApiError> {
    let page = admin::query::page(&query)?;
    Ok(Json(state.admin.people().list(&who, &page).await?))
}

/// Add a person
///
/// An account without a password, and a one-time link, good for 24 hours, with which its owner sets one.
#[utoipa::path(
    post,
    path = "/api/v1/people",
    operation_id = "create_person",
    tag = "People",
    request_body = PersonName,
    responses(
        (status = 201, description = "The person's id and the link. Hand it on; it is not shown again.", body = CreatedLink),
        (status = 409, description = "Somebody has this name."),
        (status = 422, description = "The name cannot be taken."),
    ),
)]
pub(crate) async fn create(
    State(state): State<ApiState>,
    Caller(who): Caller,
    _: NoQuery,
    JsonBody(body): JsonBody,
) -> Result<(StatusCode, Json<CreatedLink>), ApiError> {
    let name = read_name(body)?;
    Ok(answer(&state.admin.people().add(&who, &name).await?))
}

/// Disable or enable a person
///
/// Disabled, a person's sessions end at once, and their API tokens are refused. Enabled again, they sign in
/// anew, and the tokens work again.
#[utoipa::path(
    patch,
    path = "/api/v1/people/{id}",
    operation_id = "update_person",
    tag = "People",
    params(("id" = String, Path, description = "The person's id.")),
    request_body(content = PersonPatch, content_type = "application/merge-patch+json"),
    responses(
        (status = 200, description = "The person as they are now.", body = PersonView),
        (status = 404, description = "There is no such person."),
        (status = 409, description = "It is yourself, or the last one who can sign in."),
        (status = 422, description = "Some fields are wrong."),
    ),
)]
pub(crate) async fn update(
    State(state): State<ApiState>,
    Caller(who): Caller,
    Id(id): Id,
    _: NoQuery,
    PatchBody(body): PatchBody,
) -> Result<Json<PersonView>, ApiError> {
    let patch = PersonPatch::read(body)?;
    let people = state.admin.people();
    Ok(Json(people.update(&who, &id, patch).await?))
}

/// Make a one-time link for a person
///
/// With it a lost password is set anew. It is good for 24 hours and for one use, and takes the place of one
/// that the person has.
#[utoipa::path(
    post,
    path = "/api/v1/people/{id}/link",
    operation_id = "create_link",
    tag = "People",
    params(("id" = String, Path, description = "The person's id.")),
    responses(
        (status = 201, description = "The link. Hand it on; it is not shown again.", body = CreatedLink),
        (status = 404, description = "There is no such person."),
        (status = 409, description = "The person is disabled."),
    ),
)]
pub(crate) async fn make_link(
    State(state): State<ApiState>,
    Caller(who): Caller,
    Id(id): Id,
    _: NoQuery,
) -> Result<(StatusCode, Json<CreatedLink>), ApiError> {
    Ok(answer(
        &state.admin.people().make_link_for(&who, &id).await?,
    ))
}
