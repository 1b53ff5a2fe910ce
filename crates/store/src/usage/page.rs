//! What the page Cost & Usage shows, in few passes and all of one moment.
//!
//! Which series are drawn is found out over the whole range at once, from the longest spans; only those are
//! then read by bucket, together with the total, and the rest is the difference. So a chart of the eight
//! people who spent most does not read two thousand.

use std::collections::HashMap;

use jiff::Timestamp;
use sea_orm::DatabaseTransaction;

use super::{
    answer::{Lines, Plan, Point, UsageReport, snapshot},
    kept::{Kept, RangeLimits},
    labels,
    levels::{self, Level},
    query::{GroupBy, Metric, UsageFilter, UsageQuery},
    zone::{Bucket, buckets},
};
use crate::{
    StoreError,
    calls::{Calls, Choice},
    error::database,
};

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

/// What a page is read with.
struct Reader<'a> {
    transaction: &'a DatabaseTransaction,
    levels: &'a [Level],
    metrics: &'a [Metric],
}

/// Sums by type, and what they are part of.
struct Types {
    cost: UsageReport,
    tokens: UsageReport,
    totals: Lines,
}

/// The keys of some groupings, each largest first.
type Tops = Vec<(GroupBy, Vec<Top>)>;

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

impl Reader<'_> {
    /// Spend and tokens by type, and the totals in the same pass.
    async fn types(&self, query: &UsageQuery, buckets: &[Bucket]) -> Result<Types, StoreError> {
        let by = |group_by| UsageQuery {
            group_by,
            ..query.clone()
        };
        // The measures of both are those of token types; only their keys differ.
        let (by_cost, by_token) = (by(GroupBy::CostType), by(GroupBy::TokenType));
        let (plan, whole) = Plan::of_types(&by_token);
        let lines = plan
            .read(self.transaction, self.levels, &by_token, buckets)
            .await?;
        let names = HashMap::new();
        let report = |query, metric| plan.report(query, metric, buckets, &lines, &names);
        let (cost, tokens) = (
            report(&by_cost, Metric::Spend),
            report(&by_token, Metric::Tokens),
        );
        let splits = query.group_by.splits_calls() || query.filter.splits_calls();
        let totals = lines.into_iter().map(|(key, mut line)| {
            let totals = line.measures.split_off(whole);
            if !splits {
                line.measures = totals;
            }
            (key, line)
        });
        Ok(Types {
            cost,
            tokens,
            totals: totals.collect(),
        })
    }

    /// The keys of each grouping that the page has, largest first.
    async fn tops(&self, query: &UsageQuery) -> Result<Tops, StoreError> {
        let mut tops = Tops::new();
        let of_page = [GroupBy::Provider, GroupBy::Model, GroupBy::Agent];
        for group_by in of_page.into_iter().chain([query.group_by]) {
            let one = matches!(group_by, GroupBy::None) || group_by.splits_calls();
            if one || tops.iter().any(|(known, _)| *known == group_by) {
                continue;
            }
            let query = UsageQuery {
                group_by,
                ..query.clone()
            };
            tops.push((group_by, self.whole(&query).await?));
        }
        Ok(tops)
    }

    /// What each filter that there is could leave besides.
    async fn choices(&self, query: &UsageQuery) -> Result<Tops, StoreError> {
        let mut choices = Tops::new();
        for group_by in [GroupBy::Provider, GroupBy::Model, GroupBy::Agent] {
            let mut others = UsageQuery {
                group_by,
                ..query.clone()
            };
            let filter = &mut others.filter;
            match group_by {
                GroupBy::Provider => filter.providers = Choice::default(),
                GroupBy::Model => filter.models = Choice::default(),
                _ => filter.agents = Choice::default(),
            }
            if others.filter != query.filter {
                choices.push((group_by, self.whole(&others).await?));
            }
        }
        Ok(choices)
    }

    /// The charts, each with its largest series.
    async fn charts(
        &self,
        query: &UsageQuery,
        buckets: &[Bucket],
        series: usize,
        totals: &Lines,
        tops: &Tops,
    ) -> Result<Vec<Chart>, StoreError> {
        let names = labels::names(self.transaction, query.group_by).await?;
        let plan = Plan::of(query, self.metrics);
        let all = |lines: &Lines| {
            let chart = |metric: &Metric| Chart {
                report: plan.report(query, *metric, buckets, lines, &names),
                rest: None,
            };
            self.metrics.iter().map(chart).collect()
        };
        if query.group_by == GroupBy::None || query.group_by.splits_calls() {
            return Ok(all(totals));
        }
        let (transaction, levels) = (self.transaction, self.levels);
        let found = tops.iter().find(|(of, _)| *of == query.group_by);
        let whole = found.map_or(&[][..], |(_, whole)| whole);
        let (drawn, others) = whole.split_at_checked(series).unwrap_or((whole, &[]));
        if others.is_empty() {
            let lines = plan.read(transaction, levels, query, buckets).await?;
            return Ok(all(&lines));
        }
        let keys: Vec<Option<String>> = drawn.iter().map(|top| top.key.clone()).collect();
        let narrowed = UsageQuery {
            filter: narrowed(&query.filter, query.group_by, &keys)?,
            ..query.clone()
        };
        let total = UsageQuery {
            group_by: GroupBy::None,
            ..query.clone()
        };
        let lines = plan.read(transaction, levels, &narrowed, buckets).await?;
        let chart = |metric: &Metric| {
            let drawn = plan.report(query, *metric, buckets, &lines, &names);
            let total = plan.report(&total, *metric, buckets, totals, &names);
            chart(drawn, total, others.len())
        };
        Ok(self.metrics.iter().map(chart).collect())
    }

    /// What each key has over the whole range, largest first: by spend, then by tokens and requests.
    async fn whole(&self, query: &UsageQuery) -> Result<Vec<Top>, StoreError> {
        let at_once = at_once(query, query.from, query.to);
        let plan = Plan::of(query, self.metrics);
        let lines = plan
            .read(self.transaction, self.levels, query, &at_once)
            .await?;
        let names = labels::names(self.transaction, query.group_by).await?;
        let mut tops: Vec<Top> = lines
            .into_iter()
            .filter_map(|(key, line)| {
                Some(Top {
                    totals: plan.totals(self.metrics, &line)?,
                    label: labels::label(query.group_by, key.as_deref(), &names).to_owned(),
                    key,
                })
            })
            .collect();
        let size = |top: &Top| (top.totals.spend, top.totals.tokens, top.totals.requests);
        tops.sort_unstable_by(|a, b| size(b).cmp(&size(a)).then_with(|| a.key.cmp(&b.key)));
        Ok(tops)
    }

    /// The same filter over another period, as far as there are figures of it, and which that is. Where calls
    /// are deleted it is widened to whole quarter hours, but not into the range itself.
    async fn before(
        &self,
        query: &UsageQuery,
        (from, to): (Timestamp, Timestamp),
    ) -> Result<(Totals, (Timestamp, Timestamp)), StoreError> {
        let (from, end) = Kept::of(self.levels).range(from, to)?;
        let to = end.min(query.from);
        if from >= to {
            return Ok((Totals::default(), (from, from)));
        }
        let query = UsageQuery {
            group_by: GroupBy::None,
            from,
            to,
            ..query.clone()
        };
        let at_once = at_once(&query, query.from, query.to);
        let plan = Plan::of(&query, self.metrics);
        let lines: Lines = plan
            .read(self.transaction, self.levels, &query, &at_once)
            .await?;
        let mut totals = Totals::default();
        for metric in self.metrics {
            let report = plan.report(&query, *metric, &at_once, &lines, &HashMap::new());
            *totals.of(*metric) = report.total;
            totals.unpriced = report.unpriced_calls;
        }
        Ok((totals, (from, to)))
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

/// A whole range as one bucket.
fn at_once(query: &UsageQuery, from: Timestamp, to: Timestamp) -> [Bucket; 1] {
    [Bucket {
        start: query.zone.start(from),
        from,
        to,
    }]
}

/// A filter that leaves only some keys of those that it left before.
fn narrowed(
    filter: &UsageFilter,
    group_by: GroupBy,
    keys: &[Option<String>],
) -> Result<UsageFilter, StoreError> {
    let mut filter = filter.clone();
    let unreadable = |key: &String| StoreError::unreadable("usage_sealed", key);
    match group_by {
        GroupBy::Provider => {
            let named = keys.iter().flatten();
            let ids = named.map(|key| key.parse().map_err(|_| unreadable(key)));
            filter.providers.any_of = ids.collect::<Result<_, _>>()?;
        }
        GroupBy::Model => filter.models.any_of = keys.to_vec(),
        GroupBy::Agent => filter.agents.any_of = keys.to_vec(),
        GroupBy::User => filter.users.any_of = keys.to_vec(),
        GroupBy::Token => {
            let ids = keys.iter().map(|key| match key {
                None => Ok(None),
                Some(key) => key.parse().map(Some).map_err(|_| unreadable(key)),
            });
            filter.tokens.any_of = ids.collect::<Result<_, _>>()?;
        }
        GroupBy::None | GroupBy::TokenType | GroupBy::CostType => {}
    }
    Ok(filter)
}

/// The chart of some series, by the total of all.
fn chart(drawn: UsageReport, total: UsageReport, others: usize) -> Chart {
    let all = total
        .series
        .first()
        .map_or(&[][..], |series| &series.points);
    let points: Vec<Point> = all
        .iter()
        .enumerate()
        .map(|(bucket, all)| {
            let series = drawn.series.iter();
            let of_series = series.filter_map(|series| series.points.get(bucket));
            let sum: i64 = of_series.map(|point| point.value).sum();
            Point {
                start: all.start,
                value: all.value.saturating_sub(sum),
            }
        })
        .collect();
    let rest = Rest {
        series: others,
        total: total.total.saturating_sub(drawn.total),
        points,
    };
    Chart {
        report: UsageReport {
            total: total.total,
            unpriced_calls: total.unpriced_calls,
            estimated_calls: total.estimated_calls,
            ..drawn
        },
        rest: Some(rest),
    }
}
