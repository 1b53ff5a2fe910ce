//! The tokens that were issued. It knows nothing of requests.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::seed::Seed;

/// How often tokens were issued.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IssuedTokens {
    /// By Entra for an application.
    pub entra: u64,
    /// By Google for a service account.
    pub service_account: u64,
    /// By Google for a person.
    pub user: u64,
    /// By the metadata server for the machine.
    pub metadata: u64,
}

impl IssuedTokens {
    /// All of them.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.entra + self.service_account + self.user + self.metadata
    }
}

/// Whose services take a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenFor {
    /// Azure's: issued by Entra.
    Azure,
    /// Google Cloud's: issued by Google's token endpoint or the metadata server.
    Google,
}

/// What a token is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenState {
    /// It holds.
    Good,
    /// It was issued, and has ended.
    Expired,
    /// It was issued for another cloud.
    ForAnother,
    /// It was never issued.
    Unknown,
}

/// Who issues.
#[derive(Clone, Copy)]
pub(super) enum Issuer {
    Entra,
    ServiceAccount,
    User,
    Metadata,
}

/// A token that was just issued.
pub(super) struct Fresh {
    pub(super) text: String,
    pub(super) seconds: u64,
}

/// All tokens.
pub(crate) struct Tokens {
    issued: Mutex<Issuance>,
    refusing: AtomicBool,
}

struct Issuance {
    lifetime: Duration,
    counts: IssuedTokens,
    tokens: Vec<Known>,
}

struct Known {
    text: String,
    taken_by: TokenFor,
    /// `None`: it has been ended.
    ends: Option<Instant>,
}

impl Tokens {
    pub(super) fn new(lifetime: Duration) -> Self {
        Self {
            issued: Mutex::new(Issuance {
                lifetime,
                counts: IssuedTokens::default(),
                tokens: Vec::new(),
            }),
            refusing: AtomicBool::new(false),
        }
    }

    /// How often tokens were issued until now.
    pub(crate) fn counts(&self) -> IssuedTokens {
        self.issued().counts
    }

    /// How long those hold that are issued from now on.
    pub(crate) fn set_lifetime(&self, lifetime: Duration) {
        self.issued().lifetime = lifetime;
    }

    /// All that were issued until now hold no longer.
    pub(crate) fn expire_issued(&self) {
        for token in &mut self.issued().tokens {
            token.ends = None;
        }
    }

    /// Whether nothing is issued from now on.
    pub(crate) fn refuse_issuing(&self, refuse: bool) {
        self.refusing.store(refuse, Ordering::Relaxed);
    }

    /// Whether nothing is issued now.
    pub(super) fn is_refusing(&self) -> bool {
        self.refusing.load(Ordering::Relaxed)
    }

    /// What a token is worth to a cloud. The routes of Azure and of Vertex AI accept only
    /// [`TokenState::Good`].
    pub(crate) fn state(&self, token: &str, taken_by: TokenFor) -> TokenState {
        let issued = self.issued();
        let Some(known) = issued.tokens.iter().rev().find(|known| known.text == token) else {
            return TokenState::Unknown;
        };
        if known.taken_by != taken_by {
            TokenState::ForAnother
        } else if known.ends.is_some_and(|ends| Instant::now() < ends) {
            TokenState::Good
        } else {
            TokenState::Expired
        }
    }

    /// A token that nobody had before.
    pub(super) fn issue(&self, issuer: Issuer) -> Fresh {
        let mut issued = self.issued();
        let counts = &mut issued.counts;
        let (count, taken_by, prefix) = match issuer {
            Issuer::Entra => (
                &mut counts.entra,
                TokenFor::Azure,
                "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.",
            ),
            Issuer::ServiceAccount => (
                &mut counts.service_account,
                TokenFor::Google,
                "ya29.c.service-account-",
            ),
            Issuer::User => (&mut counts.user, TokenFor::Google, "ya29.a0.person-"),
            Issuer::Metadata => (&mut counts.metadata, TokenFor::Google, "ya29.c.machine-"),
        };
        *count += 1;
        let seed = fresh(counts.total());
        let fresh = Fresh {
            text: seed.id(&seed.id(prefix)),
            seconds: issued.lifetime.as_secs(),
        };
        let token = Known {
            text: fresh.text.clone(),
            taken_by,
            ends: Instant::now().checked_add(issued.lifetime),
        };
        issued.tokens.push(token);
        fresh
    }

    fn issued(&self) -> MutexGuard<'_, Issuance> {
        // Nothing in here can be left half done.
        self.issued.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn fresh(count: u64) -> Seed {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.unwrap_or_default().as_nanos();
    Seed::of(format!("token {now} {count} {}", std::process::id()).as_bytes())
}
