//! The address of an upstream as a type: what stands before the paths that clients ask for.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use url::Url;

/// The address of an upstream: http or https with a host, without user, query or fragment, and without
/// a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BaseUrl(Url);

/// Why a text is not a base URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidBaseUrl {
    /// Not an absolute http or https URL.
    #[error("write a whole address, such as https://llm.example.com/v1")]
    NotHttp,
    /// A user name or password in the address.
    #[error("leave user name and password out of the address; refer to a secret instead")]
    HasCredentials,
    /// A query or fragment.
    #[error(
        "leave out everything from ? or # on; the caller's path and query are added to this address"
    )]
    HasQuery,
}

impl BaseUrl {
    /// The address, without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    /// The parsed address.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.0
    }
}

impl FromStr for BaseUrl {
    type Err = InvalidBaseUrl;
    fn from_str(text: &str) -> Result<Self, InvalidBaseUrl> {
        let text = text.trim();
        // What parses URLs leaves them out, which would make another address of what was typed.
        if text.chars().any(char::is_control) {
            return Err(InvalidBaseUrl::NotHttp);
        }
        let mut url = Url::parse(text).map_err(|_| InvalidBaseUrl::NotHttp)?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
            return Err(InvalidBaseUrl::NotHttp);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidBaseUrl::HasCredentials);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(InvalidBaseUrl::HasQuery);
        }
        // With slashes at its end or without, it is the same address.
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(Self(url))
    }
}

impl TryFrom<String> for BaseUrl {
    type Error = InvalidBaseUrl;
    fn try_from(text: String) -> Result<Self, InvalidBaseUrl> {
        text.parse()
    }
}

impl From<BaseUrl> for String {
    fn from(url: BaseUrl) -> Self {
        url.as_str().to_owned()
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
