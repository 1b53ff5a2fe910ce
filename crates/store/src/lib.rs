//! The database: what admins configure, who may sign in, and the ledger of calls.
//!
//! One connection writes and a pool of others reads, so that no query of the console holds up the
//! [`ledger`]'s writer. SQLite and Postgres are told the same SQL. Types of the database library never
//! leave this crate, and values of secrets leave it only as [`secrecy::SecretString`].
//!
//! | part | what it keeps |
//! |---|---|
//! | [`Store::providers`], [`Store::secrets`], [`Store::tokens`], [`Store::settings`] | what admins configure |
//! | [`Store::admins`], [`Store::links`], [`Store::api_tokens`], [`Store::sessions`], [`Store::audit`] | people and what they did |
//! | [`Store::calls`] | the ledger as it is read: rows, and sums over rows |
//! | [`Store::retention`] | how long calls and sums are kept, and what was deleted |
//! | [`Store::repricings`], [`ledger::Repricer`] | other prices for calls that are there |
//! | [`transcripts`] | what was said in calls, in a database of its own |
//! | [`ledger::Writer`] | the ledger as it is written: from the journal, exactly once |
//!
//! Knows the domain and the journal; no HTTP, no catalog, no prices, nothing of the providers' APIs.

mod api_tokens;
mod audit;
pub mod calls;
mod catalogs;
mod clock;
mod columns;
mod entities;
mod error;
mod files;
mod hold;
mod intact;
pub mod ledger;
mod links;
mod master_key;
mod open;
mod page;
mod people;
mod providers;
mod repricings;
pub mod retention;
mod row;
mod seal;
mod secrets;
mod sessions;
mod settings;
mod size;
mod time;
mod tokens;
pub mod transcripts;
pub mod usage;

pub use api_tokens::ApiTokens;
pub use audit::{Audit, AuditEntry, AuditFilter, AuditResult, AuditRow, Occurring};
pub use calls::{AtEndpoint, CallFilter, CallPage, Calls, Choice, RecordedCall};
pub use catalogs::{CatalogInfo, CatalogOrigin, Catalogs};
pub use error::StoreError;
pub use hold::{LockError, LockFile};
pub use links::{GoodLink, LinkRow, Links};
pub use master_key::{MasterKey, MasterKeyError};
pub use open::{LedgerTrouble, Options, Store};
pub use page::{Cursor, InvalidCursor, Page};
pub use people::{AdminRow, Admins};
pub use providers::Providers;
pub use repricings::{
    PriceBefore, PricedBefore, REPRICING_VALUES_MOST, RepricingInfo, RepricingPlace,
    RepricingResult, RepricingState, Repricings,
};
pub use secrets::{NewSecret, Secrets};
pub use sessions::Sessions;
pub use settings::Settings;
pub use size::{DatabaseKind, Room};
pub use tokens::Tokens;
