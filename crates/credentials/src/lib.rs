//! What credentials that end have in common, whoever gives them: they are kept fresh, and the services
//! that give them are reached over the network.
//!
//! | module | subject |
//! |---|---|
//! | `renewed` | one cached credential, at hand for every call |
//! | `renewal` | the task that renews it before it ends |
//! | `network` | how the services are reached: proxy, certificates, which addresses are out of bounds |
//! | `client` | one call to a service |
//!
//! The crate knows neither AWS nor OAuth, nor anything else of Weir.

mod client;
mod network;
mod renewal;
mod renewed;

pub use client::{CallFailed, Client};
pub use network::{AddressRule, Network, NetworkError, NetworkSettings, Reach};
pub use renewal::{Fetch, Fetched, WhyNone};
pub use renewed::Renewed;
