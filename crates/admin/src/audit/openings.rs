//! Who opened what was said in calls: a row of the audit for each opening, without a word of it.
//!
//! The same person who opens the same thing again within an hour adds to the count of that row, so that
//! turning pages does not fill the audit. Nobody sees anything before it is written down.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use domain::{CallId, ConversationId};
use tokio::sync::Mutex;

use super::Change;
use crate::{Admin, error::AdminError, who::Who};

/// How long openings share a row.
const WINDOW: Duration = Duration::from_secs(60 * 60);
/// Rows that are remembered at most. Beyond them the oldest is forgotten, and its next opening has a row anew.
const REMEMBERED_MAX: usize = 1_000;

/// What is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Opening {
    /// A conversation is read.
    Conversation(ConversationId),
    /// A conversation is taken out as a file.
    Export(ConversationId),
    /// The bodies of a call are read.
    Transcript(CallId),
}

/// Openings of the last hour.
#[derive(Debug, Default)]
pub(crate) struct Openings {
    /// Held while one is written, so that two at once count as two.
    rows: Mutex<HashMap<Key, Row>>,
}

/// What openings have in common that share a row.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    actor: String,
    from: Option<String>,
    what: Opening,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    seq: i64,
    times: u64,
    since: Instant,
}

impl Opening {
    fn change(self) -> Change {
        let (action, kind, id) = match self {
            Self::Conversation(id) => ("open", "conversation", id.to_string()),
            Self::Export(id) => ("export", "conversation", id.to_string()),
            Self::Transcript(id) => ("open", "transcript", id.to_string()),
        };
        Change {
            action,
            kind,
            id,
            before: None,
            after: None,
        }
    }
}

impl Admin {
    /// Writes into the audit who opens what. To be waited for before it is shown.
    pub(crate) async fn opened(&self, who: &Who, what: Opening) -> Result<(), AdminError> {
        let key = Key {
            actor: who.actor.label(),
            from: who.origin(),
            what,
        };
        let audit = self.store().audit();
        let mut rows = self.openings().rows.lock().await;
        rows.retain(|_, row| row.since.elapsed() < WINDOW);
        if let Some(row) = rows.get_mut(&key) {
            let times = row.times.saturating_add(1);
            audit.set_times(row.seq, times).await?;
            row.times = times;
            return Ok(());
        }
        let seq = audit
            .append_counted(&self.entry(who, what.change()))
            .await?;
        if rows.len() >= REMEMBERED_MAX {
            let oldest = rows.iter().min_by_key(|(_, row)| row.since);
            if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
                rows.remove(&oldest);
            }
        }
        let row = Row {
            seq,
            times: 1,
            since: Instant::now(),
        };
        rows.insert(key, row);
        Ok(())
    }
}
