//! Who may sign in, who is signed in, and who changed what.

use sea_orm_migration::prelude::*;

use crate::parts::{bytes, id, id_or_null, index, number, sequence, table, text, text_or_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables() {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

fn tables() -> Vec<TableCreateStatement> {
    vec![
        table(
            "admins",
            [
                id("id").primary_key().take(),
                text("name"),
                text("password_hash"),
                number("created_at_us"),
            ],
        ),
        table(
            "one_time_links",
            [
                bytes("hash").primary_key().take(),
                text("purpose"),
                number("created_at_us"),
                number("expires_at_us"),
            ],
        ),
        // `id` is a hash: whoever reads the database cannot take over a session.
        table(
            "sessions",
            [
                text("id").primary_key().take(),
                id_or_null("person"),
                text("record"),
                number("expires_us"),
            ],
        ),
        table(
            "audit",
            [
                sequence("seq"),
                number("at_us"),
                text("actor"),
                text("action"),
                text("object_kind"),
                text("object_id"),
                text_or_null("before"),
                text_or_null("after"),
                text_or_null("address"),
            ],
        ),
    ]
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        index("admins_name", "admins", &["name"]).unique().take(),
        index("sessions_person", "sessions", &["person"]),
        index("sessions_expires_us", "sessions", &["expires_us"]),
        index(
            "audit_object",
            "audit",
            &["object_kind", "object_id", "seq"],
        ),
        index("audit_actor", "audit", &["actor", "seq"]),
    ]
}
