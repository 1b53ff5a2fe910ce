//! Refused sign-ins, password changes and one-time links in the audit, without letting whoever tries fill the
//! database.
//!
//! The first refused attempt on an account from a network leaves a row at once. Those that follow within a
//! minute are counted, and the count is written into that row when the minute is over: two writes a minute,
//! however many attempts. Beyond a few accounts and networks in one minute all further ones share one row.
//!
//! Nobody waits for these writes: whoever goes away in the middle of an attempt leaves nothing half done, and
//! how long an answer takes does not tell whether there was a row to write. A stop of Weir loses a count that
//! has not been written.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::AdminId;
use serde_json::json;
use store::{AuditEntry, Store};

use crate::{Admin, people::network, who::Actor};

/// How long attempts share a row.
const WINDOW: Duration = Duration::from_secs(60);
/// Rows of one window, and one more for everything else.
const ROWS_MAX: usize = 20;

/// Whoever has not proved who they are.
const UNKNOWN: &str = "unknown";

/// An attempt that was refused.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    /// What was tried, as a verb.
    pub(crate) action: &'static str,
    /// Why it was refused: a stable word.
    pub(crate) reason: &'static str,
    /// Who tried, where somebody had signed in.
    pub(crate) by: Option<Actor>,
    /// What it was aimed at.
    pub(crate) at: Target,
    /// From where.
    pub(crate) address: Option<IpAddr>,
}

/// What an attempt was aimed at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Target {
    /// The account that was named, where there is one of this name. What else was typed is never kept:
    /// people type passwords into the wrong field.
    Account(Option<AdminId>),
    /// A one-time link for this.
    Link(&'static str),
}

impl Target {
    const fn kind(self) -> &'static str {
        match self {
            Self::Account(_) => "person",
            Self::Link(_) => "one_time_link",
        }
    }

    /// Empty: nothing that is known.
    fn id(self) -> String {
        match self {
            Self::Account(id) => id.map(|id| id.to_string()).unwrap_or_default(),
            Self::Link(purpose) => purpose.to_owned(),
        }
    }
}

/// What attempts have in common that share a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    One {
        action: &'static str,
        reason: &'static str,
        at: Target,
        network: Option<IpAddr>,
    },
    /// There were too many to tell apart.
    Other,
}

/// Attempts of the present window.
#[derive(Debug)]
pub(crate) struct Refusals {
    window: Duration,
    times: Mutex<HashMap<Key, u64>>,
}

impl Default for Refusals {
    fn default() -> Self {
        Self {
            window: WINDOW,
            times: Mutex::default(),
        }
    }
}

impl Refusals {
    fn times(&self) -> MutexGuard<'_, HashMap<Key, u64>> {
        self.times.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts an attempt. The key where it is the first of its row.
    fn count(&self, refusal: &Refusal) -> Option<Key> {
        let mut key = Key::One {
            action: refusal.action,
            reason: refusal.reason,
            at: refusal.at,
            network: refusal.address.map(network),
        };
        let mut seen = self.times();
        if seen.len() >= ROWS_MAX && !seen.contains_key(&key) {
            key = Key::Other;
        }
        let times = seen.entry(key).or_insert(0);
        *times = times.saturating_add(1);
        (*times == 1).then_some(key)
    }

    /// Ends the window of a row. How many attempts it saw.
    fn end(&self, key: Key) -> u64 {
        self.times().remove(&key).unwrap_or(1)
    }

    /// Writes an attempt down, or counts it. What fails here is logged: a refusal stays one.
    fn note(self: &Arc<Self>, store: &Store, refusal: &Refusal, at: domain::Timestamp) {
        let Some(key) = self.count(refusal) else {
            return;
        };
        let entry = entry(key, refusal, at);
        let (this, store) = (Arc::clone(self), store.clone());
        tokio::spawn(async move {
            let seq = match store.audit().append_refused(&entry).await {
                Ok(seq) => seq,
                Err(error) => {
                    tracing::error!(%error, "Could not write a refused attempt into the audit");
                    this.end(key);
                    return;
                }
            };
            tokio::time::sleep(this.window).await;
            let times = this.end(key);
            if times > 1
                && let Err(error) = store.audit().set_times(seq, times).await
            {
                tracing::error!(%error, "Could not write the count of refused attempts into the audit");
            }
        });
    }
}

fn entry(key: Key, refusal: &Refusal, at: domain::Timestamp) -> AuditEntry {
    let told_apart = key != Key::Other;
    let target = if told_apart {
        refusal.at
    } else {
        Target::Account(None)
    };
    let by = refusal.by.as_ref().filter(|_| told_apart);
    let reason = if told_apart {
        refusal.reason
    } else {
        "many_attempts"
    };
    AuditEntry {
        at,
        actor: by.map_or_else(|| UNKNOWN.to_owned(), Actor::label),
        action: refusal.action.to_owned(),
        object_kind: target.kind().to_owned(),
        object_id: target.id(),
        before: None,
        after: Some(json!({ "reason": reason })),
        address: refusal
            .address
            .filter(|_| told_apart)
            .map(|address| address.to_string()),
    }
}

impl Admin {
    /// Writes into the audit that an attempt was refused. Does not wait for it.
    pub(crate) fn refused(&self, refusal: &Refusal) {
        let refusals = &self.inner.refusals;
        refusals.note(self.store(), refusal, self.now());
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use store::{AuditFilter, AuditRow, MasterKey};
    use uuid::Uuid;

    use super::*;

    fn attempt(account: u128, address: &str) -> Refusal {
        Refusal {
            action: "sign_in",
            reason: "wrong_password",
            by: None,
            at: Target::Account((account > 0).then(|| AdminId(Uuid::from_u128(account)))),
            address: Some(address.parse().unwrap()),
        }
    }

    async fn rows(store: &Store) -> Vec<AuditRow> {
        let page = store.audit().list(&AuditFilter::default(), 100, None).await;
        page.unwrap().items
    }

    /// The rows, as soon as there are so many.
    async fn rows_when(store: &Store, many: usize) -> Vec<AuditRow> {
        loop {
            let told = rows(store).await;
            if told.len() >= many {
                return told;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn opened(window: Duration) -> (tempfile::TempDir, Store, Arc<Refusals>) {
        let dir = tempfile::tempdir().unwrap();
        let options = store::Options {
            database_url: format!("sqlite:{}", dir.path().join("weir.db").display()),
            master_key: MasterKey::generate().unwrap(),
            readers: 1,
        };
        let times = Mutex::default();
        let store = Store::open(options).await.unwrap();
        (dir, store, Arc::new(Refusals { window, times }))
    }

    #[tokio::test]
    async fn a_burst_is_one_row_with_its_count() {
        let (_dir, store, refusals) = opened(Duration::from_millis(100)).await;
        let now = domain::Timestamp::now();
        for _ in 0..50 {
            refusals.note(&store, &attempt(1, "192.0.2.7"), now);
        }
        let told = rows_when(&store, 1).await;
        assert_eq!(
            (told.len(), told[0].times),
            (1, 1),
            "the row is there at once"
        );
        while rows(&store).await[0].times == 1 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(rows(&store).await[0].times, 50);
        refusals.note(&store, &attempt(1, "192.0.2.7"), now);
        let told = rows_when(&store, 2).await;
        assert_eq!(told.len(), 2, "a new minute is a new row");
    }

    #[tokio::test]
    async fn whoever_goes_away_leaves_a_row_and_hides_no_later_attempt() {
        let (_dir, store, refusals) = opened(Duration::from_millis(20)).await;
        let now = domain::Timestamp::now();
        let request = async {
            refusals.note(&store, &attempt(1, "192.0.2.7"), now);
            std::future::pending::<()>().await;
        };
        // It is looked at once, and dropped.
        assert!(request.now_or_never().is_none());
        assert_eq!(rows_when(&store, 1).await.len(), 1);
        while !refusals.times().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        refusals.note(&store, &attempt(1, "192.0.2.7"), now);
        assert_eq!(rows_when(&store, 2).await.len(), 2);
    }

    #[tokio::test]
    async fn an_attack_from_everywhere_cannot_fill_the_database() {
        let (_dir, store, refusals) = opened(WINDOW).await;
        let now = domain::Timestamp::now();
        for n in 0..200 {
            let address = format!("192.0.2.{n}");
            refusals.note(&store, &attempt(0, &address), now);
            let network_of_one = format!("2001:db8::{n:x}");
            refusals.note(&store, &attempt(0, &network_of_one), now);
        }
        let told = rows_when(&store, ROWS_MAX + 1).await;
        assert_eq!(told.len(), ROWS_MAX + 1);
        let shared = told.iter().find(|row| row.entry.address.is_none());
        let last = &shared.unwrap().entry;
        assert_eq!(
            (last.address.as_deref(), last.object_id.as_str()),
            (None, "")
        );
        assert_eq!(last.after, Some(json!({ "reason": "many_attempts" })));
        // Each IPv4 address is its own network; the IPv6 ones are one.
        let told_apart = u64::try_from(ROWS_MAX).unwrap();
        assert_eq!(refusals.end(Key::Other), 200 - (told_apart - 1));
    }
}
