//! The listener: accepting connections, TLS, HTTP/1.1 and HTTP/2, and ending them gracefully.

mod stalled;

use std::{
    io,
    net::{IpAddr, SocketAddr},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use admin::ClientAddress;
use axum::body::Body;
use hyper::{Request, Response, body::Incoming, rt::Executor, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::conn::auto,
};
use ipnet::IpNet;
use rustls::ServerConfig;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    time::Instant,
};
use tokio_rustls::TlsAcceptor;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::stalled::Stalled;
use crate::routes::Routes;

/// How long a TLS client may take for its handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(30);
/// How often a connection over HTTP/2 is asked whether anybody is there.
const PING_INTERVAL: Duration = Duration::from_secs(90);
/// The most of a connection's bytes that wait to be read or written, and so the largest head of a request.
/// No client's comes near it; one that reads slowly costs that much memory.
const HTTP1_BUFFER_BYTES: usize = 64 << 10;
/// The most of one answer over HTTP/2 that waits to be written.
const HTTP2_SEND_BYTES: usize = 64 << 10;
/// How long calls that are broken off at the end may take for it.
const BREAKING_OFF: Duration = Duration::from_secs(2);
/// How often it is told that connections cannot be accepted.
const ACCEPT_TOLD_EVERY: Duration = Duration::from_secs(10);
/// How long to wait before accepting again when the system refuses (no file descriptors left, say).
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Why the listener cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The address cannot be had.
    #[error(
        "cannot listen on {address}: {source}; is another program there? Choose another with --listen"
    )]
    Bind {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The certificate or its key cannot be used.
    #[error("cannot use --tls-cert and --tls-key: {0}")]
    Tls(String),
}

/// How long the listener waits for clients.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// For a whole request head, unused connections included. Usually longer than the minute after which
    /// proxies and client libraries let go of theirs, so that they do it first.
    pub(crate) head: Duration,
    /// For the next bytes of an answer to be taken.
    pub(crate) taking: Duration,
    /// For running requests after Weir was told to stop.
    pub(crate) ending: Duration,
}

/// A listener that has its address and has not begun to accept.
#[derive(Debug)]
pub(crate) struct Listener {
    tcp: TcpListener,
    tls: Option<ServerConfig>,
    trusted_proxies: Vec<IpNet>,
    patience: Patience,
}

impl Listener {
    /// Takes the address and reads the certificate.
    ///
    /// # Errors
    /// [`ListenError`].
    pub(crate) async fn bind(
        address: SocketAddr,
        tls: Option<(&Path, &Path)>,
        trusted_proxies: Vec<IpNet>,
        patience: Patience,
    ) -> Result<Self, ListenError> {
        let tls = tls.map(|(cert, key)| tls_config(cert, key)).transpose()?;
        let tcp = TcpListener::bind(address)
            .await
            .map_err(|source| ListenError::Bind { address, source })?;
        Ok(Self {
            tcp,
            tls,
            trusted_proxies,
            patience,
        })
    }

    /// The address that was taken; tells the port where 0 was asked for.
    ///
    /// # Errors
    /// Where the system does not tell.
    pub(crate) fn address(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }

    /// Serves until `stop`, then lets the running requests end, and breaks them off when the time for that is
    /// over. Returns when the last connection is closed, and tells when the time is over.
    pub(crate) async fn serve(self, routes: Routes, stop: CancellationToken) -> Instant {
        let connections = TaskTracker::new();
        let shared = Arc::new(Shared {
            routes,
            tls: self.tls.map(|config| TlsAcceptor::from(Arc::new(config))),
            trusted_proxies: self.trusted_proxies,
            patience: self.patience,
            stop: stop.clone(),
            break_off: CancellationToken::new(),
            connections: connections.clone(),
        });
        let mut told: Option<Instant> = None;
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => break,
                accepted = self.tcp.accept() => accepted,
            };
            match accepted {
                Ok((stream, peer)) => {
                    connections.spawn(Arc::clone(&shared).connection(stream, peer));
                }
                Err(error) => {
                    if told.is_none_or(|at| at.elapsed() >= ACCEPT_TOLD_EVERY) {
                        tracing::warn!(%error, "Connections cannot be accepted");
                        told = Some(Instant::now());
                    }
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
        drop(self.tcp);
        let deadline = Instant::now() + self.patience.ending;
        connections.close();
        if tokio::time::timeout_at(deadline, connections.wait())
            .await
            .is_err()
        {
            tracing::warn!(
                connections = connections.len(),
                "Some calls were still running when the time to stop was over, and are broken off"
            );
            shared.break_off.cancel();
            if tokio::time::timeout(BREAKING_OFF, connections.wait())
                .await
                .is_err()
            {
                tracing::error!("Some calls could not be broken off");
            }
        }
        deadline
    }
}

struct Shared {
    routes: Routes,
    tls: Option<TlsAcceptor>,
    trusted_proxies: Vec<IpNet>,
    patience: Patience,
    /// Nothing new is begun.
    stop: CancellationToken,
    /// Nothing goes on.
    break_off: CancellationToken,
    /// Every connection, and every stream of those over HTTP/2.
    connections: TaskTracker,
}

impl Shared {
    async fn connection(self: Arc<Self>, stream: TcpStream, peer: SocketAddr) {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY could not be set");
        }
        let stream = Stalled::new(stream, self.patience.taking);
        match &self.tls {
            None => self.http(stream, peer).await,
            Some(acceptor) => {
                let accepted = tokio::time::timeout(HANDSHAKE_TIMEOUT, acceptor.accept(stream));
                match self.stop.run_until_cancelled(accepted).await {
                    Some(Ok(Ok(stream))) => self.http(stream, peer).await,
                    Some(Ok(Err(error))) => tracing::debug!(%error, "A TLS handshake failed"),
                    Some(Err(_)) => tracing::debug!("A TLS handshake took too long"),
                    None => {}
                }
            }
        }
    }

    async fn http<S>(self: &Arc<Self>, stream: S, peer: SocketAddr)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let shared = Arc::clone(self);
        let asked = Arc::new(AtomicBool::new(false));
        let has_asked = Arc::clone(&asked);
        let service = service_fn(move |request: Request<Incoming>| {
            let shared = Arc::clone(&shared);
            has_asked.store(true, Ordering::Relaxed);
            async move { shared.request(request, peer).await }
        });
        let mut server = auto::Builder::new(Tracked(self.connections.clone()));
        server
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(self.patience.head)
            .max_buf_size(HTTP1_BUFFER_BYTES);
        server
            .http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(PING_INTERVAL)
            .max_send_buf_size(HTTP2_SEND_BYTES);
        let connection = server.serve_connection(TokioIo::new(stream), service);
        tokio::pin!(connection);
        let result = tokio::select! {
            result = connection.as_mut() => result,
            // Until the first bytes nothing else counts the time.
            () = never_asked(&asked, self.patience.head) => {
                tracing::debug!("A connection on which nothing was asked is closed");
                return;
            }
            () = self.stop.cancelled() => {
                if !asked.load(Ordering::Relaxed) {
                    return;
                }
                connection.as_mut().graceful_shutdown();
                match self.break_off.run_until_cancelled(connection).await {
                    Some(result) => result,
                    None => return,
                }
            }
        };
        if let Err(error) = result {
            tracing::debug!(%error, "A connection ended with an error");
        }
    }

    async fn request(
        &self,
        mut request: Request<Incoming>,
        peer: SocketAddr,
    ) -> Result<Response<Body>, std::convert::Infallible> {
        let named = request.headers().get_all("x-forwarded-for");
        let named = named.iter().filter_map(|value| value.to_str().ok());
        let client = client_address(&self.trusted_proxies, peer.ip(), named);
        let client = ClientAddress(client);
        request.extensions_mut().insert(client);
        Ok(self.routes.handle(request).await)
    }
}

/// Runs the streams of a connection, so that the end waits for them.
#[derive(Debug, Clone)]
struct Tracked(TaskTracker);

impl<F> Executor<F> for Tracked
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    fn execute(&self, task: F) {
        self.0.spawn(task);
    }
}

/// Ready when a connection has come to its age without a whole request head.
async fn never_asked(asked: &AtomicBool, head: Duration) {
    tokio::time::sleep(head).await;
    if asked.load(Ordering::Relaxed) {
        std::future::pending().await
    }
}

/// Who is calling: the peer, or whom trusted proxies say they speak for. `named`: the values of
/// `x-forwarded-for`, in their order.
///
/// On a socket for both kinds of address, IPv4 ones come as IPv6; they are taken as what they are.
fn client_address<'a>(
    trusted: &[IpNet],
    peer: IpAddr,
    named: impl Iterator<Item = &'a str>,
) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(&address));
    let peer = peer.to_canonical();
    if !is_trusted(peer) {
        return peer;
    }
    let named: Vec<&str> = named.flat_map(|value| value.split(',')).collect();
    // Each proxy adds its peer at the end: the last one that is no proxy itself is the client, and
    // what stands before it is only the client's own word.
    for address in named.iter().rev() {
        let Ok(address) = address.trim().parse::<IpAddr>() else {
            break;
        };
        let address = address.to_canonical();
        if !is_trusted(address) {
            return address;
        }
    }
    peer
}

fn tls_config(cert: &Path, key: &Path) -> Result<ServerConfig, ListenError> {
    let in_file = |path: &Path, error: rustls_pki_types::pem::Error| {
        ListenError::Tls(format!("{}: {error}", path.display()))
    };
    let chain = CertificateDer::pem_file_iter(cert)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| in_file(cert, error))?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(|error| in_file(key, error))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map_err(|error| ListenError::Tls(error.to_string()))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks who is taken for the client of a peer that sends these headers.
    fn check(peer: &str, named: &[&str], expected: &str) {
        let trusted: Vec<IpNet> = ["10.0.0.0/8", "fd00::/8"]
            .iter()
            .map(|network| network.parse().unwrap())
            .collect();
        let found = client_address(&trusted, peer.parse().unwrap(), named.iter().copied());
        assert_eq!(
            found,
            expected.parse::<IpAddr>().unwrap(),
            "{peer} {named:?}"
        );
    }

    #[test]
    fn only_trusted_proxies_say_whom_they_speak_for() {
        check("192.0.2.9", &["198.51.100.7"], "192.0.2.9");
        check("10.0.0.5", &["198.51.100.7"], "198.51.100.7");
        check("10.0.0.5", &[], "10.0.0.5");
        check(
            "10.0.0.5",
            &["203.0.113.1, 198.51.100.7, 10.0.0.6"],
            "198.51.100.7",
        );
        check("10.0.0.5", &["198.51.100.7", "10.1.1.1"], "198.51.100.7");
        check("10.0.0.5", &["198.51.100.7, unknown"], "10.0.0.5");
        check("fd00::1", &["2001:db8::7"], "2001:db8::7");
    }

    #[test]
    fn an_ipv4_address_is_known_on_a_socket_for_both_kinds() {
        check("::ffff:10.0.0.5", &["198.51.100.7"], "198.51.100.7");
        check(
            "::ffff:10.0.0.5",
            &["198.51.100.7, ::ffff:10.0.0.6"],
            "198.51.100.7",
        );
        check("10.0.0.5", &["::ffff:198.51.100.7"], "198.51.100.7");
        check("::ffff:192.0.2.9", &["198.51.100.7"], "192.0.2.9");
    }
}
