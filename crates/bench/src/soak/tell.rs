//! What is told: a line each minute, and at the end a section for RELIABILITY.md.

use std::time::Duration;

use serde::Deserialize;

use super::check::Found;
use super::gauge::{Gauge, Growth, mib_signed};
use super::jobs::Line;
use super::mix::Kind;
use super::notes::{Minute, Notes};
use crate::admin_api::AdminApi;
use crate::cli::SoakOptions;
use crate::error::Error;
use crate::machine::Machine;
use crate::money::dollars;
use crate::report::{mib, ms, thousands};
use crate::weir::Weir;

#[derive(Deserialize)]
struct System {
    ledger: Ledger,
    storage: Storage,
}

#[derive(Deserialize)]
struct Ledger {
    calls_behind: Option<u64>,
}

#[derive(Deserialize)]
struct Storage {
    calls: u64,
}

/// The head of the lines.
pub(super) fn head() {
    println!(
        "{:>7} {:>8} {:>7} {:>9} {:>9} {:>10} {:>6} {:>8} {:>7} {:>9}",
        "second",
        "calls",
        "errors",
        "p50 ms",
        "p99 ms",
        "memory",
        "fds",
        "threads",
        "behind",
        "rows"
    );
}

/// How it is now, and what came since the last line.
pub(super) async fn line(
    weir: &Weir,
    since: Duration,
    gauge: &Gauge,
    minute: Minute,
) -> Result<(), Error> {
    let system: System = AdminApi::new(weir.address).get("/api/v1/system").await?;
    let behind = system.ledger.calls_behind;
    let times = minute.latency.sorted();
    println!(
        "{:>7} {:>8} {:>7} {:>9} {:>9} {:>10} {:>6} {:>8} {:>7} {:>9}",
        since.as_secs(),
        thousands(minute.calls),
        thousands(minute.errors.count()),
        ms(times.percentile(500)),
        ms(times.percentile(990)),
        mib(gauge.now.kib),
        gauge.now.descriptors,
        gauge.now.threads,
        behind.map_or_else(|| "?".to_owned(), thousands),
        thousands(system.storage.calls),
    );
    if minute.errors.count() > 0 {
        println!("        {}", minute.errors);
    }
    Ok(())
}

/// The whole run, as Markdown.
pub(super) fn section(
    options: &SoakOptions,
    notes: &Notes,
    found: &Found,
    jobs: &[Line],
    growth: &Growth,
) {
    let machine = Machine::look();
    let sent = notes.counts();
    let all: u64 = sent.values().sum();
    println!(
        "\n{} on {} ({} cores, {}, {}): {} calls a second for {} s, with Weir, load and stand-in on all cores.\n",
        today(),
        machine.processor,
        machine.cores,
        machine.memory,
        machine.kernel,
        thousands(options.rate),
        thousands(options.time.as_secs()),
    );
    println!("| calls | sent | rows | outcome of each row |\n|---|---|---|---|");
    for kind in Kind::ALL {
        println!(
            "| {} | {} | {} | `{}` |",
            kind.name(),
            thousands(sent.get(&kind).copied().unwrap_or_default()),
            thousands(found.by_kind.get(&kind).copied().unwrap_or_default()),
            kind.outcome(),
        );
    }
    println!(
        "| **all** | **{}** | **{}** | |\n",
        thousands(all),
        thousands(found.rows)
    );
    println!(
        "- Each id once; the rows cost {}, like the total; `weir ledger verify` finds no difference.",
        dollars(found.cost)
    );
    let times = notes.latency().sorted();
    println!(
        "- Calls of 1 KB, from the moment at which each was to be sent: p50 {} ms, p99 {} ms, p99.9 {} ms.",
        ms(times.percentile(500)),
        ms(times.percentile(990)),
        ms(times.percentile(999)),
    );
    for (what, told) in jobs {
        println!("- {what}: {told}.");
    }
    println!("- Memory: {}.", memory(growth));
    println!(
        "- At most {} descriptors and {} threads; {} descriptors when clients and upstream had gone.",
        growth.most.descriptors, growth.most.threads, growth.end.descriptors
    );
}

fn memory(growth: &Growth) -> String {
    let slope = match growth.slope {
        Some(slope) => format!(
            "{} an hour (95 %: {} to {}; Theil–Sen over {} looks in the last {} s)",
            mib_signed(slope.median),
            mib_signed(slope.least),
            mib_signed(slope.most),
            growth.looks,
            thousands(growth.seconds),
        ),
        None => "looked at too rarely".to_owned(),
    };
    format!(
        "{} at the end, {} at most; growth {slope}",
        mib(growth.end.kib),
        mib(growth.most.kib)
    )
}

fn today() -> String {
    let now = jiff::Timestamp::now().to_string();
    now.split('T').next().unwrap_or_default().to_owned()
}
