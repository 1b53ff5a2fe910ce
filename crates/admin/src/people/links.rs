//! One-time links: making them, and setting a password with one.
//!
//! A link is for one person, or for whoever is named when it is used: that of the first start and those
//! of the command line are so, since whoever runs the program may let anybody in.

use std::{net::IpAddr, time::Duration};

use domain::{AdminId, Timestamp};
use jiff::SignedDuration;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use store::{AdminRow, AuditEntry, LinkRow};
use uuid::Uuid;

use super::{People, SignedIn, about, checked_name, password, themselves};
use crate::{
    audit::{Change, Refusal, Target},
    error::{AdminError, Thing},
    fields::all_right,
    hidden,
    who::Who,
};

/// How long a one-time link is good for.
pub const LINK_LIFE: Duration = Duration::from_secs(24 * 60 * 60);
/// What a link is for: setting the password of an account, or making the first one.
const PURPOSE: &str = "set_password";
/// What the use of a link is called where there is an account.
const SET_PASSWORD: &str = "set_password";

/// A link that was just made for somebody. Its text is in here and nowhere else: only the hash is kept.
#[derive(Debug, Clone)]
pub struct NewLink {
    /// For whom it is.
    pub person: AdminId,
    /// Their name.
    pub name: String,
    /// The whole address to open. Show it once.
    pub address: SecretString,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

/// For whom a link is that could be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkFor {
    /// For whoever is named when it is used, or for the first admin.
    Anybody,
    /// For the person of this name.
    Person {
        /// The name that they sign in with.
        name: String,
        /// Whether they have had a password before.
        had_password: bool,
    },
}

impl People {
    /// Makes a one-time link's secret part: 256 bits, good for 24 hours and for one use. With it the
    /// first admin is made, or the password of an account is set, whoever's it is.
    ///
    /// # Errors
    /// [`AdminError::Internal`].
    pub async fn make_link(&self, who: &Who) -> Result<SecretString, AdminError> {
        let admin = self.admin.clone();
        let who = who.clone();
        self.admin
            .whole(async move {
                let (link, life) = (hidden::random_text("")?, Life::of_one_made(admin.now()));
                let expires_at = life.expires_at;
                let entry = admin.entry(
                    &who,
                    Change {
                        action: "create",
                        kind: "one_time_link",
                        id: PURPOSE.to_owned(),
                        before: None,
                        after: Some(json!({ "expires_at": expires_at })),
                    },
                );
                let row = life.row(&link, None);
                admin.store().links().insert(&row, &entry).await?;
                Ok(link)
            })
            .await
    }

    /// Makes a one-time link with which one person sets their password. One that they have is no good any
    /// more.
    ///
    /// # Errors
    /// [`AdminError::NotFound`]; [`AdminError::Refused`] for somebody who is disabled, and for oneself by an
    /// API token: with the link it would outlive its own end.
    pub async fn make_link_for(&self, who: &Who, id: &str) -> Result<NewLink, AdminError> {
        let this = self.clone();
        let (who, id) = (who.clone(), id.to_owned());
        self.admin
            .whole(async move {
                let row = this.find(&id).await?;
                if who.by_token().is_some() && who.is(row.id) {
                    return Err(AdminError::Refused {
                        code: "yourself_by_api_token",
                        message: "An API token cannot make a one-time link for its owner. Sign in to the console to change your password.".to_owned(),
                    });
                }
                if row.disabled_at.is_some() {
                    return Err(AdminError::Refused {
                        code: "person_disabled",
                        message: format!(
                            "{} is disabled and could not sign in with it. Enable the account first.",
                            row.name
                        ),
                    });
                }
                let made = this.link_for(&who, &row)?;
                let links = this.admin.store().links();
                links.insert(&made.row, &made.entry).await?;
                Ok(made.new)
            })
            .await
    }

    /// A link for somebody, to be kept.
    pub(super) fn link_for(&self, who: &Who, row: &AdminRow) -> Result<LinkMade, AdminError> {
        let admin = &self.admin;
        let (link, life) = (hidden::random_text("")?, Life::of_one_made(admin.now()));
        let expires_at = life.expires_at;
        let entry = admin.entry(
            who,
            Change {
                action: "make_link",
                kind: "person",
                id: row.id.to_string(),
                before: None,
                after: Some(json!({ "name": row.name, "link_expires_at": expires_at })),
            },
        );
        let address = format!(
            "{}/welcome?link={}",
            admin.public_url(),
            link.expose_secret()
        );
        Ok(LinkMade {
            row: life.row(&link, Some(row.id)),
            entry,
            new: NewLink {
                person: row.id,
                name: row.name.clone(),
                address: SecretString::from(address),
                expires_at,
            },
        })
    }

    /// For whom a link is. Does not use it up.
    ///
    /// # Errors
    /// [`AdminError::LinkInvalid`].
    pub async fn link_is_for(&self, link: &SecretString) -> Result<LinkFor, AdminError> {
        let store = self.admin.store();
        let good = store
            .links()
            .good(hidden::hash(link), self.admin.now())
            .await?
            .ok_or(AdminError::LinkInvalid)?;
        let Some(person) = good.person else {
            return Ok(LinkFor::Anybody);
        };
        let row = store.admins().by_id(person).await?;
        let row = row
            .filter(|row| row.disabled_at.is_none())
            .ok_or(AdminError::LinkInvalid)?;
        Ok(LinkFor::Person {
            had_password: !row.password_hash.is_empty(),
            name: row.name,
        })
    }

    /// Uses a one-time link: sets the password of the person that it is for. One that is for nobody makes the
    /// first admin or, where there is one, sets the password of the account with this name. A link is used up
    /// only when that succeeds, and then every other one with it that lets somebody into the account.
    ///
    /// # Errors
    /// [`AdminError::Invalid`], also where there is no account of this name; [`AdminError::LinkInvalid`].
    pub async fn use_link(
        &self,
        link: SecretString,
        name: &str,
        password: SecretString,
        address: Option<IpAddr>,
    ) -> Result<SignedIn, AdminError> {
        let used = self.try_link(link, name, password, address).await;
        if matches!(used, Err(AdminError::LinkInvalid)) {
            tracing::warn!(
                client.address = address.map(tracing::field::display),
                "Refused a one-time link that is not valid"
            );
            self.admin.refused(&Refusal {
                action: SET_PASSWORD,
                reason: "link_invalid",
                by: None,
                at: Target::Link(PURPOSE),
                address,
            });
        }
        used
    }

    async fn try_link(
        &self,
        link: SecretString,
        name: &str,
        password: SecretString,
        address: Option<IpAddr>,
    ) -> Result<SignedIn, AdminError> {
        let good = self.link_is_for(&link).await;
        let name = match &good {
            Ok(LinkFor::Person { name, .. }) => name,
            // What was typed is checked all the same, so that it is told at once.
            Ok(LinkFor::Anybody) | Err(_) => name,
        };
        let mut errors = vec![];
        let name = checked_name(name, &mut errors);
        errors.extend(password::check("password", &password).err());
        all_right(errors)?;
        let name = name.ok_or(AdminError::Internal)?;
        good?;
        self.account_of(&name).await?;
        // Takes long, so that no other change is to wait for it; all is looked at again afterwards.
        let password_hash = self.admin.passwords().hash(password).await?;
        let this = self.clone();
        self.admin
            .whole(async move {
                this.link_is_for(&link).await?;
                let admin = &this.admin;
                let (row, action) = this.account_of(&name).await?;
                let row = AdminRow {
                    password_hash,
                    last_signed_in_at: Some(admin.now()),
                    ..row
                };
                let entry = admin.entry(&themselves(&row, address), about(&row, action));
                let hash = hidden::hash(&link);
                let links = admin.store().links();
                if !links.redeem(hash, admin.now(), &row, &entry).await? {
                    return Err(AdminError::LinkInvalid);
                }
                Ok(SignedIn::of(&row))
            })
            .await
    }

    /// The account of this name, and what a link makes of it: the first one is created.
    async fn account_of(&self, name: &str) -> Result<(AdminRow, &'static str), AdminError> {
        let admin = &self.admin;
        let known = admin.store().admins().by_name(name).await?;
        let is_first = admin.store().admins().count().await? == 0;
        let refused = |code, message| Err(AdminError::field("name", code, message));
        match known {
            Some(row) if row.disabled_at.is_some() => {
                refused("person_disabled", "this account is disabled")
            }
            Some(row) => Ok((row, SET_PASSWORD)),
            None if is_first => {
                let id = AdminId(Uuid::now_v7());
                let row = AdminRow::new(id, name.to_owned(), String::new(), admin.now());
                Ok((row, "create"))
            }
            None => refused("unknown_name", "there is no account of this name"),
        }
    }

    /// The person with an id, as it stands in an address.
    pub(super) async fn find(&self, id: &str) -> Result<AdminRow, AdminError> {
        let row = match id.parse() {
            Ok(id) => self.admin.store().admins().by_id(id).await?,
            Err(_) => None,
        };
        row.ok_or_else(|| AdminError::NotFound {
            what: Thing::Person,
            id: id.to_owned(),
        })
    }
}

/// A link that is to be kept.
pub(super) struct LinkMade {
    pub(super) row: LinkRow<'static>,
    /// The audit's row of it.
    pub(super) entry: AuditEntry,
    /// What is handed out once it is kept.
    pub(super) new: NewLink,
}

/// How long a link is good for.
#[derive(Clone, Copy)]
struct Life {
    created_at: Timestamp,
    expires_at: Timestamp,
}

impl Life {
    fn of_one_made(created_at: Timestamp) -> Self {
        let expires_at = created_at + SignedDuration::try_from(LINK_LIFE).unwrap_or_default();
        Self {
            created_at,
            expires_at,
        }
    }

    fn row(self, link: &SecretString, person: Option<AdminId>) -> LinkRow<'static> {
        LinkRow {
            hash: hidden::hash(link),
            purpose: PURPOSE,
            person,
            created_at: self.created_at,
            expires_at: self.expires_at,
        }
    }
}
