//! Sessions of people who have signed in, for tower-sessions.
//!
//! A session is found by the SHA-256 of its id, so that nobody who reads the database can take one over.

use std::{collections::HashMap, time::Duration};

use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseConnection, EntityTrait, QueryFilter,
    sea_query::OnConflict,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store::{Error, Result},
};

use crate::{Store, StoreError, entities::session, error::database, time::to_us};

/// How often expired sessions are removed.
const SWEEP_INTERVAL: Duration = Duration::from_secs(10 * 60);
/// How often another id is tried where one is taken. With 128 random bits none ever is.
const ID_TRIES: usize = 8;

/// Sessions, in a table of their own.
#[derive(Debug, Clone)]
pub struct Sessions(Store);

/// A record without its id, which the database is not to have.
#[derive(Serialize, Deserialize)]
struct Kept {
    data: HashMap<String, Value>,
    expiry_date: Value,
}

impl Store {
    /// Sessions of people who have signed in.
    #[must_use]
    pub fn sessions(&self) -> Sessions {
        Sessions(self.clone())
    }
}

impl Sessions {
    fn writing(&self) -> Result<&DatabaseConnection> {
        let writing = self.0.writing();
        writing.map_err(|error| Error::Backend(error.to_string()))
    }

    /// Removes the sessions that have expired. Returns how many there were.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn remove_expired(&self, now: Timestamp) -> std::result::Result<u64, StoreError> {
        let deleted = session::Entity::delete_many()
            .filter(session::Column::ExpiresUs.lte(to_us(now)))
            .exec(self.0.writing()?)
            .await
            .map_err(database)?;
        Ok(deleted.rows_affected)
    }

    /// Removes expired sessions every ten minutes, until it is cancelled.
    pub async fn sweep(&self, cancel: CancellationToken) {
        while cancel
            .run_until_cancelled(tokio::time::sleep(SWEEP_INTERVAL))
            .await
            .is_some()
        {
            let removed = cancel.run_until_cancelled(self.remove_expired(Timestamp::now()));
            if let Some(Err(error)) = removed.await {
                tracing::warn!(%error, "Expired sessions could not be removed; the next try is in ten minutes");
            }
        }
    }
}

#[async_trait::async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        for _ in 0..ID_TRIES {
            let inserted = session::Entity::insert(row(record)?)
                .on_conflict_do_nothing_on([session::Column::Id])
                .exec_without_returning(self.writing()?)
                .await
                .map_err(backend)?;
            if matches!(inserted, sea_orm::TryInsertResult::Inserted(1)) {
                return Ok(());
            }
            record.id = Id::default();
        }
        Err(Error::Backend("every new session id was taken".to_owned()))
    }

    async fn save(&self, record: &Record) -> Result<()> {
        session::Entity::insert(row(record)?)
            .on_conflict(
                OnConflict::column(session::Column::Id)
                    .update_columns([session::Column::Record, session::Column::ExpiresUs])
                    .to_owned(),
            )
            .exec_without_returning(self.writing()?)
            .await
            .map_err(backend)?;
        Ok(())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let found = session::Entity::find_by_id(hashed(id))
            .filter(session::Column::ExpiresUs.gt(to_us(Timestamp::now())))
            .one(self.0.readers())
            .await
            .map_err(backend)?;
        let Some(row) = found else { return Ok(None) };
        let decode = |error: serde_json::Error| Error::Decode(error.to_string());
        let kept: Kept = serde_json::from_str(&row.record).map_err(decode)?;
        Ok(Some(Record {
            id: *id,
            data: kept.data,
            expiry_date: serde_json::from_value(kept.expiry_date).map_err(decode)?,
        }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        session::Entity::delete_by_id(hashed(id))
            .exec(self.writing()?)
            .await
            .map_err(backend)?;
        Ok(())
    }
}

fn row(record: &Record) -> Result<session::ActiveModel> {
    let encode = |error: serde_json::Error| Error::Encode(error.to_string());
    let kept = Kept {
        data: record.data.clone(),
        expiry_date: serde_json::to_value(record.expiry_date).map_err(encode)?,
    };
    let expires_us = i64::try_from(record.expiry_date.unix_timestamp_nanos() / 1_000)
        .map_err(|error| Error::Encode(error.to_string()))?;
    Ok(session::ActiveModel {
        id: Set(hashed(&record.id)),
        record: Set(serde_json::to_string(&kept).map_err(encode)?),
        expires_us: Set(expires_us),
    })
}

fn hashed(id: &Id) -> String {
    Sha256::digest(id.0.to_be_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn backend(error: sea_orm::DbErr) -> Error {
    Error::Backend(database(error).to_string())
}
