//! How one entry stands in a segment.
//!
//! | bytes | field |
//! |---|---|
//! | 4 | length of what follows the checksum, little-endian |
//! | 4 | CRC-32 of what follows it, little-endian |
//! | 1 | version of the record's form: 1 |
//! | 1 | kind: 1 start, 2 finish |
//! | … | the entry as JSON |
//!
//! JSON since it can grow fields without breaking older files, and since a person can read it.

use domain::call::{Call, CallStart};
use serde::Serialize;

use crate::JournalError;

/// Bytes before the version: length and checksum.
const HEADER_BYTES: usize = 8;
/// Bytes before the JSON that the checksum covers: version and kind.
const TAG_BYTES: usize = 2;
/// The largest record that is written or believed.
const RECORD_MAX_BYTES: usize = 1 << 20;
const VERSION: u8 = 1;
const KIND_START: u8 = 1;
const KIND_FINISH: u8 = 2;

/// One entry of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A call was sent up.
    Start(Box<CallStart>),
    /// A call is over; its row is complete.
    Finish(Box<Call>),
}

/// Encodes the start of a call.
pub(crate) fn start(call: &CallStart) -> Result<Vec<u8>, JournalError> {
    encode(KIND_START, call)
}

/// Encodes the end of a call.
pub(crate) fn finish(call: &Call) -> Result<Vec<u8>, JournalError> {
    encode(KIND_FINISH, call)
}

fn encode(kind: u8, entry: &impl Serialize) -> Result<Vec<u8>, JournalError> {
    let mut record = Vec::with_capacity(1024);
    record.extend_from_slice(&[0; HEADER_BYTES]);
    record.extend_from_slice(&[VERSION, kind]);
    serde_json::to_writer(&mut record, entry)?;
    let too_large = JournalError::TooLarge {
        bytes: record.len(),
    };
    let (header, body) = record.split_at_mut(HEADER_BYTES);
    let Some(length) = u32::try_from(body.len())
        .ok()
        .filter(|_| body.len() <= RECORD_MAX_BYTES)
    else {
        return Err(too_large);
    };
    let (length_field, checksum_field) = header.split_at_mut(4);
    length_field.copy_from_slice(&length.to_le_bytes());
    checksum_field.copy_from_slice(&crc32fast::hash(body).to_le_bytes());
    Ok(record)
}

/// What stands at the beginning of some bytes of a segment.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Decoded {
    /// A whole entry and the bytes that it takes.
    Entry(Entry, usize),
    /// A record that is whole, of a version or kind that this program does not know.
    Newer,
    /// A record that is whole and holds what cannot be read, and its bytes.
    Unreadable(usize),
    /// The beginning of a record whose rest is not there (yet).
    Incomplete,
    /// No record stands here: its length cannot be, or its checksum is another one.
    Damaged,
}

/// Reads the record at the beginning of `bytes`.
pub(crate) fn decode(bytes: &[u8]) -> Decoded {
    let Some((length_field, rest)) = bytes.split_first_chunk::<4>() else {
        return Decoded::Incomplete;
    };
    let Some(length) = usize::try_from(u32::from_le_bytes(*length_field))
        .ok()
        .filter(|length| (TAG_BYTES..=RECORD_MAX_BYTES).contains(length))
    else {
        return Decoded::Damaged;
    };
    let Some((checksum_field, rest)) = rest.split_first_chunk::<4>() else {
        return Decoded::Incomplete;
    };
    let Some(body) = rest.get(..length) else {
        return Decoded::Incomplete;
    };
    let whole = HEADER_BYTES.saturating_add(length);
    if crc32fast::hash(body) != u32::from_le_bytes(*checksum_field) {
        return Decoded::Damaged;
    }
    let entry = match body {
        [VERSION, KIND_START, json @ ..] => serde_json::from_slice(json).map(Entry::Start).ok(),
        [VERSION, KIND_FINISH, json @ ..] => serde_json::from_slice(json).map(Entry::Finish).ok(),
        _ => return Decoded::Newer,
    };
    entry.map_or(Decoded::Unreadable(whole), |entry| {
        Decoded::Entry(entry, whole)
    })
}

/// Where the next record begins in bytes of which the first is damaged. `None`: in them there is none.
pub(crate) fn next(bytes: &[u8]) -> Option<usize> {
    /// Length and checksum, version and kind, and how the JSON of an entry begins.
    const LOOKED_AT: usize = HEADER_BYTES + TAG_BYTES + 1;
    let places = bytes.windows(LOOKED_AT).enumerate().skip(1);
    places
        .filter(|(_, window)| {
            let [_, _, most, highest, _, _, _, _, version, kind, begins] = window else {
                return false;
            };
            // A length within the limit, so that few checksums are computed for nothing.
            *highest == 0
                && usize::from(*most) <= RECORD_MAX_BYTES >> 16
                && (*version, *begins) == (VERSION, b'{')
                && [KIND_START, KIND_FINISH].contains(kind)
        })
        .map(|(at, _)| at)
        .find(|at| {
            let here = bytes.get(*at..).unwrap_or_default();
            matches!(decode(here), Decoded::Entry(..) | Decoded::Unreadable(_))
        })
}
