//! Weir from outside, whole: real listener, real database, the stand-in as upstream.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    unreachable_pub,
    reason = "the helpers of the tests stop at the first surprise, too"
)]

mod commands;
mod compatible;
mod disconnects;
mod errors;
mod forwarding;
mod leaks;
mod ledger;
mod proxy;
mod refusals;
mod sessions;
mod stopping;
mod streams;
mod support;
mod tls;
