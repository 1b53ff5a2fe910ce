//! Calls that are tried at several endpoints: each attempt is a row, and names the first one.

use sea_orm_migration::prelude::*;

use crate::parts::{id_or_null, index};

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut calls = Table::alter();
        calls.table("calls").add_column(id_or_null("attempt_of"));
        manager.alter_table(calls).await?;
        // Few rows are later attempts; all others are not in it and cost nothing.
        let attempts = index("calls_attempt_of", "calls", &["attempt_of", "id"])
            .and_where(Expr::col("attempt_of").is_not_null())
            .take();
        manager.create_index(attempts).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
