//! How long the data of the pages Cost & Usage and Calls takes: every range, grouping and filter of them, on
//! a ledger that `cargo xtask seed` has made.
//!
//! `cargo run --release -p weir-store --example page_times -- DIR`
//!
//! First brings the ledger up to date and seals its sums. The figures are of the faster of two runs; beside
//! the time that passed stands the CPU time of all threads, which others on the machine do not change.
#![expect(
    clippy::print_stdout,
    reason = "it is a program that prints what it measures"
)]

use std::{error::Error, future::Future, path::PathBuf, time::Instant};

use domain::{
    NanoUsd, Timestamp,
    call::{Operation, Outcome},
    pricing::PriceState,
};
use jiff::{SignedDuration, ToSpan, Zoned, tz::TimeZoneDatabase};
use journal::{Journal, SyncPolicy};
use serde_json::json;
use store::{
    AuditEntry, CallFilter, Choice, Store, StoreError,
    ledger::Writer,
    usage::{BucketSize, CostType, GroupBy, ReportZone, Top, UsageFilter, UsageQuery},
};
use weir_store as store;

type Done<T> = Result<T, Box<dyn Error>>;

/// The report's zone, and another one.
const ZONES: [&str; 2] = ["Europe/Berlin", "America/New_York"];
/// As many series as the page draws one by one.
const SERIES: usize = 8;
const GROUPINGS: [GroupBy; 6] = [
    GroupBy::None,
    GroupBy::Provider,
    GroupBy::Model,
    GroupBy::TokenType,
    GroupBy::Agent,
    GroupBy::User,
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Done<()> {
    let dir = PathBuf::from(std::env::args().nth(1).ok_or("the folder of a ledger")?);
    let options = store::Options {
        database_url: format!("sqlite:{}", dir.join("weir.db").display()),
        master_key: store::MasterKey::load(None, &dir.join("master.key"))?,
        readers: 2,
    };
    let started = Instant::now();
    let store = Store::open(options).await?;
    println!("{:10.1} ms  open", ms(started));
    let newest = store.calls().list(&CallFilter::default(), 1, None).await?;
    let newest = newest.items.first().ok_or("the ledger is empty")?;
    let now = newest.call.start.started_at + SignedDuration::from_secs(1);
    seal(&store, &dir, now).await?;

    let mut views = Views::default();
    let ranges = ranges(now)?;
    let filters = filters(&store, now).await?;
    for (range, from, bucket) in &ranges {
        for group_by in GROUPINGS {
            for (filter_name, filter) in &filters {
                let query = UsageQuery {
                    metric: store::usage::Metric::Spend,
                    group_by,
                    bucket: *bucket,
                    zone: ReportZone::new(ZONES[0])?,
                    from: *from,
                    to: now,
                    filter: filter.clone(),
                };
                let name = format!("{range}, by {}, {filter_name}", group_by.key());
                views.time(name, || page(&store, &query)).await?;
            }
        }
    }
    views.print("views of Cost & Usage in the report's zone");

    for (kind, groupings) in [("users", &[GroupBy::User][..]), ("others", &GROUPINGS[..5])] {
        let mut views = Views::default();
        for (range, from, bucket) in &ranges {
            for group_by in groupings {
                let query = UsageQuery {
                    metric: store::usage::Metric::Spend,
                    group_by: *group_by,
                    bucket: *bucket,
                    zone: ReportZone::new(ZONES[1])?,
                    from: *from,
                    to: now,
                    filter: UsageFilter::default(),
                };
                let name = format!("{range}, by {}", group_by.key());
                views.time(name, || page(&store, &query)).await?;
            }
        }
        views.print(&format!("views in another zone, by {kind}"));
    }

    let mut views = Views::default();
    for (name, filter) in lists(now, &filters) {
        let list = || async { Ok(store.calls().list(&filter, 50, None).await?.items.len()) };
        views.time(name, list).await?;
    }
    views.print("lists of Calls");
    store.close().await?;
    Ok(())
}

async fn page(store: &Store, query: &UsageQuery) -> Result<usize, StoreError> {
    let page = store.calls().usage_page(query, SERIES).await?;
    Ok(page
        .charts
        .first()
        .map_or(0, |chart| chart.report.series.len()))
}

/// Seals what is over, a step at a time.
async fn seal(store: &Store, dir: &std::path::Path, now: Timestamp) -> Done<()> {
    let zone = store.settings().get("report_time_zone").await?;
    if zone.is_none() {
        let entry = AuditEntry {
            at: now,
            actor: "system".to_owned(),
            action: "update".to_owned(),
            object_kind: "settings".to_owned(),
            object_id: "report_time_zone".to_owned(),
            before: None,
            after: None,
            address: None,
        };
        let settings = store.settings();
        settings
            .set("report_time_zone", &json!(ZONES[0]), &entry)
            .await?;
    }
    let (_journal, reader) = Journal::open(&dir.join("journal"), SyncPolicy::Off)?;
    let mut writer = Writer::new(store.clone(), reader)?;
    let mut steps = Views::default();
    let started = Instant::now();
    loop {
        let (before, cpu) = (Instant::now(), cpu_ms()?);
        if !writer.seal_some(now).await? {
            break;
        }
        steps.add(String::new(), ms(before), cpu_ms()? - cpu);
    }
    steps.print(&format!("steps of sealing, {:.1} s", ms(started) / 1e3));
    Ok(())
}

/// The ranges that the page offers, with the buckets that suit them.
fn ranges(now: Timestamp) -> Done<Vec<(String, Timestamp, BucketSize)>> {
    let mut ranges = vec![];
    for days in [1, 7, 14, 30, 90, 400] {
        let from = now - SignedDuration::from_hours(24 * days);
        ranges.push((format!("{days} days"), from, bucket_for(from, now)));
    }
    let zone = TimeZoneDatabase::bundled().get(ZONES[0])?;
    let today: Zoned = now.to_zoned(zone);
    let month = today.first_of_month()?.start_of_day()?;
    let quarter = month.checked_sub(i64::from((month.month() - 1) % 3).months())?;
    let year = today.first_of_year()?.start_of_day()?;
    for (name, from) in [("month", month), ("quarter", quarter), ("year", year)] {
        let from = from.timestamp();
        ranges.push((format!("{name} to date"), from, bucket_for(from, now)));
    }
    Ok(ranges)
}

fn bucket_for(from: Timestamp, to: Timestamp) -> BucketSize {
    match to.duration_since(from).as_hours() {
        ..=48 => BucketSize::Hour,
        49..=2_208 => BucketSize::Day,
        2_209..=8_784 => BucketSize::Week,
        _ => BucketSize::Month,
    }
}

/// No filter, each kind alone, and pairs: by the largest of each kind, which is the worst there is.
async fn filters(store: &Store, now: Timestamp) -> Done<Vec<(String, UsageFilter)>> {
    let query = UsageQuery {
        metric: store::usage::Metric::Spend,
        group_by: GroupBy::User,
        bucket: BucketSize::Month,
        zone: ReportZone::new(ZONES[0])?,
        from: now - SignedDuration::from_hours(24 * 90),
        to: now,
        filter: UsageFilter::default(),
    };
    let largest = store.calls().usage_page(&query, SERIES).await?;
    let first = |top: &[Top]| top.first().and_then(|top| top.key.clone());
    let users = largest.charts.first().map(|chart| &chart.report.series);
    let user = users
        .and_then(|series| series.first())
        .and_then(|series| series.key.clone());
    let any = UsageFilter::default;
    let provider = UsageFilter {
        providers: Choice::only(first(&largest.top_providers).unwrap_or_default().parse()?),
        ..any()
    };
    let model = UsageFilter {
        models: Choice::only(first(&largest.top_models)),
        ..any()
    };
    let agent = UsageFilter {
        agents: Choice::only(first(&largest.top_agents)),
        ..any()
    };
    let user = UsageFilter {
        users: Choice::only(user),
        ..any()
    };
    let cost = UsageFilter {
        cost_types: Choice::only(CostType::Output),
        ..any()
    };
    let both = |one: &UsageFilter, other: &UsageFilter| {
        let mut both = one.clone();
        if !other.providers.any_of.is_empty() {
            both.providers = other.providers.clone();
        }
        if !other.models.any_of.is_empty() {
            both.models = other.models.clone();
        }
        if !other.agents.any_of.is_empty() {
            both.agents = other.agents.clone();
        }
        both
    };
    Ok(vec![
        ("all calls".to_owned(), any()),
        ("user and model".to_owned(), both(&user, &model)),
        ("user and provider".to_owned(), both(&user, &provider)),
        ("user and agent".to_owned(), both(&user, &agent)),
        ("agent and model".to_owned(), both(&agent, &model)),
        ("agent and provider".to_owned(), both(&agent, &provider)),
        ("cost type and agent".to_owned(), both(&cost, &agent)),
        ("one provider".to_owned(), provider),
        ("one model".to_owned(), model),
        ("one agent".to_owned(), agent),
        ("one user".to_owned(), user),
        ("one cost type".to_owned(), cost),
    ])
}

/// Lists of calls, mostly of what is rare or not there at all.
fn lists(now: Timestamp, filters: &[(String, UsageFilter)]) -> Vec<(String, CallFilter)> {
    let any = CallFilter::default;
    let since = Some(now - SignedDuration::from_hours(24 * 30));
    let until = Some(now - SignedDuration::from_hours(24 * 29));
    let mut lists: Vec<(String, CallFilter)> = filters
        .iter()
        .filter(|(_, filter)| filter.cost_types == Choice::default())
        .map(|(name, filter)| {
            let filter = CallFilter {
                providers: filter.providers.clone(),
                models: filter.models.clone(),
                agents: filter.agents.clone(),
                users: filter.users.clone(),
                ..any()
            };
            (name.clone(), filter)
        })
        .collect();
    let named = |name: &str, filter| (name.to_owned(), filter);
    lists.extend([
        named(
            "a day a month ago",
            CallFilter {
                since,
                until,
                ..any()
            },
        ),
        named(
            "truncated ones",
            CallFilter {
                outcomes: Choice::only(Outcome::Truncated),
                ..any()
            },
        ),
        named(
            "unpriced ones",
            CallFilter {
                price_states: Choice::only(PriceState::Unpriced),
                ..any()
            },
        ),
        named(
            "dearer than any",
            CallFilter {
                cost_above: Some(NanoUsd(i64::MAX)),
                ..any()
            },
        ),
        named(
            "dearer than one dollar, at the largest provider",
            CallFilter {
                cost_above: Some(NanoUsd(40_000_000)),
                latency_above_us: Some(9_000_000_000),
                ..any()
            },
        ),
        named(
            "slower than any",
            CallFilter {
                latency_above_us: Some(u64::MAX),
                ..any()
            },
        ),
        named(
            "a status that there is not",
            CallFilter {
                statuses: Choice::only(418..=418),
                ..any()
            },
        ),
        named(
            "a status of success that there is not",
            CallFilter {
                statuses: Choice::only(299..=299),
                ..any()
            },
        ),
        named(
            "an operation that there is not",
            CallFilter {
                operations: Choice::only(Operation::StoredResponse),
                ..any()
            },
        ),
        named(
            "nobody's",
            CallFilter {
                users: Choice::only(None),
                ..any()
            },
        ),
    ]);
    lists
}

/// What views took: passed and CPU time, in milliseconds.
#[derive(Default)]
struct Views(Vec<(String, f64, f64)>);

impl Views {
    async fn time<F>(&mut self, name: String, view: impl Fn() -> F) -> Done<()>
    where
        F: Future<Output = Result<usize, StoreError>>,
    {
        let (mut passed, mut cpu) = (f64::MAX, f64::MAX);
        for _ in 0..2 {
            let (started, cpu_before) = (Instant::now(), cpu_ms()?);
            view().await?;
            passed = passed.min(ms(started));
            cpu = cpu.min(cpu_ms()? - cpu_before);
        }
        self.add(name, passed, cpu);
        Ok(())
    }

    fn add(&mut self, name: String, passed: f64, cpu: f64) {
        self.0.push((name, passed, cpu));
    }

    /// Prints how they are spread, and those above 100 ms.
    fn print(mut self, what: &str) {
        let spread = |of: fn(&(String, f64, f64)) -> f64| {
            let mut all: Vec<f64> = self.0.iter().map(of).collect();
            all.sort_unstable_by(f64::total_cmp);
            let at = |percent: usize| {
                let last = all.len().saturating_sub(1);
                all.get(last * percent / 100).copied().unwrap_or(0.0)
            };
            (at(50), at(95), at(100))
        };
        let (passed, cpu) = (spread(|view| view.1), spread(|view| view.2));
        println!(
            "\n{} {what}\n  passed  p50 {:7.1}  p95 {:7.1}  max {:7.1} ms\n  CPU     p50 {:7.1}  p95 {:7.1}  max {:7.1} ms",
            self.0.len(),
            passed.0,
            passed.1,
            passed.2,
            cpu.0,
            cpu.1,
            cpu.2
        );
        self.0.sort_by(|a, b| b.2.total_cmp(&a.2));
        for (name, passed, cpu) in self
            .0
            .iter()
            .filter(|view| view.2 > 100.0 && !view.0.is_empty())
        {
            println!("  {passed:8.1} ms, {cpu:8.1} ms CPU  {name}");
        }
    }
}

fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}

/// CPU time of all threads of this process.
fn cpu_ms() -> Done<f64> {
    let mut nanoseconds = 0_u64;
    for task in std::fs::read_dir("/proc/self/task")? {
        let Ok(text) = std::fs::read_to_string(task?.path().join("schedstat")) else {
            continue;
        };
        let first = text.split_whitespace().next();
        nanoseconds += first.map_or(Ok(0), str::parse::<u64>)?;
    }
    Ok(std::time::Duration::from_nanos(nanoseconds).as_secs_f64() * 1e3)
}
