//! How long lists and searches of transcripts take: all conversations, by filters that are common and rare, by
//! words that are common and rare, by both, and by what nobody said.
//!
//! `cargo run --release -p weir-store --example transcript_times -- DIR [CALLS]`
//!
//! Fills `DIR/transcripts.db` with that many calls where it has fewer (a million unless said otherwise), then
//! asks each question many times, page after page. Fails where the 95th percentile of one is above the aim; how
//! long adding, deleting and scrubbing take is told and not judged.
#![expect(
    clippy::print_stdout,
    reason = "it is a program that prints what it measures"
)]

mod calls;
mod questions;

use std::{
    error::Error,
    path::Path,
    process::ExitCode,
    time::{Duration, Instant},
};

use domain::{CallId, ProviderId};
use jiff::Timestamp;
use store::transcripts::{Forget, NewTranscript, Transcripts, TranscriptsOptions};
use uuid::Uuid;
use weir_store as store;

use calls::{Dice, MONTH_MS, NEWEST_MS, call_id, nth, with_history};
use questions::questions;

type Done<T> = Result<T, Box<dyn Error>>;

/// Milliseconds that a list or a search may take.
const AIM_MS: f64 = 150.0;
/// How many calls are added at once while the database is filled, and while that is measured.
const FILLED_AT_ONCE: u64 = 4_000;
const ADDED_AT_ONCE: u64 = 100;
/// Rows of a page, and how many pages each question is asked for.
const ROWS: u64 = 50;
const PAGES: usize = 4;
const TIMES: usize = 12;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("FAILED: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Done<bool> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("say in which folder")?;
    let calls: u64 = arguments
        .next()
        .map_or(Ok(1_000_000), |calls| calls.parse())?;
    let file = Path::new(&folder).join("transcripts.db");
    let transcripts = Transcripts::open(&TranscriptsOptions {
        database_url: format!("sqlite:{}", file.display()),
        readers: 4,
    })
    .await?;
    fill(&transcripts, calls).await?;
    let room = transcripts.room().await?;
    let mib = room.bytes.unwrap_or(0) >> 20;
    println!(
        "{} calls, {} conversations, {mib} MiB",
        room.transcripts, room.conversations
    );

    let mut all_are_quick = true;
    for (name, filter) in questions()? {
        let mut times = vec![];
        let (mut found, mut cut_short) = (0, 0);
        for _ in 0..TIMES {
            let mut cursor = None;
            for _ in 0..PAGES {
                let begun = Instant::now();
                let page = transcripts.conversations(&filter, ROWS, cursor).await?;
                times.push(begun.elapsed());
                found += page.items.len();
                cut_short += usize::from(page.searched_back_to.is_some());
                cursor = page.next;
                if cursor.is_none() {
                    break;
                }
            }
        }
        let note = format!(
            "{found} found on {} pages, {cut_short} cut short",
            times.len()
        );
        all_are_quick &= tell(name, times, &note);
    }
    all_are_quick &= others(&transcripts, calls).await?;
    transcripts.close().await?;
    Ok(all_are_quick)
}

/// What else pages ask for, and what adding costs.
async fn others(transcripts: &Transcripts, calls: u64) -> Done<bool> {
    let mut all_are_quick = true;
    // Of the newer half: what is deleted below are the oldest.
    let ids: Vec<CallId> = (0..500)
        .map(|n| call_id(calls, calls / 2 + n * calls / 1_000))
        .collect();
    let provider = ProviderId::new("openai-main")?;
    let (mut room, mut has, mut count, mut read) = (vec![], vec![], vec![], vec![]);
    for n in 0..TIMES {
        let begun = Instant::now();
        transcripts.room().await?;
        room.push(begun.elapsed());
        let begun = Instant::now();
        transcripts.has(&ids).await?;
        has.push(begun.elapsed());
        let begun = Instant::now();
        transcripts
            .count(&Forget::Provider(provider.clone()), 100_000)
            .await?;
        count.push(begun.elapsed());
        let Some(id) = ids.get(n * 7) else { continue };
        let begun = Instant::now();
        let turn = transcripts.transcript(*id).await?;
        let conversation = turn.ok_or("a call is missing")?.turn.conversation;
        transcripts.turns(conversation, ROWS, None).await?;
        read.push(begun.elapsed());
    }
    all_are_quick &= tell("room", room, "");
    all_are_quick &= tell("has, of 500 calls", has, "");
    all_are_quick &= tell("count, up to 100,000", count, "");
    all_are_quick &= tell("a call and its conversation", read, "");

    // Calls of a hundred messages, of which two are new: what is written does not grow with the history.
    let mut dice = Dice(Uuid::now_v7().as_u64_pair().1 | 1);
    let (mut begins, mut goes_on) = (vec![], vec![]);
    for _ in 0..TIMES {
        let names: Vec<String> = (0..ADDED_AT_ONCE)
            .map(|_| Uuid::now_v7().to_string())
            .collect();
        for (messages, times) in [(97, &mut begins), (99, &mut goes_on)] {
            let new: Vec<NewTranscript> = names
                .iter()
                .map(|name| with_history(&mut dice, name, messages))
                .collect();
            let begun = Instant::now();
            transcripts.add(&new).await?;
            times.push(begun.elapsed());
        }
    }
    // No call waits for these.
    tell("add 100 calls, history unknown", begins, "");
    tell("add 100 calls, history known", goes_on, "");
    let begun = Instant::now();
    let before = Timestamp::from_millisecond(i64::try_from(NEWEST_MS - MONTH_MS)? + 1_800_000)?;
    let forgotten = transcripts.forget(&Forget::Before(before), 100).await?;
    println!(
        "forget: {} calls in {:.0} ms",
        forgotten.transcripts,
        ms(begun.elapsed())
    );
    let begun = Instant::now();
    let clean = transcripts.scrub().await?;
    println!("scrub: {clean} in {:.0} ms", ms(begun.elapsed()));
    Ok(all_are_quick)
}

/// Adds calls until there are so many.
async fn fill(transcripts: &Transcripts, calls: u64) -> Done<()> {
    let there = transcripts.room().await?.transcripts;
    let begun = Instant::now();
    let mut from = there;
    while from < calls {
        let to = Ord::min(from + FILLED_AT_ONCE, calls);
        let new: Vec<NewTranscript> = (from..to).map(|n| nth(calls, n)).collect();
        transcripts.add(&new).await?;
        if to.is_multiple_of(FILLED_AT_ONCE * 25) || to == calls {
            println!("{to} calls after {:.0} s", begun.elapsed().as_secs_f64());
        }
        from = to;
    }
    Ok(())
}

/// Prints how long something took. Whether it is as quick as it should be.
fn tell(name: &str, mut times: Vec<Duration>, note: &str) -> bool {
    times.sort_unstable();
    let of = |percent: usize| {
        let place = (times.len() * percent).div_ceil(100).saturating_sub(1);
        times.get(place).copied().map_or(0.0, ms)
    };
    let is_quick = of(95) <= AIM_MS;
    let mark = if is_quick { "" } else { "  above the aim" };
    println!(
        "{name:32} p50 {:7.1} ms  p95 {:7.1} ms  {note}{mark}",
        of(50),
        of(95)
    );
    is_quick
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
