//! What every page of the console and every request to the REST API needs to know, in memory: people's own
//! API tokens, who is disabled, and the time zone of reports; and how much of transcripts is kept.

use std::{
    collections::{HashMap, HashSet},
    fmt,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use domain::{
    AdminId, ApiTokenId, Timestamp,
    token::{ApiToken, TokenHash},
};
use store::{Store, usage::ReportZone};
use transcripts::Keeping;

use super::Live;
use crate::{
    error::AdminError,
    settings,
    transcripts::keeping_in,
    who::{Actor, ByToken},
};

/// How long after a use that was noted the next one is.
const NOTED_EVERY_US: i64 = 60 * 1_000_000;

/// What is read with every request of people. Never changes; each change makes a new one.
#[derive(Debug, Clone)]
pub(super) struct Desk {
    api_tokens: Arc<HashMap<TokenHash, Arc<LiveApiToken>>>,
    disabled: Arc<HashSet<AdminId>>,
    zone: Arc<ReportZone>,
    transcripts: Keeping,
}

/// A person's own API token as the REST API checks it.
pub(crate) struct LiveApiToken {
    pub(crate) id: ApiTokenId,
    person: AdminId,
    /// The name that the person signs in with.
    person_name: String,
    first_characters: String,
    expires_at: Option<Timestamp>,
    /// When a use was last noted, in microseconds since 1970; 0 for never.
    noted_us: AtomicI64,
}

impl fmt::Debug for LiveApiToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveApiToken")
            .field("id", &self.id)
            .field("person", &self.person)
            .finish_non_exhaustive()
    }
}

impl LiveApiToken {
    fn of(token: &ApiToken, person_name: String) -> Self {
        let noted = token.last_used_at.map_or(0, Timestamp::as_microsecond);
        Self {
            id: token.id,
            person: token.person,
            person_name,
            first_characters: token.first_characters.clone(),
            expires_at: token.expires_at,
            noted_us: AtomicI64::new(noted),
        }
    }

    fn has_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|at| at <= now)
    }

    /// Whoever shows it.
    pub(crate) fn actor(&self) -> Actor {
        Actor::Person {
            id: self.person,
            name: self.person_name.clone(),
            by_token: Some(ByToken {
                id: self.id,
                first_characters: self.first_characters.clone(),
                expires_at: self.expires_at,
            }),
        }
    }

    /// Whether this use is to be written down: one in a minute is, and one that is earlier than what was
    /// noted, since then the clock was put back.
    pub(crate) fn is_to_be_noted(&self, now: Timestamp) -> bool {
        let (noted, now) = (self.noted_us.load(Ordering::Acquire), now.as_microsecond());
        (now < noted || now.saturating_sub(noted) >= NOTED_EVERY_US)
            && self
                .noted_us
                .compare_exchange(noted, now, Ordering::AcqRel, Ordering::Acquire)
                .is_ok()
    }
}

impl Desk {
    pub(super) async fn load(store: &Store) -> Result<Self, AdminError> {
        let people = store.admins().list().await?;
        let names: HashMap<AdminId, &str> = people
            .iter()
            .map(|person| (person.id, person.name.as_str()))
            .collect();
        let tokens = store.api_tokens().hashes().await?;
        let api_tokens = tokens.iter().filter_map(|(hash, token)| {
            let name = (*names.get(&token.person)?).to_owned();
            Some((*hash, Arc::new(LiveApiToken::of(token, name))))
        });
        Ok(Self {
            api_tokens: Arc::new(api_tokens.collect()),
            disabled: Arc::new(
                people
                    .iter()
                    .filter(|person| person.disabled_at.is_some())
                    .map(|person| person.id)
                    .collect(),
            ),
            zone: Arc::new(settings::zone_in(store).await?),
            transcripts: keeping_in(store).await?,
        })
    }
}

impl Live {
    /// The time zone that the console tells times in.
    #[must_use]
    pub fn zone(&self) -> Arc<ReportZone> {
        Arc::clone(&self.desk.load().zone)
    }

    /// The API token with this hash, if it is good: not expired, and its owner not disabled.
    pub(crate) fn api_token(&self, hash: &TokenHash, now: Timestamp) -> Option<Arc<LiveApiToken>> {
        let desk = self.desk.load();
        let token = desk.api_tokens.get(hash)?;
        let good = !token.has_expired(now) && !desk.disabled.contains(&token.person);
        good.then(|| Arc::clone(token))
    }

    /// How many API tokens that have not expired each person has.
    pub(crate) fn api_tokens_of_people(&self, now: Timestamp) -> HashMap<AdminId, u64> {
        let mut counts = HashMap::new();
        for token in self.desk.load().api_tokens.values() {
            if !token.has_expired(now) {
                let count: &mut u64 = counts.entry(token.person).or_default();
                *count = count.saturating_add(1);
            }
        }
        counts
    }

    /// Publishes an API token.
    pub(crate) fn put_api_token(&self, hash: TokenHash, token: &ApiToken, person_name: &str) {
        let live = Arc::new(LiveApiToken::of(token, person_name.to_owned()));
        self.desk.rcu(|now| {
            let mut api_tokens = HashMap::clone(&now.api_tokens);
            api_tokens.insert(hash, Arc::clone(&live));
            Desk {
                api_tokens: Arc::new(api_tokens),
                ..Desk::clone(now)
            }
        });
    }

    /// Takes an API token away.
    pub(crate) fn remove_api_token(&self, id: ApiTokenId) {
        self.desk.rcu(|now| {
            let mut api_tokens = HashMap::clone(&now.api_tokens);
            api_tokens.retain(|_, token| token.id != id);
            Desk {
                api_tokens: Arc::new(api_tokens),
                ..Desk::clone(now)
            }
        });
    }

    /// Publishes that somebody is let in no more, or again.
    pub(crate) fn set_enabled(&self, person: AdminId, enabled: bool) {
        self.desk.rcu(|now| {
            let mut disabled = HashSet::clone(&now.disabled);
            if enabled {
                disabled.remove(&person);
            } else {
                disabled.insert(person);
            }
            Desk {
                disabled: Arc::new(disabled),
                ..Desk::clone(now)
            }
        });
    }

    /// How much of transcripts is kept. Reads memory only.
    #[must_use]
    pub fn transcripts(&self) -> Keeping {
        self.desk.load().transcripts
    }

    /// Publishes how much of transcripts is kept.
    pub(crate) fn set_transcripts(&self, transcripts: Keeping) {
        self.desk.rcu(|now| Desk {
            transcripts,
            ..Desk::clone(now)
        });
    }

    /// Publishes the time zone of reports.
    pub(crate) fn set_zone(&self, zone: ReportZone) {
        let zone = Arc::new(zone);
        self.desk.rcu(|now| Desk {
            zone: Arc::clone(&zone),
            ..Desk::clone(now)
        });
    }
}
