//! Why the program gives up.

use std::io;
use std::path::PathBuf;

use crate::client::CallError;

/// What went wrong. Each message is a sentence for whoever ran the program.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The system refused something.
    #[error("cannot {action}: {source}")]
    Io {
        /// What was tried.
        action: String,
        /// What the system said.
        source: io::Error,
    },
    /// Weir's binary is not there.
    #[error("there is no binary at {0}; build it with: cargo build --release --package weir")]
    NoBinary(PathBuf),
    /// Weir ended or never answered.
    #[error("Weir {what}; the end of its log:\n{log}")]
    Weir {
        /// What it did.
        what: String,
        /// The last lines of its log.
        log: String,
    },
    /// A request to Weir's own API did not get through.
    #[error("{what}: {source}")]
    Api {
        /// The request.
        what: String,
        /// What happened to it.
        source: CallError,
    },
    /// Weir's own API answered something else than it documents.
    #[error("{what} was answered with {status}: {body}")]
    Refused {
        /// The request.
        what: String,
        /// The status.
        status: u16,
        /// The body, or its beginning.
        body: String,
    },
    /// The look into the copy of the database failed.
    #[error("cannot read the copy of the database: {0}")]
    Copy(String),
    /// A promise was not kept.
    #[error("{0}")]
    Broken(String),
}

impl Error {
    /// For `map_err`, with what was tried.
    pub(crate) fn io(action: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let action = action.into();
        move |source| Self::Io { action, source }
    }
}
