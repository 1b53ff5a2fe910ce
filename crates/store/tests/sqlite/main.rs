//! The store on SQLite: what holds on each database, and what is about SQLite's files.
#![allow(
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "this is how tests report surprises"
)]

#[path = "../common/mod.rs"]
mod common;
mod files;
#[path = "../each/mod.rs"]
mod on_sqlite;
mod transcripts_forgotten;
