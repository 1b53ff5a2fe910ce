//! Gateway tokens. Only their hashes are kept.

use std::collections::HashMap;

use domain::{
    TokenId,
    token::{GatewayToken, TokenHash},
};
use jiff::Timestamp;
use sea_orm::{ActiveValue::Set, EntityTrait, QueryOrder, sea_query::OnConflict};

use crate::{
    AuditEntry, Store, StoreError, audit,
    entities::{deleted_token, token},
    error::{database, taken},
    time::{from_us, from_us_or_none, to_us},
};

const TABLE: &str = "tokens";

/// What applications show to Weir.
#[derive(Debug)]
pub struct Tokens<'a>(&'a Store);

impl Store {
    /// What applications show to Weir.
    #[must_use]
    pub fn tokens(&self) -> Tokens<'_> {
        Tokens(self)
    }
}

impl Tokens<'_> {
    /// Every token, by name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list(&self) -> Result<Vec<GatewayToken>, StoreError> {
        let tokens = self.hashes().await?;
        Ok(tokens.into_iter().map(|(_, token)| token).collect())
    }

    /// Every token with what it is recognised by, by name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn hashes(&self) -> Result<Vec<(TokenHash, GatewayToken)>, StoreError> {
        token::Entity::find()
            .order_by_asc(token::Column::Name)
            .order_by_asc(token::Column::Id)
            .all(self.0.readers())
            .await
            .map_err(database)?
            .into_iter()
            .map(read)
            .collect()
    }

    /// The names of tokens that were deleted, by their ids.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn names_of_deleted(&self) -> Result<HashMap<TokenId, String>, StoreError> {
        let gone = deleted_token::Entity::find().all(self.0.readers()).await;
        let gone = gone.map_err(database)?.into_iter();
        Ok(gone.map(|row| (TokenId(row.id), row.name)).collect())
    }

    /// Keeps a new token, and adds the audit's row of it.
    ///
    /// # Errors
    /// [`StoreError::Taken`] where it is there already.
    pub async fn insert(
        &self,
        new: &GatewayToken,
        hash: &TokenHash,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        let providers = serde_json::to_string(&new.providers)
            .map_err(|error| StoreError::unreadable(TABLE, error))?;
        let row = token::ActiveModel {
            id: Set(new.id.0),
            name: Set(new.name.clone()),
            first_characters: Set(new.first_characters.clone()),
            hash: Set(hash.0.to_vec()),
            agent: Set(new.agent.clone()),
            user_name: Set(new.user.clone()),
            providers: Set(providers),
            created_at_us: Set(to_us(new.created_at)),
            expires_at_us: Set(new.expires_at.map(to_us)),
            last_used_at_us: Set(new.last_used_at.map(to_us)),
        };
        let transaction = self.0.begin().await?;
        token::Entity::insert(row)
            .exec_without_returning(&transaction)
            .await
            .map_err(taken("token"))?;
        audit::insert(&transaction, entry).await?;
        transaction.commit().await.map_err(database)
    }

    /// Deletes a token, and adds the audit's row of it; its calls and its name in reports stay. `false`:
    /// there was none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delete(&self, id: TokenId, entry: &AuditEntry) -> Result<bool, StoreError> {
        let transaction = self.0.begin().await?;
        let Some(row) = token::Entity::find_by_id(id.0)
            .one(&transaction)
            .await
            .map_err(database)?
        else {
            return Ok(false);
        };
        token::Entity::delete_by_id(id.0)
            .exec(&transaction)
            .await
            .map_err(database)?;
        let gone = deleted_token::ActiveModel {
            id: Set(row.id),
            name: Set(row.name),
            deleted_at_us: Set(to_us(Timestamp::now())),
        };
        deleted_token::Entity::insert(gone)
            .on_conflict(
                OnConflict::column(deleted_token::Column::Id)
                    .update_column(deleted_token::Column::Name)
                    .to_owned(),
            )
            .exec_without_returning(&transaction)
            .await
            .map_err(database)?;
        audit::insert(&transaction, entry).await?;
        transaction.commit().await.map_err(database)?;
        Ok(true)
    }
}

fn read(row: token::Model) -> Result<(TokenHash, GatewayToken), StoreError> {
    let hash = <[u8; 32]>::try_from(row.hash)
        .map_err(|_| StoreError::unreadable(TABLE, "a hash has 32 bytes"))?;
    let token = GatewayToken {
        id: TokenId(row.id),
        name: row.name,
        first_characters: row.first_characters,
        agent: row.agent,
        user: row.user_name,
        providers: serde_json::from_str(&row.providers)
            .map_err(|error| StoreError::unreadable(TABLE, error))?,
        created_at: from_us(TABLE, row.created_at_us)?,
        expires_at: from_us_or_none(TABLE, row.expires_at_us)?,
        last_used_at: from_us_or_none(TABLE, row.last_used_at_us)?,
    };
    Ok((TokenHash(hash), token))
}
