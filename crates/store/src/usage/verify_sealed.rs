//! The part of the proof that is of deleted calls: their sums by quarter hour are as they were sealed.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{
    ConnectionTrait, DatabaseTransaction,
    sea_query::{Expr, ExprTrait, Query},
};

use super::{
    answer::snapshot,
    checksum::{self, Checksum},
    kept::Kept,
    levels::{self, HOUR_US, Level, Span},
    verify::{CHECKSUM, Difference},
};
use crate::{StoreError, calls::Calls, error::database, time::from_us};

impl Calls<'_> {
    /// Compares the live sums of deleted calls with the checksums that they were sealed with.
    pub(super) async fn verify_sealed(
        &self,
        differences: &mut Vec<Difference>,
    ) -> Result<(), StoreError> {
        let mut next_us = i64::MIN;
        loop {
            let transaction = snapshot(self.0).await?;
            let levels = levels::all(&transaction).await?;
            let kept = Kept::of(&levels);
            let begin_us = Ord::max(next_us, kept.figures_from_us);
            let first = first_sealed(&transaction, &levels, begin_us, kept.calls_from_us).await?;
            let Some(first_us) = first else {
                return transaction.commit().await.map_err(database);
            };
            next_us = Ord::min(first_us.saturating_add(HOUR_US), kept.calls_from_us);
            let found = checksum::of_sums(&transaction, &levels, first_us, next_us).await?;
            let sealed = checksum::kept(&transaction, first_us, next_us).await?;
            transaction.commit().await.map_err(database)?;
            let starts: BTreeSet<i64> = found.keys().chain(sealed.keys()).copied().collect();
            for start in starts {
                let of =
                    |sums: &BTreeMap<i64, Checksum>| sums.get(&start).copied().unwrap_or_default();
                if of(&found) != of(&sealed) {
                    differences.push(Difference {
                        level: "sums of deleted calls by quarter".to_owned(),
                        start: from_us("usage_checksums", start)?,
                        key: "all".to_owned(),
                        sum: CHECKSUM,
                        rows: of(&sealed).digits(),
                        kept: of(&found).digits(),
                    });
                }
            }
        }
    }
}

/// Where the first live sum or checksum begins, from a moment on and before another.
async fn first_sealed(
    transaction: &DatabaseTransaction,
    levels: &[Level],
    from_us: i64,
    until_us: i64,
) -> Result<Option<i64>, StoreError> {
    let live = levels.iter().filter(|level| level.span == Span::Quarter);
    let sums = live.map(|level| (level.table(), Some(level.id)));
    let mut first = None;
    for (table, level) in sums.chain([("usage_checksums", None)]) {
        let mut query = Query::select();
        query
            .expr(Expr::col("start_us").min())
            .from(table)
            .and_where(Expr::col("start_us").gte(from_us))
            .and_where(Expr::col("start_us").lt(until_us));
        if let Some(level) = level {
            query.and_where(Expr::col("level").eq(level));
        }
        let row = transaction.query_one(&query).await.map_err(database)?;
        let found: Option<i64> = row
            .map_or(Ok(None), |row| row.try_get_by_index(0))
            .map_err(database)?;
        first = first.into_iter().chain(found).min();
    }
    Ok(first)
}
