//! Indexes for the Calls page: by operation, and the calls that are dear or slow.

use sea_orm_migration::prelude::*;

use crate::parts::index;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// The partial ones hold few calls, in the order of their ids like every list, with the number that is
/// then compared.
fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        index("calls_operation", "calls", &["operation", "id"]),
        index("calls_dear", "calls", &["id", "cost_total_nano"])
            .and_where(Expr::col("cost_total_nano").gt(50_000_000_i64))
            .take(),
        index("calls_slow", "calls", &["id", "latency_us"])
            .and_where(Expr::col("latency_us").gt(10_000_000_i64))
            .take(),
    ]
}
