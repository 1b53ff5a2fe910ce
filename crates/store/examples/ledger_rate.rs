//! How fast the ledger's writer is: rows per second and CPU time per row.
//!
//! `cargo run --release -p weir-store --example ledger_rate -- [ROWS] [plain|varied|journal] [DIR]`
//!
//! `plain`: one provider, model and token, as a load test has them. `varied`: five providers, twenty
//! models, sixty tokens with an agent each, spread over ninety days. `journal`: as `plain`, but through a
//! journal. Where `WEIR_DATABASE_URL` names a database of Postgres, which is to be empty, the rows go there.
#![expect(
    clippy::print_stdout,
    reason = "it is a program that prints what it measures"
)]

use std::{error::Error, path::PathBuf, sync::LazyLock, time::Instant};

use domain::{
    CallId, NanoUsd, ProviderId, Timestamp, TokenId,
    call::{Call, CallStart, Operation, Outcome},
    pricing::{AppliedRate, Charge, PriceState, RateSource},
    provider::ProviderType,
    usage::Usage,
};
use journal::{Entry, Journal, Position, SyncPolicy};
use store::ledger::Writer;
use uuid::Uuid;
use weir_store as store;

/// Calls begin now, as they do: late ones cost more.
static START_US: LazyLock<u64> =
    LazyLock::new(|| u64::try_from(Timestamp::now().as_microsecond()).unwrap_or_default());
const SPREAD_US: u64 = 90 * 86_400_000_000;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let rows: u64 = arguments.next().map_or(Ok(200_000), |text| text.parse())?;
    let shape = arguments.next().unwrap_or_else(|| "plain".to_owned());
    let dir = arguments.next().map_or_else(
        || std::env::temp_dir().join(format!("ledger-rate-{}", std::process::id())),
        PathBuf::from,
    );
    let file = dir.join("weir.db");
    let options = store::Options {
        database_url: std::env::var("WEIR_DATABASE_URL")
            .unwrap_or_else(|_| format!("sqlite:{}", file.display())),
        master_key: store::MasterKey::load(None, &dir.join("master.key"))?,
        readers: 2,
    };
    let store = store::Store::open(options).await?;
    let (journal, reader) = Journal::open(&dir.join("journal"), SyncPolicy::Off)?;
    let writer = Writer::new(store.clone(), reader)?;
    match shape.as_str() {
        "journal" => through_the_journal(&journal, writer, rows).await?,
        shape => directly(writer, rows, shape == "varied").await?,
    }
    let bytes = match std::fs::metadata(&file) {
        Ok(file) => file.len(),
        Err(_) => store.size_bytes().await.unwrap_or_default(),
    };
    println!("{} bytes per row on disk", bytes / rows);
    let started = Instant::now();
    let differences = store.calls().verify_rollups().await?;
    println!(
        "{} differences between rows and sums ({:.1} s)",
        differences.len(),
        started.elapsed().as_secs_f64()
    );
    store.close().await?;
    Ok(())
}

/// Gives the writer calls in batches, each with its beginning and its end.
async fn directly(mut writer: Writer, rows: u64, varied: bool) -> Result<(), Box<dyn Error>> {
    let mut spent = Spent::default();
    let mut done = 0;
    while done < rows {
        let batch = 1_000.min(rows - done);
        let mut entries = vec![];
        for n in done..done + batch {
            let call = call(n, rows, varied)?;
            entries.push(Entry::Start(Box::new(call.start.clone())));
            entries.push(Entry::Finish(Box::new(call)));
        }
        done += batch;
        let position = Position {
            segment: 1,
            offset: done,
        };
        let before = Spent::so_far()?;
        writer.record(entries, position).await?;
        spent.add_since(&before)?;
    }
    spent.print("rows into the database", rows)
}

/// Writes calls into the journal, beginning and end, and then lets the writer drain it.
async fn through_the_journal(
    journal: &Journal,
    writer: Writer,
    rows: u64,
) -> Result<(), Box<dyn Error>> {
    let mut spent = Spent::default();
    let mut done = 0;
    while done < rows {
        let batch = 1_000.min(rows - done);
        let calls: Vec<Call> = (done..done + batch)
            .map(|n| call(n, rows, false))
            .collect::<Result<_, _>>()?;
        done += batch;
        let before = Spent::so_far()?;
        for call in &calls {
            journal.start(&call.start)?;
            journal.finish(call)?;
        }
        spent.add_since(&before)?;
    }
    spent.print("calls into the journal", rows)?;
    let cancel = tokio_util::sync::CancellationToken::new();
    cancel.cancel();
    let mut spent = Spent::default();
    let before = Spent::so_far()?;
    writer.run(cancel).await?;
    spent.add_since(&before)?;
    spent.print("calls from the journal into the database", rows)
}

/// Seconds.
#[derive(Default)]
struct Spent {
    wall: f64,
    cpu: f64,
    /// CPU time of the thread that SQLite does not run on.
    own: f64,
}

impl Spent {
    fn so_far() -> Result<Self, Box<dyn Error>> {
        let wall = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
        Ok(Self {
            wall: wall.as_secs_f64(),
            cpu: cpu_seconds(true)?,
            own: cpu_seconds(false)?,
        })
    }

    fn add_since(&mut self, before: &Self) -> Result<(), Box<dyn Error>> {
        let now = Self::so_far()?;
        self.wall += now.wall - before.wall;
        self.cpu += now.cpu - before.cpu;
        self.own += now.own - before.own;
        Ok(())
    }

    fn print(&self, what: &str, rows: u64) -> Result<(), Box<dyn Error>> {
        let count = u32::try_from(rows).map(f64::from)?;
        println!(
            "{rows} {what}: {:.0}/s, {:.2} µs CPU each, {:.2} of them on the calling thread",
            count / self.wall,
            self.cpu / count * 1e6,
            self.own / count * 1e6,
        );
        Ok(())
    }
}

/// User and system time of this process: of all threads, or of this one.
fn cpu_seconds(all: bool) -> Result<f64, Box<dyn Error>> {
    let folder = if all {
        "/proc/self/task"
    } else {
        "/proc/thread-self/.."
    };
    let mut nanoseconds = 0_u64;
    for task in std::fs::read_dir(folder)? {
        let path = if all {
            task?.path()
        } else {
            PathBuf::from("/proc/thread-self")
        };
        let text = std::fs::read_to_string(path.join("schedstat"))?;
        nanoseconds += text
            .split_whitespace()
            .next()
            .map_or(Ok(0), str::parse::<u64>)?;
        if !all {
            break;
        }
    }
    Ok(std::time::Duration::from_nanos(nanoseconds).as_secs_f64())
}

fn call(n: u64, of: u64, varied: bool) -> Result<Call, Box<dyn Error>> {
    let mixed = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
    let (provider, model, agent) = if varied {
        (mixed % 5, mixed / 5 % 4, mixed / 20 % 60)
    } else {
        (0, 0, 0)
    };
    let started_us = if varied {
        *START_US + SPREAD_US / of.max(1) * n
    } else {
        *START_US + n * 50
    };
    let id = (u128::from(started_us / 1_000) << 80) | 7 << 76 | 2 << 62 | u128::from(n);
    let rate = AppliedRate {
        usd_per_mtok: "2.5".parse()?,
        source: RateSource::Catalog,
    };
    let mut usage = Usage::default();
    usage.tokens.input = Some(1_000 + mixed % 100);
    usage.tokens.cached_input = Some(mixed % 500);
    usage.tokens.output = Some(200 + mixed % 50);
    usage.reasoning = Some(mixed % 64);
    usage.provider_total = Some(usage.total_tokens());
    let mut charge = Charge::default();
    for bucket in [
        domain::Bucket::Input,
        domain::Bucket::CachedInput,
        domain::Bucket::Output,
    ] {
        let count = usage.tokens.get(bucket).unwrap_or(0);
        *charge.cost.get_mut(bucket) = Some(NanoUsd(i64::try_from(count)? * 2_500));
        *charge.rates.get_mut(bucket) = Some(rate);
    }
    charge.reasoning = Some(NanoUsd(i64::try_from(mixed % 64)? * 2_500));
    charge.total = Some(charge.cost.iter().filter_map(|(_, cost)| *cost).sum());
    Ok(Call {
        start: CallStart {
            id: CallId(Uuid::from_u128(id)),
            started_at: Timestamp::from_microsecond(i64::try_from(started_us)?)?,
            provider: ProviderId::new(format!("provider-{provider}"))?,
            provider_type: ProviderType::OpenAi,
            model: Some(format!("gpt-4o-{model}")),
            requested_model: Some(format!("gpt-4o-{model}")),
            operation: Operation::Chat,
            streamed: n.is_multiple_of(2),
            agent: varied.then(|| format!("agent-{agent}")),
            user: None,
            conversation: None,
            token: Some(TokenId(Uuid::from_u128(0x1000 + u128::from(agent)))),
            endpoint: Some("api.openai.com:443".to_owned()),
            attempt_of: None,
            catalog_version: "2025-11-20".to_owned(),
            estimated_input: Some(900),
        },
        status: 200,
        outcome: Outcome::Ok,
        latency_us: 800_000 + mixed % 10_000,
        ttfb_us: Some(200_000),
        overhead_us: 60,
        replied_model: Some(format!("gpt-4o-{model}-2024-08-06")),
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
