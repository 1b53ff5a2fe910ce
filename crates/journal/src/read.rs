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
    file: Option<File>,
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
    /// A record that cannot be believed is passed over, loudly: those behind it still count.
    ///
    /// # Errors
    /// Where a file cannot be read and nothing was read before it.
    pub fn read(&mut self, most: usize) -> Result<Vec<Entry>, JournalError> {
        let mut entries = Vec::new();
        while entries.len() < most {
            match record::decode(self.buffer.get(self.consumed..).unwrap_or_default()) {
                Decoded::Entry(entry, bytes) => {
                    entries.push(entry);
                    self.advance(bytes);
                }
                Decoded::Unreadable(bytes) => {
                    tracing::error!(
                        segment = self.position.segment,
                        offset = self.position.offset,
                        bytes,
                        "A journal record is damaged or of an unknown version and is passed over"
                    );
                    self.advance(bytes);
                }
                Decoded::Incomplete => match self.more() {
                    Ok(true) => {}
                    Ok(false) => break,
                    // What was read is handed out; the error shows when it is tried again.
                    Err(_) if !entries.is_empty() => break,
                    Err(error) => return Err(error),
                },
                Decoded::Garbage => {
                    tracing::error!(
                        segment = self.position.segment,
                        offset = self.position.offset,
                        "A journal segment is damaged from here on; the rest of it is passed over"
                    );
                    if !self.leave_segment()? {
                        break;
                    }
                }
            }
        }
        Ok(entries)
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
        self.position = position;
        self.file = None;
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
            self.file = Some(File::open(&path).map_err(JournalError::io("cannot open", &path))?);
        }
        let Some(file) = &self.file else {
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
