//! People who can be disabled, one-time links for one person, and people's own API tokens.

use sea_orm_migration::prelude::*;

use crate::parts::{bytes, id, id_or_null, index, number, number_or_null, table, text};

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in columns() {
            // One at a time: SQLite adds no two columns with one statement.
            let added = Table::alter().table(table).add_column(column).take();
            manager.alter_table(added).await?;
        }
        manager.create_table(api_tokens()).await?;
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// `enabled_at_us`: when a person who had been disabled was let in again; sessions from before that do
/// not come back. A link without a person sets the password of whoever is named when it is used.
fn columns() -> [(&'static str, ColumnDef); 4] {
    [
        ("admins", number_or_null("disabled_at_us")),
        ("admins", number_or_null("enabled_at_us")),
        ("admins", number_or_null("last_signed_in_at_us")),
        ("one_time_links", id_or_null("person")),
    ]
}

fn api_tokens() -> TableCreateStatement {
    table(
        "api_tokens",
        [
            id("id").primary_key().take(),
            id("person"),
            text("name"),
            text("first_characters"),
            bytes("hash"),
            number("created_at_us"),
            number_or_null("expires_at_us"),
            number_or_null("last_used_at_us"),
        ],
    )
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        index("api_tokens_hash", "api_tokens", &["hash"])
            .unique()
            .take(),
        index("api_tokens_person", "api_tokens", &["person"]),
        index("one_time_links_person", "one_time_links", &["person"]),
    ]
}
