//! The reading end: follows the writing end, from any position that is still there.

use std::{
    fs::File,
    future::Future,
    os::unix::fs::FileExt,
    sync::{Arc, atomic::Ordering},
};

use serde::{Deserialize, Serialize};

use crate::{
    JournalError,
    append::Shared,
    record::{self, Decoded, Entry},
    segment,
};

/// Bytes that are fetched from a file at a time.
const FETCH_BYTES: usize = 256 << 10;

/// A place between two entries. Everything before it has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Position {
    /// The segment's number.
    pub segment: u64,
    /// Bytes from the beginning of the segment.
    pub offset: u64,
}

/// The reading end of the journal. There is one.
#[derive(Debug)]
pub struct Reader {
    shared: Arc<Shared>,
    position: Position,
    file: Option<Arc<File>>,
    /// Bytes of the segment from `position` on.
    buffer: Vec<u8>,
    /// How much of `buffer` has been read.
    consumed: usize,
}

impl Reader {
    pub(crate) fn new(shared: Arc<Shared>, position: Position) -> Self {
        Self {
            shared,
            position,
            file: None,
            buffer: Vec::new(),
            consumed: 0,
        }
    }

    /// Where the next entry would be read.
    #[must_use]
    pub fn position(&self) -> Position {
        self.position
    }

    /// The numbers of the segments that are there, oldest first.
    ///
    /// # Errors
    /// Where the folder cannot be listed.
    pub fn segments(&self) -> Result<Vec<u64>, JournalError> {
        segment::list(&self.shared.dir)
    }

    /// Goes to a position that was kept: the checkpoint of an earlier run. What lies behind segments
    /// that are gone by now is passed over.
    ///
    /// # Errors
    /// Where the folder cannot be listed.
    pub fn seek(&mut self, position: Position) -> Result<(), JournalError> {
        let segments = segment::list(&self.shared.dir)?;
        let next = segments
            .into_iter()
            .find(|segment| *segment >= position.segment);
        let position = match next {
            Some(segment) if segment == position.segment => position,
            Some(segment) => Position { segment, offset: 0 },
            None => Position {
                segment: self.shared.active_segment.load(Ordering::Acquire),
                offset: 0,
            },
        };
        self.stand_at(position);
        Ok(())
    }

    /// Reads the entries that follow, `most` at the most. Nothing: there are no more yet.
    ///
    /// What is damaged is passed over, loudly, and a copy of its file stays for a person to look at: records
    /// behind it still count.
    ///
    /// # Errors
    /// Where a file cannot be read, or was written by a newer Weir, and nothing was read before it.
    pub fn read(&mut self, most: usize) -> Result<Vec<Entry>, JournalError> {
        let mut entries = Vec::new();
        while entries.len() < most {
            if self.consumed == self.buffer.len() && self.take_recent(most, &mut entries) {
                continue;
            }
            match record::decode(self.buffer.get(self.consumed..).unwrap_or_default()) {
                Decoded::Entry(entry, bytes) => {
                    entries.push(entry);
                    self.advance(bytes);
                }
                Decoded::Unreadable(bytes) => {
                    self.keep_copy();
                    tracing::error!(
                        segment = self.position.segment,
                        offset = self.position.offset,
                        bytes,
                        "A journal record holds what cannot be read and is passed over"
                    );
                    self.advance(bytes);
                }
                Decoded::Newer if entries.is_empty() => {
                    let path = segment::path(&self.shared.dir, self.position.segment);
                    return Err(JournalError::Newer { path });
                }
                Decoded::Newer => break,
                Decoded::Incomplete => match self.more() {
                    Ok(true) => {}
                    Ok(false) => break,
                    // What was read is handed out; the error shows when it is tried again.
                    Err(_) if !entries.is_empty() => break,
                    Err(error) => return Err(error),
                },
                Decoded::Damaged => {
                    if !self.pass_over_damage()? {
                        break;
                    }
                }
            }
        }
        Ok(entries)
    }

    /// Takes entries from memory, where they stand at the position. `false`: there are none.
    fn take_recent(&mut self, most: usize, entries: &mut Vec<Entry>) -> bool {
        let mut position = self.position;
        let room = most.saturating_sub(entries.len());
        self.shared.recent.take(&mut position, room, entries);
        let taken = position != self.position;
        if taken {
            self.stand_at(position);
        }
        taken
    }

    /// Waits until something was appended since the last time that this returned.
    pub fn wait(&self) -> impl Future<Output = ()> + Send + 'static {
        let shared = Arc::clone(&self.shared);
        async move { shared.appended.notified().await }
    }

    /// Removes the segments that lie wholly before a position. Call it when that position is durable.
    ///
    /// # Errors
    /// Where a file cannot be removed.
    pub fn forget_before(&mut self, position: Position) -> Result<(), JournalError> {
        for segment in segment::list(&self.shared.dir)? {
            if segment < position.segment {
                segment::remove(&self.shared.dir, segment)?;
            }
        }
        Ok(())
    }

    /// Goes to the next record behind what is damaged, in this segment or the next. `false`: there is none yet.
    fn pass_over_damage(&mut self) -> Result<bool, JournalError> {
        self.keep_copy();
        while self.fetch()? {}
        let begins = record::next(&self.buffer);
        let damaged = begins.unwrap_or(self.buffer.len());
        tracing::error!(
            segment = self.position.segment,
            offset = self.position.offset,
            bytes = damaged,
            "A journal segment is damaged; what cannot be read is passed over"
        );
        self.advance(damaged);
        Ok(begins.is_some() || self.next_segment()?)
    }

    /// Keeps the segment under another name, for a person to look at: the journal lets go of its own.
    fn keep_copy(&self) {
        let path = segment::path(&self.shared.dir, self.position.segment);
        match segment::keep_copy(&path) {
            Ok(copy) => tracing::error!(
                "Damage in the journal: a copy is kept as {}",
                copy.display()
            ),
            Err(error) => {
                tracing::error!(%error, "No copy of a damaged journal segment could be kept")
            }
        }
    }

    /// Gets more bytes, from this segment or the next. `false`: there are none yet.
    fn more(&mut self) -> Result<bool, JournalError> {
        Ok(self.fetch()? || self.next_segment()?)
    }

    fn advance(&mut self, bytes: usize) {
        self.consumed = self.consumed.saturating_add(bytes);
        self.position.offset = self
            .position
            .offset
            .saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
    }

    fn stand_at(&mut self, position: Position) {
        if position.segment != self.position.segment {
            self.file = None;
        }
        self.position = position;
        self.buffer.clear();
        self.consumed = 0;
    }

    /// Fetches more of the segment. `false`: there is no more of it.
    fn fetch(&mut self) -> Result<bool, JournalError> {
        self.buffer.drain(..self.consumed);
        self.consumed = 0;
        let held = u64::try_from(self.buffer.len()).unwrap_or(u64::MAX);
        let from = self.position.offset.saturating_add(held);
        // The writing end's number is read before its length: should it move on in between, the
        // length is that of a newer segment and only limits a file that has ended anyway.
        let active = self.shared.active_segment.load(Ordering::Acquire) == self.position.segment;
        let written = self.shared.active_bytes.load(Ordering::Acquire);
        let readable = if active {
            written.saturating_sub(from)
        } else {
            u64::MAX
        };
        let want = usize::try_from(readable)
            .unwrap_or(FETCH_BYTES)
            .min(FETCH_BYTES);
        let path = segment::path(&self.shared.dir, self.position.segment);
        if self.file.is_none() {
            self.file = self.shared.open(self.position.segment)?;
        }
        let Some(file) = &self.file else {
            // Somebody has removed it.
            return Ok(false);
        };
        let mut chunk = vec![0; want];
        let got = file
            .read_at(&mut chunk, from)
            .map_err(JournalError::io("cannot read", &path))?;
        self.buffer.extend(chunk.into_iter().take(got));
        Ok(got > 0)
    }

    /// Goes on to the next segment. `false`: this one is still being written.
    fn next_segment(&mut self) -> Result<bool, JournalError> {
        if self.shared.active_segment.load(Ordering::Acquire) == self.position.segment {
            return Ok(false);
        }
        // The segment was closed after the last fetch, perhaps with more in it.
        if self.fetch()? {
            return Ok(true);
        }
        if let Some(bytes) = record::next(self.buffer.get(self.consumed..).unwrap_or_default()) {
            // The length of a record is damaged, so that it seemed to reach beyond the segment.
            self.keep_copy();
            tracing::error!(
                segment = self.position.segment,
                offset = self.position.offset,
                bytes,
                "A journal segment is damaged; what cannot be read is passed over"
            );
            self.advance(bytes);
            return Ok(true);
        }
        if self.consumed < self.buffer.len() {
            tracing::warn!(
                segment = self.position.segment,
                offset = self.position.offset,
                bytes = self.buffer.len(),
                "A journal segment ends in the middle of a record: the process died while writing it"
            );
        }
        self.leave_segment()
    }

    /// Goes on to the next segment, whatever this one still holds. `false`: there is no next one.
    fn leave_segment(&mut self) -> Result<bool, JournalError> {
        let next = segment::list(&self.shared.dir)?
            .into_iter()
            .find(|segment| *segment > self.position.segment);
        let Some(segment) = next else {
            return Ok(false);
        };
        self.stand_at(Position { segment, offset: 0 });
        Ok(true)
    }
}
