//! A conversation as a file.

use admin::transcripts::ExportFormat;
use axum::{
    body::Body,
    extract::Path,
    response::{IntoResponse, Response},
};

use super::raw::as_file;
use crate::http::{failure::Failure, page::Page};

/// `GET /transcripts/{id}/export`
pub(super) async fn file(page: Page, Path(id): Path<String>) -> Result<Response, Failure> {
    let query = page.query().address("");
    let format = ExportFormat::read(query.trim_start_matches('?'))?;
    let transcripts = page.admin().transcripts();
    let export = transcripts.export(page.who()?, &id, format).await?;
    let mut response = Body::from_stream(export.pieces).into_response();
    as_file(&mut response, "application/json", &export.file_name)?;
    Ok(response)
}
