//! What the forms of these pages do.

use admin::{
    AdminError,
    catalog::{ApplyRequest, CatalogRefusal, DiscardRequest},
};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;

use super::{CHANGES, PATH, show, upload::File};
use crate::http::{failure::Failure, fields::Fields, flash::Flash, page::Page};

/// `POST /settings/catalog`: a file that somebody chose.
pub(super) async fn upload(page: Page, File(file): File) -> Result<Response, Failure> {
    let file = match file {
        Ok(file) if file.is_empty() => {
            let words = "Choose the file of a catalog.".to_owned();
            let refused = show::Refused::file(StatusCode::UNPROCESSABLE_ENTITY, words);
            return show::answer(&page, refused).await;
        }
        Ok(file) => page.admin().catalog().upload(page.who()?, file).await,
        Err(refusal) => Err(refusal.into()),
    };
    match file {
        Ok(_) => Ok(Redirect::to(CHANGES).into_response()),
        Err(AdminError::Catalog(refusal)) => {
            let (status, words) = told(refusal);
            show::answer(&page, show::Refused::file(status, words)).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /settings/catalog/refresh`
pub(super) async fn refresh(page: Page) -> Result<Response, Failure> {
    let proposed = page.admin().catalog().refresh(page.who()?).await;
    on_to_changes(&page, proposed.map(drop)).await
}

/// `POST /settings/catalog/builtin`
pub(super) async fn builtin(page: Page) -> Result<Response, Failure> {
    let proposed = page.admin().catalog().back_to_builtin(page.who()?).await;
    on_to_changes(&page, proposed.map(drop)).await
}

/// `POST /settings/catalog/apply`
pub(super) async fn apply(page: Page, fields: Fields) -> Result<Response, Failure> {
    let request = ApplyRequest {
        version: fields.text("version").to_owned(),
        pending: fields.text("pending").parse().ok(),
    };
    let applied = page.admin().catalog().apply(page.who()?, request).await;
    match applied {
        Ok(status) => {
            let done = Flash::new(
                format!("Catalog {} is in use", status.version),
                "Calls that begin from now on are priced by it. Those before keep their prices.",
            );
            Ok(page.go_on(PATH, done).await)
        }
        Err(error) => refused(&page, error).await,
    }
}

/// `POST /settings/catalog/discard`
pub(super) async fn discard(page: Page, fields: Fields) -> Result<Response, Failure> {
    // The one that was looked at, and no other.
    let Ok(pending) = fields.text("pending").parse() else {
        return refused(&page, CatalogRefusal::NotPending.into()).await;
    };
    let request = DiscardRequest {
        pending: Some(pending),
    };
    let discarded = page.admin().catalog().discard(page.who()?, request).await;
    if let Err(error) = discarded {
        return refused(&page, error).await;
    }
    let done = Flash::new(
        "The catalog that waited is discarded",
        "Nothing has changed.",
    );
    Ok(page.go_on(PATH, done).await)
}

async fn on_to_changes(page: &Page, proposed: Result<(), AdminError>) -> Result<Response, Failure> {
    match proposed {
        Ok(()) => Ok(Redirect::to(CHANGES).into_response()),
        Err(error) => refused(page, error).await,
    }
}

async fn refused(page: &Page, error: AdminError) -> Result<Response, Failure> {
    match error {
        AdminError::Catalog(refusal) => {
            let (status, words) = told(refusal);
            show::answer(page, show::Refused::whole(status, words)).await
        }
        other => Err(other.into()),
    }
}

fn told(refusal: CatalogRefusal) -> (StatusCode, String) {
    let problem = AdminError::from(refusal).problem();
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
    (status, problem.detail)
}
