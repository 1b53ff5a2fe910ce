//! Publishing: each change makes another [`Snapshot`] of the newest one.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use catalog::Catalog;
use domain::{
    ProviderId, SecretName, TokenId,
    provider::Provider,
    token::{GatewayToken, TokenHash},
};
use secrecy::SecretString;

use super::{Live, LiveProvider, LiveToken, SecretValues, Snapshot, endpoints::Before};

impl Live {
    /// Publishes another catalog.
    pub(crate) fn put_catalog(&self, catalog: Arc<Catalog>) {
        self.snapshot.rcu(|now| Snapshot {
            catalog: Arc::clone(&catalog),
            ..Snapshot::clone(now)
        });
    }

    /// Publishes a provider that was made or changed.
    pub(crate) fn put_provider(&self, provider: Provider, secrets: SecretValues) {
        self.change_providers(|providers| {
            let before = providers.get(&provider.id).map(|before| Before {
                provider: before,
                renewed: None,
            });
            let live = LiveProvider::after(provider.clone(), secrets.clone(), before);
            providers.insert(provider.id.clone(), Arc::new(live));
        });
    }

    /// Takes a provider away.
    pub(crate) fn remove_provider(&self, id: &ProviderId) {
        self.change_providers(|providers| {
            providers.remove(id);
        });
    }

    /// Publishes a secret that was made or has a new value, and gives that to every provider that refers
    /// to it.
    pub(crate) fn put_secret(&self, name: &SecretName, value: &SecretString) {
        self.change_secrets(|secrets| {
            secrets.insert(name.clone());
        });
        self.change_providers(|providers| {
            for live in providers.values_mut() {
                if live.provider.secrets().contains(&name) {
                    let mut secrets = live.secrets.clone();
                    secrets.insert(name.clone(), value.clone());
                    let before = Before {
                        provider: live,
                        renewed: Some(name),
                    };
                    let after = LiveProvider::after(live.provider.clone(), secrets, Some(before));
                    *live = Arc::new(after);
                }
            }
        });
    }

    /// Takes the name of a secret away.
    pub(crate) fn remove_secret(&self, name: &SecretName) {
        self.change_secrets(|secrets| {
            secrets.remove(name);
        });
    }

    fn change_secrets(&self, mut change: impl FnMut(&mut HashSet<SecretName>)) {
        self.snapshot.rcu(|now| {
            let mut secrets = HashSet::clone(&now.secrets);
            change(&mut secrets);
            Snapshot {
                secrets: Arc::new(secrets),
                ..Snapshot::clone(now)
            }
        });
    }

    fn change_providers(
        &self,
        mut change: impl FnMut(&mut HashMap<ProviderId, Arc<LiveProvider>>),
    ) {
        self.snapshot.rcu(|now| {
            let mut providers = HashMap::clone(&now.providers);
            change(&mut providers);
            Snapshot {
                providers: Arc::new(providers),
                ..Snapshot::clone(now)
            }
        });
    }

    /// Publishes a token.
    pub(crate) fn put_token(&self, hash: TokenHash, token: &GatewayToken) {
        let live = Arc::new(LiveToken::of(token));
        self.snapshot.rcu(|now| {
            let mut tokens = HashMap::clone(&now.tokens);
            tokens.insert(hash, Arc::clone(&live));
            Snapshot {
                tokens: Arc::new(tokens),
                ..Snapshot::clone(now)
            }
        });
    }

    /// Takes a token away.
    pub(crate) fn remove_token(&self, id: TokenId) {
        self.snapshot.rcu(|now| {
            let mut tokens = HashMap::clone(&now.tokens);
            tokens.retain(|_, token| token.id != id);
            Snapshot {
                tokens: Arc::new(tokens),
                ..Snapshot::clone(now)
            }
        });
    }
}
