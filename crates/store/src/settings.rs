//! Settings that are made in the console: small JSON values by name.

use jiff::Timestamp;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, sea_query::OnConflict};
use serde_json::Value;

use crate::{
    AuditEntry, Store, StoreError, audit, entities::setting, error::database, time::to_us,
};

/// Small JSON values by name.
#[derive(Debug)]
pub struct Settings<'a>(&'a Store);

impl Store {
    /// Small JSON values by name.
    #[must_use]
    pub fn settings(&self) -> Settings<'_> {
        Settings(self)
    }
}

impl Settings<'_> {
    /// One setting. `None`: it was never set.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get(&self, key: &str) -> Result<Option<Value>, StoreError> {
        let row = setting::Entity::find_by_id(key.to_owned())
            .one(self.0.readers())
            .await
            .map_err(database)?;
        row.map(|row| serde_json::from_str(&row.value))
            .transpose()
            .map_err(|error| StoreError::unreadable("settings", error))
    }

    /// Sets a setting, and adds the audit's row of it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set(
        &self,
        key: &str,
        value: &Value,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        let transaction = self.0.begin().await?;
        put(&transaction, key, value, Timestamp::now()).await?;
        audit::insert(&transaction, entry).await?;
        transaction.commit().await.map_err(database)
    }
}

/// Writes a setting, whether it is there or not.
pub(crate) async fn put(
    connection: &impl ConnectionTrait,
    key: &str,
    value: &Value,
    at: Timestamp,
) -> Result<(), StoreError> {
    let row = setting::ActiveModel {
        key: Set(key.to_owned()),
        value: Set(value.to_string()),
        updated_at_us: Set(to_us(at)),
    };
    setting::Entity::insert(row)
        .on_conflict(
            OnConflict::column(setting::Column::Key)
                .update_columns([setting::Column::Value, setting::Column::UpdatedAtUs])
                .to_owned(),
        )
        .exec_without_returning(connection)
        .await
        .map_err(database)?;
    Ok(())
}
