//! Where a newer catalog is fetched from: what an admin needs of the network, as a trait that the data plane
//! implements and the server wires. Nothing is fetched but when an admin asks for it.

use futures_util::future::BoxFuture;

/// The largest file of a catalog that is taken, in bytes.
pub const CATALOG_MAX_BYTES: usize = 16 << 20;

/// The address that the operator has set.
pub trait CatalogSource: Send + Sync {
    /// The address, as it may be shown.
    fn address(&self) -> &str;

    /// Fetches the file.
    fn fetch(&self) -> BoxFuture<'_, Result<Vec<u8>, FetchFailure>>;
}

/// Why the file could not be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FetchFailure {
    /// It has more than [`CATALOG_MAX_BYTES`].
    TooLarge,
    /// Something else: what happened, and what to do, in whole sentences.
    Failed(String),
}
