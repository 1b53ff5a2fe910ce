//! The stand-in as a client sees it: every operation, every fault, over real connections.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, in its helpers too"
)]

mod azure;
mod bedrock;
mod callers;
mod chat;
mod client;
mod cohere;
mod compatible;
mod control;
mod delivery;
mod event_stream;
mod faults;
mod google;
mod google_others;
mod invoke;
mod issuing;
mod messages;
mod openai_others;
mod responses;
mod serving;
mod signing;
mod streams;
mod tokens;
mod usage;
mod vertex;
