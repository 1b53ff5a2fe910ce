//! What the catalog costs at start, in memory and per look-up. Linux only.
//!
//! `cargo run --release -p weir-catalog --example footprint`

use std::{
    error::Error,
    fs,
    hint::black_box,
    io::{self, Write as _},
    time::{Duration, Instant},
};

use weir_catalog::Catalog;

const LOOKUPS: u32 = 100_000;

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = io::stdout().lock();
    let before = resident_kib()?;
    let (start, catalog) = timed(Catalog::builtin);
    let catalog = catalog?;
    writeln!(
        out,
        "start          {start:?}, {} KiB more resident",
        resident_kib()? - before
    )?;

    let first = timed(|| catalog.find("openai", "gpt-4o", None)).0;
    writeln!(
        out,
        "first look-up  {first:?}, {} KiB more resident",
        resident_kib()? - before
    )?;

    for (kind, id) in [
        ("openai", "gpt-4o"),
        ("openai", "gpt-5.6"),
        ("openai", "ft:gpt-4o:x::y"),
    ] {
        let each = timed(|| {
            for _ in 0..LOOKUPS {
                black_box(catalog.find(black_box(kind), black_box(id), None));
            }
        });
        writeln!(out, "look-up        {:?} of {id}", each.0 / LOOKUPS)?;
    }
    let search = timed(|| black_box(catalog.search("bedrock", "claude", 20))).0;
    writeln!(out, "search         {search:?} in 475 rows")?;
    writeln!(
        out,
        "after that     {} KiB more resident",
        resident_kib()? - before
    )?;

    let text = fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/data/models.jsonl"))?;
    let checked = timed(|| Catalog::from_bytes(text)).0;
    writeln!(
        out,
        "whole check    {checked:?}, {} KiB more resident",
        resident_kib()? - before
    )?;
    Ok(())
}

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let result = work();
    (start.elapsed(), result)
}

fn resident_kib() -> Result<i64, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .ok_or("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
