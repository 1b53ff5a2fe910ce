//! A provider with several endpoints, as calls see it: each endpoint is the provider itself, with the address
//! and the credentials of that endpoint. So what is done for a provider is done for an endpoint by the same code.

use std::{sync::Arc, time::Instant};

use domain::provider::{EndpointName, Provider};

use super::{LiveProvider, Ring, SecretValues};

/// The endpoints of a provider that has several, and whose turn it is.
#[derive(Clone)]
pub struct LiveEndpoints {
    /// In the order of the ring.
    pub each: Vec<LiveEndpoint>,
    /// Whose turn it is, and how they are.
    pub ring: Arc<Ring>,
}

/// One of several endpoints.
#[derive(Clone)]
pub struct LiveEndpoint {
    /// What it is called.
    pub name: EndpointName,
    /// The provider as it is called there.
    pub provider: Arc<LiveProvider>,
}

/// Which of several endpoints something is.
#[derive(Debug, Clone)]
pub struct Member {
    /// What it is called.
    pub name: EndpointName,
    /// Where it stands with the others.
    pub ring: Arc<Ring>,
}

impl LiveEndpoints {
    /// Those of a provider. `None`: it has only one, without a name.
    pub(super) fn of(provider: &Provider, secrets: &SecretValues) -> Option<Self> {
        provider.several.as_ref()?;
        let ring = Arc::new(Ring::new(provider.endpoints(), Instant::now()));
        let each = provider
            .endpoints()
            .map(|(name, upstream)| {
                let there = Provider {
                    upstream: upstream.clone(),
                    several: None,
                    ..provider.clone()
                };
                let member = Member {
                    name: name.clone(),
                    ring: Arc::clone(&ring),
                };
                LiveEndpoint {
                    name: name.clone(),
                    provider: Arc::new(LiveProvider {
                        endpoint: Some(member),
                        ..LiveProvider::single(there, secrets.clone())
                    }),
                }
            })
            .collect();
        Some(Self { each, ring })
    }
}

impl LiveProvider {
    /// Takes over what is known of the endpoints that it had before a change.
    pub(super) fn follow(&self, before: &Self) {
        if let (Some(now), Some(before)) = (&self.endpoints, &before.endpoints) {
            now.ring.follow(&before.ring);
        }
    }
}
