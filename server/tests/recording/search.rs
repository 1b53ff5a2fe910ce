//! Where a text is: in which files of a folder, as it stands, in base64, or in anything that zstd packed;
//! and in the log.

use std::{
    collections::{HashMap, HashSet},
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::{LazyLock, Mutex},
};

use memchr::memmem;
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

/// The canaries that stand in the log, each with its line.
pub fn logged() -> HashMap<String, String> {
    let log = LOG.lock().unwrap();
    assert!(holds(&log, " TRACE "), "everything is logged");
    let lines = log.split(|byte| *byte == b'\n');
    let found = lines.flat_map(|line| {
        let line_text = || String::from_utf8_lossy(line).into_owned();
        canaries(line).map(move |canary| (canary, line_text()))
    });
    found.collect()
}

/// The canaries that stand in each file of a folder.
pub fn in_files(folder: &Path) -> HashMap<String, HashSet<String>> {
    let found = files(folder).into_iter().map(|(name, parts)| {
        let canaries = parts.iter().flat_map(|part| canaries(part)).collect();
        (name, canaries)
    });
    found.collect()
}

/// The names of the files in a folder that hold a text.
pub fn files_with(folder: &Path, text: &str) -> Vec<String> {
    let files = files(folder).into_iter();
    let found = files.filter(|(_, parts)| parts.iter().any(|part| holds(part, text)));
    found.map(|(name, _)| name).collect()
}

/// The texts `canary-…-end` in something.
fn canaries(bytes: &[u8]) -> impl Iterator<Item = String> {
    memmem::find_iter(bytes, "canary-").filter_map(|at| {
        let text = bytes[at..]
            .iter()
            .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'-');
        let text: Vec<u8> = text.copied().collect();
        let end = memmem::find(&text, b"-end")? + 4;
        String::from_utf8(text[..end].to_vec()).ok()
    })
}

/// The files of a folder: what they hold as it stands, what in that is base64, and the same of anything that
/// zstd packed.
fn files(folder: &Path) -> Vec<(String, Vec<Vec<u8>>)> {
    let mut paths = Vec::new();
    list(folder, &mut paths);
    assert!(paths.len() > 3, "there is something to search");
    let files = paths.iter().filter_map(|path| {
        // A file may go while others are looked at.
        let bytes = fs::read(path).ok()?;
        let mut parts = unpacked(&bytes);
        parts.push(bytes);
        let decoded: Vec<Vec<u8>> = parts.iter().flat_map(|part| from_base64(part)).collect();
        parts.extend(decoded);
        Some((path.file_name()?.to_str()?.to_owned(), parts))
    });
    files.collect()
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
    memmem::find_iter(bytes, &FRAME)
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

/// What every run of letters holds that may be base64, wherever its groups begin.
fn from_base64(bytes: &[u8]) -> Vec<Vec<u8>> {
    const SHORTEST: usize = 16;
    let runs = bytes.split(|byte| value(*byte).is_none());
    let runs = runs.filter(|run| run.len() >= SHORTEST);
    let decoded = runs.flat_map(|run| {
        (0..4).map(|skipped| {
            let groups = run[skipped..].chunks_exact(4);
            let decoded = groups.flat_map(|group| {
                let bits = group.iter().fold(0_u32, |bits, byte| {
                    bits << 6 | u32::from(value(*byte).unwrap_or_default())
                });
                let [_, rest @ ..] = bits.to_be_bytes();
                rest
            });
            decoded.collect()
        })
    });
    decoded.collect()
}

fn value(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

fn holds(bytes: &[u8], text: &str) -> bool {
    memmem::find(bytes, text.as_bytes()).is_some()
}
