//! What is said once, on the page that follows a change.

use serde::{Deserialize, Serialize};
use tower_sessions::Session;

const KEY: &str = "flash";

/// A message for the next page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Flash {
    /// What happened.
    pub(crate) title: String,
    /// What follows from it. Empty: nothing to say.
    pub(crate) detail: String,
    /// How it is taken back.
    pub(crate) undo: Option<Undo>,
}

/// A change that takes another back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Undo {
    /// Where it is posted.
    pub(crate) action: String,
    /// Where it leads back to.
    pub(crate) back: String,
}

impl Flash {
    /// A message.
    pub(crate) fn new(title: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            detail: detail.into(),
            undo: None,
        }
    }

    /// Keeps the message for the next page. One that cannot be kept is not worth failing for.
    pub(crate) async fn keep(&self, session: &Session) {
        if let Err(error) = session.insert(KEY, self).await {
            tracing::warn!(%error, "Could not keep a message for the next page");
        }
    }

    /// The message that waits. It waits on until it was shown; see [`Flash::forget`].
    pub(crate) async fn waiting(session: &Session) -> Option<Self> {
        session.get(KEY).await.ok().flatten()
    }

    /// Ends the message, which was shown. One that cannot be ended is shown again, no worse.
    pub(crate) async fn forget(session: &Session) {
        if let Err(error) = session.remove_value(KEY).await {
            tracing::warn!(%error, "Could not end a message that was shown");
        }
    }
}
