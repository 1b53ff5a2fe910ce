//! A long run: calls of every kind at a fixed rate, the console being read, and everything at work that
//! works at night. Nothing may be lost, nothing may grow.
//!
//! | part | what it does |
//! |---|---|
//! | [`mix`] | which calls are sent, and what must become of each kind |
//! | [`traffic`] | sends them, each at its time |
//! | [`notes`] | what the clients know of their calls |
//! | [`past`] | calls of the days before, so that there is something to seal and to delete |
//! | [`jobs`] | reads the console, has books checked, calls priced anew, transcripts and old calls deleted |
//! | [`gauge`] | memory, descriptors and threads of Weir |
//! | [`trend`] | whether memory grows |
//! | [`check`] | the ledger against the clients' notes |
//! | [`tell`] | what is told on the way and at the end |

mod check;
mod gauge;
mod jobs;
mod mix;
mod notes;
mod past;
mod tell;
mod traffic;
mod trend;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::cli::SoakOptions;
use crate::error::Error;
use crate::ledger::Figures;
use crate::pages::console::Console;
use crate::setup::{set_up, set_up_recording, through_weir};
use crate::upstream::Upstream;
use crate::weir::{Setting, Weir};

use gauge::Gauge;
use jobs::Jobs;
use notes::Notes;
use traffic::Traffic;

/// Lines on the screen are so far apart, or an eighth of the time where that is less.
const BETWEEN_LINES: Duration = Duration::from_secs(60);
const LINES_AT_LEAST: u32 = 8;

/// Runs Weir under load for that long and looks whether it keeps its promises. Where it does not, the folder
/// with its data and its log is left there.
pub(crate) async fn run(binary: &Path, options: &SoakOptions) -> Result<(), Error> {
    let folder = tempfile::Builder::new()
        .prefix("weir-soak-")
        .tempdir()
        .map_err(Error::io("make a folder for Weir's data"))?;
    let result = soak(binary, options, folder.path()).await;
    if result.is_err() {
        println!("\ndata and log are in {}", folder.keep().display());
    }
    result
}

async fn soak(binary: &Path, options: &SoakOptions, folder: &Path) -> Result<(), Error> {
    let data = folder.join("data");
    let setting = Setting::new(binary, data.clone(), None)?;
    let upstream = Upstream::start()?;
    println!("… setting up, with calls of the days before");
    let (weir, _) = setting.start().await?;
    let token = set_up(weir.address, upstream.address).await?;
    set_up_recording(weir.address, upstream.address).await?;
    weir.stop().await?;
    past::write(&data).await?;
    let (weir, _) = setting.start().await?;
    let console = Console::sign_in(&setting.binary, &data, weir.address).await?;

    let begin = Timestamp::now();
    let figures = Figures::from_now();
    let mut gauge = Gauge::new(weir.pid())?;
    let notes = Arc::new(Notes::default());
    let traffic = Traffic::new(through_weir(weir.address, &token), Arc::clone(&notes));
    let sending = tokio::spawn(traffic.run(options.rate, options.time));
    let jobs = Jobs {
        weir: weir.address,
        console,
        begin: Instant::now(),
        time: options.time,
    };
    let all_jobs = async {
        tokio::try_join!(
            jobs.clone().read_console(),
            jobs.clone().check_books(),
            jobs.clone().delete_transcripts(),
            jobs.clone().delete_calls(),
            jobs.clone().price_anew(),
        )
    };
    let watching = watch(&weir, &notes, &mut gauge, options);
    let (read, checked, transcripts, calls, prices) = tokio::try_join!(all_jobs, watching)?.0;
    let done = [read, checked, transcripts, calls, prices].concat();
    let sent = sending.await;
    sent.map_err(|error| Error::Broken(format!("sending broke off: {error}")))??;

    if let Err(errors) = notes.check() {
        // Said already here, since the ledger may well differ for the same reason.
        println!("{errors}");
    }
    println!("… comparing the ledger with what the clients know");
    let found = check::ledger(weir.address, begin, figures, &notes).await?;
    drop(upstream);
    gauge.connections_given_back().await?;
    finish(weir, &setting, &data).await?;
    let growth = gauge.growth();
    tell::section(options, &notes, &found, &done, &growth);
    growth.check(options.within_mib)?;
    notes.check()
}

/// Tells how it is, again and again, until the time is over.
async fn watch(
    weir: &Weir,
    notes: &Notes,
    gauge: &mut Gauge,
    options: &SoakOptions,
) -> Result<(), Error> {
    let start = Instant::now();
    let between_lines = BETWEEN_LINES.min(options.time / LINES_AT_LEAST);
    let between_looks = gauge::between_looks(options.time);
    let mut next_line = between_lines;
    tell::head();
    while start.elapsed() < options.time {
        tokio::time::sleep(between_looks).await;
        gauge.look(start.elapsed())?;
        if start.elapsed() >= next_line {
            tell::line(weir, start.elapsed(), gauge, notes.minute()).await?;
            next_line += between_lines;
        }
    }
    Ok(())
}

/// Stops Weir and has `weir ledger verify` check the books.
async fn finish(weir: Weir, setting: &Setting, data: &Path) -> Result<(), Error> {
    weir.stop().await?;
    let checked = std::process::Command::new(&setting.binary)
        .args(["ledger", "verify", "--data-dir"])
        .arg(data)
        .output()
        .map_err(Error::io("run `weir ledger verify`"))?;
    if checked.status.success() {
        return Ok(());
    }
    let said = [checked.stdout, checked.stderr].concat();
    Err(Error::Broken(format!(
        "`weir ledger verify` finds: {}",
        String::from_utf8_lossy(&said)
    )))
}
