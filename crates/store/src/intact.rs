//! Whether SQLite's files are still those that were opened. One that somebody removes or replaces while Weir
//! runs would be written on without a name, and what is written would be gone with the process.

use std::{
    ffi::OsString,
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::StoreError;

/// What SQLite keeps beside a database that is open.
const BESIDE: [&str; 2] = ["-wal", "-shm"];

/// A database of SQLite and the files beside it.
#[derive(Debug)]
pub(crate) struct Files {
    database: PathBuf,
    is: Identity,
    /// Those beside it, once they are known: others each time that the last connection was closed.
    beside: Mutex<[Option<Identity>; 2]>,
}

/// Device and number of a file.
type Identity = (u64, u64);

impl Files {
    /// The files of a database that is open.
    ///
    /// # Errors
    /// [`StoreError::Io`], [`StoreError::Gone`].
    pub(crate) fn of(database: &Path) -> Result<Self, StoreError> {
        let is = identity(database).map_err(StoreError::io("look at", database))?;
        let gone = StoreError::Gone {
            path: database.to_owned(),
        };
        Ok(Self {
            database: database.to_owned(),
            is: is.ok_or(gone)?,
            beside: Mutex::default(),
        })
    }

    /// The connection that writes is a new one, and opens what is beside the database when it is first used.
    pub(crate) fn are_opened_again(&self) {
        *self.beside() = Default::default();
    }

    /// To be asked within a transaction that writes.
    ///
    /// # Errors
    /// [`StoreError::Gone`] where a file is another one than was opened.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        check(&self.database, &mut Some(self.is))?;
        let mut beside = self.beside();
        for (known, ending) in beside.iter_mut().zip(BESIDE) {
            let mut name = OsString::from(&self.database);
            name.push(ending);
            check(Path::new(&name), known)?;
        }
        Ok(())
    }

    fn beside(&self) -> MutexGuard<'_, [Option<Identity>; 2]> {
        self.beside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Compares a file with what is known of it. What is not known yet is known then.
fn check(path: &Path, known: &mut Option<Identity>) -> Result<(), StoreError> {
    let now = identity(path).map_err(StoreError::io("look at", path))?;
    if known.is_none() {
        *known = now;
    }
    if *known == now {
        return Ok(());
    }
    let path = path.to_owned();
    Err(StoreError::Gone { path })
}

fn identity(path: &Path) -> io::Result<Option<Identity>> {
    match fs::metadata(path) {
        Ok(there) => Ok(Some((there.dev(), there.ino()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MasterKey, Options, Store};

    async fn store(folder: &Path) -> Store {
        Store::open(Options {
            database_url: format!("sqlite:{}", folder.join("weir.db").display()),
            master_key: MasterKey::generate().unwrap(),
            readers: 1,
        })
        .await
        .unwrap()
    }

    #[tokio::test]
    async fn a_file_that_is_removed_or_replaced_is_not_written_any_more() {
        for (name, replaced) in [
            ("weir.db", false),
            ("weir.db", true),
            ("weir.db-wal", false),
            ("weir.db-wal", true),
            ("weir.db-shm", false),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let store = store(folder.path()).await;
            store.begin().await.unwrap().commit().await.unwrap();
            let path = folder.path().join(name);
            let there = fs::read(&path).unwrap();
            fs::remove_file(&path).unwrap();
            if replaced {
                // Another number than the one that is free again.
                fs::write(folder.path().join("between"), "").unwrap();
                fs::write(&path, there).unwrap();
            }
            let begun = store.begin().await;
            assert!(
                matches!(&begun, Err(StoreError::Gone { path: gone }) if *gone == path),
                "{name}, {replaced}: {begun:?}"
            );
        }
    }

    #[tokio::test]
    async fn a_writing_connection_that_was_opened_again_is_no_loss() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path()).await;
        let transaction = store.begin().await.unwrap();
        // What SQLite does by itself when it cannot go on; the connection is closed then.
        sea_orm::ConnectionTrait::execute_unprepared(&transaction, "ROLLBACK")
            .await
            .unwrap();
        drop(transaction);
        store.begin().await.unwrap().commit().await.unwrap();
    }
}
