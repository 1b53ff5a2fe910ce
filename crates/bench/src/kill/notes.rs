//! What a client writes down: one line for each answer that it has read to its end, with one write,
//! before it makes its next call.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::error::Error;

/// One client's file.
#[derive(Debug)]
pub(super) struct Notes {
    file: File,
}

impl Notes {
    pub(super) fn open(folder: &Path, client: u32) -> Result<Self, Error> {
        let path = folder.join(format!("client-{client:04}.txt"));
        let file =
            File::create_new(&path).map_err(Error::io(format!("make {}", path.display())))?;
        Ok(Self { file })
    }

    /// Notes that the answer to a call has been read to its end, and when.
    pub(super) fn delivered(&mut self, call_id: &str) -> Result<(), Error> {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let line = format!("{} {call_id}\n", now.as_micros());
        self.file
            .write_all(line.as_bytes())
            .map_err(Error::io("write a client's notes"))
    }
}

/// The ids of the calls in all files of a folder.
pub(super) fn read(folder: &Path) -> Result<Vec<String>, Error> {
    let failed = || Error::io(format!("read the clients' notes in {}", folder.display()));
    let mut ids = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed())? {
        let path = entry.map_err(failed())?.path();
        let text = fs::read_to_string(path).map_err(failed())?;
        ids.extend(
            text.lines()
                .filter_map(|line| Some(line.split_once(' ')?.1.to_owned())),
        );
    }
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_noted_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        for client in 0..2 {
            let mut notes = Notes::open(folder.path(), client).unwrap();
            notes.delivered(&format!("a{client}")).unwrap();
            notes.delivered(&format!("b{client}")).unwrap();
        }
        let mut ids = read(folder.path()).unwrap();
        ids.sort();
        assert_eq!(ids, ["a0", "a1", "b0", "b1"]);
    }
}
