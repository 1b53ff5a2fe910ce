//! What the forms of these pages do.

use admin::AdminError;
use axum::{extract::Path, response::Response};
use http::StatusCode;

use super::{PATH, address, show};
use crate::http::{failure::Failure, fields::Fields, flash::Flash, page::Page};

/// `POST /repricing/{id}/apply`
pub(super) async fn apply(
    page: Page,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response, Failure> {
    let seen = fields.text("fingerprint");
    let applied = page.admin().repricing().apply(page.who()?, &id, seen).await;
    match applied {
        Ok(_) => {
            let done = Flash::new(
                "It is being applied",
                "Calls get their prices in small steps. You may leave this page.",
            );
            Ok(page.go_on(&address(&id), done).await)
        }
        Err(error) => refused(&page, &id, error).await,
    }
}

/// `POST /repricing/{id}/discard`
pub(super) async fn discard(page: Page, Path(id): Path<String>) -> Result<Response, Failure> {
    match page.admin().repricing().discard(page.who()?, &id).await {
        Ok(()) => {
            let done = Flash::new("The re-pricing is discarded", "No call has changed.");
            Ok(page.go_on(PATH, done).await)
        }
        Err(error) => refused(&page, &id, error).await,
    }
}

/// The page itself says why not.
async fn refused(page: &Page, id: &str, error: AdminError) -> Result<Response, Failure> {
    match error {
        AdminError::Refused { .. } => {
            let words = error.problem().detail;
            show::answer(page, id, StatusCode::CONFLICT, Some(words)).await
        }
        other => Err(other.into()),
    }
}
