//! What people read for the key of a series.

use std::collections::HashMap;

use domain::TokenId;
use sea_orm::{ConnectionTrait, EntityTrait, QuerySelect};
use uuid::Uuid;

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
    // A provider's whole row is long: it has all its models.
    let named = match group_by {
        GroupBy::Provider => {
            let gone = deleted_provider::Entity::find()
                .select_only()
                .columns([
                    deleted_provider::Column::Id,
                    deleted_provider::Column::DisplayName,
                ])
                .into_tuple::<(String, String)>()
                .all(connection)
                .await;
            let here = provider::Entity::find()
                .select_only()
                .columns([provider::Column::Id, provider::Column::DisplayName])
                .into_tuple::<(String, String)>()
                .all(connection)
                .await;
            let mut named = gone.map_err(database)?;
            named.extend(here.map_err(database)?);
            named
        }
        GroupBy::Token => {
            let gone = deleted_token::Entity::find()
                .select_only()
                .columns([deleted_token::Column::Id, deleted_token::Column::Name])
                .into_tuple::<(Uuid, String)>()
                .all(connection)
                .await;
            let here = token::Entity::find()
                .select_only()
                .columns([token::Column::Id, token::Column::Name])
                .into_tuple::<(Uuid, String)>()
                .all(connection)
                .await;
            let gone = gone.map_err(database)?.into_iter();
            let here = here.map_err(database)?.into_iter();
            gone.chain(here)
                .map(|(id, name)| (TokenId(id).to_string(), name))
                .collect()
        }
        GroupBy::None
        | GroupBy::Model
        | GroupBy::TokenType
        | GroupBy::Agent
        | GroupBy::User
        | GroupBy::CostType => vec![],
    };
    Ok(named.into_iter().collect())
}

/// What people read for a key.
pub(crate) fn label<'a>(
    group_by: GroupBy,
    key: Option<&'a str>,
    names: &'a HashMap<String, String>,
) -> &'a str {
    match key {
        Some(key) => names.get(key).map_or(key, String::as_str),
        None => nobody(group_by),
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
