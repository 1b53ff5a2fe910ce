//! One Weir has a database at a time.
//!
//! | database | what is held | lost when |
//! |---|---|---|
//! | SQLite | a lock on a file beside the database's, whichever folder it is in | the process ends |
//! | Postgres | an advisory lock of the session that writes | that session ends: the server was stopped, say |
//!
//! With Postgres the lock is of the very connection that writes, and no connection becomes that one without
//! it. So a Weir that serves never writes without the lock, and after the server was away the next write takes it
//! again. Where another Weir was quicker, this one writes nothing more and says so: what it knows of the database
//! from before (how far sums are sealed, which tokens hold) may be wrong by now. Each run signs the database when
//! it has it, so it is also noticed when the other one has come and gone. Its calls are in its journal, and are
//! recorded when it is started again.
//!
//! Commands that are made for it (`weir admin link`, `weir ledger verify`) write beside the Weir that has the
//! database, a row or two: they do not take the lock, unless the schema is to be changed first.

use std::{
    ffi::OsString,
    fs::{File, OpenOptions, TryLockError},
    io::{self, Read as _, Seek as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;
use sea_orm::{
    DatabaseConnection,
    sqlx::{self, PgConnection},
};
use serde_json::Value;
use uuid::Uuid;

use crate::{StoreError, settings};

/// How long to wait before it is tried again to take the lock of a server.
const AGAIN: Duration = Duration::from_millis(250);
/// The setting that tells which run of the program had the database last.
const LAST_RUN: &str = "last_run";

/// Why a file cannot be held.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// It cannot be made, read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// Another process holds it, and wrote this about itself.
    #[error("held by {0}")]
    Held(String),
}

/// A file that one process holds at a time, and that says which. Held as long as this lives.
#[derive(Debug)]
pub struct LockFile {
    _file: File,
}

impl LockFile {
    /// Takes hold of a file, which is made for its owner only where it is missing.
    ///
    /// # Errors
    /// [`LockError`].
    pub fn hold(path: &Path) -> Result<Self, LockError> {
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                file.read_to_string(&mut holder)?;
                return Err(LockError::Held(holder.trim().to_owned()));
            }
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        file.set_len(0)?;
        file.rewind()?;
        writeln!(file, "process {}", std::process::id())?;
        Ok(Self { _file: file })
    }

    /// The file beside that of a database of SQLite, by whatever path that is reached.
    pub(crate) fn beside(database: &Path) -> io::Result<PathBuf> {
        let mut path: OsString = database.canonicalize()?.into();
        path.push(".lock");
        Ok(path.into())
    }
}

/// What is held: two parts that may be in one database of Postgres.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Held {
    /// Everything but transcripts.
    Ledger,
    /// Transcripts.
    Transcripts,
}

/// Whose a database is, as far as a Weir knows.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Whose {
    /// Its own.
    Own,
    /// Another session's, of which this is known.
    Anothers(String),
    /// Another Weir's, which had it since: nothing is written until the next start.
    Lost,
}

/// The hold on a database of Postgres, by the connection that writes.
#[derive(Debug)]
pub(crate) struct ServerHold {
    what: Held,
    run: Uuid,
    /// Whether the database has been signed by this run.
    is_signed: AtomicBool,
    whose: Mutex<Whose>,
}

impl ServerHold {
    pub(crate) fn new(what: Held) -> Self {
        Self {
            what,
            run: Uuid::now_v7(),
            is_signed: AtomicBool::new(false),
            whose: Mutex::new(Whose::Own),
        }
    }

    /// Who has the database instead of this Weir.
    pub(crate) fn another(&self) -> Option<String> {
        match &*self.lock() {
            Whose::Own => None,
            Whose::Anothers(holder) => Some(holder.clone()),
            Whose::Lost => Some("which began after this one; start this one again".to_owned()),
        }
    }

    /// Signs the database, whose tables are there by now, with a connection that has the lock.
    pub(crate) async fn sign(&self, writer: &DatabaseConnection) -> Result<(), StoreError> {
        let run = Value::from(self.run.to_string());
        settings::put(writer, LAST_RUN, &run, Timestamp::now()).await?;
        self.is_signed.store(true, Ordering::Release);
        Ok(())
    }

    /// Takes the lock with a connection that is to write, and waits for it as long as another has it; for ever
    /// where another Weir has had it since this one signed.
    pub(crate) async fn take(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        while *self.lock() != Whose::Lost {
            if !self.try_take(connection).await? {
                let holder = self.holder(connection).await?;
                self.is_anothers(holder);
                tokio::time::sleep(AGAIN).await;
            } else if self.is_of_this_run(connection).await? {
                self.is_own();
                return Ok(());
            } else {
                self.let_go(connection).await?;
                self.is_lost();
            }
        }
        std::future::pending().await
    }

    fn is_own(&self) {
        let before = std::mem::replace(&mut *self.lock(), Whose::Own);
        if before != Whose::Own {
            tracing::info!("The database is this Weir's again");
        }
    }

    fn is_anothers(&self, holder: String) {
        let before = std::mem::replace(&mut *self.lock(), Whose::Anothers(holder.clone()));
        if before == Whose::Own {
            tracing::error!(
                "The database is in use by another Weir ({holder}). Nothing is written; calls stay in the \
                 journal. Stop one of the two"
            );
        }
    }

    fn is_lost(&self) {
        *self.lock() = Whose::Lost;
        tracing::error!(
            "Another Weir has had the database since this one lost its connection. Nothing more is written; \
             calls stay in the journal. Stop the other one for good and start this one again"
        );
    }

    async fn try_take(&self, connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
        let sql = "SELECT pg_try_advisory_lock(($1 << 32) | oid::bigint) FROM pg_namespace \
                   WHERE nspname = current_schema()";
        sqlx::query_scalar(sql)
            .bind(self.number())
            .fetch_one(connection)
            .await
    }

    async fn let_go(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let all = "SELECT pg_advisory_unlock_all()";
        sqlx::query(all).execute(connection).await?;
        Ok(())
    }

    /// Whether nobody has signed the database since this run did.
    async fn is_of_this_run(&self, connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
        if !self.is_signed.load(Ordering::Acquire) {
            return Ok(true);
        }
        let signed: Option<String> =
            sqlx::query_scalar("SELECT value FROM settings WHERE key = $1")
                .bind(LAST_RUN)
                .fetch_optional(connection)
                .await?;
        Ok(signed == Some(Value::from(self.run.to_string()).to_string()))
    }

    /// Says who has it, as far as the server tells.
    async fn holder(&self, connection: &mut PgConnection) -> Result<String, sqlx::Error> {
        let sql = "SELECT concat(coalesce(application_name, usename), coalesce(', at ' || host(client_addr), ''), \
                   ', connected since ' || to_char(backend_start, 'YYYY-MM-DD HH24:MI:SS TZ')) \
                   FROM pg_locks JOIN pg_stat_activity USING (pid) \
                   WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND classid::bigint = $1 \
                   AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
                   AND objid = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())";
        let holder: Option<String> = sqlx::query_scalar(sql)
            .bind(self.number())
            .fetch_optional(connection)
            .await?;
        Ok(holder.unwrap_or_else(|| "which has just let go".to_owned()))
    }

    /// The upper half of the lock's number; the lower one is the schema.
    const fn number(&self) -> i64 {
        match self.what {
            Held::Ledger => 0x5765_6972,
            Held::Transcripts => 0x5765_6974,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Whose> {
        self.whose.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_held_by_one_whatever_the_path_to_it() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("weir.db");
        let link = folder.path().join("link.db");
        std::fs::write(&database, []).unwrap();
        std::os::unix::fs::symlink(&database, &link).unwrap();
        let path = LockFile::beside(&database).unwrap();
        assert_eq!(path, LockFile::beside(&link).unwrap());
        let held = LockFile::hold(&path).unwrap();
        let Err(LockError::Held(holder)) = LockFile::hold(&path) else {
            panic!("it is held");
        };
        assert_eq!(holder, format!("process {}", std::process::id()));
        drop(held);
        LockFile::hold(&path).unwrap();
    }
}
