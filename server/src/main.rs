//! The program `weir`.

use std::process::ExitCode;

use clap::Parser;
use weir::commands::Weir;

#[tokio::main]
async fn main() -> ExitCode {
    Weir::parse().run().await
}
