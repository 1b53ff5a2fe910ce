//! What the page Cost & Usage shows, in exact figures.

use domain::{NanoUsd, Timestamp};
use serde::Serialize;
use store::usage::{Chart, CostType, GroupBy, Metric, TokenType, Top, UsageQuery, UsageReport};

use super::{Amount, LimitsView, Usage, UsageView, amount, no_answer};
use crate::{error::AdminError, who::Who};

/// What the page shows for one range and filter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UsagePageView {
    /// Spend over time.
    pub spend: ChartView,
    /// Requests over time. Null where calls are split by token type or cost type: a request has none.
    pub requests: Option<ChartView>,
    /// Tokens over time.
    pub tokens: ChartView,
    /// What spend was for, and the tokens of it, in a fixed order. Adds up to the totals of the charts.
    pub parts: Vec<PartView>,
    /// The same filter over the period that it is compared with.
    pub before: TotalsView,
    /// From when to when that period was summed. Empty where there are no figures of it.
    pub before_range: (Timestamp, Timestamp),
    /// What is deleted, and whether the figures are of another range for it. Null: nothing is.
    pub limits: Option<LimitsView>,
    /// Every provider that had calls, by spend, largest first.
    pub providers: Vec<TopView>,
    /// Every model that was asked for.
    pub models: Vec<TopView>,
    /// Every application.
    pub agents: Vec<TopView>,
    /// For each filter by provider, model or agent that there is: what occurs under the other filters.
    #[serde(skip)]
    pub choices: Vec<(GroupBy, Vec<TopView>)>,
}

/// One chart: the largest series, and the rest together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChartView {
    /// The totals are of everything, the series only the largest.
    pub report: UsageView,
    /// All other series together. Null: there are none.
    pub rest: Option<RestView>,
}

/// The series of a chart that are not drawn one by one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RestView {
    /// How many they are.
    pub series: usize,
    /// Their sum.
    pub total: Amount,
    /// Their sum per bucket.
    pub points: Vec<Amount>,
}

/// What a part of spend was for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PartView {
    /// A cost type.
    pub key: &'static str,
    /// What people read.
    pub label: &'static str,
    /// What it cost.
    pub cost: NanoUsd,
    /// Its tokens. Searches have none.
    pub tokens: i64,
}

/// Sums over a whole range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct TotalsView {
    /// Money.
    pub spend: NanoUsd,
    /// Calls. 0 where calls are split by type.
    pub requests: i64,
    /// Tokens.
    pub tokens: i64,
    /// Calls whose cost is not known: they are missing from spend.
    pub unpriced: u64,
}

/// An entry of a list of the largest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TopView {
    /// An id or a name. Null: nobody said.
    pub key: Option<String>,
    /// What people read.
    pub label: String,
    /// Its sums.
    pub totals: TotalsView,
}

impl From<Chart> for ChartView {
    fn from(chart: Chart) -> Self {
        let metric = chart.report.metric;
        Self {
            report: UsageView::of(chart.report),
            rest: chart.rest.map(|rest| RestView {
                series: rest.series,
                total: amount(metric, rest.total),
                points: rest
                    .points
                    .iter()
                    .map(|point| amount(metric, point.value))
                    .collect(),
            }),
        }
    }
}

impl From<Top> for TopView {
    fn from(top: Top) -> Self {
        Self {
            key: top.key,
            label: top.label,
            totals: top.totals.into(),
        }
    }
}

impl From<store::usage::Totals> for TotalsView {
    fn from(totals: store::usage::Totals) -> Self {
        Self {
            spend: NanoUsd(totals.spend),
            requests: totals.requests,
            tokens: totals.tokens,
            unpriced: totals.unpriced,
        }
    }
}

/// The parts of spend with their tokens, in the order of the cost types.
fn parts(costs: &UsageReport, tokens: &UsageReport) -> Vec<PartView> {
    let sum = |report: &UsageReport, is_of: &dyn Fn(&str) -> bool| -> i64 {
        let series = report.series.iter();
        let of_part = series.filter(|series| series.key.as_deref().is_some_and(is_of));
        of_part.map(|series| series.total).sum()
    };
    CostType::ALL
        .iter()
        .map(|part| PartView {
            key: part.key(),
            label: part.label(),
            cost: NanoUsd(sum(costs, &|key| key == part.key())),
            tokens: sum(tokens, &|key| {
                key.parse()
                    .is_ok_and(|kind: TokenType| kind.cost_type() == *part)
            }),
        })
        .collect()
}

impl Usage {
    /// What the page Cost & Usage shows: `series` of each chart one by one, the rest together, compared
    /// with the period from `before.0` to `before.1`. The query's metric does not matter.
    ///
    /// # Errors
    /// [`AdminError::BadQuery`] where the query has no answer.
    pub async fn page(
        &self,
        _who: &Who,
        query: &UsageQuery,
        before: (Timestamp, Timestamp),
        series: usize,
    ) -> Result<UsagePageView, AdminError> {
        let calls = self.admin.store().calls();
        let read = calls.usage_page_against(query, before, series);
        let page = read.await.map_err(no_answer)?;
        let (mut spend, mut requests, mut tokens) = (None, None, None);
        for chart in page.charts {
            let of = match chart.report.metric {
                Metric::Spend => &mut spend,
                Metric::Requests => &mut requests,
                Metric::Tokens => &mut tokens,
            };
            *of = Some(ChartView::from(chart));
        }
        Ok(UsagePageView {
            spend: spend.ok_or(AdminError::Internal)?,
            requests,
            tokens: tokens.ok_or(AdminError::Internal)?,
            parts: parts(&page.cost_types, &page.token_types),
            before: page.before.into(),
            before_range: page.before_range,
            limits: LimitsView::of(page.limits),
            providers: views(page.top_providers),
            models: views(page.top_models),
            agents: views(page.top_agents),
            choices: page
                .choices
                .into_iter()
                .map(|(of, tops)| (of, views(tops)))
                .collect(),
        })
    }

    /// The range that figures of a range are of, and what is deleted. `None`: nothing is, and it is the range
    /// that was asked for.
    ///
    /// # Errors
    /// [`AdminError::Internal`].
    pub async fn range(
        &self,
        _who: &Who,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Option<(LimitsView, (Timestamp, Timestamp))>, AdminError> {
        let range = self.admin.store().calls().usage_range(from, to).await;
        let (summed, limits) = range.map_err(no_answer)?;
        Ok(LimitsView::of(limits).map(|limits| (limits, summed)))
    }
}

fn views(tops: Vec<Top>) -> Vec<TopView> {
    tops.into_iter().map(TopView::from).collect()
}
