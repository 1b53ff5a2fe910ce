//! The program `weir`.

use std::process::ExitCode;

use clap::Parser;
use tikv_jemallocator::Jemalloc;
use weir::commands::Weir;

/// Quicker than the system's, and it gives back what a crowd of calls has left.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

#[tokio::main]
async fn main() -> ExitCode {
    Weir::parse().run().await
}
