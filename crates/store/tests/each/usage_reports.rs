//! Reports: their buckets, their series, and what they refuse.

use crate::common::*;
use domain::{
    NanoUsd,
    pricing::PriceState,
    token::{GatewayToken, TokenHash},
};
use store::{
    Store, StoreError,
    usage::{
        BucketSize, GroupBy, Metric, ReportZone, UsageFilter, UsageProblem, UsageQuery, UsageReport,
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

/// The starts of the buckets of an empty ledger.
async fn starts(store: &Store, query: &UsageQuery) -> Vec<String> {
    let report = store.calls().usage(query).await.unwrap();
    assert_eq!(report.series.len(), 1);
    report.series[0]
        .points
        .iter()
        .map(|point| point.start.to_string())
        .collect()
}

#[tokio::test]
async fn buckets_follow_the_clock_on_the_wall() {
    let place = Place::new();
    let store = place.open().await;
    let day = BucketSize::Day;
    assert_eq!(
        starts(
            &store,
            &query(
                "2025-03-29T12:00:00Z",
                "2025-03-31T12:00:00Z",
                "Europe/Berlin",
                day
            )
        )
        .await,
        [
            "2025-03-29T00:00:00+01:00",
            "2025-03-30T00:00:00+01:00",
            "2025-03-31T00:00:00+02:00"
        ]
    );
    // 02:00 to 03:00 comes twice.
    assert_eq!(
        starts(
            &store,
            &query(
                "2025-10-26T00:00:00Z",
                "2025-10-26T02:30:00Z",
                "Europe/Berlin",
                BucketSize::Hour
            )
        )
        .await,
        [
            "2025-10-26T02:00:00+02:00",
            "2025-10-26T02:00:00+01:00",
            "2025-10-26T03:00:00+01:00"
        ]
    );
    // Midnight does not exist on this day.
    assert_eq!(
        starts(
            &store,
            &query(
                "2025-04-24T12:00:00Z",
                "2025-04-25T12:00:00Z",
                "Africa/Cairo",
                day
            )
        )
        .await,
        ["2025-04-24T00:00:00+02:00", "2025-04-25T01:00:00+03:00"]
    );
    // Half an hour is left out.
    assert_eq!(
        starts(
            &store,
            &query(
                "2025-10-04T14:30:00Z",
                "2025-10-04T16:30:00Z",
                "Australia/Lord_Howe",
                BucketSize::Hour
            )
        )
        .await,
        [
            "2025-10-05T01:00:00+10:30",
            "2025-10-05T02:30:00+11:00",
            "2025-10-05T03:00:00+11:00"
        ]
    );
    // A whole day is left out: the 30th.
    assert_eq!(
        starts(
            &store,
            &query(
                "2011-12-29T12:00:00Z",
                "2011-12-31T12:00:00Z",
                "Pacific/Apia",
                day
            )
        )
        .await,
        [
            "2011-12-29T00:00:00-10:00",
            "2011-12-31T00:00:00+14:00",
            "2012-01-01T00:00:00+14:00"
        ]
    );
    assert_eq!(
        starts(
            &store,
            &query(
                "2025-11-20T12:00:00Z",
                "2025-12-01T00:00:01Z",
                "UTC",
                BucketSize::Week
            )
        )
        .await,
        [
            "2025-11-17T00:00:00+00:00",
            "2025-11-24T00:00:00+00:00",
            "2025-12-01T00:00:00+00:00"
        ]
    );
    assert_eq!(
        starts(
            &store,
            &query(
                "2024-12-31T12:00:00Z",
                "2025-02-01T00:00:00Z",
                "America/New_York",
                BucketSize::Month
            )
        )
        .await,
        ["2024-12-01T00:00:00-05:00", "2025-01-01T00:00:00-05:00"]
    );
    let report = store
        .calls()
        .usage(&query(
            "2025-11-20T00:00:00Z",
            "2025-11-22T00:00:00Z",
            "UTC",
            day,
        ))
        .await
        .unwrap();
    assert_eq!(report.total, 0);
    assert_eq!(report.series[0].points.len(), 2);
    assert_eq!(
        serde_json::to_string(&report.series[0].points[0].start).unwrap(),
        "\"2025-11-20T00:00:00+00:00\""
    );
}

#[tokio::test]
async fn a_query_without_an_answer_says_why() {
    let place = Place::new();
    let store = place.open().await;
    let problem = |query: UsageQuery| {
        let store = store.clone();
        async move {
            match store.calls().usage(&query).await {
                Err(StoreError::Usage(problem)) => problem,
                other => panic!("{other:?}"),
            }
        }
    };
    let hour = BucketSize::Hour;
    let (from, to) = ("2025-11-20T00:00:00Z", "2025-11-22T00:00:00Z");
    assert_eq!(
        problem(query(to, from, "UTC", hour)).await,
        UsageProblem::EmptyRange
    );
    assert_eq!(
        problem(query(from, from, "UTC", hour)).await,
        UsageProblem::EmptyRange
    );
    let long = query("2020-01-01T00:00:00Z", to, "UTC", hour);
    assert_eq!(problem(long).await, UsageProblem::TooManyBuckets);
    // Of 240 people each has 9,600 hours.
    let people = (0..240).map(|n| {
        let mut call = call(n, at("2025-11-20T09:00:00Z"));
        call.start.user = Some(format!("person-{n}"));
        call
    });
    record(&mut place.writer(&store), &people.collect::<Vec<_>>()).await;
    let wide = UsageQuery {
        group_by: GroupBy::User,
        ..query("2024-10-18T00:00:00Z", to, "UTC", hour)
    };
    assert_eq!(problem(wide).await, UsageProblem::TooManyPoints);
    let end = query(
        "9999-12-30T00:00:00Z",
        "9999-12-30T21:00:00Z",
        "UTC",
        BucketSize::Month,
    );
    assert_eq!(problem(end).await, UsageProblem::BeyondCalendar);
    assert_eq!(
        ReportZone::new("Europe/Nowhere"),
        Err(UsageProblem::UnknownTimeZone)
    );
    assert_eq!(zone("europe/berlin").name(), "Europe/Berlin");
}

#[tokio::test]
async fn series_have_names_and_come_largest_first() {
    let place = Place::new();
    let store = place.open().await;
    let mut writer = place.writer(&store);
    let noon = at("2025-11-20T12:00:00Z");
    for id in ["openai-main", "old"] {
        store
            .providers()
            .insert(&provider(id), &noted())
            .await
            .unwrap();
    }
    let token = GatewayToken {
        id: token_id(1),
        name: "CI".to_owned(),
        first_characters: "wr_ab".to_owned(),
        agent: None,
        user: None,
        providers: vec![],
        created_at: noon,
        expires_at: None,
        last_used_at: None,
    };
    store
        .tokens()
        .insert(&token, &TokenHash([1; 32]), &noted())
        .await
        .unwrap();
    let mut other = call(3, noon);
    other.start.provider = provider_id("old");
    other.start.token = None;
    record(&mut writer, &[call(1, noon), call(2, noon), other]).await;
    store
        .providers()
        .delete(&provider_id("old"), &noted())
        .await
        .unwrap();
    store.tokens().delete(token.id, &noted()).await.unwrap();

    let mut query = query(
        "2025-11-20T00:00:00Z",
        "2025-11-21T00:00:00Z",
        "UTC",
        BucketSize::Day,
    );
    let labels = |report: UsageReport| -> Vec<(Option<String>, String, i64)> {
        report
            .series
            .into_iter()
            .map(|series| (series.key, series.label, series.total))
            .collect()
    };
    query.group_by = GroupBy::Provider;
    let by_provider = labels(store.calls().usage(&query).await.unwrap());
    assert_eq!(
        by_provider,
        [
            (
                Some("openai-main".to_owned()),
                "Provider openai-main".to_owned(),
                7_000_000
            ),
            (Some("old".to_owned()), "Provider old".to_owned(), 3_500_000),
        ]
    );
    query.group_by = GroupBy::Token;
    let by_token = labels(store.calls().usage(&query).await.unwrap());
    assert_eq!(
        by_token,
        [
            (Some(token.id.to_string()), "CI".to_owned(), 7_000_000),
            (None, "No token".to_owned(), 3_500_000),
        ]
    );
}

#[tokio::test]
async fn spend_of_a_week_has_seven_days() {
    let place = Place::new();
    let store = place.open().await;
    let mut writer = place.writer(&store);
    let mut unpriced = call(9, at("2025-11-20T08:00:00Z"));
    unpriced.price_state = PriceState::Unpriced;
    unpriced.charge.total = None;
    record(
        &mut writer,
        &[
            call(1, at("2025-11-13T23:59:59Z")),
            call(2, at("2025-11-14T00:00:00Z")),
            call(3, at("2025-11-20T09:00:00Z")),
            unpriced,
        ],
    )
    .await;
    let week = store
        .calls()
        .spend_since(
            at("2025-11-14T00:00:00Z"),
            at("2025-11-20T10:07:00Z"),
            GroupBy::Provider,
            UsageFilter::default(),
            &ReportZone::utc(),
        )
        .await
        .unwrap();
    assert_eq!(week.len(), 1);
    let line = &week[&Some("openai-main".to_owned())];
    assert_eq!(line.total, NanoUsd(7_000_000));
    assert_eq!(line.unpriced_calls, 1);
    let mut days = vec![NanoUsd(0); 7];
    days[0] = NanoUsd(3_500_000);
    days[6] = NanoUsd(3_500_000);
    assert_eq!(line.days, days);
}

#[tokio::test]
async fn a_sum_that_was_tampered_with_is_found() {
    use sea_orm::{ConnectOptions, ConnectionTrait, Database};
    let place = Place::new();
    let store = place.open().await;
    let mut writer = place.writer(&store);
    record(&mut writer, &[call(1, at("2025-11-20T12:00:00Z"))]).await;
    writer.seal(at("2025-12-02T12:00:00Z")).await.unwrap();
    assert_balanced(&store).await;
    let other = Database::connect(ConnectOptions::new(place.options().database_url))
        .await
        .unwrap();
    let change = |sql: &'static str| {
        let other = other.clone();
        async move { other.execute_unprepared(sql).await.unwrap() }
    };
    change(
        "UPDATE usage_sealed SET cost_input_nano = cost_input_nano + 1 WHERE level = \
         (SELECT id FROM usage_levels WHERE side = 'agent_model' AND span = 'day')",
    )
    .await;
    // What is made of it differs with it.
    let found = store.calls().verify_rollups().await.unwrap();
    let found: Vec<_> = found
        .iter()
        .map(|found| (found.level.as_str(), found.sum, found.rows, found.kept))
        .collect();
    assert_eq!(
        found,
        [
            (
                "agent_model by day",
                "cost_input_nano",
                2_500_000,
                2_500_001
            ),
            (
                "agent_model by week",
                "cost_input_nano",
                2_500_001,
                2_500_000
            ),
            (
                "agent_model by month",
                "cost_input_nano",
                2_500_001,
                2_500_000
            ),
        ]
    );
    change(
        "UPDATE usage_sealed SET cost_input_nano = cost_input_nano - 1 WHERE level = \
         (SELECT id FROM usage_levels WHERE side = 'agent_model' AND span = 'day')",
    )
    .await;
    change("UPDATE usage_quarters SET model = 'gpt-4p' WHERE level = 2").await;
    let found = store.calls().verify().await.unwrap();
    assert!(
        found
            .differences
            .iter()
            .any(|found| found.level == "all by quarter" && found.key.contains("gpt-4p"))
    );
    change("UPDATE usage_quarters SET model = 'gpt-4o' WHERE level = 2").await;
    change("UPDATE calls SET cost_total_nano = cost_total_nano + 1").await;
    change("UPDATE usage_quarters SET cost_total_nano = cost_total_nano + 1").await;
    change("UPDATE usage_sealed SET cost_total_nano = cost_total_nano + 1").await;
    let found = store.calls().verify_rollups().await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].sum, "parts of cost_total_nano");
    change("DELETE FROM calls").await;
    assert!(!store.calls().verify_rollups().await.unwrap().is_empty());
}
