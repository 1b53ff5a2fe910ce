//! The ledger's writer: rows from the journal, exactly once.
//!
//! It follows the journal in batches. One transaction per batch writes the rows, the sums over them, what
//! was used when, the calls that are still open, and the position in the journal up to which all of that
//! reaches. So a crash at any moment leaves rows and position in step, and the next start goes on where
//! the last one ended. Should the position ever be behind the rows (a database restored from a copy, say),
//! the call's id tells which rows are there already, and these count nowhere a second time. Each journal has
//! positions of its own, so that data folders that have one database by turns go on each where it ended.
//!
//! | part | what it does |
//! |---|---|
//! | [`batch`] | sorts the journal's entries into rows, openings and endings |
//! | [`believable`] | keeps what an upstream made up from harming the sums |
//! | [`commit`] | the one transaction |
//! | [`insert`], [`rollups`], [`used`] | its parts |
//! | [`sealer`] | sums over hours, days, weeks and months, between the batches |
//! | [`retention`], [`deletions`] | deleting what is older than it is to be kept, after that |
//! | [`reprice`] | other prices for calls that are there |
//! | [`pace`] | how much each step of the three above does at once |
//! | [`transaction`], [`inserter`] | what they speak to the database with: few conversions, few statements |
//! | [`follow`] | the journal: where this run of the program begins, and letting go of what is safe |
//! | [`trouble`] | what goes wrong: told, and waited out |
//!
//! Nothing waits for it. When the database is locked or away it keeps its batch and tries again for ever;
//! calls go on, and their rows follow.

mod batch;
mod believable;
mod commit;
mod deletions;
mod follow;
mod insert;
mod inserter;
mod pace;
mod reprice;
mod retention;
mod rollups;
mod sealer;
mod transaction;
mod trouble;
mod used;

use std::{collections::HashSet, fmt, sync::atomic::Ordering, time::Duration};

use domain::{
    CallId,
    call::{Call, CallStart},
};
use jiff::Timestamp;
use journal::{Entry, Position, Reader};
use sea_orm::{
    ConnectionTrait, DbBackend,
    sea_query::{Order, Query},
};
use tokio_util::sync::CancellationToken;

use crate::{Store, StoreError, error::database};
use batch::Batch;
pub use believable::is_believable;
use follow::Follower;
use insert::CallInserter;
use inserter::Inserter;
pub use reprice::{PricedAgain, Repricer, RepricingStep};
use rollups::Adder;
use sealer::{Sealer, Step};
use trouble::{Trouble, answered};
use used::Used;

/// Entries that one transaction takes at most.
pub const BATCH_ENTRIES: usize = 2_000;
/// How long entries may gather before a transaction is begun for them.
const GATHER: Duration = Duration::from_millis(100);

/// Writes the ledger. There is one.
pub struct Writer {
    store: Store,
    pricer: Option<Pricer>,
    journal: Follower,
    /// The segment of the journal whose position was written last; 0 for none.
    segment: u64,
    /// Calls that stand in `open_calls`.
    open: HashSet<CallId>,
    calls: CallInserter,
    sums: Adder,
    sealer: Sealer,
    opened: Inserter,
    used: Used,
    recovered: bool,
}

/// Prices a row of which only the usage is known, and that roughly: sets its price state and charge.
pub type Pricer = Box<dyn Fn(&mut Call) + Send + Sync>;

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer")
            .field("store", &self.store)
            .finish_non_exhaustive()
    }
}

impl Writer {
    /// A writer that follows this journal. To be made before the first call of this run is journalled:
    /// what the journal holds by then is of earlier runs.
    ///
    /// # Errors
    /// [`StoreError::Journal`] where the journal's folder cannot be read.
    pub fn new(store: Store, reader: Reader) -> Result<Self, StoreError> {
        let backend = store.backend();
        Ok(Self {
            calls: CallInserter::new(backend),
            sums: Adder::new(backend),
            sealer: Sealer::default(),
            opened: Inserter::new(backend, "open_calls", commit::OPEN_CALLS, |_| {
                "ON CONFLICT (id) DO NOTHING".to_owned()
            }),
            journal: Follower::new(reader)?,
            segment: 0,
            open: HashSet::new(),
            used: Used::default(),
            recovered: false,
            pricer: None,
            store,
        })
    }

    /// Has the rows of interrupted calls priced. Without it those of which some usage is known are
    /// unpriced.
    #[must_use]
    pub fn with_pricer(mut self, pricer: Pricer) -> Self {
        self.pricer = Some(pricer);
        self
    }

    /// Follows the journal until it is cancelled, and then as far as the journal reaches. Begins with
    /// [`Writer::recover`]. Errors of the database and of the journal are waited out.
    ///
    /// # Errors
    /// Only after it was cancelled, when the database stays away: what is left is then in the journal and
    /// is written at the next start.
    pub async fn run(mut self, cancel: CancellationToken) -> Result<(), StoreError> {
        let mut trouble = Trouble::of(&self.store);
        while !self.recovered {
            let recovering = trouble.unless_it_ends(&cancel, self.recover()).await;
            if let Err(error) = recovering {
                trouble.wait_out(error, &cancel).await?;
            }
        }
        trouble.is_over();
        loop {
            let entries = match self.journal.read(BATCH_ENTRIES).await {
                Ok(entries) => entries,
                Err(error) => {
                    trouble.wait_out(error, &cancel).await?;
                    continue;
                }
            };
            if entries.is_empty() {
                if cancel.is_cancelled() {
                    return Ok(());
                }
                if self.sealer.step_if_due(&self.store, &cancel).await == Step::Done
                    || self.sealer.delete_if_due(&self.store, &cancel).await == Step::Done
                {
                    continue;
                }
                let appended = self.journal.appended()?;
                let due = self.sealer.due();
                let woken = async { tokio::time::timeout_at(due, appended).await.is_ok() };
                if cancel.run_until_cancelled(woken).await == Some(true) {
                    gather(&cancel).await;
                }
                continue;
            }
            let whole = entries.len() == BATCH_ENTRIES;
            let ended = count_ended(&entries);
            let mut batch = Batch::of(entries, &self.open);
            let position = self.journal.position()?;
            while let Err(error) = trouble
                .unless_it_ends(&cancel, self.commit(&mut batch, position))
                .await
            {
                trouble.wait_out(error, &cancel).await?;
            }
            self.store
                .calls_recorded()
                .fetch_add(ended, Ordering::AcqRel);
            trouble.is_over();
            if let Err(error) = self.journal.let_go(&self.store, position).await {
                tracing::warn!(%error, "A part of the journal that is no longer needed could not be removed");
            }
            let sealed = self.sealer.step_if_due(&self.store, &cancel).await;
            if !whole {
                // Only where nothing waits to be written.
                if sealed == Step::Nothing {
                    self.sealer.delete_if_due(&self.store, &cancel).await;
                }
                gather(&cancel).await;
            }
        }
    }

    /// Writes what earlier runs left in the journal. Calls of theirs that have no end there become rows with
    /// the outcome `interrupted`. Calls of this run may go on meanwhile.
    ///
    /// # Errors
    /// [`StoreError`]; what was done until then stays done.
    pub async fn recover(&mut self) -> Result<(), StoreError> {
        self.open = self
            .open_calls()
            .await?
            .iter()
            .map(|start| start.id)
            .collect();
        let kept = commit::positions(&self.store, self.journal.oldest_segment()).await?;
        let found = self.journal.go_to(kept).await?;
        // With a server, a data folder that is new may well come to a database that another has had.
        let should_be_found =
            self.journal.has_earlier() || self.store.backend() == DbBackend::Sqlite;
        if !found && should_be_found && commit::has_positions(&self.store).await? {
            tracing::error!(
                "The journal does not begin where the database ends: the database is an older copy, or somebody \
                 has removed a part of the journal. Calls of the time between are not in the ledger"
            );
        }
        let mut rows = 0_usize;
        loop {
            let entries = self.journal.read_earlier(BATCH_ENTRIES).await?;
            if entries.is_empty() {
                break;
            }
            rows = rows.saturating_add(entries.len());
            let mut batch = Batch::of(entries, &self.open);
            let position = self.journal.position()?;
            self.commit(&mut batch, position).await?;
        }
        let interrupted = self.open_calls().await?;
        let count = interrupted.len();
        let mut batch = Batch::interrupted(interrupted, self.pricer.as_ref());
        let position = self.journal.position()?;
        self.commit(&mut batch, position).await?;
        if rows > 0 || count > 0 {
            tracing::info!(
                journal.entries = rows,
                calls.interrupted = count,
                "Recorded what the last run had left in the journal"
            );
        }
        self.journal.let_go(&self.store, position).await?;
        self.recovered = true;
        Ok(())
    }

    /// How far it has read the journal.
    ///
    /// # Errors
    /// [`StoreError::Journal`] where the journal is broken beyond use.
    pub fn position(&self) -> Result<Position, StoreError> {
        self.journal.position()
    }

    /// Records some entries in one transaction, together with the position that they reach to.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing of it was recorded.
    pub async fn record(
        &mut self,
        entries: Vec<Entry>,
        position: Position,
    ) -> Result<(), StoreError> {
        let mut batch = Batch::of(entries, &self.open);
        self.commit(&mut batch, position).await
    }

    /// Seals the sums over hours, days, weeks and months that were over by `now`, and deletes what is then
    /// older than it is to be kept, to the last. While it runs, [`Writer::run`] does so by itself, in steps between its batches.
    ///
    /// # Errors
    /// [`StoreError`]; what was sealed until then stays so.
    pub async fn seal(&mut self, now: Timestamp) -> Result<(), StoreError> {
        while self.seal_some(now).await? {}
        Ok(())
    }

    /// One step of [`Writer::seal`]. `false`: there is nothing left to do.
    ///
    /// # Errors
    /// [`StoreError`]; then the step was not done.
    pub async fn seal_some(&mut self, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.sealer.step(&self.store, now).await? == Step::Done
            || self.sealer.delete(&self.store, now).await? == Step::Done)
    }

    async fn open_calls(&self) -> Result<Vec<CallStart>, StoreError> {
        let mut query = Query::select();
        query
            .column("start")
            .from("open_calls")
            .order_by("id", Order::Asc);
        let readers = self.store.readers();
        let rows = answered(async { readers.query_all(&query).await.map_err(database) }).await?;
        let mut starts = vec![];
        for row in rows {
            let start: String = row.try_get_by_index(0).map_err(database)?;
            match serde_json::from_str(&start) {
                Ok(start) => starts.push(start),
                Err(error) => {
                    tracing::error!(%error, "An open call cannot be read and stays without a row");
                }
            }
        }
        Ok(starts)
    }
}

/// How many of these entries are ends of calls.
fn count_ended(entries: &[Entry]) -> u64 {
    let ends = entries
        .iter()
        .filter(|entry| matches!(entry, Entry::Finish(_)));
    u64::try_from(ends.count()).unwrap_or(u64::MAX)
}

/// Lets entries gather for a moment, so that they share a transaction.
async fn gather(cancel: &CancellationToken) {
    cancel.run_until_cancelled(tokio::time::sleep(GATHER)).await;
}
