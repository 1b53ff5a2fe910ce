//! A chart as comma-separated text: a line for each bucket, a column for each series (all of them, not only the
//! largest) and for their sum, in exact decimals.

use std::collections::HashMap;

use admin::{
    csv::{Csv, MEDIA_TYPE, disposition},
    usage::{GroupBy, Metric, UsageQuery, UsageView},
};
use axum::response::{IntoResponse, Response};
use domain::NanoUsd;
use http::header;

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
        .await?;
    let headers = [
        (header::CONTENT_TYPE, MEDIA_TYPE.to_owned()),
        (header::CONTENT_DISPOSITION, disposition(&name)),
    ];
    Ok((headers, text).into_response())
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
) -> String {
    let mut file = Csv::default();
    file.plain("start");
    for head in heads(report, group_by, names) {
        file.text(&head);
    }
    file.plain("total");
    file.end_line();
    let is_money = report.metric == Metric::Spend.key();
    let buckets = report
        .series
        .first()
        .or(empty.and_then(|empty| empty.series.first()));
    let buckets = buckets.map_or(&[][..], |series| &series.points);
    for (place, bucket) in buckets.iter().enumerate() {
        file.plain(bucket.start);
        let of_series = report
            .series
            .iter()
            .filter_map(|series| series.points.get(place))
            .map(|point| figures::number(point.value));
        let mut sum = 0_i64;
        for value in of_series {
            sum = sum.saturating_add(value);
            if group_by != GroupBy::None {
                file.plain(written(value, is_money));
            }
        }
        file.plain(written(sum, is_money));
        file.end_line();
    }
    file.into_text()
}

fn written(value: i64, is_money: bool) -> String {
    if is_money {
        NanoUsd(value).to_string()
    } else {
        value.to_string()
    }
}

/// What the series are called. Where two have the same name, their ids stand behind it.
fn heads(report: &UsageView, group_by: GroupBy, names: &Names) -> Vec<String> {
    if group_by == GroupBy::None {
        return vec![];
    }
    let told: Vec<String> = report
        .series
        .iter()
        .map(|series| figures::name(series, group_by, names))
        .collect();
    let mut times: HashMap<&str, usize> = HashMap::new();
    for name in &told {
        *times.entry(name).or_default() += 1;
    }
    told.iter()
        .zip(&report.series)
        .map(|(name, series)| match &series.key {
            Some(key) if times.get(name.as_str()).is_some_and(|times| *times > 1) => {
                format!("{name} ({key})")
            }
            _ => name.clone(),
        })
        .collect()
}
