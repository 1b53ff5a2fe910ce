//! What commands do to the data of a Weir that runs, or that is stopped. They make nothing where there is
//! none: a folder that was mistyped is told, not filled.

use std::sync::Arc;

use admin::{
    Admin, Live, LiveProvider, Probe, Who,
    probe::{Failure, GuardrailCheck, Symptom, TestReport},
};
use catalog::Catalog;
use domain::{Timestamp, provider::Guardrail};
use futures_util::future::BoxFuture;
use secrecy::SecretString;
use serde_json::json;
use store::{AuditEntry, MasterKey, Store, usage::Verification};

use crate::{
    data_dir::{DataDir, master_key_file},
    place::DataArgs,
    wiring::{self, StartError, next_key_file},
};

/// The master key of data that is there.
fn key_of(data: &DataArgs) -> Result<MasterKey, StartError> {
    let no_data = || StartError::NoData(data.data_dir.clone());
    let key = MasterKey::find(data.master_key(), &master_key_file(&data.data_dir))?;
    let key = key.ok_or_else(no_data)?;
    if Store::exists(&data.database_url())? {
        Ok(key)
    } else {
        Err(no_data())
    }
}

/// Makes a one-time link for setting a password, whether or not Weir runs.
///
/// # Errors
/// [`StartError::NoData`] where there is none.
pub async fn link(data: &DataArgs, public_url: String) -> Result<String, StartError> {
    let store = Store::open(store::Options {
        master_key: key_of(data)?,
        database_url: data.database_url(),
        readers: 1,
    })
    .await?;
    let live = Live::load(&store, Arc::new(Catalog::builtin()?)).await?;
    let options = admin::Options {
        vertex: admin::providers::VertexDefaults::default(),
        public_url: public_url.clone(),
        allow_link_local_upstreams: false,
    };
    let admin = Admin::new(store.clone(), live, Arc::new(NoUpstreams), options);
    let link = wiring::link(&admin, &public_url).await?;
    store.close().await?;
    Ok(link)
}

/// Compares every sum of the ledger with its rows, whether or not Weir runs, and keeps the result for
/// Settings.
///
/// # Errors
/// [`StartError::NoData`] where there is none.
pub async fn verify(data: &DataArgs) -> Result<Verification, StartError> {
    let store = Store::open(store::Options {
        master_key: key_of(data)?,
        database_url: data.database_url(),
        readers: 1,
    })
    .await?;
    let calls = store.calls();
    let found = calls.verify().await?;
    calls.keep_verification(&found, Timestamp::now()).await?;
    store.close().await?;
    Ok(found)
}

/// Writes SQLite's file anew. What it took before and takes after; `None` with Postgres.
///
/// # Errors
/// [`StartError::NoData`] where there is none; [`StartError::DataDir`] while Weir runs.
pub async fn compact(data: &DataArgs) -> Result<Option<(u64, u64)>, StartError> {
    key_of(data)?;
    let data_dir = DataDir::hold(&data.data_dir)?;
    let store = wiring::open_store(data, &data_dir).await?;
    let before = store.size_bytes().await.unwrap_or_default();
    let compacted = store.compact().await?;
    let after = store.size_bytes().await.unwrap_or_default();
    store.close().await?;
    Ok(compacted.then_some((before, after)))
}

/// Stands where a running Weir has its data plane.
struct NoUpstreams;

impl Probe for NoUpstreams {
    fn test<'a>(
        &'a self,
        _: &'a LiveProvider,
        _: Option<&'a str>,
        _: Option<SecretString>,
    ) -> BoxFuture<'a, TestReport> {
        let failure = Some(no_upstreams());
        let (stages, model) = (Vec::new(), None);
        let report = TestReport {
            stages,
            call_id: None,
            model,
            cost: None,
            price_state: None,
            vector: None,
            failure,
        };
        Box::pin(std::future::ready(report))
    }

    fn list_models<'a>(
        &'a self,
        _: &'a LiveProvider,
        _: Option<SecretString>,
    ) -> BoxFuture<'a, Result<Vec<String>, Failure>> {
        Box::pin(std::future::ready(Err(no_upstreams())))
    }

    fn check_guardrail<'a>(
        &'a self,
        _: &'a LiveProvider,
        _: &'a Guardrail,
    ) -> BoxFuture<'a, GuardrailCheck> {
        Box::pin(async { GuardrailCheck::Unknown })
    }

    fn model_behind<'a>(
        &'a self,
        _: &'a LiveProvider,
        _: &'a str,
    ) -> BoxFuture<'a, Option<String>> {
        Box::pin(async { None })
    }
}

fn no_upstreams() -> Failure {
    let message = Some("this command asks no upstream".to_owned());
    Failure {
        symptom: Symptom::UpstreamError,
        status: None,
        message,
    }
}

/// Encrypts all secrets under a new key: the one that is given, else a new one in the key file.
///
/// The new key is on the disk before the database has it, and the old file is replaced only after; a
/// crash in between leaves both, and the next start finds the one that fits.
///
/// # Errors
/// [`StartError::NoData`] where there is none; [`StartError::DataDir`] while Weir runs.
pub async fn rotate(data: &DataArgs, new: Option<MasterKey>) -> Result<(), StartError> {
    key_of(data)?;
    let data_dir = DataDir::hold(&data.data_dir)?;
    let store = wiring::open_store(data, &data_dir).await?;
    let file = data_dir.master_key();
    let old = MasterKey::load(data.master_key(), &file)?;
    match new {
        Some(new) => {
            store
                .rotate_master_key(&old, &new, &rotation(&old, &new))
                .await?;
        }
        None => {
            let next = next_key_file(&file);
            if next.exists() {
                std::fs::remove_file(&next)?;
            }
            let new = MasterKey::generate()?;
            new.save(&next)?;
            store
                .rotate_master_key(&old, &new, &rotation(&old, &new))
                .await?;
            std::fs::rename(&next, &file)?;
        }
    }
    store.close().await?;
    Ok(())
}

/// The audit's row of a rotation. Ids of keys are not secret.
fn rotation(old: &MasterKey, new: &MasterKey) -> AuditEntry {
    AuditEntry {
        at: Timestamp::now(),
        actor: Who::system().actor.label(),
        action: "rotate".to_owned(),
        object_kind: "master_key".to_owned(),
        object_id: new.id().to_owned(),
        before: Some(json!({ "key_id": old.id() })),
        after: Some(json!({ "key_id": new.id() })),
        address: None,
    }
}
