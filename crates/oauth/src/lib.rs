//! Access tokens (OAuth 2.0) for the clouds that want them: Microsoft Entra's for an application, Google's
//! for a service account or for what the machine has.
//!
//! | module | subject |
//! |---|---|
//! | `source` | where a provider's tokens come from |
//! | `tokens` | the one cached token of a provider, at hand for every call |
//! | `fetch` | how a token is got, by source |
//! | `application_default` | Google's application default credentials: environment, files, metadata server |
//! | `exchange` | one call to a token endpoint, and its answer |
//! | `token` | a token |
//! | `error` | what can go wrong, in words for an operator |
//!
//! How a token is kept fresh, and the network, are `weir-credentials`'; Google's keys are read by
//! `weir-service-account`. The crate may not know the gateway, the store, the admin side or an HTTP server.
//! The environment and the files that it names are the operator's and are trusted; addresses in a provider
//! or in a secret are an admin's, and are held to the same rule as those of upstreams.

mod application_default;
mod error;
mod exchange;
mod fetch;
mod source;
mod token;
mod tokens;

pub use error::TokenError;
pub use service_account::{InvalidServiceAccountKey, ServiceAccountKey};
pub use source::TokenSource;
pub use token::AccessToken;
pub use tokens::Tokens;
