//! Slowing of failed sign-ins, per account and per address. In memory: a restart forgets.
//!
//! | key | free failures | then each attempt waits | at most | together |
//! |---|---|---|---|---|
//! | account | 3 | 0.5 s, doubling | 8 s | side by side, so that nobody can lock an account by failing at it |
//! | address | 5 | 1 s, doubling | 5 min | one after another; a wait above 10 s is refused at once |
//!
//! IPv6 addresses count by their /64. An attempt counts as failed until it has succeeded, so that many at
//! once gain nothing. What has been quiet for a quarter of an hour is forgotten.

use std::{
    collections::HashMap,
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use sha2::{Digest, Sha256};
use tokio::time::Instant;

/// Longest wait that a sign-in is held for; above it is refused.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a failure is remembered.
const MEMORY: Duration = Duration::from_secs(15 * 60);
/// Most keys of one kind that are remembered.
const KEYS_MAX: usize = 10_000;

/// How delays grow.
struct Rule {
    free: u32,
    first: Duration,
    most: Duration,
}

const ACCOUNT: Rule = Rule {
    free: 3,
    first: Duration::from_millis(500),
    most: Duration::from_secs(8),
};
const ADDRESS: Rule = Rule {
    free: 5,
    first: Duration::from_secs(1),
    most: Duration::from_secs(300),
};

impl Rule {
    /// The wait after this many failures.
    fn delay(&self, failures: u32) -> Duration {
        let Some(doublings) = failures.checked_sub(self.free) else {
            return Duration::ZERO;
        };
        let factor = 1u32.checked_shl(doublings.min(20)).unwrap_or(u32::MAX);
        self.first.saturating_mul(factor).min(self.most)
    }
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    /// When the next attempt may be looked at.
    next: Instant,
    last: Instant,
}

type Keys<K> = HashMap<K, Failures>;

/// Remembers failures.
#[derive(Debug, Default)]
pub(crate) struct Slowing {
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    /// By SHA-256 of the name, known or not: a name of any length takes as much room.
    accounts: Keys<[u8; 32]>,
    addresses: Keys<IpAddr>,
}

/// An attempt that may be looked at after a wait.
#[derive(Debug)]
pub(crate) struct Attempt {
    /// How long to wait before the password is checked.
    pub(crate) wait: Duration,
    account: [u8; 32],
    address: Option<IpAddr>,
}

impl Slowing {
    /// Begins an attempt; it counts as failed until [`Slowing::succeeded`].
    ///
    /// # Errors
    /// How long to stay away, where the address has failed too often.
    pub(crate) fn begin(
        &self,
        account: &str,
        address: Option<IpAddr>,
    ) -> Result<Attempt, Duration> {
        let now = Instant::now();
        let account: [u8; 32] = Sha256::digest(account.as_bytes()).into();
        let address = address.map(network);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let mut wait = Duration::ZERO;
        if let Some(address) = address {
            let known = entry(&mut seen.addresses, address, now);
            let slot = known.next.max(now);
            wait = slot - now;
            if wait > PATIENCE {
                return Err(wait);
            }
            known.count = known.count.saturating_add(1);
            known.last = slot;
            known.next = slot + ADDRESS.delay(known.count);
        }
        let known = entry(&mut seen.accounts, account, now);
        wait = wait.max(ACCOUNT.delay(known.count));
        known.count = known.count.saturating_add(1);
        known.last = now;
        Ok(Attempt {
            wait,
            account,
            address,
        })
    }

    /// The attempt was somebody who knew the password: their failures are forgotten.
    pub(crate) fn succeeded(&self, attempt: &Attempt) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.accounts.remove(&attempt.account);
        if let Some(address) = &attempt.address {
            seen.addresses.remove(address);
        }
    }
}

/// What is known of a key; makes room for it where it is new.
fn entry<K: Eq + Hash + Copy>(keys: &mut Keys<K>, key: K, now: Instant) -> &mut Failures {
    let is_old = |failures: &Failures| {
        now.saturating_duration_since(failures.last.max(failures.next)) > MEMORY
    };
    if keys.get(&key).is_some_and(is_old) {
        keys.remove(&key);
    }
    if keys.len() >= KEYS_MAX && !keys.contains_key(&key) {
        keys.retain(|_, failures| !is_old(failures));
        if keys.len() >= KEYS_MAX
            && let Some(quietest) = keys
                .iter()
                .min_by_key(|(_, failures)| failures.last)
                .map(|(key, _)| *key)
        {
            keys.remove(&quietest);
        }
    }
    keys.entry(key).or_insert(Failures {
        count: 0,
        next: now,
        last: now,
    })
}

/// The network that an address counts as: itself for IPv4, its /64 for IPv6.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests;
