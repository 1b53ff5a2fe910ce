//! Who answered 400 to `stream_options`, so that it is not asked for usage again. What it streams from then on
//! is estimated, so as little as possible is concluded from one answer.

use std::{collections::HashSet, sync::RwLock};

use admin::live::LiveProvider;
use domain::{
    ProviderId,
    provider::{EndpointName, Upstream},
};

use crate::azure;

/// How many are remembered at most; more than any provider has.
const REMEMBERED_MAX: usize = 1024;

/// Who may refuse: an upstream, which may be one of several endpoints, as it is configured now. Azure's deployments are servers of their own, each in
/// as many versions as Azure has.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct Refuser {
    provider: ProviderId,
    endpoint: Option<EndpointName>,
    version: u64,
    deployment: Option<Deployment>,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Deployment {
    name: Option<String>,
    api_version: Option<String>,
}

impl Refuser {
    /// Who is asked for a model at an address.
    pub(crate) fn of(live: &LiveProvider, model: Option<&str>, address: &str) -> Self {
        let provider = &live.provider;
        let deployment = match provider.upstream {
            Upstream::AzureOpenAi { .. } => Some(Deployment {
                name: model.map(str::to_owned),
                api_version: azure::version_at(address),
            }),
            Upstream::OpenAi { .. }
            | Upstream::Anthropic { .. }
            | Upstream::GoogleAi { .. }
            | Upstream::Bedrock { .. }
            | Upstream::VertexAi { .. }
            | Upstream::OpenAiCompatible { .. }
            | Upstream::Cohere { .. } => None,
        };
        Self {
            provider: provider.id.clone(),
            endpoint: live.endpoint().map(|endpoint| endpoint.name.clone()),
            version: provider.version,
            deployment,
        }
    }
}

/// Those that refused, until their provider is changed or Weir restarts.
#[derive(Debug, Default)]
pub(crate) struct Refusing(RwLock<HashSet<Refuser>>);

impl Refusing {
    pub(crate) fn has(&self, refuser: &Refuser) -> bool {
        let known = self.0.read();
        known.is_ok_and(|known| known.contains(refuser))
    }

    pub(crate) fn remember(&self, refuser: Refuser) {
        if let Ok(mut known) = self.0.write() {
            known.retain(|other| {
                other.provider != refuser.provider || other.version == refuser.version
            });
            if known.len() >= REMEMBERED_MAX {
                // Whoever still refuses does so once more.
                known.clear();
            }
            known.insert(refuser);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use domain::{
        SecretName, Timestamp,
        provider::{AzureCredentials, Provider, Recording},
    };

    use super::*;

    fn provider(upstream: Upstream, version: u64) -> LiveProvider {
        let provider = Provider {
            id: ProviderId::new("p").unwrap(),
            display_name: "P".to_owned(),
            enabled: true,
            upstream,
            several: None,
            other_paths: false,
            models: vec![],
            recording: Recording::default(),
            version,
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
        };
        LiveProvider::new(provider, HashMap::new())
    }

    fn azure(version: u64) -> LiveProvider {
        let upstream = Upstream::AzureOpenAi {
            base_url: "https://res.openai.azure.com".parse().unwrap(),
            api_version: None,
            credentials: AzureCredentials::Key(SecretName::new("KEY").unwrap()),
            data_zone: None,
        };
        provider(upstream, version)
    }

    #[test]
    fn a_deployment_of_azures_refuses_for_itself_and_its_version() {
        let refusing = Refusing::default();
        let of = |version, deployment: &str, api_version: &str| {
            let address = format!("https://x/openai/deployments/{deployment}/y{api_version}");
            Refuser::of(&azure(version), Some(deployment), &address)
        };
        refusing.remember(of(1, "old", "?api-version=2024-10-21"));
        assert!(refusing.has(&of(1, "old", "?a=1&api-version=2024-10-21")));
        assert!(!refusing.has(&of(1, "new", "?api-version=2024-10-21")));
        assert!(!refusing.has(&of(1, "old", "?api-version=2025-04-01-preview")));
        assert!(!refusing.has(&of(1, "old", "")));
        assert!(!refusing.has(&of(2, "old", "?api-version=2024-10-21")));
        // What it did before a change is forgotten.
        refusing.remember(of(2, "new", ""));
        assert!(!refusing.has(&of(1, "old", "?api-version=2024-10-21")));
    }

    #[test]
    fn another_upstream_refuses_for_all_its_models() {
        let refusing = Refusing::default();
        let openai = provider(
            Upstream::OpenAi {
                base_url: None,
                api_key: SecretName::new("KEY").unwrap(),
                organization: None,
                project: None,
            },
            1,
        );
        refusing.remember(Refuser::of(&openai, Some("a"), "https://x/a"));
        assert!(refusing.has(&Refuser::of(&openai, Some("b"), "https://x/b")));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let refusing = Refusing::default();
        let of = |name: usize| Refuser::of(&azure(1), Some(&name.to_string()), "https://x/y");
        for name in 0..=REMEMBERED_MAX {
            refusing.remember(of(name));
        }
        assert!(refusing.has(&of(REMEMBERED_MAX)) && !refusing.has(&of(0)));
    }
}
