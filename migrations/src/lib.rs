//! The database's schema, as steps that only go forward.
//!
//! A step that has shipped is never changed: what comes later is a new step. Every step is written
//! with sea-query so that SQLite and Postgres both take it, and runs in one transaction, so that a
//! crash leaves the schema as it was before it. Text, `bigint`, `boolean`, `uuid` and bytes are the
//! only types; times are microseconds since 1970 (suffix `_us`), money is nano-dollars (suffix `_nano`).
//!
//! Knows nothing of Weir's types: the columns' names stand here as they were when the step was written.

mod m0001_configuration;
mod m0002_people;
mod m0003_ledger;
mod m0004_more_ways_to_find_calls;
mod m0005_people_and_api_tokens;
mod m0006_catalogs_and_the_whole_audit;
mod m0007_sums_that_are_sealed;
mod m0008_repricings;
mod m0009_retention;
mod m0010_attempts;
mod parts;
mod transcripts;

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::*;
pub use transcripts::TranscriptsMigrator;

/// All steps, in order.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_configuration::Step),
            Box::new(m0002_people::Step),
            Box::new(m0003_ledger::Step),
            Box::new(m0004_more_ways_to_find_calls::Step),
            Box::new(m0005_people_and_api_tokens::Step),
            Box::new(m0006_catalogs_and_the_whole_audit::Step),
            Box::new(m0007_sums_that_are_sealed::Step),
            Box::new(m0008_repricings::Step),
            Box::new(m0009_retention::Step),
            Box::new(m0010_attempts::Step),
        ]
    }
}
