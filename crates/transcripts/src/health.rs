//! How recording is.

use domain::Timestamp;
use store::transcripts::Forget;

/// How recording is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Health {
    /// Calls that run and are recorded.
    pub running: u64,
    /// Calls that wait to be written.
    pub waiting: u64,
    /// Bytes that they take.
    pub waiting_bytes: u64,
    /// Calls that should have been recorded since Weir started, and were not.
    pub lost: u64,
    /// Why nothing can be written at the moment. `None`: it can.
    pub trouble: Option<Trouble>,
    /// What is being deleted, and what was, the newest last.
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
