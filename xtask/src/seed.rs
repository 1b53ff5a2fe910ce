//! `cargo xtask seed`: hands over to the program that fills a ledger, built to be fast.

use std::{
    ffi::OsString,
    io,
    process::{Command, ExitStatus},
};

/// What that program is told; see its own `--help`.
#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Args {
    /// Its options, such as --calls and --data-dir
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    options: Vec<OsString>,
}

/// Why there are no calls.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SeedError {
    /// Cargo is not there.
    #[error("cargo could not be started: {0}")]
    Cargo(io::Error),
    /// What it said stands above.
    #[error("the ledger was not filled ({0})")]
    Failed(ExitStatus),
}

pub(crate) fn run(args: &Args) -> Result<(), SeedError> {
    let status = Command::new("cargo")
        .args(["run", "--quiet", "--release", "--package", "weir"])
        .args(["--example", "seed", "--"])
        .args(&args.options)
        .status()
        .map_err(SeedError::Cargo)?;
    if status.success() {
        Ok(())
    } else {
        Err(SeedError::Failed(status))
    }
}
