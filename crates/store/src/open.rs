//! Opening the database: one connection that writes, a pool of others that only read.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
    sync::atomic::AtomicU64,
    time::Duration,
};

use arc_swap::ArcSwap;
use migrations::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DatabaseTransaction, DbBackend,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
    sqlx::{
        self, Connection, SqliteConnection,
        sqlite::{SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
    },
};

use crate::{StoreError, error::database, files, master_key::MasterKey, seal, usage::Turns};

/// How long SQLite itself waits for a lock before the statement fails.
const LOCK_PATIENCE: Duration = Duration::from_secs(5);
/// How long a query waits for a free connection.
const CONNECTION_PATIENCE: Duration = Duration::from_secs(30);
/// Memory for pages that the writer keeps, in KiB.
const WRITER_CACHE_KIB: u32 = 8 * 1024;
/// Memory for pages that each reader keeps, in KiB.
const READER_CACHE_KIB: u32 = 4 * 1024;
/// Statements that the writer keeps prepared. Those of many rows take a hundred kilobytes each.
const WRITER_STATEMENTS: usize = 48;
/// Rows that a reader may be ahead of whoever takes them. Each time that it has to wait costs two switches
/// between threads, and sums come by the thousand.
const ROWS_AHEAD: usize = 1_024;
/// Bytes to which the write-ahead log is cut back after it has grown beyond them.
const LOG_BYTES: u32 = 64 << 20;

/// What is said of an address of SQLite that names no file.
const NOT_A_FILE: StoreError =
    StoreError::Address("the database's address names a file: sqlite:PATH");

/// Where the database is and what it is opened with.
#[derive(Debug)]
pub struct Options {
    /// `sqlite:PATH` or `postgres://…`.
    pub database_url: String,
    /// What the values of secrets are encrypted under.
    pub master_key: MasterKey,
    /// Connections that only read, at most.
    pub readers: u32,
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
    /// made for its owner only, and so is its folder.
    ///
    /// # Errors
    /// [`StoreError::MasterKey`] where the database was made with another key; [`StoreError::Address`],
    /// [`StoreError::Io`], [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn open(options: Options) -> Result<Self, StoreError> {
        let (writer, readers) =
            connect(&options.database_url, options.readers, |sqlite| sqlite).await?;
        bring_up_to_date::<Migrator>(&writer, "the database").await?;
        let store = Self {
            inner: Arc::new(Inner {
                writer,
                readers,
                file: sqlite_file(&options.database_url),
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
        let asked: SqliteConnectOptions = database_url.parse().map_err(|_| NOT_A_FILE)?;
        Ok(asked.get_filename().exists())
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.inner.readers.ping().await.map_err(database)
    }

    /// Closes all connections; for the end of the program.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn close(&self) -> Result<(), StoreError> {
        self.inner.readers.close_by_ref().await.map_err(database)?;
        self.inner.writer.close_by_ref().await.map_err(database)
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
        begin(&self.inner.writer).await
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

/// Connects: one connection that writes, others that only read. `more` is what SQLite is told of the one that
/// writes, beside what holds for every database.
pub(crate) async fn connect(
    database_url: &str,
    readers: u32,
    more: fn(SqliteConnectOptions) -> SqliteConnectOptions,
) -> Result<(DatabaseConnection, DatabaseConnection), StoreError> {
    if database_url.starts_with("sqlite:") {
        open_sqlite(database_url, readers, more).await
    } else if database_url.starts_with("postgres") {
        open_postgres(database_url, readers).await
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

/// Takes the steps of the schema that are missing, and says so in one line.
pub(crate) async fn bring_up_to_date<M: MigratorTrait>(
    writer: &DatabaseConnection,
    what: &str,
) -> Result<(), StoreError> {
    let all = M::migrations().len();
    let missing = M::get_pending_migrations(writer)
        .await
        .map_err(database)?
        .len();
    if missing == 0 {
        return Ok(());
    }
    M::up(writer, None).await.map_err(database)?;
    if missing == all {
        tracing::info!("Made {what}");
    } else {
        tracing::info!(steps = missing, "Brought {what} up to date");
    }
    Ok(())
}

/// The file that an address of SQLite names.
pub(crate) fn sqlite_file(database_url: &str) -> Option<PathBuf> {
    if !database_url.starts_with("sqlite:") {
        return None;
    }
    let asked: SqliteConnectOptions = database_url.parse().ok()?;
    Some(asked.get_filename().to_owned())
}

async fn open_sqlite(
    database_url: &str,
    readers: u32,
    more: fn(SqliteConnectOptions) -> SqliteConnectOptions,
) -> Result<(DatabaseConnection, DatabaseConnection), StoreError> {
    let asked: SqliteConnectOptions = database_url.parse().map_err(|_| NOT_A_FILE)?;
    let path = asked.get_filename().to_owned();
    if path.as_os_str().is_empty() || database_url.contains(":memory:") {
        return Err(NOT_A_FILE);
    }
    if let Some(folder) = path.parent() {
        files::make_folder(folder).map_err(StoreError::io("make the folder", folder))?;
    }
    files::make_file(&path).map_err(StoreError::io("make", &path))?;

    let mut writer = connect_options(database_url, 1);
    writer
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .map_sqlx_sqlite_opts(move |sqlite| {
            more(sqlite_options(sqlite, WRITER_CACHE_KIB))
                // Holds for a database that is new: its file can shrink again.
                .auto_vacuum(SqliteAutoVacuum::Incremental)
                .pragma("journal_size_limit", LOG_BYTES.to_string())
                .statement_cache_capacity(WRITER_STATEMENTS)
        })
        .map_sqlx_sqlite_pool_opts(|pool| {
            pool.after_release(|connection, _| Box::pin(is_clean(connection)))
        });
    let writer = Database::connect(writer).await.map_err(database)?;

    let mut readers = connect_options(database_url, readers.max(1));
    readers.connect_lazy(true).map_sqlx_sqlite_opts(|sqlite| {
        sqlite_options(sqlite, READER_CACHE_KIB)
            .pragma("query_only", "ON")
            .row_buffer_size(ROWS_AHEAD)
    });
    let readers = Database::connect(readers).await.map_err(database)?;
    Ok((writer, readers))
}

/// Whether a connection is in no transaction any more. SQLite ends one by itself when the disk is full, and
/// the driver, whose own end of it then fails, goes on to believe that it is in one: such a connection is
/// closed, and the next write has a new one.
async fn is_clean(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    // What was dropped is only rolled back when the next command comes.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

fn sqlite_options(sqlite: SqliteConnectOptions, cache_kib: u32) -> SqliteConnectOptions {
    sqlite
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .busy_timeout(LOCK_PATIENCE)
        .foreign_keys(true)
        .pragma("cache_size", format!("-{cache_kib}"))
}

async fn open_postgres(
    database_url: &str,
    readers: u32,
) -> Result<(DatabaseConnection, DatabaseConnection), StoreError> {
    let writer = Database::connect(connect_options(database_url, 1))
        .await
        .map_err(database)?;
    let mut readers = connect_options(database_url, readers.max(1));
    readers.connect_lazy(true);
    let readers = Database::connect(readers).await.map_err(database)?;
    Ok((writer, readers))
}

fn connect_options(database_url: &str, connections: u32) -> ConnectOptions {
    let mut connect = ConnectOptions::new(database_url);
    connect
        .max_connections(connections)
        .acquire_timeout(CONNECTION_PATIENCE)
        .sqlx_logging(false);
    if database_url.starts_with("sqlite:") {
        // A file does not hang up.
        connect.test_before_acquire(false);
    }
    connect
}

#[cfg(test)]
mod tests {
    use sea_orm::ConnectionTrait;

    use super::*;
    use crate::MasterKey;

    #[tokio::test]
    async fn a_transaction_that_sqlite_ended_by_itself_does_not_stop_writing_for_good() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(Options {
            database_url: format!("sqlite:{}", folder.path().join("weir.db").display()),
            master_key: MasterKey::generate().unwrap(),
            readers: 1,
        })
        .await
        .unwrap();
        // What SQLite does by itself when it cannot go on.
        let transaction = store.begin().await.unwrap();
        transaction.execute_unprepared("ROLLBACK").await.unwrap();
        drop(transaction);
        let pool = store.writer().get_sqlite_connection_pool();
        let transaction = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
        transaction.commit().await.unwrap();
    }
}
