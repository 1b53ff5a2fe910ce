//! The one token of a provider, at hand for every call.

use std::fmt;

use credentials::{Network, Renewed};
use tokio::runtime::Handle;

use crate::{
    application_default::Environment, error::TokenError, fetch::Fetcher, source::TokenSource,
    token::AccessToken,
};

/// A provider's access token, renewed in the background. Cheap to clone; clones share it.
#[derive(Clone)]
pub struct Tokens(Renewed<AccessToken, TokenError>);

impl Tokens {
    /// Fetches nothing yet. A task on the runtime renews the token from the first use on, until the
    /// last clone is dropped.
    #[must_use]
    pub fn new(source: TokenSource, network: &Network, runtime: &Handle) -> Self {
        Self::in_environment(source, network, runtime, Environment::of_process())
    }

    pub(crate) fn in_environment(
        source: TokenSource,
        network: &Network,
        runtime: &Handle,
        environment: Environment,
    ) -> Self {
        let fetcher = Fetcher::new(source, network, environment);
        Self(Renewed::new(fetcher, runtime))
    }

    /// The token, at once where there is one that is still good. A call waits only where there is none:
    /// at the very first use, or after the old one ended because all renewals failed.
    ///
    /// # Errors
    /// Why there is none. For a while after a failure, which grows with each, the error comes at once.
    pub async fn token(&self) -> Result<AccessToken, TokenError> {
        self.0.credential().await
    }

    /// Whether it is still renewed in the background.
    #[must_use]
    pub fn is_renewed(&self) -> bool {
        self.0.is_renewed()
    }

    /// The upstream refused the token (401): it is fetched again now, in the background, unless it is
    /// brand new. Calls get the old one meanwhile.
    pub fn invalidate(&self) {
        self.0.refused();
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens(renewed)")
    }
}

#[cfg(test)]
mod tests;
