//! How large the data is, and how far the ledger is behind the journal.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::atomic::Ordering,
};

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::{Store, StoreError, error::database};

/// What SQLite keeps beside its file: the write-ahead log and its index.
const BESIDE: [&str; 2] = [LOG, "-shm"];
const LOG: &str = "-wal";

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseKind {
    /// SQLite, in a file of its own.
    Sqlite,
    /// A server of Postgres.
    Postgres,
}

/// What takes the room of a database. What a server keeps to itself is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Room {
    /// Bytes of SQLite's write-ahead log.
    pub log_bytes: Option<u64>,
    /// Bytes in SQLite's file that hold nothing and are filled next.
    pub free_bytes: Option<u64>,
    /// Whether SQLite's file gives back what is free. A file of an early version does not until it is compacted.
    pub gives_back: Option<bool>,
}

/// The pages of SQLite's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pages {
    all: i64,
    free: i64,
    bytes_each: i64,
    gives_back: bool,
}

impl Pages {
    /// `None`: a server has the data.
    pub(crate) async fn read(
        connection: &impl ConnectionTrait,
    ) -> Result<Option<Self>, StoreError> {
        /// What `auto_vacuum` says of a file that gives back pages when it is told to.
        const INCREMENTAL: i64 = 2;
        if connection.get_database_backend() != DbBackend::Sqlite {
            return Ok(None);
        }
        let number = async |pragma: &str| {
            let asked = Statement::from_string(DbBackend::Sqlite, format!("PRAGMA {pragma}"));
            let row = connection.query_one_raw(asked).await.map_err(database)?;
            row.map_or(Ok(0), |row| row.try_get_by_index::<i64>(0))
                .map_err(database)
        };
        Ok(Some(Self {
            all: number("page_count").await?,
            free: number("freelist_count").await?,
            bytes_each: number("page_size").await?,
            gives_back: number("auto_vacuum").await? == INCREMENTAL,
        }))
    }

    /// Whether so much is free that the next calls will not soon fill it, and it can be given back.
    pub(crate) fn are_worth_giving_back(self) -> bool {
        /// A file this small is not worth the work.
        const FEW: i64 = 256;
        /// What stays free for what comes next: this part of the file.
        const SPARE: i64 = 50;
        self.gives_back && self.free > FEW && self.free > self.all / SPARE
    }
}

impl Store {
    /// What takes the database's room.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn room(&self) -> Result<Room, StoreError> {
        let Some(pages) = Pages::read(self.readers()).await? else {
            return Ok(Room::default());
        };
        let log = self.file().map(|file| beside(file, LOG));
        let log_bytes = match log {
            Some(log) => tokio::task::spawn_blocking(move || fs::metadata(log))
                .await
                .ok()
                .map(|log| log.map_or(0, |log| log.len())),
            None => None,
        };
        Ok(Room {
            log_bytes,
            free_bytes: u64::try_from(pages.free.saturating_mul(pages.bytes_each)).ok(),
            gives_back: Some(pages.gives_back),
        })
    }

    /// Writes SQLite's file anew without what is free in it, and so that it shrinks by itself from then on.
    /// Nothing else can be written meanwhile, and it takes as much room again. A server of Postgres is left
    /// alone: `false`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn compact(&self) -> Result<bool, StoreError> {
        if self.backend() != DbBackend::Sqlite {
            return Ok(false);
        }
        for sql in [
            "PRAGMA auto_vacuum = INCREMENTAL",
            "VACUUM",
            "PRAGMA wal_checkpoint(TRUNCATE)",
        ] {
            let writer = self.writer();
            writer.execute_unprepared(sql).await.map_err(database)?;
        }
        Ok(true)
    }

    /// Which database it is.
    #[must_use]
    pub fn kind(&self) -> DatabaseKind {
        if self.backend() == DbBackend::Postgres {
            DatabaseKind::Postgres
        } else {
            DatabaseKind::Sqlite
        }
    }

    /// Bytes that the database takes on its disk. `None`: it cannot be told at the moment.
    pub async fn size_bytes(&self) -> Option<u64> {
        match self.file().map(Path::to_owned) {
            Some(file) => {
                let counted = tokio::task::spawn_blocking(move || bytes_of(&file)).await;
                counted.ok()?.ok()
            }
            None => self.size_of_server().await,
        }
    }

    async fn size_of_server(&self) -> Option<u64> {
        let sql = "SELECT pg_database_size(current_database())";
        let asked = Statement::from_string(DbBackend::Postgres, sql);
        let told = match self.readers().query_one_raw(asked).await {
            Ok(row) => row?.try_get_by_index::<i64>(0).ok()?,
            Err(error) => {
                let error = database(error);
                tracing::debug!(%error, "The database does not tell its size");
                return None;
            }
        };
        u64::try_from(told).ok()
    }

    /// How many calls that ended in this run of the program the ledger has.
    #[must_use]
    pub fn recorded_calls(&self) -> u64 {
        self.calls_recorded().load(Ordering::Acquire)
    }
}

/// A file that SQLite keeps beside its own.
fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut beside = file.as_os_str().to_owned();
    beside.push(ending);
    beside.into()
}

/// The size of a file of SQLite with what it keeps beside it.
pub(crate) fn bytes_of(file: &Path) -> io::Result<u64> {
    let mut bytes = fs::metadata(file)?.len();
    for ending in BESIDE {
        match fs::metadata(beside(file, ending)) {
            Ok(there) => bytes = bytes.saturating_add(there.len()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::bytes_of;

    #[test]
    fn the_write_ahead_log_counts_too() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("weir.db");
        assert!(bytes_of(&file).is_err());
        std::fs::write(&file, [0; 100]).unwrap();
        assert_eq!(bytes_of(&file).unwrap(), 100);
        std::fs::write(folder.path().join("weir.db-wal"), [0; 23]).unwrap();
        assert_eq!(bytes_of(&file).unwrap(), 123);
    }
}
