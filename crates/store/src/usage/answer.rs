//! Putting the answer together.

mod plan;

use jiff::Timestamp;
use sea_orm::{DatabaseTransaction, DbBackend, IsolationLevel, TransactionTrait};

use super::{
    kept::{Kept, RangeLimits},
    labels, levels,
    query::{BucketSize, GroupBy, Metric, UsageQuery},
    zone::{BucketStart, ReportZone, buckets},
};
use crate::{Store, StoreError, calls::Calls, error::database};

pub(super) use plan::{Lines, Plan, SPEND, TOKENS};

/// Sums over the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageReport {
    /// What is summed: nano-dollars, calls or tokens.
    pub metric: Metric,
    /// What makes a series of its own.
    pub group_by: GroupBy,
    /// How long a bucket is.
    pub bucket: BucketSize,
    /// Whose hours and days they are.
    pub zone: ReportZone,
    /// The beginning of the range.
    pub from: Timestamp,
    /// Its end, which it does not contain.
    pub to: Timestamp,
    /// What is deleted, and whether the range is another one for it.
    pub limits: RangeLimits,
    /// The sum over all series.
    pub total: i64,
    /// Calls whose cost is not known: their cost is missing from the total of spend.
    pub unpriced_calls: u64,
    /// Calls whose tokens Weir counted itself.
    pub estimated_calls: u64,
    /// Largest first. One for each key that had a call in the range; for types, each that is not zero.
    pub series: Vec<Series>,
}

/// One line of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// What it is the line of: an id or a name. `None`: the total, or the calls where nobody said.
    pub key: Option<String>,
    /// What people read.
    pub label: String,
    /// The sum over its points.
    pub total: i64,
    /// Calls of it whose cost is not known. 0 where a call can be in several series.
    pub unpriced_calls: u64,
    /// Calls of it whose tokens Weir counted itself. 0 where a call can be in several series.
    pub estimated_calls: u64,
    /// One per bucket, zeros included.
    pub points: Vec<Point>,
}

/// One bucket of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// Where the bucket begins on the calendar, which may be before the range does.
    pub start: BucketStart,
    /// The sum.
    pub value: i64,
}

impl Calls<'_> {
    /// Sums over the ledger.
    ///
    /// # Errors
    /// [`StoreError::Usage`] where the query has no answer.
    pub async fn usage(&self, query: &UsageQuery) -> Result<UsageReport, StoreError> {
        let mut reports = self.usage_of(query, &[query.metric]).await?;
        reports
            .pop()
            .ok_or(StoreError::Database("no report was made".to_owned()))
    }

    /// As [`Calls::usage`] for several metrics at once, in their order, for little more than the price of
    /// one. The query's own metric does not matter.
    ///
    /// # Errors
    /// [`StoreError::Usage`] where the query has no answer.
    pub async fn usage_of(
        &self,
        query: &UsageQuery,
        metrics: &[Metric],
    ) -> Result<Vec<UsageReport>, StoreError> {
        query.check(metrics)?;
        let _turn = self.0.turns().turn().await?;
        let transaction = snapshot(self.0).await?;
        let levels = levels::all(&transaction).await?;
        let (query, limits) = Kept::of(&levels).answerable(query)?;
        let query = &query;
        let buckets = buckets(&query.zone, query.bucket, query.from, query.to)?;
        let plan = Plan::of(query, metrics);
        let lines = plan.read(&transaction, &levels, query, &buckets).await?;
        let names = labels::names(&transaction, query.group_by).await?;
        transaction.commit().await.map_err(database)?;
        Ok(metrics
            .iter()
            .map(|metric| UsageReport {
                limits,
                ..plan.report(query, *metric, &buckets, &lines, &names)
            })
            .collect())
    }
}

/// A transaction that sees the ledger as it is at one moment.
pub(crate) async fn snapshot(store: &Store) -> Result<DatabaseTransaction, StoreError> {
    let readers = store.readers();
    // In SQLite's log every reading transaction is one.
    if store.backend() == DbBackend::Sqlite {
        readers.begin().await.map_err(database)
    } else {
        readers
            .begin_with_config(Some(IsolationLevel::RepeatableRead), None)
            .await
            .map_err(database)
    }
}
