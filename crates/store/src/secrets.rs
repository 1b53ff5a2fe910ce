//! Secrets: upstream credentials, encrypted. A value goes in and comes out as [`SecretString`] only.

use std::collections::HashMap;

use domain::{ProviderId, SecretName, secret::SecretInfo};
use jiff::Timestamp;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, QueryOrder, sea_query::OnConflict};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    AuditEntry, MasterKeyError, Store, StoreError, audit,
    entities::{master_key, secret},
    error::{database, taken},
    providers, seal,
    time::{from_us, from_us_or_none, to_us},
};

const TABLE: &str = "secrets";

/// Named upstream credentials.
#[derive(Debug)]
pub struct Secrets<'a>(&'a Store);

impl Store {
    /// Named upstream credentials.
    #[must_use]
    pub fn secrets(&self) -> Secrets<'_> {
        Secrets(self)
    }
}

impl Secrets<'_> {
    /// Every secret by name, without its value.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list(&self) -> Result<Vec<SecretInfo>, StoreError> {
        let rows = secret::Entity::find()
            .order_by_asc(secret::Column::Name)
            .all(self.0.readers())
            .await
            .map_err(database)?;
        let mut users = users(self.0.readers()).await?;
        rows.into_iter()
            .map(|row| {
                let name = SecretName::new(row.name)
                    .map_err(|error| StoreError::unreadable(TABLE, error))?;
                Ok(SecretInfo {
                    used_by: users.remove(&name).unwrap_or_default(),
                    name,
                    created_at: from_us(TABLE, row.created_at_us)?,
                    updated_at: from_us(TABLE, row.updated_at_us)?,
                    last_used_at: from_us_or_none(TABLE, row.last_used_at_us)?,
                })
            })
            .collect()
    }

    /// Sets the value of a secret, which is made where there is none of this name, and adds the audit's row
    /// of it.
    ///
    /// # Errors
    /// [`StoreError::EmptySecret`]; [`StoreError::MasterKey`] where another program has changed the key.
    pub async fn put(
        &self,
        name: &SecretName,
        value: SecretString,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        let transaction = self.0.begin().await?;
        put(self.0, &transaction, name, &value, entry).await?;
        transaction.commit().await.map_err(database)
    }

    /// The value of a secret, for the data plane. `None`: there is none of this name.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] where it cannot be decrypted.
    pub async fn value(&self, name: &SecretName) -> Result<Option<SecretString>, StoreError> {
        let row = secret::Entity::find_by_id(name.to_string())
            .one(self.0.readers())
            .await
            .map_err(database)?;
        let Some(row) = row else { return Ok(None) };
        let value = self
            .0
            .master_key()
            .load()
            .open(&row.name, &row.sealed)
            .ok_or_else(|| seal::sealed(&row.name))?;
        let text = std::str::from_utf8(&value).map_err(|_| seal::sealed(&row.name))?;
        Ok(Some(SecretString::from(text)))
    }

    /// Deletes a secret, and adds the audit's row of it. `false`: there was none.
    ///
    /// # Errors
    /// [`StoreError::InUse`] while providers refer to it.
    pub async fn delete(&self, name: &SecretName, entry: &AuditEntry) -> Result<bool, StoreError> {
        let transaction = self.0.begin().await?;
        if let Some(by) = users(&transaction).await?.remove(name) {
            return Err(StoreError::InUse { by });
        }
        let deleted = secret::Entity::delete_by_id(name.to_string())
            .exec(&transaction)
            .await
            .map_err(database)?;
        if deleted.rows_affected == 0 {
            return Ok(false);
        }
        audit::insert(&transaction, entry).await?;
        transaction.commit().await.map_err(database)?;
        Ok(true)
    }
}

/// Sets the value of a secret within a transaction, and adds the audit's row of it.
async fn put(
    store: &Store,
    transaction: &impl ConnectionTrait,
    name: &SecretName,
    value: &SecretString,
    entry: &AuditEntry,
) -> Result<(), StoreError> {
    let row = sealed(store, transaction, name, value).await?;
    secret::Entity::insert(row)
        .on_conflict(
            OnConflict::column(secret::Column::Name)
                .update_columns([
                    secret::Column::KeyId,
                    secret::Column::Sealed,
                    secret::Column::UpdatedAtUs,
                ])
                .to_owned(),
        )
        .exec_without_returning(transaction)
        .await
        .map_err(database)?;
    audit::insert(transaction, entry).await
}

/// Makes a secret within a transaction, and adds the audit's row of it. The value of one that is there is never
/// touched.
///
/// # Errors
/// [`StoreError::Taken`] where there is one of this name.
pub(crate) async fn insert(
    store: &Store,
    transaction: &impl ConnectionTrait,
    new: &NewSecret,
) -> Result<(), StoreError> {
    let row = sealed(store, transaction, &new.name, &new.value).await?;
    secret::Entity::insert(row)
        .exec_without_returning(transaction)
        .await
        .map_err(taken(NewSecret::WHAT))?;
    audit::insert(transaction, &new.entry).await
}

/// The row of a new secret, encrypted under the key that the database is under.
async fn sealed(
    store: &Store,
    transaction: &impl ConnectionTrait,
    name: &SecretName,
    value: &SecretString,
) -> Result<secret::ActiveModel, StoreError> {
    if value.expose_secret().is_empty() {
        return Err(StoreError::EmptySecret);
    }
    let key = store.master_key().load_full();
    let in_use = master_key::Entity::find()
        .one(transaction)
        .await
        .map_err(database)?;
    if let Some(in_use) = in_use.filter(|row| row.key_id != key.id()) {
        return Err(MasterKeyError::Wrong {
            expected: in_use.key_id,
            given: key.id().to_owned(),
        }
        .into());
    }
    let sealed = key
        .seal(name.as_str(), value.expose_secret().as_bytes())
        .ok_or(MasterKeyError::NoRandom)?;
    let now = to_us(Timestamp::now());
    Ok(secret::ActiveModel {
        name: Set(name.to_string()),
        key_id: Set(key.id().to_owned()),
        sealed: Set(sealed),
        created_at_us: Set(now),
        updated_at_us: Set(now),
        last_used_at_us: Set(None),
    })
}

/// A secret that is made together with something else.
#[derive(Debug)]
pub struct NewSecret {
    /// Its name, which no other has.
    pub name: SecretName,
    /// Its value.
    pub value: SecretString,
    /// The audit's row of it.
    pub entry: AuditEntry,
}

impl NewSecret {
    /// What [`StoreError::Taken`] says is taken where another has its name.
    pub const WHAT: &'static str = "secret name";
}

/// The providers that refer to each secret.
async fn users(
    connection: &impl ConnectionTrait,
) -> Result<HashMap<SecretName, Vec<ProviderId>>, StoreError> {
    let mut users: HashMap<SecretName, Vec<ProviderId>> = HashMap::new();
    for provider in providers::list(connection).await? {
        for name in provider.secrets() {
            let by = users.entry(name.clone()).or_default();
            if by.last() != Some(&provider.id) {
                by.push(provider.id.clone());
            }
        }
    }
    Ok(users)
}
