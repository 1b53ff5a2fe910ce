//! The operator's own proxy between Weir and the upstreams, as it is written in the settings.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderValue, Uri};
use percent_encoding::percent_decode_str;
use url::Url;

/// A proxy that every upstream is reached through with `CONNECT`.
///
/// Written as `http://[user:password@]host[:port]`; what the user and the password have of `:`, `@` or
/// `/` is percent-encoded. Never shows the password.
#[derive(Clone)]
pub struct UpstreamProxy {
    address: Uri,
    authorization: Option<HeaderValue>,
}

/// What is wrong with the address of a proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProxyAddressError {
    /// It cannot be read, or it has no host.
    #[error("not an address; write http://host:port")]
    NotAnAddress,
    /// It is of another kind.
    #[error("only http:// proxies are spoken to; write http://host:port")]
    Scheme,
    /// There is something behind the host.
    #[error("a proxy has no path; write http://host:port")]
    Path,
}

impl UpstreamProxy {
    pub(crate) fn address(&self) -> &Uri {
        &self.address
    }

    /// What the proxy is shown, where its address has a user.
    pub(crate) fn authorization(&self) -> Option<&HeaderValue> {
        self.authorization.as_ref()
    }
}

impl fmt::Debug for UpstreamProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UpstreamProxy({})", self.address)
    }
}

impl FromStr for UpstreamProxy {
    type Err = ProxyAddressError;

    fn from_str(text: &str) -> Result<Self, ProxyAddressError> {
        let url: Url = text.parse().map_err(|_| ProxyAddressError::NotAnAddress)?;
        if url.scheme() != "http" {
            return Err(ProxyAddressError::Scheme);
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(ProxyAddressError::Path);
        }
        let host = url.host_str().ok_or(ProxyAddressError::NotAnAddress)?;
        let port = url
            .port_or_known_default()
            .ok_or(ProxyAddressError::NotAnAddress)?;
        let address = format!("http://{host}:{port}/")
            .parse()
            .map_err(|_| ProxyAddressError::NotAnAddress)?;
        Ok(Self {
            address,
            authorization: authorization(&url)?,
        })
    }
}

fn authorization(url: &Url) -> Result<Option<HeaderValue>, ProxyAddressError> {
    if url.username().is_empty() && url.password().is_none() {
        return Ok(None);
    }
    let mut plain: Vec<u8> = percent_decode_str(url.username()).collect();
    plain.push(b':');
    plain.extend(percent_decode_str(url.password().unwrap_or_default()));
    let mut value = HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(plain)))
        .map_err(|_| ProxyAddressError::NotAnAddress)?;
    value.set_sensitive(true);
    Ok(Some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_becomes_host_port_and_credential() {
        let proxy: UpstreamProxy = "http://squid.internal".parse().unwrap();
        assert_eq!(proxy.address(), "http://squid.internal:80/");
        assert_eq!(proxy.authorization(), None);
        let proxy: UpstreamProxy = "http://me:p%40ss@[::1]:3128/".parse().unwrap();
        assert_eq!(proxy.address(), "http://[::1]:3128/");
        assert_eq!(proxy.authorization().unwrap(), "Basic bWU6cEBzcw==");
        assert!(!format!("{proxy:?}").contains("ss"), "{proxy:?}");
    }

    #[test]
    fn what_is_no_proxy_is_refused() {
        let wrong = |text: &str| text.parse::<UpstreamProxy>().unwrap_err();
        assert_eq!(wrong("squid:3128"), ProxyAddressError::Scheme);
        assert_eq!(wrong("https://squid:3128"), ProxyAddressError::Scheme);
        assert_eq!(wrong("socks5://squid:3128"), ProxyAddressError::Scheme);
        assert_eq!(wrong("http://squid/path"), ProxyAddressError::Path);
        assert_eq!(wrong("squid"), ProxyAddressError::NotAnAddress);
    }
}
