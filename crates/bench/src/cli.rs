//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

/// Measures Weir: direct against through it, in turns, with everything on
#[derive(Debug, Parser)]
#[command(name = "weir-bench", version, args_conflicts_with_subcommands = false)]
pub(crate) struct Arguments {
    /// Weir's binary; a release build, or the figures mean nothing
    #[arg(
        long,
        value_name = "FILE",
        default_value = "target/release/weir",
        global = true
    )]
    pub(crate) weir: PathBuf,

    #[command(flatten)]
    pub(crate) bench: BenchOptions,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What else the program does.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Kill -9 under load, then look whether each delivered call is in the ledger once
    Kill(KillOptions),
    /// How long each page of the console takes on a data folder that is full
    Pages(PagesOptions),
    /// Calls of every kind for a long time, with the console being read and the nightly jobs at work
    Soak(SoakOptions),
    /// What recording adds to the time of a call
    Recording(RecordingOptions),
    /// The stand-in upstream alone; started by the program itself
    #[command(hide = true)]
    Standin,
}

/// How the measuring is done.
#[derive(Debug, Args)]
pub(crate) struct BenchOptions {
    /// Seconds of each step, for each side
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=600))]
    pub(crate) seconds: u32,

    /// A look in two minutes: shorter steps, nothing to publish
    #[arg(long)]
    pub(crate) quick: bool,

    /// Also measure on this data folder, such as one of ten million calls that `cargo xtask seed` made. It
    /// is only read: a copy is made beside it, on the same disk (13 GB for ten million calls), used, and
    /// removed. No Weir may run on it meanwhile
    #[arg(long, value_name = "FOLDER")]
    pub(crate) ledger: Option<PathBuf>,

    /// Also write the figures into this file, between its bench markers; made if missing
    #[arg(long, value_name = "FILE")]
    pub(crate) write: Option<PathBuf>,
}

impl BenchOptions {
    /// How the program is called to get the same.
    pub(crate) fn command(&self) -> String {
        let quick = if self.quick { " --quick" } else { "" };
        let ledger = if self.ledger.is_some() {
            " --ledger FOLDER"
        } else {
            ""
        };
        format!(
            "weir-bench --weir target/release/weir --seconds {}{quick}{ledger}",
            self.seconds()
        )
    }

    /// Seconds of each step, for each side.
    pub(crate) fn seconds(&self) -> u32 {
        if self.quick {
            self.seconds.min(2)
        } else {
            self.seconds
        }
    }
}

/// How often and how hard Weir is killed.
#[derive(Debug, Args)]
pub(crate) struct KillOptions {
    /// How often Weir is killed
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) rounds: u32,

    /// Calls at once
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=5_000))]
    pub(crate) clients: u32,

    /// Seed of everything that is random [default: the time]
    #[arg(long)]
    pub(crate) seed: Option<u64>,

    /// Leave the folder with the data and the clients' notes there
    #[arg(long)]
    pub(crate) keep: bool,
}

/// How long and how hard Weir is used, and how much it may grow.
#[derive(Debug, Args)]
pub(crate) struct SoakOptions {
    /// How long calls are sent: 90s, 2m, 1h
    #[arg(long = "for", default_value = "1h", value_name = "TIME", value_parser = time)]
    pub(crate) time: Duration,

    /// Calls a second
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    pub(crate) rate: u32,

    /// Mebibytes by which memory may grow in the last three quarters of that time
    #[arg(long, default_value_t = 16, value_name = "MIB")]
    pub(crate) within_mib: u32,
}

/// Reads `90s`, `2m` or `1h`; a minute at least, so that there is something to see.
fn time(text: &str) -> Result<Duration, String> {
    let wrong = || "a number with s, m or h: 90s, 2m, 1h".to_owned();
    let (number, unit) = text
        .split_at_checked(text.len().saturating_sub(1))
        .ok_or_else(wrong)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        _ => return Err(wrong()),
    };
    let number: u64 = number.parse().map_err(|_| wrong())?;
    match number.saturating_mul(seconds) {
        0..60 => Err("a minute at least".to_owned()),
        seconds => Ok(Duration::from_secs(seconds)),
    }
}

/// How long it is measured, and what recording may add.
#[derive(Debug, Args)]
pub(crate) struct RecordingOptions {
    /// Seconds of each step, for each side
    #[arg(long = "for", default_value_t = 20, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=600))]
    pub(crate) seconds: u32,

    /// Microseconds that recording may add to the median
    #[arg(long, default_value_t = 50, value_name = "MICROSECONDS")]
    pub(crate) within_us: u64,
}

/// On what the pages are read, how often, and how long they may take.
#[derive(Debug, Args)]
pub(crate) struct PagesOptions {
    /// The data folder; `cargo xtask seed --data-dir FOLDER` fills one
    #[arg(long, value_name = "FOLDER")]
    pub(crate) data_dir: PathBuf,

    /// How often each page is read
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) rounds: u32,

    /// Milliseconds that a page may take at the 95th percentile
    #[arg(long, default_value_t = 50, value_name = "MILLISECONDS")]
    pub(crate) within_ms: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_their_unit() {
        assert_eq!(time("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(time("2m"), Ok(Duration::from_secs(120)));
        assert_eq!(time("1h"), Ok(Duration::from_secs(3_600)));
        for wrong in ["", "h", "90", "1d", "-1h", "5s", "9€"] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
    }
}
