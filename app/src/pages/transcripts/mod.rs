//! Transcripts: what was said in calls, conversation by conversation.

mod address;
mod export;
mod forget;
mod list;
mod message;
mod raw;
pub(in crate::pages) mod recording;
mod sheet;
mod show;
mod table;
mod text;
mod turn;

use axum::{Router, routing::get};

pub(crate) use address::{DELETE, PATH as LIST, of, of_call, of_provider};

use crate::http::Console;

/// The routes of these pages.
pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route(address::PATH, get(list::show))
        .route(address::DELETE, get(forget::ask).post(forget::several))
        .route("/transcripts/call/{id}", get(show::of_call))
        .route("/transcripts/call/{id}/request", get(raw::request))
        .route("/transcripts/call/{id}/response", get(raw::response))
        .route("/transcripts/{id}", get(show::show))
        .route("/transcripts/{id}/export", get(export::file))
        .route(
            "/transcripts/{id}/delete",
            get(forget::ask_one).post(forget::one),
        )
}
