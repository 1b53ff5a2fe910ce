//! A chart over time: bars of several series upon each other.
//!
//! The server says what is drawn: an option made with charming, the legend with a swatch for each series, and
//! the table behind the chart with the exact figures. The page's script draws it with ECharts, in the colours
//! of the swatches, and tells of each bar what stands in the table. Without the script the table stands alone.

use charming::{
    Chart as Drawing,
    component::{Axis, Grid},
    element::AxisType,
    series::Bar,
};
use leptos::prelude::*;

use super::marks::{Mark, PALETTE, Swatch};

/// How many series a chart has, beside all others together.
pub(crate) const SERIES: usize = PALETTE.len();

/// One series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Series {
    /// What people read.
    pub(crate) name: String,
    /// How it is marked.
    pub(crate) mark: Mark,
    /// Its sums, bucket by bucket.
    pub(crate) values: Vec<i64>,
}

/// What sums are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Nano-dollars.
    Money,
    /// Requests or tokens.
    Count,
}

impl Unit {
    const fn key(self) -> &'static str {
        match self {
            Self::Money => "money",
            Self::Count => "count",
        }
    }
}

/// What the script draws: ECharts' own words, without colours and texts that depend on the page.
fn option(heads: &[String], series: &[Series]) -> Drawing {
    let grid = Grid::new().left(0).right(0).top(14).bottom(0);
    let chart = Drawing::new()
        .animation(false)
        .grid(grid)
        .x_axis(Axis::new().type_(AxisType::Category).data(heads.to_vec()))
        .y_axis(Axis::new().type_(AxisType::Value).min(0).split_number(4));
    series.iter().fold(chart, |chart, series| {
        let bar = Bar::new().name(series.name.as_str()).stack("all");
        chart.series(bar.data(series.values.clone()))
    })
}

/// JSON that can stand in a page as it is.
fn json_of(option: &Drawing) -> Option<String> {
    let json = serde_json::to_string(option);
    if let Err(error) = &json {
        tracing::error!(%error, "Could not write the option of a chart");
    }
    json.ok().map(|json| json.replace('<', "\\u003c"))
}

/// A chart. The table behind it has a row for each bucket: its head, a cell for each series, and the total.
#[component]
pub(crate) fn Chart(
    /// The id of the table behind it.
    #[prop(into)]
    table: String,
    /// What it shows.
    #[prop(into)]
    label: String,
    unit: Unit,
    /// What stands under the bars.
    heads: Vec<String>,
    series: Vec<Series>,
    /// Whether it is the first of the page, and higher than the others.
    tall: bool,
    /// Whether the legend is seen; the colours are taken from it either way.
    legend: bool,
) -> impl IntoView {
    let Some(json) = json_of(&option(&heads, &series)) else {
        return html! { <p class="muted">"The chart cannot be drawn; the table has its figures."</p> };
    };
    let names = series.into_iter().map(|series| {
        html! { <li><Swatch mark=series.mark/><span class="cut">{series.name}</span></li> }
    });
    html! {
        <figure class=if tall { "chart tall" } else { "chart" } data-table=table data-unit=unit.key()>
            <ul class="legend" hidden=!legend>{names.collect_view()}</ul>
            <div class="plot" tabindex="0" role="application" aria-roledescription="chart"
                aria-label=format!("{label}. The arrow keys move from bar to bar; the same numbers stand in the table below.")></div>
            <p class="sr reading" role="status"></p>
            <script type="application/json" inner_html=json></script>
        </figure>
    }
}

#[cfg(test)]
mod tests {
    use super::{Mark, Series, json_of, option};

    #[test]
    fn a_chart_is_an_option_that_can_stand_in_a_page() {
        let series = Series {
            name: "</script>".to_owned(),
            mark: Mark::ONE,
            values: vec![0, 71_339_920_000],
        };
        let json = json_of(&option(&["6\nNov".to_owned(), "7".to_owned()], &[series])).unwrap();
        assert!(json.contains(r#""data":["6\nNov","7"]"#), "{json}");
        assert!(
            json.contains(r#""type":"bar""#) && json.contains("[0,71339920000]"),
            "{json}"
        );
        assert!(
            !json.contains('<') && json.contains("\\u003c/script>"),
            "{json}"
        );
    }
}
