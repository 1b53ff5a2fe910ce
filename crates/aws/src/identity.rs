//! The one credential of a provider, at hand for every call.

use std::fmt;

use credentials::{Network, Renewed};
use tokio::runtime::Handle;

use crate::{
    access::{Access, Source},
    chain::{Chain, Ending},
    credential::{Credential, Keys},
    endpoint,
    error::CredentialError,
};

/// A Bedrock API key that wins over everything else in the default chain.
const BEARER_KEY: &str = "AWS_BEARER_TOKEN_BEDROCK";

/// A provider's credential, renewed in the background. Cheap to clone; clones share it.
#[derive(Clone)]
pub struct Identity(Kind);

#[derive(Clone)]
enum Kind {
    /// It never changes.
    Fixed(Credential),
    /// It ends and is fetched again.
    Renewed(Renewed<Credential, CredentialError>),
}

impl Identity {
    /// Fetches nothing yet. Where the credentials can end, a task on the runtime renews them from the
    /// first use on, until the last clone is dropped.
    #[must_use]
    pub fn new(access: Access, network: Network, runtime: &Handle) -> Self {
        let source = match access.source {
            Source::Bearer(key) => return Self(Kind::Fixed(Credential::Bearer(key))),
            Source::Static {
                access_key_id,
                secret_access_key,
                session_token,
            } => {
                return Self(Kind::Fixed(Credential::Keys(Keys::new(
                    &access_key_id,
                    &secret_access_key,
                    session_token.as_ref(),
                ))));
            }
            Source::DefaultChain => match endpoint::variable(BEARER_KEY) {
                Some(key) => return Self(Kind::Fixed(Credential::Bearer(key.into()))),
                None => Ending::DefaultChain,
            },
            Source::AssumeRole {
                role_arn,
                external_id,
                session_name,
            } => Ending::AssumeRole {
                role_arn,
                external_id,
                session_name,
            },
            Source::WebIdentity {
                role_arn,
                session_name,
            } => Ending::WebIdentity {
                role_arn,
                session_name,
            },
        };
        let chain = Chain {
            region: access.region,
            fips: access.fips,
            source,
            network,
        };
        Self(Kind::Renewed(Renewed::new(chain, runtime)))
    }

    /// The credential, at once where there is one that is still good. A call waits only where there is
    /// none: at the very first use, or after the old one ended because all renewals failed.
    ///
    /// # Errors
    /// Why there is none. For a while after a failure, which grows with each, the error comes at once.
    pub async fn credential(&self) -> Result<Credential, CredentialError> {
        match &self.0 {
            Kind::Fixed(credential) => Ok(credential.clone()),
            Kind::Renewed(renewed) => renewed.credential().await,
        }
    }

    /// Whether it is still renewed in the background, where it ends.
    #[must_use]
    pub fn is_renewed(&self) -> bool {
        match &self.0 {
            Kind::Fixed(_) => true,
            Kind::Renewed(renewed) => renewed.is_renewed(),
        }
    }

    /// AWS called the credential expired or invalid: it is fetched again now, in the background, unless
    /// it is brand new. Calls get the old one meanwhile.
    pub fn refused(&self) {
        match &self.0 {
            Kind::Fixed(_) => {}
            Kind::Renewed(renewed) => renewed.refused(),
        }
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Fixed(credential) => f.debug_tuple("Identity").field(credential).finish(),
            Kind::Renewed(_) => f.write_str("Identity(renewed)"),
        }
    }
}
