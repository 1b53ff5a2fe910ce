//! Weir's plain types and rules: ids, money, buckets, pricing, and the shapes that the console, the
//! REST API, the store and the data plane share.
//!
//! This crate does no I/O, reads no clock, knows no HTTP, SQL or Leptos, and compiles to wasm.

pub mod bucket;
pub mod call;
pub mod id;
pub mod money;
pub mod pricing;
pub mod provider;
pub mod secret;
pub mod token;
pub mod usage;

pub use bucket::{Bucket, PerBucket};
pub use id::{
    AdminId, ApiTokenId, CallId, ConversationId, ModelId, ProviderId, SecretName, TokenId,
};
pub use money::{NanoUsd, UsdPerMtok, UsdPerThousand};

/// A moment in time, UTC, with microseconds kept. RFC 3339 in JSON.
pub use jiff::Timestamp;
