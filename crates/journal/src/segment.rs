//! The journal's files.
//!
//! A segment's number is the time at which it was made, in microseconds since 1970, and its file is
//! named after it, so that names sort by age and a journal whose folder was lost never gives a
//! number again that the database remembers.

use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use crate::JournalError;

const EXTENSION: &str = "journal";
/// What the copy of a damaged segment ends in.
const DAMAGED: &str = "damaged";

/// The file of a segment.
pub(crate) fn path(dir: &Path, segment: u64) -> PathBuf {
    dir.join(format!("{segment:020}.{EXTENSION}"))
}

/// The numbers of all segments in the folder, oldest first. None where there is no folder.
pub(crate) fn list(dir: &Path) -> Result<Vec<u64>, JournalError> {
    let mut segments = Vec::new();
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(segments),
        Err(error) => return Err(JournalError::io("cannot list", dir)(error)),
    };
    for entry in entries {
        let entry = entry.map_err(JournalError::io("cannot list", dir))?;
        let name = PathBuf::from(entry.file_name());
        if name
            .extension()
            .is_some_and(|extension| extension == EXTENSION)
            && let Some(segment) = name
                .file_stem()
                .and_then(|stem| stem.to_str()?.parse().ok())
        {
            segments.push(segment);
        }
    }
    segments.sort_unstable();
    Ok(segments)
}

/// Makes the journal's folder, for its owner only. One that is there stays as it is.
fn make_folder(dir: &Path) -> Result<(), JournalError> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .map_err(JournalError::io("cannot make the folder", dir))
}

/// Bytes of all segments in the folder. One that goes away meanwhile counts for nothing.
pub(crate) fn bytes(dir: &Path) -> Result<u64, JournalError> {
    let mut bytes = 0_u64;
    for segment in list(dir)? {
        let path = path(dir, segment);
        match fs::metadata(&path) {
            Ok(there) => bytes = bytes.saturating_add(there.len()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(JournalError::io("cannot look at", &path)(error)),
        }
    }
    Ok(bytes)
}

/// Makes the next segment, numbered above every other.
pub(crate) fn create(dir: &Path, above: Option<u64>) -> Result<(u64, fs::File), JournalError> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let now_us = u64::try_from(now.as_micros()).unwrap_or(u64::MAX);
    let segment = above.map_or(now_us, |above| now_us.max(above.saturating_add(1)));
    let path = path(dir, segment);
    make_folder(dir)?;
    let file = fs::OpenOptions::new()
        .read(true)
        .append(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
        .map_err(JournalError::io("cannot make", &path))?;
    Ok((segment, file))
}

/// Opens a segment for reading. `None`: it is gone.
pub(crate) fn open(dir: &Path, segment: u64) -> Result<Option<fs::File>, JournalError> {
    let path = path(dir, segment);
    match fs::File::open(&path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(JournalError::io("cannot open", &path)(error)),
    }
}

/// Keeps a segment under a second name, which nobody removes. Tells that name.
pub(crate) fn keep_copy(path: &Path) -> io::Result<PathBuf> {
    let copy = path.with_extension(DAMAGED);
    match fs::hard_link(path, &copy) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(copy),
    }
}

/// The folder itself, whose list of files has to be on the disk as well.
pub(crate) fn folder(dir: &Path) -> Result<fs::File, JournalError> {
    fs::File::open(dir).map_err(JournalError::io("cannot open the folder", dir))
}

/// Removes a segment. One that is gone already is fine.
pub(crate) fn remove(dir: &Path, segment: u64) -> Result<(), JournalError> {
    let path = path(dir, segment);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(JournalError::io("cannot remove", &path)(error))
        }
        _ => Ok(()),
    }
}
