//! How a provider is identified: with AWS credentials or with access tokens, and what they are made of.

use credentials::Network;
use domain::{
    ProviderId, SecretName,
    provider::{AwsCredentials, AzureCredentials, GoogleCredentials, Region, Upstream},
};
use oauth::{InvalidServiceAccountKey, ServiceAccountKey, TokenSource, Tokens};
use secrecy::{ExposeSecret, SecretString};
use tokio::runtime::Handle;
use url::Url;

use crate::{credential::Credential, refusal::Refusal};

/// Longest name of a role's session, in characters.
const SESSION_NAME_MAX: usize = 64;

/// How a provider is identified, without the values of the secrets.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Way {
    /// With AWS credentials.
    Aws {
        region: Region,
        fips: bool,
        credentials: AwsCredentials,
    },
    /// With tokens for an application, which shows its id and secret.
    ClientCredentials {
        token_url: Url,
        client_id: String,
        client_secret: SecretName,
        scope: String,
    },
    /// With tokens for a service account of Google's, whose key is a secret.
    ServiceAccount { key: SecretName },
    /// With tokens for what Google's application default credentials give.
    ApplicationDefault,
}

impl Way {
    /// That of an upstream. `None`: it has a fixed key, or none.
    pub(crate) fn of(upstream: &Upstream) -> Option<Self> {
        match upstream {
            Upstream::Bedrock {
                region,
                fips,
                credentials,
                ..
            } => Some(Self::Aws {
                region: region.clone(),
                fips: *fips,
                credentials: credentials.clone(),
            }),
            Upstream::VertexAi { credentials, .. } => Some(match credentials {
                GoogleCredentials::DefaultChain => Self::ApplicationDefault,
                GoogleCredentials::ServiceAccount { service_account } => Self::ServiceAccount {
                    key: service_account.clone(),
                },
            }),
            Upstream::AzureOpenAi {
                base_url,
                credentials: AzureCredentials::ServicePrincipal(principal),
                ..
            } => Some(Self::ClientCredentials {
                token_url: principal.token_url.url().clone(),
                client_id: principal.client_id.as_str().to_owned(),
                client_secret: principal.client_secret.clone(),
                scope: principal.scope(base_url).into_owned(),
            }),
            Upstream::AzureOpenAi {
                credentials: AzureCredentials::Key(_),
                ..
            }
            | Upstream::OpenAi { .. }
            | Upstream::Anthropic { .. }
            | Upstream::GoogleAi { .. }
            | Upstream::OpenAiCompatible { .. }
            | Upstream::Cohere { .. } => None,
        }
    }

    /// The names of the secrets in it.
    pub(super) fn secrets(&self) -> Vec<&SecretName> {
        match self {
            Self::Aws { credentials, .. } => credentials.secrets(),
            Self::ClientCredentials { client_secret, .. } => vec![client_secret],
            Self::ServiceAccount { key } => vec![key],
            Self::ApplicationDefault => vec![],
        }
    }

    /// The identity that it makes. `secret` finds the values.
    ///
    /// # Errors
    /// [`Refusal::SecretMissing`].
    pub(super) fn identity(
        &self,
        provider: &ProviderId,
        secret: impl Fn(&SecretName) -> Result<SecretString, Refusal>,
        network: &Network,
        runtime: &Handle,
    ) -> Result<Identity, Refusal> {
        let tokens = |source| Identity::Token(Tokens::new(source, network, runtime));
        Ok(match self {
            Self::Aws {
                region,
                fips,
                credentials,
            } => {
                let access = aws::Access {
                    region: region.clone(),
                    fips: *fips,
                    source: aws_source(provider, credentials, secret)?,
                };
                Identity::Aws(aws::Identity::new(access, network.clone(), runtime))
            }
            Self::ClientCredentials {
                token_url,
                client_id,
                client_secret,
                scope,
            } => tokens(TokenSource::ClientCredentials {
                token_url: token_url.clone(),
                client_id: client_id.clone(),
                client_secret: secret(client_secret)?,
                scope: scope.clone(),
            }),
            // It is checked when a provider is saved, but the secret may be replaced later.
            Self::ServiceAccount { key } => {
                match ServiceAccountKey::parse(secret(key)?.expose_secret()) {
                    Ok(key) => tokens(TokenSource::ServiceAccount(key)),
                    Err(wrong) => Identity::Unusable {
                        secret: key.clone(),
                        wrong,
                    },
                }
            }
            Self::ApplicationDefault => tokens(TokenSource::ApplicationDefault),
        })
    }
}

/// Who a provider is to its upstream, with a credential at hand. Cheap to clone; clones share it.
#[derive(Debug, Clone)]
pub(crate) enum Identity {
    /// To AWS.
    Aws(aws::Identity),
    /// To who takes access tokens.
    Token(Tokens),
    /// The secret is not what it must be.
    Unusable {
        secret: SecretName,
        wrong: InvalidServiceAccountKey,
    },
}

/// Why there is no credential, in words for an operator.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum NoCredential {
    /// AWS gives none.
    #[error(transparent)]
    Aws(#[from] aws::CredentialError),
    /// There is no token.
    #[error(transparent)]
    Token(#[from] oauth::TokenError),
    /// The secret is not what it must be.
    #[error("the secret {secret} cannot be used: {wrong}")]
    Unusable {
        secret: SecretName,
        wrong: InvalidServiceAccountKey,
    },
}

impl Identity {
    /// The credential of this moment. Waits only where none was ever fetched, or all have ended.
    ///
    /// # Errors
    /// [`NoCredential`].
    pub(crate) async fn credential(&self) -> Result<Credential, NoCredential> {
        match self {
            Self::Aws(identity) => Ok(Credential::Aws(identity.credential().await?)),
            Self::Token(tokens) => Ok(Credential::Token(tokens.token().await?)),
            Self::Unusable { secret, wrong } => Err(NoCredential::Unusable {
                secret: secret.clone(),
                wrong: wrong.clone(),
            }),
        }
    }

    /// Whether there will be a credential as long as it is kept: what renews it has not ended.
    pub(super) fn is_good(&self) -> bool {
        match self {
            Self::Aws(identity) => identity.is_renewed(),
            Self::Token(tokens) => tokens.is_renewed(),
            Self::Unusable { .. } => true,
        }
    }

    /// The upstream takes the credential no longer: another is fetched, in the background.
    pub(crate) fn refused(&self) {
        match self {
            Self::Aws(identity) => identity.refused(),
            Self::Token(tokens) => tokens.invalidate(),
            Self::Unusable { .. } => {}
        }
    }
}

fn aws_source(
    provider: &ProviderId,
    credentials: &AwsCredentials,
    secret: impl Fn(&SecretName) -> Result<SecretString, Refusal>,
) -> Result<aws::Source, Refusal> {
    Ok(match credentials {
        AwsCredentials::DefaultChain => aws::Source::DefaultChain,
        AwsCredentials::StaticKeys {
            access_key_id,
            secret_access_key,
            session_token,
        } => aws::Source::Static {
            access_key_id: secret(access_key_id)?,
            secret_access_key: secret(secret_access_key)?,
            session_token: session_token.as_ref().map(secret).transpose()?,
        },
        AwsCredentials::AssumeRole {
            role_arn,
            external_id,
            session_name,
        } => aws::Source::AssumeRole {
            role_arn: role_arn.clone(),
            external_id: external_id.clone(),
            session_name: session_name.clone().unwrap_or_else(|| session(provider)),
        },
        AwsCredentials::WebIdentity { role_arn } => aws::Source::WebIdentity {
            role_arn: role_arn.clone(),
            session_name: session(provider),
        },
        AwsCredentials::Bearer { api_key } => aws::Source::Bearer(secret(api_key)?),
    })
}

/// How sessions are called where nobody says: it stands in the logs of AWS.
fn session(provider: &ProviderId) -> String {
    let mut name = format!("weir-{provider}");
    name.truncate(SESSION_NAME_MAX);
    name
}
