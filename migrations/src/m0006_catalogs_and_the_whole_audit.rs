//! Catalogs that admins apply; and the audit with the result of each attempt, found by anything.

use sea_orm_migration::prelude::*;

use crate::parts::{bytes, id, index, number, table, text};

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(catalogs()).await?;
        // SQLite adds one column a statement.
        for column in [done("result"), once("times")] {
            manager
                .alter_table(Table::alter().table("audit").add_column(column).take())
                .await?;
        }
        for old in ["audit_object", "audit_actor"] {
            manager
                .drop_index(Index::drop().name(old).table("audit").to_owned())
                .await?;
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

/// Two rows at most: the catalog in use and the one that waits. `data` is compressed; empty where the
/// catalog that is built into the program waits.
fn catalogs() -> TableCreateStatement {
    table(
        "catalogs",
        [
            text("state").primary_key().take(),
            id("id"),
            text("version"),
            number("models"),
            text("origin"),
            text("actor"),
            number("at_us"),
            bytes("data"),
        ],
    )
}

/// All that was audited so far was done.
fn done(name: &'static str) -> ColumnDef {
    ColumnDef::new(name)
        .text()
        .not_null()
        .default("done")
        .take()
}

fn once(name: &'static str) -> ColumnDef {
    ColumnDef::new(name)
        .big_integer()
        .not_null()
        .default(1)
        .take()
}

/// Each ends with the order of the list, so that one value of one column gives a page without sorting.
fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        index("audit_at", "audit", &["at_us", "seq"]),
        index("audit_actor", "audit", &["actor", "at_us", "seq"]),
        index("audit_action", "audit", &["action", "at_us", "seq"]),
        index("audit_kind", "audit", &["object_kind", "at_us", "seq"]),
        index("audit_object", "audit", &["object_id", "at_us", "seq"]),
        index("audit_refused", "audit", &["at_us", "seq"])
            .and_where(Expr::col("result").ne("done"))
            .take(),
    ]
}
