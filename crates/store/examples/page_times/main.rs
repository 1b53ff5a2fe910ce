//! How long the data of the pages Cost & Usage and Calls takes: every range and grouping with every filter,
//! alone, in pairs and in threes, in the report's zone and in another one, and the lists of Calls. On a ledger
//! that `cargo xtask seed` has made, or on the one that `WEIR_DATABASE_URL` names.
//!
//! `cargo run --release -p weir-store --example page_times -- DIR [CPU]`
//!
//! First brings the ledger up to date and seals its sums. A view that is not quick is read twice, and the faster
//! run counts; beside the time that passed stands the CPU time of all threads, which others on the machine do
//! not change. Fails where the 95th percentile is above the aim: by the time that passed, or by CPU time where
//! that is said.
//!
//! `… -- DIR crowd` opens one page in fifty browsers instead, while calls are written, and compares what a call
//! waits with what it waits alone. `… -- DIR lists` reads the lists of Calls only, and seals nothing.
#![expect(
    clippy::print_stdout,
    reason = "it is a program that prints what it measures"
)]

mod crowd;
mod filters;
mod ranges;
mod times;

use std::{
    error::Error,
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

use domain::Timestamp;
use jiff::SignedDuration;
use journal::{Journal, SyncPolicy};
use serde_json::json;
use store::{
    AuditEntry, CallFilter, Store, StoreError,
    ledger::Writer,
    usage::{GroupBy, ReportZone, UsageQuery},
};
use weir_store as store;

use ranges::Range;
use times::{Clock, Views, cpu_ms, ms};

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
/// Milliseconds that views may take, and views by user in a zone that is not the report's.
const AIM_MS: f64 = 100.0;
const AIM_BY_USER_ELSEWHERE_MS: f64 = 1_000.0;
/// A step of sealing holds up the writer, not calls.
const AIM_OF_STEPS_MS: f64 = 50.0;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("FAILED: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Done<bool> {
    let mut arguments = std::env::args().skip(1);
    let dir = PathBuf::from(arguments.next().ok_or("the folder of a ledger")?);
    let word = arguments.next().unwrap_or_default();
    let clock = if word == "CPU" {
        Clock::Cpu
    } else {
        Clock::Passed
    };
    let options = store::Options {
        database_url: std::env::var("WEIR_DATABASE_URL")
            .unwrap_or_else(|_| format!("sqlite:{}", dir.join("weir.db").display())),
        master_key: store::MasterKey::load(None, &dir.join("master.key"))?,
        readers: 4,
    };
    let started = Instant::now();
    let store = Store::open(options).await?;
    println!("opened after {:.1} s", ms(started) / 1e3);
    let newest = store.calls().list(&CallFilter::default(), 1, None).await?;
    let newest = newest.items.first().ok_or("the ledger is empty")?;
    let now = newest.call.start.started_at + SignedDuration::from_secs(1);
    if word == "crowd" {
        return crowd::run(store, &dir, now).await;
    }
    if word == "lists" {
        let filters = filters::all(&store, now, ZONES[0]).await?;
        return lists(&store, now, &filters, clock).await;
    }
    let mut met = seal(&store, &dir, now)
        .await?
        .print("steps of sealing", AIM_OF_STEPS_MS, clock);

    let ranges = ranges::all(now, ZONES[0])?;
    let filters = filters::all(&store, now, ZONES[0]).await?;
    let mut here = Views::default();
    for (name, query) in queries(&ranges, &filters, ZONES[0])? {
        here.time(name, || page(&store, &query)).await?;
    }
    met &= here.print("views in the report's zone", AIM_MS, clock);

    let alone: Vec<_> = filters
        .iter()
        .filter(|filter| filter.kinds < 2)
        .cloned()
        .collect();
    let (mut of_users, mut others) = (Views::default(), Views::default());
    for (name, query) in queries(&ranges, &alone, ZONES[1])? {
        let by_user = query.group_by == GroupBy::User || !query.filter.users.any_of.is_empty();
        let views = if by_user { &mut of_users } else { &mut others };
        views.time(name, || page(&store, &query)).await?;
    }
    met &= of_users.print(
        "views by user in another zone",
        AIM_BY_USER_ELSEWHERE_MS,
        clock,
    );
    met &= others.print("other views in another zone", AIM_MS, clock);

    met &= lists(&store, now, &filters, clock).await?;
    store.close().await?;
    Ok(met)
}

/// The lists of Calls.
async fn lists(
    store: &Store,
    now: Timestamp,
    filters: &[filters::Named],
    clock: Clock,
) -> Done<bool> {
    let mut lists = Views::default();
    for (name, filter) in filters::lists(now, filters) {
        let list = || async { Ok(store.calls().list(&filter, 50, None).await?.items.len()) };
        lists.time(name, list).await?;
    }
    Ok(lists.print("lists of Calls", AIM_MS, clock))
}

/// Every view: each range by each grouping with each filter.
fn queries(
    ranges: &[Range],
    filters: &[filters::Named],
    zone: &str,
) -> Done<Vec<(String, UsageQuery)>> {
    let zone = ReportZone::new(zone)?;
    let mut queries = vec![];
    for range in ranges {
        for group_by in GROUPINGS {
            for named in filters {
                let name = format!("{}, by {}, {}", range.name, group_by.key(), named.name);
                queries.push((name, range.query(group_by, &zone, named.filter.clone())));
            }
        }
    }
    Ok(queries)
}

async fn page(store: &Store, query: &UsageQuery) -> Result<usize, StoreError> {
    let page = store.calls().usage_page(query, SERIES).await?;
    let first = page.charts.first();
    Ok(first.map_or(0, |chart| chart.report.series.len()))
}

/// Seals what is over, a step at a time.
async fn seal(store: &Store, dir: &Path, now: Timestamp) -> Done<Views> {
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
    let mut told = Instant::now();
    loop {
        let (before, cpu) = (Instant::now(), cpu_ms()?);
        if !writer.seal_some(now).await? {
            return Ok(steps);
        }
        steps.add(String::new(), ms(before), cpu_ms()? - cpu);
        if told.elapsed() > Duration::from_secs(60) {
            told = Instant::now();
            println!("{} steps of sealing so far", steps.len());
        }
    }
}
