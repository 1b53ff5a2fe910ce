//! What comes with a number in an answer: choices, blocks, items. Who writes an answer may make up as many as
//! it likes; there is an end to how many are read.

use std::collections::BTreeMap;

/// The most that are read of anything that is numbered, and of a list of parts.
pub(super) const MOST: usize = 4_096;

/// The things, by their numbers.
#[derive(Debug)]
pub(super) struct Numbered<T, K = u64> {
    things: BTreeMap<K, T>,
    cut: bool,
}

impl<T, K> Default for Numbered<T, K> {
    fn default() -> Self {
        Self {
            things: BTreeMap::new(),
            cut: false,
        }
    }
}

impl<T: Default, K: Ord> Numbered<T, K> {
    /// The thing with this number, which may be a new one. `None`: there are too many.
    pub(super) fn at(&mut self, number: K) -> Option<&mut T> {
        if self.things.len() >= MOST && !self.things.contains_key(&number) {
            self.cut = true;
            return None;
        }
        Some(self.things.entry(number).or_default())
    }
}

impl<T, K> Numbered<T, K> {
    /// Whether there were more than are here.
    pub(super) const fn is_cut(&self) -> bool {
        self.cut
    }

    pub(super) fn is_empty(&self) -> bool {
        self.things.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&K, &T)> {
        self.things.iter()
    }

    /// All of them, in order.
    pub(super) fn into_values(self) -> impl Iterator<Item = T> {
        self.things.into_values()
    }
}
