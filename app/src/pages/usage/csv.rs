//! A chart as CSV (RFC 4180): a row for each bucket, a column for each series (all of them, not only the
//! largest) and for their sum, in exact decimals.
//!
//! Names come from whoever calls, so a name that a spreadsheet would take for a formula gets an apostrophe in
//! front, which spreadsheets show as text; figures are plain numbers and need none.

use std::{borrow::Cow, collections::HashMap};

use admin::usage::{GroupBy, Metric, UsageQuery, UsageView};
use axum::response::{IntoResponse, Response};
use domain::NanoUsd;
use http::{HeaderName, HeaderValue, header};

use super::{figures, names::Names, query::Asked};
use crate::{
    format::{time, zone::Zone},
    http::{failure::Failure, page::Page},
};

/// `GET /usage/spend.csv`
pub(super) async fn spend(page: Page) -> Result<Response, Failure> {
    answer(&page, Metric::Spend).await
}

/// `GET /usage/requests.csv`
pub(super) async fn requests(page: Page) -> Result<Response, Failure> {
    answer(&page, Metric::Requests).await
}

/// `GET /usage/tokens.csv`
pub(super) async fn tokens(page: Page) -> Result<Response, Failure> {
    answer(&page, Metric::Tokens).await
}

async fn answer(page: &Page, metric: Metric) -> Result<Response, Failure> {
    let zone = page.zone();
    let asked = Asked::read(page.query(), &zone, time::now())?;
    let Some(usage) = asked.usage else {
        return Err(Failure::Problem {
            status: 400,
            title: "This cannot be told",
            detail: asked.wrong.join(" "),
            retry_after: None,
        });
    };
    let report = read(page, &usage, metric, usage.group_by).await?;
    // Without any series there are still buckets, of nothing.
    let empty = match report.series.is_empty() {
        true => Some(read(page, &usage, metric, GroupBy::None).await?),
        false => None,
    };
    let keys = report
        .series
        .iter()
        .filter_map(|series| series.key.as_deref());
    let of_providers = keys.filter(|_| usage.group_by == GroupBy::Provider);
    let names = Names::read(page, of_providers).await?;
    let name = file_name(metric, &usage, &zone);
    let text = page
        .aside(move || write(&report, empty.as_ref(), usage.group_by, &names))
        .await?
        .map_err(|error| Failure::internal("write a CSV file", &error))?;
    let mut response = text.into_response();
    let headers = response.headers_mut();
    let csv = HeaderValue::from_static("text/csv; charset=utf-8; header=present");
    headers.insert(header::CONTENT_TYPE, csv);
    if let Ok(name) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(HeaderName::from_static("content-disposition"), name);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

async fn read(
    page: &Page,
    usage: &UsageQuery,
    metric: Metric,
    group_by: GroupBy,
) -> Result<UsageView, Failure> {
    let query = UsageQuery {
        metric,
        group_by,
        ..usage.clone()
    };
    Ok(page.admin().usage().report(page.who()?, &query).await?)
}

/// `weir-spend-by-provider-2026-11-06-to-2026-11-19.csv`
fn file_name(metric: Metric, usage: &UsageQuery, zone: &Zone) -> String {
    let day = |moment| zone.report().local(moment).strftime("%Y-%m-%d").to_string();
    let last = domain::Timestamp::from_second(usage.to.as_second().saturating_sub(1));
    let by = match usage.group_by {
        GroupBy::None => String::new(),
        group_by => format!("-by-{}", group_by.key().replace('_', "-")),
    };
    let (first, last) = (day(usage.from), day(last.unwrap_or(usage.to)));
    format!("weir-{}{by}-{first}-to-{last}.csv", metric.key())
}

/// The whole file.
fn write(
    report: &UsageView,
    empty: Option<&UsageView>,
    group_by: GroupBy,
    names: &Names,
) -> Result<String, csv::Error> {
    let mut file = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(vec![]);
    file.write_record(heads(report, group_by, names))?;
    let is_money = report.metric == Metric::Spend.key();
    let buckets = report
        .series
        .first()
        .or(empty.and_then(|empty| empty.series.first()));
    for (place, bucket) in buckets
        .map_or(&[][..], |series| &series.points)
        .iter()
        .enumerate()
    {
        let values = report
            .series
            .iter()
            .filter_map(|series| series.points.get(place));
        let values: Vec<i64> = values.map(|point| figures::number(point.value)).collect();
        let sum = values.iter().sum();
        let of_series = values.into_iter().filter(|_| group_by != GroupBy::None);
        let cells = of_series.chain([sum]).map(|value| written(value, is_money));
        file.write_record(std::iter::once(bucket.start.to_string()).chain(cells))?;
    }
    let bytes = file
        .into_inner()
        .map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn written(value: i64, is_money: bool) -> String {
    if is_money {
        NanoUsd(value).to_string()
    } else {
        value.to_string()
    }
}

/// The heads of the columns. Where two series have the same name, their ids stand behind it.
fn heads(report: &UsageView, group_by: GroupBy, names: &Names) -> Vec<String> {
    let told: Vec<String> = report
        .series
        .iter()
        .map(|series| figures::name(series, group_by, names))
        .collect();
    let mut times: HashMap<&str, usize> = HashMap::new();
    for name in &told {
        *times.entry(name).or_default() += 1;
    }
    let series = told
        .iter()
        .zip(&report.series)
        .filter(|_| group_by != GroupBy::None);
    let series = series.map(|(name, series)| match &series.key {
        Some(key) if times.get(name.as_str()).is_some_and(|times| *times > 1) => {
            plain_text(&format!("{name} ({key})")).into_owned()
        }
        _ => plain_text(name).into_owned(),
    });
    let start = std::iter::once("start".to_owned());
    start.chain(series).chain(["total".to_owned()]).collect()
}

/// A text that no spreadsheet takes for a formula.
fn plain_text(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::plain_text;

    #[test]
    fn a_name_is_never_a_formula() {
        for (name, written) in [
            ("support-bot", "support-bot"),
            ("=HYPERLINK(\"x\")", "'=HYPERLINK(\"x\")"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
        ] {
            assert_eq!(plain_text(name), written);
        }
    }
}
