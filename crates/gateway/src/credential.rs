//! The credential that a call goes up with, and where in the request it stands.
//!
//! | provider | credential | where |
//! |---|---|---|
//! | openai, openai_compatible, cohere | the provider's key, or none | `Authorization: Bearer` |
//! | anthropic | the provider's key | `x-api-key` |
//! | anthropic with passthrough | the client's own | its `Authorization` as it came |
//! | google_ai | the provider's key | `x-goog-api-key`; on OpenAI-style paths `Authorization: Bearer` |
//! | azure_openai | the provider's key, or an access token | `api-key`, or `Authorization: Bearer` |
//! | whoever is identified by OAuth | an access token | `Authorization: Bearer`, and the project that is billed for it |
//! | bedrock | a key, or keys of AWS that sign the call | `Authorization: Bearer`, or a signature (SigV4) over method, address and body |

use std::time::SystemTime;

use admin::live::LiveProvider;
use domain::provider::{AnthropicAuth, AzureCredentials, Upstream};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header::AUTHORIZATION};
use secrecy::{ExposeSecret, SecretString};
use wire::route::Dialect;

use crate::{
    Gateway, authenticate,
    headers::{API_KEY, X_API_KEY, X_GOOG_API_KEY},
    refusal::Refusal,
};

/// Whom Google bills for a person's own credentials.
const X_GOOG_USER_PROJECT: HeaderName = HeaderName::from_static("x-goog-user-project");

/// What a call goes up with.
#[derive(Debug)]
pub(crate) enum Credential {
    /// The upstream asks for none.
    None,
    /// A key of Weir's.
    Key(SecretString),
    /// The client's own `Authorization`.
    Client(HeaderValue),
    /// What AWS asks for.
    Aws(aws::Credential),
    /// An access token.
    Token(oauth::AccessToken),
}

/// The request that a credential is for.
pub(crate) struct Bound<'a> {
    pub(crate) upstream: &'a Upstream,
    pub(crate) dialect: Dialect,
    pub(crate) method: &'a Method,
    pub(crate) address: &'a str,
    pub(crate) body: &'a [u8],
}

/// Why a credential cannot be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CannotAdd {
    /// It holds something that no header can carry. Secrets are checked when they are saved.
    Unusable,
    /// The client's content type is no text, and so cannot be signed.
    ContentType,
}

impl Gateway {
    /// The credential for a call. Waits only where one that ends is asked for the very first time.
    ///
    /// # Errors
    /// A [`Refusal`] that says what is missing.
    pub(crate) async fn credential(
        &self,
        provider: &LiveProvider,
        client: &HeaderMap,
    ) -> Result<Credential, Refusal> {
        let key = |name| {
            provider
                .secret(name)
                .map(|secret| Credential::Key(secret.clone()))
                .ok_or_else(|| Refusal::SecretMissing { name: name.clone() })
        };
        match &provider.provider.upstream {
            Upstream::OpenAi { api_key, .. }
            | Upstream::GoogleAi { api_key, .. }
            | Upstream::Cohere { api_key, .. }
            | Upstream::Anthropic {
                auth: AnthropicAuth::Key(api_key),
                ..
            }
            | Upstream::AzureOpenAi {
                credentials: AzureCredentials::Key(api_key),
                ..
            } => key(api_key),
            Upstream::AzureOpenAi {
                credentials: AzureCredentials::ServicePrincipal(_),
                ..
            }
            | Upstream::Bedrock { .. }
            | Upstream::VertexAi { .. } => self.fetched_credential(provider).await,
            Upstream::Anthropic {
                auth: AnthropicAuth::Passthrough,
                ..
            } => Ok(Credential::Client(authenticate::own_authorization(client)?)),
            Upstream::OpenAiCompatible { api_key, .. } => {
                api_key.as_ref().map_or(Ok(Credential::None), key)
            }
        }
    }

    /// A credential that ends, as its identity has it at hand.
    async fn fetched_credential(&self, provider: &LiveProvider) -> Result<Credential, Refusal> {
        let identity = self.identities.of(provider)?;
        identity.credential().await.map_err(|error| {
            tracing::warn!(%error, provider = %provider.provider.id, "There are no credentials for a call");
            Refusal::CredentialsMissing
        })
    }
}

impl Credential {
    /// Puts the credential into the headers of a request, which are otherwise complete.
    ///
    /// # Errors
    /// [`CannotAdd`].
    pub(crate) fn add_to(
        &self,
        headers: &mut HeaderMap,
        bound: &Bound<'_>,
    ) -> Result<(), CannotAdd> {
        match self {
            Self::None => {}
            Self::Client(value) => {
                headers.insert(AUTHORIZATION, value.clone());
            }
            Self::Key(key) => {
                let (name, value) = place(bound, key)?;
                headers.insert(name, value);
            }
            Self::Aws(credential) => {
                let Upstream::Bedrock { region, .. } = bound.upstream else {
                    return Err(CannotAdd::Unusable);
                };
                let signed = aws::sign(
                    credential,
                    &aws::ToSign {
                        method: bound.method,
                        url: bound.address,
                        content_type: headers.get(http::header::CONTENT_TYPE),
                        body: bound.body,
                        region,
                        service: aws::BEDROCK,
                        now: SystemTime::now(),
                    },
                )
                .map_err(|error| match error {
                    aws::SignError::ContentType => CannotAdd::ContentType,
                    error => {
                        tracing::error!(%error, "A call cannot be signed");
                        CannotAdd::Unusable
                    }
                })?;
                headers.extend(signed);
            }
            Self::Token(token) => {
                headers.insert(
                    AUTHORIZATION,
                    sensitive(format!("Bearer {}", token.text()))?,
                );
                if let Some(project) = token.quota_project() {
                    let project = HeaderValue::try_from(project);
                    headers.insert(
                        X_GOOG_USER_PROJECT,
                        project.map_err(|_| CannotAdd::Unusable)?,
                    );
                }
            }
        }
        Ok(())
    }

    /// The texts that must not be recorded: all that go up, the client's own, too.
    pub(crate) fn sent(&self) -> Vec<SecretString> {
        let own = match self {
            Self::Client(value) => behind_scheme(value),
            Self::None | Self::Key(_) | Self::Aws(_) | Self::Token(_) => None,
        };
        let secrets = self.secrets().into_iter().chain(own);
        secrets.map(SecretString::from).collect()
    }

    /// The texts that must not come down, should the upstream repeat them.
    pub(crate) fn secrets(&self) -> Vec<&str> {
        match self {
            Self::None | Self::Client(_) => vec![],
            Self::Key(key) => vec![key.expose_secret()],
            Self::Aws(credential) => credential.secrets(),
            Self::Token(token) => vec![token.text()],
        }
    }
}

/// The secret in an `Authorization` of a client's: what is behind the scheme, where it has one.
fn behind_scheme(value: &HeaderValue) -> Option<&str> {
    let value = std::str::from_utf8(value.as_bytes()).ok()?.trim();
    Some(value.split_once(' ').map_or(value, |(_, key)| key.trim()))
}

fn place(bound: &Bound<'_>, key: &SecretString) -> Result<(HeaderName, HeaderValue), CannotAdd> {
    let bearer = || (AUTHORIZATION, format!("Bearer {}", key.expose_secret()));
    let (name, text) = match bound.upstream {
        Upstream::OpenAi { .. }
        | Upstream::OpenAiCompatible { .. }
        | Upstream::Bedrock { .. }
        | Upstream::VertexAi { .. }
        | Upstream::Cohere { .. } => bearer(),
        Upstream::Anthropic { .. } => (X_API_KEY, key.expose_secret().to_owned()),
        Upstream::AzureOpenAi { .. } => (API_KEY, key.expose_secret().to_owned()),
        Upstream::GoogleAi { .. } => match bound.dialect {
            Dialect::OpenAi => bearer(),
            Dialect::Google | Dialect::Anthropic | Dialect::Aws | Dialect::Cohere => {
                (X_GOOG_API_KEY, key.expose_secret().to_owned())
            }
        },
    };
    Ok((name, sensitive(text)?))
}

/// A value that no log shows.
fn sensitive(text: String) -> Result<HeaderValue, CannotAdd> {
    let mut value = HeaderValue::try_from(text).map_err(|_| CannotAdd::Unusable)?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests;
