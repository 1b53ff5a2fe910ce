//! The work itself, in the background: one re-pricing at a time, a few calls at a time, beside traffic.
//!
//! After each step it rests as long as the step took, so that it never has more than half of a core. What a
//! crash interrupts goes on at the next start: computing from the beginning, since nothing has changed by it;
//! applying exactly where it was. Where one cannot go on, its row says why, and it is tried again.

use std::time::{Duration, Instant};

use store::{
    RepricingInfo, RepricingPlace, RepricingResult, RepricingState, StoreError,
    ledger::{PricedAgain, Repricer, RepricingStep},
};

use super::{
    Repricing, Selection,
    difference::Gathering,
    finished,
    rates::{Again, Pricing, Rates},
    read_json, write_json,
};
use crate::{error::AdminError, who::Who};

/// How many calls are looked at at once while it is computed.
const AT_ONCE: u64 = 250;
/// How often it is noted how far the computing is.
const NOTED_EVERY: Duration = Duration::from_secs(1);
/// How long to wait after something went wrong.
const PATIENCE: Duration = Duration::from_secs(5);
/// The longest rest after one step.
const REST_MOST: Duration = Duration::from_secs(1);

impl Repricing {
    /// Does what is due, for ever. To be run once.
    pub async fn run(self) {
        let mut failing = false;
        loop {
            match self.work().await {
                Ok(()) => {
                    failing = false;
                    self.admin.repricing_due().notified().await;
                }
                Err(error) => {
                    if !failing {
                        tracing::error!(%error, "A re-pricing cannot go on; it is tried again until it works");
                    }
                    failing = true;
                    tokio::time::sleep(PATIENCE).await;
                }
            }
        }
    }

    /// Does what is due, and no more.
    ///
    /// # Errors
    /// [`AdminError`]; what was done until then stays done.
    pub async fn work(&self) -> Result<(), AdminError> {
        while let Some(due) = self.admin.store().repricings().due().await? {
            let (id, state) = (due.id, due.state);
            let done = match state {
                RepricingState::Applying => self.give_prices(due).await,
                RepricingState::Computing => self.compute(due).await,
                RepricingState::Ready | RepricingState::Applied => Ok(()),
            };
            if let Err(stuck) = done {
                let why = stuck.to_string();
                let repricings = self.admin.store().repricings();
                repricings.note_error(id, state, &why).await?;
                return Err(stuck.into());
            }
        }
        Ok(())
    }

    /// Works out what one would change.
    async fn compute(&self, due: RepricingInfo) -> Result<(), Stuck> {
        let repricings = self.admin.store().repricings();
        let selection: Selection = read_json("selection", due.selection)?;
        let snapshot = self.admin.live().keep();
        let rates = Rates::today(&snapshot, &selection, repricings.applied().await?);
        let fingerprint = rates.fingerprint()?;
        let mut pricing = Pricing::looking_up(rates, snapshot.catalog.clone());
        let mut gathering = Gathering::new(self.admin.live().zone().as_ref().clone());
        let filter = selection.filter();
        let (mut seen, mut noted) = (0_u64, Instant::now());
        let mut place = Some(RepricingPlace::default());
        while let Some(from) = place {
            let begun = Instant::now();
            let (rows, next) = repricings
                .calls(&filter, due.until_seq, &from, AT_ONCE)
                .await?;
            for row in &rows {
                gathering.add(&row.call, &pricing.price(&row.call));
            }
            seen = seen.saturating_add(u64::try_from(rows.len()).unwrap_or(0));
            if noted.elapsed() >= NOTED_EVERY {
                noted = Instant::now();
                let until = rows.last().map(|row| row.call.start.started_at);
                if !repricings.note_seen(due.id, seen, until).await? {
                    return Ok(());
                }
            }
            place = next;
            rest(begun).await;
        }
        let (totals, difference) = gathering.end();
        let result = RepricingResult {
            rates: write_json("rates", &pricing.into_rates())?,
            fingerprint,
            totals: write_json("totals", &totals)?,
            difference: write_json("difference", &difference)?,
        };
        // Where it was discarded meanwhile, nobody wants it.
        repricings.computed(due.id, &result).await?;
        Ok(())
    }

    /// Gives calls the prices that were applied, from where that is.
    async fn give_prices(&self, mut due: RepricingInfo) -> Result<(), Stuck> {
        let store = self.admin.store();
        let selection: Selection = read_json("selection", due.selection.clone())?;
        let mut pricing = Pricing::by(self.rates_of(due.id).await?);
        let mut repricer = Repricer::new(store.clone());
        let filter = selection.filter();
        loop {
            let begun = Instant::now();
            let (rows, next) = store
                .repricings()
                .calls(&filter, due.until_seq, &due.place, repricer.at_once())
                .await?;
            let calls: Vec<PricedAgain> = rows
                .iter()
                .filter_map(|row| match pricing.price(&row.call) {
                    Again::Changed(after) => Some(PricedAgain {
                        before: row.call.clone(),
                        after: *after,
                    }),
                    Again::Same | Again::Kept => None,
                })
                .collect();
            // Before the step, which is done again where something breaks off in between.
            self.admin.transcripts().note_prices(&calls).await;
            let step = RepricingStep {
                repricing: due.id,
                at: self.admin.now(),
                from: due.place.clone(),
                to: next.clone(),
                seen: u64::try_from(rows.len()).unwrap_or(0),
                seen_until: rows.last().map(|row| row.call.start.started_at),
                calls: &calls,
            };
            if !repricer.step(&step).await? {
                return Err(Stuck::Moved);
            }
            let Some(place) = next else { break };
            due.place = place;
            rest(begun).await;
        }
        let info = self.info(due.id).await?;
        let entry = self.admin.entry(&Who::system(), finished(&info));
        store.repricings().finish(due.id, &entry).await?;
        tracing::info!(
            repricing.id = %due.id,
            calls = info.calls_changed,
            "Finished a re-pricing"
        );
        Ok(())
    }
}

/// Why a re-pricing cannot go on.
#[derive(Debug, thiserror::Error)]
enum Stuck {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Admin(#[from] AdminError),
    /// Somebody else has taken the same step.
    #[error(
        "another program moves this re-pricing on at the same time: only one Weir may use a database"
    )]
    Moved,
}

impl From<Stuck> for AdminError {
    fn from(stuck: Stuck) -> Self {
        match stuck {
            Stuck::Store(error) => error.into(),
            Stuck::Admin(error) => error,
            Stuck::Moved => Self::internal("go on with a re-pricing", &stuck),
        }
    }
}

/// Rests as long as a step took.
async fn rest(begun: Instant) {
    tokio::time::sleep(begun.elapsed().min(REST_MOST)).await;
}
