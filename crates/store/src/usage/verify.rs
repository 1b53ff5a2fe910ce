//! Proof that the sums that are kept are the sums of the rows.

use std::collections::{BTreeMap, BTreeSet};

use domain::Bucket;
use jiff::Timestamp;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbErr, QueryResult,
    sea_query::{Expr, ExprTrait, Query, SelectStatement},
};
use uuid::Uuid;

use super::{
    answer::snapshot,
    pieces::{From, SPANS_MINUTES, span_start},
    source::sum,
};
use crate::{StoreError, calls::Calls, columns, error::database, time::from_us};

const QUARTER_MINUTES: i64 = 15;
const QUARTER_US: i64 = QUARTER_MINUTES * 60_000_000;
const DAY_MINUTES: i64 = 1440;
const DAY_US: i64 = DAY_MINUTES * 60_000_000;

/// A sum that is not the sum of its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The span, in minutes.
    pub span_minutes: i64,
    /// Where it begins.
    pub start: Timestamp,
    /// Whose calls: provider, type, model, agent, user, token.
    pub key: String,
    /// Which sum.
    pub sum: &'static str,
    /// What the rows add up to.
    pub rows: i64,
    /// What is kept. For the parts of a cost: what they add up to.
    pub kept: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    start_us: i64,
    texts: [String; 5],
    token: Uuid,
}

type Sums = BTreeMap<Key, Vec<i64>>;

impl Calls<'_> {
    /// Compares every sum that is kept with the rows, and every total of rows with its parts. Nothing:
    /// the books balance. Reads the whole ledger, a day at a time.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn verify_rollups(&self) -> Result<Vec<Difference>, StoreError> {
        let mut differences = vec![];
        let Some((first, last)) = self.extent().await? else {
            return Ok(differences);
        };
        let mut day = span_start(first, DAY_MINUTES);
        while day <= last {
            let transaction = snapshot(self.0).await?;
            let rows = rows(&transaction, day).await?;
            parts_of_totals(&rows, &mut differences)?;
            for minutes in SPANS_MINUTES {
                let kept = kept(&transaction, day, minutes).await?;
                compare(minutes, &over(&rows, minutes), &kept, &mut differences)?;
            }
            transaction.commit().await.map_err(database)?;
            day = day.saturating_add(DAY_US);
        }
        Ok(differences)
    }

    /// The first and the last moment that rows or sums are of.
    async fn extent(&self) -> Result<Option<(i64, i64)>, StoreError> {
        let mut extent: Option<(i64, i64)> = None;
        for (table, column) in [("calls", "started_at_us"), ("usage_rollups", "start_us")] {
            let mut query = Query::select();
            query
                .expr(Expr::col(column).min())
                .expr(Expr::col(column).max())
                .from(table);
            let row = self.0.readers().query_one(&query).await.map_err(database)?;
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
}

/// What the rows of a day add up to, by quarter hour.
async fn rows(transaction: &DatabaseTransaction, day: i64) -> Result<Sums, StoreError> {
    let quarter = format!("started_at_us / {QUARTER_US}");
    let mut query = Query::select();
    query
        .expr(Expr::cust(quarter.clone()))
        .columns([
            "provider",
            "provider_type",
            "model",
            "agent",
            "user_name",
            "token",
        ])
        .from("calls")
        .and_where(Expr::col("started_at_us").gte(day))
        .and_where(Expr::col("started_at_us").lt(day.saturating_add(DAY_US)))
        .add_group_by([Expr::cust(quarter)])
        .group_by_columns([
            "provider",
            "provider_type",
            "model",
            "agent",
            "user_name",
            "token",
        ]);
    for column in columns::rollup_sums() {
        query.expr(sum(From::Rows, column));
    }
    fetch(transaction, &query, QUARTER_US).await
}

/// What is kept of a day.
async fn kept(
    transaction: &DatabaseTransaction,
    day: i64,
    minutes: i64,
) -> Result<Sums, StoreError> {
    let mut query = Query::select();
    query
        .columns([
            "start_us",
            "provider",
            "provider_type",
            "model",
            "agent",
            "user_name",
            "token",
        ])
        .columns(columns::rollup_sums())
        .from("usage_rollups")
        .and_where(Expr::col("span_minutes").eq(minutes))
        .and_where(Expr::col("start_us").gte(day))
        .and_where(Expr::col("start_us").lt(day.saturating_add(DAY_US)));
    fetch(transaction, &query, 1).await
}

async fn fetch(
    transaction: &DatabaseTransaction,
    query: &SelectStatement,
    unit_us: i64,
) -> Result<Sums, StoreError> {
    let rows = transaction.query_all(query).await.map_err(database)?;
    let mut sums = Sums::new();
    for row in &rows {
        let (key, values) = read(row, unit_us).map_err(database)?;
        add(&mut sums, key, &values);
    }
    Ok(sums)
}

fn read(row: &QueryResult, unit_us: i64) -> Result<(Key, Vec<i64>), DbErr> {
    let start: i64 = row.try_get_by_index(0)?;
    let text = |column| {
        let text: Option<String> = row.try_get_by_index(column)?;
        Ok::<_, DbErr>(text.unwrap_or_default())
    };
    let token: Option<Uuid> = row.try_get_by_index(6)?;
    let key = Key {
        start_us: start.saturating_mul(unit_us),
        texts: [text(1)?, text(2)?, text(3)?, text(4)?, text(5)?],
        token: token.unwrap_or_default(),
    };
    let values = columns::rollup_sums()
        .zip(7..)
        .map(|(_, column)| row.try_get_by_index(column))
        .collect::<Result<_, _>>()?;
    Ok((key, values))
}

/// Sums over quarter hours as sums over longer spans.
fn over(quarters: &Sums, minutes: i64) -> Sums {
    let mut sums = Sums::new();
    for (key, values) in quarters {
        let key = Key {
            start_us: span_start(key.start_us, minutes),
            ..key.clone()
        };
        add(&mut sums, key, values);
    }
    sums
}

fn add(sums: &mut Sums, key: Key, values: &[i64]) {
    let held = sums.entry(key).or_insert_with(|| vec![0; values.len()]);
    for (held, value) in held.iter_mut().zip(values) {
        *held = held.saturating_add(*value);
    }
}

fn compare(
    minutes: i64,
    rows: &Sums,
    kept: &Sums,
    differences: &mut Vec<Difference>,
) -> Result<(), StoreError> {
    let keys: BTreeSet<&Key> = rows.keys().chain(kept.keys()).collect();
    for key in keys {
        let value = |sums: &Sums, index| {
            sums.get(key)
                .and_then(|values| values.get(index))
                .copied()
                .unwrap_or_default()
        };
        for (index, sum) in columns::rollup_sums().enumerate() {
            let (rows, kept) = (value(rows, index), value(kept, index));
            if rows != kept {
                differences.push(difference(minutes, key, sum, rows, kept)?);
            }
        }
    }
    Ok(())
}

/// A total is the sum of what its buckets and its searches cost.
fn parts_of_totals(rows: &Sums, differences: &mut Vec<Difference>) -> Result<(), StoreError> {
    let parts: Vec<&str> = Bucket::ALL
        .iter()
        .map(|bucket| columns::cost(*bucket))
        .chain([columns::COST_SEARCHES])
        .collect();
    for (key, values) in rows {
        let (mut total, mut of_parts) = (0_i64, 0_i64);
        for (column, value) in columns::rollup_sums().zip(values) {
            if column == "cost_total_nano" {
                total = *value;
            } else if parts.contains(&column) {
                of_parts = of_parts.saturating_add(*value);
            }
        }
        if total != of_parts {
            let sum = "parts of cost_total_nano";
            differences.push(difference(QUARTER_MINUTES, key, sum, total, of_parts)?);
        }
    }
    Ok(())
}

fn difference(
    span_minutes: i64,
    key: &Key,
    sum: &'static str,
    rows: i64,
    kept: i64,
) -> Result<Difference, StoreError> {
    Ok(Difference {
        span_minutes,
        start: from_us("usage_rollups", key.start_us)?,
        key: format!("{} {}", key.texts.join(" "), key.token),
        sum,
        rows,
        kept,
    })
}
