//! What is read for an answer, and the series that are made of it.

use std::collections::HashMap;

use sea_orm::DatabaseTransaction;

use super::{Point, Series, UsageReport};
use crate::{
    StoreError,
    usage::{
        POINTS_MAX, UsageProblem,
        kept::{Kept, RangeLimits},
        labels,
        levels::Level,
        page::Totals,
        parts,
        parts::{Measure, TokenType},
        pieces,
        query::{GroupBy, Metric, UsageQuery},
        source::{Reading, Sums},
        zone::Bucket,
    },
};

/// The sums that spend and tokens are where calls are not split.
pub(in crate::usage) const SPEND: &str = "cost_total_nano";
pub(in crate::usage) const TOKENS: &str = "tokens_total";

/// What is known of one series while it is summed.
#[derive(Default)]
pub(in crate::usage) struct Line {
    requests: Vec<i128>,
    unpriced: i128,
    estimated: i128,
    /// Per measure, per bucket.
    pub(in crate::usage) measures: Vec<Vec<i128>>,
}

/// What is known of each series while it is summed, by its key.
pub(in crate::usage) type Lines = HashMap<Option<String>, Line>;

/// What the measures of a query are.
pub(in crate::usage) struct Plan {
    measures: Vec<Measure>,
    /// Which measures each metric sums, and as which part of a call.
    uses: Vec<(Metric, Option<TokenType>, usize)>,
}

impl Plan {
    pub(in crate::usage) fn of(query: &UsageQuery, metrics: &[Metric]) -> Self {
        let mut plan = Self {
            measures: vec![],
            uses: vec![],
        };
        let splits = query.group_by.splits_calls() || query.filter.splits_calls();
        for metric in metrics {
            let whole = match metric {
                Metric::Spend => SPEND,
                Metric::Tokens => TOKENS,
                Metric::Requests => continue,
            };
            if !splits {
                plan.add(
                    *metric,
                    None,
                    Some(Measure {
                        of: whole,
                        less: None,
                    }),
                );
                continue;
            }
            for part in parts::of(&query.filter) {
                let measure = match metric {
                    Metric::Spend => Some(part.cost()),
                    Metric::Tokens => part.tokens(),
                    Metric::Requests => None,
                };
                plan.add(*metric, Some(part), measure);
            }
        }
        plan
    }

    /// A plan for spend and tokens by type, and for their totals beside them.
    pub(in crate::usage) fn of_types(by_type: &UsageQuery) -> (Self, usize) {
        let mut plan = Self::of(by_type, &[Metric::Spend, Metric::Tokens]);
        let totals = plan.measures.len();
        for of in [SPEND, TOKENS] {
            plan.measures.push(Measure { of, less: None });
        }
        (plan, totals)
    }

    fn add(&mut self, metric: Metric, part: Option<TokenType>, measure: Option<Measure>) {
        if let Some(measure) = measure {
            self.uses.push((metric, part, self.measures.len()));
            self.measures.push(measure);
        }
    }

    /// Reads what the series are, by key.
    pub(in crate::usage) async fn read(
        &self,
        transaction: &DatabaseTransaction,
        levels: &[Level],
        query: &UsageQuery,
        buckets: &[Bucket],
    ) -> Result<Lines, StoreError> {
        let buckets = &Kept::of(levels).edges(buckets)?;
        let reading = Reading {
            filter: &query.filter,
            group_by: query.group_by,
            measures: &self.measures,
            buckets,
        };
        let sources = pieces::sources(levels, &reading.needed());
        let line = || Line::new(buckets.len(), self.measures.len());
        let mut lines = Lines::new();
        if query.group_by == GroupBy::None || query.group_by.splits_calls() {
            lines.insert(None, line());
        }
        for piece in pieces::of(buckets, &sources)? {
            for sums in reading.read(transaction, piece).await? {
                let held = lines.entry(sums.key.clone()).or_insert_with(line);
                held.add(&sums);
            }
            if lines.len().saturating_mul(buckets.len()) > POINTS_MAX {
                return Err(UsageProblem::TooManyPoints.into());
            }
        }
        Ok(lines)
    }

    pub(in crate::usage) fn report(
        &self,
        query: &UsageQuery,
        metric: Metric,
        buckets: &[Bucket],
        lines: &Lines,
        names: &HashMap<String, String>,
    ) -> UsageReport {
        let mut series: Vec<Series> = if query.group_by.splits_calls() {
            self.types(query.group_by, metric, buckets, lines)
        } else {
            lines
                .iter()
                .map(|(key, line)| Series {
                    key: key.clone(),
                    label: labels::label(query.group_by, key.as_deref(), names).to_owned(),
                    unpriced_calls: count(line.unpriced),
                    estimated_calls: count(line.estimated),
                    ..series(buckets, &self.values(metric, line, |_| true))
                })
                .filter(|series| {
                    let line = lines.get(&series.key);
                    query.group_by == GroupBy::None
                        || series.total != 0
                        || series.unpriced_calls != 0
                        || line.is_some_and(|line| line.requests.iter().any(|count| *count != 0))
                })
                .collect()
        };
        series
            .sort_unstable_by(|a, b| (b.total, &a.label, &a.key).cmp(&(a.total, &b.label, &b.key)));
        UsageReport {
            metric,
            group_by: query.group_by,
            bucket: query.bucket,
            zone: query.zone.clone(),
            from: query.from,
            to: query.to,
            limits: RangeLimits::default(),
            total: clamp(series.iter().map(|series| i128::from(series.total)).sum()),
            unpriced_calls: count(lines.values().map(|line| line.unpriced).sum()),
            estimated_calls: count(lines.values().map(|line| line.estimated).sum()),
            series,
        }
    }

    /// The series of a report by types: parts with the same key are put together.
    fn types(
        &self,
        group_by: GroupBy,
        metric: Metric,
        buckets: &[Bucket],
        lines: &Lines,
    ) -> Vec<Series> {
        let key_of = |part: TokenType| match group_by {
            GroupBy::CostType => (part.cost_type().key(), part.cost_type().label()),
            _ => (part.key(), part.label()),
        };
        let mut keys: Vec<(&str, &str)> = vec![];
        for (_, part, _) in &self.uses {
            if let Some(key) = part.map(key_of)
                && !keys.contains(&key)
            {
                keys.push(key);
            }
        }
        let Some(line) = lines.get(&None) else {
            return vec![];
        };
        keys.into_iter()
            .map(|key| {
                let values = self.values(metric, line, |part| part.map(key_of) == Some(key));
                Series {
                    key: Some(key.0.to_owned()),
                    label: key.1.to_owned(),
                    ..series(buckets, &values)
                }
            })
            .filter(|series| series.points.iter().any(|point| point.value != 0))
            .collect()
    }

    /// What a series has over the whole range. `None`: it has nothing.
    pub(in crate::usage) fn totals(&self, metrics: &[Metric], line: &Line) -> Option<Totals> {
        let mut totals = Totals {
            unpriced: count(line.unpriced),
            ..Totals::default()
        };
        let mut is_there = totals.unpriced != 0 || line.requests.iter().any(|count| *count != 0);
        for metric in metrics {
            let total = clamp(self.values(*metric, line, |_| true).iter().sum());
            is_there |= total != 0;
            *totals.of(*metric) = total;
        }
        is_there.then_some(totals)
    }

    /// The sums per bucket of the measures that a metric has.
    fn values(
        &self,
        metric: Metric,
        line: &Line,
        takes: impl Fn(Option<TokenType>) -> bool,
    ) -> Vec<i128> {
        if metric == Metric::Requests {
            return line.requests.clone();
        }
        let mut values = vec![0; line.requests.len()];
        for (of, part, measure) in &self.uses {
            if *of == metric && takes(*part) {
                let sums = line.measures.get(*measure).map_or(&[][..], Vec::as_slice);
                for (value, sum) in values.iter_mut().zip(sums) {
                    *value += sum;
                }
            }
        }
        values
    }
}

impl Line {
    fn new(buckets: usize, measures: usize) -> Self {
        Self {
            requests: vec![0; buckets],
            measures: vec![vec![0; buckets]; measures],
            ..Self::default()
        }
    }

    fn add(&mut self, sums: &Sums) {
        let bucket = sums.bucket;
        if let Some(requests) = self.requests.get_mut(bucket) {
            *requests += i128::from(sums.requests);
        }
        self.unpriced += i128::from(sums.unpriced);
        self.estimated += i128::from(sums.estimated);
        for (measure, sum) in self.measures.iter_mut().zip(&sums.measures) {
            if let Some(value) = measure.get_mut(bucket) {
                *value += i128::from(*sum);
            }
        }
    }
}

fn series(buckets: &[Bucket], values: &[i128]) -> Series {
    Series {
        key: None,
        label: String::new(),
        total: clamp(values.iter().sum()),
        unpriced_calls: 0,
        estimated_calls: 0,
        points: buckets
            .iter()
            .zip(values)
            .map(|(bucket, value)| Point {
                start: bucket.start,
                value: clamp(*value),
            })
            .collect(),
    }
}

/// A sum as it is shown, held at the largest that fits.
fn clamp(sum: i128) -> i64 {
    i64::try_from(sum).unwrap_or(if sum < 0 { i64::MIN } else { i64::MAX })
}

fn count(sum: i128) -> u64 {
    u64::try_from(sum).unwrap_or(0)
}
