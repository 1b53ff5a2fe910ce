//! Weir on a real PostgreSQL, from outside: all that it does with SQLite, what happens while the server is
//! away, and that one Weir has a database.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    unreachable_pub,
    dead_code,
    unused_imports,
    reason = "the helpers of the tests stop at the first surprise, too, and are shared with other tests"
)]

mod address;
mod alone;
mod away;
mod everything;
mod handover;
mod program;
#[path = "../http/support/mod.rs"]
mod support;
