//! Keys of Google's service accounts: the JSON file that Google hands out, read and checked, and the
//! statement that a token is asked for with.
//!
//! | module | subject |
//! |---|---|
//! | `key` | the file: what must stand in it, and what is wrong with one |
//! | `assertion` | the signed statement (JWT, RS256) |
//!
//! Pure: no network, no clock. The admin side checks keys with it when they are saved, the OAuth client
//! signs with it.

mod assertion;
mod key;

pub use assertion::CannotSign;
pub use key::{InvalidServiceAccountKey, ServiceAccountKey, Wrong};
