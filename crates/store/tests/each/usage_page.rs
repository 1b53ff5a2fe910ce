//! The page's figures: all of one moment, and the same as those of the reports one by one.

use crate::common::{expected::*, *};
use domain::call::Call;
use store::{
    Choice, Store,
    usage::{
        BucketSize, CostType, GroupBy, Metric, UsageFilter, UsagePage, UsageQuery, UsageReport,
    },
};
use weir_store as store;

const FROM: &str = "2025-10-20T00:00:00Z";
const TO: &str = "2025-11-12T00:00:00Z";
/// So few that there are others.
const SERIES: usize = 2;

async fn report(store: &Store, query: &UsageQuery, metric: Metric, by: GroupBy) -> UsageReport {
    let query = UsageQuery {
        metric,
        group_by: by,
        ..query.clone()
    };
    store.calls().usage(&query).await.unwrap()
}

fn values(report: &UsageReport, bucket: usize) -> i64 {
    let series = report.series.iter();
    series.map(|series| series.points[bucket].value).sum()
}

async fn compare(store: &Store, calls: &[Call], query: &UsageQuery, page: &UsagePage) {
    let splits = query.group_by == GroupBy::TokenType || query.filter != unsplit(&query.filter);
    assert_eq!(page.charts.len(), if splits { 2 } else { 3 });
    for chart in &page.charts {
        let metric = chart.report.metric;
        let alone = report(store, query, metric, query.group_by).await;
        let asked = UsageQuery {
            metric,
            ..query.clone()
        };
        check(&alone, calls, &asked);
        assert_eq!(chart.report.total, alone.total);
        assert_eq!(chart.report.unpriced_calls, alone.unpriced_calls);
        assert_eq!(chart.report.estimated_calls, alone.estimated_calls);
        for series in &chart.report.series {
            let same = alone.series.iter().find(|other| other.key == series.key);
            assert_eq!(same, Some(series));
        }
        let buckets = alone.series.first().map_or(0, |series| series.points.len());
        for bucket in 0..buckets {
            let rest = chart
                .rest
                .as_ref()
                .map_or(0, |rest| rest.points[bucket].value);
            assert_eq!(values(&chart.report, bucket) + rest, values(&alone, bucket));
            let types = match metric {
                Metric::Spend => values(&page.cost_types, bucket),
                Metric::Tokens => values(&page.token_types, bucket),
                Metric::Requests => continue,
            };
            assert_eq!(types, values(&alone, bucket), "{metric:?}");
        }
        let rest = chart.rest.as_ref().map_or(0, |rest| rest.total);
        let drawn: i64 = chart.report.series.iter().map(|series| series.total).sum();
        assert_eq!(drawn + rest, alone.total);
    }
    let before = UsageQuery {
        from: query.from - query.to.duration_since(query.from),
        to: query.from,
        ..query.clone()
    };
    let spend = report(store, &before, Metric::Spend, GroupBy::None).await;
    let tokens = report(store, &before, Metric::Tokens, GroupBy::None).await;
    assert_eq!(
        (page.before.spend, page.before.tokens),
        (spend.total, tokens.total)
    );
    assert_eq!(page.before.unpriced, spend.unpriced_calls);
    let mut others = query.clone();
    others.filter.models = Choice::default();
    let choices: Vec<GroupBy> = page.choices.iter().map(|(of, _)| *of).collect();
    if others.filter != query.filter {
        let every = report(store, &others, Metric::Spend, GroupBy::Model).await;
        let found = page.choices.iter().find(|(of, _)| *of == GroupBy::Model);
        assert_eq!(found.unwrap().1.len(), every.series.len());
        assert_eq!(choices, [GroupBy::Model, GroupBy::Agent]);
    } else {
        assert_eq!(choices, []);
    }
    for (by, top) in [
        (GroupBy::Provider, &page.top_providers),
        (GroupBy::Model, &page.top_models),
        (GroupBy::Agent, &page.top_agents),
    ] {
        let spend = report(store, query, Metric::Spend, by).await;
        for (top, series) in top.iter().zip(&spend.series) {
            assert_eq!(top.totals.spend, series.total);
        }
        for top in top {
            let series = spend.series.iter().find(|series| series.key == top.key);
            let unpriced = series.map_or(0, |series| series.unpriced_calls);
            assert_eq!(top.totals.unpriced, unpriced);
        }
    }
}

fn unsplit(filter: &UsageFilter) -> UsageFilter {
    UsageFilter {
        cost_types: Choice::default(),
        token_types: Choice::default(),
        ..filter.clone()
    }
}

#[tokio::test]
async fn a_page_says_what_its_reports_say() {
    let place = Place::new();
    let store = place.open().await;
    let mut writer = place.writer(&store);
    let mut dice = Dice(9);
    let calls: Vec<Call> = (0..400).map(|n| dice.call(n, at(FROM), at(TO))).collect();
    record(&mut writer, &calls).await;
    writer.seal(at("2025-11-09T00:00:00Z")).await.unwrap();
    let filters = [
        UsageFilter::default(),
        UsageFilter {
            users: Choice::only(Some("user-1".to_owned())),
            ..UsageFilter::default()
        },
        UsageFilter {
            agents: Choice {
                any_of: vec![],
                none_of: vec![None],
            },
            models: Choice::only(Some("model-2".to_owned())),
            ..UsageFilter::default()
        },
        UsageFilter {
            cost_types: Choice::only(CostType::Input),
            ..UsageFilter::default()
        },
    ];
    for (filter, bucket) in filters.into_iter().zip(BucketSize::ALL) {
        for group_by in [
            GroupBy::None,
            GroupBy::Provider,
            GroupBy::Model,
            GroupBy::TokenType,
            GroupBy::Agent,
            GroupBy::User,
            GroupBy::Token,
        ] {
            let query = UsageQuery {
                metric: Metric::Spend,
                group_by,
                bucket: *bucket,
                zone: zone("America/St_Johns"),
                from: at("2025-10-30T04:07:00Z"),
                to: at("2025-11-10T02:30:00Z"),
                filter: filter.clone(),
            };
            let page = store.calls().usage_page(&query, SERIES).await.unwrap();
            compare(&store, &calls, &query, &page).await;
        }
    }
}

#[tokio::test]
async fn fifty_who_ask_at_once_all_have_the_page_and_the_next_one_sees_newer_calls() {
    let place = Place::new();
    let store = place.open().await;
    let mut writer = place.writer(&store);
    let query = UsageQuery {
        metric: Metric::Requests,
        group_by: GroupBy::Model,
        bucket: BucketSize::Day,
        zone: zone("UTC"),
        from: at(FROM),
        to: at(TO),
        filter: UsageFilter::default(),
    };
    for (number, requests) in [(1, 1), (2, 2)] {
        record(&mut writer, &[call(number, at("2025-11-02T12:00:00Z"))]).await;
        let browsers: Vec<_> = (0..50)
            .map(|_| {
                let (store, query) = (store.clone(), query.clone());
                tokio::spawn(async move { store.calls().usage_page(&query, SERIES).await })
            })
            .collect();
        for browser in browsers {
            let page = browser.await.unwrap().unwrap();
            let of_requests = page.charts.iter().map(|chart| &chart.report);
            let found = of_requests.filter(|report| report.metric == Metric::Requests);
            assert_eq!(found.map(|report| report.total).sum::<i64>(), requests);
        }
    }
}

#[tokio::test]
async fn a_page_of_nothing_is_a_page() {
    let place = Place::new();
    let store = place.open().await;
    let query = UsageQuery {
        metric: Metric::Requests,
        group_by: GroupBy::User,
        bucket: BucketSize::Day,
        zone: zone("UTC"),
        from: at(FROM),
        to: at(TO),
        filter: UsageFilter::default(),
    };
    let page = store.calls().usage_page(&query, SERIES).await.unwrap();
    assert!(page.charts.iter().all(|chart| chart.report.total == 0));
    assert_eq!(page.top_agents, []);
}
