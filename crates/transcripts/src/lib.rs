//! What is said in calls: recorded where a provider is told to, kept as conversations, read again, and
//! forgotten for good.
//!
//! A call hands over what was recorded of it ([`Recorder::take`]) and goes on; the [`Writer`] reads it, finds
//! its conversation and writes it down. Nothing here can delay a call: what there is no room or no time for
//! is not recorded, is counted, and shows ([`Recorder::health`]).
//!
//! Knows the domain, the providers' APIs ([`wire::transcript`]) and the store; no HTTP, no page.

use bytes::Bytes;
use domain::{Timestamp, call::Call};
use store::{
    StoreError,
    transcripts::{Forget, Transcripts},
};
use tokio_util::sync::CancellationToken;

/// What was recorded of a call.
#[derive(Debug)]
pub struct Recorded {
    /// Its row.
    pub call: Call,
    /// The conversation's names in the request's headers, the strongest first.
    pub names: Vec<String>,
    /// The request's body. `None`: inputs are not recorded.
    pub request: Option<RecordedBody>,
    /// The answer's body. `None`: outputs are not recorded, or there was none.
    pub response: Option<RecordedBody>,
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

/// The way to the transcripts. Clones share it.
#[derive(Debug, Clone)]
pub struct Recorder {}

/// How recording is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Health {
    /// Calls that wait to be written.
    pub waiting: u64,
    /// Bytes that they take.
    pub waiting_bytes: u64,
    /// Calls that should have been recorded since Weir started, and were not.
    pub lost: u64,
    /// Why nothing can be written at the moment. `None`: it can.
    pub trouble: Option<Trouble>,
    /// What is being deleted.
    pub deletions: Vec<Deletion>,
}

/// Why nothing can be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// Since when.
    pub since: Timestamp,
    /// What the disk or the database says.
    pub message: String,
}

/// A deletion, asked for since Weir started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deletion {
    /// What.
    pub what: Forget,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// How many calls' bodies are deleted.
    pub transcripts: u64,
    /// When nothing of it was left in any file. `None`: it is under way.
    pub ended_at: Option<Timestamp>,
}

/// Writes down what is recorded.
#[derive(Debug)]
pub struct Writer {}

impl Recorder {
    /// The way to the transcripts, and what writes them down.
    #[must_use]
    pub fn new(_transcripts: Transcripts) -> (Self, Writer) {
        (Self {}, Writer {})
    }

    /// Takes what was recorded of a call. Never waits.
    pub fn take(&self, _recorded: Recorded) {}

    /// How recording is.
    #[must_use]
    pub fn health(&self) -> Health {
        Health::default()
    }

    /// Deletes for good, whatever was recorded until now. It is over when [`Health::deletions`] says so.
    pub fn forget(&self, _what: Forget) {}
}

impl Writer {
    /// Writes until it is stopped and nothing waits any more.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn run(self, _stop: CancellationToken) -> Result<(), StoreError> {
        Ok(())
    }
}
