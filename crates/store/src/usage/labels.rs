//! What people read for the key of a series.

use std::collections::HashMap;

use domain::TokenId;
use sea_orm::{ConnectionTrait, EntityTrait};

use super::query::GroupBy;
use crate::{
    StoreError,
    entities::{deleted_provider, deleted_token, provider, token},
    error::database,
};

/// The names of keys that are not their own names: of providers and tokens, deleted ones included.
pub(crate) async fn names(
    connection: &impl ConnectionTrait,
    group_by: GroupBy,
) -> Result<HashMap<String, String>, StoreError> {
    match group_by {
        GroupBy::Provider => {
            let gone = deleted_provider::Entity::find().all(connection).await;
            let here = provider::Entity::find().all(connection).await;
            let gone = gone.map_err(database)?.into_iter();
            let here = here.map_err(database)?.into_iter();
            Ok(gone
                .map(|row| (row.id, row.display_name))
                .chain(here.map(|row| (row.id, row.display_name)))
                .collect())
        }
        GroupBy::Token => {
            let gone = deleted_token::Entity::find().all(connection).await;
            let here = token::Entity::find().all(connection).await;
            let gone = gone.map_err(database)?.into_iter();
            let here = here.map_err(database)?.into_iter();
            Ok(gone
                .map(|row| (TokenId(row.id).to_string(), row.name))
                .chain(here.map(|row| (TokenId(row.id).to_string(), row.name)))
                .collect())
        }
        GroupBy::None
        | GroupBy::Model
        | GroupBy::TokenType
        | GroupBy::Agent
        | GroupBy::User
        | GroupBy::CostType => Ok(HashMap::new()),
    }
}

/// What people read where there is no key.
pub(crate) const fn nobody(group_by: GroupBy) -> &'static str {
    match group_by {
        GroupBy::None => "Total",
        GroupBy::Provider => "No provider",
        GroupBy::Model => "No model",
        GroupBy::Agent => "No agent",
        GroupBy::User => "No user",
        GroupBy::Token => "No token",
        GroupBy::TokenType | GroupBy::CostType => "Other",
    }
}
