//! Who may sign in to the console.

use std::fmt;

use domain::AdminId;
use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder,
};
use uuid::Uuid;

use crate::{
    AuditEntry, LinkRow, Store, StoreError, audit,
    entities::{admin, link},
    error::{database, taken},
    links,
    time::{from_us, from_us_or_none, to_us},
};

const TABLE: &str = "admins";

/// One person who may sign in.
#[derive(Clone, PartialEq, Eq)]
pub struct AdminRow {
    /// The person's id.
    pub id: AdminId,
    /// The name to sign in with. Compared as it is.
    pub name: String,
    /// The password's hash, with all that is needed to check one. Empty: there is no password yet.
    pub password_hash: String,
    /// When the account was made.
    pub created_at: Timestamp,
    /// Since when the person may not sign in. `None`: the person may.
    pub disabled_at: Option<Timestamp>,
    /// When the person was last let in again. `None`: was never disabled.
    pub enabled_at: Option<Timestamp>,
    /// When the person last signed in. `None`: never, as far as was written down.
    pub last_signed_in_at: Option<Timestamp>,
}

impl AdminRow {
    /// An account that was just made.
    #[must_use]
    pub const fn new(
        id: AdminId,
        name: String,
        password_hash: String,
        created_at: Timestamp,
    ) -> Self {
        Self {
            id,
            name,
            password_hash,
            created_at,
            disabled_at: None,
            enabled_at: None,
            last_signed_in_at: None,
        }
    }
}

impl fmt::Debug for AdminRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AdminRow")
            .field("id", &self.id)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// People who may sign in.
#[derive(Debug)]
pub struct Admins<'a>(&'a Store);

impl Store {
    /// People who may sign in.
    #[must_use]
    pub fn admins(&self) -> Admins<'_> {
        Admins(self)
    }
}

impl Admins<'_> {
    /// How many there are.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn count(&self) -> Result<u64, StoreError> {
        admin::Entity::find()
            .count(self.0.readers())
            .await
            .map_err(database)
    }

    /// Everybody, by name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list(&self) -> Result<Vec<AdminRow>, StoreError> {
        admin::Entity::find()
            .order_by_asc(admin::Column::Name)
            .all(self.0.readers())
            .await
            .map_err(database)?
            .into_iter()
            .map(read)
            .collect()
    }

    /// The person who signs in with a name. `None`: nobody does.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn by_name(&self, name: &str) -> Result<Option<AdminRow>, StoreError> {
        admin::Entity::find()
            .filter(admin::Column::Name.eq(name))
            .one(self.0.readers())
            .await
            .map_err(database)?
            .map(read)
            .transpose()
    }

    /// The people with these ids, as far as there are any.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn by_ids(
        &self,
        ids: impl IntoIterator<Item = AdminId>,
    ) -> Result<Vec<AdminRow>, StoreError> {
        let ids: Vec<Uuid> = ids.into_iter().map(|id| id.0).collect();
        if ids.is_empty() {
            return Ok(vec![]);
        }
        admin::Entity::find()
            .filter(admin::Column::Id.is_in(ids))
            .all(self.0.readers())
            .await
            .map_err(database)?
            .into_iter()
            .map(read)
            .collect()
    }

    /// The person with an id. `None`: there is none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn by_id(&self, id: AdminId) -> Result<Option<AdminRow>, StoreError> {
        admin::Entity::find_by_id(id.0)
            .one(self.0.readers())
            .await
            .map_err(database)?
            .map(read)
            .transpose()
    }

    /// Adds a person and the link with which they set their password, and the audit's rows of both.
    ///
    /// # Errors
    /// [`StoreError::Taken`] where another has the name.
    pub async fn insert(
        &self,
        new: &AdminRow,
        entry: &AuditEntry,
        link: &LinkRow<'_>,
        link_entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        let transaction = self.0.begin().await?;
        admin::Entity::insert(row(new))
            .exec_without_returning(&transaction)
            .await
            .map_err(taken("admin name"))?;
        audit::insert(&transaction, entry).await?;
        links::insert(&transaction, link, link_entry).await?;
        transaction.commit().await.map_err(database)
    }

    /// Gives somebody another password in place of the one that they had when they were read, and adds the
    /// audit's row of it. `false`: by now they have yet another one or are disabled, and nothing was written.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn change_password(
        &self,
        person: &AdminRow,
        password_hash: &str,
        entry: &AuditEntry,
    ) -> Result<bool, StoreError> {
        let transaction = self.0.begin().await?;
        let updated = admin::Entity::update_many()
            .set(admin::ActiveModel {
                password_hash: Set(password_hash.to_owned()),
                ..Default::default()
            })
            .filter(admin::Column::Id.eq(person.id.0))
            .filter(admin::Column::PasswordHash.eq(person.password_hash.as_str()))
            .filter(admin::Column::DisabledAtUs.is_null())
            .exec(&transaction)
            .await
            .map_err(database)?;
        if updated.rows_affected == 0 {
            return Ok(false);
        }
        audit::insert(&transaction, entry).await?;
        transaction.commit().await.map_err(database)?;
        Ok(true)
    }

    /// Lets somebody in no more, and adds the audit's row of it. The links that were made for them are
    /// forgotten.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn disable(
        &self,
        id: AdminId,
        at: Timestamp,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        let transaction = self.0.begin().await?;
        let disabled = admin::ActiveModel {
            disabled_at_us: Set(Some(to_us(at))),
            ..Default::default()
        };
        update(&transaction, id, disabled).await?;
        link::Entity::delete_many()
            .filter(link::Column::Person.eq(id.0))
            .exec(&transaction)
            .await
            .map_err(database)?;
        audit::insert(&transaction, entry).await?;
        transaction.commit().await.map_err(database)
    }

    /// Lets somebody in again, and adds the audit's row of it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn enable(
        &self,
        id: AdminId,
        at: Timestamp,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        let transaction = self.0.begin().await?;
        let enabled = admin::ActiveModel {
            disabled_at_us: Set(None),
            enabled_at_us: Set(Some(to_us(at))),
            ..Default::default()
        };
        update(&transaction, id, enabled).await?;
        audit::insert(&transaction, entry).await?;
        transaction.commit().await.map_err(database)
    }

    /// Notes that somebody has signed in, and adds the audit's row of it. `false`: they are disabled by
    /// now, and nothing was written.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn signed_in(
        &self,
        id: AdminId,
        at: Timestamp,
        entry: &AuditEntry,
    ) -> Result<bool, StoreError> {
        let transaction = self.0.begin().await?;
        let updated = admin::Entity::update_many()
            .set(admin::ActiveModel {
                last_signed_in_at_us: Set(Some(to_us(at))),
                ..Default::default()
            })
            .filter(admin::Column::Id.eq(id.0))
            .filter(admin::Column::DisabledAtUs.is_null())
            .exec(&transaction)
            .await
            .map_err(database)?;
        if updated.rows_affected == 0 {
            return Ok(false);
        }
        audit::insert(&transaction, entry).await?;
        transaction.commit().await.map_err(database)?;
        Ok(true)
    }
}

async fn update(
    connection: &impl ConnectionTrait,
    id: AdminId,
    change: admin::ActiveModel,
) -> Result<(), StoreError> {
    let updated = admin::Entity::update_many()
        .set(change)
        .filter(admin::Column::Id.eq(id.0))
        .exec(connection)
        .await
        .map_err(database)?;
    if updated.rows_affected == 0 {
        return Err(StoreError::NotFound { what: "admin" });
    }
    Ok(())
}

/// A person as the database keeps them.
pub(crate) fn row(of: &AdminRow) -> admin::ActiveModel {
    admin::ActiveModel {
        id: Set(of.id.0),
        name: Set(of.name.clone()),
        password_hash: Set(of.password_hash.clone()),
        created_at_us: Set(to_us(of.created_at)),
        disabled_at_us: Set(of.disabled_at.map(to_us)),
        enabled_at_us: Set(of.enabled_at.map(to_us)),
        last_signed_in_at_us: Set(of.last_signed_in_at.map(to_us)),
    }
}

fn read(row: admin::Model) -> Result<AdminRow, StoreError> {
    Ok(AdminRow {
        id: AdminId(row.id),
        name: row.name,
        password_hash: row.password_hash,
        created_at: from_us(TABLE, row.created_at_us)?,
        disabled_at: from_us_or_none(TABLE, row.disabled_at_us)?,
        enabled_at: from_us_or_none(TABLE, row.enabled_at_us)?,
        last_signed_in_at: from_us_or_none(TABLE, row.last_signed_in_at_us)?,
    })
}
