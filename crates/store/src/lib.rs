//! The database: what admins configure, who may sign in, and the ledger of calls.
//!
//! One connection writes and a pool of others reads, so that no query of the console holds up the
//! [`ledger`]'s writer. SQLite and Postgres are told the same SQL. Types of the database library never
//! leave this crate, and values of secrets leave it only as [`secrecy::SecretString`].
//!
//! | part | what it keeps |
//! |---|---|
//! | [`Store::providers`], [`Store::secrets`], [`Store::tokens`], [`Store::settings`] | what admins configure |
//! | [`Store::admins`], [`Store::links`], [`Store::sessions`], [`Store::audit`] | people and what they did |
//! | [`Store::calls`] | the ledger as it is read: rows, and sums over rows |
//! | [`ledger::Writer`] | the ledger as it is written: from the journal, exactly once |
//!
//! Knows the domain and the journal; no HTTP, no catalog, no prices, nothing of the providers' APIs.

mod audit;
pub mod calls;
mod columns;
mod entities;
mod error;
mod files;
pub mod ledger;
mod master_key;
mod open;
mod page;
mod people;
mod providers;
mod seal;
mod secrets;
mod sessions;
mod settings;
mod time;
mod tokens;
pub mod usage;

pub use audit::{Audit, AuditEntry, AuditFilter};
pub use calls::{CallFilter, CallPage, Calls, Choice, RecordedCall};
pub use error::StoreError;
pub use master_key::{MasterKey, MasterKeyError};
pub use open::{Options, Store};
pub use page::{Cursor, InvalidCursor, Page};
pub use people::{AdminRow, Admins, Links};
pub use providers::Providers;
pub use secrets::Secrets;
pub use sessions::Sessions;
pub use settings::Settings;
pub use tokens::Tokens;
