//! Deleting what is older than it is to be kept, in small steps between the writer's batches.
//!
//! A step is one short transaction. Calls go by stretches of whole quarter hours that every level is sealed
//! past: the step that begins a stretch writes down the checksums of its sums and moves the watermark of the
//! live levels behind it, and from then on nothing reads rows before it. Then they go, some at a time. A call
//! that comes late for such a stretch is added to sums and checksum, and its row goes with the next step. So
//! no figure changes, and a change of mind holds from the next stretch on.
//!
//! Sums go by a watermark of their own, and last what they leave free in the file is given back.
//!
//! A step takes so many rows that it is over in a moment, and none is taken while the writer is behind.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction,
    sea_query::{Expr, ExprTrait, Order, Query},
};

use super::{
    deletions::{begin, end, insert, note},
    pace::Pace,
    sealer::Step,
};
use crate::{
    Store, StoreError, columns,
    error::database,
    retention::{Keep, Kind},
    size::Pages,
    usage::{
        Kept, ReportZone, checksum,
        levels::{Level, QUARTER_US, Span},
    },
};

/// How many rows one step deletes.
const PACE: Pace = Pace::new(
    200,
    (25, 1_600),
    (Duration::from_millis(8), Duration::from_millis(20)),
);
/// How many sums a stretch has whose checksums are made at once, where there are more than one quarter hour's.
const SUMS_AT_ONCE: i64 = 1_500;
/// How many quarter hours are looked at for it.
const QUARTERS_AT_ONCE: u64 = 16;
/// How many pages of SQLite's file are given back at once.
const PAGES_AT_ONCE: u32 = 100;

/// Tables whose rows belong to a call and go with it, and the column that has its id.
const WITH_CALLS: &[(&str, &str)] = &[("call_prices", "call")];

/// Deletes, and knows how much of it is quick.
#[derive(Debug)]
pub(super) struct Deleter {
    pace: Pace,
}

impl Default for Deleter {
    fn default() -> Self {
        Self { pace: PACE }
    }
}

impl Deleter {
    /// One step, where something is older than it is to be kept by `now`.
    pub(super) async fn step(
        &mut self,
        store: &Store,
        levels: &[Level],
        zone: &ReportZone,
        now: Timestamp,
    ) -> Result<Step, StoreError> {
        let begun = Instant::now();
        let done = self.next_step(store, levels, zone, now).await?;
        if done == Step::Done {
            self.pace.after(begun.elapsed());
        }
        Ok(done)
    }

    async fn next_step(
        &self,
        store: &Store,
        levels: &[Level],
        zone: &ReportZone,
        now: Timestamp,
    ) -> Result<Step, StoreError> {
        let keep = Keep::read(store.writer()).await?;
        let step = OneStep {
            store,
            levels,
            kept: Kept::of(levels),
            rows: self.pace.amount(),
            now,
        };
        let calls_until = keep.until_us(Kind::Calls, zone, now)?;
        if step.calls(calls_until).await? == Step::Done {
            return Ok(Step::Done);
        }
        let sums_until = keep.until_us(Kind::Sums, zone, now)?;
        // While there are rows there are sums over them.
        let sums_until = sums_until.map(|until_us| Ord::min(until_us, step.kept.calls_from_us));
        if step.sums(sums_until).await? == Step::Done {
            return Ok(Step::Done);
        }
        give_back(store).await
    }
}

/// What a step is done with.
struct OneStep<'a> {
    store: &'a Store,
    levels: &'a [Level],
    kept: Kept,
    /// How many rows it deletes at the most.
    rows: u64,
    now: Timestamp,
}

impl OneStep<'_> {
    /// Deletes some calls. `until_us`: those before it are not to be kept.
    async fn calls(&self, until_us: Option<i64>) -> Result<Step, StoreError> {
        let Self {
            store,
            levels,
            kept,
            rows,
            now,
        } = *self;
        let deleted_until_us = kept.calls_from_us;
        if deleted_until_us > i64::MIN {
            let transaction = store.begin().await?;
            let deleted = delete_calls(&transaction, deleted_until_us, rows).await?;
            if deleted > 0 {
                note(&transaction, Kind::Calls, deleted_until_us, deleted).await?;
                transaction.commit().await.map_err(database)?;
                return Ok(Step::Done);
            }
        }
        let sealed_us = levels
            .iter()
            .filter(|level| level.span != Span::Quarter && !level.dropping)
            .map(Level::until_us)
            .min();
        let limit_us = until_us.zip(sealed_us).map(|(until_us, sealed_us)| {
            let until_us = Ord::min(until_us, sealed_us);
            until_us.saturating_sub(until_us.rem_euclid(QUARTER_US))
        });
        let Some(limit_us) = limit_us.filter(|limit_us| *limit_us > deleted_until_us) else {
            return end(store, Kind::Calls, now).await;
        };
        let transaction = store.begin().await?;
        let end_us = stretch(&transaction, levels, deleted_until_us, limit_us).await?;
        let sums = checksum::of_sums(&transaction, levels, deleted_until_us, end_us).await?;
        for (start_us, checksum) in sums {
            let values = [start_us.into(), checksum.bytes().into()];
            insert(
                &transaction,
                "usage_checksums",
                ["start_us", "checksum"],
                values,
            )
            .await?;
        }
        set_of_live(&transaction, "sealed_until_us", end_us).await?;
        let deleted = delete_calls(&transaction, end_us, rows).await?;
        begin(&transaction, Kind::Calls, end_us, now).await?;
        note(&transaction, Kind::Calls, end_us, deleted).await?;
        transaction.commit().await.map_err(database)?;
        Ok(Step::Done)
    }

    /// Deletes some sums. `until_us`: spans that begin before it are not to be kept.
    async fn sums(&self, until_us: Option<i64>) -> Result<Step, StoreError> {
        let Self {
            store,
            levels,
            kept,
            rows,
            now,
        } = *self;
        let limit_us = until_us
            .map(|until_us| until_us.saturating_sub(until_us.rem_euclid(QUARTER_US)))
            .filter(|limit_us| *limit_us > kept.figures_from_us);
        let Some(from_us) = limit_us.or(Some(kept.figures_from_us).filter(|us| *us > i64::MIN))
        else {
            return Ok(Step::Nothing);
        };
        let transaction = store.begin().await?;
        if limit_us.is_some() {
            set_of_live(&transaction, "kept_from_us", from_us).await?;
            begin(&transaction, Kind::Sums, from_us, now).await?;
        }
        let mut deleted = 0;
        for level in levels {
            if deleted == 0 {
                deleted = delete_sums(&transaction, level, from_us, rows).await?;
            }
        }
        let mut checksums = Query::delete();
        checksums
            .from_table("usage_checksums")
            .and_where(Expr::col("start_us").lt(from_us));
        if deleted == 0 {
            transaction.execute(&checksums).await.map_err(database)?;
        }
        if deleted > 0 {
            note(&transaction, Kind::Sums, from_us, deleted).await?;
        }
        transaction.commit().await.map_err(database)?;
        if deleted > 0 || limit_us.is_some() {
            return Ok(Step::Done);
        }
        end(store, Kind::Sums, now).await
    }
}

/// Where the stretch ends that is sealed next: behind as many quarter hours as can be read quickly, and at
/// least behind one.
async fn stretch(
    transaction: &DatabaseTransaction,
    levels: &[Level],
    from_us: i64,
    limit_us: i64,
) -> Result<i64, StoreError> {
    let mut counts: BTreeMap<i64, i64> = BTreeMap::new();
    let mut known_until_us = limit_us;
    for level in levels.iter().filter(|level| level.span == Span::Quarter) {
        let mut query = Query::select();
        query
            .column("start_us")
            .expr(Expr::cust("COUNT(*)"))
            .from(level.table())
            .and_where(Expr::col("level").eq(level.id))
            .and_where(Expr::col("start_us").gte(from_us))
            .and_where(Expr::col("start_us").lt(limit_us))
            .group_by_col("start_us")
            .order_by("start_us", Order::Asc)
            .limit(QUARTERS_AT_ONCE);
        let rows = transaction.query_all(&query).await.map_err(database)?;
        for row in &rows {
            let start_us: i64 = row.try_get_by_index(0).map_err(database)?;
            let count: i64 = row.try_get_by_index(1).map_err(database)?;
            let sums = counts.entry(start_us).or_default();
            *sums = sums.saturating_add(count);
        }
        if u64::try_from(rows.len()).unwrap_or(u64::MAX) == QUARTERS_AT_ONCE
            && let Some(last) = rows.last()
        {
            let start_us: i64 = last.try_get_by_index(0).map_err(database)?;
            known_until_us = Ord::min(known_until_us, start_us.saturating_add(QUARTER_US));
        }
    }
    let mut sums: i64 = 0;
    for (nth, (start_us, count)) in counts.into_iter().enumerate() {
        sums = sums.saturating_add(count);
        if start_us >= known_until_us {
            break;
        }
        if sums > SUMS_AT_ONCE {
            let behind_us = if nth == 0 { QUARTER_US } else { 0 };
            return Ok(start_us.saturating_add(behind_us));
        }
    }
    Ok(known_until_us)
}

/// Deletes some of the calls before a moment, the oldest first, and what belongs to them.
async fn delete_calls(
    transaction: &DatabaseTransaction,
    until_us: i64,
    rows: u64,
) -> Result<u64, StoreError> {
    let oldest = |column: &'static str| {
        let mut query = Query::select();
        query
            .column(column)
            .from("calls")
            .and_where(Expr::col("started_at_us").lt(until_us))
            .order_by("started_at_us", Order::Asc)
            .order_by("recorded_seq", Order::Asc)
            .limit(rows);
        query
    };
    for (table, call) in WITH_CALLS {
        let mut delete = Query::delete();
        delete
            .from_table(*table)
            .and_where(Expr::col(*call).in_subquery(oldest("id")));
        transaction.execute(&delete).await.map_err(database)?;
    }
    let mut delete = Query::delete();
    delete
        .from_table("calls")
        .and_where(Expr::col("recorded_seq").in_subquery(oldest("recorded_seq")));
    let done = transaction.execute(&delete).await.map_err(database)?;
    Ok(done.rows_affected())
}

/// Deletes some of a level's sums of spans that begin before a moment.
async fn delete_sums(
    transaction: &DatabaseTransaction,
    level: &Level,
    until_us: i64,
    rows: u64,
) -> Result<u64, StoreError> {
    let key = columns::SUMS_KEY;
    let mut first = Query::select();
    first
        .columns(key.iter().copied())
        .from(level.table())
        .and_where(Expr::col("level").eq(level.id))
        .and_where(Expr::col("start_us").lt(until_us));
    for column in key {
        first.order_by(*column, Order::Asc);
    }
    first.limit(rows);
    let mut delete = Query::delete();
    delete
        .from_table(level.table())
        .and_where(Expr::tuple(key.iter().map(|column| Expr::col(*column))).in_subquery(first));
    let done = transaction.execute(&delete).await.map_err(database)?;
    Ok(done.rows_affected())
}

/// Moves a watermark of the live levels.
async fn set_of_live(
    transaction: &DatabaseTransaction,
    column: &'static str,
    to_us: i64,
) -> Result<(), StoreError> {
    let mut update = Query::update();
    update
        .table("usage_levels")
        .value(column, to_us)
        .and_where(Expr::col("span").eq(Span::Quarter.key()));
    transaction.execute(&update).await.map_err(database)?;
    Ok(())
}

/// Gives back some of what is free in SQLite's file, where that is much.
async fn give_back(store: &Store) -> Result<Step, StoreError> {
    let pages = Pages::read(store.writer()).await?;
    if !pages.is_some_and(|pages| pages.are_worth_giving_back()) {
        return Ok(Step::Nothing);
    }
    let sql = format!("PRAGMA incremental_vacuum({PAGES_AT_ONCE})");
    store
        .writer()
        .execute_unprepared(&sql)
        .await
        .map_err(database)?;
    Ok(Step::Done)
}
