//! How a token is got, by its source. Files are read anew each time, so that rotated keys are found.

use std::time::{Duration, SystemTime};

use credentials::{Client, Fetch, Fetched, Network, Reach};
use secrecy::ExposeSecret;
use service_account::ServiceAccountKey;

use crate::{
    application_default::{self, Environment, Found, User},
    error::TokenError,
    exchange::{self, Answer, Form},
    source::TokenSource,
    token::AccessToken,
};

/// What Google's tokens are for.
const GOOGLE_SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";
/// How a service account asks.
const JWT_GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// How long the answer of a token endpoint may take.
const READ_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection to the metadata server may take: it is on this machine's link, or not at all.
const METADATA_CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// Fetches a token, again and again.
#[derive(Debug)]
pub(crate) struct Fetcher {
    source: TokenSource,
    environment: Environment,
    /// For addresses that an admin wrote.
    checked: Client,
    /// For addresses in the operator's own files.
    operator: Client,
    metadata: Client,
}

impl Fetcher {
    pub(crate) fn new(source: TokenSource, network: &Network, environment: Environment) -> Self {
        let connect = network.connect_timeout();
        let client = |reach, connect| Client::new(network, reach, connect, READ_TIMEOUT);
        Self {
            source,
            environment,
            checked: client(Reach::Checked, connect),
            operator: client(Reach::Operator, connect),
            metadata: client(Reach::Metadata, connect.min(METADATA_CONNECT_TIMEOUT)),
        }
    }

    async fn application_default(&self) -> Result<(Answer, Whose), TokenError> {
        match application_default::find(&self.environment).await? {
            Found::ServiceAccount(key) => by_key(&self.operator, &key).await,
            Found::User(user) => by_user(&self.operator, &user).await,
            Found::Nothing { metadata_host } => {
                let answer =
                    exchange::metadata_token(&self.metadata, &metadata_host, GOOGLE_SCOPE).await?;
                Ok((answer, Whose::new("this machine's service account")))
            }
        }
    }
}

/// Who calls with a token.
struct Whose {
    words: String,
    quota_project: Option<String>,
}

impl Whose {
    fn new(words: impl Into<String>) -> Self {
        Self {
            words: words.into(),
            quota_project: None,
        }
    }
}

impl Fetch for Fetcher {
    type Credential = AccessToken;
    type Error = TokenError;

    async fn fetch(&self) -> Result<Fetched<AccessToken>, TokenError> {
        let (answer, whose) = match &self.source {
            TokenSource::ClientCredentials {
                token_url,
                client_id,
                client_secret,
                scope,
            } => {
                let mut form = Form::new("client_credentials");
                form.add("client_id", client_id)
                    .add("scope", scope)
                    .add_secret("client_secret", client_secret.expose_secret());
                let answer = exchange::token(&self.checked, token_url, form).await?;
                (answer, Whose::new(format!("the application {client_id}")))
            }
            TokenSource::ServiceAccount(key) => by_key(&self.checked, key).await?,
            TokenSource::ApplicationDefault => self.application_default().await?,
        };
        if answer.lives.is_zero() {
            return Err(TokenError::Ended);
        }
        Ok(Fetched {
            lives: Some(answer.lives),
            credential: AccessToken {
                text: answer.text.into(),
                whose: whose.words.into(),
                quota_project: whose.quota_project.map(Into::into),
            },
        })
    }
}

async fn by_key(client: &Client, key: &ServiceAccountKey) -> Result<(Answer, Whose), TokenError> {
    let assertion = key
        .assertion(GOOGLE_SCOPE, SystemTime::now())
        .map_err(|_| TokenError::CannotSign)?;
    let mut form = Form::new(JWT_GRANT);
    form.add_secret("assertion", &assertion);
    let answer = exchange::token(client, key.token_uri(), form).await?;
    let whose = format!("the service account {}", key.client_email());
    Ok((answer, Whose::new(whose)))
}

async fn by_user(client: &Client, user: &User) -> Result<(Answer, Whose), TokenError> {
    let mut form = Form::new("refresh_token");
    form.add("client_id", &user.client_id)
        .add_secret("client_secret", user.client_secret.expose_secret())
        .add_secret("refresh_token", user.refresh_token.expose_secret());
    let answer = exchange::token(client, &user.token_uri, form).await?;
    Ok((
        answer,
        Whose {
            words: "the person who signed in with gcloud on this machine".to_owned(),
            quota_project: user.quota_project.clone(),
        },
    ))
}
