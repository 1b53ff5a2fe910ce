//! What is looked at when a Vertex AI provider is saved: whether the secrets that its endpoints name are keys of
//! service accounts.

use domain::{
    SecretName,
    provider::{GoogleCredentials, Provider, Upstream},
};
use secrecy::ExposeSecret;
use service_account::ServiceAccountKey;

use super::{
    Providers,
    address::{REFUSED_ADDRESS, is_refused_host},
    several::ENDPOINTS,
};
use crate::{
    error::{AdminError, FieldError},
    fields::all_right,
    live,
};

/// The field that names such a secret.
const FIELD: &str = "credentials.service_account";

impl Providers {
    /// Looks at the keys of a provider that is about to be saved, each endpoint's. `before`: the provider as it is
    /// now; what did not change is not looked at again.
    ///
    /// # Errors
    /// [`AdminError::Invalid`] with what is wrong with each.
    pub(super) async fn check_service_account(
        &self,
        provider: &Provider,
        before: Option<&Provider>,
    ) -> Result<(), AdminError> {
        let named: Vec<_> = provider
            .new_upstreams(before)
            .filter_map(|(index, upstream)| Some((index, service_account(upstream)?)))
            .collect();
        if named.is_empty() {
            return Ok(());
        }
        let secrets = live::secrets_of(self.admin.store(), provider).await?;
        let mut errors = vec![];
        for (index, name) in named {
            let Some(value) = secrets.get(name) else {
                continue;
            };
            let (code, message) = match ServiceAccountKey::parse(value.expose_secret()) {
                Ok(key) if self.refuses_token_uri(&key) => (
                    "refused_address",
                    format!("the token_uri in the secret {name}: {REFUSED_ADDRESS}"),
                ),
                Ok(_) => continue,
                Err(wrong) => (
                    "invalid_service_account",
                    format!(
                        "the secret {name} does not hold the key of a service account: {wrong}"
                    ),
                ),
            };
            let field = match provider.several {
                Some(_) => format!("{ENDPOINTS}[{index}].{FIELD}"),
                None => FIELD.to_owned(),
            };
            errors.push(FieldError::new(field, code, message));
        }
        all_right(errors)
    }

    /// Whether a key asks for its tokens at an address to which Weir does not connect.
    pub(super) fn refuses_token_uri(&self, key: &ServiceAccountKey) -> bool {
        !self.admin.allows_link_local() && is_refused_host(key.token_uri())
    }
}

/// The secret with the key that an endpoint names.
fn service_account(upstream: &Upstream) -> Option<&SecretName> {
    match upstream {
        Upstream::VertexAi {
            credentials: GoogleCredentials::ServiceAccount { service_account },
            ..
        } => Some(service_account),
        _ => None,
    }
}
