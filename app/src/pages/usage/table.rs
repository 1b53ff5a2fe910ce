//! The table behind a chart: the same numbers, exactly, for those who do not see it and for copying.

use admin::usage::{BucketSize, Metric};
use leptos::prelude::*;

use super::figures::{Figures, Head};
use crate::{
    format::count::grouped,
    kit::icon::{Drawn, Icon},
};

/// A row for each bucket, a column for each series, and the sums of both. It stands behind a toggle, except
/// where no script draws the chart.
#[component]
pub(super) fn Behind(
    figures: std::sync::Arc<Figures>,
    heads: std::sync::Arc<Vec<Head>>,
    bucket: BucketSize,
    id: String,
    title: &'static str,
) -> impl IntoView {
    let write = figures.writer();
    let unit = match figures.metric {
        Metric::Spend => "USD, exact",
        Metric::Requests => "requests",
        Metric::Tokens => "tokens",
    };
    let bucket = match bucket {
        BucketSize::Hour => "Hour",
        BucketSize::Day => "Day",
        BucketSize::Week => "Week",
        BucketSize::Month => "Month",
    };
    let only_total =
        figures.series.len() == 1 && figures.series.iter().all(|series| series.name == "Total");
    let series = if only_total { &[][..] } else { &figures.series };
    let columns = series.iter().zip(&figures.unpriced_of).map(|(series, unpriced)| {
        // Without a word of it a column of zeros would say that these calls were free.
        let unpriced = (figures.metric == Metric::Spend && *unpriced > 0)
            .then(|| html! { <small class="muted">{format!(" ({} unpriced)", grouped(*unpriced))}</small> });
        html! { <th scope="col" class="num">{series.name.clone()}{unpriced}</th> }
    });
    let rows = heads.iter().zip(&figures.sums).enumerate().map(|(place, (head, sum))| {
        let cells = series.iter().map(|series| {
            let value = series.values.get(place).copied().unwrap_or_default();
            html! { <td class="num">{write(value)}</td> }
        });
        html! {
            <tr><th scope="row">{head.row.clone()}</th>{cells.collect_view()}<td class="num strong">{write(*sum)}</td></tr>
        }
    });
    let totals = series
        .iter()
        .map(|series| html! { <td class="num">{write(series.values.iter().sum())}</td> });
    html! {
        <details class="behind-toggle" id=format!("{id}-toggle")>
            <summary>
                <Drawn icon=Icon::Right small=true class="chev"/><Drawn icon=Icon::Grid small=true/>"The same numbers as a table"
                <span class="end">{unit}</span>
            </summary>
        </details>
        <div class="behind table-wrap scroll" role="region" aria-label=format!("{title} as a table") tabindex="0">
            <table class="table figures" id=id>
                <caption class="sr">{format!("{title}, {unit}")}</caption>
                <thead>
                    <tr><th scope="col">{bucket}</th>{columns.collect_view()}<th scope="col" class="num">"Total"</th></tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
                <tfoot>
                    <tr><th scope="row">"Total"</th>{totals.collect_view()}<td class="num strong">{write(figures.total)}</td></tr>
                </tfoot>
            </table>
        </div>
    }
}
