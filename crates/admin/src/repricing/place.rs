//! In which region of the price list a recorded call was billed.
//!
//! A row has the name of the endpoint that it went to, of a provider with several, else the host. Names are given by
//! admins, who change them: of one that the provider has no longer nobody knows where it was.

use std::collections::BTreeMap;

use domain::provider::{ProviderType, Region};

/// A region or zone of the price list. `None`: the prices of none hold.
pub(super) type PriceRegion = Option<String>;

/// Where a provider is called.
pub(super) struct Places<'a> {
    pub(super) ty: ProviderType,
    /// Where it is called as it is now. `None`: it is deleted.
    pub(super) now: Option<&'a PriceRegion>,
    /// The host at which it is called now, where that could be the name of an endpoint.
    pub(super) host: Option<&'a str>,
    /// The places of its endpoints by their names. Empty: it has not several.
    pub(super) endpoints: &'a BTreeMap<String, PriceRegion>,
}

impl Places<'_> {
    /// Where a call was billed. `Err`: nobody knows.
    pub(super) fn of(&self, endpoint: Option<&str>) -> Result<PriceRegion, Unknown> {
        let Some(endpoint) = endpoint else {
            return self
                .now
                .map_or_else(|| self.anywhere(), |now| Ok(now.clone()));
        };
        if let Some(place) = self.endpoints.get(endpoint) {
            return Ok(place.clone());
        }
        let is_host = tells_a_host(endpoint) || Some(endpoint) == self.host;
        match self.now {
            Some(now) if is_host && self.endpoints.is_empty() => Ok(now.clone()),
            _ if is_host && self.ty == ProviderType::Bedrock => region_of(endpoint).map(Some),
            _ => self.anywhere(),
        }
    }

    /// The place where the type has the same prices everywhere.
    const fn anywhere(&self) -> Result<PriceRegion, Unknown> {
        match self.ty {
            ProviderType::Bedrock | ProviderType::AzureOpenAi => Err(Unknown),
            ProviderType::OpenAi
            | ProviderType::Anthropic
            | ProviderType::GoogleAi
            | ProviderType::VertexAi
            | ProviderType::OpenAiCompatible
            | ProviderType::Cohere => Ok(None),
        }
    }
}

/// Whether what a row has for its endpoint is a host for sure: names have no such characters.
pub(super) fn tells_a_host(endpoint: &str) -> bool {
    endpoint.contains([':', '.'])
}

/// Nobody knows where a call was billed, so that its price stays.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unknown;

/// The AWS region that a host names: `us-east-1` of `bedrock-runtime.us-east-1.amazonaws.com:443`.
fn region_of(host: &str) -> Result<String, Unknown> {
    let host = host.split(':').next().unwrap_or_default();
    let mut parts = host.split('.');
    let region: Region = parts.find_map(|part| part.parse().ok()).ok_or(Unknown)?;
    Ok(region.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = "bedrock-runtime.us-east-1.amazonaws.com:443";

    fn place(region: &str) -> PriceRegion {
        Some(region.to_owned())
    }

    #[test]
    fn a_call_was_billed_where_its_row_says() {
        let (eu, us) = (place("eu-west-1"), place("us-east-1"));
        let several =
            BTreeMap::from([("eu".to_owned(), eu.clone()), ("us".to_owned(), us.clone())]);
        let none = BTreeMap::new();
        let bedrock = |now, endpoints| Places {
            ty: ProviderType::Bedrock,
            now,
            host: Some("proxy"),
            endpoints,
        };
        let now = bedrock(Some(&eu), &several);
        assert_eq!(now.of(Some("us")), Ok(us.clone()));
        assert_eq!(now.of(None), Ok(eu.clone()));
        // Written before it had several.
        assert_eq!(now.of(Some(HOST)), Ok(us.clone()));
        assert_eq!(now.of(Some("gateway.example:443")), Err(Unknown));
        // It is called otherwise now.
        assert_eq!(now.of(Some("old")), Err(Unknown));
        // One endpoint, whose region an admin may have set right since.
        assert_eq!(bedrock(Some(&eu), &none).of(Some(HOST)), Ok(eu.clone()));
        assert_eq!(bedrock(Some(&us), &none).of(Some("eu")), Err(Unknown));
        assert_eq!(bedrock(Some(&us), &none).of(Some("proxy")), Ok(us.clone()));
        let deleted = bedrock(None, &none);
        assert_eq!(deleted.of(Some(HOST)), Ok(us.clone()));
        assert_eq!(deleted.of(Some("eu")), Err(Unknown));
        assert_eq!(deleted.of(None), Err(Unknown));
    }

    #[test]
    fn where_prices_are_the_same_everywhere_no_name_matters() {
        let endpoints = BTreeMap::from([("a".to_owned(), None)]);
        let places = |ty, now| Places {
            ty,
            now,
            host: None,
            endpoints: &endpoints,
        };
        let openai = places(ProviderType::OpenAi, Some(&None));
        assert_eq!(openai.of(Some("gone")), Ok(None));
        assert_eq!(places(ProviderType::OpenAi, None).of(None), Ok(None));
        let azure = places(ProviderType::AzureOpenAi, None);
        assert_eq!(azure.of(Some("mine.openai.azure.com:443")), Err(Unknown));
    }
}
