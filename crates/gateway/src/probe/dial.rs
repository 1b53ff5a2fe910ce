//! The stages before the call: name, connection, TLS, each timed on a connection of its own.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};

use admin::probe::{Failure, StageName, Symptom};
use rustls::CertificateError;
use rustls_pki_types::ServerName;
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::TlsConnector;
use url::{Host, Url};

use super::{Report, millis};
use crate::connect::{self, ConnectSettings};

/// Resolves, connects and agrees on TLS. Through a proxy only the calls themselves are made.
pub(super) async fn dial(
    settings: &ConnectSettings,
    patience: Duration,
    base_url: &str,
    report: &mut Report,
) -> Result<(), Failure> {
    let Ok(url) = Url::parse(base_url) else {
        return Err(told(Symptom::NotResolved, "the base URL is not an address"));
    };
    let is_https = url.scheme() == "https";
    if settings.proxy.is_some() {
        for name in [StageName::Resolve, StageName::Connect, StageName::Tls] {
            report.note(name, false, None, Some("left to the proxy".to_owned()));
        }
        return Ok(());
    }
    let began = Instant::now();
    let (host, addresses) = resolve(&url, patience).await.inspect_err(|_| {
        report.fail(StageName::Resolve, Some(millis(began)));
    })?;
    let allowed: Vec<SocketAddr> = addresses
        .into_iter()
        .filter(|address| settings.addresses.allows(address.ip()))
        .collect();
    let Some(first) = allowed.first().copied() else {
        report.fail(StageName::Resolve, Some(millis(began)));
        return Err(told(
            Symptom::AddressRefused,
            "the name leads to link-local or metadata addresses only",
        ));
    };
    let was_name = matches!(url.host(), Some(Host::Domain(_)));
    report.note(
        StageName::Resolve,
        was_name,
        Some(millis(began)),
        Some(first.ip().to_string()),
    );
    let began = Instant::now();
    let stream = match timeout(patience, TcpStream::connect(allowed.as_slice())).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => {
            let ms = millis(began);
            report.fail(StageName::Connect, Some(ms));
            let words = format!("{}: {error}, after {ms} ms", tried(&allowed));
            let symptom = match error.kind() {
                io::ErrorKind::TimedOut
                | io::ErrorKind::HostUnreachable
                | io::ErrorKind::NetworkUnreachable => Symptom::TimedOut,
                _ => Symptom::ConnectionRefused,
            };
            return Err(told(symptom, &words));
        }
        Err(_) => {
            report.fail(StageName::Connect, Some(millis(began)));
            let waited = patience.as_secs();
            let words = format!("{}: no connection within {waited} s", tried(&allowed));
            return Err(told(Symptom::TimedOut, &words));
        }
    };
    let peer = stream.peer_addr().map(|peer| peer.to_string()).ok();
    report.note(StageName::Connect, true, Some(millis(began)), peer);
    if !is_https {
        report.note(StageName::Tls, false, None, None);
        return Ok(());
    }
    let began = Instant::now();
    let agreed = tls(settings, host, stream, patience).await;
    if let Err((symptom, words)) = agreed {
        report.fail(StageName::Tls, Some(millis(began)));
        let peer = tried(&[first]);
        return Err(told(symptom, &format!("{peer}: {words}")));
    }
    report.note(StageName::Tls, true, Some(millis(began)), None);
    Ok(())
}

async fn resolve(url: &Url, patience: Duration) -> Result<(String, Vec<SocketAddr>), Failure> {
    let unknown = || told(Symptom::NotResolved, "the base URL has no host");
    let port = url.port_or_known_default().ok_or_else(unknown)?;
    match url.host().ok_or_else(unknown)? {
        Host::Ipv4(address) => Ok((
            address.to_string(),
            vec![SocketAddr::new(IpAddr::V4(address), port)],
        )),
        Host::Ipv6(address) => Ok((
            address.to_string(),
            vec![SocketAddr::new(IpAddr::V6(address), port)],
        )),
        Host::Domain(name) => {
            match timeout(patience, tokio::net::lookup_host((name, port))).await {
                Ok(Ok(addresses)) => Ok((name.to_owned(), addresses.collect())),
                Ok(Err(error)) => Err(told(Symptom::NotResolved, &format!("{name}: {error}"))),
                Err(_) => Err(told(
                    Symptom::NotResolved,
                    &format!(
                        "{name}: no answer of a name server within {} s",
                        patience.as_secs()
                    ),
                )),
            }
        }
    }
}

async fn tls(
    settings: &ConnectSettings,
    host: String,
    stream: TcpStream,
    patience: Duration,
) -> Result<(), (Symptom, String)> {
    let other = |words: String| (Symptom::Tls, words);
    let config = connect::tls_config(settings.extra_ca.as_ref())
        .map_err(|error| other(error.to_string()))?;
    let name = ServerName::try_from(host).map_err(|error| other(error.to_string()))?;
    let connecting = TlsConnector::from(Arc::new(config)).connect(name, stream);
    match timeout(patience, connecting).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => {
            let cause = error.get_ref().and_then(|cause| cause.downcast_ref());
            Err((problem(cause), error.to_string()))
        }
        Err(_) => Err(other(format!(
            "TLS was not agreed on within {} s",
            patience.as_secs()
        ))),
    }
}

/// What is wrong with an upstream's TLS.
fn problem(error: Option<&rustls::Error>) -> Symptom {
    match error {
        Some(rustls::Error::InvalidCertificate(wrong)) => match wrong {
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. } => Symptom::CertificateExpired,
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                Symptom::OtherName
            }
            CertificateError::UnknownIssuer => Symptom::UnknownIssuer,
            // A certificate that signed itself, and says that it may sign others.
            CertificateError::Other(_) if wrong.to_string().contains("CaUsedAsEndEntity") => {
                Symptom::UnknownIssuer
            }
            _ => Symptom::Tls,
        },
        Some(rustls::Error::InvalidMessage(_)) => Symptom::NotTls,
        Some(_) | None => Symptom::Tls,
    }
}

/// Addresses as they were tried, not all of very many.
fn tried(addresses: &[SocketAddr]) -> String {
    const SHOWN: usize = 3;
    let shown: Vec<String> = addresses
        .iter()
        .take(SHOWN)
        .map(ToString::to_string)
        .collect();
    let more = if addresses.len() > SHOWN { " …" } else { "" };
    format!("{}{more}", shown.join(", "))
}

fn told(symptom: Symptom, words: &str) -> Failure {
    Failure {
        symptom,
        status: None,
        message: Some(words.to_owned()),
    }
}
