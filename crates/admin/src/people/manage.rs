//! Who there is: adding people, letting them in no more, and letting them in again.
//!
//! Nobody is ever deleted, since history names people. Nobody can disable themselves, nor the last one who
//! can sign in.

use std::collections::HashMap;

use domain::{AdminId, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};
use store::AdminRow;
use uuid::Uuid;

use super::{NewLink, People, checked_name};
use crate::{
    audit::Change,
    error::AdminError,
    fields::{Object, all_right},
    page::{Page, PageRequest, page_of},
    who::Who,
};

/// A person, as people see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = Person)]
pub struct PersonView {
    /// The person's id.
    #[schema(value_type = String, format = "uuid")]
    pub id: AdminId,
    /// The name that they sign in with.
    pub name: String,
    /// Whether they may sign in and use their API tokens.
    pub enabled: bool,
    /// Whether they have set a password. Where not, a one-time link lets them.
    pub has_password: bool,
    /// When they were added.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When they last signed in. Null: never, as far as is known.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_signed_in_at: Option<Timestamp>,
    /// Until when a one-time link of theirs is good. Null: they have none.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub link_expires_at: Option<Timestamp>,
    /// How many API tokens of their own they have that have not expired.
    pub api_tokens: u64,
}

/// A change of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, utoipa::ToSchema)]
pub struct PersonPatch {
    /// Whether they may sign in and use their API tokens. Switched off, their sessions end at once. Null or
    /// left out: stays as it is.
    pub enabled: Option<bool>,
}

impl PersonPatch {
    /// Reads the JSON of a change.
    ///
    /// # Errors
    /// [`AdminError::Invalid`] with every field that is wrong.
    pub fn read(json: Value) -> Result<Self, AdminError> {
        let mut object = Object::new("", json);
        let enabled = object.flag("enabled");
        all_right(object.end())?;
        Ok(Self { enabled })
    }
}

/// Reads the JSON of a new person: a name.
///
/// # Errors
/// [`AdminError::Invalid`] with every field that is wrong. What the name must be is checked later.
pub fn read_name(json: Value) -> Result<String, AdminError> {
    let mut object = Object::new("", json);
    let name = object.text("name");
    all_right(object.end())?;
    Ok(name.unwrap_or_default())
}

impl People {
    /// One page of the people, by name.
    ///
    /// # Errors
    /// [`AdminError::Internal`].
    pub async fn list(
        &self,
        who: &Who,
        page: &PageRequest,
    ) -> Result<Page<PersonView>, AdminError> {
        page_of(
            self.all(who).await?,
            page,
            |person| person.name.clone(),
            |_| true,
        )
    }

    /// Everybody, by name.
    ///
    /// # Errors
    /// [`AdminError::Internal`].
    pub async fn all(&self, _who: &Who) -> Result<Vec<PersonView>, AdminError> {
        let (store, now) = (self.admin.store(), self.admin.now());
        let links: HashMap<AdminId, Timestamp> =
            store.links().of_people(now).await?.into_iter().collect();
        let tokens = self.admin.live().api_tokens_of_people(now);
        let rows = store.admins().list().await?;
        let mut people: Vec<PersonView> = rows
            .into_iter()
            .map(|row| PersonView {
                id: row.id,
                enabled: row.disabled_at.is_none(),
                has_password: !row.password_hash.is_empty(),
                created_at: row.created_at,
                last_signed_in_at: row.last_signed_in_at,
                link_expires_at: links.get(&row.id).copied(),
                api_tokens: tokens.get(&row.id).copied().unwrap_or(0),
                name: row.name,
            })
            .collect();
        people.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(people)
    }

    /// Adds a person without a password, and makes the one-time link with which they set it.
    ///
    /// # Errors
    /// [`AdminError::Invalid`]; [`AdminError::Conflict`] where somebody has the name, in whatever capitals.
    pub async fn add(&self, who: &Who, name: &str) -> Result<NewLink, AdminError> {
        let mut errors = vec![];
        let name = checked_name(name, &mut errors);
        all_right(errors)?;
        let name = name.ok_or(AdminError::Internal)?;
        let this = self.clone();
        let who = who.clone();
        self.admin
            .whole(async move {
                let admins = this.admin.store().admins();
                let same = |other: &AdminRow| other.name.to_lowercase() == name.to_lowercase();
                if admins.list().await?.iter().any(same) {
                    return Err(AdminError::Conflict {
                        code: "name_taken",
                        field: "name",
                        message: "somebody has this name already; choose another".to_owned(),
                    });
                }
                let id = AdminId(Uuid::now_v7());
                let row = AdminRow::new(id, name, String::new(), this.admin.now());
                let entry = this.admin.entry(
                    &who,
                    Change {
                        action: "create",
                        kind: "person",
                        id: row.id.to_string(),
                        before: None,
                        after: Some(standing(&row, true)),
                    },
                );
                let link = this.link_for(&who, &row)?;
                admins.insert(&row, &entry, &link.row, &link.entry).await?;
                Ok(link.new)
            })
            .await
    }

    /// Lets somebody in no more, or again. Disabled, their sessions end at once and their API tokens are
    /// refused; enabled again, they sign in anew, and the API tokens work again.
    ///
    /// # Errors
    /// As of [`People::update`].
    pub async fn set_enabled(
        &self,
        who: &Who,
        id: &str,
        enabled: bool,
    ) -> Result<PersonView, AdminError> {
        let enabled = Some(enabled);
        self.update(who, id, PersonPatch { enabled }).await
    }

    /// Changes a person. What the change does not name stays.
    ///
    /// # Errors
    /// [`AdminError::NotFound`]; [`AdminError::Refused`] for oneself and for the last who can sign in;
    /// [`AdminError::SignInFailed`] where whoever asks is disabled by now.
    pub async fn update(
        &self,
        who: &Who,
        id: &str,
        patch: PersonPatch,
    ) -> Result<PersonView, AdminError> {
        let this = self.clone();
        let (who, id) = (who.clone(), id.to_owned());
        self.admin
            .whole(async move {
                let row = this.find(&id).await?;
                let is_enabled = row.disabled_at.is_none();
                if let Some(enabled) = patch.enabled.filter(|enabled| *enabled != is_enabled) {
                    if !enabled {
                        this.may_disable(&who, &row).await?;
                    }
                    this.switch(&who, &row, enabled).await?;
                }
                let mut all = this.all(&who).await?.into_iter();
                all.find(|person| person.id == row.id)
                    .ok_or(AdminError::Internal)
            })
            .await
    }

    async fn switch(&self, who: &Who, row: &AdminRow, enabled: bool) -> Result<(), AdminError> {
        let admin = &self.admin;
        let entry = admin.entry(
            who,
            Change {
                action: if enabled { "enable" } else { "disable" },
                kind: "person",
                id: row.id.to_string(),
                before: Some(standing(row, !enabled)),
                after: Some(standing(row, enabled)),
            },
        );
        let admins = admin.store().admins();
        if enabled {
            admins.enable(row.id, admin.now(), &entry).await?;
        } else {
            admins.disable(row.id, admin.now(), &entry).await?;
        }
        admin.live().set_enabled(row.id, enabled);
        Ok(())
    }

    async fn may_disable(&self, who: &Who, row: &AdminRow) -> Result<(), AdminError> {
        if who.is(row.id) {
            return Err(AdminError::Refused {
                code: "yourself",
                message: "You cannot disable yourself. Ask another admin to do it.".to_owned(),
            });
        }
        let others = self.admin.store().admins().list().await?;
        let is_out = |other: &AdminRow| who.is(other.id) && other.disabled_at.is_some();
        if others.iter().any(is_out) {
            // Of two who disable each other at once, the first does.
            return Err(AdminError::SignInFailed);
        }
        let can_sign_in = |other: &AdminRow| {
            other.id != row.id && other.disabled_at.is_none() && !other.password_hash.is_empty()
        };
        if others.iter().any(can_sign_in) {
            Ok(())
        } else {
            Err(AdminError::Refused {
                code: "last_admin",
                message: format!(
                    "{} is the last one who can sign in. Add another person, and let them set a password first.",
                    row.name
                ),
            })
        }
    }
}

/// A person as the audit shows them.
fn standing(row: &AdminRow, enabled: bool) -> Value {
    json!({ "name": row.name, "enabled": enabled })
}
