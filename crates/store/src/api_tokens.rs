//! People's own tokens for the REST API. Only their hashes are kept.

use domain::{
    AdminId, ApiTokenId,
    token::{ApiToken, TokenHash},
};
use jiff::Timestamp;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::{
    AuditEntry, Store, StoreError, audit,
    entities::api_token,
    error::{database, taken},
    time::{from_us, from_us_or_none, to_us},
};

const TABLE: &str = "api_tokens";

/// People's own tokens for the REST API.
#[derive(Debug)]
pub struct ApiTokens<'a>(&'a Store);

impl Store {
    /// People's own tokens for the REST API.
    #[must_use]
    pub fn api_tokens(&self) -> ApiTokens<'_> {
        ApiTokens(self)
    }
}

impl ApiTokens<'_> {
    /// Everybody's tokens with what they are recognised by, in the order of their making.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn hashes(&self) -> Result<Vec<(TokenHash, ApiToken)>, StoreError> {
        api_token::Entity::find()
            .order_by_asc(api_token::Column::CreatedAtUs)
            .order_by_asc(api_token::Column::Id)
            .all(self.0.readers())
            .await
            .map_err(database)?
            .into_iter()
            .map(read)
            .collect()
    }

    /// One person's tokens.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of(&self, person: AdminId) -> Result<Vec<ApiToken>, StoreError> {
        api_token::Entity::find()
            .filter(api_token::Column::Person.eq(person.0))
            .all(self.0.readers())
            .await
            .map_err(database)?
            .into_iter()
            .map(|row| Ok(read(row)?.1))
            .collect()
    }

    /// Keeps a new token, and adds the audit's row of it.
    ///
    /// # Errors
    /// [`StoreError::Taken`] where it is there already.
    pub async fn insert(
        &self,
        new: &ApiToken,
        hash: &TokenHash,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        let row = api_token::ActiveModel {
            id: Set(new.id.0),
            person: Set(new.person.0),
            name: Set(new.name.clone()),
            first_characters: Set(new.first_characters.clone()),
            hash: Set(hash.0.to_vec()),
            created_at_us: Set(to_us(new.created_at)),
            expires_at_us: Set(new.expires_at.map(to_us)),
            last_used_at_us: Set(new.last_used_at.map(to_us)),
        };
        let transaction = self.0.begin().await?;
        api_token::Entity::insert(row)
            .exec_without_returning(&transaction)
            .await
            .map_err(taken("API token"))?;
        audit::insert(&transaction, entry).await?;
        transaction.commit().await.map_err(database)
    }

    /// Notes when a token was last shown, also where that is earlier than was noted: a clock that was wrong is
    /// put right.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn note_use(&self, id: ApiTokenId, at: Timestamp) -> Result<(), StoreError> {
        api_token::Entity::update_many()
            .set(api_token::ActiveModel {
                last_used_at_us: Set(Some(to_us(at))),
                ..Default::default()
            })
            .filter(api_token::Column::Id.eq(id.0))
            .exec(self.0.writing()?)
            .await
            .map_err(database)?;
        Ok(())
    }

    /// Deletes a token, and adds the audit's row of it. `false`: there was none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delete(&self, id: ApiTokenId, entry: &AuditEntry) -> Result<bool, StoreError> {
        let transaction = self.0.begin().await?;
        let deleted = api_token::Entity::delete_by_id(id.0)
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

fn read(row: api_token::Model) -> Result<(TokenHash, ApiToken), StoreError> {
    let hash = <[u8; 32]>::try_from(row.hash)
        .map_err(|_| StoreError::unreadable(TABLE, "a hash has 32 bytes"))?;
    let token = ApiToken {
        id: ApiTokenId(row.id),
        person: AdminId(row.person),
        name: row.name,
        first_characters: row.first_characters,
        created_at: from_us(TABLE, row.created_at_us)?,
        expires_at: from_us_or_none(TABLE, row.expires_at_us)?,
        last_used_at: from_us_or_none(TABLE, row.last_used_at_us)?,
    };
    Ok((TokenHash(hash), token))
}
