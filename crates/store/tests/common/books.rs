//! One generator of ledgers and questions, and one checker of everything that tells sums: whatever happens to
//! the books, `balance` says whether they still do.

use std::collections::BTreeMap;

use domain::{
    Timestamp,
    call::{Call, Outcome},
    pricing::PriceState,
};
use serde_json::json;
use store::{
    Choice, Store,
    usage::{
        BucketSize, CostType, GroupBy, Metric, ReportBucket, ReportBy, ReportLine, ReportQuery,
        TokenType, UsageFilter, UsageQuery,
    },
};
use weir_store as store;

use super::{Dice, expected::*, noted, provider_id, token_id};

/// Zones, and a moment about which their clocks do something that is not usual.
pub const PLACES: &[(&str, &str)] = &[
    ("UTC", "2025-03-01T00:00:00Z"),
    ("Europe/Berlin", "2025-03-30T01:00:00Z"),
    ("Europe/Berlin", "2025-10-26T01:00:00Z"),
    ("America/New_York", "2025-11-02T06:00:00Z"),
    ("Asia/Kathmandu", "2025-06-30T18:15:00Z"),
    ("America/St_Johns", "2025-03-09T05:30:00Z"),
    ("America/St_Johns", "2025-11-02T04:30:00Z"),
    ("Australia/Lord_Howe", "2025-10-04T15:30:00Z"),
    ("Pacific/Apia", "2011-12-30T10:00:00Z"),
    // Until then its clocks were 44 minutes and 30 seconds behind, which is no quarter hour.
    ("Africa/Monrovia", "1972-01-07T00:44:30Z"),
];

pub async fn set_zone(store: &Store, name: &str) {
    store
        .settings()
        .set("report_time_zone", &json!(name), &noted())
        .await
        .unwrap();
}

pub fn random_filter(dice: &mut Dice) -> UsageFilter {
    fn some<T: Clone>(dice: &mut Dice, of: &[T]) -> Choice<T> {
        match dice.roll(6) {
            0 => Choice::only(dice.one_of(of)),
            1 => Choice {
                any_of: vec![],
                none_of: vec![dice.one_of(of)],
            },
            2 => Choice {
                any_of: vec![dice.one_of(of), dice.one_of(of)],
                none_of: vec![],
            },
            _ => Choice::default(),
        }
    }
    let named = |kind: &str| {
        let mut names: Vec<Option<String>> = (1..4).map(|n| Some(format!("{kind}-{n}"))).collect();
        names.push(None);
        names
    };
    let providers: Vec<_> = (0..3)
        .map(|n| provider_id(&format!("provider-{n}")))
        .collect();
    let mut filter = UsageFilter {
        providers: some(dice, &providers),
        models: some(dice, &named("model")),
        agents: some(dice, &named("agent")),
        users: some(dice, &named("user")),
        tokens: some(dice, &[None, Some(token_id(1)), Some(token_id(2))]),
        ..UsageFilter::default()
    };
    if dice.roll(4) == 0 {
        filter.cost_types = some(dice, CostType::ALL);
        filter.token_types = some(dice, &TokenType::all().collect::<Vec<_>>());
    }
    filter
}

pub fn random_moment(dice: &mut Dice, from: Timestamp, to: Timestamp) -> Timestamp {
    let width = u64::try_from(to.as_microsecond() - from.as_microsecond()).unwrap();
    // Mostly where spans begin, sometimes inside of one.
    let at = from.as_microsecond() + dice.roll(width) as i64;
    let at = match dice.roll(3) {
        0 => at,
        1 => at - at.rem_euclid(900_000_000),
        _ => at - at.rem_euclid(86_400_000_000),
    };
    Timestamp::from_microsecond(at).unwrap()
}

/// A question that has an answer, about some part of the time from `from` to `to`.
pub fn random_question(dice: &mut Dice, from: Timestamp, to: Timestamp) -> UsageQuery {
    let (zone_name, _) = dice.one_of(PLACES);
    let query = UsageQuery {
        metric: dice.one_of(Metric::ALL),
        group_by: dice.one_of(GroupBy::ALL),
        bucket: dice.one_of(BucketSize::ALL),
        zone: zone(zone_name),
        from,
        to,
        filter: random_filter(dice),
    };
    loop {
        let (a, b) = (random_moment(dice, from, to), random_moment(dice, from, to));
        if a != b {
            return UsageQuery {
                from: a.min(b),
                to: a.max(b),
                ..query
            };
        }
    }
}

/// Whether calls are in several series, so that they cannot be counted.
pub fn splits(query: &UsageQuery) -> bool {
    matches!(query.group_by, GroupBy::TokenType | GroupBy::CostType)
        || query.filter.token_types != Choice::default()
        || query.filter.cost_types != Choice::default()
}

/// Asks some questions at random, of one metric each.
pub async fn ask(store: &Store, calls: &[Call], dice: &mut Dice, from: Timestamp, to: Timestamp) {
    for _ in 0..20 {
        let mut query = random_question(dice, from, to);
        if splits(&query) && query.metric == Metric::Requests {
            query.metric = Metric::Spend;
        }
        let report = store.calls().usage(&query).await.unwrap();
        check(&report, calls, &query);
    }
}

/// Asks some questions at random, each in every way in which its figures are told: as a report of each metric,
/// which is what the REST API answers, as the page with its charts and footer, and as the lines of the full report.
/// All must be what the calls add up to.
pub async fn balance(
    store: &Store,
    calls: &[Call],
    dice: &mut Dice,
    questions: usize,
    (from, to): (Timestamp, Timestamp),
) {
    for _ in 0..questions {
        let query = random_question(dice, from, to);
        check_everywhere(store, calls, dice, &query).await;
    }
}

/// Compares the answers to one question with the calls and with each other.
pub async fn check_everywhere(store: &Store, calls: &[Call], dice: &mut Dice, query: &UsageQuery) {
    let page = store.calls().usage_page(query, 2).await.unwrap();
    let lines = random_lines(store, calls, dice, query).await;
    for metric in Metric::ALL {
        if splits(query) && *metric == Metric::Requests {
            continue;
        }
        let query = UsageQuery {
            metric: *metric,
            ..query.clone()
        };
        let report = store.calls().usage(&query).await.unwrap();
        check(&report, calls, &query);
        let chart = page.charts.iter().find(|it| it.report.metric == *metric);
        let chart = chart.unwrap();
        let drawn = chart.report.series.iter().map(|series| series.total);
        let rest = chart.rest.as_ref().map_or(0, |rest| rest.total);
        assert_eq!(drawn.sum::<i64>() + rest, report.total, "{query:?}");
        let counts = (chart.report.unpriced_calls, chart.report.estimated_calls);
        assert_eq!(counts, (report.unpriced_calls, report.estimated_calls));
        let of_types = match metric {
            Metric::Spend => Some(&page.cost_types),
            Metric::Tokens => Some(&page.token_types),
            Metric::Requests => None,
        };
        if let Some(footer) = of_types {
            assert_eq!(footer.total, report.total, "{query:?}");
            let parts = footer.series.iter().map(|series| series.total);
            assert_eq!(parts.sum::<i64>(), report.total, "{query:?}");
        }
        let told = lines.iter().map(|line| match metric {
            Metric::Spend => line.cost_total,
            Metric::Tokens => line.tokens_total,
            Metric::Requests => line.requests,
        });
        assert_eq!(told.sum::<i64>(), report.total, "{query:?}");
        let unpriced: i64 = lines.iter().map(|line| line.unpriced).sum();
        let estimated: i64 = lines.iter().map(|line| line.estimated).sum();
        let counts = (report.unpriced_calls as i64, report.estimated_calls as i64);
        assert_eq!((unpriced, estimated), counts, "{query:?}");
    }
}

/// The lines of a full report on the same calls, by buckets and dimensions that the dice say, each compared
/// with the calls.
async fn random_lines(
    store: &Store,
    calls: &[Call],
    dice: &mut Dice,
    query: &UsageQuery,
) -> Vec<ReportLine> {
    let filtered_by_who = query.filter.agents != Choice::default()
        || query.filter.users != Choice::default()
        || query.filter.tokens != Choice::default();
    let by_end = !filtered_by_who && dice.roll(3) == 0;
    let known = ReportBy::ALL.iter().copied().filter(|by| match by {
        ReportBy::Provider | ReportBy::Model => true,
        ReportBy::Outcome | ReportBy::PriceState => by_end,
        ReportBy::Agent | ReportBy::User | ReportBy::Token => !by_end,
    });
    let report = ReportQuery {
        bucket: dice.one_of(ReportBucket::ALL),
        by: known.filter(|_| dice.roll(2) == 0).collect(),
        zone: query.zone.clone(),
        from: query.from,
        to: query.to,
        filter: query.filter.clone(),
    };
    let lines = read_lines(store, &report).await;
    check_lines(&lines, calls, &report);
    lines
}

/// Every line of a full report.
pub async fn read_lines(store: &Store, query: &ReportQuery) -> Vec<ReportLine> {
    let (sender, mut receiver) = tokio::sync::mpsc::channel(1);
    let reading = async {
        let outcome = store.calls().report(query, &sender).await;
        drop(sender);
        outcome.unwrap();
    };
    let taking = async {
        let mut lines = vec![];
        while let Some(batch) = receiver.recv().await {
            lines.extend(batch);
        }
        lines
    };
    tokio::join!(reading, taking).1
}

/// The sums of one line, in the order of its fields.
type LineSums = (i128, i128, i128, i128, Vec<i128>, Vec<i128>);

/// Compares every line with the calls, and looks at their order.
pub fn check_lines(lines: &[ReportLine], calls: &[Call], query: &ReportQuery) {
    let starts: Vec<Timestamp> = lines.iter().map(|line| line.start.at).collect();
    assert!(starts.is_sorted(), "{query:?}");
    let mut told = BTreeMap::new();
    for line in lines {
        let wide =
            |sums: &[i64]| -> Vec<i128> { sums.iter().map(|sum| i128::from(*sum)).collect() };
        let sums: LineSums = (
            line.calls.into(),
            line.requests.into(),
            line.unpriced.into(),
            line.estimated.into(),
            wide(&line.tokens),
            wide(&line.cost),
        );
        assert_eq!(line.tokens.iter().sum::<i64>(), line.tokens_total);
        assert_eq!(line.cost.iter().sum::<i64>(), line.cost_total);
        let before = told.insert((line.start.at, line.key.clone()), sums);
        assert_eq!(before, None, "two lines of the same: {query:?}");
    }
    assert_eq!(told, expected_lines(calls, query), "{query:?}");
}

/// What the lines must be, computed without any SQL.
fn expected_lines(
    calls: &[Call],
    query: &ReportQuery,
) -> BTreeMap<(Timestamp, Vec<String>), LineSums> {
    let mut lines: BTreeMap<_, LineSums> = BTreeMap::new();
    for call in calls {
        let in_range = (query.from..query.to).contains(&call.start.started_at);
        if !in_range || !is_taken(&query.filter, call) {
            continue;
        }
        let size = match query.bucket {
            ReportBucket::Hour => Some(BucketSize::Hour),
            ReportBucket::Day => Some(BucketSize::Day),
            ReportBucket::Month => Some(BucketSize::Month),
            ReportBucket::Total => None,
        };
        let start = size.map_or(query.from, |size| {
            bucket_of(call.start.started_at, size, query.zone.name())
        });
        let key = query.by.iter().flat_map(|by| line_key(call, *by)).collect();
        let parts = |types: Vec<TokenType>, metric| -> Vec<i128> {
            types
                .iter()
                .map(|part| part_of(call, metric, *part))
                .collect()
        };
        let tokens = parts(query.token_types().collect(), Metric::Tokens);
        let cost = parts(query.cost_types().collect(), Metric::Spend);
        let zeros = || (0, 0, 0, 0, vec![0; tokens.len()], vec![0; cost.len()]);
        let line = lines.entry((start, key)).or_insert_with(zeros);
        line.0 += 1;
        line.1 += i128::from(call.outcome != Outcome::Rejected);
        line.2 += i128::from(call.price_state == PriceState::Unpriced);
        line.3 += i128::from(call.price_state == PriceState::Estimated);
        line.4
            .iter_mut()
            .zip(tokens)
            .for_each(|(sum, part)| *sum += part);
        line.5
            .iter_mut()
            .zip(cost)
            .for_each(|(sum, part)| *sum += part);
    }
    lines
}

/// The texts of a call's key. The tests' providers and tokens are not configured: they have no names.
fn line_key(call: &Call, by: ReportBy) -> Vec<String> {
    let start = &call.start;
    let or_nobody = |name: &Option<String>| vec![name.clone().unwrap_or_default()];
    match by {
        ReportBy::Provider => vec![
            start.provider.to_string(),
            String::new(),
            start.provider_type.key().to_owned(),
        ],
        ReportBy::Model => or_nobody(&start.model),
        ReportBy::Agent => or_nobody(&start.agent),
        ReportBy::User => or_nobody(&start.user),
        ReportBy::Token => {
            let id = start.token.map(|token| token.to_string());
            vec![id.unwrap_or_default(), String::new()]
        }
        ReportBy::Outcome => vec![call.outcome.key().to_owned()],
        ReportBy::PriceState => vec![call.price_state.key().to_owned()],
    }
}
