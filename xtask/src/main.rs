//! Errands of the people who work on Weir: `cargo xtask --help`. One module per errand.

use std::{
    error::Error,
    io::{self, Write as _},
    process::ExitCode,
};

use clap::Parser;

mod catalog;
mod seed;
mod wasm;

/// Errands of the people who work on Weir.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Errand {
    /// Builds the catalog's data file from the price lists.
    Catalog(catalog::Args),
    /// Fills the ledger of a data folder with calls that were made up; `-- --help` tells of what shape.
    Seed(seed::Args),
    /// Builds the browser's half of the console: WebAssembly, and the JavaScript that loads it.
    Wasm(wasm::Args),
}

fn main() -> ExitCode {
    let done: Result<(), Box<dyn Error>> = match Errand::parse() {
        Errand::Catalog(args) => catalog::run(&args).map_err(Into::into),
        Errand::Seed(args) => seed::run(&args).map_err(Into::into),
        Errand::Wasm(args) => wasm::run(&args).map_err(Into::into),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}
