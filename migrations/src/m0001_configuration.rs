//! What admins configure: providers, secrets, gateway tokens, settings.

use sea_orm_migration::prelude::*;

use crate::parts::{bytes, flag, id, index, number, number_or_null, table, text, text_or_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables() {
            manager.create_table(table).await?;
        }
        manager
            .create_index(index("tokens_hash", "tokens", &["hash"]).unique().take())
            .await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

fn tables() -> Vec<TableCreateStatement> {
    vec![
        table(
            "providers",
            [
                text("id").primary_key().take(),
                text("provider_type"),
                text("display_name"),
                flag("enabled"),
                text("config"),
                number("version"),
                number("created_at_us"),
                number("updated_at_us"),
            ],
        ),
        // Their names, so that history can still be read, and their ids, so that none is given again.
        table(
            "deleted_providers",
            [
                text("id").primary_key().take(),
                text("display_name"),
                number("deleted_at_us"),
            ],
        ),
        table(
            "secrets",
            [
                text("name").primary_key().take(),
                text("key_id"),
                bytes("sealed"),
                number("created_at_us"),
                number("updated_at_us"),
                number_or_null("last_used_at_us"),
            ],
        ),
        // One row: a known text under the master key in use, to tell a wrong key at once.
        table(
            "master_keys",
            [
                text("key_id").primary_key().take(),
                bytes("sealed"),
                number("created_at_us"),
            ],
        ),
        table(
            "tokens",
            [
                id("id").primary_key().take(),
                text("name"),
                text("first_characters"),
                bytes("hash"),
                text_or_null("agent"),
                text_or_null("user_name"),
                text("providers"),
                number("created_at_us"),
                number_or_null("expires_at_us"),
                number_or_null("last_used_at_us"),
            ],
        ),
        table(
            "deleted_tokens",
            [
                id("id").primary_key().take(),
                text("name"),
                number("deleted_at_us"),
            ],
        ),
        table(
            "settings",
            [
                text("key").primary_key().take(),
                text("value"),
                number("updated_at_us"),
            ],
        ),
    ]
}
