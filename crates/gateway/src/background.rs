//! Background responses: begun by one call, billed when a later one first shows their usage.
//!
//! OpenAI answers `background: true` at once and without usage; what the response cost shows only
//! when it is polled. Each such response is billed once, however often it is read, also by another
//! process than the one that saw it begin: at the start the ledger says which are still due.

use std::{collections::HashSet, sync::Mutex};

use domain::ProviderId;

/// Responses that may be due at a time. Beyond that the newest are not waited for.
const DUE_MAX: usize = 100_000;

/// The background responses whose usage has not been seen.
#[derive(Debug, Default)]
pub(crate) struct Background {
    due: Mutex<HashSet<(ProviderId, String)>>,
}

impl Background {
    /// What the ledger says is still due.
    pub(crate) fn new(due: impl IntoIterator<Item = (ProviderId, String)>) -> Self {
        Self {
            due: Mutex::new(due.into_iter().collect()),
        }
    }

    /// A response was begun.
    pub(crate) fn begun(&self, provider: &ProviderId, response: &str) {
        if let Ok(mut due) = self.due.lock() {
            if due.len() < DUE_MAX {
                due.insert((provider.clone(), response.to_owned()));
            } else {
                tracing::error!(
                    "Too many background responses are unread; the cost of one will be missing"
                );
            }
        }
    }

    /// The usage of a response shows. Whether it is to be billed now: it was due, and no longer is.
    pub(crate) fn shown(&self, provider: &ProviderId, response: &str) -> bool {
        let key = (provider.clone(), response.to_owned());
        self.due.lock().is_ok_and(|mut due| due.remove(&key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_response_is_billed_once_and_only_to_its_provider() {
        let [main, other] = ["main", "other"].map(|id| ProviderId::new(id).unwrap());
        let background = Background::new([(main.clone(), "resp_old".to_owned())]);
        background.begun(&main, "resp_1");
        assert!(!background.shown(&other, "resp_1"));
        assert!(background.shown(&main, "resp_1"));
        assert!(!background.shown(&main, "resp_1"));
        assert!(background.shown(&main, "resp_old"));
        assert!(!background.shown(&main, "resp_unknown"));
    }
}
