//! The schema of the transcripts, which are a database of their own and may share one with the ledger: so
//! their steps are counted in a table of their own.

mod m0001_transcripts;

use sea_orm_migration::prelude::*;

/// All steps of the transcripts' schema, in order.
#[derive(Debug)]
pub struct TranscriptsMigrator;

#[async_trait::async_trait]
impl MigratorTrait for TranscriptsMigrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(m0001_transcripts::Step)]
    }

    fn migration_table_name() -> DynIden {
        "transcripts_migrations".into_iden()
    }
}
