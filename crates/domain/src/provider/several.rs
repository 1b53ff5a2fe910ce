//! Several endpoints in one provider: places that speak the same API and answer the same calls, each with an
//! address and credentials of its own. Calls go to them in turn.
//!
//! The first one stands where a provider without several has its only one, in [`super::Provider::upstream`],
//! so that there is none without.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{Provider, Upstream};
use crate::id::SecretName;

/// Most endpoints of a provider.
pub const ENDPOINTS_MAX: usize = 20;
/// Longest name of an endpoint, in characters.
pub const ENDPOINT_NAME_MAX: usize = 63;

/// What an endpoint is called within its provider: small letters, digits and dashes, a letter first.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EndpointName(String);

/// A text that is no name of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "use small letters, digits and dashes, beginning with a letter, {ENDPOINT_NAME_MAX} characters at most, such as eu-west"
)]
pub struct InvalidEndpointName;

impl EndpointName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for EndpointName {
    type Err = InvalidEndpointName;
    fn from_str(text: &str) -> Result<Self, InvalidEndpointName> {
        let named = text.len() <= ENDPOINT_NAME_MAX
            && text.starts_with(|first: char| first.is_ascii_lowercase())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        named
            .then(|| Self(text.to_owned()))
            .ok_or(InvalidEndpointName)
    }
}

impl TryFrom<String> for EndpointName {
    type Error = InvalidEndpointName;
    fn try_from(text: String) -> Result<Self, InvalidEndpointName> {
        text.parse()
    }
}

impl From<EndpointName> for String {
    fn from(name: EndpointName) -> Self {
        name.0
    }
}

impl fmt::Display for EndpointName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One of several endpoints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// What it is called.
    pub name: EndpointName,
    /// Where it is and who calls; of its provider's type.
    pub upstream: Upstream,
}

/// What a provider has beside its first endpoint, where its endpoints have names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Several {
    /// What the first is called.
    pub first: EndpointName,
    /// The others, in the admin's order.
    pub others: Vec<Endpoint>,
}

impl Provider {
    /// Its endpoints with their names, in the admin's order. Empty: it has only one, without a name.
    pub fn endpoints(&self) -> impl Iterator<Item = (&EndpointName, &Upstream)> {
        self.several.iter().flat_map(|several| {
            let others = several.others.iter();
            std::iter::once((&several.first, &self.upstream))
                .chain(others.map(|other| (&other.name, &other.upstream)))
        })
    }

    /// Every place that its calls go to.
    pub fn upstreams(&self) -> impl Iterator<Item = &Upstream> {
        let others = self.several.iter().flat_map(|several| &several.others);
        std::iter::once(&self.upstream).chain(others.map(|other| &other.upstream))
    }

    /// The places that its calls go to and did not go to `before`, each with its number among all.
    pub fn new_upstreams(&self, before: Option<&Self>) -> impl Iterator<Item = (usize, &Upstream)> {
        self.upstreams().enumerate().filter(move |(_, upstream)| {
            before.is_none_or(|before| before.upstreams().all(|known| known != *upstream))
        })
    }

    /// The secrets that it refers to, each once.
    #[must_use]
    pub fn secrets(&self) -> Vec<&SecretName> {
        let mut names: Vec<&SecretName> = vec![];
        for name in self.upstreams().flat_map(Upstream::secrets) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_small_and_plain() {
        for good in ["a", "eu", "eu-west-1", "a1-"] {
            assert_eq!(good.parse::<EndpointName>().unwrap().as_str(), good);
        }
        let long = "a".repeat(ENDPOINT_NAME_MAX + 1);
        for bad in ["", "1a", "-a", "Eu", "eu west", "eu_west", "é", &long] {
            assert_eq!(
                bad.parse::<EndpointName>(),
                Err(InvalidEndpointName),
                "{bad}"
            );
        }
    }
}
