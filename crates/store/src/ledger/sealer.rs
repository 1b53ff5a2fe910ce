//! Making sums over longer spans once these are over, in small steps between the writer's batches.
//!
//! A step is one short transaction: it adds the next stretch of a shorter level to a longer one and moves
//! that level's watermark behind it. So a crash leaves both or neither. Hours and days are made from the
//! live quarter hours, as many at a time as go in a moment, since the writer waits for it; weeks and months
//! from days, a day at a time, and those with many sums a day from quarter hours as well.
//!
//! When the report's zone changes, the levels of its days are made anew, and those of the old zone removed,
//! also in steps. Until then reports are read from hours. When nothing is left to seal, [`retention`] deletes
//! what is not to be kept, while the writer is not behind.

mod stretch;

use std::{collections::HashMap, time::Duration};

use jiff::Timestamp;
use sea_orm::{
    ConnectionTrait, EntityTrait,
    sea_query::{Expr, ExprTrait, Order, Query},
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{
    inserter::places, pace::Pace, retention::Deleter, transaction::Transaction, trouble::answered,
};
use crate::{
    Store, StoreError,
    entities::setting,
    error::database,
    time::to_us,
    usage::{
        ReportZone,
        levels::{self, KEPT, Level, QUARTER_US, Side, Span, ZONE_SETTING},
    },
};
use stretch::{next_stretch, seal};

/// How long after a span's end it is sealed: most calls that began in it are over by then.
const GRACE_US: i64 = 20 * 60_000_000;
/// How many quarter hours are sealed at once: whole ones, since their sums are.
const PACE: Pace = Pace::new(
    4,
    (1, 192),
    (Duration::from_millis(12), Duration::from_millis(30)),
);
/// How long to wait before looking again whether there is something to seal.
const LOOK_AGAIN: Duration = Duration::from_secs(20);

/// What one step did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// It sealed, made or removed something; there may be more.
    Done,
    /// There is nothing to do.
    Nothing,
}

/// Seals sums, and knows how far they are.
#[derive(Debug, Default)]
pub(super) struct Sealer {
    /// As they are in the database. `None`: not known.
    levels: Option<Vec<Level>>,
    /// How many quarter hours a step of each level takes, by its id.
    paces: HashMap<i64, Pace>,
    /// When nothing was left to do, or it went wrong.
    rested: Option<Instant>,
    /// Whether it went wrong the last time, which is told once.
    failing: bool,
    deleter: Deleter,
    /// When nothing was left to delete, or it went wrong; and whether it did.
    deleted: Option<(Instant, bool)>,
}

impl Sealer {
    /// Finds out which levels there are, where that is not known.
    pub(super) async fn know_levels(&mut self, store: &Store) -> Result<(), StoreError> {
        if self.levels.is_none() {
            self.levels = Some(levels::all(store.writer()).await?);
        }
        Ok(())
    }

    pub(super) fn levels(&self) -> &[Level] {
        self.levels.as_deref().unwrap_or_default()
    }

    /// When it is worth looking again.
    pub(super) fn due(&self) -> Instant {
        let after = |rested: Option<Instant>| {
            rested.map_or_else(Instant::now, |rested| rested + LOOK_AGAIN)
        };
        Ord::min(after(self.rested), after(self.deleted.map(|(at, _)| at)))
    }

    /// One step, where it is time for one. What goes wrong is told and tried again later: calls are not held
    /// up for it. It is broken off when the program is ending; how far the levels are is then looked up anew,
    /// since nobody knows whether it was committed.
    pub(super) async fn step_if_due(&mut self, store: &Store, cancel: &CancellationToken) -> Step {
        if is_resting(self.rested) {
            return Step::Nothing;
        }
        let step = answered(async { self.step(store, store.look_at_clock().await?).await });
        let Some(done) = cancel.run_until_cancelled(step).await else {
            self.levels = None;
            return Step::Nothing;
        };
        match done {
            Ok(Step::Done) => {
                self.failing = false;
                Step::Done
            }
            Ok(Step::Nothing) => {
                self.failing = false;
                self.rested = Some(Instant::now());
                Step::Nothing
            }
            Err(error) => {
                self.levels = None;
                if !self.failing {
                    tracing::warn!(%error, "Sums over longer spans could not be made; it is tried again");
                }
                self.failing = true;
                self.rested = Some(Instant::now());
                Step::Nothing
            }
        }
    }

    /// One step of deleting what is not to be kept, where it is time for one. What goes wrong is told and tried
    /// again later. It is broken off as a step of the sealing is.
    pub(super) async fn delete_if_due(
        &mut self,
        store: &Store,
        cancel: &CancellationToken,
    ) -> Step {
        let (rested, failing) = self.deleted.unzip();
        if is_resting(rested) {
            return Step::Nothing;
        }
        let step = answered(async { self.delete(store, store.look_at_clock().await?).await });
        let Some(done) = cancel.run_until_cancelled(step).await else {
            self.levels = None;
            return Step::Nothing;
        };
        match done {
            Ok(Step::Done) => {
                self.deleted = None;
                Step::Done
            }
            Ok(Step::Nothing) => {
                self.deleted = Some((Instant::now(), false));
                Step::Nothing
            }
            Err(error) => {
                self.levels = None;
                if failing != Some(true) {
                    tracing::warn!(%error, "What is not to be kept could not be deleted; it is tried again");
                }
                self.deleted = Some((Instant::now(), true));
                Step::Nothing
            }
        }
    }

    /// Deletes what is not to be kept at `now`, one step of it.
    pub(super) async fn delete(
        &mut self,
        store: &Store,
        now: Timestamp,
    ) -> Result<Step, StoreError> {
        self.know_levels(store).await?;
        let zone = report_zone(store).await?;
        let levels = self.levels.take().unwrap_or_default();
        let done = self.deleter.step(store, &levels, &zone, now).await;
        self.know_levels(store).await?;
        done
    }

    /// Seals what was over by `now`, one step of it.
    pub(super) async fn step(&mut self, store: &Store, now: Timestamp) -> Result<Step, StoreError> {
        self.know_levels(store).await?;
        let zone = report_zone(store).await?;
        let done = self.next_step(store, &zone, now).await;
        if !matches!(done, Ok(Step::Nothing)) {
            self.levels = None;
            self.know_levels(store).await?;
        }
        done
    }

    async fn next_step(
        &mut self,
        store: &Store,
        zone: &ReportZone,
        now: Timestamp,
    ) -> Result<Step, StoreError> {
        if self.is_another(zone) {
            make_levels(store, self.levels(), zone).await?;
            return Ok(Step::Done);
        }
        let levels = self.levels.as_deref().unwrap_or_default();
        let now_us = to_us(now).saturating_sub(GRACE_US);
        for (side, spans) in KEPT {
            for span in spans.iter().filter(|span| **span != Span::Quarter) {
                let found = levels
                    .iter()
                    .find(|level| level.side == *side && level.span == *span && !level.dropping);
                let Some(level) = found else { continue };
                let pace = self.paces.entry(level.id).or_insert(PACE);
                let quarters = i64::try_from(pace.amount()).unwrap_or(i64::MAX);
                let pace_us = quarters.saturating_mul(QUARTER_US);
                if let Some(stretch) = next_stretch(store, levels, level, now_us, pace_us).await? {
                    let begun = Instant::now();
                    seal(store, &stretch).await?;
                    pace.after(begun.elapsed());
                    return Ok(Step::Done);
                }
            }
        }
        match levels.iter().find(|level| level.dropping) {
            Some(level) => {
                drop_some(store, level).await?;
                Ok(Step::Done)
            }
            None => Ok(Step::Nothing),
        }
    }

    /// Whether levels are missing, or are of another zone.
    fn is_another(&self, zone: &ReportZone) -> bool {
        wanted(zone).into_iter().any(|(side, span, zone)| {
            !self.levels().iter().any(|level| {
                (level.side, level.span, level.dropping) == (side, span, false)
                    && level.zone.name() == zone.name()
            })
        })
    }
}

/// Whether nothing was left to do a moment ago.
fn is_resting(rested: Option<Instant>) -> bool {
    rested.is_some_and(|rested| rested.elapsed() < LOOK_AGAIN)
}

/// Every sealed level there is to be.
fn wanted(zone: &ReportZone) -> Vec<(Side, Span, ReportZone)> {
    let mut wanted = vec![];
    for (side, spans) in KEPT {
        for span in spans.iter().filter(|span| **span != Span::Quarter) {
            let zone = match span.length_us() {
                Some(_) => ReportZone::utc(),
                None => zone.clone(),
            };
            wanted.push((*side, *span, zone));
        }
    }
    wanted
}

/// The zone that Settings has.
async fn report_zone(store: &Store) -> Result<ReportZone, StoreError> {
    let row = setting::Entity::find_by_id(ZONE_SETTING.to_owned())
        .one(store.writer())
        .await
        .map_err(database)?;
    let name: Option<String> = row.and_then(|row| serde_json::from_str(&row.value).ok());
    Ok(name
        .and_then(|name| ReportZone::new(&name).ok())
        .unwrap_or_else(ReportZone::utc))
}

/// Makes the levels that are missing, and has those that are not wanted any more removed.
async fn make_levels(store: &Store, levels: &[Level], zone: &ReportZone) -> Result<(), StoreError> {
    let backend = store.backend();
    let mut wanted = wanted(zone);
    let mut id = levels.iter().map(|level| level.id).max().unwrap_or(0);
    let mut transaction = Transaction::begin(store).await?;
    for level in levels.iter().filter(|level| level.span != Span::Quarter) {
        let is_this = |(side, span, zone): &(Side, Span, ReportZone)| {
            (*side, *span) == (level.side, level.span) && zone.name() == level.zone.name()
        };
        if level.dropping {
            continue;
        }
        if wanted.iter().any(is_this) {
            wanted.retain(|wanted| !is_this(wanted));
            continue;
        }
        let mut arguments = transaction.arguments();
        arguments.add(level.id)?;
        let sql = format!(
            "UPDATE usage_levels SET dropping = TRUE WHERE id = {}",
            places(backend, 0, 1)
        );
        transaction.execute(sql.into(), arguments).await?;
    }
    for (side, span, zone) in wanted {
        id = id.saturating_add(1);
        let mut arguments = transaction.arguments();
        arguments.add(id)?;
        arguments.add(side.key())?;
        arguments.add(span.key())?;
        arguments.add(zone.name().to_owned())?;
        let sql = format!(
            "INSERT INTO usage_levels (id, side, span, zone, sealed_until_us, dropping) \
             VALUES ({}, NULL, FALSE)",
            places(backend, 0, 4)
        );
        transaction.execute(sql.into(), arguments).await?;
    }
    transaction.commit().await
}

/// Where the first sum of a level begins, from a moment on.
async fn first_from(store: &Store, level: &Level, from_us: i64) -> Result<Option<i64>, StoreError> {
    let mut query = Query::select();
    query
        .column("start_us")
        .from(level.table())
        .and_where(Expr::col("level").eq(level.id))
        .and_where(Expr::col("start_us").gte(from_us))
        .order_by("start_us", Order::Asc)
        .limit(1);
    let row = store.writer().query_one(&query).await.map_err(database)?;
    row.map(|row| row.try_get_by_index(0).map_err(database))
        .transpose()
}

/// Removes the first span of a level that is not wanted any more, and the level after its last.
async fn drop_some(store: &Store, level: &Level) -> Result<(), StoreError> {
    let backend = store.backend();
    let first = first_from(store, level, i64::MIN).await?;
    let mut transaction = Transaction::begin(store).await?;
    let mut arguments = transaction.arguments();
    arguments.add(level.id)?;
    let id = places(backend, 0, 1);
    let sql = match first {
        None => format!("DELETE FROM usage_levels WHERE id = {id}"),
        Some(start_us) => {
            arguments.add(start_us)?;
            let start = places(backend, 1, 1);
            format!("DELETE FROM usage_sealed WHERE level = {id} AND start_us = {start}")
        }
    };
    transaction.execute(sql.into(), arguments).await?;
    transaction.commit().await
}
