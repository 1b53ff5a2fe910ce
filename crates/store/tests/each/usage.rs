//! Sums over the ledger: to the nano-dollar what the rows add up to, whoever asks and for whenever.

use crate::common::{expected::*, *};
use domain::{Bucket, call::Call};
use store::{
    Choice, Store, StoreError,
    usage::{BucketSize, CostType, GroupBy, Metric, TokenType, UsageFilter, UsageProblem},
};
use weir_store as store;

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
