//! What the clients know of their calls: under which id Weir has each, what must become of it, how long it
//! took, and what went wrong.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::mix::Kind;
use crate::error::Error;
use crate::samples::Samples;

/// Kinds of errors that a message tells at most.
const TOLD: usize = 5;

/// The notes of all clients.
#[derive(Debug, Default)]
pub(super) struct Notes {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// Calls whose answer began, by the id that it told.
    calls: HashMap<u128, Kind>,
    sent: BTreeMap<Kind, u64>,
    errors: Errors,
    latency: Samples,
    minute: Minute,
}

/// What came since the last time that somebody asked.
#[derive(Debug, Default)]
pub(super) struct Minute {
    pub(super) calls: u32,
    pub(super) errors: Errors,
    /// Of plain calls of 1 KB.
    pub(super) latency: Samples,
}

/// What nobody asked for, and how often.
#[derive(Debug, Default)]
pub(super) struct Errors(BTreeMap<String, u64>);

impl Errors {
    pub(super) fn count(&self) -> u64 {
        self.0.values().sum()
    }
}

impl fmt::Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, (what, count)) in self.0.iter().take(TOLD).enumerate() {
            let between = if number == 0 { "" } else { "; " };
            write!(f, "{between}{count} × {what}")?;
        }
        match self.0.len().saturating_sub(TOLD) {
            0 => Ok(()),
            more => write!(f, "; and {more} other kinds"),
        }
    }
}

impl Notes {
    /// A call is sent.
    pub(super) fn sent(&self, kind: Kind) {
        let mut inner = self.inner();
        *inner.sent.entry(kind).or_default() += 1;
        inner.minute.calls += 1;
    }

    /// An answer began.
    pub(super) fn began(&self, kind: Kind, call_id: Option<&str>) {
        let id = call_id.and_then(number);
        let known = id.and_then(|id| self.inner().calls.insert(id, kind));
        if id.is_none() || known.is_some() {
            self.error(format!(
                "{}: an answer without an id of its own",
                kind.name()
            ));
        }
    }

    /// A call ended as it should.
    pub(super) fn ended(&self, kind: Kind, took: Duration) {
        if kind == Kind::Plain {
            let mut inner = self.inner();
            inner.latency.add(took);
            inner.minute.latency.add(took);
        }
    }

    /// Something happened that nobody asked for.
    pub(super) fn error(&self, what: String) {
        let mut inner = self.inner();
        *inner.minute.errors.0.entry(what.clone()).or_default() += 1;
        *inner.errors.0.entry(what).or_default() += 1;
    }

    /// What came since the last time.
    pub(super) fn minute(&self) -> Minute {
        std::mem::take(&mut self.inner().minute)
    }

    /// How many calls were sent of each kind.
    pub(super) fn counts(&self) -> BTreeMap<Kind, u64> {
        self.inner().sent.clone()
    }

    /// How long plain calls took, all of them.
    pub(super) fn latency(&self) -> Samples {
        self.inner().latency.clone()
    }

    /// Every call whose answer began.
    pub(super) fn calls(&self) -> HashMap<u128, Kind> {
        self.inner().calls.clone()
    }

    /// Fails where something happened that nobody asked for.
    pub(super) fn check(&self) -> Result<(), Error> {
        let errors = &self.inner().errors;
        match errors.count() {
            0 => Ok(()),
            all => Err(Error::Broken(format!(
                "{all} errors that the upstream did not make: {errors}"
            ))),
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        // Nothing in here can be left half done.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The number that an id of a call is: it takes a third of the text's memory, and there are millions.
pub(super) fn number(call_id: &str) -> Option<u128> {
    u128::from_str_radix(&call_id.replace('-', ""), 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_told_by_kind_and_fail_the_run() {
        let notes = Notes::default();
        notes.began(Kind::Plain, Some("01a1fd00-2b03-7385-b91a-a58924ab7b17"));
        assert!(notes.check().is_ok());
        // The same id again, and none.
        notes.began(Kind::Long, Some("01a1fd00-2b03-7385-b91a-a58924ab7b17"));
        notes.began(Kind::Long, None);
        for kind in 0..TOLD {
            notes.error(format!("other {kind}"));
        }
        let told = notes.check().unwrap_err().to_string();
        assert!(told.contains("7 errors"), "{told}");
        assert!(told.contains("2 × 50 KB: an answer without"), "{told}");
        assert!(told.ends_with("and 1 other kinds"), "{told}");
        assert_eq!(notes.minute().errors.count(), 7);
        assert_eq!(notes.minute().errors.count(), 0);
    }
}
