//! The file of a form, as browsers send it.

use admin::catalog::{CATALOG_MAX_BYTES, CatalogRefusal};
use axum::extract::{FromRequest, Multipart, Request};
use http::StatusCode;

/// The largest body: that of the largest file with what a form puts around it.
pub(super) const MOST: usize = CATALOG_MAX_BYTES + 64 * 1024;

/// The file that was chosen, or why it was not taken.
pub(super) struct File(pub(super) Result<Vec<u8>, CatalogRefusal>);

impl<S: Send + Sync> FromRequest<S> for File {
    type Rejection = StatusCode;

    async fn from_request(request: Request, state: &S) -> Result<Self, StatusCode> {
        let mut form = Multipart::from_request(request, state)
            .await
            .map_err(|error| error.status())?;
        loop {
            let part = match form.next_field().await {
                Ok(part) => part,
                Err(error) => return refused(error.status()),
            };
            let Some(part) = part else {
                return Ok(Self(Ok(vec![])));
            };
            if part.name() == Some("file") {
                return match part.bytes().await {
                    Ok(bytes) => Ok(Self(Ok(bytes.into()))),
                    Err(error) => refused(error.status()),
                };
            }
        }
    }
}

fn refused(status: StatusCode) -> Result<File, StatusCode> {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        Ok(File(Err(CatalogRefusal::TooLarge)))
    } else {
        Err(status)
    }
}
