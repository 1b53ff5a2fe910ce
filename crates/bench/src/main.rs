//! Measures Weir, and tries to make it lose a call.
//!
//! It starts a release binary of Weir beside the stand-in upstream, sets it up through its REST API
//! and sends calls. It knows Weir as an administrator and an application do: a program, an API, a
//! data folder. The one exception is the look into a copy of a killed Weir's database, which goes
//! through `store`.
//!
//! - Without a subcommand: added latency, calls a second, memory ([`bench`]).
//! - `kill`: `kill -9` under load, again and again; every delivered call must be in the ledger once
//!   ([`kill`]).
//! - `recording`: what it adds to a call that its bodies are recorded ([`recording`]).
//! - `soak`: calls of every kind for a long time, everything else at work; nothing lost, nothing growing
//!   ([`soak`]).
//! - `pages`: how long the console's pages take on a folder that is full ([`pages`]).
#![expect(
    clippy::print_stdout,
    reason = "this program's output is for whoever runs it"
)]

mod admin_api;
mod bench;
mod books;
mod cli;
mod client;
mod cores;
mod error;
mod full;
mod http;
mod kill;
mod ledger;
mod load;
mod machine;
mod money;
mod pages;
mod pin;
mod proc_stats;
mod proxy;
mod random;
mod recording;
mod report;
mod requests;
mod samples;
mod setup;
mod side;
mod soak;
mod steps;
mod timer;
mod upstream;
mod weir;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Arguments, Command};
use crate::error::Error;

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("\nFAILED: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<(), Error> {
    pin::allow_many_connections().map_err(Error::io("allow more connections"))?;
    // One thread: the load, like the stand-in, has to fit on a single core.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Error::io("start the runtime"))?;
    match arguments.command {
        Some(Command::Standin) => runtime.block_on(upstream::serve()),
        Some(Command::Kill(options)) => runtime.block_on(kill::run(&arguments.weir, &options)),
        Some(Command::Recording(options)) => {
            runtime.block_on(recording::run(&arguments.weir, &options))
        }
        Some(Command::Soak(options)) => runtime.block_on(soak::run(&arguments.weir, &options)),
        Some(Command::Pages(options)) => runtime.block_on(pages::run(&arguments.weir, &options)),
        None => runtime.block_on(bench::run(&arguments.weir, &arguments.bench)),
    }
}
