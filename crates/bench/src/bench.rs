//! The measuring from end to end: start everything, go through the steps, tell.

use std::path::Path;

use crate::cli::BenchOptions;
use crate::cores::Shares;
use crate::error::Error;
use crate::full::{self, FullLedger};
use crate::machine::Machine;
use crate::money::dollars;
use crate::pin::Cores;
use crate::proxy::Proxy;
use crate::recording;
use crate::report::{Report, thousands};
use crate::setup::set_up;
use crate::steps::{self, Ground, Others};
use crate::upstream::Upstream;
use crate::weir::Setting;

/// Runs all steps and prints what they found. Fails where a call failed or the books do not balance;
/// an aim that is missed is no failure but a figure.
pub(crate) async fn run(binary: &Path, options: &BenchOptions) -> Result<(), Error> {
    let mut report = Report::new(Machine::look(), options.command());
    let mut failures = Vec::new();
    let all = measure(binary, options, &mut report, &mut failures).await;
    // What was measured until an error is worth seeing.
    report.print();
    all?;
    if !failures.is_empty() {
        return Err(Error::Broken(failures.join("\n")));
    }
    if let Some(file) = &options.write {
        report.write(file)?;
        println!("\nwritten to {}", file.display());
    }
    Ok(())
}

async fn measure(
    binary: &Path,
    options: &BenchOptions,
    report: &mut Report,
    failures: &mut Vec<String>,
) -> Result<(), Error> {
    let cores = take_cores(report);
    let folder = tempfile::Builder::new()
        .prefix("weir-bench-")
        .tempdir()
        .map_err(Error::io("make a folder for Weir's data"))?;
    let setting = Setting::new(binary, folder.path().join("data"), cores)?;
    // Before anything is measured: that takes the disk's time.
    let full = match &options.ledger {
        Some(ledger) => Some(FullLedger::copy(ledger)?),
        None => None,
    };
    let upstream = Upstream::start()?;
    let proxy = Proxy::start(folder.path(), upstream.address, cores).await;
    let others = Others {
        cores,
        upstream: &upstream,
        proxy: proxy.as_ref(),
        seconds: options.seconds(),
    };

    report.section(steps::start::TITLE);
    let (first, first_start) = setting.start().await?;
    let token = set_up(first.address, upstream.address).await?;
    let (weir, later_starts) = steps::start::again(&setting, first).await?;
    report.add([steps::start::size(&setting)?]);
    report.add(steps::start::lines(first_start, later_starts));
    let mut ground = Ground::prepare(weir, &token, &others).await?;
    let all = go_through(&mut ground, report, options.quick).await;
    let mut shares = std::mem::take(&mut ground.shares);
    failures.append(&mut ground.books.failures);
    all?;
    end(ground, report, "The").await?;

    if let Some(full) = full {
        let (mut ground, start) = full.start(binary, &others).await?;
        let all = full::go_through(&mut ground, start, report).await;
        shares.append(&std::mem::take(&mut ground.shares));
        failures.append(&mut ground.books.failures);
        all?;
        end(ground, report, "On the full ledger, too, the").await?;
    }
    tell_of_cores(report, cores, &shares);
    Ok(())
}

async fn go_through(ground: &mut Ground, report: &mut Report, quick: bool) -> Result<(), Error> {
    report.add([steps::memory::idle(ground).await?]);
    steps::latency::warm_up(ground).await?;
    report.section(steps::latency::TITLE);
    for flow in steps::latency::flows(quick) {
        report.add([steps::latency::added(ground, flow).await?]);
    }
    let steady = steps::memory::steady(ground)?;
    report.section(steps::first_byte::TITLE);
    report.add(steps::first_byte::added(ground).await?);
    report.section(steps::saturation::TITLE);
    for subject in steps::saturation::SUBJECTS {
        report.add(steps::saturation::measure(ground, subject).await?);
    }
    if !quick {
        report.section(steps::limit::TITLE);
        report.add(steps::limit::search(ground).await?);
    }
    report.section(steps::crowd::TITLE);
    report.add(steps::crowd::measure(ground, steps::crowd::crowds(quick)).await?);
    report.section(steps::memory::TITLE);
    report.add([steady]);
    report.add(steps::memory::after(ground).await?);
    report.section(recording::TITLE);
    report.add(recording::lines(ground).await?);
    Ok(())
}

/// Checks the books and stops Weir.
async fn end(mut ground: Ground, report: &mut Report, before: &str) -> Result<(), Error> {
    println!("… books");
    let balance = ground.books.balance().await?;
    report.note(format!(
        "{before} books balance: {} calls sent through Weir, {} rows, each id once, their cost {} the \
         same as the total.",
        thousands(balance.calls),
        thousands(balance.rows),
        dollars(balance.cost)
    ));
    ground.weir.stop().await
}

fn take_cores(report: &mut Report) -> Option<Cores> {
    match Cores::take() {
        Ok(cores) => {
            report.note(format!(
                "Weir alone on core {}, and nginx when it has its turn; load and stand-in together on core {}.",
                cores.weir, cores.load
            ));
            Some(cores)
        }
        Err(why) => {
            report.note(format!(
                "Nothing is pinned to a core ({why}): the figures disturb each other."
            ));
            None
        }
    }
}

fn tell_of_cores(report: &mut Report, cores: Option<Cores>, shares: &Shares) {
    if cores.is_some() {
        report.note(shares.note());
    }
}
