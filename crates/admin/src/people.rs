//! People: who they are, signing in, a changed or lost password.
//!
//! Sessions are kept by whoever serves pages. What a session holds of this crate is an id and a
//! [`SignedIn::stamp`], which changes with the password: a changed password ends every other session. So
//! does being disabled, and being enabled again brings none back.

mod links;
mod manage;
mod password;
mod slowing;

use std::net::IpAddr;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::AdminId;
use secrecy::SecretString;
use serde_json::json;
use sha2::{Digest, Sha256};
use store::AdminRow;

pub use links::{LINK_LIFE, LinkFor, NewLink};
pub use manage::{PersonPatch, PersonView, read_name};
pub(crate) use password::Passwords;
pub use password::{PASSWORD_MAX, PASSWORD_MIN};
pub(crate) use slowing::{Slowing, network};

use crate::{
    Admin,
    audit::{Change, Refusal, Target},
    error::{AdminError, FieldError},
    fields::{all_right, label},
    who::{Actor, Who},
};

/// Longest name, in characters.
const NAME_MAX: usize = 100;

/// What can be done with people.
#[derive(Debug, Clone)]
pub struct People {
    pub(crate) admin: Admin,
}

/// Somebody who has just proved who they are. To be kept in a new session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// Who.
    pub id: AdminId,
    /// The name that they sign in with.
    pub name: String,
    /// Belongs to their present password, and to their being let in; see [`People::resume`]. Not secret.
    pub stamp: String,
}

impl SignedIn {
    fn of(row: &AdminRow) -> Self {
        Self {
            id: row.id,
            name: row.name.clone(),
            stamp: stamp(row),
        }
    }
}

/// Tells one password from another, and the time before somebody was disabled from that after, without
/// showing anything.
fn stamp(row: &AdminRow) -> String {
    let mut of = Sha256::new_with_prefix(row.password_hash.as_bytes());
    if let Some(at) = row.enabled_at {
        of.update(at.as_microsecond().to_be_bytes());
    }
    URL_SAFE_NO_PAD.encode(of.finalize())
}

impl People {
    /// Whether there is no admin yet, so that nothing but the first start is to be shown.
    ///
    /// # Errors
    /// [`AdminError::Internal`].
    pub async fn is_first_start(&self) -> Result<bool, AdminError> {
        Ok(self.admin.store().admins().count().await? == 0)
    }

    /// Signs somebody in. Failures slow down both the account and the address.
    ///
    /// # Errors
    /// [`AdminError::SignInFailed`], [`AdminError::TooManySignIns`], [`AdminError::Busy`].
    pub async fn sign_in(
        &self,
        name: &str,
        password: SecretString,
        address: Option<IpAddr>,
    ) -> Result<SignedIn, AdminError> {
        let name = name.trim();
        let tried = Tried {
            action: "sign_in",
            by: None,
            address,
        };
        let row = self.prove(tried, name, password).await?;
        let who = themselves(&row, address);
        let entry = self.admin.entry(&who, about(&row, "sign_in"));
        let admins = self.admin.store().admins();
        if admins.signed_in(row.id, self.admin.now(), &entry).await? {
            Ok(SignedIn::of(&row))
        } else {
            Err(AdminError::SignInFailed)
        }
    }

    /// Who a session belongs to, if it still holds: the account is there and enabled, and its password is the
    /// one that the session began with. Asked for every request.
    ///
    /// # Errors
    /// [`AdminError::Internal`].
    pub async fn resume(&self, id: AdminId, held_stamp: &str) -> Result<Option<Actor>, AdminError> {
        let row = self.admin.store().admins().by_id(id).await?;
        Ok(row
            .filter(|row| row.disabled_at.is_none() && stamp(row) == held_stamp)
            .map(|row| Actor::Person {
                id: row.id,
                name: row.name,
                by_token: None,
            }))
    }

    /// Changes one's own password. Every session that holds an older stamp ends; put the new one into the
    /// session that asked.
    ///
    /// # Errors
    /// [`AdminError::Invalid`] where a password is wrong, also where it has been replaced in the meantime;
    /// [`AdminError::SignInFailed`] for somebody who is disabled by now; [`AdminError::TooManySignIns`].
    pub async fn change_password(
        &self,
        who: &Who,
        current: SecretString,
        new: SecretString,
    ) -> Result<SignedIn, AdminError> {
        let Actor::Person { id, name, .. } = &who.actor else {
            return Err(AdminError::field(
                "",
                "not_a_person",
                "only somebody who has signed in has a password to change",
            ));
        };
        all_right(
            password::check("new_password", &new)
                .err()
                .into_iter()
                .collect(),
        )?;
        let tried = Tried {
            action: "change_password",
            by: Some((*id, &who.actor)),
            address: who.address,
        };
        let mut row = match self.prove(tried, name, current).await {
            Err(AdminError::SignInFailed) => return Err(self.not_changed(*id).await?),
            other => other?,
        };
        let hash = self.admin.passwords().hash(new).await?;
        let this = self.clone();
        let who = who.clone();
        self.admin
            .whole(async move {
                let admin = &this.admin;
                let entry = admin.entry(&who, about(&row, "change_password"));
                let admins = admin.store().admins();
                if !admins.change_password(&row, &hash, &entry).await? {
                    return Err(this.not_changed(row.id).await?);
                }
                row.password_hash = hash;
                Ok(SignedIn::of(&row))
            })
            .await
    }

    /// Why somebody could not change their password: they are disabled, or the one they gave is not theirs.
    async fn not_changed(&self, id: AdminId) -> Result<AdminError, AdminError> {
        let row = self.admin.store().admins().by_id(id).await?;
        if row.is_none_or(|row| row.disabled_at.is_some()) {
            return Ok(AdminError::SignInFailed);
        }
        Ok(AdminError::field(
            "current_password",
            "wrong_password",
            "this is not your password",
        ))
    }

    /// The account that name and password belong to, slowed where there were failures. Somebody who is
    /// disabled fails as with a wrong password, after as long. What is refused is audited.
    async fn prove(
        &self,
        tried: Tried<'_>,
        name: &str,
        password: SecretString,
    ) -> Result<AdminRow, AdminError> {
        let slowing = self.admin.slowing();
        let address = tried.address;
        let refused = |reason, account: Option<AdminId>| {
            self.admin.refused(&Refusal {
                action: tried.action,
                reason,
                by: tried.by.map(|(_, actor)| actor.clone()),
                at: Target::Account(account.or(tried.by.map(|(id, _)| id))),
                address,
            });
        };
        let attempt = match slowing.begin(name, address) {
            Ok(attempt) => attempt,
            Err(retry_after) => {
                tracing::warn!(
                    client.address = address.map(tracing::field::display),
                    "Refused a sign-in: too many have failed from this address"
                );
                refused("too_many_attempts", None);
                return Err(AdminError::TooManySignIns { retry_after });
            }
        };
        tokio::time::sleep(attempt.wait).await;
        let row = if can_be_a_name(name) {
            self.admin.store().admins().by_name(name).await?
        } else {
            None
        };
        let hash = row
            .as_ref()
            .map(|row| row.password_hash.clone())
            .filter(|hash| !hash.is_empty());
        let right = self.admin.passwords().verify(password, hash).await?;
        match row {
            Some(row) if right && row.disabled_at.is_none() => {
                slowing.succeeded(&attempt);
                Ok(row)
            }
            row => {
                tracing::warn!(
                    client.address = address.map(tracing::field::display),
                    "A sign-in failed"
                );
                match row {
                    Some(row) if right => refused("disabled", Some(row.id)),
                    Some(row) => refused("wrong_password", Some(row.id)),
                    None => refused("no_such_account", None),
                }
                Err(AdminError::SignInFailed)
            }
        }
    }
}

/// What somebody wants to do who must first prove who they are.
#[derive(Debug, Clone, Copy)]
struct Tried<'a> {
    /// As a verb.
    action: &'static str,
    /// Who has signed in already.
    by: Option<(AdminId, &'a Actor)>,
    /// From where.
    address: Option<IpAddr>,
}

/// Somebody who has just proved to be the owner of an account.
fn themselves(row: &AdminRow, address: Option<IpAddr>) -> Who {
    let actor = Actor::Person {
        id: row.id,
        name: row.name.clone(),
        by_token: None,
    };
    Who::checked(actor, address)
}

/// Whether anybody could have a name. What nobody can have is not looked for: Postgres refuses a NUL.
fn can_be_a_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(char::is_control)
}

fn about(row: &AdminRow, action: &'static str) -> Change {
    Change {
        action,
        kind: "person",
        id: row.id.to_string(),
        before: None,
        after: Some(json!({ "name": row.name })),
    }
}

fn checked_name(name: &str, errors: &mut Vec<FieldError>) -> Option<String> {
    let checked = label("name", Some(name), NAME_MAX, errors);
    if checked.is_none() && !errors.iter().any(|error| error.field == "name") {
        errors.push(FieldError::new(
            "name",
            "required",
            "write the name to sign in with",
        ));
    }
    checked
}
