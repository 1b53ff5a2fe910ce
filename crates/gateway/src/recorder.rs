//! Writing calls down, and what happens when that fails.
//!
//! A call whose start cannot be journalled is refused (or, if the operator so chose, goes on
//! unmetered). A call whose end cannot be journalled has happened: its row is held in memory, up to a
//! number of them, and tried again until it is written, and no new call is taken meanwhile.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use domain::call::{Call, CallStart};
use journal::{Journal, JournalError};
use prometheus_client::{
    metrics::{counter::ConstCounter, gauge::ConstGauge},
    registry::Registry,
};
use tokio_util::task::TaskTracker;

use crate::{call::rejected, metrics::Metrics, refusal::Refusal};

/// How often rows that could not be written are tried again.
const RETRY_INTERVAL: Duration = Duration::from_millis(200);
/// Rows that are held at most, about 20 MB of them. More than that is lost, loudly.
const HELD_MAX: usize = 10_000;
/// How long after a start that could not be written Weir says that it is not ready. Then it must say so no
/// longer, since only a call can show that it is.
const UNREADY: Duration = Duration::from_secs(5);

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
    /// Rows for which there was no room in `behind`, since Weir started.
    lost: AtomicU64,
    retrying: AtomicBool,
    /// When the start of a call last could not be written. `None`: the newest one could.
    start_failed: Mutex<Option<Instant>>,
    /// Counts each row.
    metrics: Metrics,
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
                lost: AtomicU64::new(0),
                retrying: AtomicBool::new(false),
                start_failed: Mutex::default(),
                metrics: Metrics::default(),
                tasks,
            }),
        }
    }

    /// Whether calls can be written down, as far as is known.
    #[must_use]
    pub fn is_well(&self) -> bool {
        let failed = self.shared.start_failed.lock().ok().and_then(|at| *at);
        self.writes_rows() && failed.is_none_or(|at| at.elapsed() > UNREADY)
    }

    /// How many rows wait in memory alone until the journal can be written.
    #[must_use]
    pub fn rows_in_memory(&self) -> usize {
        let behind = self.shared.behind.lock();
        behind.map_or(0, |behind| behind.len())
    }

    /// The journal that calls are written down in.
    pub(crate) fn journal(&self) -> &Journal {
        &self.shared.journal
    }

    /// What the end of the program waits for.
    pub(crate) fn tasks(&self) -> &TaskTracker {
        &self.shared.tasks
    }

    /// What Prometheus reads.
    pub(crate) fn metrics(&self) -> &Metrics {
        &self.shared.metrics
    }

    /// Puts what is counted into a registry, with the rows that the journal does not take.
    pub(crate) fn register_metrics(&self, registry: &mut Registry) {
        self.shared.metrics.register(registry);
        registry.register(
            "rows_held",
            "Rows that are held in memory, since the journal cannot be written",
            ConstGauge::new(u64::try_from(self.rows_in_memory()).unwrap_or(u64::MAX)),
        );
        registry.register(
            "rows_lost",
            "Rows that are lost, since no more could be held",
            ConstCounter::new(self.shared.lost.load(Ordering::Relaxed)),
        );
    }

    /// Whether no row is held back.
    fn writes_rows(&self) -> bool {
        !self.shared.retrying.load(Ordering::Acquire)
    }

    /// Writes down the start of a call.
    ///
    /// # Errors
    /// [`Refusal::CannotRecord`], unless calls are to go on all the same.
    pub fn start(&self, call: &CallStart) -> Result<(), Refusal> {
        if self.writes_rows() {
            let written = self.shared.journal.start(call);
            self.note_start(written.is_ok());
            match written {
                Ok(()) => return Ok(()),
                Err(error) => {
                    tracing::error!(%error, call.id = %call.id, "The start of a call cannot be written to the journal");
                }
            }
        }
        match self.shared.policy {
            WhenUnrecordable::Refuse => {
                // What failed may have been putting it on the disk: then the start is there, and would
                // become a row that was interrupted.
                let refused =
                    rejected(call.clone(), Refusal::CannotRecord.status(), Instant::now());
                self.shared.metrics.count(&refused);
                let _refused_too = self.shared.journal.finish(&refused);
                Err(Refusal::CannotRecord)
            }
            WhenUnrecordable::Forward => Ok(()),
        }
    }

    fn note_start(&self, written: bool) {
        if let Ok(mut failed) = self.shared.start_failed.lock() {
            *failed = (!written).then(Instant::now);
        }
    }

    /// Writes down a call that is over; durable when this returns, unless the disk fails.
    pub fn finish(&self, mut call: Call) {
        call.clean_texts();
        self.shared.metrics.count(&call);
        match self.shared.journal.finish(&call) {
            Ok(()) => {}
            // Trying again would not help, and would keep every other row from being written.
            Err(
                error @ (JournalError::Encode(_)
                | JournalError::TooLarge { .. }
                | JournalError::Newer { .. }),
            ) => {
                tracing::error!(%error, call.id = %call.start.id, "The row of a call cannot be put into the journal and is lost");
            }
            Err(error @ (JournalError::Io { .. } | JournalError::Broken)) => {
                self.hold(call, &error);
            }
        }
    }

    fn hold(&self, call: Call, error: &JournalError) {
        if let Ok(mut behind) = self.shared.behind.lock() {
            if behind.len() < HELD_MAX {
                if behind.is_empty() {
                    tracing::error!(%error, call.id = %call.start.id, "The row of a call cannot be written to the journal; rows are held in memory and tried again");
                }
                behind.push(call);
            } else {
                let lost = self.shared.lost.fetch_add(1, Ordering::Relaxed);
                if lost.is_multiple_of(1_000) {
                    tracing::error!(%error, lost = lost.saturating_add(1), "No more rows can be held in memory; the rows of calls are being lost");
                }
            }
        }
        if !self.shared.retrying.swap(true, Ordering::AcqRel) {
            self.shared.tasks.spawn(retry(Arc::clone(&self.shared)));
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
