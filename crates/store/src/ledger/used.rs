//! When tokens and secrets were last used.
//!
//! Written with the calls that used them, but for each of them at most once in a second of calls: under
//! load the difference is not worth a write per batch.

use std::{
    collections::HashMap,
    sync::atomic::Ordering,
};

use domain::{ProviderId, SecretName, TokenId, call::Call, call::Outcome};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, Value,
    sea_query::{Expr, ExprTrait, Query},
};

use crate::{Store, StoreError, error::database, providers, time::to_us};

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
    secrets: HashMap<ProviderId, Vec<SecretName>>,
    /// The change of providers that `secrets` is of; 0 for none.
    of_change: u64,
}

impl Used {
    /// Writes what these calls used. What is returned is to be told to [`Used::is_written`] once the
    /// transaction is through.
    pub(super) async fn write(
        &mut self,
        store: &Store,
        transaction: &DatabaseTransaction,
        calls: &[Box<Call>],
    ) -> Result<Vec<(Thing, i64)>, StoreError> {
        self.look_again(store, transaction).await;
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
            for secret in self.secrets.get(&call.start.provider).into_iter().flatten() {
                note(Thing::Secret(secret.clone()), at_us);
            }
        }
        latest.retain(|thing, at_us| {
            self.written
                .get(thing)
                .is_none_or(|written| at_us.saturating_sub(*written) >= COARSENESS_US)
        });
        for (thing, at_us) in &latest {
            let (table, key, value): (_, _, Value) = match thing {
                Thing::Token(id) => ("tokens", "id", id.0.into()),
                Thing::Secret(name) => ("secrets", "name", name.as_str().into()),
            };
            let mut update = Query::update();
            update
                .table(table)
                .value("last_used_at_us", *at_us)
                .and_where(Expr::col(key).eq(value))
                .and_where(
                    Expr::col("last_used_at_us")
                        .is_null()
                        .or(Expr::col("last_used_at_us").lt(*at_us)),
                );
            transaction.execute(&update).await.map_err(database)?;
        }
        Ok(latest.into_iter().collect())
    }

    /// Notes what has been written for good.
    pub(super) fn is_written(&mut self, written: Vec<(Thing, i64)>) {
        self.written.extend(written);
    }

    /// Finds out anew which secrets the providers refer to, where that may have changed.
    async fn look_again(&mut self, store: &Store, transaction: &DatabaseTransaction) {
        let change = store.provider_changes().load(Ordering::Acquire);
        if change == self.of_change {
            return;
        }
        self.of_change = change;
        match providers::list(transaction).await {
            Ok(all) => {
                self.secrets = all
                    .into_iter()
                    .map(|provider| {
                        let names = provider.upstream.secrets().into_iter().cloned().collect();
                        (provider.id, names)
                    })
                    .collect();
            }
            // Calls are not held up for it.
            Err(error) => {
                tracing::warn!(%error, "The last use of secrets is not written until providers can be read again");
            }
        }
    }
}
