//! The measuring from end to end: start everything, go through the steps, tell.

use std::path::Path;

use jiff::Timestamp;

use crate::books::Books;
use crate::cli::BenchOptions;
use crate::cores::{Clocks, Shares};
use crate::error::Error;
use crate::machine::Machine;
use crate::money::dollars;
use crate::pin::Cores;
use crate::proxy::Proxy;
use crate::report::{self, Report};
use crate::setup::{set_up, through_weir};
use crate::side::{Side, Way};
use crate::steps::{self, Ground};
use crate::upstream::Upstream;
use crate::weir::Setting;

/// Runs all steps and prints what they found. Fails where a call failed or the books do not balance;
/// an aim that is missed is no failure but a figure.
pub(crate) async fn run(binary: &Path, options: &BenchOptions) -> Result<(), Error> {
    let since = Timestamp::now();
    let mut report = Report::new(Machine::look(), options.seconds(), options.quick);
    let cores = match Cores::take() {
        Ok(cores) => {
            report.note(format!(
                "Weir alone on core {}, load and stand-in together on core {}.",
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
    };
    let folder = tempfile::Builder::new()
        .prefix("weir-bench-")
        .tempdir()
        .map_err(Error::io("make a folder for Weir's data"))?;
    let setting = Setting::new(binary, folder.path().join("data"), cores)?;
    let upstream = Upstream::start()?;
    let proxy = Proxy::start(folder.path(), upstream.address, cores).await;

    progress("start");
    let (first, first_start) = setting.start().await?;
    let token = set_up(first.address, upstream.address).await?;
    let (weir, later_starts) = steps::start::again(&setting, first).await?;
    report.add(steps::start::lines(first_start, later_starts));

    let mut sides = vec![Side::plain(Way::Direct, upstream.address)];
    if let Some(proxy) = &proxy {
        sides.push(Side::plain(Way::Proxy, proxy.address));
    }
    sides.push(through_weir(weir.address, &token));
    let books = Books::open(weir.address);
    let clocks = Clocks {
        cores,
        weir: weir.pid(),
        upstream: upstream.pid(),
    };
    let mut ground = Ground {
        sides,
        clocks,
        shares: Shares::default(),
        weir,
        books,
        seconds: options.seconds(),
        forgotten_peak_kib: 0,
    };
    let all = go_through(&mut ground, &mut report, options.quick).await;
    if cores.is_some() {
        report.note(ground.shares.note());
    }

    if let Err(error) = all {
        // What was measured until then is worth seeing.
        report.print();
        return Err(error);
    }
    progress("books");
    let balance = ground.books.balance(since).await?;
    report.note(format!(
        "The books balance: {} calls sent through Weir, {} rows, each id once, their cost {} the same as the total.",
        report::thousands(balance.rows),
        report::thousands(balance.rows),
        dollars(balance.cost)
    ));
    let failures = std::mem::take(&mut ground.books.failures);
    ground.weir.stop().await?;
    report.print();
    if !failures.is_empty() {
        return Err(Error::Broken(failures.join("\n")));
    }
    if let Some(file) = &options.write {
        report.write(file)?;
        println!("\nwritten to {}", file.display());
    }
    Ok(())
}

async fn go_through(ground: &mut Ground, report: &mut Report, quick: bool) -> Result<(), Error> {
    progress("memory at rest");
    report.add(steps::memory::idle(ground).await?);
    progress("warming up");
    steps::latency::warm_up(ground).await?;
    for rate in [None, Some(100), Some(500), Some(1_000)] {
        progress(&rate.map_or_else(
            || "one connection".to_owned(),
            |rate| format!("{rate} calls a second"),
        ));
        report.add(steps::latency::added(ground, rate, steps::latency::SMALL).await?);
    }
    if !quick {
        progress("500 calls a second of 50 KB");
        report.add(steps::latency::added(ground, Some(500), steps::latency::LARGE).await?);
    }
    progress("first byte of streams");
    report.add(steps::first_byte::added(ground).await?);
    for subject in steps::saturation::SUBJECTS {
        progress(subject.name);
        report.add(steps::saturation::measure(ground, subject).await?);
    }
    for crowd in steps::crowd::CROWDS {
        if !quick || crowd.even_if_quick {
            progress(crowd.name);
            report.add(steps::crowd::measure(ground, crowd).await?);
        }
    }
    progress("memory after the load");
    report.add(steps::memory::after(ground).await?);
    Ok(())
}

fn progress(step: &str) {
    println!("… {step}");
}
