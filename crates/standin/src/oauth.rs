//! Who issues access tokens: Microsoft Entra for an application, Google for a service account, for a
//! person, and for the machine (the metadata server). It knows nothing of models.

mod entra;
mod google;
mod issuing;
mod jwt;
mod metadata;
mod settings;
mod tokens;

pub(crate) use issuing::answer;
pub use settings::OAuthSettings;
pub use tokens::{IssuedTokens, TokenFor, TokenState};

use self::tokens::Tokens;

/// What is known of tokens while the stand-in runs.
pub(crate) struct OAuth {
    settings: OAuthSettings,
    tokens: Tokens,
}

impl OAuth {
    pub(crate) fn new(settings: &OAuthSettings) -> Self {
        Self {
            settings: settings.clone(),
            tokens: Tokens::new(settings.token_lifetime),
        }
    }

    /// The tokens that were issued.
    pub(crate) fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    /// The key of the service account, as Google's JSON file; tokens are asked for at `base`.
    pub(crate) fn service_account(&self, base: &str) -> String {
        google::service_account(&self.settings, base)
    }
}
