//! What the stand-in is told of tokens. It knows nothing of requests.

use std::time::Duration;

/// What the stand-in knows as Microsoft Entra, Google's token endpoint and metadata server.
#[derive(Clone, Debug)]
pub struct OAuthSettings {
    /// How long issued tokens hold, in whole seconds.
    pub token_lifetime: Duration,
    /// The directory whose applications are known: the first part of Entra's path.
    pub tenant: String,
    /// The application that is known.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// The project of the service account.
    pub project: String,
    /// The name of the service account.
    pub client_email: String,
    /// The id of its key.
    pub key_id: String,
    /// The sign-in of a person that is known.
    pub refresh_token: String,
}

impl Default for OAuthSettings {
    /// Tokens hold for an hour.
    fn default() -> Self {
        Self {
            token_lifetime: Duration::from_secs(3_600),
            tenant: "standin-tenant".to_owned(),
            client_id: "6a3c9f50-0000-4000-8000-57a9d17057a9".to_owned(),
            client_secret: "standin~client.secret".to_owned(),
            project: "standin-project".to_owned(),
            client_email: "caller@standin-project.iam.gserviceaccount.com".to_owned(),
            key_id: "57a9d17057a9d17057a9d17057a9d17057a9d170".to_owned(),
            refresh_token: "1//standin-refresh-token".to_owned(),
        }
    }
}
