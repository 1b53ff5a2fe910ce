//! Opening the database: one connection that writes, a pool of others that only read.

mod postgres;
mod schema;
mod sqlite;
#[cfg(test)]
mod tests;

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::AtomicU64},
    time::Duration,
};

use arc_swap::ArcSwap;
use jiff::Timestamp;
use migrations::Migrator;
use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbBackend, SqliteTransactionMode, TransactionOptions,
    TransactionTrait, sqlx::sqlite::SqliteConnectOptions,
};

use crate::{
    StoreError,
    clock::Clock,
    error::database,
    hold::{Held, LockFile, ServerHold},
    intact::Files,
    master_key::MasterKey,
    seal,
    usage::Turns,
};

pub(crate) use schema::bring_up_to_date;
use schema::{bring_up_to_date_alone, lacks_steps};
pub(crate) use sqlite::sqlite_file;

/// How long it waits for a server that is asked whether it answers.
const PING_PATIENCE: Duration = Duration::from_secs(5);

/// How long closing may take.
const CLOSE_PATIENCE: Duration = Duration::from_secs(5);

/// Where the database is and what it is opened with.
pub struct Options {
    /// `sqlite:PATH` or `postgres://…`.
    pub database_url: String,
    /// What the values of secrets are encrypted under.
    pub master_key: MasterKey,
    /// Connections that only read, at most.
    pub readers: u32,
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("database_url", &Hidden)
            .field("master_key", &self.master_key)
            .field("readers", &self.readers)
            .finish()
    }
}

/// Stands where an address is that may hold a password.
pub(crate) struct Hidden;

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

/// The open database. Clones share it.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    writer: DatabaseConnection,
    readers: DatabaseConnection,
    master_key: ArcSwap<MasterKey>,
    provider_changes: AtomicU64,
    calls_recorded: AtomicU64,
    turns: Turns,
    /// The file of SQLite. `None`: a server has the data.
    file: Option<PathBuf>,
    /// Whether that file, and what is beside it, is still there.
    files: Option<Arc<Files>>,
    clock: Clock,
    ledger_trouble: Mutex<Option<LedgerTrouble>>,
    /// What keeps SQLite's file for this Weir alone.
    lock: Mutex<Option<LockFile>>,
    /// What keeps a server's database for this Weir alone.
    server: Option<Arc<ServerHold>>,
}

/// Why the ledger cannot be written at the moment. Calls are in the journal meanwhile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerTrouble {
    /// Since when.
    pub since: Timestamp,
    /// What went wrong.
    pub message: String,
    /// Whether it does not go by itself: somebody has to look after the files, or to stop another Weir.
    pub needs_somebody: bool,
    /// Whether SQLite's file is damaged or gone.
    pub(crate) finds_damage: bool,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("backend", &self.backend())
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Connects, brings the schema up to date, and checks the master key. A SQLite file that is new is
    /// made for its owner only, and so is its folder. Another Weir may have the database meanwhile: for what
    /// is done beside it. Only while none has it the schema is changed.
    ///
    /// # Errors
    /// [`StoreError::Held`] where steps of the schema are missing and another Weir has the database;
    /// [`StoreError::MasterKey`] where the database was made with another key; [`StoreError::Address`],
    /// [`StoreError::Io`], [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn open(options: Options) -> Result<Self, StoreError> {
        let file = sqlite_file(&options.database_url);
        let opened = Self::open_with(options, file.clone(), None, None).await;
        opened.map_err(|error| error.of_file(file.as_deref()))
    }

    /// As [`Store::open`], and has the database for itself until it is closed.
    ///
    /// # Errors
    /// [`StoreError::Held`] where another Weir has it; else as [`Store::open`].
    pub async fn open_alone(options: Options) -> Result<Self, StoreError> {
        match sqlite_file(&options.database_url) {
            Some(file) => {
                sqlite::make(&file)?;
                let lock = sqlite::hold(&file)?;
                let opened = Self::open_with(options, Some(file.clone()), Some(lock), None).await;
                opened.map_err(|error| error.of_file(Some(&file)))
            }
            None => {
                let hold = Arc::new(ServerHold::new(Held::Ledger));
                Self::open_with(options, None, None, Some(hold)).await
            }
        }
    }

    async fn open_with(
        options: Options,
        file: Option<PathBuf>,
        lock: Option<LockFile>,
        server: Option<Arc<ServerHold>>,
    ) -> Result<Self, StoreError> {
        let Connected {
            writer,
            readers,
            files,
            server,
        } = connect(&options.database_url, options.readers, |it| it, server).await?;
        if lock.is_some() || server.is_some() {
            bring_up_to_date::<Migrator>(&writer, "the database").await?;
        } else if lacks_steps::<Migrator>(&writer, "the database").await? > 0 {
            bring_up_to_date_alone(&options.database_url, file.as_deref()).await?;
        }
        if let Some(hold) = &server {
            hold.sign(&writer).await?;
        }
        let store = Self {
            inner: Arc::new(Inner {
                writer,
                readers,
                lock: Mutex::new(lock),
                server,
                file,
                files,
                clock: Clock::default(),
                ledger_trouble: Mutex::default(),
                master_key: ArcSwap::from_pointee(options.master_key),
                provider_changes: AtomicU64::new(1),
                calls_recorded: AtomicU64::new(0),
                turns: Turns::new(),
            }),
        };
        seal::check_master_key(&store).await?;
        Ok(store)
    }

    /// Whether there is a database at an address. Of a server nobody knows before connecting.
    ///
    /// # Errors
    /// [`StoreError::Address`].
    pub fn exists(database_url: &str) -> Result<bool, StoreError> {
        if !database_url.starts_with("sqlite:") {
            return Ok(true);
        }
        let asked: SqliteConnectOptions = database_url.parse().map_err(|_| sqlite::NOT_A_FILE)?;
        let there = std::fs::metadata(asked.get_filename());
        Ok(there.is_ok_and(|there| there.len() > 0))
    }

    /// Whether the database answers, and is this Weir's where it was opened so.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Database`]; [`StoreError::Held`] where another Weir has taken
    /// it since.
    pub async fn ping(&self) -> Result<(), StoreError> {
        match tokio::time::timeout(PING_PATIENCE, self.inner.readers.ping()).await {
            Ok(answered) => answered.map_err(database)?,
            Err(late) => return Err(StoreError::Unavailable(late.to_string())),
        }
        self.another()
            .map_or(Ok(()), |holder| Err(StoreError::Held { holder }))
    }

    /// Which other Weir has the database instead of this one.
    fn another(&self) -> Option<String> {
        self.inner.server.as_ref()?.another()
    }

    /// The same error, unless the database cannot be had because another Weir has it.
    pub(crate) fn or_held(&self, error: StoreError) -> StoreError {
        match (error, self.another()) {
            (StoreError::Unavailable(_), Some(holder)) => StoreError::Held { holder },
            (error, _) => error,
        }
    }

    /// Closes all connections and lets go of the database; for the end of the program, which does not wait long
    /// for a server that does not answer.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn close(&self) -> Result<(), StoreError> {
        let closing = async {
            self.inner.readers.close_by_ref().await?;
            self.inner.writer.close_by_ref().await
        };
        let closed = match tokio::time::timeout(CLOSE_PATIENCE, closing).await {
            Ok(closed) => closed.map_err(database),
            Err(late) => Err(StoreError::Unavailable(late.to_string())),
        };
        let lock = self.inner.lock.lock();
        drop(lock.unwrap_or_else(PoisonError::into_inner).take());
        closed
    }

    /// The connection that writes. There is one, so that writing transactions follow each other.
    pub(crate) fn writer(&self) -> &DatabaseConnection {
        &self.inner.writer
    }

    /// The connections that only read.
    pub(crate) fn readers(&self) -> &DatabaseConnection {
        &self.inner.readers
    }

    /// Begins a transaction that will write.
    pub(crate) async fn begin(&self) -> Result<DatabaseTransaction, StoreError> {
        self.is_written()?;
        let begun = begin(&self.inner.writer).await;
        let transaction = begun.map_err(|error| self.or_held(error))?;
        self.check_files()?;
        Ok(transaction)
    }

    /// The connection that writes, for one statement that is a transaction by itself.
    pub(crate) fn writing(&self) -> Result<&DatabaseConnection, StoreError> {
        self.is_written()?;
        self.check_files()?;
        Ok(&self.inner.writer)
    }

    /// Refuses where the ledger's writer has found SQLite's file damaged or gone: what is written then may be lost,
    /// or damage more. Only that writer goes on trying.
    pub(crate) fn is_written(&self) -> Result<(), StoreError> {
        match &*self.noted_trouble() {
            Some(trouble) if trouble.finds_damage => {
                Err(StoreError::Stopped(trouble.message.clone()))
            }
            _ => Ok(()),
        }
    }

    /// Whether the files are still those that were opened. To be asked within a transaction that writes.
    pub(crate) fn check_files(&self) -> Result<(), StoreError> {
        self.inner
            .files
            .as_ref()
            .map_or(Ok(()), |files| files.check())
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// Why the ledger cannot be written at the moment. `None`: it can.
    #[must_use]
    pub fn ledger_trouble(&self) -> Option<LedgerTrouble> {
        self.noted_trouble().clone()
    }

    /// What the ledger's writer has to say of itself.
    pub(crate) fn noted_trouble(&self) -> MutexGuard<'_, Option<LedgerTrouble>> {
        let noted = &self.inner.ledger_trouble;
        noted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn backend(&self) -> DbBackend {
        self.inner.writer.get_database_backend()
    }

    pub(crate) fn master_key(&self) -> &ArcSwap<MasterKey> {
        &self.inner.master_key
    }

    /// The file of SQLite. `None`: a server has the data.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.inner.file.as_deref()
    }

    /// Counts the calls of this run of the program whose ends the ledger's writer has written.
    pub(crate) fn calls_recorded(&self) -> &AtomicU64 {
        &self.inner.calls_recorded
    }

    /// Whose turn it is to read sums.
    pub(crate) fn turns(&self) -> &Turns {
        &self.inner.turns
    }

    /// Counts the changes of providers, from 1 on; tells the ledger's writer when to look again.
    pub(crate) fn provider_changes(&self) -> &AtomicU64 {
        &self.inner.provider_changes
    }
}

/// The connections to a database.
pub(crate) struct Connected {
    /// The one that writes.
    pub(crate) writer: DatabaseConnection,
    /// Those that only read.
    pub(crate) readers: DatabaseConnection,
    /// The files of SQLite.
    pub(crate) files: Option<Arc<Files>>,
    /// What the one that writes holds, where a server has the data.
    pub(crate) server: Option<Arc<ServerHold>>,
}

/// Connects: one connection that writes, others that only read. `more` is what SQLite is told of the one that
/// writes, beside what holds for every database; `server` is what that one holds with Postgres.
pub(crate) async fn connect(
    database_url: &str,
    readers: u32,
    more: fn(SqliteConnectOptions) -> SqliteConnectOptions,
    server: Option<Arc<ServerHold>>,
) -> Result<Connected, StoreError> {
    if database_url.starts_with("sqlite:") {
        sqlite::open(database_url, readers, more).await
    } else if database_url.starts_with("postgres:") || database_url.starts_with("postgresql:") {
        postgres::open(database_url, readers, server).await
    } else {
        Err(StoreError::Address(
            "the database's address begins with sqlite: or postgres:",
        ))
    }
}

/// Begins a transaction that will write.
pub(crate) async fn begin(writer: &DatabaseConnection) -> Result<DatabaseTransaction, StoreError> {
    writer
        .begin_with_options(TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        })
        .await
        .map_err(database)
}
