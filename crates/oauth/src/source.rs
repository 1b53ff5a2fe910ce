//! Where a provider's tokens come from. Secrets stand here as their values.

use secrecy::SecretString;
use service_account::ServiceAccountKey;
use url::Url;

/// How an access token is got.
#[derive(Debug, Clone)]
pub enum TokenSource {
    /// An application proves itself with its id and secret (Microsoft Entra's client credentials).
    ClientCredentials {
        /// Where tokens are asked for: `https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token`.
        token_url: Url,
        /// The application's id.
        client_id: String,
        /// Its secret.
        client_secret: SecretString,
        /// What the token is for: `https://cognitiveservices.azure.com/.default`.
        scope: String,
    },
    /// A service account of Google's proves itself with its key.
    ServiceAccount(ServiceAccountKey),
    /// What the machine has, the first of: the file that `GOOGLE_APPLICATION_CREDENTIALS` names, gcloud's
    /// own file, the metadata server.
    ApplicationDefault,
}
