//! What it adds to the time of a call that its bodies are recorded: the same calls through two providers,
//! one that records and one that does not, in turns.

use std::path::Path;
use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::admin_api::AdminApi;
use crate::cli::RecordingOptions;
use crate::error::Error;
use crate::load::Pools;
use crate::pin::Cores;
use crate::report::{Line, difference, ms, thousands};
use crate::requests::Ask;
use crate::samples::Rounds;
use crate::setup::{set_up, set_up_recording, through_recording};
use crate::steps::{Ground, Others};
use crate::upstream::Upstream;
use crate::weir::Setting;

/// How long what was recorded may take to be written.
const PATIENCE: Duration = Duration::from_secs(120);
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);
/// What recording may add to the median.
const AIM: Duration = Duration::from_micros(50);

/// The section's title in the report.
pub(crate) const TITLE: &str = "Recording both bodies; p50 / p99, ms; added by recording";

/// What is sent.
struct Step {
    name: &'static str,
    rate: u32,
    ask: Ask,
}

/// What came of it.
struct Found {
    name: &'static str,
    off: Rounds,
    on: Rounds,
}

#[derive(Debug, Deserialize)]
struct System {
    transcripts: Transcripts,
}

#[derive(Debug, Deserialize)]
struct Transcripts {
    transcripts: Option<u64>,
    waiting: u64,
    lost: u64,
}

/// Measures; fails where recording adds more than it may, or a call is not recorded.
pub(crate) async fn run(weir: &Path, options: &RecordingOptions) -> Result<(), Error> {
    let cores = Cores::take().ok();
    if cores.is_none() {
        println!("Nothing is pinned to a core: the figures disturb each other.");
    }
    let folder = tempfile::Builder::new()
        .prefix("weir-bench-")
        .tempdir()
        .map_err(Error::io("make a folder for Weir's data"))?;
    let setting = Setting::new(weir, folder.path().join("data"), cores)?;
    let upstream = Upstream::start()?;
    let (running, _) = setting.start().await?;
    let token = set_up(running.address, upstream.address).await?;
    let others = Others {
        cores,
        upstream: &upstream,
        proxy: None,
        seconds: options.seconds,
    };
    let mut ground = Ground::prepare(running, &token, &others).await?;
    let found = measure(&mut ground).await?;
    println!(
        "{:<34} {:>9} {:>9} {:>9} {:>9} {:>10}",
        "calls", "off p50", "on p50", "off p99", "on p99", "added p50"
    );
    let mut slow = vec![];
    for Found { name, off, on } in found {
        let added = on.percentile(500).saturating_sub(off.percentile(500));
        println!(
            "{name:<34} {:>9} {:>9} {:>9} {:>9} {:>7} µs",
            ms(off.percentile(500)),
            ms(on.percentile(500)),
            ms(off.percentile(990)),
            ms(on.percentile(990)),
            added.as_micros(),
        );
        if added > Duration::from_micros(options.within_us) {
            slow.push(name);
        }
    }
    let failures = std::mem::take(&mut ground.books.failures);
    ground.weir.stop().await?;
    if !failures.is_empty() {
        return Err(Error::Broken(failures.join("\n")));
    }
    if slow.is_empty() {
        return Ok(());
    }
    Err(Error::Broken(format!(
        "recording adds more than {} µs to the median of: {}",
        options.within_us,
        slow.join(", ")
    )))
}

/// The lines of the report.
pub(crate) async fn lines(ground: &mut Ground) -> Result<Vec<Line>, Error> {
    let mut lines = Vec::new();
    for Found { name, off, on } in measure(ground).await? {
        let both = |of: &dyn Fn(usize) -> String| format!("{} / {}", of(500), of(990));
        let [off_p50, on_p50] = [&off, &on].map(|times| times.percentile(500));
        lines
            .push(Line::new(format!("{name}, off")).weir(both(&|which| ms(off.percentile(which)))));
        lines.push(
            Line::new("— on")
                .weir(both(&|which| ms(on.percentile(which))))
                .added(both(&|which| {
                    difference(off.percentile(which), on.percentile(which), ms)
                }))
                .aim(
                    format!("p50 adds ≤ {}", ms(AIM)),
                    on_p50.saturating_sub(off_p50) <= AIM,
                ),
        );
    }
    Ok(lines)
}

/// Goes through all steps with the Weir that is there, which gets one more provider.
async fn measure(ground: &mut Ground) -> Result<Vec<Found>, Error> {
    let Some(off) = ground.sides.last().cloned() else {
        return Ok(vec![]);
    };
    set_up_recording(ground.weir.address, ground.upstream).await?;
    let sides = [through_recording(&off), off];
    let mut api = AdminApi::new(ground.weir.address);
    let mut recorded = 0;
    let mut all = Vec::new();
    for step in steps() {
        println!("  {}", step.name);
        let pools = Pools::new(&sides, &step.ask);
        let (rounds, time) = ground.rounds();
        let outcomes = ground
            .in_turns_of(&sides, step.name, rounds, async |side| {
                pools.open(side, step.rate, time).await
            })
            .await?;
        let mut outcomes = outcomes.into_iter();
        let (Some(on), Some(off)) = (outcomes.next(), outcomes.next()) else {
            return Ok(all);
        };
        recorded += u64::from(on.answered());
        all.push(Found {
            name: step.name,
            off: off.into_latency(),
            on: on.into_latency(),
        });
        written(&mut api, recorded).await?;
    }
    println!(
        "  {} calls were recorded, none was lost",
        thousands(recorded)
    );
    Ok(all)
}

fn steps() -> [Step; 4] {
    let long = Ask {
        body_bytes: 50_000,
        ..Ask::plain()
    };
    [
        ("100 calls/s of 1 KB", 100, Ask::plain()),
        ("1,000 calls/s of 1 KB", 1_000, Ask::plain()),
        ("200 calls/s of 50 KB", 200, long),
        ("100 streams/s of 52 frames", 100, Ask::stream(52)),
    ]
    .map(|(name, rate, ask)| Step { name, rate, ask })
}

/// Waits until everything is written that was recorded.
async fn written(api: &mut AdminApi, recorded: u64) -> Result<(), Error> {
    let start = Instant::now();
    loop {
        let system: System = api.get("/api/v1/system").await?;
        let Transcripts {
            transcripts,
            waiting,
            lost,
        } = system.transcripts;
        if waiting == 0 && lost == 0 && transcripts == Some(recorded) {
            return Ok(());
        }
        if lost > 0 || start.elapsed() > PATIENCE {
            return Err(Error::Broken(format!(
                "{recorded} calls were to be recorded; {transcripts:?} are, {waiting} wait and {lost} are lost"
            )));
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}
