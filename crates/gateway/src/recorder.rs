//! Writing calls down, and what happens when that fails.
//!
//! A call whose start cannot be journalled is refused (or, if the operator so chose, goes on
//! unmetered). A call whose end cannot be journalled has happened: its row is held in memory and
//! tried again until it is written, and no new call is taken meanwhile.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use domain::call::{Call, CallStart};
use journal::Journal;
use tokio_util::task::TaskTracker;

use crate::refusal::Refusal;

/// How often rows that could not be written are tried again.
const RETRY_INTERVAL: Duration = Duration::from_millis(200);

/// What becomes of new calls while none can be written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WhenUnrecordable {
    /// They are refused with 503 `cannot_record`.
    #[default]
    Refuse,
    /// They go on; those whose rows cannot be written before Weir stops are lost to the ledger.
    Forward,
}

/// The way into the ledger. Clones share it.
#[derive(Debug, Clone)]
pub struct Recorder {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    journal: Journal,
    policy: WhenUnrecordable,
    behind: Mutex<Vec<Call>>,
    retrying: AtomicBool,
    tasks: TaskTracker,
}

impl Recorder {
    /// A recorder over the journal. Retries run on `tasks`, so that the end of the program waits.
    #[must_use]
    pub fn new(journal: Journal, policy: WhenUnrecordable, tasks: TaskTracker) -> Self {
        Self {
            shared: Arc::new(Shared {
                journal,
                policy,
                behind: Mutex::default(),
                retrying: AtomicBool::new(false),
                tasks,
            }),
        }
    }

    /// Whether calls can be written down, as far as is known.
    #[must_use]
    pub fn is_well(&self) -> bool {
        !self.shared.retrying.load(Ordering::Acquire)
    }

    /// Writes down the start of a call.
    ///
    /// # Errors
    /// [`Refusal::CannotRecord`], unless calls are to go on all the same.
    pub fn start(&self, call: &CallStart) -> Result<(), Refusal> {
        if self.is_well() {
            match self.shared.journal.start(call) {
                Ok(()) => return Ok(()),
                Err(error) => {
                    tracing::error!(%error, call.id = %call.id, "The start of a call cannot be written to the journal");
                }
            }
        }
        match self.shared.policy {
            WhenUnrecordable::Refuse => Err(Refusal::CannotRecord),
            WhenUnrecordable::Forward => Ok(()),
        }
    }

    /// Writes down a call that is over; durable when this returns, unless the disk fails.
    pub fn finish(&self, call: Call) {
        if let Err(error) = self.shared.journal.finish(&call) {
            tracing::error!(%error, call.id = %call.start.id, "The row of a call cannot be written to the journal; it is held in memory and tried again");
            if let Ok(mut behind) = self.shared.behind.lock() {
                behind.push(call);
            }
            if !self.shared.retrying.swap(true, Ordering::AcqRel) {
                self.shared.tasks.spawn(retry(Arc::clone(&self.shared)));
            }
        }
    }
}

/// Tries the held rows until all are written.
async fn retry(shared: Arc<Shared>) {
    loop {
        tokio::time::sleep(RETRY_INTERVAL).await;
        let Ok(mut behind) = shared.behind.lock() else {
            return;
        };
        let written = behind
            .iter()
            .take_while(|call| shared.journal.finish(call).is_ok())
            .count();
        behind.drain(..written);
        if behind.is_empty() {
            shared.retrying.store(false, Ordering::Release);
            tracing::info!("The journal can be written again; all held rows are in it");
            return;
        }
    }
}

#[cfg(test)]
mod tests;
