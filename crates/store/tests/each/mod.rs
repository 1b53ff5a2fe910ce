//! What holds on each database. The programs `sqlite` and `postgres` have all of it, and each beside it what is
//! its own; a test's name says where it ran.

mod audit;
mod books;
mod calls;
mod catalogs;
mod configuration;
mod endpoints;
mod ledger;
mod people;
mod repricing;
mod retention;
mod rows;
mod secrets;
pub(crate) mod sessions;
mod transcripts;
mod transcripts_found;
mod usage;
mod usage_levels;
mod usage_page;
mod usage_reports;
