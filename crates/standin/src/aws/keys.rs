//! The keys that are accepted: those from the settings and those that were issued. It knows
//! nothing of requests.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;

use super::settings::{AccessKey, AwsSettings};
use crate::seed::Seed;

/// How often credentials were issued.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Issued {
    /// By STS for a role.
    pub assume_role: u64,
    /// By STS for the token of a web identity.
    pub web_identity: u64,
    /// By the agent of a container.
    pub container: u64,
    /// By the metadata of an instance.
    pub instance: u64,
}

impl Issued {
    /// All of them.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.assume_role + self.web_identity + self.container + self.instance
    }
}

/// Who issues.
#[derive(Clone, Copy)]
pub(super) enum Issuer {
    AssumeRole,
    WebIdentity,
    Container,
    Instance,
}

/// A temporary key.
#[derive(Clone)]
pub(super) struct Temporary {
    pub(super) id: String,
    pub(super) secret: String,
    pub(super) token: String,
    pub(super) expires: SystemTime,
}

/// A key as it is looked up.
pub(super) struct Known {
    pub(super) secret: String,
    pub(super) token: Option<String>,
    /// `None`: never.
    pub(super) expires: Option<SystemTime>,
}

/// All keys.
pub(crate) struct Keys {
    fixed: Vec<AccessKey>,
    issued: Mutex<Issuance>,
    refusing: AtomicBool,
    sessions: AtomicU64,
}

struct Issuance {
    lifetime: Duration,
    counts: Issued,
    keys: Vec<Temporary>,
}

impl Keys {
    pub(super) fn new(settings: &AwsSettings) -> Self {
        Self {
            fixed: settings.access_keys.clone(),
            issued: Mutex::new(Issuance {
                lifetime: settings.credential_lifetime,
                counts: Issued::default(),
                keys: Vec::new(),
            }),
            refusing: AtomicBool::new(false),
            sessions: AtomicU64::new(0),
        }
    }

    /// How often credentials were issued until now.
    pub(crate) fn counts(&self) -> Issued {
        self.issued().counts
    }

    /// How long those hold that are issued from now on.
    pub(crate) fn set_lifetime(&self, lifetime: Duration) {
        self.issued().lifetime = lifetime;
    }

    /// All that were issued until now hold no longer.
    pub(crate) fn expire_issued(&self) {
        for key in &mut self.issued().keys {
            key.expires = UNIX_EPOCH;
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

    /// A key that nobody had before.
    pub(super) fn issue(&self, issuer: Issuer) -> Temporary {
        let mut issued = self.issued();
        let counts = &mut issued.counts;
        let count = match issuer {
            Issuer::AssumeRole => &mut counts.assume_role,
            Issuer::WebIdentity => &mut counts.web_identity,
            Issuer::Container => &mut counts.container,
            Issuer::Instance => &mut counts.instance,
        };
        *count += 1;
        let seed = fresh(counts.total());
        let key = Temporary {
            id: format!("ASIA{:016X}", seed.number(1)),
            secret: seed.id("standin/"),
            token: seed.id(&seed.id("IQoJb3JpZ2luX2Vj/")),
            expires: whole_second_after(issued.lifetime),
        };
        issued.keys.push(key.clone());
        key
    }

    /// The key of that id, whether it has expired or not.
    pub(super) fn find(&self, id: &str) -> Option<Known> {
        let fixed = self.fixed.iter().find(|key| key.id == id);
        if let Some(key) = fixed {
            return Some(Known {
                secret: key.secret.clone(),
                token: key.session_token.clone(),
                expires: None,
            });
        }
        let issued = self.issued();
        let key = issued.keys.iter().rev().find(|key| key.id == id)?;
        Some(Known {
            secret: key.secret.clone(),
            token: Some(key.token.clone()),
            expires: Some(key.expires),
        })
    }

    /// A token with which an instance asks for its metadata.
    pub(super) fn open_session(&self) -> String {
        let number = self.sessions.fetch_add(1, Ordering::Relaxed);
        session(number)
    }

    /// Whether it is a token that was handed out.
    pub(super) fn is_session(&self, token: &str) -> bool {
        (0..self.sessions.load(Ordering::Relaxed)).any(|number| session(number) == token)
    }

    fn issued(&self) -> MutexGuard<'_, Issuance> {
        // Nothing in here can be left half done.
        self.issued.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Temporary {
    /// As AWS writes times.
    pub(super) fn expiration(&self) -> String {
        rfc3339(self.expires)
    }
}

/// As AWS writes times: in whole seconds.
pub(super) fn rfc3339(time: SystemTime) -> String {
    match Timestamp::try_from(time) {
        Ok(time) => time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        Err(_) => String::new(),
    }
}

fn session(number: u64) -> String {
    format!("AQAEANSTANDIN{number:08}==")
}

fn fresh(count: u64) -> Seed {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.unwrap_or_default().as_nanos();
    Seed::of(format!("{now} {count} {}", std::process::id()).as_bytes())
}

/// What is told is in whole seconds, so that is when it ends.
fn whole_second_after(lifetime: Duration) -> SystemTime {
    let end = SystemTime::now() + lifetime;
    let since = end.duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = since.as_secs() + u64::from(since.subsec_nanos() > 0);
    UNIX_EPOCH + Duration::from_secs(seconds)
}
