//! How much a search looks at before it asks whether there is time to go on.
//!
//! It goes backwards through what may fit, so many at a time, and through more each time as long as that is
//! quick. It ends before the next part would take it past a tenth of a second.

use std::time::{Duration, Instant};

/// A search ends with what it has before the next part would take it past this.
const PATIENCE: Duration = Duration::from_millis(100);
/// A part that took no longer than this is followed by one four times as large, one that took longer than
/// that by one half as large.
const QUICK: Duration = Duration::from_millis(5);
const SLOW: Duration = Duration::from_millis(30);

/// The parts of a search.
#[derive(Debug)]
pub(super) struct Chunks {
    begun: Instant,
    part: Instant,
    first: u64,
    size: u64,
}

impl Chunks {
    /// Begins a search; so many are in its first part, and never fewer in a later one.
    pub(super) fn begin(first: u64) -> Self {
        let now = Instant::now();
        Self {
            begun: now,
            part: now,
            first,
            size: first,
        }
    }

    /// How many the part that is next has.
    pub(super) const fn size(&self) -> u64 {
        self.size
    }

    /// Ends a part. Whether there is time for the next.
    pub(super) fn goes_on(&mut self) -> bool {
        let took = self.part.elapsed();
        let expected;
        (self.size, expected) = if took <= QUICK {
            (self.size.saturating_mul(4), took.saturating_mul(4))
        } else if took > SLOW {
            (Ord::max(self.size / 2, self.first), took / 2)
        } else {
            (self.size, took)
        };
        self.part = Instant::now();
        self.begun.elapsed().saturating_add(expected) < PATIENCE
    }
}
