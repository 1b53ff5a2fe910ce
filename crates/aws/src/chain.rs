//! How a credential that ends is fetched: aws-config, called anew each time.
//!
//! Each time the files are read again, so that rotated keys and tokens are found. The region is the
//! provider's, whatever the environment or a profile say.

use std::time::{Duration, SystemTime};

use aws_config::{
    BehaviorVersion, SdkConfig,
    provider_config::ProviderConfig,
    sts::AssumeRoleProvider,
    timeout::TimeoutConfig,
    web_identity_token::{StaticConfiguration, WebIdentityTokenCredentialsProvider},
};
use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials, error::CredentialsError},
};
use credentials::{Fetch, Fetched, Network};
use domain::provider::{Region, RoleArn};
use tracing::{Dispatch, instrument::WithSubscriber};

use crate::{
    credential::{Credential, Keys},
    endpoint,
    error::CredentialError,
    transport::Transport,
};

/// How long an answer of STS may take. The metadata services have shorter times of AWS' own.
const READ_TIMEOUT: Duration = Duration::from_secs(10);
/// What names the file of the web identity's token.
const TOKEN_FILE: &str = "AWS_WEB_IDENTITY_TOKEN_FILE";

/// Where credentials that end come from.
#[derive(Debug)]
pub(crate) enum Ending {
    /// What the machine has.
    DefaultChain,
    /// A role, assumed with what the machine has.
    AssumeRole {
        role_arn: RoleArn,
        external_id: Option<String>,
        session_name: String,
    },
    /// A role, assumed with a token.
    WebIdentity {
        role_arn: RoleArn,
        session_name: String,
    },
}

/// Fetches a credential, again and again.
#[derive(Debug)]
pub(crate) struct Chain {
    pub(crate) region: Region,
    pub(crate) fips: bool,
    pub(crate) source: Ending,
    pub(crate) network: Network,
}

impl Fetch for Chain {
    type Credential = Credential;
    type Error = CredentialError;

    async fn fetch(&self) -> Result<Fetched<Credential>, CredentialError> {
        // Where something is odd the libraries log whole answers, secrets and all. What matters of it
        // is in our own errors.
        let credentials = self.credentials().with_subscriber(Dispatch::none()).await?;
        let lives = match credentials.expiry() {
            None => None,
            Some(end) => match end.duration_since(SystemTime::now()) {
                Ok(lives) if !lives.is_zero() => Some(lives),
                Ok(_) | Err(_) => return Err(CredentialError::Ended),
            },
        };
        Ok(Fetched {
            credential: Credential::Keys(Keys::from(credentials)),
            lives,
        })
    }
}

impl Chain {
    async fn credentials(&self) -> Result<Credentials, CredentialError> {
        let config = self.config().await;
        let found = match &self.source {
            Ending::DefaultChain => match config.credentials_provider() {
                Some(chain) => chain.provide_credentials().await,
                None => Err(CredentialsError::not_loaded_no_source()),
            },
            Ending::AssumeRole {
                role_arn,
                external_id,
                session_name,
            } => {
                let mut role = AssumeRoleProvider::builder(role_arn.as_str())
                    .configure(&config)
                    .session_name(session_name);
                if let Some(external_id) = external_id {
                    role = role.external_id(external_id);
                }
                role.build().await.provide_credentials().await
            }
            Ending::WebIdentity {
                role_arn,
                session_name,
            } => {
                let file = endpoint::variable(TOKEN_FILE)
                    .ok_or_else(|| CredentialError::NoToken(format!("{TOKEN_FILE} is not set")))?;
                // Only to say which file it is that cannot be read.
                tokio::fs::metadata(&file)
                    .await
                    .map_err(|error| CredentialError::NoToken(format!("{file}: {error}")))?;
                WebIdentityTokenCredentialsProvider::builder()
                    .configure(&self.provider_config(&config))
                    .static_configuration(StaticConfiguration {
                        web_identity_token_file: file.into(),
                        role_arn: role_arn.as_str().to_owned(),
                        session_name: session_name.clone(),
                    })
                    .build()
                    .provide_credentials()
                    .await
            }
        };
        found.map_err(|error| CredentialError::from(&error))
    }

    async fn config(&self) -> SdkConfig {
        let mut config = aws_config::defaults(BehaviorVersion::latest())
            .region(self.aws_region())
            .http_client(Transport(self.network.clone()))
            .timeout_config(self.timeouts());
        // Without it the environment may still ask for it.
        if self.fips {
            config = config.use_fips(true);
        }
        config.load().await
    }

    /// The same for the one provider that asks for it in another form.
    fn provider_config(&self, config: &SdkConfig) -> ProviderConfig {
        ProviderConfig::without_region()
            .with_region(Some(self.aws_region()))
            .with_http_client(Transport(self.network.clone()))
            .with_timeout_config(self.timeouts())
            .with_use_fips(config.use_fips())
            .with_use_dual_stack(config.use_dual_stack())
    }

    fn aws_region(&self) -> aws_config::Region {
        aws_config::Region::new(self.region.as_str().to_owned())
    }

    fn timeouts(&self) -> TimeoutConfig {
        TimeoutConfig::builder()
            .connect_timeout(self.network.connect_timeout())
            .read_timeout(READ_TIMEOUT)
            .build()
    }
}
