//! Connections to upstreams: names, addresses, TLS, a proxy in between.
//!
//! | layer | does |
//! |---|---|
//! | [`CheckedResolver`] | resolves a name and keeps the addresses that the policy allows |
//! | `HttpConnector` | TCP, with `TCP_NODELAY` |
//! | [`Route`] | straight, or through the operator's proxy |
//! | `HttpsConnector` | TLS for https, HTTP/2 where the upstream offers it |
//! | [`TimedConnector`] | all of it within the connect timeout |

use std::{
    error::Error,
    fmt,
    future::Future,
    io,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::{Uri, uri::Scheme};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::{HttpConnector, dns::Name, proxy::Tunnel};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, pem::PemObject};
use tower::Service;

use crate::{address::AddressPolicy, proxy::UpstreamProxy};

/// How upstreams are reached. All of it comes from the operator.
#[derive(Debug, Clone, Default)]
pub struct ConnectSettings {
    /// Which addresses are out of bounds.
    pub addresses: AddressPolicy,
    /// A proxy that every connection goes through. `None`: straight.
    pub proxy: Option<UpstreamProxy>,
    /// Certificates (PEM) that are trusted beside the public ones.
    pub extra_ca: Option<PathBuf>,
    /// Where Bedrock's runtime is for every provider that names no address (`AWS_BEDROCK_RUNTIME_ENDPOINT`,
    /// `AWS_ENDPOINT_URL_BEDROCK_RUNTIME`). `None`: in the provider's region.
    pub bedrock_runtime: Option<String>,
    /// Where Bedrock's control plane is for every provider that is not called at its FIPS address
    /// (`AWS_ENDPOINT_URL_BEDROCK`). `None`: in the provider's region.
    pub bedrock_control: Option<String>,
}

/// Why the connections could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum ConnectSetupError {
    /// The file of certificates cannot be used.
    #[error("cannot read the certificates in {path}: {reason}")]
    Certificates {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// TLS cannot be set up.
    #[error("cannot set up TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// The way to the services that give credentials cannot be set up.
    #[error(transparent)]
    Credentials(#[from] credentials::NetworkError),
}

/// Makes what makes connections.
///
/// # Errors
/// Where certificates or TLS cannot be set up.
pub(crate) fn connector(
    settings: &ConnectSettings,
    connect_timeout: Duration,
) -> Result<TimedConnector, ConnectSetupError> {
    let mut tcp = HttpConnector::new_with_resolver(CheckedResolver(settings.addresses));
    tcp.set_nodelay(true);
    tcp.enforce_http(false);
    let route = match &settings.proxy {
        None => Route::Straight(tcp),
        Some(proxy) => {
            let tunnel = Tunnel::new(proxy.address().clone(), tcp);
            Route::Proxied(match proxy.authorization() {
                Some(authorization) => tunnel.with_auth(authorization.clone()),
                None => tunnel,
            })
        }
    };
    let tls = HttpsConnectorBuilder::new()
        .with_tls_config(tls_config(settings.extra_ca.as_ref())?)
        .https_or_http()
        .enable_all_versions()
        .wrap_connector(route);
    Ok(TimedConnector {
        inner: tls,
        addresses: settings.addresses,
        timeout: connect_timeout,
    })
}

/// The way to the services that give credentials: the same proxy and certificates, and the same rule for
/// addresses that admins name. The environment's own, metadata services above all, live at link-local ones.
///
/// # Errors
/// Where the certificates cannot be read or TLS cannot be set up.
pub(crate) fn credential_network(
    settings: &ConnectSettings,
    connect_timeout: Duration,
) -> Result<credentials::Network, ConnectSetupError> {
    let extra_ca_pem = match &settings.extra_ca {
        None => None,
        Some(path) => {
            Some(
                std::fs::read(path).map_err(|error| ConnectSetupError::Certificates {
                    path: path.clone(),
                    reason: error.to_string(),
                })?,
            )
        }
    };
    Ok(credentials::Network::new(credentials::NetworkSettings {
        proxy: settings.proxy.as_ref().map(|proxy| proxy.address().clone()),
        proxy_authorization: settings
            .proxy
            .as_ref()
            .and_then(|proxy| proxy.authorization().cloned()),
        extra_ca_pem,
        connect_timeout,
        allows: match settings.addresses {
            AddressPolicy::RefuseLinkLocal => {
                |address| AddressPolicy::RefuseLinkLocal.allows(address)
            }
            AddressPolicy::AllowAll => |_| true,
        },
    })?)
}

/// TLS as a client: the public certificate authorities and the operator's own.
///
/// # Errors
/// Where the operator's file cannot be read or TLS cannot be set up.
pub(crate) fn tls_config(extra_ca: Option<&PathBuf>) -> Result<ClientConfig, ConnectSetupError> {
    let mut roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    if let Some(path) = extra_ca {
        let failed = |reason: String| ConnectSetupError::Certificates {
            path: path.clone(),
            reason,
        };
        let certificates =
            CertificateDer::pem_file_iter(path).map_err(|e| failed(e.to_string()))?;
        let mut found = false;
        for certificate in certificates {
            let certificate = certificate.map_err(|e| failed(e.to_string()))?;
            roots.add(certificate).map_err(|e| failed(e.to_string()))?;
            found = true;
        }
        if !found {
            return Err(failed("there is no certificate in it".to_owned()));
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

/// Resolves names and drops the addresses that are out of bounds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CheckedResolver(AddressPolicy);

impl Service<Name> for CheckedResolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let policy = self.0;
        Box::pin(async move {
            let found: Vec<_> = tokio::net::lookup_host((name.as_str(), 0))
                .await
                .map_err(|error| io::Error::other(ConnectFailure::NotResolved(error)))?
                .collect();
            let allowed: Vec<_> = found
                .iter()
                .copied()
                .filter(|address| policy.allows(address.ip()))
                .collect();
            if allowed.is_empty() && !found.is_empty() {
                return Err(io::Error::other(ConnectFailure::AddressRefused));
            }
            Ok(allowed.into_iter())
        })
    }
}

type Tcp = HttpConnector<CheckedResolver>;
type TcpStream = <Tcp as Service<Uri>>::Response;
type BoxError = Box<dyn Error + Send + Sync>;
type Connecting<T> = Pin<Box<dyn Future<Output = Result<T, BoxError>> + Send>>;

/// Straight to the upstream, or through the operator's proxy.
#[derive(Debug, Clone)]
pub(crate) enum Route {
    /// Straight.
    Straight(Tcp),
    /// With `CONNECT` through a proxy.
    Proxied(Tunnel<Tcp>),
}

impl Service<Uri> for Route {
    type Response = TcpStream;
    type Error = BoxError;
    type Future = Connecting<TcpStream>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        match self {
            Self::Straight(tcp) => tcp.poll_ready(cx).map_err(Into::into),
            Self::Proxied(tunnel) => tunnel.poll_ready(cx).map_err(Into::into),
        }
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        match self {
            Self::Straight(tcp) => {
                let connecting = tcp.call(uri);
                Box::pin(async move { connecting.await.map_err(Into::into) })
            }
            Self::Proxied(tunnel) => {
                let connecting = tunnel.call(with_port(uri));
                Box::pin(async move {
                    connecting.await.map_err(|error| {
                        tracing::warn!(
                            reason = causes(&error),
                            "the upstream proxy did not connect"
                        );
                        ConnectFailure::Proxy.into()
                    })
                })
            }
        }
    }
}

/// A tunnel leads to port 443 unless told otherwise, whatever the scheme.
fn with_port(uri: Uri) -> Uri {
    let plain = uri.scheme() == Some(&Scheme::HTTP) && uri.port().is_none();
    let Some(host) = uri.host().filter(|_| plain) else {
        return uri;
    };
    format!("http://{host}:80/").parse().unwrap_or(uri)
}

/// An error and what led to it, in one line.
fn causes(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        line = format!("{line}: {error}");
        cause = error.source();
    }
    line
}

/// The whole way to a connection, within the connect timeout.
#[derive(Debug, Clone)]
pub(crate) struct TimedConnector {
    inner: HttpsConnector<Route>,
    addresses: AddressPolicy,
    timeout: Duration,
}

/// A connection that has been made.
pub(crate) type UpstreamStream = <HttpsConnector<Route> as Service<Uri>>::Response;

impl Service<Uri> for TimedConnector {
    type Response = UpstreamStream;
    type Error = BoxError;
    type Future = Connecting<Self::Response>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        // An address that is written as such is never resolved, so it is checked here.
        if let Some(address) = literal_address(&uri)
            && !self.addresses.allows(address)
        {
            return Box::pin(async { Err(ConnectFailure::AddressRefused.into()) });
        }
        let connecting = self.inner.call(uri);
        let timeout = self.timeout;
        Box::pin(async move {
            tokio::time::timeout(timeout, connecting)
                .await
                .unwrap_or_else(|_| Err(ConnectFailure::TimedOut.into()))
        })
    }
}

fn literal_address(uri: &Uri) -> Option<IpAddr> {
    uri.host()?
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse()
        .ok()
}

/// Why there is no connection, where the libraries below do not tell.
#[derive(Debug)]
pub(crate) enum ConnectFailure {
    /// The name has no address.
    NotResolved(io::Error),
    /// Every address of the name is out of bounds.
    AddressRefused,
    /// The operator's proxy is away, or refused; the log says which.
    Proxy,
    /// The connect timeout passed.
    TimedOut,
}

impl fmt::Display for ConnectFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotResolved(error) => write!(f, "the name could not be resolved: {error}"),
            Self::AddressRefused => {
                f.write_str("the address is link-local or of a metadata service")
            }
            Self::Proxy => f.write_str("the upstream proxy did not connect"),
            Self::TimedOut => f.write_str("no connection in time"),
        }
    }
}

impl Error for ConnectFailure {}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_name_that_leads_to_a_metadata_service_is_refused() {
        let resolve = |name: &str, policy| {
            let name: Name = name.parse().unwrap();
            CheckedResolver(policy).call(name)
        };
        let refused = resolve("169.254.169.254", AddressPolicy::default()).await;
        let error = refused.err().unwrap();
        assert!(
            matches!(
                error.get_ref().and_then(|error| error.downcast_ref()),
                Some(ConnectFailure::AddressRefused)
            ),
            "{error}"
        );
        let found = resolve("localhost", AddressPolicy::default())
            .await
            .unwrap();
        assert!(found.count() > 0);
    }

    #[test]
    fn a_tunnel_is_told_the_port_of_plain_http() {
        let told = |uri: &'static str| with_port(Uri::from_static(uri)).to_string();
        assert_eq!(
            told("http://models.internal/"),
            "http://models.internal:80/"
        );
        assert_eq!(told("http://[fd00::1]/"), "http://[fd00::1]:80/");
        assert_eq!(
            told("http://models.internal:8000/"),
            "http://models.internal:8000/"
        );
        assert_eq!(told("https://models.internal/"), "https://models.internal/");
    }
}
