//! Files and folders that only their owner may read.

use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::Path,
};

/// Makes a folder, and those above it, for their owner only. One that is there stays as it is.
pub(crate) fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.as_os_str().is_empty() {
        return Ok(());
    }
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

/// Makes a file for its owner only, empty where it is new. On one that is there others lose their rights.
pub(crate) fn make_file(file: &Path) -> io::Result<()> {
    let made = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(file)?;
    let mode = made.metadata()?.permissions().mode();
    if mode & 0o077 != 0 {
        made.set_permissions(fs::Permissions::from_mode(mode & 0o700))?;
    }
    Ok(())
}
