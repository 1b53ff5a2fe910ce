//! The card of one chart: its total, what that leaves out, how it changed, and the chart with its table.

use std::sync::Arc;

use admin::usage::Metric;
use leptos::prelude::*;

use super::{
    figures::{Figures, Head, counted, headline},
    query::{calls, same_calls},
    range::Range,
    table::Behind,
};
use crate::{
    format::{
        count::{Change, change, grouped},
        zone::Zone,
    },
    http::fields::Fields,
    kit::{
        chart::Chart,
        icon::{Drawn, Icon},
    },
};

/// What all cards of the page know.
#[derive(Clone)]
pub(super) struct Common {
    pub(super) query: Fields,
    pub(super) range: Range,
    /// What it is compared with, in words. `None`: there are no figures of it.
    pub(super) before: Option<String>,
    /// Whether the totals before are shown.
    pub(super) compares: bool,
    pub(super) heads: Arc<Vec<Head>>,
    /// Whether there is a script that draws charts.
    pub(super) draws: bool,
}

/// The title of a metric's card.
pub(super) const fn title(metric: Metric) -> &'static str {
    match metric {
        Metric::Spend => "Spend",
        Metric::Requests => "Requests",
        Metric::Tokens => "Tokens",
    }
}

/// One chart. Its children stand between chart and table.
#[component]
pub(super) fn ChartCard(
    figures: Figures,
    /// The total of the period before.
    before: i64,
    /// Calls of the period before that are not in it, since they have no rate.
    #[prop(optional)]
    unpriced_before: u64,
    /// Whether its names are said here.
    legend: bool,
    common: Common,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let metric = figures.metric;
    let (id, title) = (metric.key(), title(metric));
    let csv = group_too(&common.query, &format!("/usage/{id}.csv"));
    let (table, range) = (format!("{id}-table"), common.range);
    let is_money = metric == Metric::Spend;
    let none_has_a_rate = is_money && figures.total == 0 && figures.unpriced > 0;
    let figure = (!none_has_a_rate).then(|| {
        html! { <b class="strong tnum headline" title=figures.exact()>{figures.headline()}</b> }
    });
    let states = is_money.then(|| html! { <States figures_unpriced=figures.unpriced figures_estimated=figures.estimated alone=none_has_a_rate common=common.clone()/> });
    let none_had_a_rate = is_money && before == 0 && unpriced_before > 0;
    // What has no rate is not nothing: against it nothing has changed by so much.
    let changed = common
        .before
        .clone()
        .filter(|_| !none_has_a_rate && !none_had_a_rate)
        .map(|words| {
            let [now, before] = [figures.total, before].map(|total| u128::from(counted(total)));
            html! { <Against change=change(now, before) before=words/> }
        });
    let was = common.compares.then(|| {
        let words = match &common.before {
            None => "no figures before".to_owned(),
            Some(_) => was(metric, before, unpriced_before),
        };
        html! { <span class="xs muted tnum">{words}</span> }
    });
    let chart = common.draws.then(|| {
        let heads = common.heads.iter().map(|head| head.axis.clone()).collect();
        let label = format!("{title} by {}", range.bucket.key());
        html! {
            <Chart table=table.clone() label=label unit=figures.unit() heads=heads series=figures.series.clone() tall=is_money legend=legend/>
        }
    });
    let (figures, bucket) = (Arc::new(figures), range.bucket);
    html! {
        <section class="card" aria-labelledby=format!("{id}-title")>
            <div class="card-head">
                <h2 id=format!("{id}-title")>{title}</h2>
                {figure}{states}{changed}{was}
                <div class="end">
                    <a class="btn ghost sm" href=csv download="" aria-label=format!("{title} as CSV")><Drawn icon=Icon::Fetch/>"CSV"</a>
                </div>
            </div>
            {chart}
            {children.map(|children| children())}
            <Behind figures=figures heads=common.heads bucket=bucket id=table title=title/>
        </section>
    }
}

/// The same calls, grouped the same.
pub(super) fn group_too(query: &Fields, path: &str) -> String {
    let address = same_calls(query, path);
    match query.text("group_by") {
        "" => address,
        group_by => {
            let sign = if address.contains('?') { '&' } else { '?' };
            let group = Fields::from([("group_by", group_by)]).address("");
            format!("{address}{sign}{}", group.trim_start_matches('?'))
        }
    }
}

/// The total of the period before, and what it leaves out.
fn was(metric: Metric, total: i64, unpriced: u64) -> String {
    let told = headline(metric, total);
    let calls = unpriced_calls(unpriced);
    match (unpriced, total) {
        (0, _) => format!("{told} before"),
        (_, 0) => format!("{calls} before"),
        _ => format!("{told} and {calls} before"),
    }
}

fn unpriced_calls(unpriced: u64) -> String {
    let calls = if unpriced == 1 { "call" } else { "calls" };
    format!("{} unpriced {calls}", grouped(unpriced))
}

/// What a sum of money leaves out, and what in it is not certain.
#[component]
fn States(
    figures_unpriced: u64,
    figures_estimated: u64,
    /// Whether no figure stands before it.
    alone: bool,
    common: Common,
) -> impl IntoView {
    let zone = Zone::here();
    let address = |state: &str| calls(&common.query, common.range, &zone, state);
    let unpriced = (figures_unpriced > 0).then(|| {
        let and = if alone { "" } else { "and " };
        html! {
            <a class="badge warn" href=address("unpriced") title="These calls have no rate and are in no figure of money">
                <Drawn icon=Icon::Warning/>{format!("{and}{}", unpriced_calls(figures_unpriced))}
            </a>
        }
    });
    let estimated = (figures_estimated > 0).then(|| {
        html! {
            <a class="badge plain" href=address("estimated") title="The upstream told no usage for these calls: Weir counted their tokens itself">
                {format!("{} estimated", grouped(figures_estimated))}
            </a>
        }
    });
    html! { {unpriced}{estimated} }
}

/// How a total changed. More is neither good nor bad, so it has no colour.
#[component]
fn Against(change: Change, before: String) -> impl IntoView {
    let (icon, word, percent) = match change {
        Change::New => {
            return html! { <span class="xs muted">{format!("nothing before, {before}")}</span> };
        }
        Change::Same => {
            return html! { <span class="xs muted">{format!("as much as {before}")}</span> };
        }
        Change::Up(percent) => (Icon::Up, "up", percent),
        Change::Down(percent) => (Icon::Down, "down", percent),
    };
    html! {
        <span class="xs muted cmp">
            <span class="delta"><Drawn icon=icon/><span class="sr">{word}</span>{percent}</span>
            {format!("vs {before}")}
        </span>
    }
}

#[cfg(test)]
mod tests {
    use admin::usage::Metric;

    use super::was;

    #[test]
    fn what_has_no_rate_was_not_free_before_either() {
        assert_eq!(was(Metric::Spend, 0, 0), "$0.00 before");
        assert_eq!(was(Metric::Spend, 0, 1), "1 unpriced call before");
        assert_eq!(
            was(Metric::Spend, 1_500_000_000, 1_200),
            "$1.50 and 1,200 unpriced calls before"
        );
        assert_eq!(was(Metric::Tokens, 12, 0), "12 before");
    }
}
