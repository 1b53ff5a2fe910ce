//! Where a text is: in which files of a folder, as it stands, in base64, or in anything that zstd packed;
//! and in the log.

use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::{LazyLock, Mutex},
};

use tracing::Level;

/// What every zstd frame begins with.
const FRAME: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

static LOG: LazyLock<Mutex<Vec<u8>>> = LazyLock::new(|| {
    tracing_subscriber::fmt()
        .with_max_level(Level::TRACE)
        .with_ansi(false)
        .with_writer(|| Log)
        .init();
    Mutex::default()
});

struct Log;

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Begins to keep everything that is logged, to the last detail.
pub fn keep_log() {
    drop(LOG.lock().unwrap());
}

/// The lines of the log that hold a text.
pub fn logged(text: &str) -> Vec<String> {
    let log = LOG.lock().unwrap();
    assert!(holds(&log, b" TRACE "), "everything is logged");
    let lines = log.split(|byte| *byte == b'\n');
    lines
        .filter(|line| forms(text).iter().any(|form| holds(line, form)))
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect()
}

/// The names of the files in a folder that hold a text.
pub fn files_with(folder: &Path, text: &str) -> Vec<String> {
    let mut files = Vec::new();
    list(folder, &mut files);
    assert!(files.len() > 3, "there is something to search");
    let forms = forms(text);
    let mut found: Vec<String> = files
        .iter()
        .filter(|file| {
            // A file may go while others are looked at.
            let Ok(bytes) = fs::read(file) else {
                return false;
            };
            let unpacked = unpacked(&bytes);
            let mut parts = std::iter::once(&bytes).chain(&unpacked);
            parts.any(|part| forms.iter().any(|form| holds(part, form)))
        })
        .map(|file| file.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    found.sort();
    found
}

fn list(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            list(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// What every frame holds that begins anywhere, as far as it can be unpacked.
fn unpacked(bytes: &[u8]) -> Vec<Vec<u8>> {
    let begins = |at: &usize| bytes[*at..].starts_with(&FRAME);
    (0..bytes.len())
        .filter(begins)
        .map(|at| {
            let mut plain = Vec::new();
            let decoder = zstd::stream::read::Decoder::new(&bytes[at..]).unwrap();
            let mut decoder = decoder.single_frame();
            let mut piece = [0; 4 << 10];
            // What follows a frame that was written over breaks it off.
            while let Ok(read @ 1..) = decoder.read(&mut piece) {
                plain.extend_from_slice(&piece[..read]);
            }
            plain
        })
        .collect()
}

/// A text as it stands, and as it stands within base64, wherever in a group it begins.
fn forms(text: &str) -> Vec<Vec<u8>> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut forms = vec![text.as_bytes().to_vec()];
    for skipped in 0..3 {
        let whole = &text.as_bytes()[skipped..];
        let groups = whole.chunks_exact(3).flat_map(|group| {
            let bits = u32::from(group[0]) << 16 | u32::from(group[1]) << 8 | u32::from(group[2]);
            [18, 12, 6, 0].map(|shift| LETTERS[(bits >> shift & 63) as usize])
        });
        forms.push(groups.collect());
    }
    forms
}

pub fn holds(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}
