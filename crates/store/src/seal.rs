//! Which master key a database belongs to, and changing it.

use jiff::Timestamp;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use crate::{
    AuditEntry, MasterKey, MasterKeyError, Store, StoreError, audit,
    entities::{master_key, secret},
    error::database,
    time::to_us,
};

/// What the known text is sealed as: no secret can have this name.
const KNOWN_NAME: &str = "weir: known text";
const KNOWN_TEXT: &[u8] = b"weir";

/// Proves that the store's key is the one that the database was made with; on a new database, notes it.
pub(crate) async fn check_master_key(store: &Store) -> Result<(), StoreError> {
    let key = store.master_key().load_full();
    let known = master_key::Entity::find()
        .one(store.writer())
        .await
        .map_err(database)?;
    match known {
        Some(row) => prove(&key, &row),
        None => {
            master_key::Entity::insert(known_text(&key)?)
                .exec_without_returning(store.writer())
                .await
                .map_err(database)?;
            Ok(())
        }
    }
}

fn prove(key: &MasterKey, row: &master_key::Model) -> Result<(), StoreError> {
    let opened = key.open(KNOWN_NAME, &row.sealed);
    if opened.is_some_and(|text| text.as_slice() == KNOWN_TEXT) {
        Ok(())
    } else {
        Err(MasterKeyError::Wrong {
            expected: row.key_id.clone(),
            given: key.id().to_owned(),
        }
        .into())
    }
}

fn known_text(key: &MasterKey) -> Result<master_key::ActiveModel, StoreError> {
    let sealed = key
        .seal(KNOWN_NAME, KNOWN_TEXT)
        .ok_or(MasterKeyError::NoRandom)?;
    Ok(master_key::ActiveModel {
        key_id: Set(key.id().to_owned()),
        sealed: Set(sealed),
        created_at_us: Set(to_us(Timestamp::now())),
    })
}

impl Store {
    /// Encrypts the value of every secret anew, all or none, and adds the audit's row of it. The store goes
    /// on with the new key. Keep the new key on the disk before, and the old one until this has returned.
    ///
    /// # Errors
    /// [`StoreError::MasterKey`] where `old` is not the key in use; [`StoreError::Sealed`] where a value
    /// cannot be decrypted: then nothing has changed.
    pub async fn rotate_master_key(
        &self,
        old: &MasterKey,
        new: &MasterKey,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        let transaction = self.begin().await?;
        let known = master_key::Entity::find()
            .one(&transaction)
            .await
            .map_err(database)?;
        if let Some(row) = known {
            prove(old, &row)?;
        }
        let rows = secret::Entity::find()
            .all(&transaction)
            .await
            .map_err(database)?;
        for row in rows {
            let value = old
                .open(&row.name, &row.sealed)
                .ok_or_else(|| sealed(&row.name))?;
            let sealed = new
                .seal(&row.name, &value)
                .ok_or(MasterKeyError::NoRandom)?;
            secret::Entity::update_many()
                .set(secret::ActiveModel {
                    key_id: Set(new.id().to_owned()),
                    sealed: Set(sealed),
                    ..Default::default()
                })
                .filter(secret::Column::Name.eq(row.name))
                .exec(&transaction)
                .await
                .map_err(database)?;
        }
        master_key::Entity::delete_many()
            .exec(&transaction)
            .await
            .map_err(database)?;
        master_key::Entity::insert(known_text(new)?)
            .exec_without_returning(&transaction)
            .await
            .map_err(database)?;
        audit::insert(&transaction, entry).await?;
        transaction.commit().await.map_err(database)?;
        self.master_key().store(std::sync::Arc::new(new.clone()));
        Ok(())
    }
}

/// The error for a value that cannot be decrypted.
pub(crate) fn sealed(name: &str) -> StoreError {
    match domain::SecretName::new(name) {
        Ok(name) => StoreError::Sealed { name },
        Err(error) => StoreError::unreadable("secrets", error),
    }
}
