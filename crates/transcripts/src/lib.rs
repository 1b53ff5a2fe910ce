//! What is said in calls: recorded where a provider is told to, kept as conversations, read again, and
//! forgotten for good.
//!
//! A call hands over what was recorded of it ([`Recorder::take`]) and goes on; the [`Writer`] reads it, finds
//! its conversation and writes it down. Nothing here can delay a call: what there is no room or no time for
//! is not recorded, is counted, and shows ([`Recorder::health`]).
//!
//! | part | what it does |
//! |---|---|
//! | [`recorder`] | the way in: what waits, and the room that it may take |
//! | [`writer`] | what waits, into the database; deletions between it |
//! | [`forgetting`] | the deletions: what was asked for, and what is too old |
//! | [`read`] | a call's bodies, as they are kept and found again |
//! | [`pack`] | content coding off, cut, compressed |
//! | [`links`] | by what calls of one conversation know each other |
//! | [`texts`] | what the search finds, and what a conversation is called |
//!
//! Knows the domain, the providers' APIs ([`wire::transcript`]) and the store; no HTTP, no page.

mod forgetting;
mod health;
mod links;
mod pack;
mod read;
mod recorder;
mod texts;
mod writer;

use bytes::Bytes;
use domain::call::Call;
use secrecy::SecretString;

pub use health::{Deletion, Health, Trouble};
pub use recorder::{Clock, Recorder, Room, Running};
pub use writer::Writer;

/// The most bytes of a body that are held in memory until it is written. Of a longer one the rest is only
/// counted.
pub const BODY_HELD_BYTES: u64 = 32 << 20;

/// What was recorded of a call.
#[derive(Debug)]
pub struct Recorded {
    /// Its row.
    pub call: Call,
    /// The conversation's names in the request's headers, the strongest first.
    pub names: Vec<String>,
    /// The request's body. `None`: inputs are not recorded, or there was none.
    pub request: Option<RecordedBody>,
    /// The answer's body. `None`: outputs are not recorded, or there was none.
    pub response: Option<RecordedBody>,
    /// The credentials that were shown and sent in the call, which are not kept wherever they stand.
    pub secrets: Vec<SecretString>,
}

/// A body as it passed.
#[derive(Debug)]
pub struct RecordedBody {
    /// Its `content-type`.
    pub content_type: Option<String>,
    /// Its `content-encoding`.
    pub content_encoding: Option<String>,
    /// Its bytes; not all of them where `bytes` says more.
    pub kept: Bytes,
    /// How long it was.
    pub bytes: u64,
}

/// How much is kept, and for how long. Holds for what is written from then on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keeping {
    /// The most bytes that are kept of a body.
    pub max_body_bytes: u64,
    /// After how many days a call's bodies are deleted. `None`: never.
    pub keep_days: Option<u32>,
}

impl Default for Keeping {
    fn default() -> Self {
        Self {
            max_body_bytes: 1 << 20,
            keep_days: Some(30),
        }
    }
}
