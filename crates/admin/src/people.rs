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
    audit::{Change, Refusal},
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
        let row = self.prove("sign_in", name, password, address).await?;
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
            }))
    }

    /// Changes one's own password. Every session that holds an older stamp ends; put the new one into the
    /// session that asked.
    ///
    /// # Errors
    /// [`AdminError::Invalid`] where a password is wrong; [`AdminError::TooManySignIns`].
    pub async fn change_password(
        &self,
        who: &Who,
        current: SecretString,
        new: SecretString,
    ) -> Result<SignedIn, AdminError> {
        let Actor::Person { name, .. } = &who.actor else {
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
        let proved = self.prove("change_password", name, current, who.address);
        let mut row = match proved.await {
            Err(AdminError::SignInFailed) => {
                return Err(AdminError::field(
                    "current_password",
                    "wrong_password",
                    "this is not your password",
                ));
            }
            other => other?,
        };
        let hash = self.admin.passwords().hash(new).await?;
        let admin = self.admin.clone();
        let who = who.clone();
        self.admin
            .whole(async move {
                let entry = admin.entry(&who, about(&row, "change_password"));
                let admins = admin.store().admins();
                admins.set_password(row.id, &hash, &entry).await?;
                row.password_hash = hash;
                Ok(SignedIn::of(&row))
            })
            .await
    }

    /// The account that name and password belong to, slowed where there were failures. Somebody who is
    /// disabled fails as with a wrong password, after as long. What is refused is audited as an attempt at
    /// `action`.
    async fn prove(
        &self,
        action: &'static str,
        name: &str,
        password: SecretString,
        address: Option<IpAddr>,
    ) -> Result<AdminRow, AdminError> {
        let slowing = self.admin.slowing();
        let refused = |reason, account| {
            self.admin.refused(Refusal {
                action,
                reason,
                account,
                address,
            })
        };
        let attempt = match slowing.begin(name, address) {
            Ok(attempt) => attempt,
            Err(retry_after) => {
                tracing::warn!(
                    client.address = address.map(tracing::field::display),
                    "Refused a sign-in: too many have failed from this address"
                );
                refused("too_many_attempts", None).await;
                return Err(AdminError::TooManySignIns { retry_after });
            }
        };
        tokio::time::sleep(attempt.wait).await;
        let row = self.admin.store().admins().by_name(name).await?;
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
                    Some(row) => refused("wrong_password", Some(row.id)).await,
                    None => refused("no_such_account", None).await,
                }
                Err(AdminError::SignInFailed)
            }
        }
    }
}

/// Somebody who has just proved to be the owner of an account.
fn themselves(row: &AdminRow, address: Option<IpAddr>) -> Who {
    let (id, name) = (row.id, row.name.clone());
    Who::checked(Actor::Person { id, name }, address)
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
