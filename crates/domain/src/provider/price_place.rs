//! Where an upstream is called, as far as prices depend on it.

use super::Upstream;
use crate::pricing::is_pinned;

/// What of an upstream's place decides its list prices, before any answer tells more.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PricePlace {
    /// The catalog's name for the region or zone whose rows hold. `None`: the default ones.
    pub region: Option<String>,
    /// Every call is pinned to a geography for which a model's token rates are multiplied.
    pub is_pinned: bool,
}

impl Upstream {
    /// The geography to which every call is pinned, by the address, the location or the data zone, in the provider's
    /// own word. `None`: the answers tell.
    #[must_use]
    pub fn geography(&self) -> Option<String> {
        match self {
            Self::VertexAi { location, .. } => Some(location.to_string()),
            Self::AzureOpenAi { .. } => self.price_region().map(str::to_owned),
            Self::OpenAi { .. }
            | Self::Anthropic { .. }
            | Self::GoogleAi { .. }
            | Self::Bedrock { .. }
            | Self::OpenAiCompatible { .. }
            | Self::Cohere { .. } => residency(&self.base_url()).map(str::to_owned),
        }
    }

    /// Where it is called, as far as prices depend on it.
    #[must_use]
    pub fn price_place(&self) -> PricePlace {
        PricePlace {
            region: self.price_region().map(str::to_owned),
            is_pinned: self.costs_more(self.geography().as_deref(), false),
        }
    }

    /// Whether a call's token rates are multiplied for its geography. `pinned`: see [`Self::geography`]. `told`:
    /// whether the answer says so, which counts where nothing is pinned.
    #[must_use]
    pub fn costs_more(&self, pinned: Option<&str>, told: bool) -> bool {
        pinned.map_or(told, |word| is_pinned(self.provider_type(), word))
    }
}

/// The host of an address, with its port if it names one: what a call's row has for its endpoint.
#[must_use]
pub fn host(address: &str) -> Option<&str> {
    let (_, rest) = address.split_once("://")?;
    rest.split('/').next()
}

/// The geography that an OpenAI base URL pins its calls to, by its residency host. `None`: none.
#[must_use]
pub fn residency(base_url: &str) -> Option<&str> {
    let host = host(base_url)?.split(':').next()?;
    let geography = host.strip_suffix(".api.openai.com")?;
    (!geography.is_empty() && !geography.contains('.')).then_some(geography)
}

#[cfg(test)]
mod tests {
    use super::residency;

    #[test]
    fn residency_hosts_pin_a_geography() {
        assert_eq!(residency("https://eu.api.openai.com/v1"), Some("eu"));
        assert_eq!(residency("https://us.api.openai.com:443/v1"), Some("us"));
        for other in [
            "https://api.openai.com/v1",
            "https://a.b.api.openai.com/v1",
            "https://eu.api.openai.com.evil.example/v1",
            "eu.api.openai.com",
        ] {
            assert_eq!(residency(other), None, "{other}");
        }
    }
}
