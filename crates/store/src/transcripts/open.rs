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
    hold::{Held, ServerHold},
    intact::Files,
    open::{Connected, Hidden, begin, bring_up_to_date, connect, sqlite_file},
};

/// Where the database of transcripts is.
pub struct TranscriptsOptions {
    /// `sqlite:PATH` or `postgres://…`.
    pub database_url: String,
    /// Connections that only read, at most.
    pub readers: u32,
}

impl fmt::Debug for TranscriptsOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TranscriptsOptions")
            .field("database_url", &Hidden)
            .field("readers", &self.readers)
            .finish()
    }
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
    /// Whether that file, and what is beside it, is still there.
    files: Option<Arc<Files>>,
}

impl fmt::Debug for Transcripts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transcripts")
            .field("backend", &self.backend())
            .finish_non_exhaustive()
    }
}

impl Transcripts {
    /// Connects and brings the schema up to date. A file that is new is made for its owner only; it is beside
    /// the database's, which one Weir has. With Postgres one has the transcripts at a time, too.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn open(options: &TranscriptsOptions) -> Result<Self, StoreError> {
        let file = sqlite_file(&options.database_url);
        let opened = Self::open_file(options, file.clone()).await;
        opened.map_err(|error| error.of_file(file.as_deref()))
    }

    async fn open_file(
        options: &TranscriptsOptions,
        file: Option<PathBuf>,
    ) -> Result<Self, StoreError> {
        let Connected {
            writer,
            readers,
            files,
            ..
        } = connect(
            &options.database_url,
            options.readers,
            forgets_what_is_deleted,
            Some(Arc::new(ServerHold::new(Held::Transcripts))),
        )
        .await?;
        bring_up_to_date::<TranscriptsMigrator>(&writer, "the transcripts' database").await?;
        Ok(Self {
            inner: Arc::new(Inner {
                writer,
                readers,
                file,
                files,
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
        let transaction = begin(&self.inner.writer).await?;
        let files = self.inner.files.as_ref();
        files.map_or(Ok(()), |files| files.check())?;
        Ok(transaction)
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
