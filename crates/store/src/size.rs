//! How large the data is, and how far the ledger is behind the journal.

use std::{fs, io, path::Path, sync::atomic::Ordering};

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::{Store, error::database};

/// What SQLite keeps beside its file: the write-ahead log and its index.
const BESIDE: [&str; 2] = ["-wal", "-shm"];

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseKind {
    /// SQLite, in a file of its own.
    Sqlite,
    /// A server of Postgres.
    Postgres,
}

impl Store {
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

/// The size of a file of SQLite with what it keeps beside it.
fn bytes_of(file: &Path) -> io::Result<u64> {
    let mut bytes = fs::metadata(file)?.len();
    for ending in BESIDE {
        let mut beside = file.as_os_str().to_owned();
        beside.push(ending);
        match fs::metadata(&beside) {
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
