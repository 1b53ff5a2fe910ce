//! Recording, from outside: what was said is where it may be and nowhere else, and nothing that happens to
//! the transcripts' database happens to a call.
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

mod calls;
mod canary;
mod ends;
mod faults;
mod search;
#[path = "../http/support/mod.rs"]
mod support;
mod world;
