//! When tokens and secrets were last used.
//!
//! Written with the calls that used them, but for each of them at most once in a second of calls: under
//! load the difference is not worth a write per batch.

use std::{collections::HashMap, sync::atomic::Ordering};

use domain::{
    ProviderId, SecretName, TokenId,
    call::{Call, Outcome},
    provider::Provider,
};

use super::{inserter::places, transaction::Transaction};
use crate::{Store, StoreError, providers, time::to_us};

const COARSENESS_US: i64 = 1_000_000;

/// Something that was used.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Thing {
    Token(TokenId),
    Secret(SecretName),
}

/// When things were last used, as far as it was written.
#[derive(Debug, Default)]
pub(super) struct Used {
    written: HashMap<Thing, i64>,
    /// Each with the endpoint that it is of, where the provider has several.
    secrets: HashMap<ProviderId, Vec<(Option<String>, SecretName)>>,
    /// The change of providers that `secrets` is of; 0 for none.
    of_change: u64,
    /// Whether providers could not be read the last time, which is told once.
    failing: bool,
}

impl Used {
    /// Writes what these calls used. What is returned is to be told to [`Used::is_written`] once the
    /// transaction is through.
    pub(super) async fn write(
        &mut self,
        store: &Store,
        transaction: &mut Transaction,
        calls: &[Box<Call>],
    ) -> Result<Vec<(Thing, i64)>, StoreError> {
        let mut latest: HashMap<Thing, i64> = HashMap::new();
        let mut note = |thing: Thing, at_us: i64| {
            let held = latest.entry(thing).or_insert(at_us);
            *held = Ord::max(at_us, *held);
        };
        for call in calls {
            if call.outcome == Outcome::Rejected {
                continue;
            }
            let at_us = to_us(call.start.started_at);
            if let Some(token) = call.start.token {
                note(Thing::Token(token), at_us);
            }
            for (of, secret) in self.secrets.get(&call.start.provider).into_iter().flatten() {
                if of.is_none() || *of == call.start.endpoint {
                    note(Thing::Secret(secret.clone()), at_us);
                }
            }
        }
        latest.retain(|thing, at_us| {
            self.written
                .get(thing)
                .is_none_or(|written| at_us.saturating_sub(*written) >= COARSENESS_US)
        });
        for (thing, at_us) in &latest {
            let mut arguments = transaction.arguments();
            arguments.add(*at_us)?;
            let (table, key) = match thing {
                Thing::Token(id) => {
                    arguments.add(id.0)?;
                    ("tokens", "id")
                }
                Thing::Secret(name) => {
                    arguments.add(name.as_str())?;
                    ("secrets", "name")
                }
            };
            arguments.add(*at_us)?;
            let place = |place| places(store.backend(), place, 1);
            let sql = format!(
                "UPDATE {table} SET last_used_at_us = {} WHERE {key} = {} \
                 AND (last_used_at_us IS NULL OR last_used_at_us < {})",
                place(0),
                place(1),
                place(2)
            );
            transaction.execute(sql.into(), arguments).await?;
        }
        Ok(latest.into_iter().collect())
    }

    /// Notes what has been written for good.
    pub(super) fn is_written(&mut self, written: Vec<(Thing, i64)>) {
        self.written.extend(written);
    }

    /// Finds out anew which secrets the providers refer to, where that may have changed.
    ///
    /// Not within the transaction: it waits for a connection of the readers, which may all be busy.
    pub(super) async fn look_again(&mut self, store: &Store) {
        let change = store.provider_changes().load(Ordering::Acquire);
        if change == self.of_change {
            return;
        }
        match providers::list(store.readers()).await {
            Ok(all) => {
                self.of_change = change;
                self.failing = false;
                self.secrets = all
                    .into_iter()
                    .map(|provider| {
                        let names = of_each(&provider);
                        (provider.id, names)
                    })
                    .collect();
            }
            // Calls are not held up for it; it is tried again with the next ones.
            Err(error) => {
                if !self.failing {
                    tracing::warn!(%error, "The last use of secrets is not written until providers can be read again");
                }
                self.failing = true;
            }
        }
    }
}

/// The secrets that a provider refers to, each with the endpoint that it is of, where there are several.
fn of_each(provider: &Provider) -> Vec<(Option<String>, SecretName)> {
    if provider.several.is_none() {
        let names = provider.secrets().into_iter();
        return names.map(|name| (None, name.clone())).collect();
    }
    let each = provider.endpoints().flat_map(|(endpoint, upstream)| {
        let names = upstream.secrets().into_iter();
        names.map(|name| (Some(endpoint.to_string()), name.clone()))
    });
    each.collect()
}
