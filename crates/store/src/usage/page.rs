//! What the page Cost & Usage shows, in few passes and all of one moment.
//!
//! Which series are drawn is found out over the whole range at once, from the longest spans; only those are
//! then read by bucket, together with the total, and the rest is the difference. So a chart of the eight
//! people who spent most does not read two thousand.

mod reader;

use jiff::Timestamp;

use super::{
    answer::{Point, UsageReport, snapshot},
    kept::{Kept, RangeLimits},
    levels,
    query::{GroupBy, Metric, UsageQuery},
    zone::buckets,
};
use crate::{StoreError, calls::Calls, error::database};
use reader::{Reader, Tops};

/// What the page Cost & Usage shows for one range and filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsagePage {
    /// One chart for each of spend, requests and tokens, in this order; without requests where calls are
    /// split by type.
    pub charts: Vec<Chart>,
    /// Spend by what it was for; adds up to the chart of spend in each bucket.
    pub cost_types: UsageReport,
    /// Tokens by type; adds up to the chart of tokens in each bucket.
    pub token_types: UsageReport,
    /// The same filter over the period that it is compared with, as far as there are figures.
    pub before: Totals,
    /// From when to when that period was summed: without what is deleted, and of whole quarter hours where
    /// calls are. Empty where there are no figures of it.
    pub before_range: (Timestamp, Timestamp),
    /// What is deleted, and whether the page is of another range for it.
    pub limits: RangeLimits,
    /// Every provider that had calls, by spend, largest first.
    pub top_providers: Vec<Top>,
    /// Every model that was asked for, by spend, largest first.
    pub top_models: Vec<Top>,
    /// Every application, by spend, largest first.
    pub top_agents: Vec<Top>,
    /// For each filter by provider, model or agent that there is: what it could leave, which is what occurs
    /// under the other filters, by spend, largest first.
    pub choices: Vec<(GroupBy, Vec<Top>)>,
}

/// One chart: the largest series, and the rest together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    /// The totals are of everything, the series only the largest; their order is that of this metric.
    pub report: UsageReport,
    /// All other series together. `None`: there are none.
    pub rest: Option<Rest>,
}

/// The series of a chart that are not drawn one by one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rest {
    /// How many they are.
    pub series: usize,
    /// Their sum.
    pub total: i64,
    /// Their sum per bucket.
    pub points: Vec<Point>,
}

/// Sums over a whole range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Nano-dollars.
    pub spend: i64,
    /// Calls. 0 where calls are split by type.
    pub requests: i64,
    /// Tokens.
    pub tokens: i64,
    /// Calls whose cost is not known: they are missing from spend.
    pub unpriced: u64,
}

/// An entry of a list of the largest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Top {
    /// An id or a name. `None`: nobody said.
    pub key: Option<String>,
    /// What people read.
    pub label: String,
    /// Its sums.
    pub totals: Totals,
}

impl Calls<'_> {
    /// What the page Cost & Usage shows: `series` of each chart one by one, the rest together. The query's
    /// metric does not matter. Compared with the period of the same length right before.
    ///
    /// # Errors
    /// [`StoreError::Usage`] where the query has no answer.
    pub async fn usage_page(
        &self,
        query: &UsageQuery,
        series: usize,
    ) -> Result<UsagePage, StoreError> {
        let length = query.to.duration_since(query.from);
        let from = query.from.checked_sub(length).unwrap_or(query.from);
        self.usage_page_against(query, (from, query.from), series)
            .await
    }

    /// As [`Calls::usage_page`], compared with the period that begins and ends so. Those who ask the same at
    /// the same time share the answer.
    ///
    /// # Errors
    /// [`StoreError::Usage`] where the query has no answer.
    pub async fn usage_page_against(
        &self,
        query: &UsageQuery,
        before: (Timestamp, Timestamp),
        series: usize,
    ) -> Result<UsagePage, StoreError> {
        let turns = self.0.turns();
        let answer = turns.answer(query, before, series);
        let read = || async {
            let _turn = turns.turn().await?;
            self.read_page(query, before, series).await
        };
        answer.get_or_try_init(read).await.cloned()
    }

    async fn read_page(
        &self,
        query: &UsageQuery,
        before: (Timestamp, Timestamp),
        series: usize,
    ) -> Result<UsagePage, StoreError> {
        query.check(&[Metric::Spend, Metric::Tokens])?;
        let metrics = metrics_of(query);
        let transaction = snapshot(self.0).await?;
        let levels = levels::all(&transaction).await?;
        let (query, limits) = Kept::of(&levels).answerable(query)?;
        let query = &query;
        let buckets = buckets(&query.zone, query.bucket, query.from, query.to)?;
        let reader = Reader {
            transaction: &transaction,
            levels: &levels,
            metrics,
        };
        let types = reader.types(query, &buckets).await?;
        let tops = reader.tops(query).await?;
        let (before, before_range) = reader.before(query, before).await?;
        let page = UsagePage {
            charts: reader
                .charts(query, &buckets, series, &types.totals, &tops)
                .await?,
            before,
            before_range,
            limits,
            choices: reader.choices(query).await?,
            cost_types: types.cost,
            token_types: types.tokens,
            top_providers: all(&tops, GroupBy::Provider),
            top_models: all(&tops, GroupBy::Model),
            top_agents: all(&tops, GroupBy::Agent),
        };
        transaction.commit().await.map_err(database)?;
        Ok(page)
    }
}

/// What is summed: requests only where a call is not in several series.
fn metrics_of(query: &UsageQuery) -> &'static [Metric] {
    if query.group_by.splits_calls() || query.filter.splits_calls() {
        &[Metric::Spend, Metric::Tokens]
    } else {
        Metric::ALL
    }
}

impl Totals {
    pub(super) fn of(&mut self, metric: Metric) -> &mut i64 {
        match metric {
            Metric::Spend => &mut self.spend,
            Metric::Requests => &mut self.requests,
            Metric::Tokens => &mut self.tokens,
        }
    }
}

/// All keys of a grouping.
fn all(tops: &Tops, group_by: GroupBy) -> Vec<Top> {
    let found = tops.iter().find(|(of, _)| *of == group_by);
    found.map_or(vec![], |(_, all)| all.clone())
}
