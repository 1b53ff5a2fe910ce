//! Proof that the sums that are kept are the sums of the rows.
//!
//! The live sums are compared with the rows, the sealed ones with the shorter ones that they were made from,
//! and the total of each row with its parts. Where rows are deleted, the live sums are compared with the
//! checksums that they were sealed with. A day at a time, each in a snapshot of its own, so that it may
//! run beside the writer; the database does the work and hands over only what differs.

mod comparison;

use std::time::Instant;

use domain::Bucket;
use jiff::Timestamp;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, Statement,
    sea_query::{Expr, ExprTrait, Query},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    answer::snapshot,
    kept::Kept,
    levels::{self, HOUR_US, Level, Span},
};
use crate::{Store, StoreError, calls::Calls, columns, error::database, settings, time::from_us};
use comparison::Comparison;

const DAY_US: i64 = 24 * HOUR_US;
/// What is compared where the calls are deleted.
pub(super) const CHECKSUM: &str = "checksum";
/// Where the last result is kept.
const LAST: &str = "ledger_verified";

/// A sum that is not the sum of its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Which sums: what they are told apart by, and their span. `calls`: a row of its own.
    pub level: String,
    /// Where the span begins.
    pub start: Timestamp,
    /// Whose calls.
    pub key: String,
    /// Which sum.
    pub sum: &'static str,
    /// What the rows, or the shorter sums, add up to.
    pub rows: i64,
    /// What is kept. For the parts of a cost: what they add up to.
    pub kept: i64,
}

impl Difference {
    /// Whether it is of a checksum: the sums of deleted calls are not what they were.
    #[must_use]
    pub fn is_of_checksum(&self) -> bool {
        self.sum == CHECKSUM
    }
}

/// What a look through the books found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// How many calls there are.
    pub calls: u64,
    /// How many sums were compared.
    pub sums: u64,
    /// Up to where calls are deleted: the sums of before were compared with their checksums. `None`: none are.
    pub deleted_until: Option<Timestamp>,
    /// What does not balance. Empty: the books do.
    pub differences: Vec<Difference>,
    /// How long it took.
    pub took_ms: u64,
}

/// When the books were last looked through, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastVerification {
    /// When.
    pub at: Timestamp,
    /// How many calls there were.
    pub calls: u64,
    /// How many sums were compared.
    pub sums: u64,
    /// Up to where calls were deleted. `None`: none were.
    #[serde(default)]
    pub deleted_until: Option<Timestamp>,
    /// How many of them differed.
    pub differences: u64,
    /// How long it took.
    pub took_ms: u64,
}

impl Calls<'_> {
    /// As [`Calls::verify`]: only the differences.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn verify_rollups(&self) -> Result<Vec<Difference>, StoreError> {
        Ok(self.verify().await?.differences)
    }

    /// Compares every sum that is kept with the rows, and every total of rows with its parts.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn verify(&self) -> Result<Verification, StoreError> {
        let begun = Instant::now();
        let mut differences = vec![];
        let all = levels::all(self.0.readers()).await?;
        for level in all.iter().filter(|level| !level.dropping) {
            self.verify_level(level, &mut differences).await?;
        }
        self.verify_sealed(&mut differences).await?;
        let mut found = Verification {
            calls: self.count("calls").await?,
            sums: 0,
            deleted_until: Kept::of(&all).limits()?.calls_from,
            differences,
            took_ms: 0,
        };
        for table in ["usage_quarters", "usage_sealed"] {
            let each = u64::try_from(columns::sums().count()).unwrap_or(0);
            let sums = self.count(table).await?.saturating_mul(each);
            found.sums = found.sums.saturating_add(sums);
        }
        found.took_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok(found)
    }

    /// Keeps what a look through the books found, for [`Calls::last_verification`].
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keep_verification(
        &self,
        found: &Verification,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let last = LastVerification {
            at,
            calls: found.calls,
            sums: found.sums,
            deleted_until: found.deleted_until,
            differences: u64::try_from(found.differences.len()).unwrap_or(u64::MAX),
            took_ms: found.took_ms,
        };
        let value = serde_json::to_value(&last)
            .map_err(|error| StoreError::unreadable("settings", error))?;
        settings::put(self.0.writing()?, LAST, &value, at).await
    }

    /// When the books were last looked through. `None`: never.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn last_verification(&self) -> Result<Option<LastVerification>, StoreError> {
        let last = self.0.settings().get(LAST).await?;
        last.map(serde_json::from_value)
            .transpose()
            .map_err(|error| StoreError::unreadable("settings", error))
    }

    async fn verify_level(
        &self,
        level: &Level,
        differences: &mut Vec<Difference>,
    ) -> Result<(), StoreError> {
        let Some((first, last)) = extent(self.0, level).await? else {
            return Ok(());
        };
        let mut from_us = match level.span.length_us() {
            Some(_) => first.saturating_sub(first.rem_euclid(DAY_US)),
            None => level.floor(first)?,
        };
        while from_us <= last {
            let to_us = match level.span.length_us() {
                Some(_) => from_us.saturating_add(DAY_US),
                None => level.next(from_us)?,
            };
            let transaction = snapshot(self.0).await?;
            // It may have grown since the last look, or be gone.
            let now = levels::all(&transaction).await?;
            let of_now = now.iter().find(|now| now.id == level.id && !now.dropping);
            let first_us = match of_now {
                Some(level) => Ord::max(from_us, first_compared(level, Kept::of(&now))?),
                None => to_us,
            };
            if let Some(level) = of_now
                && first_us < to_us
            {
                let comparison = Comparison {
                    backend: self.0.backend(),
                    level,
                    source: source(level, &now),
                    from_us: first_us,
                    to_us,
                };
                comparison.run(&transaction, differences).await?;
                if comparison.source.is_none() && level.side.has_column("outcome") {
                    parts_of_totals(&transaction, (first_us, to_us), differences).await?;
                }
            }
            transaction.commit().await.map_err(database)?;
            from_us = to_us;
        }
        Ok(())
    }

    async fn count(&self, table: &'static str) -> Result<u64, StoreError> {
        let mut query = Query::select();
        query.expr(Expr::cust("COUNT(*)")).from(table);
        let row = self.0.readers().query_one(&query).await.map_err(database)?;
        let count: i64 = row
            .map_or(Ok(0), |row| row.try_get_by_index(0))
            .map_err(database)?;
        Ok(u64::try_from(count).unwrap_or(0))
    }
}

/// What a level is made from. `None`: the rows.
fn source<'a>(level: &Level, levels: &'a [Level]) -> Option<&'a Level> {
    let (side, span) = level.made_from()?;
    levels
        .iter()
        .find(|level| (level.side, level.span, level.dropping) == (side, span, false))
}

/// From when on a level can be compared: its source has everything from then on.
fn first_compared(level: &Level, kept: Kept) -> Result<i64, StoreError> {
    if level.span == Span::Quarter {
        return Ok(kept.calls_from_us);
    }
    if kept.figures_from_us == i64::MIN {
        return Ok(i64::MIN);
    }
    let floor = level.floor(kept.figures_from_us)?;
    if floor == kept.figures_from_us {
        Ok(floor)
    } else {
        level.next(floor)
    }
}

/// The first and the last moment that rows, or sums of a level, are of.
async fn extent(store: &Store, level: &Level) -> Result<Option<(i64, i64)>, StoreError> {
    let mut extent: Option<(i64, i64)> = None;
    for (table, column) in [("calls", "started_at_us"), (level.table(), "start_us")] {
        let mut query = Query::select();
        query
            .expr(Expr::col(column).min())
            .expr(Expr::col(column).max())
            .from(table);
        if table != "calls" {
            query.and_where(Expr::col("level").eq(level.id));
        }
        let row = store.readers().query_one(&query).await.map_err(database)?;
        let Some(row) = row else { continue };
        let first: Option<i64> = row.try_get_by_index(0).map_err(database)?;
        let last: Option<i64> = row.try_get_by_index(1).map_err(database)?;
        if let (Some(first), Some(last)) = (first, last) {
            extent = Some(extent.map_or((first, last), |(earliest, latest)| {
                (Ord::min(earliest, first), Ord::max(latest, last))
            }));
        }
    }
    Ok(extent)
}

/// A call's total is the sum of what its buckets and its searches cost.
async fn parts_of_totals(
    transaction: &DatabaseTransaction,
    (first_us, end_us): (i64, i64),
    differences: &mut Vec<Difference>,
) -> Result<(), StoreError> {
    let parts: Vec<String> = Bucket::ALL
        .iter()
        .map(|bucket| columns::cost(*bucket))
        .chain([columns::COST_SEARCHES])
        .map(|column| format!("COALESCE({column}, 0)"))
        .collect();
    let parts = parts.join(" + ");
    let sql = format!(
        "SELECT id, started_at_us, cost_total_nano, {parts} FROM calls \
         WHERE started_at_us >= {first_us} AND started_at_us < {end_us} \
         AND cost_total_nano <> {parts}"
    );
    let backend = transaction.get_database_backend();
    let rows = transaction
        .query_all_raw(Statement::from_string(backend, sql))
        .await
        .map_err(database)?;
    for row in rows {
        let id: Uuid = row.try_get_by_index(0).map_err(database)?;
        let started: i64 = row.try_get_by_index(1).map_err(database)?;
        differences.push(Difference {
            level: "calls".to_owned(),
            start: from_us("calls", started)?,
            key: id.to_string(),
            sum: "parts of cost_total_nano",
            rows: row.try_get_by_index(2).map_err(database)?,
            kept: row.try_get_by_index(3).map_err(database)?,
        });
    }
    Ok(())
}
