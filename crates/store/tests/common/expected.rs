//! What reports should say, computed from calls without any SQL.

use std::collections::BTreeMap;

use domain::{
    Bucket, NanoUsd, Timestamp,
    call::{Call, Outcome},
    pricing::PriceState,
};
use store::{
    Choice,
    usage::{
        BucketSize, GroupBy, Metric, ReportZone, TokenType, UsageFilter, UsageQuery, UsageReport,
    },
};
use weir_store as store;

use super::at;

pub fn zone(name: &str) -> ReportZone {
    ReportZone::new(name).unwrap()
}

pub fn query(from: &str, to: &str, zone_name: &str, bucket: BucketSize) -> UsageQuery {
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
pub fn part_of(call: &Call, metric: Metric, part: TokenType) -> i128 {
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

pub fn takes<T: PartialEq>(choice: &Choice<T>, value: &T) -> bool {
    (choice.any_of.is_empty() || choice.any_of.contains(value)) && !choice.none_of.contains(value)
}

/// Whether a filter takes a call, or parts of it.
pub fn is_taken(filter: &UsageFilter, call: &Call) -> bool {
    let start = &call.start;
    takes(&filter.providers, &start.provider)
        && takes(&filter.models, &start.model)
        && takes(&filter.agents, &start.agent)
        && takes(&filter.users, &start.user)
        && takes(&filter.tokens, &start.token)
}

/// Sums by key and bucket start.
pub type Sums = BTreeMap<(Option<String>, i64), i128>;

/// The report's series as the rows have them, and the unpriced and the estimated calls.
pub fn expected(calls: &[Call], query: &UsageQuery) -> (Sums, u64, u64) {
    let mut sums = Sums::new();
    let (mut unpriced, mut estimated) = (0, 0);
    let filter = &query.filter;
    for call in calls {
        let start = &call.start;
        if !(query.from..query.to).contains(&start.started_at) || !is_taken(filter, call) {
            continue;
        }
        unpriced += u64::from(call.price_state == PriceState::Unpriced);
        estimated += u64::from(call.price_state == PriceState::Estimated);
        let bucket = bucket_of(start.started_at, query.bucket, query.zone.name()).as_microsecond();
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

pub fn key(call: &Call, group_by: GroupBy, part: Option<TokenType>) -> Option<String> {
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
pub fn bucket_of(at: Timestamp, size: BucketSize, zone: &str) -> Timestamp {
    let zone = jiff::tz::TimeZoneDatabase::bundled().get(zone).unwrap();
    let local = at.to_zoned(zone.clone());
    let day = |date: jiff::civil::Date| {
        date.to_zoned(zone.clone())
            .unwrap()
            .start_of_day()
            .unwrap()
            .timestamp()
    };
    match size {
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

pub fn check(report: &UsageReport, calls: &[Call], query: &UsageQuery) {
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
