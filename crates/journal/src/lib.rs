//! The journal: calls on disk before their clients have the end of the answer.
//!
//! A call is written twice, when it starts and when it is finished, each time with one `write` to a
//! file that is only ever appended to. What was written survives the death of the process; when it
//! also survives the death of the machine is the [`SyncPolicy`]. The ledger's writer follows behind
//! with the [`Reader`], puts the rows into the database together with the [`Position`] that it has
//! reached, and so finds everything exactly once, whether it is a moment or a crash later.
//!
//! | part | what it is |
//! |---|---|
//! | [`record`] | how an entry stands in the file: length, checksum, version, kind, JSON |
//! | [`segment`] | the files: their names, their order |
//! | [`append`] | the writing end, shared by all calls |
//! | [`read`] | the reading end, one for the ledger's writer |
//! | [`recent`] | the newest entries in memory, so that the reading end need not read them back |
//!
//! Knows the domain's calls and files; no database, no HTTP.

mod append;
mod read;
mod recent;
mod record;
mod segment;

pub use append::{Journal, SyncPolicy};
pub use read::{Position, Reader};
pub use record::Entry;

use std::{
    io,
    path::{Path, PathBuf},
};

/// Whether the journal in a folder has anything in it. There need not be such a folder.
///
/// # Errors
/// Where the folder or a file in it cannot be read.
pub fn has_entries(dir: &Path) -> Result<bool, JournalError> {
    Ok(dir.exists() && segment::bytes(dir)? > 0)
}

/// What can go wrong with the journal.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// A file could not be opened, read, written or removed.
    #[error("{action} {path}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file holds records of a version that this program does not know.
    #[error(
        "{} was written by a newer Weir; start that one again, or move the file away if its calls may be missing",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
    },
    /// An entry could not be put into words. Does not happen with the entries there are.
    #[error("cannot encode a journal entry: {0}")]
    Encode(#[from] serde_json::Error),
    /// An entry is larger than any call can make it.
    #[error("a journal entry of {bytes} bytes is over the limit")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// Another thread died while it was writing; nothing more is taken.
    #[error("the journal's writing end is broken")]
    Broken,
}

impl JournalError {
    fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }
}
