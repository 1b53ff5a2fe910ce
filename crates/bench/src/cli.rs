//! The command line.

use std::path::PathBuf;

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

    /// Also write the figures into this file, between its bench markers; made if missing
    #[arg(long, value_name = "FILE")]
    pub(crate) write: Option<PathBuf>,
}

impl BenchOptions {
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
