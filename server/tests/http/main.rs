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

mod aws_credentials;
mod azure;
mod bedrock;
mod catalog;
mod cohere;
mod commands;
mod compatible;
mod dimensions;
mod disconnects;
mod endpoints;
mod errors;
mod forwarding;
mod google;
mod hostile;
mod leaks;
mod ledger;
mod metrics;
mod presets;
mod proxy;
mod refusals;
mod sessions;
mod sloppy;
mod stopping;
mod streams;
mod support;
mod tls;
mod vertex;
