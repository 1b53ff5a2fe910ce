//! One page open in fifty browsers, each reading it again as soon as it is there, while calls come: how late a
//! call is in its journal, with them and without, and how far behind its rows are.

use std::{
    path::Path,
    thread,
    time::{Duration, Instant},
};

use domain::{CallId, Timestamp, call::Call};
use journal::{Journal, SyncPolicy};
use store::{
    CallFilter, Store,
    ledger::Writer,
    usage::{GroupBy, ReportZone, UsageFilter},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use weir_store as store;

use super::{Done, SERIES, ZONES, ms, ranges};

const BROWSERS: usize = 50;
/// Calls of a phase, one every millisecond.
const CALLS: u32 = 10_000;
const EVERY: Duration = Duration::from_millis(1);
/// How much later a call may be with the browsers than without, at the 99th percentile.
const AIM_MS: f64 = 1.0;

/// Alone, with the browsers, and alone again.
pub(crate) async fn run(store: Store, dir: &Path, now: Timestamp) -> Done<bool> {
    let newest = store.calls().list(&CallFilter::default(), 1, None).await?;
    let newest = newest.items.into_iter().next();
    let call = newest.ok_or("the ledger is empty")?.call;
    let (journal, reader) = Journal::open(&dir.join("journal"), SyncPolicy::Off)?;
    let stop = CancellationToken::new();
    let writer = tokio::spawn(Writer::new(store.clone(), reader)?.run(stop.clone()));
    let mut p99 = vec![];
    for (phase, browsers) in [
        ("alone", 0),
        ("with browsers", BROWSERS),
        ("alone again", 0),
    ] {
        let closed = CancellationToken::new();
        let open: Vec<_> = (0..browsers)
            .map(|_| tokio::spawn(browse(store.clone(), now, closed.clone())))
            .collect();
        let (journal, call) = (journal.clone(), call.clone());
        let late = tokio::task::spawn_blocking(move || {
            (0..CALLS)
                .map(|_| EVERY)
                .scan(Instant::now(), |due, every| {
                    *due += every;
                    Some(record(&journal, &call, *due).map_err(|error| error.to_string()))
                })
                .collect::<Result<Vec<f64>, String>>()
        });
        let mut late = late.await??;
        closed.cancel();
        let mut pages = vec![];
        for browser in open {
            pages.extend(browser.await??);
        }
        println!("\n{phase}");
        p99.push(print("calls, late by", &mut late));
        if browsers > 0 {
            print("pages, there after", &mut pages);
        }
    }
    let ended = Instant::now();
    stop.cancel();
    writer.await??;
    println!(
        "\nthe last rows were there {:.0} ms after the last call",
        ms(ended)
    );
    store.close().await?;
    let [before, with, after] = p99.as_slice() else {
        return Err("not every phase was measured".into());
    };
    let more = with - before.max(*after);
    let met = more <= AIM_MS;
    let verdict = if met { "met" } else { "MISSED" };
    println!("aim: p99 of calls at most {AIM_MS} ms more, was {more:.3} ms: {verdict}");
    Ok(met)
}

/// A browser: how long the page took, each time.
async fn browse(
    store: Store,
    now: Timestamp,
    closed: CancellationToken,
) -> Result<Vec<f64>, String> {
    let zone = ReportZone::new(ZONES[0]).map_err(|error| error.to_string())?;
    let query = ranges::days(14, now).query(GroupBy::Model, &zone, UsageFilter::default());
    let mut pages = vec![];
    while !closed.is_cancelled() {
        let asked = Instant::now();
        // Each at a moment of its own, as people do: no two ask quite the same.
        let mut query = query.clone();
        query.to = Timestamp::now();
        let page = store.calls().usage_page(&query, SERIES).await;
        page.map_err(|error| error.to_string())?;
        pages.push(ms(asked));
    }
    Ok(pages)
}

/// Writes a call into the journal when it is due. Returns how late it is there, in milliseconds.
fn record(journal: &Journal, like: &Call, due: Instant) -> Result<f64, Box<dyn std::error::Error>> {
    thread::sleep(due.saturating_duration_since(Instant::now()));
    let mut call = like.clone();
    call.start.started_at = Timestamp::now();
    let ms_of_id = u128::try_from(call.start.started_at.as_millisecond())?;
    let nanoseconds = u128::try_from(call.start.started_at.as_nanosecond())?;
    let id = ms_of_id << 80 | 7 << 76 | 2 << 62 | (nanoseconds & 0xffff_ffff_ffff);
    call.start.id = CallId(Uuid::from_u128(id));
    journal.start(&call.start)?;
    journal.finish(&call)?;
    Ok(ms(due))
}

/// Prints how times are spread. Returns the 99th percentile.
fn print(what: &str, times: &mut [f64]) -> f64 {
    times.sort_unstable_by(f64::total_cmp);
    let last = times.len().saturating_sub(1);
    let at = |thousandth: usize| times.get(last * thousandth / 1_000).copied().unwrap_or(0.0);
    println!(
        "  {} {what}: p50 {:.3}, p99 {:.3}, p99.9 {:.3}, max {:.3} ms",
        times.len(),
        at(500),
        at(990),
        at(999),
        at(1_000)
    );
    at(990)
}
