//! A provider with several endpoints, as calls see it: each endpoint is the provider itself, with the address
//! and the credentials of that endpoint. So what is done for a provider is done for an endpoint by the same code.

use std::{sync::Arc, time::Instant};

use domain::{
    SecretName,
    provider::{EndpointName, Provider},
};

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

/// A provider as it was before a change.
#[derive(Clone, Copy)]
pub(super) struct Before<'a> {
    pub(super) provider: &'a LiveProvider,
    /// The secret that got a new value by the change.
    pub(super) renewed: Option<&'a SecretName>,
}

impl LiveEndpoints {
    /// Those of a provider. `None`: it has only one, without a name.
    pub(super) fn of(
        provider: &Provider,
        secrets: &SecretValues,
        before: Option<Before<'_>>,
    ) -> Option<Self> {
        provider.several.as_ref()?;
        let ring = Ring::new(provider.endpoints(), Instant::now());
        let known = before.and_then(|before| Some((before.provider.endpoints()?, before.renewed)));
        let ring = Arc::new(match known {
            Some((before, renewed)) => ring.following(&before.ring, renewed),
            None => ring,
        });
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
