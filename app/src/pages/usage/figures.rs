//! The figures of the page as it shows them: buckets with their names, series with their marks.

use std::collections::HashMap;

use admin::usage::{
    Amount, BucketSize, BucketStart, ChartView, CostType, GroupBy, Metric, SeriesView, TokenType,
};
use domain::NanoUsd;

use super::{names::Names, range::Range};
use crate::{
    format::{
        count::{self, grouped, grouped_size},
        money,
        zone::Zone,
    },
    kit::{
        chart::{Series, Unit},
        marks::Mark,
    },
};

/// From how many days on a day and its month stand in one line under the bars.
const ONE_LINE_FROM: usize = 17;

/// One chart with its table.
pub(super) struct Figures {
    pub(super) metric: Metric,
    pub(super) total: i64,
    pub(super) unpriced: u64,
    pub(super) estimated: u64,
    /// The largest, and the rest together.
    pub(super) series: Vec<Series>,
    /// Calls of each of these that have no rate, where it is known.
    pub(super) unpriced_of: Vec<u64>,
    /// The sum of all series, bucket by bucket.
    pub(super) sums: Vec<i64>,
}

/// A bucket in words.
pub(super) struct Head {
    /// Under its bar.
    pub(super) axis: String,
    /// In the table.
    pub(super) row: String,
}

/// A sum as a plain number: nano-dollars, requests or tokens.
pub(super) const fn number(amount: Amount) -> i64 {
    match amount {
        Amount::Usd(amount) => amount.0,
        Amount::Count(count) => count,
    }
}

pub(super) fn counted(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// Where the buckets of a report begin. None where it has no series.
pub(super) fn starts(chart: &ChartView) -> Vec<BucketStart> {
    let first = chart.report.series.first();
    first.map_or(vec![], |series| {
        series.points.iter().map(|point| point.start).collect()
    })
}

impl Figures {
    /// What a chart shows, in so many buckets. Series stand in the order of these keys, which is the same for
    /// all charts of a page, and are marked the same in all of them.
    pub(super) fn of(
        metric: Metric,
        chart: &ChartView,
        group_by: GroupBy,
        keys: &[Option<String>],
        names: &Names,
        buckets: usize,
    ) -> Self {
        let mut by_key: HashMap<&Option<String>, &SeriesView> = chart
            .report
            .series
            .iter()
            .map(|series| (&series.key, series))
            .collect();
        let places = keys.iter().enumerate();
        let (mut series, mut unpriced_of): (Vec<Series>, Vec<u64>) = places
            .filter_map(|(place, key)| {
                let series = by_key.remove(key)?;
                let of_series = Series {
                    name: name(series, group_by, names),
                    mark: mark(key.as_deref(), place, group_by, names),
                    values: series
                        .points
                        .iter()
                        .map(|point| number(point.value))
                        .collect(),
                };
                Some((of_series, series.unpriced_calls))
            })
            .unzip();
        if let Some(rest) = &chart.rest {
            series.push(Series {
                name: format!("{} more", grouped_size(rest.series)),
                mark: Mark::REST,
                values: rest.points.iter().map(|point| number(*point)).collect(),
            });
            let drawn: u64 = unpriced_of.iter().sum();
            unpriced_of.push(chart.report.unpriced_calls.saturating_sub(drawn));
        }
        let sums = (0..buckets).map(|bucket| {
            let values = series.iter().filter_map(|series| series.values.get(bucket));
            values.sum()
        });
        Self {
            metric,
            total: number(chart.report.total),
            unpriced: chart.report.unpriced_calls,
            estimated: chart.report.estimated_calls,
            sums: sums.collect(),
            series,
            unpriced_of,
        }
    }

    /// What its figures are of.
    pub(super) const fn unit(&self) -> Unit {
        match self.metric {
            Metric::Spend => Unit::Money,
            Metric::Requests | Metric::Tokens => Unit::Count,
        }
    }

    /// The total as a headline.
    pub(super) fn headline(&self) -> String {
        headline(self.metric, self.total)
    }

    /// The total, exactly.
    pub(super) fn exact(&self) -> String {
        match self.metric {
            Metric::Spend => money::hover(NanoUsd(self.total)),
            Metric::Requests => format!("{} requests", grouped(counted(self.total))),
            Metric::Tokens => format!("{} tokens", grouped(counted(self.total))),
        }
    }

    /// How the figures of the table are written: all of them exactly, with as many decimals.
    pub(super) fn writer(&self) -> impl Fn(i64) -> String + use<> {
        let metric = self.metric;
        let values = self.series.iter().flat_map(|series| &series.values);
        let amounts = values
            .copied()
            .chain(self.sums.iter().copied())
            .chain([self.total]);
        let decimals = money::decimals_of(amounts.map(NanoUsd));
        move |value| match metric {
            Metric::Spend => money::to_decimals(NanoUsd(value), decimals).replace('$', ""),
            Metric::Requests | Metric::Tokens => grouped(counted(value)),
        }
    }
}

/// A sum as a headline.
pub(super) fn headline(metric: Metric, sum: i64) -> String {
    match metric {
        Metric::Spend => money::total(NanoUsd(sum)),
        Metric::Requests => grouped(counted(sum)),
        Metric::Tokens => count::headline(counted(sum)),
    }
}

/// The order of the series on the whole page: kinds of tokens and of cost have one of their own, all else is as
/// large as it is in the first chart that has any.
pub(super) fn keys(group_by: GroupBy, charts: &[&ChartView]) -> Vec<Option<String>> {
    match group_by {
        GroupBy::TokenType => {
            let mut kinds: Vec<TokenType> = TokenType::all().collect();
            kinds.sort_by_key(|kind| kind.cost_type());
            kinds
                .iter()
                .map(|kind| Some(kind.key().to_owned()))
                .collect()
        }
        GroupBy::CostType => CostType::ALL
            .iter()
            .map(|kind| Some(kind.key().to_owned()))
            .collect(),
        _ => {
            let mut keys: Vec<Option<String>> = vec![];
            for series in charts.iter().flat_map(|chart| &chart.report.series) {
                if !keys.contains(&series.key) {
                    keys.push(series.key.clone());
                }
            }
            keys
        }
    }
}

/// What people read of a series.
pub(super) fn name(series: &SeriesView, group_by: GroupBy, names: &Names) -> String {
    let gone =
        group_by == GroupBy::Provider && series.key.as_deref().is_some_and(|id| names.is_gone(id));
    if gone {
        format!("{} (deleted)", series.label)
    } else {
        series.label.clone()
    }
}

fn mark(key: Option<&str>, place: usize, group_by: GroupBy, names: &Names) -> Mark {
    match (group_by, key) {
        (GroupBy::None, _) => Mark::ONE,
        (GroupBy::Provider, Some(id)) => names.mark(id),
        (GroupBy::TokenType, Some(kind)) => {
            let Ok(kind) = kind.parse::<TokenType>() else {
                return Mark::REST;
            };
            let before = TokenType::all()
                .take_while(|other| *other != kind)
                .filter(|other| other.cost_type() == kind.cost_type());
            of_cost_type(kind.cost_type(), before.count())
        }
        (GroupBy::CostType, Some(kind)) => {
            let kind = CostType::ALL.iter().find(|known| known.key() == kind);
            kind.map_or(Mark::REST, |kind| of_cost_type(*kind, 0))
        }
        _ => Mark::of_palette(place, 0),
    }
}

/// Kinds of cost have colours of their own; kinds of tokens of the same cost differ by hatch.
fn of_cost_type(kind: CostType, alike: usize) -> Mark {
    let place = match kind {
        CostType::Reasoning => 0,
        CostType::Cached => 1,
        CostType::Searches => 2,
        CostType::CacheWrites => 3,
        CostType::Input => 4,
        CostType::Output => 5,
    };
    Mark::of_palette(place, alike)
}

/// The buckets in words. What is cut off at the ends of the range, or still running, is said.
pub(super) fn heads(starts: &[BucketStart], range: Range, zone: &Zone) -> Vec<Head> {
    let this_year = zone.report().local(range.now).year();
    let locals: Vec<_> = starts
        .iter()
        .map(|start| zone.report().local(start.at))
        .collect();
    // An hour that comes twice, when clocks are put back, is told by its zone.
    let repeats = locals.windows(2).any(|pair| match pair {
        [one, next] => one.datetime() == next.datetime(),
        _ => false,
    });
    let last = starts.len().saturating_sub(1);
    let head = |(place, local): (usize, &jiff::Zoned)| {
        let told = |format: &str| local.strftime(format).to_string();
        let year = if local.year() == this_year { "" } else { " %Y" };
        let begins_day = place == 0 || told("%H") == "00";
        let begins_month = place == 0 || local.day() == 1;
        let (axis, row) = match range.bucket {
            BucketSize::Hour => (
                told(if begins_day { "%H:%M\n%-d %b" } else { "%H:%M" }),
                told(&format!("%a %-d %b{year} %H:%M")),
            ),
            BucketSize::Day if starts.len() < ONE_LINE_FROM => (
                told(if begins_month { "%-d\n%b" } else { "%-d\n%a" }),
                told(&format!("%a %-d %b{year}")),
            ),
            BucketSize::Day => (told("%-d %b"), told(&format!("%a %-d %b{year}"))),
            BucketSize::Week => (told("%-d %b"), told(&format!("Week of %a %-d %b{year}"))),
            BucketSize::Month => (told("%b\n%Y"), told("%B %Y")),
        };
        let zoned = if repeats {
            starts
                .get(place)
                .map_or(String::new(), |start| format!(" {}", zone.short(start.at)))
        } else {
            String::new()
        };
        let cut = cut(place, last, starts, range, zone);
        Head {
            axis,
            row: format!("{row}{zoned}{cut}"),
        }
    };
    locals.iter().enumerate().map(head).collect()
}

/// What is said of a bucket that is not whole.
fn cut(place: usize, last: usize, starts: &[BucketStart], range: Range, zone: &Zone) -> String {
    let clock = |moment| {
        let local = zone.report().local(moment);
        let midnight = local.time() == jiff::civil::Time::midnight();
        local
            .strftime(if midnight { "%-d %b" } else { "%-d %b %H:%M" })
            .to_string()
    };
    let first = starts
        .first()
        .filter(|start| place == 0 && start.at < range.from);
    let from = first.map_or(String::new(), |_| format!(", from {}", clock(range.from)));
    if place != last {
        from
    } else if range.is_running() {
        format!("{from}, so far")
    } else if is_cut(range, zone) {
        format!("{from}, until {}", clock(range.to))
    } else {
        from
    }
}

/// Whether a range ends inside a bucket.
fn is_cut(range: Range, zone: &Zone) -> bool {
    let local = zone.report().local(range.to);
    let inside_hour = local.minute() != 0 || local.second() != 0 || local.subsec_nanosecond() != 0;
    let inside_day = inside_hour || local.time() != jiff::civil::Time::midnight();
    match range.bucket {
        BucketSize::Hour => inside_hour,
        BucketSize::Day => inside_day,
        BucketSize::Week => inside_day || local.weekday() != jiff::civil::Weekday::Monday,
        BucketSize::Month => inside_day || local.day() != 1,
    }
}
