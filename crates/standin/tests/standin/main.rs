//! The stand-in as a client sees it: every operation, every fault, over real connections.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, in its helpers too"
)]

mod chat;
mod client;
mod delivery;
mod faults;
mod messages;
mod openai_others;
mod responses;
mod serving;
mod streams;
mod usage;
