//! A journal's file of any bytes: read to its end without a panic, and only records whose checksum holds.
#![no_main]

use std::fs;

use journal::{Journal, SyncPolicy};
use libfuzzer_sys::fuzz_target;
use weir_fuzz::Input;

/// Length, checksum, version and kind before each line: a journal of these entries.
fn framed(lines: &[u8]) -> Vec<u8> {
    let mut file = vec![];
    for line in lines
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
    {
        let kind = if line.starts_with(b"{\"start\"") {
            2
        } else {
            1
        };
        let body = [&[1, kind], line].concat();
        file.extend_from_slice(&u32::try_from(body.len()).expect("short").to_le_bytes());
        file.extend_from_slice(&crc32fast::hash(&body).to_le_bytes());
        file.extend_from_slice(&body);
    }
    file
}

/// How many records there are whose checksum holds, as far as one begins where another ends.
fn whole_records(file: &[u8]) -> usize {
    let (mut rest, mut whole) = (file, 0);
    while let Some((header, tail)) = rest.split_first_chunk::<8>() {
        let [a, b, c, d, checksum @ ..] = *header;
        let length = usize::try_from(u32::from_le_bytes([a, b, c, d])).expect("64 bits");
        let Some((body, tail)) = tail.split_at_checked(length) else {
            break;
        };
        whole += usize::from(crc32fast::hash(body) == u32::from_le_bytes(checksum));
        rest = tail;
    }
    whole
}

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input::new(bytes);
    let mut file = if bytes.first() == Some(&b'{') {
        framed(bytes)
    } else {
        bytes.to_vec()
    };
    if input.below(2) == 0 && !file.is_empty() {
        let at = input.below(file.len());
        file[at] ^= 1 << input.below(8);
    }
    let folder = tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .expect("a folder");
    fs::write(folder.path().join(format!("{:020}.journal", 7)), &file).expect("written");
    let (_journal, mut reader) = Journal::open(folder.path(), SyncPolicy::Off).expect("opened");
    let mut entries = 0;
    loop {
        let read = reader.read(16).expect("read").len();
        entries += read;
        if read == 0 {
            break;
        }
    }
    assert!(
        entries <= whole_records(&file),
        "{entries} entries of {}",
        whole_records(&file)
    );
});
