//! The data plane: who is calling, which upstream, forwarding, streaming, metering, recording.
//!
//! The order in which a request is handled; each step may refuse it, and then the later ones do not
//! run:
//!
//! 1. a browser's navigation is refused ([`admit`])
//! 2. a WebSocket upgrade is refused
//! 3. the gateway token is checked, before anything is read of the body ([`authenticate`])
//! 4. the provider must exist, the token may call it, and it must be enabled
//! 5. the discovery document is answered ([`discovery`])
//! 6. the path is understood; one that is not metered needs the provider's permission
//! 7. the body is taken in, within its limit and the budget for all ([`intake`])
//! 8. the model is read from it and must be on the provider's list ([`prepare`])
//! 9. usage is asked for where a stream would not tell it
//! 10. the credential is added, or signs the request ([`headers`], [`credential`], [`identities`])
//! 11. the start of the call is journalled ([`recorder`])
//! 12. the request goes up ([`connect`], [`upstream`], [`await_answer`]) and the answer comes down, a copy of it
//!     metered, its row written before its end is handed on ([`answer`], [`call`]); what was said is
//!     recorded where the provider is told to ([`recording`])
//!
//! Of a provider with several endpoints steps 8 to 12 are done at one after the other, until one answers
//! ([`attempts`]).
//!
//! A call keeps the configuration that it began with. No step reads the database.
//!
//! Knows the domain, the wire formats, the journal, the way to the transcripts and what `admin` publishes; knows nothing of pages,
//! of the REST API or of SQL.

mod address;
mod admit;
mod answer;
mod attempts;
mod authenticate;
mod await_answer;
mod azure;
mod background;
mod call;
mod cards;
mod catalog_file;
mod connect;
mod control_plane;
mod credential;
mod discovery;
mod drain;
mod forward;
mod headers;
mod identities;
mod intake;
mod interrupted;
mod leak;
mod limits;
mod log;
mod metering;
mod metrics;
mod plan;
mod prepare;
mod probe;
mod proxy;
mod publishers;
mod query;
mod recorder;
mod recording;
mod refusal;
mod refusing;
mod tried;
mod upstream;
mod upstream_error;

pub use address::AddressPolicy;
pub use answer::{AnswerBody, BrokenOff};
pub use catalog_file::{CatalogAddress, CatalogAddressError, CatalogFetcher};
pub use connect::{ConnectSettings, ConnectSetupError};
pub use interrupted::price_interrupted;
pub use limits::Limits;
pub use proxy::{ProxyAddressError, UpstreamProxy};
pub use recorder::{Recorder, WhenUnrecordable};

use std::{borrow::Cow, sync::Arc};

use admin::live::Live;
use domain::{call::DueResponse, provider::Upstream};
use drain::Drainer;
use intake::BufferBudget;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    background::Background, call::Books, cards::Cards, identities::Identities, refusing::Refusing,
    upstream::UpstreamClient,
};

/// What belongs to the data plane: this path and everything below it, so that a mistyped address is
/// answered by it too.
pub const ROOT: &str = "/llm";
/// [`ROOT`] and what separates it from what is below.
pub const BELOW_ROOT: &str = "/llm/";
/// The path below which the providers are; a provider's id follows.
pub const PREFIX: &str = "/llm/v1/providers/";

/// The data plane. Clones share everything.
#[derive(Debug, Clone)]
pub struct Gateway {
    inner: Arc<Inner>,
}

/// What the data plane is made of. See [`Gateway`].
#[derive(Debug)]
pub struct Inner {
    live: Arc<Live>,
    books: Arc<Books>,
    transcripts: Option<transcripts::Recorder>,
    client: UpstreamClient,
    connect: ConnectSettings,
    identities: Identities,
    limits: Arc<Limits>,
    budget: Arc<BufferBudget>,
    drainer: Drainer,
    /// Upstreams that answered 400 to `stream_options`.
    refusing: Refusing,
}

impl std::ops::Deref for Gateway {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.inner
    }
}

/// What a [`Gateway`] is made with.
#[derive(Debug)]
pub struct Parts {
    /// The configuration, as admins change it.
    pub live: Arc<Live>,
    /// The way into the ledger.
    pub recorder: Recorder,
    /// The way to the transcripts. `None`: nothing is recorded.
    pub transcripts: Option<transcripts::Recorder>,
    /// How upstreams are reached.
    pub connect: ConnectSettings,
    /// Limits.
    pub limits: Limits,
    /// Background responses whose usage has not been seen, as the ledger knows them.
    pub background_due: Vec<DueResponse>,
    /// Runs what outlives a client; the end of the program waits for it.
    pub tasks: TaskTracker,
    /// Nothing is waited for any more: what clients left behind is settled with what is known of it.
    pub give_up: CancellationToken,
}

impl Gateway {
    /// Makes the data plane.
    ///
    /// # Errors
    /// Where connections to upstreams cannot be set up.
    pub fn new(parts: Parts) -> Result<Self, ConnectSetupError> {
        let Parts {
            live,
            recorder,
            transcripts,
            connect,
            limits,
            background_due,
            tasks,
            give_up,
        } = parts;
        let limits = Arc::new(limits);
        let identities = Identities::new(
            Arc::clone(&live),
            connect::credential_network(&connect, limits.connect_timeout)?,
            tokio::runtime::Handle::current(),
        );
        Ok(Self {
            inner: Arc::new(Inner {
                live,
                books: Arc::new(Books {
                    recorder,
                    cards: Cards::default(),
                    background: Background::new(background_due),
                }),
                transcripts,
                client: UpstreamClient::new(connect::connector(&connect, limits.connect_timeout)?),
                identities,
                budget: BufferBudget::new(limits.max_buffered_bytes),
                drainer: Drainer::new(tasks, give_up, Arc::clone(&limits)),
                connect,
                limits,
                refusing: Refusing::default(),
            }),
        })
    }

    /// The address that calls of an upstream go to.
    fn base_url<'a>(&'a self, upstream: &'a Upstream) -> Cow<'a, str> {
        match (upstream, &self.connect.bedrock_runtime) {
            (
                Upstream::Bedrock {
                    base_url: None,
                    fips: false,
                    ..
                },
                Some(everywhere),
            ) => Cow::Borrowed(everywhere),
            _ => upstream.base_url(),
        }
    }

    /// Whether calls can be written down at the moment.
    #[must_use]
    pub fn can_record(&self) -> bool {
        self.books.recorder.is_well()
    }
}
