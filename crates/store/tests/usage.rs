//! Sums over the ledger: to the nano-dollar what the rows add up to, whoever asks and for whenever.
#![allow(
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "this is how tests report surprises"
)]

mod common;

use std::collections::BTreeMap;

use common::*;
use domain::{
    Bucket, NanoUsd, Timestamp,
    call::{Call, Outcome},
    pricing::PriceState,
};
use store::{
    Choice, Store, StoreError,
    usage::{
        BucketSize, CostType, GroupBy, Metric, ReportZone, TokenType, UsageFilter, UsageProblem,
        UsageQuery, UsageReport,
    },
};
use weir_store as store;

fn zone(name: &str) -> ReportZone {
    ReportZone::new(name).unwrap()
}

fn query(from: &str, to: &str, zone_name: &str, bucket: BucketSize) -> UsageQuery {
    UsageQuery {
        metric: Metric::Spend,
        group_by: GroupBy::None,
        bucket,
        zone: zone(zone_name),
        from: at(from),
        to: at(to),
        filter: UsageFilter::default(),
    }
}

/// What one call adds to a part, computed without any SQL.
fn part_of(call: &Call, metric: Metric, part: TokenType) -> i128 {
    let priced = call.charge.total.is_some();
    let money = |cost: Option<NanoUsd>| {
        if priced {
            i128::from(cost.unwrap_or_default().0)
        } else {
            0
        }
    };
    let count = |count: Option<u64>| i128::from(count.unwrap_or(0));
    match (metric, part) {
        (Metric::Spend, TokenType::Bucket(Bucket::Output)) => {
            money(call.charge.cost.output) - money(call.charge.reasoning)
        }
        (Metric::Spend, TokenType::Bucket(bucket)) => money(*call.charge.cost.get(bucket)),
        (Metric::Spend, TokenType::Reasoning) => money(call.charge.reasoning),
        (Metric::Spend, TokenType::Searches) => money(call.charge.searches),
        (Metric::Tokens, TokenType::Bucket(Bucket::Output)) => {
            count(call.usage.tokens.output) - count(call.usage.reasoning)
        }
        (Metric::Tokens, TokenType::Bucket(bucket)) => count(*call.usage.tokens.get(bucket)),
        (Metric::Tokens, TokenType::Reasoning) => count(call.usage.reasoning),
        _ => 0,
    }
}

fn takes<T: PartialEq>(choice: &Choice<T>, value: &T) -> bool {
    (choice.any_of.is_empty() || choice.any_of.contains(value)) && !choice.none_of.contains(value)
}

/// Sums by key and bucket start.
type Sums = BTreeMap<(Option<String>, i64), i128>;

/// The report's series as the rows have them, and the unpriced and the estimated calls.
fn expected(calls: &[Call], query: &UsageQuery) -> (Sums, u64, u64) {
    let mut sums = Sums::new();
    let (mut unpriced, mut estimated) = (0, 0);
    let filter = &query.filter;
    for call in calls {
        let start = &call.start;
        if !(query.from..query.to).contains(&start.started_at)
            || !takes(&filter.providers, &start.provider)
            || !takes(&filter.models, &start.model)
            || !takes(&filter.agents, &start.agent)
            || !takes(&filter.users, &start.user)
            || !takes(&filter.tokens, &start.token)
        {
            continue;
        }
        unpriced += u64::from(call.price_state == PriceState::Unpriced);
        estimated += u64::from(call.price_state == PriceState::Estimated);
        let bucket = bucket_start(start.started_at, query).as_microsecond();
        let mut add = |key: Option<String>, value: i128| {
            if value != 0 {
                *sums.entry((key, bucket)).or_default() += value;
            }
        };
        if query.metric == Metric::Requests {
            let counts = i128::from(call.outcome != Outcome::Rejected);
            add(key(call, query.group_by, None), counts);
            continue;
        }
        for part in TokenType::all() {
            if takes(&filter.token_types, &part) && takes(&filter.cost_types, &part.cost_type()) {
                let value = part_of(call, query.metric, part);
                add(key(call, query.group_by, Some(part)), value);
            }
        }
    }
    sums.retain(|_, sum| *sum != 0);
    (sums, unpriced, estimated)
}

fn key(call: &Call, group_by: GroupBy, part: Option<TokenType>) -> Option<String> {
    match group_by {
        GroupBy::None => None,
        GroupBy::Provider => Some(call.start.provider.to_string()),
        GroupBy::Model => call.start.model.clone(),
        GroupBy::Agent => call.start.agent.clone(),
        GroupBy::User => call.start.user.clone(),
        GroupBy::Token => call.start.token.map(|token| token.to_string()),
        GroupBy::TokenType => part.map(|part| part.key().to_owned()),
        GroupBy::CostType => part.map(|part| part.cost_type().key().to_owned()),
    }
}

/// Where the bucket of a moment begins, by jiff's own rounding where that is right.
fn bucket_start(at: Timestamp, query: &UsageQuery) -> Timestamp {
    let zone = jiff::tz::TimeZoneDatabase::bundled()
        .get(query.zone.name())
        .unwrap();
    let local = at.to_zoned(zone.clone());
    let day = |date: jiff::civil::Date| {
        date.to_zoned(zone.clone())
            .unwrap()
            .start_of_day()
            .unwrap()
            .timestamp()
    };
    match query.bucket {
        BucketSize::Hour => {
            let past = i64::from(local.minute()) * 60 + i64::from(local.second());
            let start = at.as_second() - past;
            Timestamp::from_second(start).unwrap()
        }
        BucketSize::Day => day(local.date()),
        BucketSize::Week => {
            let days = i64::from(local.date().weekday().to_monday_zero_offset());
            day(local.date() - jiff::Span::new().days(days))
        }
        BucketSize::Month => day(local.date().first_of_month()),
    }
}

fn check(report: &UsageReport, calls: &[Call], query: &UsageQuery) {
    let (sums, unpriced, estimated) = expected(calls, query);
    let mut found = BTreeMap::new();
    let mut total = 0;
    for series in &report.series {
        let points: i64 = series.points.iter().map(|point| point.value).sum();
        assert_eq!(points, series.total);
        total += series.total;
        for point in &series.points {
            if point.value != 0 {
                let at = point.start.at.as_microsecond();
                found.insert((series.key.clone(), at), i128::from(point.value));
            }
        }
    }
    assert_eq!(found, sums, "{query:?}");
    assert_eq!(report.total, total);
    assert_eq!(report.unpriced_calls, unpriced);
    assert_eq!(report.estimated_calls, estimated);
}

async fn ledger(place: &Place, seed: u64, count: u64, from: &str, to: &str) -> (Store, Vec<Call>) {
    let store = place.open().await;
    let mut writer = place.writer(&store);
    let mut dice = Dice(seed);
    let calls: Vec<Call> = (0..count).map(|n| dice.call(n, at(from), at(to))).collect();
    for some in calls.chunks(173) {
        record(&mut writer, some).await;
    }
    (store, calls)
}

const RANGES: &[(&str, &str)] = &[
    // Both changes of summer time of Berlin, New York and Lord Howe are in here.
    ("2025-03-01T00:00:00Z", "2025-12-01T00:00:00Z"),
    // Ragged at both ends.
    ("2025-03-08T13:07:11.123456Z", "2025-11-04T09:52:59.5Z"),
    ("2025-03-29T22:59:59.999999Z", "2025-03-30T03:14:15Z"),
    // Inside of one quarter hour.
    ("2025-06-11T10:01:00Z", "2025-06-11T10:14:00Z"),
];
const ZONES: &[&str] = &[
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
];

#[tokio::test]
async fn sums_of_rows_reports_and_rollups_are_the_same() {
    let place = Place::new();
    let (store, calls) = ledger(&place, 11, 1_200, RANGES[0].0, RANGES[0].1).await;
    assert_balanced(&store).await;
    let sizes = [
        BucketSize::Hour,
        BucketSize::Day,
        BucketSize::Week,
        BucketSize::Month,
    ];
    // Two groupings for each kind of range, in turn.
    let mut groupings = GroupBy::ALL.iter().cycle();
    for (from, to) in RANGES {
        for zone in ZONES {
            for bucket in sizes {
                let mut query = query(from, to, zone, bucket);
                for group_by in groupings.by_ref().take(2) {
                    query.group_by = *group_by;
                    let splits = matches!(group_by, GroupBy::TokenType | GroupBy::CostType);
                    for metric in Metric::ALL {
                        if splits && *metric == Metric::Requests {
                            continue;
                        }
                        query.metric = *metric;
                        let report = store.calls().usage(&query).await.unwrap();
                        check(&report, &calls, &query);
                    }
                }
            }
            // So that each grouping meets each kind of bucket.
            groupings.next();
        }
    }
}

#[tokio::test]
async fn the_total_does_not_depend_on_the_grouping() {
    let place = Place::new();
    let (store, _) = ledger(&place, 5, 300, RANGES[2].0, RANGES[2].1).await;
    let mut query = query(RANGES[2].0, RANGES[2].1, "Europe/Berlin", BucketSize::Hour);
    for metric in [Metric::Spend, Metric::Tokens] {
        query.metric = metric;
        let mut totals = vec![];
        for group_by in GroupBy::ALL {
            query.group_by = *group_by;
            totals.push(store.calls().usage(&query).await.unwrap().total);
        }
        assert!(totals[0] > 0);
        assert!(totals.iter().all(|total| *total == totals[0]), "{totals:?}");
    }
}

#[tokio::test]
async fn filters_leave_what_they_say() {
    let place = Place::new();
    let (store, calls) = ledger(
        &place,
        23,
        800,
        "2025-10-20T00:00:00Z",
        "2025-11-01T00:00:00Z",
    )
    .await;
    let named = |text: &str| Some(text.to_owned());
    let not = |value| Choice {
        any_of: vec![],
        none_of: vec![value],
    };
    let filters = [
        UsageFilter {
            providers: Choice::only(provider_id("provider-1")),
            ..UsageFilter::default()
        },
        UsageFilter {
            models: not(None),
            agents: Choice::only(None),
            ..UsageFilter::default()
        },
        UsageFilter {
            users: not(named("user-1")),
            tokens: Choice::only(None),
            ..UsageFilter::default()
        },
        UsageFilter {
            tokens: Choice {
                any_of: vec![],
                none_of: vec![None, Some(token_id(2))],
            },
            ..UsageFilter::default()
        },
        UsageFilter {
            agents: Choice {
                any_of: vec![None, named("agent-1")],
                none_of: vec![],
            },
            models: Choice {
                any_of: vec![named("model-1"), named("model-2")],
                none_of: vec![named("model-1")],
            },
            ..UsageFilter::default()
        },
        UsageFilter {
            token_types: Choice::only(TokenType::Reasoning),
            ..UsageFilter::default()
        },
        UsageFilter {
            token_types: Choice {
                any_of: vec![],
                none_of: vec![TokenType::Bucket(Bucket::Output)],
            },
            ..UsageFilter::default()
        },
        UsageFilter {
            cost_types: Choice::only(CostType::CacheWrites),
            ..UsageFilter::default()
        },
        UsageFilter {
            cost_types: Choice::only(CostType::Output),
            token_types: Choice {
                any_of: vec![],
                none_of: vec![TokenType::Bucket(Bucket::OutputAudio)],
            },
            ..UsageFilter::default()
        },
    ];
    for filter in filters {
        let splits =
            filter.token_types != Choice::default() || filter.cost_types != Choice::default();
        for group_by in GroupBy::ALL {
            let mut query = query(
                "2025-10-21T03:07:00Z",
                "2025-10-31T23:00:01Z",
                "Europe/Berlin",
                BucketSize::Day,
            );
            query.group_by = *group_by;
            query.filter = filter.clone();
            let splits = splits || matches!(group_by, GroupBy::TokenType | GroupBy::CostType);
            for metric in Metric::ALL {
                query.metric = *metric;
                let report = store.calls().usage(&query).await;
                if splits && *metric == Metric::Requests {
                    assert!(matches!(
                        report,
                        Err(StoreError::Usage(UsageProblem::RequestsByType))
                    ));
                } else {
                    check(&report.unwrap(), &calls, &query);
                }
            }
        }
    }
}

#[tokio::test]
async fn several_metrics_at_once_are_each_the_same_as_alone() {
    let place = Place::new();
    let (store, _) = ledger(&place, 3, 300, RANGES[2].0, RANGES[2].1).await;
    let mut query = query(RANGES[2].0, RANGES[2].1, "UTC", BucketSize::Hour);
    query.group_by = GroupBy::Agent;
    let together = store.calls().usage_of(&query, Metric::ALL).await.unwrap();
    for (metric, report) in Metric::ALL.iter().zip(together) {
        query.metric = *metric;
        assert_eq!(store.calls().usage(&query).await.unwrap(), report);
    }
}
