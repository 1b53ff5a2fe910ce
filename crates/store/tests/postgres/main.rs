//! The store on a real PostgreSQL: what holds on each database, and what is about a server.
#![allow(
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "this is how tests report surprises"
)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../each/mod.rs"]
mod on_postgres;
mod silent;
