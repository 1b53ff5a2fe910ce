//! Calls of the days before, written as `cargo xtask seed` writes them: while the calls of the soak come,
//! their hours and days are sealed, and the older ones are deleted.

use std::path::Path;

use catalog::Catalog;
use domain::Timestamp;
use journal::{Entry, Journal, SyncPolicy};
use sample::{Caller, Past, World};
use store::ledger::Writer;
use store::{MasterKey, Options, Store};

use crate::error::Error;

/// How many, over how many days: most of them are older than they will be kept.
const CALLS: u64 = 40_000;
const DAYS: u16 = 6;
const USERS: u16 = 50;
/// They end so long before now, so that none is in the quarter hour in which the soak begins.
const HOURS_AGO: i64 = 2;
/// Calls that are written at once.
const BATCH: usize = 2_000;

/// Writes them into a folder on which no Weir runs, for the providers and tokens that it has.
pub(super) async fn write(data_dir: &Path) -> Result<(), Error> {
    try_to_write(data_dir)
        .await
        .map_err(|error| Error::Broken(format!("cannot write calls of the days before: {error}")))
}

async fn try_to_write(data_dir: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let store = Store::open(Options {
        database_url: format!("sqlite://{}?mode=rw", data_dir.join("weir.db").display()),
        master_key: MasterKey::load(None, &data_dir.join("master.key"))?,
        readers: 1,
    })
    .await?;
    let providers = store.providers().list().await?;
    let tokens = store.tokens().list().await?.into_iter();
    let callers = tokens.map(Caller::from).collect();
    let world = World::new(&providers, &Catalog::builtin()?, callers, USERS);
    let past = Past {
        calls: CALLS,
        days: DAYS,
        end: Timestamp::now() - jiff::SignedDuration::from_hours(HOURS_AGO),
        seed: 1,
    };
    let mut calls = world.calls(&past).ok_or("there is no model to call")?;
    // The journal stays as it is, and so does the place up to which it has been read.
    let (_journal, reader) = Journal::open(&data_dir.join("journal"), SyncPolicy::Off)?;
    let mut writer = Writer::new(store.clone(), reader)?;
    writer.recover().await?;
    let position = writer.position()?;
    loop {
        let batch: Vec<Entry> = calls
            .by_ref()
            .take(BATCH)
            .map(|call| Entry::Finish(Box::new(call)))
            .collect();
        if batch.is_empty() {
            break;
        }
        writer.record(batch, position).await?;
    }
    store.close().await?;
    Ok(())
}
