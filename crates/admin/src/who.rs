//! Who asks. A [`Who`] is made only after a check (a session, the admin token, or the program itself),
//! and every function of this crate that reads or changes something wants one.

use std::net::IpAddr;

use domain::{AdminId, ApiTokenId, Timestamp};

/// The API token that somebody shows instead of signing in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByToken {
    /// Which one.
    pub id: ApiTokenId,
    /// Its first characters, by which people tell it apart.
    pub first_characters: String,
    /// From when on it is refused. `None`: never.
    pub expires_at: Option<Timestamp>,
}

/// Somebody who may do what an admin can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A person who has signed in, or shows an API token of their own.
    Person {
        /// Which one.
        id: AdminId,
        /// The name that the person signs in with.
        name: String,
        /// The API token of theirs that was shown. `None`: they have signed in themselves.
        by_token: Option<ByToken>,
    },
    /// Whoever holds `WEIR_ADMIN_TOKEN`.
    AdminToken,
    /// Weir itself: the command line, the first start.
    System,
}

impl Actor {
    /// How the audit names this actor: `person:NAME`, `admin_token` or `system`.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::Person { name, .. } => format!("person:{name}"),
            Self::AdminToken => "admin_token".to_owned(),
            Self::System => "system".to_owned(),
        }
    }
}

/// An actor and where it asks from. Holding one proves that it was checked who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// Who asks.
    pub actor: Actor,
    /// The client's address. `None`: unknown, or Weir itself.
    pub address: Option<IpAddr>,
}

impl Who {
    /// Says that `actor` was checked. To be called by what checks, and by nothing else.
    #[must_use]
    pub const fn checked(actor: Actor, address: Option<IpAddr>) -> Self {
        Self { actor, address }
    }

    /// The API token that was shown. `None`: it was none.
    #[must_use]
    pub const fn by_token(&self) -> Option<&ByToken> {
        match &self.actor {
            Actor::Person { by_token, .. } => by_token.as_ref(),
            Actor::AdminToken | Actor::System => None,
        }
    }

    /// Whether it is this person.
    pub(crate) fn is(&self, person: AdminId) -> bool {
        matches!(&self.actor, Actor::Person { id, .. } if *id == person)
    }

    /// From where, as the audit tells it: the client's address and the API token that was shown.
    pub(crate) fn origin(&self) -> Option<String> {
        let address = self.address.map(|address| address.to_string());
        let token = self
            .by_token()
            .map(|token| format!("API token {}…", token.first_characters));
        let known: Vec<String> = address.into_iter().chain(token).collect();
        (!known.is_empty()).then(|| known.join(", "))
    }

    /// Weir itself.
    #[must_use]
    pub const fn system() -> Self {
        Self {
            actor: Actor::System,
            address: None,
        }
    }
}

/// The client's address, kept with a request by whoever knows which proxies to trust, and read by
/// whoever makes a [`Who`] of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);
