//! A credential: a bearer key, or keys that sign. Neither shows its secrets in `Debug`.

use std::fmt;

use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::identity::Identity as SigningIdentity;
use secrecy::{ExposeSecret, SecretString};

/// What a call to AWS proves itself with. Cheap to clone.
#[derive(Debug, Clone)]
pub enum Credential {
    /// A Bedrock API key: sent as it is.
    Bearer(SecretString),
    /// Keys: each request is signed with them.
    Keys(Keys),
}

impl Credential {
    /// The secrets in it, for whoever takes care that they are not repeated.
    #[must_use]
    pub fn secrets(&self) -> Vec<&str> {
        match self {
            Self::Bearer(key) => vec![key.expose_secret()],
            Self::Keys(keys) => keys.credentials().map_or_else(Vec::new, |credentials| {
                std::iter::once(credentials.secret_access_key())
                    .chain(credentials.session_token())
                    .collect()
            }),
        }
    }
}

/// Keys for signatures: an id, a secret and, of temporary ones, a session token.
#[derive(Clone)]
pub struct Keys(SigningIdentity);

impl Keys {
    pub(crate) fn new(
        access_key_id: &SecretString,
        secret_access_key: &SecretString,
        session_token: Option<&SecretString>,
    ) -> Self {
        Self::from(Credentials::new(
            access_key_id.expose_secret(),
            secret_access_key.expose_secret(),
            session_token.map(|token| token.expose_secret().to_owned()),
            None,
            "Weir",
        ))
    }

    /// The access key's id: no secret, and what AWS' own logs show.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        self.credentials().map_or("", Credentials::access_key_id)
    }

    /// What the signer takes.
    pub(crate) fn identity(&self) -> &SigningIdentity {
        &self.0
    }

    fn credentials(&self) -> Option<&Credentials> {
        self.0.data()
    }
}

impl From<Credentials> for Keys {
    fn from(credentials: Credentials) -> Self {
        Self(credentials.into())
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys({}, hidden)", self.access_key_id())
    }
}
