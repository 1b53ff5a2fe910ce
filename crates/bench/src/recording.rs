//! What it adds to the time of a call that its bodies are recorded: the same calls through two providers,
//! one that records and one that does not, in turns.

use std::path::Path;
use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::admin_api::AdminApi;
use crate::cli::RecordingOptions;
use crate::error::Error;
use crate::load::{Load, Pool, open};
use crate::pin::Cores;
use crate::report::{ms, thousands};
use crate::requests::Ask;
use crate::setup::{set_up, set_up_recording, through_recording, through_weir};
use crate::upstream::Upstream;
use crate::weir::Setting;

/// Length of one turn.
const TURN: Duration = Duration::from_secs(1);
/// How long what was recorded may take to be written.
const PATIENCE: Duration = Duration::from_secs(120);
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// What is sent.
struct Step {
    name: &'static str,
    rate: u32,
    ask: Ask,
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
    set_up_recording(running.address, upstream.address).await?;
    let off = through_weir(running.address, &token);
    let sides = [through_recording(&off), off];
    let mut api = AdminApi::new(running.address);

    println!(
        "{:<34} {:>9} {:>9} {:>9} {:>9} {:>10}",
        "calls", "off p50", "on p50", "off p99", "on p99", "added p50"
    );
    let mut recorded = 0;
    let mut slow = vec![];
    for step in steps() {
        let [on_pool, off_pool] = sides.each_ref().map(|side| Pool::new(side, &step.ask));
        let (mut on, mut off) = (Load::default(), Load::default());
        for turn in 0..=options.seconds {
            for (is_recorded, pool, load) in
                [(true, &on_pool, &mut on), (false, &off_pool, &mut off)]
            {
                let new = open(pool, step.rate, TURN).await?;
                if let Some(why) = &new.tally.first_failure {
                    return Err(Error::Broken(format!(
                        "{}: a call failed: {why}",
                        step.name
                    )));
                }
                if is_recorded {
                    recorded += u64::from(new.tally.answered);
                }
                // The first turn wakes everything up.
                if turn > 0 {
                    load.append(new);
                }
            }
        }
        let (on, off) = (on.tally.latency.sorted(), off.tally.latency.sorted());
        let added = on.percentile(500).saturating_sub(off.percentile(500));
        println!(
            "{:<34} {:>9} {:>9} {:>9} {:>9} {:>7} µs",
            step.name,
            ms(off.percentile(500)),
            ms(on.percentile(500)),
            ms(off.percentile(990)),
            ms(on.percentile(990)),
            added.as_micros(),
        );
        if added > Duration::from_micros(options.within_us) {
            slow.push(step.name);
        }
        written(&mut api, recorded).await?;
    }
    println!("{} calls were recorded, none was lost", thousands(recorded));
    running.stop().await?;
    if slow.is_empty() {
        return Ok(());
    }
    Err(Error::Broken(format!(
        "recording adds more than {} µs to the median of: {}",
        options.within_us,
        slow.join(", ")
    )))
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
