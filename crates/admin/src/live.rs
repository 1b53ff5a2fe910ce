//! What the data plane reads: every provider and token as it is now, in memory, with the values of the
//! secrets that providers refer to.
//!
//! A [`Snapshot`] never changes; each change of an admin publishes a new one before it returns. Reading
//! takes no lock. What did not change is shared between snapshots, so that publishing stays cheap
//! however many tokens there are.
//!
//! What the console and the REST API read with every request is kept beside it, in [`desk`].

mod answered;
mod desk;
mod endpoints;
mod publish;
mod ring;

use std::{
    collections::{HashMap, HashSet},
    fmt,
    sync::Arc,
};

use arc_swap::{ArcSwap, Guard};
use catalog::Catalog;
use domain::{
    ModelId, ProviderId, SecretName, Timestamp, TokenId,
    pricing::RateOverrides,
    provider::{Provider, ProviderModel},
    token::{GatewayToken, TokenHash},
};
use secrecy::SecretString;
use store::{Store, StoreError};

use crate::error::AdminError;

pub use answered::Answered;
pub(crate) use desk::LiveApiToken;
use endpoints::Before;
pub use endpoints::{LiveEndpoint, LiveEndpoints, Member};
pub use ring::{Attempt, Health, Ring, Turns};

/// The newest [`Snapshot`].
pub struct Live {
    snapshot: ArcSwap<Snapshot>,
    desk: ArcSwap<desk::Desk>,
    builtin: Arc<Catalog>,
}

/// Everything that a call needs to know, at one moment.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// Every provider, disabled ones too.
    pub providers: Arc<HashMap<ProviderId, Arc<LiveProvider>>>,
    /// Every token that has not been revoked; it may have expired.
    pub tokens: Arc<HashMap<TokenHash, Arc<LiveToken>>>,
    /// The names of the secrets that there are, used or not, whether or not they can be decrypted.
    pub secrets: Arc<HashSet<SecretName>>,
    /// The models and their prices.
    pub catalog: Arc<Catalog>,
}

/// The values of the secrets that a provider refers to, as far as they are there and can be decrypted.
pub type SecretValues = HashMap<SecretName, SecretString>;

/// A provider with its secrets at hand.
#[derive(Clone)]
pub struct LiveProvider {
    /// The provider.
    pub provider: Provider,
    secrets: SecretValues,
    models: HashMap<String, usize>,
    /// Its endpoints, where it has several.
    endpoints: Option<LiveEndpoints>,
    /// Which endpoint it is, where it is one of several.
    endpoint: Option<Member>,
}

/// A gateway token as the data plane checks it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveToken {
    /// Its id.
    pub id: TokenId,
    /// What people call it.
    pub name: String,
    /// Whom its calls are for. `None`: the request may say.
    pub agent: Option<String>,
    /// Whom its calls are for. `None`: the request may say.
    pub user: Option<String>,
    /// The providers it may call. `None`: every one.
    pub providers: Option<HashSet<ProviderId>>,
    /// From when on it is refused. `None`: never.
    pub expires_at: Option<Timestamp>,
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.snapshot.load().fmt(f)
    }
}

impl fmt::Debug for LiveProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveProvider")
            .field("provider", &self.provider)
            .field("secrets", &self.secrets.keys())
            .finish_non_exhaustive()
    }
}

impl LiveProvider {
    /// A provider and the values of its secrets.
    #[must_use]
    pub fn new(provider: Provider, secrets: SecretValues) -> Self {
        Self::after(provider, secrets, None)
    }

    /// The same, with what is known of endpoints that it had before.
    fn after(provider: Provider, secrets: SecretValues, before: Option<Before<'_>>) -> Self {
        let endpoints = LiveEndpoints::of(&provider, &secrets, before);
        Self {
            endpoints,
            ..Self::single(provider, secrets)
        }
    }

    /// One without endpoints of its own.
    fn single(provider: Provider, secrets: SecretValues) -> Self {
        let models = provider
            .models
            .iter()
            .enumerate()
            .map(|(index, model)| (model.id.to_string(), index))
            .collect();
        Self {
            provider,
            secrets,
            models,
            endpoints: None,
            endpoint: None,
        }
    }

    /// The entry of a model. `None`: the list does not have it (which an empty list never has).
    #[must_use]
    pub fn model(&self, id: &str) -> Option<&ProviderModel> {
        self.models
            .get(id)
            .and_then(|index| self.provider.models.get(*index))
    }

    /// Whether a model may be called: it is listed, or the list is empty.
    #[must_use]
    pub fn allows(&self, id: &str) -> bool {
        self.models.is_empty() || self.models.contains_key(id)
    }

    /// The same provider with one more model in its list, to try it before it is put there.
    #[must_use]
    pub(crate) fn also_allowing(&self, model: ModelId) -> Self {
        let mut provider = self.provider.clone();
        provider.models.push(ProviderModel {
            id: model,
            display_name: None,
            price_as: None,
            rates: RateOverrides::default(),
        });
        Self {
            endpoint: self.endpoint.clone(),
            ..Self::new(provider, self.secrets.clone())
        }
    }

    /// Its endpoints. `None`: it has one, without a name, or is one of several itself.
    #[must_use]
    pub const fn endpoints(&self) -> Option<&LiveEndpoints> {
        self.endpoints.as_ref()
    }

    /// Which endpoint it is. `None`: its provider has not several.
    #[must_use]
    pub const fn endpoint(&self) -> Option<&Member> {
        self.endpoint.as_ref()
    }

    /// The provider as it is called at the endpoint of a name. `None`: it has none of this name.
    #[must_use]
    pub fn at(&self, endpoint: &str) -> Option<&Arc<Self>> {
        let mut each = self.endpoints.as_ref()?.each.iter();
        let found = each.find(|each| each.name.as_str() == endpoint)?;
        Some(&found.provider)
    }

    /// The secret that the provider refers to though there is none, or none that can be decrypted;
    /// [`Snapshot::secrets`] tells the one from the other.
    #[must_use]
    pub fn secret_missing(&self) -> Option<&SecretName> {
        let mut names = self.provider.secrets().into_iter();
        names.find(|name| !self.secrets.contains_key(*name))
    }

    /// The value of a secret that the provider refers to. `None`: it is missing.
    #[must_use]
    pub fn secret(&self, name: &SecretName) -> Option<&SecretString> {
        self.secrets.get(name)
    }
}

impl LiveToken {
    /// The token as the data plane checks it.
    #[must_use]
    pub fn of(token: &GatewayToken) -> Self {
        Self {
            id: token.id,
            name: token.name.clone(),
            agent: token.agent.clone(),
            user: token.user.clone(),
            providers: (!token.providers.is_empty())
                .then(|| token.providers.iter().cloned().collect()),
            expires_at: token.expires_at,
        }
    }

    /// Whether the token may call a provider.
    #[must_use]
    pub fn allows(&self, provider: &ProviderId) -> bool {
        self.providers
            .as_ref()
            .is_none_or(|providers| providers.contains(provider))
    }

    /// Whether the token is refused from now on.
    #[must_use]
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|at| at <= now)
    }
}

impl Live {
    /// Reads everything from the database. The catalog in use is the one that was applied, unless the
    /// built-in one is newer.
    ///
    /// # Errors
    /// [`AdminError::Internal`] where the database cannot be read.
    pub async fn load(store: &Store, builtin: Arc<Catalog>) -> Result<Arc<Self>, AdminError> {
        let applied = newer_catalog(store, &builtin).await?;
        let catalog = applied.map_or_else(|| Arc::clone(&builtin), Arc::new);
        let mut providers = HashMap::new();
        for provider in store.providers().list().await? {
            let secrets = secrets_of(store, &provider).await?;
            providers.insert(
                provider.id.clone(),
                Arc::new(LiveProvider::new(provider, secrets)),
            );
        }
        let secrets = store.secrets().list().await?;
        let secrets = secrets.into_iter().map(|info| info.name).collect();
        let tokens = store.tokens().hashes().await?;
        let tokens = tokens
            .into_iter()
            .map(|(hash, token)| (hash, Arc::new(LiveToken::of(&token))))
            .collect();
        let snapshot = Snapshot {
            providers: Arc::new(providers),
            tokens: Arc::new(tokens),
            secrets: Arc::new(secrets),
            catalog,
        };
        Ok(Arc::new(Self {
            snapshot: ArcSwap::from_pointee(snapshot),
            desk: ArcSwap::from_pointee(desk::Desk::load(store).await?),
            builtin,
        }))
    }

    /// The catalog that is built into the program, in use or not.
    pub(crate) const fn builtin(&self) -> &Arc<Catalog> {
        &self.builtin
    }

    /// The newest snapshot, for a moment. Do not keep it over an await; see [`Live::keep`].
    #[must_use]
    pub fn now(&self) -> Guard<Arc<Snapshot>> {
        self.snapshot.load()
    }

    /// The newest snapshot, to be kept as long as one likes.
    #[must_use]
    pub fn keep(&self) -> Arc<Snapshot> {
        self.snapshot.load_full()
    }
}

/// The catalog that was applied, where it is newer than the built-in one. One that cannot be read is no
/// reason not to start: the built-in one is used instead.
async fn newer_catalog(store: &Store, builtin: &Catalog) -> Result<Option<Catalog>, AdminError> {
    let applied = store.catalogs().applied().await?;
    let Some(info) = applied.filter(|info| builtin.is_older_than(&info.version)) else {
        return Ok(None);
    };
    let read = match store.catalogs().text(info.id).await {
        Ok(text) => {
            Catalog::from_bytes(text.unwrap_or_default()).map_err(|error| error.to_string())
        }
        Err(error @ StoreError::Unreadable { .. }) => Err(error.to_string()),
        Err(error) => return Err(error.into()),
    };
    Ok(read
        .inspect_err(|error| {
            tracing::error!(
                error,
                catalog.version = info.version,
                "The catalog that was applied cannot be read; the built-in one is used"
            );
        })
        .ok())
}

/// The values of the secrets that a provider refers to. One that is missing or cannot be decrypted is no
/// error here: the provider is shown to need attention, and the others go on.
pub(crate) async fn secrets_of(
    store: &Store,
    provider: &Provider,
) -> Result<SecretValues, AdminError> {
    let mut values = SecretValues::new();
    for name in provider.secrets() {
        match store.secrets().value(name).await {
            Err(error @ StoreError::Sealed { .. }) => {
                tracing::error!(provider.id = %provider.id, %error, "A provider has no credential");
            }
            other => {
                if let Some(value) = other? {
                    values.insert(name.clone(), value);
                }
            }
        }
    }
    Ok(values)
}
