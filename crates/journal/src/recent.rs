//! The newest entries as they were written, so that the reading end, which is seldom far behind, need not read
//! back from the file what the same process has just put there. The file stays what counts: whatever is not here
//! is read from it, and a crash leaves only the file.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{Entry, Position};

/// So many bytes of the file are kept at most, which take two or three times as much memory. What comes when there
/// is so much is left to the file.
const KEPT_BYTES: u64 = 2 << 20;

/// The newest entries.
#[derive(Debug, Default)]
pub(crate) struct Recent(Mutex<Queue>);

#[derive(Debug, Default)]
struct Queue {
    /// Oldest first.
    entries: VecDeque<Kept>,
    /// What they take in the file.
    bytes: u64,
}

#[derive(Debug)]
struct Kept {
    at: Position,
    bytes: u64,
    entry: Entry,
}

impl Recent {
    /// Keeps an entry that stands at a position of the journal, behind all that were kept before.
    pub(crate) fn keep(&self, at: Position, bytes: u64, entry: Entry) {
        let mut queue = self.queue();
        let total = queue.bytes.saturating_add(bytes);
        if total <= KEPT_BYTES {
            queue.bytes = total;
            queue.entries.push_back(Kept { at, bytes, entry });
        }
    }

    /// Takes the entries that stand from a position on, one behind the other, `most` at the most, and moves the
    /// position behind them.
    pub(crate) fn take(&self, position: &mut Position, most: usize, into: &mut Vec<Entry>) {
        let mut queue = self.queue();
        while queue.pop_if(|kept| kept.at < *position).is_some() {}
        for _ in 0..most {
            let Some(kept) = queue.pop_if(|kept| kept.at == *position) else {
                return;
            };
            position.offset = position.offset.saturating_add(kept.bytes);
            into.push(kept.entry);
        }
    }

    /// Nothing that holds the lock can leave the queue in disorder.
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    /// Takes the oldest entry, if it is like this.
    fn pop_if(&mut self, is_wanted: impl FnOnce(&Kept) -> bool) -> Option<Kept> {
        let oldest = self.entries.front()?;
        if !is_wanted(oldest) {
            return None;
        }
        self.bytes = self.bytes.saturating_sub(oldest.bytes);
        self.entries.pop_front()
    }
}
