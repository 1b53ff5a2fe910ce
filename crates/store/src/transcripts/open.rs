//! Opening the database of transcripts.

use std::{fmt, path::PathBuf, sync::Arc};

use migrations::TranscriptsMigrator;
use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbBackend, IsolationLevel, TransactionTrait,
    sqlx::sqlite::SqliteConnectOptions,
};

use crate::{
    StoreError,
    error::database,
    open::{begin, bring_up_to_date, connect, sqlite_file},
};

/// Where the database of transcripts is.
#[derive(Debug)]
pub struct TranscriptsOptions {
    /// `sqlite:PATH` or `postgres://…`.
    pub database_url: String,
    /// Connections that only read, at most.
    pub readers: u32,
}

/// The open database of transcripts. Clones share it.
#[derive(Clone)]
pub struct Transcripts {
    inner: Arc<Inner>,
}

struct Inner {
    writer: DatabaseConnection,
    readers: DatabaseConnection,
    /// The file of SQLite. `None`: a server has the data.
    file: Option<PathBuf>,
}

impl fmt::Debug for Transcripts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transcripts")
            .field("backend", &self.backend())
            .finish_non_exhaustive()
    }
}

impl Transcripts {
    /// Connects and brings the schema up to date. A file that is new is made for its owner only.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn open(options: &TranscriptsOptions) -> Result<Self, StoreError> {
        let (writer, readers) = connect(
            &options.database_url,
            options.readers,
            forgets_what_is_deleted,
        )
        .await?;
        bring_up_to_date::<TranscriptsMigrator>(&writer, "the transcripts' database").await?;
        Ok(Self {
            inner: Arc::new(Inner {
                writer,
                readers,
                file: sqlite_file(&options.database_url),
            }),
        })
    }

    /// Closes all connections.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn close(&self) -> Result<(), StoreError> {
        self.inner.readers.close_by_ref().await.map_err(database)?;
        self.inner.writer.close_by_ref().await.map_err(database)
    }

    /// The connection that writes.
    pub(super) fn writer(&self) -> &DatabaseConnection {
        &self.inner.writer
    }

    /// The connections that only read.
    pub(super) fn readers(&self) -> &DatabaseConnection {
        &self.inner.readers
    }

    /// Begins a transaction that will write.
    pub(super) async fn begin(&self) -> Result<DatabaseTransaction, StoreError> {
        begin(&self.inner.writer).await
    }

    /// Begins a transaction that only reads, and all of it from one moment.
    pub(super) async fn snapshot(&self) -> Result<DatabaseTransaction, StoreError> {
        let readers = self.readers();
        // In SQLite's log every reading transaction is one.
        let isolation = match self.backend() {
            DbBackend::Postgres => Some(IsolationLevel::RepeatableRead),
            _ => None,
        };
        let begun = match isolation {
            Some(_) => readers.begin_with_config(isolation, None).await,
            None => readers.begin().await,
        };
        begun.map_err(database)
    }

    pub(super) fn backend(&self) -> DbBackend {
        self.inner.writer.get_database_backend()
    }

    /// The file of SQLite. `None`: a server has the data.
    pub(super) fn file(&self) -> Option<&PathBuf> {
        self.inner.file.as_ref()
    }
}

/// What is deleted is overwritten, and nothing is put down in files of the moment.
fn forgets_what_is_deleted(sqlite: SqliteConnectOptions) -> SqliteConnectOptions {
    sqlite
        .pragma("secure_delete", "ON")
        .pragma("temp_store", "MEMORY")
}
