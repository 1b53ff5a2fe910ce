//! What can go wrong in the store. No type of the database library shows; the texts are safe for logs.

use std::{io, path::PathBuf};

use domain::{ProviderId, SecretName};
use sea_orm::{
    DbErr, RuntimeErr,
    sqlx::{self, error::DatabaseError},
};

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
    /// The journal could not be read.
    #[error(transparent)]
    Journal(#[from] journal::JournalError),
}

impl StoreError {
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
    if passes(&error) {
        StoreError::Unavailable(error.to_string())
    } else {
        StoreError::Database(error.to_string())
    }
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
    if driver_passes(&error) {
        StoreError::Unavailable(error.to_string())
    } else {
        StoreError::Database(error.to_string())
    }
}

/// Whether the cause is one that may be gone at the next try.
fn passes(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => {
            driver_passes(error)
        }
        _ => false,
    }
}

fn driver_passes(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(error) => code_passes(&**error),
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        _ => false,
    }
}

fn code_passes(error: &dyn DatabaseError) -> bool {
    /// SQLite: busy, locked, input or output failed, full, cannot open.
    const SQLITE: [u32; 5] = [5, 6, 10, 13, 14];
    /// Postgres: connection, transaction rolled back, resources, operator intervention, system.
    const POSTGRES: [&str; 5] = ["08", "40", "53", "57", "58"];
    let code = error.code().unwrap_or_default();
    match code.parse::<u32>() {
        Ok(code) if code < 10_000 => SQLITE.contains(&(code & 0xff)),
        _ => POSTGRES.iter().any(|class| code.starts_with(class)),
    }
}
