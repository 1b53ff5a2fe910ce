//! The data folder: made for Weir alone, and held by one process at a time.

use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
};

use store::{LockError, LockFile};

const LOCK_FILE: &str = "weir.lock";

/// Why the data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// It, or a file in it, cannot be made or opened.
    #[error("cannot use the data folder {path}: {source}")]
    Io {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another process holds it.
    #[error(
        "the data folder {path} is in use by another Weir ({holder}); stop that one, or name another folder with --data-dir"
    )]
    Held {
        /// The folder.
        path: PathBuf,
        /// What that process wrote about itself.
        holder: String,
    },
}

/// The data folder, held as long as this lives.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    _lock: LockFile,
}

impl DataDir {
    /// Makes the folder where it is missing, closes it to others, and takes hold of it.
    ///
    /// # Errors
    /// [`DataDirError`].
    pub fn hold(path: &Path) -> Result<Self, DataDirError> {
        let failed = |source| DataDirError::Io {
            path: path.to_owned(),
            source,
        };
        if !path.exists() {
            fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(path)
                .map_err(failed)?;
        }
        let lock_path = path.join(LOCK_FILE);
        let lock = LockFile::hold(&lock_path).map_err(|error| match error {
            LockError::Held(holder) => DataDirError::Held {
                path: path.to_owned(),
                holder,
            },
            LockError::Io(source) => DataDirError::Io {
                path: lock_path,
                source,
            },
        })?;
        Ok(Self {
            path: path.to_owned(),
            _lock: lock,
        })
    }

    /// Whether others than the owner may look into the folder.
    #[must_use]
    pub fn is_open_to_others(&self) -> bool {
        fs::metadata(&self.path).is_ok_and(|meta| meta.permissions().mode() & 0o077 != 0)
    }

    /// The journal's folder.
    #[must_use]
    pub fn journal(&self) -> PathBuf {
        self.path.join("journal")
    }

    /// The file of the master key.
    #[must_use]
    pub fn master_key(&self) -> PathBuf {
        master_key_file(&self.path)
    }
}

/// The file of the master key in a data folder, held or not.
#[must_use]
pub(crate) fn master_key_file(data_dir: &Path) -> PathBuf {
    data_dir.join("master.key")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_process_is_told_who_holds_the_folder() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("data");
        let held = DataDir::hold(&path).unwrap();
        assert!(!held.is_open_to_others());
        let error = DataDir::hold(&path).unwrap_err().to_string();
        assert!(
            error.contains(&format!("process {}", std::process::id())),
            "{error}"
        );
        drop(held);
        DataDir::hold(&path).unwrap();
    }
}
