//! Providers, each as one row: what lists need in columns, the rest as JSON.

use std::sync::atomic::Ordering;

use domain::{
    ProviderId,
    provider::{Provider, ProviderModel, Recording, Several, Upstream},
};
use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::{Expr, ExprTrait, OnConflict, Query},
};
use serde::{Deserialize, Serialize};

use crate::{
    AuditEntry, Store, StoreError, audit,
    entities::{deleted_provider, provider},
    error::{database, taken},
    secrets::{self, NewSecret},
    time::{from_us, to_us},
};

const TABLE: &str = "providers";

/// The part of a provider that stands as JSON in its row.
#[derive(Serialize, Deserialize)]
struct Config {
    upstream: Upstream,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    several: Option<Several>,
    other_paths: bool,
    models: Vec<ProviderModel>,
    recording: Recording,
}

/// Configured upstreams.
#[derive(Debug)]
pub struct Providers<'a>(&'a Store);

impl Store {
    /// Configured upstreams.
    #[must_use]
    pub fn providers(&self) -> Providers<'_> {
        Providers(self)
    }
}

impl Providers<'_> {
    /// Every provider, by display name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list(&self) -> Result<Vec<Provider>, StoreError> {
        list(self.0.readers()).await
    }

    /// The ids of those that are deleted, in the order in which that was done.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn deleted(&self) -> Result<Vec<String>, StoreError> {
        let gone = deleted_provider::Entity::find()
            .order_by_asc(deleted_provider::Column::DeletedAtUs)
            .order_by_asc(deleted_provider::Column::Id)
            .all(self.0.readers())
            .await
            .map_err(database)?;
        Ok(gone.into_iter().map(|row| row.id).collect())
    }

    /// One provider. `None`: there is none of this id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get(&self, id: &ProviderId) -> Result<Option<Provider>, StoreError> {
        get(self.0.readers(), id).await
    }

    /// Keeps a new provider, with the version that it has, and adds the audit's row of it.
    ///
    /// # Errors
    /// [`StoreError::Taken`] where another one has the id, or a deleted one with calls had it.
    pub async fn insert(&self, new: &Provider, entry: &AuditEntry) -> Result<(), StoreError> {
        self.insert_with(new, entry, &[]).await
    }

    /// Keeps a new provider and the new secrets that it refers to: all of it or nothing.
    ///
    /// # Errors
    /// As [`Providers::insert`]; also where there is a secret of such a name.
    pub async fn insert_with(
        &self,
        new: &Provider,
        entry: &AuditEntry,
        secrets: &[NewSecret],
    ) -> Result<(), StoreError> {
        let row = provider::ActiveModel {
            id: Set(new.id.to_string()),
            provider_type: Set(new.upstream.provider_type().key().to_owned()),
            display_name: Set(new.display_name.clone()),
            enabled: Set(new.enabled),
            config: Set(config(new)?),
            version: Set(i64::try_from(new.version).unwrap_or(i64::MAX)),
            created_at_us: Set(to_us(new.created_at)),
            updated_at_us: Set(to_us(new.updated_at)),
        };
        let transaction = self.0.begin().await?;
        if is_burnt(&transaction, &new.id).await? {
            return Err(StoreError::Taken {
                what: "provider id",
            });
        }
        provider::Entity::insert(row)
            .exec_without_returning(&transaction)
            .await
            .map_err(taken("provider id"))?;
        deleted_provider::Entity::delete_by_id(new.id.to_string())
            .exec(&transaction)
            .await
            .map_err(database)?;
        for secret in secrets {
            secrets::insert(self.0, &transaction, secret).await?;
        }
        audit::insert(&transaction, entry).await?;
        transaction.commit().await.map_err(database)?;
        self.changed();
        Ok(())
    }

    /// Replaces a provider that is still at `expected_version`; its new version is one higher, whatever
    /// `changed` says. Id, type and the time when it was made stay. Adds the audit's row of it. Returns the
    /// new version.
    ///
    /// # Errors
    /// [`StoreError::VersionConflict`], [`StoreError::NotFound`].
    pub async fn update(
        &self,
        changed: &Provider,
        expected_version: u64,
        entry: &AuditEntry,
    ) -> Result<u64, StoreError> {
        let expected = i64::try_from(expected_version).unwrap_or(i64::MAX);
        let version = expected.saturating_add(1);
        let row = provider::ActiveModel {
            display_name: Set(changed.display_name.clone()),
            enabled: Set(changed.enabled),
            config: Set(config(changed)?),
            version: Set(version),
            updated_at_us: Set(to_us(changed.updated_at)),
            ..Default::default()
        };
        let transaction = self.0.begin().await?;
        let updated = provider::Entity::update_many()
            .set(row)
            .filter(provider::Column::Id.eq(changed.id.as_str()))
            .filter(provider::Column::Version.eq(expected))
            .filter(provider::Column::ProviderType.eq(changed.upstream.provider_type().key()))
            .exec(&transaction)
            .await
            .map_err(database)?;
        if updated.rows_affected == 0 {
            return Err(match get(&transaction, &changed.id).await? {
                Some(there) => StoreError::VersionConflict {
                    current: there.version,
                },
                None => StoreError::NotFound { what: "provider" },
            });
        }
        audit::insert(&transaction, entry).await?;
        transaction.commit().await.map_err(database)?;
        self.changed();
        u64::try_from(version).map_err(|error| StoreError::unreadable(TABLE, error))
    }

    /// Deletes a provider, and adds the audit's row of it; its calls and its name in reports stay. `false`:
    /// there was none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delete(&self, id: &ProviderId, entry: &AuditEntry) -> Result<bool, StoreError> {
        let transaction = self.0.begin().await?;
        let Some(row) = provider::Entity::find_by_id(id.to_string())
            .one(&transaction)
            .await
            .map_err(database)?
        else {
            return Ok(false);
        };
        provider::Entity::delete_by_id(id.to_string())
            .exec(&transaction)
            .await
            .map_err(database)?;
        let gone = deleted_provider::ActiveModel {
            id: Set(row.id),
            display_name: Set(row.display_name),
            deleted_at_us: Set(to_us(Timestamp::now())),
        };
        deleted_provider::Entity::insert(gone)
            .on_conflict(
                OnConflict::column(deleted_provider::Column::Id)
                    .update_columns([
                        deleted_provider::Column::DisplayName,
                        deleted_provider::Column::DeletedAtUs,
                    ])
                    .to_owned(),
            )
            .exec_without_returning(&transaction)
            .await
            .map_err(database)?;
        audit::insert(&transaction, entry).await?;
        transaction.commit().await.map_err(database)?;
        self.changed();
        Ok(true)
    }

    /// Whether the id belonged to a deleted provider that has calls or figures, and so is not given again.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn id_is_burnt(&self, id: &ProviderId) -> Result<bool, StoreError> {
        is_burnt(self.0.readers(), id).await
    }

    fn changed(&self) {
        self.0.provider_changes().fetch_add(1, Ordering::AcqRel);
    }
}

/// Every provider, by display name, as a connection sees them.
pub(crate) async fn list(connection: &impl ConnectionTrait) -> Result<Vec<Provider>, StoreError> {
    provider::Entity::find()
        .order_by_asc(provider::Column::DisplayName)
        .order_by_asc(provider::Column::Id)
        .all(connection)
        .await
        .map_err(database)?
        .into_iter()
        .map(read)
        .collect()
}

async fn get(
    connection: &impl ConnectionTrait,
    id: &ProviderId,
) -> Result<Option<Provider>, StoreError> {
    provider::Entity::find_by_id(id.to_string())
        .one(connection)
        .await
        .map_err(database)?
        .map(read)
        .transpose()
}

async fn is_burnt(connection: &impl ConnectionTrait, id: &ProviderId) -> Result<bool, StoreError> {
    let deleted = deleted_provider::Entity::find_by_id(id.to_string())
        .one(connection)
        .await
        .map_err(database)?;
    if deleted.is_none() {
        return Ok(false);
    }
    for table in ["calls", "open_calls", "usage_sealed"] {
        let mut any = Query::select();
        any.expr(Expr::val(1))
            .from(table)
            .and_where(Expr::col("provider").eq(id.as_str()))
            .limit(1);
        if table == "usage_sealed" {
            // Where calls are deleted, their sums go on telling of it. These are few, and always there.
            let mut hours = Query::select();
            hours
                .column("id")
                .from("usage_levels")
                .and_where(Expr::col("side").eq("provider"))
                .and_where(Expr::col("span").eq("hour"));
            any.and_where(Expr::col("level").in_subquery(hours));
        }
        if connection
            .query_one(&any)
            .await
            .map_err(database)?
            .is_some()
        {
            return Ok(true);
        }
    }
    Ok(false)
}

fn config(provider: &Provider) -> Result<String, StoreError> {
    serde_json::to_string(&Config {
        upstream: provider.upstream.clone(),
        several: provider.several.clone(),
        other_paths: provider.other_paths,
        models: provider.models.clone(),
        recording: provider.recording,
    })
    .map_err(|error| StoreError::unreadable(TABLE, error))
}

fn read(row: provider::Model) -> Result<Provider, StoreError> {
    let unreadable = |error: &dyn ToString| StoreError::unreadable(TABLE, error.to_string());
    let config: Config = serde_json::from_str(&row.config).map_err(|error| unreadable(&error))?;
    Ok(Provider {
        id: ProviderId::new(row.id).map_err(|error| unreadable(&error))?,
        display_name: row.display_name,
        enabled: row.enabled,
        upstream: config.upstream,
        several: config.several,
        other_paths: config.other_paths,
        models: config.models,
        recording: config.recording,
        version: u64::try_from(row.version).map_err(|error| unreadable(&error))?,
        created_at: from_us(TABLE, row.created_at_us)?,
        updated_at: from_us(TABLE, row.updated_at_us)?,
    })
}
