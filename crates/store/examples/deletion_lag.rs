//! How long rows wait for the ledger while old ones are deleted beside them.
//!
//! `cargo run --release -p weir-store --example deletion_lag -- [OLD_ROWS] [CALLS_PER_SECOND] [DIR]`
//!
//! Fills a ledger with calls of twenty days, has all but one day of them deleted, and meanwhile journals new
//! calls at a steady pace. Prints how long after its end each moment's newest call was in the database, with
//! and without the deletion, and fails where that was a second or more.
#![expect(
    clippy::print_stdout,
    reason = "it is a program that prints what it measures"
)]

use std::{
    collections::VecDeque,
    error::Error,
    path::PathBuf,
    time::{Duration, Instant},
};

use domain::{
    Bucket, CallId, NanoUsd, ProviderId, Timestamp, TokenId,
    call::{Call, CallStart, Operation, Outcome},
    pricing::{Charge, PriceState},
    provider::ProviderType,
    usage::Usage,
};
use journal::{Entry, Journal, Position, SyncPolicy};
use store::{AuditEntry, Store, ledger::Writer, retention::Keep};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use weir_store as store;

const DAYS: u64 = 20;
const DAY_US: u64 = 86_400_000_000;
/// How often calls are journalled, and looked for.
const TICK: Duration = Duration::from_millis(20);
/// For how long at the most.
const PATIENCE: Duration = Duration::from_secs(1_200);
/// For how long without a deletion.
const CALM: Duration = Duration::from_secs(10);

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let rows: u64 = arguments.next().map_or(Ok(500_000), |text| text.parse())?;
    let pace: u64 = arguments.next().map_or(Ok(2_000), |text| text.parse())?;
    let dir = arguments.next().map_or_else(
        || std::env::temp_dir().join(format!("deletion-lag-{}", std::process::id())),
        PathBuf::from,
    );
    let file = dir.join("weir.db");
    let store = Store::open(store::Options {
        database_url: format!("sqlite:{}", file.display()),
        master_key: store::MasterKey::load(None, &dir.join("master.key"))?,
        readers: 2,
    })
    .await?;
    let (journal, reader) = Journal::open(&dir.join("journal"), SyncPolicy::Off)?;
    let mut writer = Writer::new(store.clone(), reader)?;
    fill(&mut writer, rows).await?;
    writer.seal(Timestamp::now()).await?;
    let full = store.size_bytes().await.unwrap_or_default();
    println!("{rows} old rows, {} MiB", full >> 20);

    let stop = CancellationToken::new();
    let writing = tokio::spawn(writer.run(stop.clone()));
    let mut made = 0;
    let before = watch(&store, &journal, pace, &mut made, None).await?;
    println!("without deletion: {before}");
    let keep = Keep {
        calls_days: Some(1),
        sums_days: None,
    };
    store.retention().set(keep, &noted()).await?;
    let during = watch(&store, &journal, pace, &mut made, Some(rows / DAYS * 18)).await?;
    println!("with deletion:    {during}");
    stop.cancel();
    writing.await??;
    let state = store.retention().state().await?;
    let after = store.size_bytes().await.unwrap_or_default();
    println!(
        "{} rows deleted; the database takes {} MiB",
        state.last_calls.map_or(0, |last| last.rows),
        after >> 20
    );
    store.close().await?;
    if during.most >= Duration::from_secs(1) {
        return Err("rows waited for a second or more".into());
    }
    Ok(())
}

/// How long rows waited.
struct Waits {
    took: Duration,
    middle: Duration,
    most_of_99: Duration,
    most: Duration,
}

impl std::fmt::Display for Waits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "rows waited p50 {:?}, p99 {:?}, at most {:?}, over {:.0?}",
            self.middle, self.most_of_99, self.most, self.took
        )
    }
}

/// Journals calls at a pace, and watches when they are in the database: for a while, or until so many old
/// rows are deleted.
async fn watch(
    store: &Store,
    journal: &Journal,
    pace: u64,
    made: &mut u64,
    until_deleted: Option<u64>,
) -> Result<Waits, Box<dyn Error>> {
    let begun = Instant::now();
    let first = *made;
    let mut waiting: VecDeque<(Instant, u64)> = VecDeque::new();
    let mut waits = vec![];
    let mut ticks = tokio::time::interval(TICK);
    let mut looked = Instant::now();
    loop {
        ticks.tick().await;
        let due = first + u64::try_from(begun.elapsed().as_millis())? * pace / 1_000;
        while *made < due {
            let now = Timestamp::now();
            let call = call(*made, u64::try_from(now.as_microsecond())?)?;
            journal.start(&call.start)?;
            journal.finish(&call)?;
            *made += 1;
        }
        waiting.push_back((Instant::now(), *made));
        let recorded = store.recorded_calls();
        while let Some((at, _)) = waiting.front().filter(|(_, count)| *count <= recorded) {
            waits.push(at.elapsed());
            waiting.pop_front();
        }
        let over = match until_deleted {
            None => begun.elapsed() > CALM,
            Some(rows) if looked.elapsed() > Duration::from_secs(1) => {
                looked = Instant::now();
                let last = store.retention().state().await?.last_calls;
                last.is_some_and(|last| last.rows >= rows)
            }
            Some(_) => false,
        };
        if over || begun.elapsed() > PATIENCE {
            break;
        }
    }
    waits.extend(waiting.front().map(|(at, _)| at.elapsed()));
    waits.sort_unstable();
    let at = |part: usize| {
        let place = waits.len().saturating_sub(1) * part / 100;
        waits.get(place).copied().unwrap_or_default()
    };
    Ok(Waits {
        took: begun.elapsed(),
        middle: at(50),
        most_of_99: at(99),
        most: at(100),
    })
}

/// Old calls, spread over days.
async fn fill(writer: &mut Writer, rows: u64) -> Result<(), Box<dyn Error>> {
    let now = u64::try_from(Timestamp::now().as_microsecond())?;
    let first = now - DAYS * DAY_US;
    let mut done = 0;
    while done < rows {
        let batch = 2_000.min(rows - done);
        let entries = (done..done + batch)
            .map(|n| {
                let call = call(n, first + DAYS * DAY_US / rows * n)?;
                Ok(Entry::Finish(Box::new(call)))
            })
            .collect::<Result<_, Box<dyn Error>>>()?;
        done += batch;
        writer.record(entries, Position::default()).await?;
    }
    Ok(())
}

fn noted() -> AuditEntry {
    AuditEntry {
        at: Timestamp::now(),
        actor: "system".to_owned(),
        action: "update".to_owned(),
        object_kind: "settings".to_owned(),
        object_id: "retention".to_owned(),
        before: None,
        after: None,
        address: None,
    }
}

fn call(n: u64, started_us: u64) -> Result<Call, Box<dyn Error>> {
    let mixed = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
    let id = (u128::from(started_us / 1_000) << 80) | 7 << 76 | 2 << 62 | u128::from(mixed);
    let mut usage = Usage::default();
    usage.tokens.input = Some(1_000 + mixed % 100);
    usage.tokens.output = Some(200 + mixed % 50);
    let mut charge = Charge::default();
    for bucket in [Bucket::Input, Bucket::Output] {
        let count = usage.tokens.get(bucket).unwrap_or(0);
        *charge.cost.get_mut(bucket) = Some(NanoUsd(i64::try_from(count)? * 2_500));
    }
    charge.total = Some(charge.cost.iter().filter_map(|(_, cost)| *cost).sum());
    Ok(Call {
        start: CallStart {
            id: CallId(Uuid::from_u128(id)),
            started_at: Timestamp::from_microsecond(i64::try_from(started_us)?)?,
            provider: ProviderId::new(format!("provider-{}", mixed % 5))?,
            provider_type: ProviderType::OpenAi,
            model: Some(format!("gpt-4o-{}", mixed / 5 % 4)),
            requested_model: Some("gpt-4o".to_owned()),
            operation: Operation::Chat,
            streamed: false,
            agent: Some(format!("agent-{}", mixed / 20 % 20)),
            user: None,
            conversation: None,
            token: Some(TokenId(Uuid::from_u128(
                0x1000 + u128::from(mixed / 20 % 20),
            ))),
            endpoint: Some("api.openai.com:443".to_owned()),
            attempt_of: None,
            catalog_version: "2025-11-20".to_owned(),
            estimated_input: None,
        },
        status: 200,
        outcome: Outcome::Ok,
        latency_us: 800_000 + mixed % 10_000,
        ttfb_us: Some(200_000),
        overhead_us: 60,
        replied_model: Some("gpt-4o-2024-08-06".to_owned()),
        upstream_request_id: Some(format!("req_{n:024x}")),
        service_tier: Some("default".to_owned()),
        geography: None,
        background_response: None,
        usage,
        usage_mismatch: false,
        price_state: PriceState::Priced,
        charge,
    })
}
