//! Who providers are to upstreams that take no fixed key: one identity per provider, with its credential
//! at hand. Which providers have one, and what it is made of, is in [`way`].
//!
//! An identity lives as long as what it is made of stays the same, so that a change of a provider's name
//! or models fetches nothing anew, and a change of a secret or of the mode holds for the next call.

mod way;

use std::{
    collections::HashMap,
    sync::{Arc, RwLock},
    time::Duration,
};

use admin::live::{Live, LiveProvider};
use credentials::Network;
use domain::{ProviderId, SecretName, provider::EndpointName};
use secrecy::{ExposeSecret, SecretString};
use tokio::runtime::Handle;

pub(crate) use self::way::{Identity, Way};
use crate::refusal::Refusal;

/// How often it is looked for identities that no provider has any more.
const SWEEP: Duration = Duration::from_secs(30);

/// The providers as they are now.
type Providers = HashMap<ProviderId, Arc<LiveProvider>>;

/// The identities of all providers that have one.
#[derive(Debug)]
pub(crate) struct Identities {
    live: Arc<Live>,
    network: Network,
    runtime: Handle,
    known: Arc<Known>,
}

/// The identities that providers have as they are now, each with what it is made of. Their renewals go on
/// as long as they stand here.
#[derive(Debug, Default)]
struct Known(RwLock<HashMap<ProviderId, Vec<One>>>);

/// The identity of a provider, or of one of its endpoints.
#[derive(Debug)]
struct One {
    endpoint: Option<EndpointName>,
    made_of: MadeOf,
    identity: Identity,
}

impl One {
    /// Whether it is made of this, and is still renewed.
    fn is_good(&self, made_of: &MadeOf) -> bool {
        self.made_of.is(made_of) && self.identity.is_good()
    }
}

/// Which endpoint of a provider is called. `None`: it has one, without a name.
fn endpoint_of(provider: &LiveProvider) -> Option<&EndpointName> {
    provider.endpoint().map(|endpoint| &endpoint.name)
}

/// What an identity is made of. Another identity is another caller.
#[derive(Debug)]
struct MadeOf {
    way: Way,
    secrets: Vec<SecretString>,
}

impl MadeOf {
    /// What the identity of a provider is made of.
    ///
    /// # Errors
    /// [`Refusal::SecretMissing`].
    fn of(provider: &LiveProvider) -> Result<Self, Refusal> {
        let way = Way::of(&provider.provider.upstream).ok_or(Refusal::CredentialsMissing)?;
        let secrets = way.secrets().into_iter();
        let secrets = secrets
            .map(|name| secret(provider, name))
            .collect::<Result<_, _>>()?;
        Ok(Self { way, secrets })
    }

    fn is(&self, other: &Self) -> bool {
        self.way == other.way
            && self.secrets.len() == other.secrets.len()
            && self
                .secrets
                .iter()
                .zip(&other.secrets)
                .all(|(one, other)| one.expose_secret() == other.expose_secret())
    }

    /// Whether a provider as it is now, or its endpoint of this name, is called with it.
    fn is_live(&self, id: &ProviderId, endpoint: Option<&EndpointName>, now: &Providers) -> bool {
        let provider = now.get(id);
        let called = match endpoint {
            None => provider,
            Some(name) => provider.and_then(|provider| provider.at(name.as_str())),
        };
        called
            .and_then(|provider| Self::of(provider).ok())
            .is_some_and(|made_of| self.is(&made_of))
    }
}

impl Known {
    fn find(&self, provider: &LiveProvider, made_of: &MadeOf) -> Option<Identity> {
        let known = self.0.read().ok()?;
        let endpoint = endpoint_of(provider);
        let mut known = known.get(&provider.provider.id)?.iter();
        let one = known.find(|one| one.endpoint.as_ref() == endpoint)?;
        one.is_good(made_of).then(|| one.identity.clone())
    }

    /// Keeps an identity where its provider is called so as it is now: not for a draft, nor for a call
    /// that began before a change.
    ///
    /// Returns the one to use: calls at the same time share the first one.
    fn keep(
        &self,
        provider: &LiveProvider,
        made_of: MadeOf,
        identity: Identity,
        now: &Providers,
    ) -> Identity {
        let (id, endpoint) = (&provider.provider.id, endpoint_of(provider));
        if !made_of.is_live(id, endpoint, now) {
            return identity;
        }
        let Ok(mut known) = self.0.write() else {
            return identity;
        };
        let known = known.entry(id.clone()).or_default();
        let first = known.iter().find(|one| one.endpoint.as_ref() == endpoint);
        if let Some(first) = first.filter(|first| first.is_good(&made_of)) {
            return first.identity.clone();
        }
        known.retain(|one| one.endpoint.as_ref() != endpoint);
        known.push(One {
            endpoint: endpoint.cloned(),
            made_of,
            identity: identity.clone(),
        });
        identity
    }

    /// Lets go of what providers had before they were changed or deleted: its renewals end.
    fn sweep(&self, now: &Providers) {
        if let Ok(mut known) = self.0.write() {
            known.retain(|id, known| {
                known.retain(|one| one.made_of.is_live(id, one.endpoint.as_ref(), now));
                !known.is_empty()
            });
        }
    }
}

impl Identities {
    /// None yet; each is made when it is first asked for.
    pub(crate) fn new(live: Arc<Live>, network: Network, runtime: Handle) -> Self {
        let known = Arc::<Known>::default();
        runtime.spawn({
            let (known, live) = (Arc::downgrade(&known), Arc::clone(&live));
            async move {
                loop {
                    tokio::time::sleep(SWEEP).await;
                    match known.upgrade() {
                        Some(known) => known.sweep(&live.now().providers),
                        None => return,
                    }
                }
            }
        });
        Self {
            live,
            network,
            runtime,
            known,
        }
    }

    /// The identity of a provider.
    ///
    /// # Errors
    /// [`Refusal::SecretMissing`].
    pub(crate) fn of(&self, provider: &LiveProvider) -> Result<Identity, Refusal> {
        let made_of = MadeOf::of(provider)?;
        if let Some(identity) = self.known.find(provider, &made_of) {
            return Ok(identity);
        }
        let identity = made_of.way.identity(
            &provider.provider.id,
            |name| secret(provider, name),
            &self.network,
            &self.runtime,
        )?;
        let now = self.live.keep();
        Ok(self.known.keep(provider, made_of, identity, &now.providers))
    }
}

fn secret(provider: &LiveProvider, name: &SecretName) -> Result<SecretString, Refusal> {
    provider
        .secret(name)
        .cloned()
        .ok_or_else(|| Refusal::SecretMissing { name: name.clone() })
}

#[cfg(test)]
mod tests {
    use std::{slice, str::FromStr};

    use domain::{
        Timestamp,
        provider::{AwsCredentials, Provider, Region, Upstream},
    };

    use super::*;
    use crate::credential::Credential;

    fn provider(id: &str, key: &str) -> LiveProvider {
        let name = SecretName::new("KEY").unwrap();
        let provider = Provider {
            id: ProviderId::new(id).unwrap(),
            display_name: id.to_owned(),
            enabled: true,
            upstream: Upstream::Bedrock {
                region: Region::from_str("us-east-1").unwrap(),
                base_url: None,
                credentials: AwsCredentials::Bearer {
                    api_key: name.clone(),
                },
                fips: false,
                guardrail: None,
            },
            several: None,
            other_paths: false,
            models: vec![],
            recording: domain::provider::Recording::default(),
            version: 1,
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
        };
        LiveProvider::new(provider, HashMap::from([(name, SecretString::from(key))]))
    }

    fn network() -> Network {
        Network::new(credentials::NetworkSettings {
            proxy: None,
            proxy_authorization: None,
            extra_ca_pem: None,
            connect_timeout: Duration::from_secs(1),
            allows: |_| true,
        })
        .unwrap()
    }

    /// Uses a provider while others are how they are now.
    async fn used(known: &Known, provider: &LiveProvider, now: &Providers) -> String {
        let made_of = MadeOf::of(provider).unwrap();
        let identity = match known.find(provider, &made_of) {
            Some(identity) => identity,
            None => {
                let secret = |name: &SecretName| secret(provider, name);
                let id = &provider.provider.id;
                let identity = made_of
                    .way
                    .identity(id, secret, &network(), &Handle::current());
                let identity = identity.unwrap();
                known.keep(provider, made_of, identity, now)
            }
        };
        let credential: Credential = identity.credential().await.unwrap();
        credential.secrets().concat()
    }

    fn now(providers: &[LiveProvider]) -> Providers {
        providers
            .iter()
            .map(|live| (live.provider.id.clone(), Arc::new(live.clone())))
            .collect()
    }

    fn stands(known: &Known, provider: &LiveProvider) -> bool {
        let made_of = MadeOf::of(provider).unwrap();
        known.find(provider, &made_of).is_some()
    }

    #[tokio::test]
    async fn a_call_that_began_before_a_change_does_not_take_the_newer_identity_away() {
        let known = Known::default();
        let (old, new) = (provider("b", "old"), provider("b", "new"));
        assert_eq!(used(&known, &old, &now(slice::from_ref(&old))).await, "old");
        let changed = now(slice::from_ref(&new));
        assert_eq!(used(&known, &new, &changed).await, "new");
        assert_eq!(used(&known, &old, &changed).await, "old");
        assert!(stands(&known, &new) && !stands(&known, &old));
    }

    #[tokio::test]
    async fn an_identity_that_is_renewed_no_more_is_not_handed_out() {
        let known = Known::default();
        let mut provider = provider("v", "key");
        provider.provider.upstream = Upstream::VertexAi {
            project: "project-1".parse().unwrap(),
            location: "global".parse().unwrap(),
            base_url: None,
            credentials: domain::provider::GoogleCredentials::DefaultChain,
        };
        let now = now(slice::from_ref(&provider));
        let keep = |runtime: &Handle| {
            let made_of = MadeOf::of(&provider).unwrap();
            let secret = |name: &SecretName| secret(&provider, name);
            let id = &provider.provider.id;
            let identity = made_of
                .way
                .identity(id, secret, &network(), runtime)
                .unwrap();
            known.keep(&provider, made_of, identity, &now)
        };
        let ended = tokio::runtime::Builder::new_multi_thread().build().unwrap();
        keep(ended.handle());
        assert!(stands(&known, &provider));
        ended.shutdown_background();
        let gone = async {
            while stands(&known, &provider) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(10), gone).await;
        waited.expect("it is handed out no more");
        assert!(keep(&Handle::current()).is_good());
        assert!(stands(&known, &provider));
    }

    #[tokio::test]
    async fn each_endpoint_has_an_identity_of_its_own() {
        let known = Known::default();
        let mut several = provider("b", "first").provider;
        let bearer = |key: &str| AwsCredentials::Bearer {
            api_key: SecretName::new(key).unwrap(),
        };
        let mut other = several.upstream.clone();
        if let Upstream::Bedrock { credentials, .. } = &mut other {
            *credentials = bearer("OTHER");
        }
        several.several = Some(domain::provider::Several {
            first: "one".parse().unwrap(),
            others: vec![domain::provider::Endpoint {
                name: "two".parse().unwrap(),
                upstream: other,
            }],
        });
        let secrets =
            ["KEY", "OTHER"].map(|name| (SecretName::new(name).unwrap(), SecretString::from(name)));
        let live = LiveProvider::new(several, HashMap::from(secrets));
        let now = now(slice::from_ref(&live));
        let each = live.endpoints().unwrap().each.clone();
        for _ in 0..2 {
            for (endpoint, key) in each.iter().zip(["KEY", "OTHER"]) {
                assert_eq!(used(&known, &endpoint.provider, &now).await, key);
            }
        }
        assert!(
            each.iter()
                .all(|endpoint| stands(&known, &endpoint.provider))
        );
        known.sweep(&Providers::new());
        assert!(
            each.iter()
                .all(|endpoint| !stands(&known, &endpoint.provider))
        );
    }

    #[tokio::test]
    async fn identities_of_deleted_and_changed_providers_are_swept() {
        let known = Known::default();
        let all = ["deleted", "changed", "same"].map(|id| provider(id, "key"));
        let [deleted, changed, same] = &all;
        for provider in &all {
            used(&known, provider, &now(&all)).await;
        }
        known.sweep(&now(&[provider("changed", "other"), same.clone()]));
        assert!(!stands(&known, deleted) && !stands(&known, changed));
        assert!(stands(&known, same));
        // A draft is never kept.
        used(&known, &provider("draft", "key"), &now(&all)).await;
        assert!(!stands(&known, &provider("draft", "key")));
    }
}
