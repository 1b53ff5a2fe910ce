//! What was said in a call: every API in one form, whole, streamed and cut.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]

mod anthropic;
mod bedrock;
mod chat;
mod cohere;
mod fixtures;
mod google;
mod hostile;
mod others;
mod responses;
mod same;
mod shown;

#[path = "../support/mod.rs"]
mod support;
