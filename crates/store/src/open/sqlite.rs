//! Connecting to a file of SQLite: one connection that writes, a pool of others that only read.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use sea_orm::{
    ConnectOptions, Database,
    sqlx::{
        self, Connection, SqliteConnection,
        sqlite::{SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
    },
};

use super::Connected;
use crate::{
    StoreError,
    error::database,
    files,
    hold::{LockError, LockFile},
    intact::Files,
};

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
pub(super) const NOT_A_FILE: StoreError =
    StoreError::Address("the database's address names a file: sqlite:PATH");

/// The file that an address of SQLite names.
pub(crate) fn sqlite_file(database_url: &str) -> Option<PathBuf> {
    if !database_url.starts_with("sqlite:") {
        return None;
    }
    let asked: SqliteConnectOptions = database_url.parse().ok()?;
    Some(asked.get_filename().to_owned())
}

/// Connects: one connection that writes, others that only read. `more` is what the one that writes is told.
pub(super) async fn open(
    database_url: &str,
    readers: u32,
    more: fn(SqliteConnectOptions) -> SqliteConnectOptions,
) -> Result<Connected, StoreError> {
    let asked: SqliteConnectOptions = database_url.parse().map_err(|_| NOT_A_FILE)?;
    make(asked.get_filename())?;

    let files = Arc::new(Files::of(asked.get_filename())?);
    let opened = Arc::clone(&files);
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
        .map_sqlx_sqlite_pool_opts(move |pool| {
            let opened = Arc::clone(&opened);
            pool.after_release(|connection, _| Box::pin(is_clean(connection)))
                .after_connect(move |_, _| {
                    opened.are_opened_again();
                    Box::pin(async { Ok(()) })
                })
        });
    let writer = Database::connect(writer).await.map_err(database)?;

    let mut readers = connect_options(database_url, readers.max(1));
    readers.connect_lazy(true).map_sqlx_sqlite_opts(|sqlite| {
        sqlite_options(sqlite, READER_CACHE_KIB)
            .pragma("query_only", "ON")
            .row_buffer_size(ROWS_AHEAD)
    });
    let readers = Database::connect(readers).await.map_err(database)?;
    Ok(Connected {
        writer,
        readers,
        files: Some(files),
        server: None,
    })
}

/// Makes the file of a database where it is missing, and its folder.
pub(super) fn make(path: &Path) -> Result<(), StoreError> {
    if path.as_os_str().is_empty() || path.to_string_lossy().contains(":memory:") {
        return Err(NOT_A_FILE);
    }
    if let Some(folder) = path.parent() {
        files::make_folder(folder).map_err(StoreError::io("make the folder", folder))?;
    }
    files::make_file(path).map_err(StoreError::io("make", path))
}

/// Takes hold of the file of a database.
pub(super) fn hold(path: &Path) -> Result<LockFile, StoreError> {
    let lock = LockFile::beside(path).map_err(StoreError::io("find", path))?;
    LockFile::hold(&lock).map_err(|error| match error {
        LockError::Held(holder) => StoreError::Held { holder },
        LockError::Io(error) => StoreError::io("hold", lock)(error),
    })
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
        // It was made before; where it is gone, an empty one in its place would hide that.
        .create_if_missing(false)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .busy_timeout(LOCK_PATIENCE)
        .foreign_keys(true)
        .pragma("cache_size", format!("-{cache_kib}"))
}

fn connect_options(database_url: &str, connections: u32) -> ConnectOptions {
    let mut connect = ConnectOptions::new(database_url);
    connect
        .max_connections(connections)
        .acquire_timeout(CONNECTION_PATIENCE)
        // A file does not hang up.
        .test_before_acquire(false)
        .sqlx_logging(false);
    connect
}
