//! Bodies: content type, size and JSON's syntax are checked here; what stands in them, in `admin`.

use admin::{
    AdminError,
    catalog::{CATALOG_MAX_BYTES, CatalogRefusal},
};
use axum::extract::{FromRequest, Request};
use http::{HeaderMap, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde_json::Value;

use crate::problem::ApiError;

/// Most bytes of a body.
const BODY_MAX: usize = 1024 * 1024;

/// A JSON body.
pub(crate) struct JsonBody(pub(crate) Value);

/// A JSON body that may be left out; then it is an empty object.
pub(crate) struct OptionalJsonBody(pub(crate) Value);

/// A JSON Merge Patch (RFC 7396), under its own media type or as plain JSON.
pub(crate) struct PatchBody(pub(crate) Value);

/// The file of a catalog, of whatever media type.
pub(crate) struct CatalogFile(pub(crate) Vec<u8>);

const JSON: &[&str] = &["application/json"];
const PATCH: &[&str] = &["application/merge-patch+json", "application/json"];

impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        check_type(request.headers(), JSON)?;
        json(&read(request).await?).map(Self)
    }
}

impl<S: Send + Sync> FromRequest<S> for OptionalJsonBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let typed = check_type(request.headers(), JSON);
        let bytes = read(request).await?;
        if bytes.is_empty() {
            return Ok(Self(Value::Object(serde_json::Map::new())));
        }
        typed?;
        json(&bytes).map(Self)
    }
}

impl<S: Send + Sync> FromRequest<S> for PatchBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        check_type(request.headers(), PATCH)?;
        json(&read(request).await?).map(Self)
    }
}

impl<S: Send + Sync> FromRequest<S> for CatalogFile {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        read_at_most(request, CATALOG_MAX_BYTES)
            .await
            .map(Self)
            .map_err(|error| match error {
                ApiError::TooLarge => AdminError::from(CatalogRefusal::TooLarge).into(),
                other => other,
            })
    }
}

fn check_type(headers: &HeaderMap, types: &'static [&'static str]) -> Result<(), ApiError> {
    let given = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    if types
        .iter()
        .any(|known| known.eq_ignore_ascii_case(essence))
    {
        Ok(())
    } else {
        Err(ApiError::MediaType {
            wanted: types.first().copied().unwrap_or_default(),
        })
    }
}

async fn read(request: Request) -> Result<Vec<u8>, ApiError> {
    read_at_most(request, BODY_MAX).await
}

async fn read_at_most(request: Request, most: usize) -> Result<Vec<u8>, ApiError> {
    match Limited::new(request.into_body(), most).collect().await {
        Ok(body) => Ok(body.to_bytes().into()),
        Err(error) if error.downcast_ref::<LengthLimitError>().is_some() => Err(ApiError::TooLarge),
        Err(_) => Err(ApiError::BrokenBody),
    }
}

fn json(bytes: &[u8]) -> Result<Value, ApiError> {
    serde_json::from_slice(bytes).map_err(|error| ApiError::Malformed(error.to_string()))
}
