//! What an Azure OpenAI provider is configured with: api-version, credentials, data zone.
//!
//! Forms, scopes and zones: Microsoft's documentation and the price list of Azure, November 2026.

use std::{borrow::Cow, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::BaseUrl;
use crate::id::SecretName;

/// Longest client id or scope, in characters.
const TEXT_MAX: usize = 256;

/// A dated version of Azure's API, such as `2024-10-21` or `2025-04-01-preview`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ApiVersion(String);

/// Why a text is no dated version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "write a date, such as 2024-10-21 or 2025-04-01-preview; paths below /openai/v1 need no version"
)]
pub struct InvalidApiVersion;

impl ApiVersion {
    /// The version that calls get where neither client nor provider names one: the last that is no preview.
    pub const DEFAULT: &'static str = "2024-10-21";

    /// The version.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ApiVersion {
    type Err = InvalidApiVersion;
    fn from_str(text: &str) -> Result<Self, InvalidApiVersion> {
        let date = text.strip_suffix("-preview").unwrap_or(text);
        let parts: Vec<&str> = date.split('-').collect();
        let number = |part: &str, digits: usize, from: u16, to: u16| {
            part.len() == digits
                && part.bytes().all(|byte| byte.is_ascii_digit())
                && part.parse().is_ok_and(|it| (from..=to).contains(&it))
        };
        match parts.as_slice() {
            [year, month, day]
                if number(year, 4, 2000, 2999)
                    && number(month, 2, 1, 12)
                    && number(day, 2, 1, 31) =>
            {
                Ok(Self(text.to_owned()))
            }
            _ => Err(InvalidApiVersion),
        }
    }
}

impl TryFrom<String> for ApiVersion {
    type Error = InvalidApiVersion;
    fn try_from(text: String) -> Result<Self, InvalidApiVersion> {
        text.parse()
    }
}

impl From<ApiVersion> for String {
    fn from(version: ApiVersion) -> Self {
        version.0
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whose credential an Azure OpenAI provider sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AzureCredentials {
    /// One of the two keys of the resource, as `api-key`.
    Key(SecretName),
    /// A token of Entra ID, as `Authorization: Bearer`.
    ServicePrincipal(ServicePrincipal),
}

/// An application of Entra ID that calls by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServicePrincipal {
    /// Its client id.
    pub client_id: ClientId,
    /// The secret that it shows.
    pub client_secret: SecretName,
    /// Where tokens are got: `https://login.microsoftonline.com/TENANT/oauth2/v2.0/token`.
    pub token_url: BaseUrl,
    /// What the tokens are for. `None`: Azure OpenAI in the cloud that the addresses belong to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
}

/// A text that stands in a form or a header as it is: 1 to 256 visible characters of ASCII.
macro_rules! visible_text {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidVisibleText;
            fn from_str(text: &str) -> Result<Self, InvalidVisibleText> {
                let fits = (1..=TEXT_MAX).contains(&text.len())
                    && text.bytes().all(|byte| byte.is_ascii_graphic());
                fits.then(|| Self(text.to_owned())).ok_or(InvalidVisibleText)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidVisibleText;
            fn try_from(text: String) -> Result<Self, InvalidVisibleText> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }
    };
}

visible_text! {
    /// The client id of an application of Entra ID: mostly a GUID.
    ClientId
}
visible_text! {
    /// What a token is asked for, such as `https://cognitiveservices.azure.com/.default`.
    Scope
}

/// Why a text is no client id and no scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write up to 256 letters, digits and punctuation of ASCII, without spaces")]
pub struct InvalidVisibleText;

impl AzureCredentials {
    /// The secrets that it refers to.
    #[must_use]
    pub fn secrets(&self) -> Vec<&SecretName> {
        match self {
            Self::Key(key) => vec![key],
            Self::ServicePrincipal(principal) => vec![&principal.client_secret],
        }
    }
}

impl ServicePrincipal {
    /// What its tokens are asked for, at a resource with this address: what was said, else Azure OpenAI in
    /// the cloud that the resource, or the place where tokens are got, belongs to.
    #[must_use]
    pub fn scope(&self, resource: &BaseUrl) -> Cow<'_, str> {
        if let Some(scope) = &self.scope {
            return Cow::Borrowed(scope.as_str());
        }
        let clouds = [Cloud::of(resource), Cloud::of(&self.token_url)];
        let cloud = clouds.into_iter().find(|cloud| *cloud != Cloud::Public);
        Cow::Borrowed(cloud.unwrap_or(Cloud::Public).scope())
    }
}

/// A cloud of Microsoft's, each with addresses of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cloud {
    Public,
    UsGovernment,
    China,
}

impl Cloud {
    const ALL: [Self; 3] = [Self::Public, Self::UsGovernment, Self::China];

    fn of(address: &BaseUrl) -> Self {
        Self::named_by(address).unwrap_or(Self::Public)
    }

    /// The cloud that an address belongs to. `None`: it is none of Microsoft's own.
    fn named_by(address: &BaseUrl) -> Option<Self> {
        let host = address.url().host_str().unwrap_or_default();
        let is_below = |domain: &&str| host.ends_with(*domain);
        let mut clouds = Self::ALL.into_iter();
        clouds.find(|cloud| cloud.domains().iter().any(is_below))
    }

    /// What its addresses end in.
    const fn domains(self) -> &'static [&'static str] {
        match self {
            Self::Public => &[".azure.com", ".microsoftonline.com"],
            Self::UsGovernment => &[".azure.us", ".microsoftonline.us"],
            Self::China => &[".azure.cn", ".chinacloudapi.cn", ".microsoftonline.cn"],
        }
    }

    const fn scope(self) -> &'static str {
        match self {
            Self::Public => "https://cognitiveservices.azure.com/.default",
            Self::UsGovernment => "https://cognitiveservices.azure.us/.default",
            Self::China => "https://cognitiveservices.azure.cn/.default",
        }
    }
}

/// Whether an address is one of Azure's own, rather than that of a gateway in front of it.
#[must_use]
pub fn is_azures(address: &BaseUrl) -> bool {
    Cloud::named_by(address).is_some()
}

/// Where data zone deployments process, which decides what they cost. Global deployments have none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DataZone {
    /// The United States.
    Us,
    /// The European Union.
    Eu,
    /// Asia and the Pacific.
    Apac,
    /// The cloud of the United States' government.
    UsGov,
}

impl DataZone {
    /// Every zone that has prices of its own.
    pub const ALL: &'static [Self] = &[Self::Us, Self::Eu, Self::Apac, Self::UsGov];

    /// The name in JSON and in the catalog.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Us => "us",
            Self::Eu => "eu",
            Self::Apac => "apac",
            Self::UsGov => "us-gov",
        }
    }

    /// What a person reads.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Us => "United States",
            Self::Eu => "European Union",
            Self::Apac => "Asia Pacific",
            Self::UsGov => "US Government",
        }
    }

    /// The zone that an address tells by itself: the government's cloud has one.
    #[must_use]
    pub fn of_address(address: &BaseUrl) -> Option<Self> {
        (Cloud::of(address) == Cloud::UsGovernment).then_some(Self::UsGov)
    }
}

/// A text that names no zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write us, eu, apac or us-gov for data zone deployments; leave it out for global ones")]
pub struct UnknownDataZone;

impl FromStr for DataZone {
    type Err = UnknownDataZone;
    fn from_str(text: &str) -> Result<Self, UnknownDataZone> {
        Self::ALL
            .iter()
            .copied()
            .find(|zone| zone.key() == text)
            .ok_or(UnknownDataZone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_dates() {
        for text in ["2024-10-21", "2025-04-01-preview", "2023-05-15"] {
            assert_eq!(
                text.parse::<ApiVersion>().map(String::from),
                Ok(text.to_owned())
            );
        }
        assert!(ApiVersion::DEFAULT.parse::<ApiVersion>().is_ok());
        for text in [
            "",
            "v1",
            "preview",
            "latest",
            "2024-10",
            "2024-13-01",
            "2024-1-21",
            "2024-10-21-preview-2",
            "2024-10-21&x=1",
            "+024-10-21",
        ] {
            assert_eq!(text.parse::<ApiVersion>(), Err(InvalidApiVersion), "{text}");
        }
    }

    #[test]
    fn addresses_of_every_cloud_are_azures_own() {
        for (address, expected) in [
            ("https://x.openai.azure.com", true),
            ("https://x.openai.azure.us", true),
            ("https://x.openai.azure.cn", true),
            ("https://x.openai.azure.com.example.com", false),
            ("https://apim.example.com", false),
        ] {
            assert_eq!(is_azures(&address.parse().unwrap()), expected, "{address}");
        }
    }

    #[test]
    fn a_scope_belongs_to_the_cloud_of_the_addresses() {
        let scope = |resource: &str, token_url: &str, said: Option<&str>| {
            let principal = ServicePrincipal {
                client_id: "client".parse().unwrap(),
                client_secret: SecretName::new("S").unwrap(),
                token_url: token_url.parse().unwrap(),
                scope: said.map(|said| said.parse().unwrap()),
            };
            principal.scope(&resource.parse().unwrap()).into_owned()
        };
        let public = "https://login.microsoftonline.com/t/oauth2/v2.0/token";
        let government = "https://login.microsoftonline.us/t/oauth2/v2.0/token";
        for (resource, token_url, expected) in [
            ("https://x.openai.azure.com", public, "com"),
            ("https://x.openai.azure.us", government, "us"),
            ("https://apim.example.com", government, "us"),
            (
                "https://x.openai.azure.cn",
                "https://login.partner.microsoftonline.cn/t/oauth2/v2.0/token",
                "cn",
            ),
            ("https://x.openai.azure.us.example.com", public, "com"),
        ] {
            assert_eq!(
                scope(resource, token_url, None),
                format!("https://cognitiveservices.azure.{expected}/.default"),
                "{resource} {token_url}"
            );
        }
        let said = "https://ai.azure.com/.default";
        assert_eq!(
            scope("https://x.services.ai.azure.com", public, Some(said)),
            said
        );
    }

    #[test]
    fn zones_have_the_names_of_the_catalog() {
        for zone in DataZone::ALL {
            assert_eq!(zone.key().parse(), Ok(*zone));
            assert_eq!(
                serde_json::to_value(zone).unwrap(),
                serde_json::Value::from(zone.key())
            );
        }
        assert_eq!("global".parse::<DataZone>(), Err(UnknownDataZone));
    }
}
