//! How the services that give credentials are reached: STS, token endpoints, the metadata services of
//! containers and instances.
//!
//! Made once from what the operator said, and shared by every identity. Proxy variables are not read.
//!
//! | reach | for | addresses | proxy |
//! |---|---|---|---|
//! | [`Reach::Checked`] | what an admin wrote into a provider or a secret | by the operator's rule | for all |
//! | [`Reach::Operator`] | what the environment and its files name | any | for all but this machine and the link it is on |
//! | [`Reach::Metadata`] | metadata services, which answer to this machine only | any | never |

use std::{
    error::Error,
    fmt,
    future::Future,
    io,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::{HeaderValue, Uri, uri::Scheme};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::{HttpConnector, dns::Name, proxy::Tunnel};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, pem::PemObject};
use tower::Service;

/// Whether an address may be connected to.
pub type AddressRule = fn(IpAddr) -> bool;

/// Who named an address, and so how it is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// An admin: the same rule of addresses as for upstreams holds.
    Checked,
    /// The operator, in the environment or in a file that it names.
    Operator,
    /// Nobody: it is where this machine's metadata service is.
    Metadata,
}

/// What the operator says about connections.
#[derive(Debug, Clone)]
pub struct NetworkSettings {
    /// A proxy (`http://…`) that connections go through. `None`: straight.
    pub proxy: Option<Uri>,
    /// What the proxy is shown. `None`: it asks for nothing.
    pub proxy_authorization: Option<HeaderValue>,
    /// Certificates (PEM) that are trusted beside the public ones.
    pub extra_ca_pem: Option<Vec<u8>>,
    /// How long a connection may take. Shorter times for the metadata services hold beside it.
    pub connect_timeout: Duration,
    /// The rule for addresses that admins name.
    pub allows: AddressRule,
}

/// Why connections cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    /// The certificates cannot be used.
    #[error("cannot use the extra certificates: {0}")]
    Certificates(String),
    /// TLS cannot be set up.
    #[error("cannot set up TLS: {0}")]
    Tls(#[from] rustls::Error),
}

/// Connections to services that give credentials. Cheap to clone.
#[derive(Clone)]
pub struct Network {
    tls: Arc<ClientConfig>,
    proxy: Option<Uri>,
    proxy_authorization: Option<HeaderValue>,
    connect_timeout: Duration,
    allows: AddressRule,
}

impl Network {
    /// Sets up TLS.
    ///
    /// # Errors
    /// [`NetworkError`], where the certificates cannot be used.
    pub fn new(settings: NetworkSettings) -> Result<Self, NetworkError> {
        Ok(Self {
            tls: Arc::new(tls(settings.extra_ca_pem.as_deref())?),
            proxy: settings.proxy,
            proxy_authorization: settings.proxy_authorization,
            connect_timeout: settings.connect_timeout,
            allows: settings.allows,
        })
    }

    /// How long a connection may take.
    #[must_use]
    pub fn connect_timeout(&self) -> Duration {
        self.connect_timeout
    }

    pub(crate) fn connector(
        &self,
        reach: Reach,
        connect_timeout: Duration,
    ) -> HttpsConnector<Route> {
        let allows = match reach {
            Reach::Checked => self.allows,
            Reach::Operator | Reach::Metadata => |_| true,
        };
        let mut tcp = HttpConnector::new_with_resolver(Resolver(allows));
        tcp.set_connect_timeout(Some(connect_timeout));
        tcp.set_nodelay(true);
        tcp.enforce_http(false);
        let tunnel = self.proxy.as_ref().map(|proxy| {
            let tunnel = Tunnel::new(proxy.clone(), tcp.clone());
            match &self.proxy_authorization {
                Some(authorization) => tunnel.with_auth(authorization.clone()),
                None => tunnel,
            }
        });
        HttpsConnectorBuilder::new()
            .with_tls_config(ClientConfig::clone(&self.tls))
            .https_or_http()
            .enable_http1()
            .wrap_connector(Route {
                tunnel,
                tcp,
                reach,
                allows,
            })
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the proxy: its address may hold a password.
        f.debug_struct("Network")
            .field("proxied", &self.proxy.is_some())
            .field("connect_timeout", &self.connect_timeout)
            .finish_non_exhaustive()
    }
}

fn tls(extra_ca_pem: Option<&[u8]>) -> Result<ClientConfig, NetworkError> {
    let mut roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    if let Some(pem) = extra_ca_pem {
        let failed = |reason: String| NetworkError::Certificates(reason);
        let mut found = false;
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|error| failed(error.to_string()))?;
            roots
                .add(certificate)
                .map_err(|error| failed(error.to_string()))?;
            found = true;
        }
        if !found {
            return Err(failed("there is no certificate in them".to_owned()));
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

type Tcp = HttpConnector<Resolver>;
type TcpStream = <Tcp as Service<Uri>>::Response;
type BoxError = Box<dyn Error + Send + Sync>;

/// Resolves names and drops the addresses that are out of bounds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Resolver(AddressRule);

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let Self(allows) = *self;
        Box::pin(async move {
            let found: Vec<_> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let allowed: Vec<_> = found
                .iter()
                .copied()
                .filter(|address| allows(address.ip()))
                .collect();
            if allowed.is_empty() && !found.is_empty() {
                return Err(io::Error::other(AddressRefused));
            }
            Ok(allowed.into_iter())
        })
    }
}

/// The address is out of bounds.
#[derive(Debug, thiserror::Error)]
#[error("the address is link-local or of a metadata service, which no provider may name")]
struct AddressRefused;

/// Straight, or through the operator's proxy.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    tcp: Tcp,
    tunnel: Option<Tunnel<Tcp>>,
    reach: Reach,
    allows: AddressRule,
}

impl Route {
    fn is_straight(&self, uri: &Uri) -> bool {
        match self.reach {
            Reach::Checked => false,
            Reach::Operator => is_near(uri),
            Reach::Metadata => true,
        }
    }
}

impl Service<Uri> for Route {
    type Response = TcpStream;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<TcpStream, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        // Both are always ready: what they stand on has no queue.
        self.tcp.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        // An address that is written as such is never resolved, so it is checked here.
        if literal(&uri).is_some_and(|address| !(self.allows)(address)) {
            return Box::pin(async { Err(AddressRefused.into()) });
        }
        let straight = self.is_straight(&uri);
        match &mut self.tunnel {
            Some(tunnel) if !straight => {
                let connecting = tunnel.call(with_port(uri));
                Box::pin(async move { connecting.await.map_err(Into::into) })
            }
            Some(_) | None => {
                let connecting = self.tcp.call(uri);
                Box::pin(async move { connecting.await.map_err(Into::into) })
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

/// Whether the address is of this machine or of the link it is on, where no proxy leads.
fn is_near(uri: &Uri) -> bool {
    match literal(uri) {
        Some(IpAddr::V4(address)) => address.is_loopback() || address.is_link_local(),
        Some(IpAddr::V6(address)) => {
            address.is_loopback() || address.is_unicast_link_local() || is_aws_metadata(address)
        }
        None => uri
            .host()
            .is_some_and(|host| host.eq_ignore_ascii_case("localhost")),
    }
}

/// The address that a host is, if it is no name.
fn literal(uri: &Uri) -> Option<IpAddr> {
    uri.host()?
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse()
        .ok()
}

/// `fd00:ec2::/32`: where AWS has its metadata services in IPv6.
fn is_aws_metadata(address: Ipv6Addr) -> bool {
    matches!(address.segments(), [0xfd00, 0x0ec2, ..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_services_are_near_and_sts_is_not() {
        for near in [
            "http://169.254.169.254/latest/api/token",
            "http://169.254.170.23/v1/credentials",
            "http://[fd00:ec2::254]/",
            "http://127.0.0.1:4566/",
            "http://[::1]:1/",
            "http://localhost:1/",
        ] {
            assert!(is_near(&near.parse().unwrap()), "{near}");
        }
        for far in [
            "https://sts.eu-central-1.amazonaws.com/",
            "https://10.0.0.7/",
            "https://[fd00::1]/",
        ] {
            assert!(!is_near(&far.parse().unwrap()), "{far}");
        }
    }

    #[test]
    fn certificates_that_are_none_are_refused() {
        let settings = |pem: &str| NetworkSettings {
            proxy: None,
            proxy_authorization: None,
            extra_ca_pem: Some(pem.as_bytes().to_vec()),
            connect_timeout: Duration::from_secs(1),
            allows: |_| true,
        };
        for pem in [
            "",
            "nothing",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        ] {
            let error = Network::new(settings(pem)).unwrap_err();
            assert!(matches!(error, NetworkError::Certificates(_)), "{pem}");
        }
    }

    #[tokio::test]
    async fn addresses_that_admins_name_are_checked_also_behind_names() {
        let network = Network::new(NetworkSettings {
            proxy: None,
            proxy_authorization: None,
            extra_ca_pem: None,
            connect_timeout: Duration::from_secs(1),
            allows: |address| !address.is_loopback(),
        })
        .unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        for host in ["127.0.0.1", "localhost"] {
            for (reach, refused) in [
                (Reach::Checked, true),
                (Reach::Operator, false),
                (Reach::Metadata, false),
            ] {
                let uri: Uri = format!("http://{host}:{port}/").parse().unwrap();
                let mut connector = network.connector(reach, Duration::from_secs(1));
                let error = connector.call(uri).await.err().map(|mut error| {
                    while let Some(inner) = std::error::Error::source(&*error) {
                        error = inner.to_string().into();
                    }
                    error.to_string()
                });
                let told = error
                    .as_deref()
                    .is_some_and(|error| error.contains("link-local"));
                assert_eq!(told, refused, "{host} {reach:?}: {error:?}");
                assert_eq!(error.is_some(), refused, "{host} {reach:?}: {error:?}");
            }
        }
    }
}
