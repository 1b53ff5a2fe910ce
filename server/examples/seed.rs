//! Fills a ledger with calls that were made up, to look at and to measure: `cargo xtask seed --calls N`.
//!
//! Where the data folder has no providers and no gateway tokens, they are made too; where it has, theirs are
//! the calls. Weir must not be running on the folder. A ledger that has calls is left alone, unless it is said
//! with `--into-existing` that they are to be added to.
#![expect(
    clippy::print_stdout,
    reason = "it is a program that says how far it is"
)]

use std::{error::Error, time::Instant};

use admin::{providers::ProviderView, tokens::TokenView};
use catalog::Catalog;
use clap::{Parser, builder::Resettable};
use domain::{SecretName, Timestamp, token::TokenHash};
use journal::{Entry, Journal, SyncPolicy};
use sample::{Caller, Past, World};
use secrecy::SecretString;
use serde_json::{Value, json};
use store::{AuditEntry, CallFilter, Store, ledger::Writer};
use weir::{data_dir::DataDir, place::DataArgs, wiring};

/// Calls that are written at once.
const BATCH: usize = 2_000;
/// Where Weir is reached unless it is told otherwise; the audit's rows of providers name it.
const PUBLIC_URL: &str = "http://127.0.0.1:8080";
/// Calls between two lines of output.
const REPORT_EVERY: u64 = 200_000;

/// Fills a ledger with calls that were made up
///
/// The folder must be named: nothing is to be filled by mistake.
#[derive(Debug, Parser)]
#[command(mut_arg("data_dir", |arg| arg.default_value(Resettable::Reset).env(Resettable::Reset).required(true)))]
struct Arguments {
    #[command(flatten)]
    data: DataArgs,

    /// Add to a ledger that has calls already
    #[arg(long)]
    into_existing: bool,

    /// Calls
    #[arg(long, default_value_t = 100_000)]
    calls: u64,

    /// Days over which they are spread; the last ends now
    #[arg(long, default_value_t = 90)]
    days: u16,

    /// Providers to make where there are none
    #[arg(long, default_value_t = 20)]
    providers: usize,

    /// Models of each provider that is made
    #[arg(long, default_value_t = 3)]
    models_each: usize,

    /// Applications that call
    #[arg(long, default_value_t = 50)]
    agents: u16,

    /// People for whom they call
    #[arg(long, default_value_t = 2_000)]
    users: u16,

    /// Gateway tokens
    #[arg(long, default_value_t = 200)]
    tokens: u16,

    /// Another number makes another past
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let data_dir = DataDir::hold(&arguments.data.data_dir)?;
    let store = wiring::open_store(&arguments.data, &data_dir).await?;
    check_empty(&store, arguments.into_existing).await?;
    let catalog = Catalog::builtin()?;
    let end = Timestamp::now();
    configure(&store, &catalog, &arguments, end).await?;
    let providers = store.providers().list().await?;
    let tokens = store.tokens().list().await?.into_iter();
    let callers = tokens.map(Caller::from).collect();
    let world = World::new(&providers, &catalog, callers, arguments.users);
    let past = Past {
        calls: arguments.calls,
        days: arguments.days,
        end,
        seed: arguments.seed,
    };
    let mut calls = world.calls(&past).ok_or("there is no model to call")?;
    // The journal stays as it is, and so does the place up to which it has been read.
    let (_journal, reader) = Journal::open(&data_dir.journal(), SyncPolicy::Off)?;
    let mut writer = Writer::new(store.clone(), reader)?;
    writer.recover().await?;
    let position = writer.position()?;
    let started = Instant::now();
    let mut done = 0_u64;
    loop {
        let batch: Vec<Entry> = calls
            .by_ref()
            .take(BATCH)
            .map(|call| Entry::Finish(Box::new(call)))
            .collect();
        let count = u64::try_from(batch.len())?;
        if count == 0 {
            break;
        }
        writer.record(batch, position).await?;
        done = done.saturating_add(count);
        if done.is_multiple_of(REPORT_EVERY) || done == arguments.calls {
            let seconds = started.elapsed().as_secs();
            println!("{done} of {} calls after {seconds} s", arguments.calls);
        }
    }
    writer.seal(end).await?;
    println!("sealed after {} s", started.elapsed().as_secs());
    store.close().await?;
    Ok(())
}

/// Refuses a ledger with calls in it, which may be real ones: nobody could tell them apart again.
async fn check_empty(store: &Store, into_existing: bool) -> Result<(), Box<dyn Error>> {
    let filter = CallFilter::default();
    let has_calls = store.calls().count_up_to(&filter, 1).await? > 0;
    if has_calls && !into_existing {
        return Err("the ledger has calls already; name another --data-dir, or add to it with --into-existing".into());
    }
    Ok(())
}

/// Makes providers and tokens where there are none.
async fn configure(
    store: &Store,
    catalog: &Catalog,
    arguments: &Arguments,
    now: Timestamp,
) -> Result<(), Box<dyn Error>> {
    if store.providers().list().await?.is_empty() {
        let name = SecretName::new(sample::SECRET)?;
        let entry = made(
            "secret",
            sample::SECRET,
            json!({ "name": sample::SECRET }),
            now,
        );
        let value = SecretString::from("a sample, which opens nothing");
        store.secrets().put(&name, value, &entry).await?;
        let providers = sample::providers(catalog, arguments.providers, arguments.models_each, now);
        for provider in providers {
            let entry = made(
                "provider",
                provider.id.as_str(),
                serde_json::to_value(ProviderView::of(&provider, PUBLIC_URL))?,
                now,
            );
            store.providers().insert(&provider, &entry).await?;
        }
    }
    if store.tokens().list().await?.is_empty() {
        for token in sample::tokens(arguments.tokens, arguments.agents, now) {
            // A hash of nothing: nobody can show such a token.
            let mut hash = [0; 32];
            for (byte, of_id) in hash.iter_mut().zip(token.id.0.as_bytes()) {
                *byte = *of_id;
            }
            let entry = made(
                "token",
                &token.id.to_string(),
                serde_json::to_value(TokenView::from(token.clone()))?,
                now,
            );
            let hash = TokenHash(hash);
            store.tokens().insert(&token, &hash, &entry).await?;
        }
    }
    Ok(())
}

fn made(kind: &str, id: &str, after: Value, at: Timestamp) -> AuditEntry {
    AuditEntry {
        at,
        actor: "system".to_owned(),
        action: "create".to_owned(),
        object_kind: kind.to_owned(),
        object_id: id.to_owned(),
        before: None,
        after: Some(after),
        address: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_must_be_named() {
        let read = |words: &[&str]| Arguments::try_parse_from(words).is_ok();
        assert!(!read(&["seed"]));
        assert!(!read(&["seed", "--calls", "5"]));
        assert!(read(&["seed", "--data-dir", "x"]));
    }
}
