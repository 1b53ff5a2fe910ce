//! The schema on SQLite.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "this is how tests report surprises"
)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../each/mod.rs"]
mod on_sqlite;
