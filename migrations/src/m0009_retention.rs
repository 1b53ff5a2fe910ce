//! Calls and sums that are kept for a time: from when on each level of sums has anything, checksums of sums
//! whose calls are gone, and what was deleted.
//!
//! How far calls are deleted stands in `sealed_until_us` of the live levels, which was empty until now: from
//! then on their sums by quarter hour are sealed as well.

use sea_orm_migration::prelude::*;

use crate::parts::{bytes, index, number, number_or_null, sequence, table, text};

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut levels = Table::alter();
        levels
            .table("usage_levels")
            .add_column(number_or_null("kept_from_us"));
        manager.alter_table(levels).await?;
        manager.create_table(checksums()).await?;
        let by_start = index("usage_checksums_start_us", "usage_checksums", &["start_us"]);
        manager.create_index(by_start).await?;
        manager.create_table(deletions()).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// Parts of checksums: those of a quarter hour are added up. One part is of when its calls were deleted, others
/// of what came later.
fn checksums() -> TableCreateStatement {
    table(
        "usage_checksums",
        [sequence("id"), number("start_us"), bytes("checksum")],
    )
}

/// What was deleted: calls or sums, up to when, and how many. One without an end is under way.
fn deletions() -> TableCreateStatement {
    table(
        "deletions",
        [
            sequence("id"),
            text("what"),
            number("until_us"),
            number("rows_deleted"),
            number("begun_at_us"),
            number_or_null("ended_at_us"),
        ],
    )
}
