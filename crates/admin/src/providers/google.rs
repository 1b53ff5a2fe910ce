//! What is looked at when a Vertex AI provider is saved: whether the secret that it names is the key of a service
//! account.

use domain::provider::{GoogleCredentials, Provider, Upstream};
use secrecy::ExposeSecret;
use service_account::ServiceAccountKey;

use super::Providers;
use crate::{
    error::{AdminError, FieldError},
    live,
};

impl Providers {
    /// Looks at the key of a provider that is about to be saved. `before`: the provider as it is now; what did not
    /// change is not looked at again.
    ///
    /// # Errors
    /// [`AdminError::Invalid`] with what is wrong with it.
    pub(super) async fn check_service_account(
        &self,
        provider: &Provider,
        before: Option<&Provider>,
    ) -> Result<(), AdminError> {
        let Upstream::VertexAi {
            credentials: GoogleCredentials::ServiceAccount { service_account },
            ..
        } = &provider.upstream
        else {
            return Ok(());
        };
        if before.is_some_and(|before| before.upstream == provider.upstream) {
            return Ok(());
        }
        let secrets = live::secrets_of(self.admin.store(), provider).await?;
        let Some(value) = secrets.get(service_account) else {
            return Ok(());
        };
        match ServiceAccountKey::parse(value.expose_secret()) {
            Ok(_) => Ok(()),
            Err(wrong) => Err(AdminError::Invalid(vec![FieldError::new(
                "credentials.service_account",
                "invalid_service_account",
                format!(
                    "the secret {service_account} does not hold the key of a service account: {wrong}"
                ),
            )])),
        }
    }
}
