//! The passes that a page is read in, and its parts made of them.

use std::collections::HashMap;

use jiff::Timestamp;
use sea_orm::DatabaseTransaction;

use super::{Chart, Rest, Top, Totals};
use crate::{
    StoreError,
    calls::Choice,
    usage::{
        answer::{Lines, Plan, Point, UsageReport},
        kept::Kept,
        labels,
        levels::Level,
        query::{GroupBy, Metric, UsageFilter, UsageQuery},
        zone::Bucket,
    },
};

/// What a page is read with.
pub(super) struct Reader<'a> {
    pub(super) transaction: &'a DatabaseTransaction,
    pub(super) levels: &'a [Level],
    pub(super) metrics: &'a [Metric],
}

/// Sums by type, and what they are part of.
pub(super) struct Types {
    pub(super) cost: UsageReport,
    pub(super) tokens: UsageReport,
    pub(super) totals: Lines,
}

/// The keys of some groupings, each largest first.
pub(super) type Tops = Vec<(GroupBy, Vec<Top>)>;

impl Reader<'_> {
    /// Spend and tokens by type, and the totals in the same pass.
    pub(super) async fn types(
        &self,
        query: &UsageQuery,
        buckets: &[Bucket],
    ) -> Result<Types, StoreError> {
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
    pub(super) async fn tops(&self, query: &UsageQuery) -> Result<Tops, StoreError> {
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
    pub(super) async fn choices(&self, query: &UsageQuery) -> Result<Tops, StoreError> {
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
    pub(super) async fn charts(
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
    pub(super) async fn before(
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
