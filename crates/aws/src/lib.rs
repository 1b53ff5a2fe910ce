//! AWS credentials and signatures for Bedrock.
//!
//! | module | subject |
//! |---|---|
//! | `access` | what a provider is configured with: a region and where credentials come from |
//! | `identity` | the one cached credential of a provider, at hand for every call |
//! | `chain` | how a credential is fetched: aws-config's default chain, roles, web identity |
//! | `credential` | a credential: a bearer key or signing keys |
//! | `sign` | Signature Version 4, or the bearer header |
//! | `endpoint` | addresses that the environment names |
//! | `transport` | how STS and the metadata services are reached |
//! | `error` | what can go wrong, in words for an operator |
//!
//! How a credential is kept fresh, and the network, are `weir-credentials`'.
//! The crate knows the domain's regions and roles; it may not know the gateway, the store, the admin
//! side or an HTTP server. The environment and the files that it names are the operator's and are
//! trusted; of the environment only AWS' own variables are read, and no proxy variables.

mod access;
mod chain;
mod credential;
mod endpoint;
mod error;
mod identity;
mod sign;
mod transport;

pub use access::{Access, Source};
pub use credential::{Credential, Keys};
pub use endpoint::{Endpoint, control_endpoint_from_env, runtime_endpoint_from_env};
pub use error::CredentialError;
pub use identity::Identity;
pub use sign::{BEDROCK, SignError, ToSign, sign};
