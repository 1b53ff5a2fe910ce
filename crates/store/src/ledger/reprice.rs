//! New prices for calls that are in the ledger, a few at a time.
//!
//! One short transaction writes the prices, what the calls cost before, the difference into every sum that
//! has them already, and the place up to which that reaches. So a crash leaves all of it or nothing, the next
//! start goes on from the place, and nothing is counted twice. The writer's connection is one: between two of
//! these transactions whatever waits for it has its turn.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use domain::{CallId, Timestamp, call::Call};
use sea_orm::DbBackend;
use uuid::Uuid;

use super::{
    commit,
    insert::{RatesJson, count},
    inserter::{Columns, Inserter, Row, places},
    pace::Pace,
    rollups::Adder,
    transaction::Transaction,
};
use crate::{
    Store, StoreError, columns,
    repricings::{PriceBefore, RepricingPlace},
    time::to_us,
    usage::levels,
};

/// The columns of `call_prices`.
const CALL_PRICES: [&str; 4] = ["call", "repricing", "at_us", "before"];

/// How many calls one step looks at.
const PACE: Pace = Pace::new(
    50,
    (10, 500),
    (Duration::from_millis(12), Duration::from_millis(30)),
);

/// A call that costs something else by other rates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PricedAgain {
    /// As it is in the ledger.
    pub before: Call,
    /// As it is to be: the same call with another price.
    pub after: Call,
}

/// One step of a re-pricing.
#[derive(Debug, Clone)]
pub struct RepricingStep<'a> {
    /// Which re-pricing.
    pub repricing: Uuid,
    /// When.
    pub at: Timestamp,
    /// Where it began.
    pub from: RepricingPlace,
    /// Where it ended. `None`: there are no more calls behind it.
    pub to: Option<RepricingPlace>,
    /// How many calls were looked at.
    pub seen: u64,
    /// When the last of these began.
    pub seen_until: Option<Timestamp>,
    /// Those of them that cost something else.
    pub calls: &'a [PricedAgain],
}

/// Gives calls new prices.
#[derive(Debug)]
pub struct Repricer {
    store: Store,
    sums: Adder,
    history: Inserter,
    rates: RatesJson,
    update: Arc<str>,
    pace: Pace,
}

impl Repricer {
    /// For the calls of a database.
    #[must_use]
    pub fn new(store: Store) -> Self {
        let backend = store.backend();
        Self {
            sums: Adder::new(backend),
            history: Inserter::new(backend, "call_prices", CALL_PRICES, |_| String::new()),
            rates: RatesJson::default(),
            update: update(backend).into(),
            pace: PACE,
            store,
        }
    }

    /// How many calls the next step is to look at: as many as go in a moment, by how long those before took.
    #[must_use]
    pub const fn at_once(&self) -> u64 {
        self.pace.amount()
    }

    /// Takes one step, all or nothing. `false`: the re-pricing is not at that place, or is not being applied;
    /// then nothing was done. Calls that were deleted meanwhile are left out.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing of it was done.
    pub async fn step(&mut self, step: &RepricingStep<'_>) -> Result<bool, StoreError> {
        let backend = self.store.backend();
        let mut transaction = Transaction::begin(&self.store).await?;
        let begun = Instant::now();
        let ids: Vec<CallId> = step.calls.iter().map(|call| call.before.start.id).collect();
        let there = commit::known(backend, &mut transaction, &ids).await?;
        let calls: Vec<&PricedAgain> = step
            .calls
            .iter()
            .filter(|call| there.contains(&call.before.start.id))
            .collect();
        if !go_on(backend, &mut transaction, step, calls.len()).await? {
            transaction.rollback().await?;
            return Ok(false);
        }
        for call in &calls {
            self.write(&mut transaction, &call.after).await?;
        }
        let rows: Vec<HistoryRow<'_>> = calls
            .iter()
            .map(|call| HistoryRow::of(call, step))
            .collect::<Result<_, _>>()?;
        self.history.insert(&mut transaction, &rows).await?;
        let levels = levels::read(transaction.rows(levels::ALL).await?)?;
        self.sums.replace(&mut transaction, &levels, &calls).await?;
        transaction.commit().await?;
        self.pace.after(begun.elapsed());
        Ok(true)
    }

    /// Writes the price of a call into its row.
    async fn write(
        &mut self,
        transaction: &mut Transaction,
        call: &Call,
    ) -> Result<(), StoreError> {
        let charge = &call.charge;
        let mut arguments = transaction.arguments();
        arguments.add(call.price_state.key())?;
        arguments.add(charge.total.map(|total| total.0))?;
        arguments.add(call.start.catalog_version.clone())?;
        for (_, tokens) in call.usage.tokens.iter() {
            arguments.add(count(*tokens))?;
        }
        arguments.add(count(call.usage.reasoning))?;
        for (_, cost) in charge.cost.iter() {
            arguments.add(cost.map(|cost| cost.0))?;
        }
        arguments.add(charge.reasoning.map(|cost| cost.0))?;
        arguments.add(charge.searches.map(|cost| cost.0))?;
        arguments.add(self.rates.of(call)?)?;
        arguments.add(call.start.id.0)?;
        transaction
            .execute(Arc::clone(&self.update), arguments)
            .await?;
        Ok(())
    }
}

/// The statement that writes the price of a call, in the order of [`Repricer::write`].
fn update(backend: DbBackend) -> String {
    let named: Vec<&str> = ["price_state", "cost_total_nano", "catalog_version"]
        .into_iter()
        .chain(columns::all_tokens())
        .chain(columns::all_costs())
        .chain([columns::RATES])
        .collect();
    let set: Vec<String> = named
        .iter()
        .enumerate()
        .map(|(place, name)| format!("{name} = {}", places(backend, place, 1)))
        .collect();
    let id = places(backend, named.len(), 1);
    format!("UPDATE calls SET {} WHERE id = {id}", set.join(", "))
}

/// Moves the re-pricing on, from the place where the step began and from no other. Whether it was there.
async fn go_on(
    backend: DbBackend,
    transaction: &mut Transaction,
    step: &RepricingStep<'_>,
    changed: usize,
) -> Result<bool, StoreError> {
    let mut arguments = transaction.arguments();
    arguments.add(step.to.as_ref().unwrap_or(&RepricingPlace::End).to_string())?;
    arguments.add(count(Some(step.seen)))?;
    arguments.add(i64::try_from(changed).unwrap_or(i64::MAX))?;
    arguments.add(step.seen_until.map(to_us))?;
    arguments.add(step.repricing)?;
    arguments.add(step.from.to_string())?;
    let place = |number: usize| places(backend, number, 1);
    let sql = format!(
        "UPDATE repricings SET place = {}, calls_seen = calls_seen + {}, \
         calls_changed = calls_changed + {}, seen_until_us = COALESCE({}, seen_until_us), \
         error = NULL \
         WHERE id = {} AND place = {} AND state = 'applying'",
        place(0),
        place(1),
        place(2),
        place(3),
        place(4),
        place(5),
    );
    Ok(transaction.execute(sql.into(), arguments).await? == 1)
}

/// What a call cost before, as a row of `call_prices`.
struct HistoryRow<'a> {
    call: &'a Call,
    repricing: Uuid,
    at_us: i64,
    before: String,
}

impl<'a> HistoryRow<'a> {
    fn of(call: &'a PricedAgain, step: &RepricingStep<'_>) -> Result<Self, StoreError> {
        let before = PriceBefore::of(&call.before, &call.after);
        Ok(Self {
            call: &call.before,
            repricing: step.repricing,
            at_us: to_us(step.at),
            before: serde_json::to_string(&before)
                .map_err(|error| StoreError::unreadable("call_prices", error))?,
        })
    }
}

impl Row for HistoryRow<'_> {
    /// In the order of [`CALL_PRICES`].
    fn tell(&self, columns: &mut impl Columns) {
        columns.id(Some(self.call.start.id.0));
        columns.id(Some(self.repricing));
        columns.number(Some(self.at_us));
        columns.single(Some(&self.before));
    }
}
