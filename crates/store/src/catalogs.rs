//! Catalogs that admins brought: the one that was applied, and one at most that waits to be. Their text is
//! kept compressed; what stands in it is not looked at here.

use std::io::{Read, Write};

use flate2::{Compression, read::ZlibDecoder, write::ZlibEncoder};
use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, FromQueryResult,
    QueryFilter, QuerySelect,
};
use uuid::Uuid;

use crate::{
    AuditEntry, Store, StoreError, audit,
    entities::catalog,
    error::database,
    time::{from_us, to_us},
};

const TABLE: &str = "catalogs";
const APPLIED: &str = "applied";
const PENDING: &str = "pending";

/// Where a catalog came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CatalogOrigin {
    /// Somebody sent the file.
    Upload,
    /// It was fetched from the operator's address.
    Address,
    /// It is built into the program; its text is not kept here.
    Builtin,
}

impl CatalogOrigin {
    /// The word for it in the database and the API.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Upload => "upload",
            Self::Address => "address",
            Self::Builtin => "builtin",
        }
    }

    fn of(key: &str) -> Result<Self, StoreError> {
        [Self::Upload, Self::Address, Self::Builtin]
            .into_iter()
            .find(|origin| origin.key() == key)
            .ok_or_else(|| StoreError::unreadable(TABLE, "an unknown origin"))
    }
}

/// What is known of a catalog without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogInfo {
    /// Which one it is, however often a version was brought.
    pub id: Uuid,
    /// Its version.
    pub version: String,
    /// How many rows it has.
    pub models: u64,
    /// Where it came from.
    pub origin: CatalogOrigin,
    /// Who brought it or, once it is applied, who applied it; as the audit names them.
    pub actor: String,
    /// When.
    pub at: Timestamp,
}

/// Catalogs that admins brought.
#[derive(Debug)]
pub struct Catalogs<'a>(&'a Store);

/// A row without its text.
#[derive(Debug, FromQueryResult)]
struct Head {
    id: Uuid,
    version: String,
    models: i64,
    origin: String,
    actor: String,
    at_us: i64,
}

impl Store {
    /// Catalogs that admins brought.
    #[must_use]
    pub fn catalogs(&self) -> Catalogs<'_> {
        Catalogs(self)
    }
}

impl Catalogs<'_> {
    /// The catalog that was applied last. `None`: the built-in one is in use.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn applied(&self) -> Result<Option<CatalogInfo>, StoreError> {
        self.head(APPLIED).await
    }

    /// The catalog that waits to be applied. `None`: there is none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn pending(&self) -> Result<Option<CatalogInfo>, StoreError> {
        self.head(PENDING).await
    }

    /// The text of a catalog that is kept, applied or waiting. `None`: it is there no more. Empty: it is the
    /// one that is built into the program.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] where it is damaged.
    pub async fn text(&self, id: Uuid) -> Result<Option<Vec<u8>>, StoreError> {
        let row = catalog::Entity::find()
            .filter(catalog::Column::Id.eq(id))
            .one(self.0.readers())
            .await
            .map_err(database)?;
        match row {
            None => Ok(None),
            Some(row) => aside(move || unpacked(&row.data)).await.map(Some),
        }
    }

    /// Lets a catalog wait, in place of whichever waited before. `text` is empty for the built-in one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put_pending(&self, info: &CatalogInfo, text: Vec<u8>) -> Result<(), StoreError> {
        let row = catalog::ActiveModel {
            state: Set(PENDING.to_owned()),
            id: Set(info.id),
            version: Set(info.version.clone()),
            models: Set(i64::try_from(info.models).unwrap_or(i64::MAX)),
            origin: Set(info.origin.key().to_owned()),
            actor: Set(info.actor.clone()),
            at_us: Set(to_us(info.at)),
            data: Set(aside(move || packed(&text)).await?),
        };
        let transaction = self.0.begin().await?;
        forget(&transaction, PENDING).await.map_err(database)?;
        catalog::Entity::insert(row)
            .exec_without_returning(&transaction)
            .await
            .map_err(database)?;
        transaction.commit().await.map_err(database)
    }

    /// Forgets the catalog that waits.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_pending(&self) -> Result<(), StoreError> {
        let transaction = self.0.begin().await?;
        forget(&transaction, PENDING).await.map_err(database)?;
        transaction.commit().await.map_err(database)
    }

    /// Makes the catalog that waits the applied one, in place of the one before, and adds the audit's row of
    /// it, whose actor and time it takes. Where the built-in one waits, none is kept. `false`: another one
    /// waits, or none; then nothing has changed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn apply(&self, id: Uuid, entry: &AuditEntry) -> Result<bool, StoreError> {
        let transaction = self.0.begin().await?;
        let waits = catalog::Entity::find_by_id(PENDING)
            .select_only()
            .column(catalog::Column::Origin)
            .filter(catalog::Column::Id.eq(id))
            .into_tuple::<String>()
            .one(&transaction)
            .await
            .map_err(database)?;
        let Some(origin) = waits else {
            return Ok(false);
        };
        forget(&transaction, APPLIED).await.map_err(database)?;
        if CatalogOrigin::of(&origin)? == CatalogOrigin::Builtin {
            forget(&transaction, PENDING).await.map_err(database)?;
        } else {
            catalog::Entity::update_many()
                .set(catalog::ActiveModel {
                    state: Set(APPLIED.to_owned()),
                    actor: Set(entry.actor.clone()),
                    at_us: Set(to_us(entry.at)),
                    ..Default::default()
                })
                .filter(catalog::Column::State.eq(PENDING))
                .exec(&transaction)
                .await
                .map_err(database)?;
        }
        audit::insert(&transaction, entry).await?;
        transaction.commit().await.map_err(database)?;
        Ok(true)
    }

    async fn head(&self, state: &'static str) -> Result<Option<CatalogInfo>, StoreError> {
        let row = catalog::Entity::find_by_id(state)
            .select_only()
            .columns([
                catalog::Column::Id,
                catalog::Column::Version,
                catalog::Column::Models,
                catalog::Column::Origin,
                catalog::Column::Actor,
                catalog::Column::AtUs,
            ])
            .into_model::<Head>()
            .one(self.0.readers())
            .await
            .map_err(database)?;
        row.map(|row| {
            Ok(CatalogInfo {
                id: row.id,
                version: row.version,
                models: u64::try_from(row.models).unwrap_or(0),
                origin: CatalogOrigin::of(&row.origin)?,
                actor: row.actor,
                at: from_us(TABLE, row.at_us)?,
            })
        })
        .transpose()
    }
}

async fn forget(transaction: &DatabaseTransaction, state: &'static str) -> Result<(), DbErr> {
    catalog::Entity::delete_by_id(state)
        .exec(transaction)
        .await
        .map(drop)
}

/// Does work beside the threads that wait for the database.
async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| StoreError::unreadable(TABLE, error))?
}

fn packed(text: &[u8]) -> Result<Vec<u8>, StoreError> {
    if text.is_empty() {
        return Ok(vec![]);
    }
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder
        .write_all(text)
        .and_then(|()| encoder.finish())
        .map_err(|error| StoreError::unreadable(TABLE, error))
}

fn unpacked(data: &[u8]) -> Result<Vec<u8>, StoreError> {
    let mut text = Vec::new();
    if !data.is_empty() {
        ZlibDecoder::new(data)
            .read_to_end(&mut text)
            .map_err(|error| StoreError::unreadable(TABLE, error))?;
    }
    Ok(text)
}
