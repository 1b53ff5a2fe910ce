//! Who may sign in to the console, and the one-time links that let somebody in without a password.

use std::fmt;

use domain::AdminId;
use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, sea_query::OnConflict,
};

use crate::{
    AuditEntry, Store, StoreError, audit,
    entities::{admin, link},
    error::{database, taken},
    time::{from_us, to_us},
};

/// One person who may sign in.
#[derive(Clone, PartialEq, Eq)]
pub struct AdminRow {
    /// The person's id.
    pub id: AdminId,
    /// The name to sign in with. Compared as it is.
    pub name: String,
    /// The password's hash, with all that is needed to check one.
    pub password_hash: String,
    /// When the account was made.
    pub created_at: Timestamp,
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

/// One-time links.
#[derive(Debug)]
pub struct Links<'a>(&'a Store);

impl Store {
    /// People who may sign in.
    #[must_use]
    pub fn admins(&self) -> Admins<'_> {
        Admins(self)
    }

    /// One-time links.
    #[must_use]
    pub fn links(&self) -> Links<'_> {
        Links(self)
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

    /// Gives somebody another password, and adds the audit's row of it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn set_password(
        &self,
        id: AdminId,
        password_hash: &str,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        let transaction = self.0.begin().await?;
        let updated = admin::Entity::update_many()
            .set(admin::ActiveModel {
                password_hash: Set(password_hash.to_owned()),
                ..Default::default()
            })
            .filter(admin::Column::Id.eq(id.0))
            .exec(&transaction)
            .await
            .map_err(database)?;
        if updated.rows_affected == 0 {
            return Err(StoreError::NotFound { what: "admin" });
        }
        audit::insert(&transaction, entry).await?;
        transaction.commit().await.map_err(database)
    }
}

impl Links<'_> {
    /// Keeps the hash of a new link's secret part, adds the audit's row of it, and forgets the links that
    /// have expired by now.
    ///
    /// # Errors
    /// [`StoreError::Taken`] where it is there already.
    pub async fn insert(
        &self,
        hash: [u8; 32],
        expires_at: Timestamp,
        purpose: &str,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        let now = to_us(Timestamp::now());
        let row = link::ActiveModel {
            hash: Set(hash.to_vec()),
            purpose: Set(purpose.to_owned()),
            created_at_us: Set(now),
            expires_at_us: Set(to_us(expires_at)),
        };
        let transaction = self.0.begin().await?;
        link::Entity::delete_many()
            .filter(link::Column::ExpiresAtUs.lte(now))
            .exec(&transaction)
            .await
            .map_err(database)?;
        link::Entity::insert(row)
            .exec_without_returning(&transaction)
            .await
            .map_err(taken("link"))?;
        audit::insert(&transaction, entry).await?;
        transaction.commit().await.map_err(database)
    }

    /// Whether a link could be used at this time. It can be used afterwards, too.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn is_good(&self, hash: [u8; 32], now: Timestamp) -> Result<bool, StoreError> {
        let row = link::Entity::find_by_id(hash.to_vec())
            .one(self.0.readers())
            .await
            .map_err(database)?;
        Ok(row.is_some_and(|row| row.expires_at_us > to_us(now)))
    }

    /// Uses a link up: makes this account or, where there is one of its id, gives that the password, and
    /// adds the audit's row of it. Every other link is forgotten with it, since any of them would let
    /// somebody into the same account. `false`: it is unknown, used or expired, and nothing has changed.
    ///
    /// # Errors
    /// [`StoreError::Taken`] where another account has the name; the link stays good.
    pub async fn redeem(
        &self,
        hash: [u8; 32],
        now: Timestamp,
        account: &AdminRow,
        entry: &AuditEntry,
    ) -> Result<bool, StoreError> {
        let transaction = self.0.begin().await?;
        let used = link::Entity::delete_many()
            .filter(link::Column::Hash.eq(hash.to_vec()))
            .filter(link::Column::ExpiresAtUs.gt(to_us(now)))
            .exec(&transaction)
            .await
            .map_err(database)?;
        if used.rows_affected == 0 {
            return Ok(false);
        }
        link::Entity::delete_many()
            .exec(&transaction)
            .await
            .map_err(database)?;
        let row = admin::ActiveModel {
            id: Set(account.id.0),
            name: Set(account.name.clone()),
            password_hash: Set(account.password_hash.clone()),
            created_at_us: Set(to_us(account.created_at)),
        };
        admin::Entity::insert(row)
            .on_conflict(
                OnConflict::column(admin::Column::Id)
                    .update_column(admin::Column::PasswordHash)
                    .to_owned(),
            )
            .exec_without_returning(&transaction)
            .await
            .map_err(taken("admin name"))?;
        audit::insert(&transaction, entry).await?;
        transaction.commit().await.map_err(database)?;
        Ok(true)
    }
}

fn read(row: admin::Model) -> Result<AdminRow, StoreError> {
    Ok(AdminRow {
        id: AdminId(row.id),
        name: row.name,
        password_hash: row.password_hash,
        created_at: from_us("admins", row.created_at_us)?,
    })
}
