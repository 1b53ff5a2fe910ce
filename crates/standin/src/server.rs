//! Listens and serves, over HTTP/1.1 and HTTP/2 without TLS. It knows nothing of the APIs.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};

use crate::aws::{AwsSettings, Issued};
use crate::bedrock::GuardrailSeen;
use crate::exchange::exchange;
use crate::oauth::{IssuedTokens, OAuthSettings, TokenFor, TokenState};
use crate::state::{Recorded, StandinState};

/// Calls at once over one HTTP/2 connection.
const MOST_STREAMS: u32 = 100_000;
/// Wait after a connection could not be accepted: most often there are too many.
const AFTER_ACCEPT_ERROR: Duration = Duration::from_millis(10);

/// How a stand-in behaves unless a request's headers say otherwise.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where to listen; port 0 for a free one.
    pub listen: SocketAddr,
    /// Time between two frames of a stream; zero for none.
    pub pace: Duration,
    /// Time before the answer begins.
    pub first_byte: Duration,
    /// The only credential that is accepted, on Bedrock as a bearer key beside its signatures;
    /// `None`: any, but there must be one.
    pub required_key: Option<String>,
    /// Whether requests are kept for [`Standin::requests`]. Costs a little for each call.
    pub record_requests: bool,
    /// What is known as AWS: keys, signatures, credentials that are issued.
    pub aws: AwsSettings,
    /// What is known as who issues access tokens: Entra and Google.
    pub oauth: OAuthSettings,
}

impl Default for Settings {
    /// A free port of 127.0.0.1, no pauses, any credential, requests recorded.
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            pace: Duration::ZERO,
            first_byte: Duration::ZERO,
            required_key: None,
            record_requests: true,
            aws: AwsSettings::default(),
            oauth: OAuthSettings::default(),
        }
    }
}

/// A running stand-in. It stops, and cuts the connections that it has, when it is dropped.
#[must_use = "a stand-in stops when it is dropped"]
pub struct Standin {
    address: SocketAddr,
    state: StandinState,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

impl Standin {
    /// Starts to listen and to serve. Fails if the address cannot be had.
    pub async fn start(settings: Settings) -> io::Result<Self> {
        let listener = TcpListener::bind(settings.listen).await?;
        let address = listener.local_addr()?;
        let state = StandinState::new(&settings);
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(serve(listener, state.clone(), stopped));
        Ok(Self {
            address,
            state,
            stop,
            serving,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:PORT`, without a slash or a path. OpenAI's clients want `/v1` after it.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The last 1,000 requests, the newest last; none where they are not recorded. A request is
    /// there before its answer begins.
    #[must_use]
    pub fn requests(&self) -> Vec<Recorded> {
        self.state.requests()
    }

    /// Forgets the requests until now.
    pub fn clear_requests(&self) {
        self.state.clear_requests();
    }

    /// A sentence for each call that carried what must not reach a provider, and was refused.
    #[must_use]
    pub fn leaks(&self) -> Vec<String> {
        self.state.leaks()
    }

    /// The guardrails that came with calls of Bedrock, the newest last.
    #[must_use]
    pub fn guardrails(&self) -> Vec<GuardrailSeen> {
        self.state.guardrails()
    }

    /// The key of the service account to which tokens are given, as the JSON file that Google hands out;
    /// it asks this stand-in.
    #[must_use]
    pub fn service_account(&self) -> String {
        self.state.oauth().service_account(&self.base_url())
    }

    /// How often access tokens were issued.
    #[must_use]
    pub fn issued_tokens(&self) -> IssuedTokens {
        self.state.issued_tokens()
    }

    /// What an access token is worth.
    #[must_use]
    pub fn token_state(&self, token: &str, taken_by: TokenFor) -> TokenState {
        self.state.token_state(token, taken_by)
    }

    /// How often temporary credentials of AWS were issued, by STS and by the metadata.
    #[must_use]
    pub fn issued(&self) -> Issued {
        self.state.issued()
    }

    /// How long those credentials and tokens hold that are issued from now on.
    pub fn set_credential_lifetime(&self, lifetime: Duration) {
        self.state.set_credential_lifetime(lifetime);
    }

    /// All credentials and tokens that were issued until now are expired.
    pub fn expire_issued(&self) {
        self.state.expire_issued();
    }

    /// Whether requests for credentials and tokens fail from now on, as those of a service that is down.
    pub fn refuse_issuing(&self, refuse: bool) {
        self.state.refuse_issuing(refuse);
    }

    /// Stops listening and cuts every connection; returns when all is gone.
    pub async fn stop(self) {
        drop(self.stop);
        // It can only have ended already.
        drop(self.serving.await);
    }
}

/// All paths of all APIs, to be mounted in another server.
pub fn router(state: StandinState) -> Router {
    async fn answer(State(state): State<StandinState>, request: Request) -> Response {
        exchange(&state, request).await.map(Body::new)
    }
    Router::new().fallback(answer).with_state(state)
}

/// Runs until the sender of `stopped` is gone.
async fn serve(listener: TcpListener, state: StandinState, mut stopped: oneshot::Receiver<()>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve_connection(stream, state.clone()));
                }
                Err(_) => tokio::time::sleep(AFTER_ACCEPT_ERROR).await,
            },
            Some(_) = connections.join_next() => {}
            _ = &mut stopped => break,
        }
    }
    drop(listener);
    connections.shutdown().await;
}

async fn serve_connection(stream: TcpStream, state: StandinState) {
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let service = service_fn(move |request| {
        let state = state.clone();
        async move { Ok::<_, Infallible>(exchange(&state, request).await) }
    });
    let mut server = Builder::new(TokioExecutor::new());
    server.http2().max_concurrent_streams(MOST_STREAMS);
    // Ends with an error when a client leaves and where an answer was to break off.
    drop(server.serve_connection(TokioIo::new(stream), service).await);
}
