//! How STS and the metadata services of container and instance are reached.
//!
//! Made once from what the operator said, and shared by every identity. Proxy variables are not read.
//! Addresses of this machine and of the link it is on are never asked of the proxy: the metadata
//! services answer to this machine only.

use std::{
    error::Error,
    fmt,
    future::Future,
    net::{IpAddr, Ipv6Addr},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::{HeaderValue, Uri, uri::Scheme};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::{HttpConnector, proxy::Tunnel};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, pem::PemObject};
use tower::Service;

/// What the operator says about connections.
#[derive(Debug, Clone)]
pub struct NetworkSettings {
    /// A proxy (`http://…`) that connections go through. `None`: straight.
    pub proxy: Option<Uri>,
    /// What the proxy is shown. `None`: it asks for nothing.
    pub proxy_authorization: Option<HeaderValue>,
    /// Certificates (PEM) that are trusted beside the public ones.
    pub extra_ca_pem: Option<Vec<u8>>,
    /// How long a connection may take. AWS' shorter times for the metadata services hold beside it.
    pub connect_timeout: Duration,
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

/// Connections to AWS. Cheap to clone.
#[derive(Clone)]
pub struct Network {
    tls: Arc<ClientConfig>,
    proxy: Option<Uri>,
    proxy_authorization: Option<HeaderValue>,
    connect_timeout: Duration,
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
        })
    }

    pub(crate) fn connect_timeout(&self) -> Duration {
        self.connect_timeout
    }

    pub(crate) fn connector(&self, connect_timeout: Duration) -> HttpsConnector<Route> {
        let mut tcp = HttpConnector::new();
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
            .wrap_connector(Route { tunnel, tcp })
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

type TcpStream = <HttpConnector as Service<Uri>>::Response;
type BoxError = Box<dyn Error + Send + Sync>;

/// Straight, or through the operator's proxy.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    tcp: HttpConnector,
    tunnel: Option<Tunnel<HttpConnector>>,
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
        match &mut self.tunnel {
            Some(tunnel) if !is_near(&uri) => {
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
    let host = uri.host().unwrap_or_default();
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    match literal.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => address.is_loopback() || address.is_link_local(),
        Ok(IpAddr::V6(address)) => {
            address.is_loopback() || address.is_unicast_link_local() || is_aws_metadata(address)
        }
        Err(_) => host.eq_ignore_ascii_case("localhost"),
    }
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
}
