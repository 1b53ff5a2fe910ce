//! Background responses: begun by one call, billed when a later one first shows their usage.
//!
//! OpenAI answers `background: true` at once and without usage; what the response cost shows only
//! when it is polled. Each such response is billed once, however often it is read, also by another
//! process than the one that saw it begin: at the start the ledger says which are still due.

use std::{collections::HashMap, sync::Mutex};

use domain::{ProviderId, call::DueResponse};

/// A background response whose usage shows for the first time.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    /// The model that was asked for when it began.
    pub(crate) model: Option<String>,
}

/// Responses that may be due at a time. Beyond that the newest are not waited for.
const DUE_MAX: usize = 100_000;

/// The background responses whose usage has not been seen, each with the model that was asked for.
#[derive(Debug, Default)]
pub(crate) struct Background {
    due: Mutex<HashMap<(ProviderId, String), Option<String>>>,
}

impl Background {
    /// What the ledger says is still due.
    pub(crate) fn new(due: impl IntoIterator<Item = DueResponse>) -> Self {
        let due = due
            .into_iter()
            .map(|due| ((due.provider, due.response), due.model))
            .collect();
        Self {
            due: Mutex::new(due),
        }
    }

    /// A response was begun.
    pub(crate) fn begun(&self, provider: &ProviderId, response: &str, model: Option<&str>) {
        if let Ok(mut due) = self.due.lock() {
            if due.len() < DUE_MAX {
                let key = (provider.clone(), response.to_owned());
                due.insert(key, model.map(str::to_owned));
            } else {
                tracing::error!(
                    "Too many background responses are unread; the cost of one will be missing"
                );
            }
        }
    }

    /// The usage of a response shows. Whether it is to be billed now: it was due, and no longer is.
    pub(crate) fn shown(&self, provider: &ProviderId, response: &str) -> Option<Shown> {
        let key = (provider.clone(), response.to_owned());
        let model = self.due.lock().ok()?.remove(&key)?;
        Some(Shown { model })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_response_is_billed_once_and_only_to_its_provider() {
        let [main, other] = ["main", "other"].map(|id| ProviderId::new(id).unwrap());
        let background = Background::new([DueResponse {
            provider: main.clone(),
            response: "resp_old".to_owned(),
            model: Some("gpt-5".to_owned()),
        }]);
        let shown = |model: Option<&str>| {
            Some(Shown {
                model: model.map(str::to_owned),
            })
        };
        background.begun(&main, "resp_1", None);
        assert_eq!(background.shown(&other, "resp_1"), None);
        assert_eq!(background.shown(&main, "resp_1"), shown(None));
        assert_eq!(background.shown(&main, "resp_1"), None);
        assert_eq!(background.shown(&main, "resp_old"), shown(Some("gpt-5")));
        assert_eq!(background.shown(&main, "resp_unknown"), None);
    }
}
