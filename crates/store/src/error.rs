//! What can go wrong in the store. No type of the database library shows; the texts are safe for logs.

use std::{
    io,
    path::{Path, PathBuf},
};

use domain::{ProviderId, SecretName};
use sea_orm::{DbErr, RuntimeErr, sqlx};

use crate::{master_key::MasterKeyError, usage::UsageProblem};

/// What can go wrong in the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database is locked, full or away. The same may well work later.
    #[error("the database cannot be used at the moment: {0}")]
    Unavailable(String),
    /// The database refused; trying again will not help.
    #[error("the database refused: {0}")]
    Database(String),
    /// Another Weir has the database.
    #[error(
        "another Weir has this database ({holder}); stop that one, or name another database with --database-url. \
         Several Weirs on one database are not supported"
    )]
    Held {
        /// What is known of it.
        holder: String,
    },
    /// Another row has this id or name already.
    #[error("this {what} is taken")]
    Taken {
        /// What is taken: `provider id`, `token`, `admin name` …
        what: &'static str,
    },
    /// There is no such row.
    #[error("there is no such {what}")]
    NotFound {
        /// What was looked for.
        what: &'static str,
    },
    /// Somebody else has changed it in the meantime.
    #[error("it was changed in the meantime and is at version {current} now")]
    VersionConflict {
        /// The version that it has now.
        current: u64,
    },
    /// A secret that providers refer to cannot be deleted.
    #[error("{} providers refer to it", by.len())]
    InUse {
        /// Those providers.
        by: Vec<ProviderId>,
    },
    /// A secret without a value is not kept.
    #[error("a secret needs a value")]
    EmptySecret,
    /// A secret's value cannot be decrypted: its row was tampered with or belongs to another key.
    #[error("the value of the secret {name} cannot be decrypted with the master key in use")]
    Sealed {
        /// Which one.
        name: SecretName,
    },
    /// The master key is missing, malformed or not the one that this database was made with.
    #[error(transparent)]
    MasterKey(#[from] MasterKeyError),
    /// A row holds what no version of Weir has written.
    #[error("a row of {table} cannot be read: {detail}")]
    Unreadable {
        /// The table.
        table: &'static str,
        /// What does not fit. No values.
        detail: String,
    },
    /// A usage query that has no answer.
    #[error(transparent)]
    Usage(#[from] UsageProblem),
    /// Whoever asked for many rows took none of them for too long.
    #[error("nobody took the rows that were read")]
    NotTaken,
    /// The database's address is not one that Weir understands.
    #[error("{0}")]
    Address(&'static str),
    /// A file or folder could not be made or changed.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// SQLite finds its file damaged.
    #[error(
        "the database{} is damaged ({detail}). Stop Weir, put a backup of the file in its place, remove the files \
         that end in -wal and -shm beside it, and start Weir again: it then adds the calls that the journal has",
        file.as_ref().map(|file| format!(" {}", file.display())).unwrap_or_default()
    )]
    Damaged {
        /// The file, where it is known here.
        file: Option<PathBuf>,
        /// What SQLite says.
        detail: String,
    },
    /// A file of SQLite is not the one any more that was opened.
    #[error(
        "{} was removed or replaced while Weir runs. Stop Weir, put the file or a backup in its place where it is \
         the database itself, and start Weir again: it then adds the calls that the journal has",
        path.display()
    )]
    Gone {
        /// The file.
        path: PathBuf,
    },
    /// SQLite's file was found damaged or gone before: nothing is written into it any more.
    #[error("nothing is written into the database any more: {0}")]
    Stopped(String),
    /// A newer Weir has made steps in the schema that this one does not know.
    #[error(
        "{what} was used by a newer Weir (this one does not know its step {step}); start that one again, or restore \
         a backup from before"
    )]
    Newer {
        /// Which database.
        what: String,
        /// The first step that is not known.
        step: String,
    },
    /// The journal could not be read.
    #[error(transparent)]
    Journal(#[from] journal::JournalError),
}

impl StoreError {
    /// Whether trying again does not help, but somebody has to look after the files.
    #[must_use]
    pub const fn needs_somebody(&self) -> bool {
        matches!(
            self,
            Self::Damaged { .. }
                | Self::Gone { .. }
                | Self::Stopped(_)
                | Self::Held { .. }
                | Self::Newer { .. }
                | Self::Journal(journal::JournalError::Newer { .. })
        )
    }

    /// Whether SQLite's file is damaged or gone.
    pub(crate) const fn finds_damage(&self) -> bool {
        matches!(self, Self::Damaged { .. } | Self::Gone { .. })
    }

    /// The same, with the file named that is damaged.
    pub(crate) fn of_file(self, of: Option<&Path>) -> Self {
        match self {
            Self::Damaged { file: None, detail } => Self::Damaged {
                file: of.map(Path::to_owned),
                detail,
            },
            other => other,
        }
    }

    pub(crate) fn unreadable(table: &'static str, detail: impl ToString) -> Self {
        Self::Unreadable {
            table,
            detail: detail.to_string(),
        }
    }

    pub(crate) fn io(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }
}

/// Sorts an error of the database into ours.
pub(crate) fn database(error: DbErr) -> StoreError {
    Kind::of(&error).told(error.to_string())
}

/// As [`database`], where a row that is there already means that `what` is taken.
pub(crate) fn taken(what: &'static str) -> impl FnOnce(DbErr) -> StoreError {
    move |error| match error.sql_err() {
        Some(sea_orm::SqlErr::UniqueConstraintViolation(_)) => StoreError::Taken { what },
        _ => database(error),
    }
}

/// Sorts an error of the database's driver into ours.
pub(crate) fn driver(error: sqlx::Error) -> StoreError {
    Kind::of_driver(&error).told(error.to_string())
}

/// What an error of the database means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Its cause may be gone at the next try.
    Passes,
    /// SQLite finds its file damaged.
    Damage,
    /// It is refused, whenever it is tried.
    Refused,
}

impl Kind {
    fn of(error: &DbErr) -> Self {
        match error {
            DbErr::ConnectionAcquire(_) => Self::Passes,
            DbErr::Conn(RuntimeErr::SqlxError(error)) => match Self::of_driver(error) {
                Self::Damage => Self::Damage,
                Self::Passes | Self::Refused => Self::Passes,
            },
            DbErr::Conn(_) => Self::Passes,
            DbErr::Exec(RuntimeErr::SqlxError(error))
            | DbErr::Query(RuntimeErr::SqlxError(error)) => Self::of_driver(error),
            _ => Self::Refused,
        }
    }

    fn of_driver(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => Self::of_code(&error.code().unwrap_or_default()),
            sqlx::Error::Io(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Self::Passes,
            _ => Self::Refused,
        }
    }

    /// By the code that the database gives: Postgres has five characters, of which the first two are a class,
    /// SQLite a number of at most four digits.
    fn of_code(code: &str) -> Self {
        /// Connection, transaction rolled back, resources, a lock that was not free in time, operator intervention
        /// (also a statement that took too long), system.
        const POSTGRES_PASSES: [&str; 6] = ["08", "40", "53", "55P03", "57", "58"];
        /// Busy, locked, input or output failed, full, cannot open.
        const SQLITE_PASSES: [u32; 5] = [5, 6, 10, 13, 14];
        /// Corrupt; not a database.
        const SQLITE_DAMAGE: [u32; 2] = [11, 26];
        if code.len() == 5 {
            let passes = POSTGRES_PASSES.iter().any(|class| code.starts_with(class));
            return if passes { Self::Passes } else { Self::Refused };
        }
        match code.parse::<u32>().map(|code| code & 0xff) {
            Ok(code) if SQLITE_PASSES.contains(&code) => Self::Passes,
            Ok(code) if SQLITE_DAMAGE.contains(&code) => Self::Damage,
            _ => Self::Refused,
        }
    }

    fn told(self, detail: String) -> StoreError {
        match self {
            Self::Passes => StoreError::Unavailable(detail),
            Self::Damage => StoreError::Damaged { file: None, detail },
            Self::Refused => StoreError::Database(detail),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Kind;

    #[test]
    fn codes_are_sorted_by_what_they_mean() {
        // Connection lost, deadlock, too many connections, lock not free, cancelled, shut down, system.
        let postgres = [
            "08006", "40P01", "53300", "55P03", "57014", "57P01", "58030",
        ];
        // Busy, and busy in recovery; a failed sync of a folder; full; cannot open.
        for code in postgres.iter().chain(&["5", "261", "1290", "13", "14"]) {
            assert_eq!(Kind::of_code(code), Kind::Passes, "{code}");
        }
        for code in ["11", "267", "26"] {
            assert_eq!(Kind::of_code(code), Kind::Damage, "{code}");
        }
        // A table or column that is not there; values that are there already; and no code.
        for code in ["42P01", "23505", "55000", "00011", "1", "2067", ""] {
            assert_eq!(Kind::of_code(code), Kind::Refused, "{code}");
        }
    }
}
