//! Who calls AWS: one identity per Bedrock provider, with its credential at hand.
//!
//! An identity lives as long as what it is made of stays the same, so that a change of a provider's name
//! or models fetches nothing anew, and a change of a secret or of the mode holds for the next call.

use std::{
    collections::HashMap,
    sync::{Arc, RwLock},
    time::Duration,
};

use admin::live::{Live, LiveProvider};
use aws::{Access, Identity, Network, Source};
use domain::{
    ProviderId, SecretName,
    provider::{AwsCredentials, Region, Upstream},
};
use secrecy::{ExposeSecret, SecretString};
use tokio::runtime::Handle;

use crate::refusal::Refusal;

/// Longest name of a role's session, in characters.
const SESSION_NAME_MAX: usize = 64;
/// How often it is looked for identities that no provider has any more.
const SWEEP: Duration = Duration::from_secs(30);

/// The providers as they are now.
type Providers = HashMap<ProviderId, Arc<LiveProvider>>;

/// The identities of all Bedrock providers.
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
struct Known(RwLock<HashMap<ProviderId, (MadeOf, Identity)>>);

/// What an identity is made of. Another identity is another caller.
#[derive(Debug)]
struct MadeOf {
    region: Region,
    fips: bool,
    credentials: AwsCredentials,
    secrets: Vec<SecretString>,
}

impl MadeOf {
    /// What the identity of a Bedrock provider is made of.
    ///
    /// # Errors
    /// [`Refusal::SecretMissing`].
    fn of(provider: &LiveProvider) -> Result<Self, Refusal> {
        let Upstream::Bedrock {
            region,
            fips,
            credentials,
            ..
        } = &provider.provider.upstream
        else {
            return Err(Refusal::CredentialsMissing);
        };
        let secrets = credentials.secrets().into_iter();
        Ok(Self {
            region: region.clone(),
            fips: *fips,
            credentials: credentials.clone(),
            secrets: secrets
                .map(|name| secret(provider, name).cloned())
                .collect::<Result<_, _>>()?,
        })
    }

    fn is(&self, other: &Self) -> bool {
        self.region == other.region
            && self.fips == other.fips
            && self.credentials == other.credentials
            && self.secrets.len() == other.secrets.len()
            && self
                .secrets
                .iter()
                .zip(&other.secrets)
                .all(|(one, other)| one.expose_secret() == other.expose_secret())
    }

    /// Whether a provider as it is now is called with it.
    fn is_live(&self, id: &ProviderId, now: &Providers) -> bool {
        now.get(id)
            .and_then(|provider| Self::of(provider).ok())
            .is_some_and(|made_of| self.is(&made_of))
    }
}

impl Known {
    fn find(&self, id: &ProviderId, made_of: &MadeOf) -> Option<Identity> {
        let known = self.0.read().ok()?;
        let (known, identity) = known.get(id)?;
        known.is(made_of).then(|| identity.clone())
    }

    /// Keeps an identity where its provider is called so as it is now: not for a draft, nor for a call
    /// that began before a change.
    ///
    /// Returns the one to use: calls at the same time share the first one.
    fn keep(
        &self,
        id: &ProviderId,
        made_of: MadeOf,
        identity: Identity,
        now: &Providers,
    ) -> Identity {
        if !made_of.is_live(id, now) {
            return identity;
        }
        let Ok(mut known) = self.0.write() else {
            return identity;
        };
        match known.get(id) {
            Some((first, identity)) if first.is(&made_of) => identity.clone(),
            _ => {
                known.insert(id.clone(), (made_of, identity.clone()));
                identity
            }
        }
    }

    /// Lets go of what providers had before they were changed or deleted: its renewals end.
    fn sweep(&self, now: &Providers) {
        if let Ok(mut known) = self.0.write() {
            known.retain(|id, (made_of, _)| made_of.is_live(id, now));
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

    /// The identity of a Bedrock provider.
    ///
    /// # Errors
    /// [`Refusal::SecretMissing`].
    pub(crate) fn of(&self, provider: &LiveProvider) -> Result<Identity, Refusal> {
        let made_of = MadeOf::of(provider)?;
        let id = &provider.provider.id;
        if let Some(identity) = self.known.find(id, &made_of) {
            return Ok(identity);
        }
        let access = Access {
            region: made_of.region.clone(),
            fips: made_of.fips,
            source: source(provider, &made_of.credentials)?,
        };
        let identity = Identity::new(access, self.network.clone(), &self.runtime);
        let now = self.live.keep();
        Ok(self.known.keep(id, made_of, identity, &now.providers))
    }
}

fn secret<'a>(provider: &'a LiveProvider, name: &SecretName) -> Result<&'a SecretString, Refusal> {
    provider
        .secret(name)
        .ok_or_else(|| Refusal::SecretMissing { name: name.clone() })
}

fn source(provider: &LiveProvider, credentials: &AwsCredentials) -> Result<Source, Refusal> {
    let secret = |name| secret(provider, name).cloned();
    let id = &provider.provider.id;
    Ok(match credentials {
        AwsCredentials::DefaultChain => Source::DefaultChain,
        AwsCredentials::StaticKeys {
            access_key_id,
            secret_access_key,
            session_token,
        } => Source::Static {
            access_key_id: secret(access_key_id)?,
            secret_access_key: secret(secret_access_key)?,
            session_token: session_token.as_ref().map(secret).transpose()?,
        },
        AwsCredentials::AssumeRole {
            role_arn,
            external_id,
            session_name,
        } => Source::AssumeRole {
            role_arn: role_arn.clone(),
            external_id: external_id.clone(),
            session_name: session_name.clone().unwrap_or_else(|| session(id)),
        },
        AwsCredentials::WebIdentity { role_arn } => Source::WebIdentity {
            role_arn: role_arn.clone(),
            session_name: session(id),
        },
        AwsCredentials::Bearer { api_key } => Source::Bearer(secret(api_key)?),
    })
}

/// How sessions are called where nobody says: it stands in the logs of AWS.
fn session(provider: &ProviderId) -> String {
    let mut name = format!("weir-{provider}");
    name.truncate(SESSION_NAME_MAX);
    name
}

#[cfg(test)]
mod tests {
    use std::{slice, str::FromStr};

    use domain::{SecretName, Timestamp, provider::Provider};

    use super::*;

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
            other_paths: false,
            models: vec![],
            recording: domain::provider::Recording::default(),
            version: 1,
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
        };
        LiveProvider::new(provider, HashMap::from([(name, SecretString::from(key))]))
    }

    /// Uses a provider while others are how they are now.
    async fn used(known: &Known, provider: &LiveProvider, now: &Providers) -> String {
        let id = &provider.provider.id;
        let made_of = MadeOf::of(provider).unwrap();
        let identity = match known.find(id, &made_of) {
            Some(identity) => identity,
            None => {
                let network = Network::new(aws::NetworkSettings {
                    proxy: None,
                    proxy_authorization: None,
                    extra_ca_pem: None,
                    connect_timeout: Duration::from_secs(1),
                })
                .unwrap();
                let access = Access {
                    region: made_of.region.clone(),
                    fips: made_of.fips,
                    source: source(provider, &made_of.credentials).unwrap(),
                };
                let identity = Identity::new(access, network, &Handle::current());
                known.keep(id, made_of, identity, now)
            }
        };
        identity.credential().await.unwrap().secrets().concat()
    }

    fn now(providers: &[LiveProvider]) -> Providers {
        providers
            .iter()
            .map(|live| (live.provider.id.clone(), Arc::new(live.clone())))
            .collect()
    }

    fn stands(known: &Known, provider: &LiveProvider) -> bool {
        let made_of = MadeOf::of(provider).unwrap();
        known.find(&provider.provider.id, &made_of).is_some()
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
