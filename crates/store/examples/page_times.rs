//! How long the console's queries take on a ledger that `ledger_rate` has made.
//!
//! `cargo run --release -p weir-store --example page_times -- DIR`
#![expect(
    clippy::print_stdout,
    reason = "it is a program that prints what it measures"
)]

use std::{error::Error, future::Future, path::PathBuf, time::Instant};

use domain::{
    NanoUsd, ProviderId, Timestamp,
    call::{Operation, Outcome},
    pricing::PriceState,
};
use jiff::SignedDuration;
use store::{
    CallFilter, Choice, StoreError,
    usage::{BucketSize, GroupBy, Metric, ReportZone, UsageFilter, UsageQuery},
};
use weir_store as store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let dir = PathBuf::from(std::env::args().nth(1).ok_or("the folder of a ledger")?);
    let options = store::Options {
        database_url: format!("sqlite:{}", dir.join("weir.db").display()),
        master_key: store::MasterKey::load(None, &dir.join("master.key"))?,
        readers: 2,
    };
    let started = Instant::now();
    let store = store::Store::open(options).await?;
    println!("{:8.2} ms  open", ms(started));

    let calls = store.calls();
    let list = |filter: CallFilter| {
        let calls = store.calls();
        async move {
            calls
                .list(&filter, 50, None)
                .await
                .map(|page| page.items.len())
        }
    };
    let newest = calls.list(&CallFilter::default(), 1, None).await?;
    let newest = newest.items.first().ok_or("the ledger is empty")?;
    let now = newest.call.start.started_at + SignedDuration::from_secs(1);
    let provider = ProviderId::new("provider-3")?;
    let any = CallFilter::default;
    let since = Some(now - SignedDuration::from_hours(24 * 30));
    let until = Some(now - SignedDuration::from_hours(24 * 29));

    time("newest calls", || list(any())).await?;
    time("calls of a provider", || {
        list(CallFilter {
            providers: Choice::only(provider.clone()),
            ..any()
        })
    })
    .await?;
    time("calls of an agent and two providers, a month ago", || {
        let providers = vec![provider.clone(), newest.call.start.provider.clone()];
        list(CallFilter {
            agents: Choice::only(Some("agent-17".to_owned())),
            providers: Choice {
                any_of: providers,
                none_of: vec![],
            },
            since,
            until,
            ..any()
        })
    })
    .await?;
    time("calls of a day a month ago", || {
        list(CallFilter {
            since,
            until,
            ..any()
        })
    })
    .await?;
    time("truncated calls, of which there are none", || {
        list(CallFilter {
            outcomes: Choice::only(Outcome::Truncated),
            ..any()
        })
    })
    .await?;
    time("unpriced calls, of which there are none", || {
        list(CallFilter {
            price_states: Choice::only(PriceState::Unpriced),
            ..any()
        })
    })
    .await?;
    time("calls dearer than any, of a day", || {
        list(CallFilter {
            cost_above: Some(NanoUsd(i64::MAX)),
            since: Some(now - SignedDuration::from_hours(24)),
            ..any()
        })
    })
    .await?;
    time("calls that failed, some status", || {
        list(CallFilter {
            statuses: Choice::only(418..=418),
            ..any()
        })
    })
    .await?;
    time("calls dearer than any", || {
        list(CallFilter {
            cost_above: Some(NanoUsd(i64::MAX)),
            ..any()
        })
    })
    .await?;
    time("calls slower than any", || {
        list(CallFilter {
            latency_above_us: Some(u64::MAX),
            ..any()
        })
    })
    .await?;
    time("calls of an operation, of which there are none", || {
        list(CallFilter {
            operations: Choice::only(Operation::StoredResponse),
            ..any()
        })
    })
    .await?;

    let (utc, berlin) = (ReportZone::utc(), ReportZone::new("Europe/Berlin")?);
    for (days, bucket) in [
        (1, BucketSize::Hour),
        (7, BucketSize::Hour),
        (30, BucketSize::Day),
        (90, BucketSize::Day),
        (90, BucketSize::Month),
    ] {
        for zone in [&utc, &berlin] {
            for group_by in [
                GroupBy::None,
                GroupBy::Provider,
                GroupBy::Model,
                GroupBy::Agent,
                GroupBy::TokenType,
            ] {
                let query = usage(now, days, bucket, zone, group_by);
                let metrics: &[Metric] = match group_by {
                    GroupBy::TokenType => &[Metric::Spend, Metric::Tokens],
                    _ => Metric::ALL,
                };
                let name = format!(
                    "{} metrics, {days} days by {} in {}, grouped by {}",
                    metrics.len(),
                    bucket.key(),
                    zone.name(),
                    group_by.key()
                );
                time(&name, || async {
                    let reports = calls.usage_of(&query, metrics).await?;
                    Ok(reports.first().map_or(0, |report| report.series.len()))
                })
                .await?;
            }
        }
    }
    time("spend of providers in 7 days", || async {
        let from = now - SignedDuration::from_hours(24 * 7);
        let filter = UsageFilter::default();
        let week = calls
            .spend_since(from, now, GroupBy::Provider, filter, &berlin)
            .await?;
        Ok(week.len())
    })
    .await?;
    Ok(())
}

fn usage(
    now: Timestamp,
    days: i64,
    bucket: BucketSize,
    zone: &ReportZone,
    group_by: GroupBy,
) -> UsageQuery {
    UsageQuery {
        metric: Metric::Spend,
        group_by,
        bucket,
        zone: zone.clone(),
        from: now - SignedDuration::from_hours(24 * days),
        to: now,
        filter: UsageFilter::default(),
    }
}

/// Prints the shortest of a few times and how many rows or series there were.
async fn time<F>(name: &str, query: impl Fn() -> F) -> Result<(), Box<dyn Error>>
where
    F: Future<Output = Result<usize, StoreError>>,
{
    let mut best = f64::MAX;
    let mut count = 0;
    for _ in 0..3 {
        let started = Instant::now();
        count = query().await?;
        best = best.min(ms(started));
    }
    println!("{best:8.2} ms  {name}: {count}");
    Ok(())
}

fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}
