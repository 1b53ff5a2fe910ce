//! The one-time links that let somebody in without a password: for one person, or for whoever is named
//! when the link is used.

use domain::AdminId;
use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::OnConflict,
};

use crate::{
    AdminRow, AuditEntry, Store, StoreError, audit,
    entities::{admin, link},
    error::{database, taken},
    people,
    time::{from_us, to_us},
};

/// One-time links.
#[derive(Debug)]
pub struct Links<'a>(&'a Store);

/// A link that could be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GoodLink {
    /// For whom it is. `None`: for whoever is named when it is used.
    pub person: Option<AdminId>,
}

/// A new link.
#[derive(Debug, Clone, Copy)]
pub struct LinkRow<'a> {
    /// The hash of its secret part.
    pub hash: [u8; 32],
    /// What it is for.
    pub purpose: &'a str,
    /// For whom it is. `None`: for whoever is named when it is used.
    pub person: Option<AdminId>,
    /// When it is made.
    pub created_at: Timestamp,
    /// From when on it is good no more.
    pub expires_at: Timestamp,
}

impl Store {
    /// One-time links.
    #[must_use]
    pub fn links(&self) -> Links<'_> {
        Links(self)
    }
}

impl Links<'_> {
    /// Keeps a new link, adds the audit's row of it, and forgets the links that have expired when it is
    /// made. A link for a person takes the place of the one that they had.
    ///
    /// # Errors
    /// [`StoreError::Taken`] where it is there already.
    pub async fn insert(&self, new: &LinkRow<'_>, entry: &AuditEntry) -> Result<(), StoreError> {
        let transaction = self.0.begin().await?;
        insert(&transaction, new, entry).await?;
        transaction.commit().await.map_err(database)
    }

    /// A link that could be used at this time, and afterwards, too. `None`: it is unknown, used or expired.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn good(
        &self,
        hash: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<GoodLink>, StoreError> {
        let row = link::Entity::find_by_id(hash.to_vec())
            .one(self.0.readers())
            .await
            .map_err(database)?;
        Ok(row
            .filter(|row| row.expires_at_us > to_us(now))
            .map(|row| GoodLink {
                person: row.person.map(AdminId),
            }))
    }

    /// Who has a link that could be used at this time, and until when.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of_people(&self, now: Timestamp) -> Result<Vec<(AdminId, Timestamp)>, StoreError> {
        link::Entity::find()
            .filter(link::Column::ExpiresAtUs.gt(to_us(now)))
            .all(self.0.readers())
            .await
            .map_err(database)?
            .into_iter()
            .filter_map(|row| Some((AdminId(row.person?), row.expires_at_us)))
            .map(|(person, us)| Ok((person, from_us("one_time_links", us)?)))
            .collect()
    }

    /// Uses a link up: makes this account or, where there is one of its id, gives that the password and
    /// notes that its owner has signed in; adds the audit's row of it. Every other link that would let
    /// somebody into the same account is forgotten with it. `false`: it is unknown, used, expired or for
    /// somebody else, and nothing has changed.
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
        let of_account = Condition::any()
            .add(link::Column::Person.is_null())
            .add(link::Column::Person.eq(account.id.0));
        let transaction = self.0.begin().await?;
        let used = link::Entity::delete_many()
            .filter(link::Column::Hash.eq(hash.to_vec()))
            .filter(link::Column::ExpiresAtUs.gt(to_us(now)))
            .filter(of_account.clone())
            .exec(&transaction)
            .await
            .map_err(database)?;
        if used.rows_affected == 0 {
            return Ok(false);
        }
        link::Entity::delete_many()
            .filter(of_account)
            .exec(&transaction)
            .await
            .map_err(database)?;
        admin::Entity::insert(people::row(account))
            .on_conflict(
                OnConflict::column(admin::Column::Id)
                    .update_columns([admin::Column::PasswordHash, admin::Column::LastSignedInAtUs])
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

/// Keeps a new link within a transaction.
pub(crate) async fn insert(
    connection: &impl ConnectionTrait,
    new: &LinkRow<'_>,
    entry: &AuditEntry,
) -> Result<(), StoreError> {
    let row = link::ActiveModel {
        hash: Set(new.hash.to_vec()),
        purpose: Set(new.purpose.to_owned()),
        created_at_us: Set(to_us(new.created_at)),
        expires_at_us: Set(to_us(new.expires_at)),
        person: Set(new.person.map(|person| person.0)),
    };
    let mut over = Condition::any().add(link::Column::ExpiresAtUs.lte(to_us(new.created_at)));
    if let Some(person) = new.person {
        over = over.add(link::Column::Person.eq(person.0));
    }
    link::Entity::delete_many()
        .filter(over)
        .exec(connection)
        .await
        .map_err(database)?;
    link::Entity::insert(row)
        .exec_without_returning(connection)
        .await
        .map_err(taken("link"))?;
    audit::insert(connection, entry).await
}
