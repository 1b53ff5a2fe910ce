//! What an admin can do, once: the same functions stand behind the console's server functions and
//! behind the REST API, so that both follow the same rules and say the same things.
//!
//! | module | what for |
//! |---|---|
//! | [`providers`], [`secrets`], [`tokens`] | what is configured |
//! | [`calls`], [`usage`], [`csv`] | reading the ledger |
//! | [`repricing`] | other prices for calls that are in the ledger |
//! | [`catalog`] | models and list prices, and a newer catalog |
//! | [`people`], [`api_tokens`] | first start, signing in, passwords, who there is; their tokens for the REST API |
//! | [`settings`], [`system`], [`metrics`], [`audit`] | settings; how Weir itself is, for people and for Prometheus; who changed what |
//! | [`storage`] | what is kept for how long, what is deleted, whether the books balance |
//! | [`transcripts`] | what was said in calls, where that is recorded |
//! | [`live`] | what the data plane reads: each change publishes a new snapshot before it returns |
//! | [`probe`] | what an admin needs of the data plane: a trait that the gateway implements |
//!
//! Every function wants a [`Who`], the proof that it was checked who asks. A change runs to its end even
//! if whoever asked goes away, one change at a time: row, snapshot and audit belong together.
//!
//! Knows nothing of pages, SQL or upstreams, and of HTTP only the statuses in the table of errors.

pub mod api_tokens;
pub mod audit;
pub mod calls;
pub mod catalog;
pub mod csv;
mod error;
mod fields;
mod hidden;
pub mod live;
pub mod metrics;
pub mod page;
pub mod people;
pub mod probe;
pub mod providers;
pub mod query;
pub mod repricing;
pub mod secrets;
pub mod settings;
pub mod storage;
pub mod system;
pub mod tokens;
pub mod transcripts;
pub mod usage;
mod who;

use std::{fmt, sync::Arc};

use domain::Timestamp;
use store::Store;
use tokio::sync::{Mutex, Notify, Semaphore};

pub use error::{AdminError, FieldError, Problem, Thing};
pub use live::{Live, LiveProvider, LiveToken, Snapshot};
pub use page::{Page, PageRequest};
pub use probe::Probe;
pub use who::{Actor, ByToken, ClientAddress, Who};

use live::Live as LiveNow;

/// What the admin's functions must be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Under which address applications and people reach Weir, such as `https://weir.example.com`.
    pub public_url: String,
    /// Whether providers may have link-local and cloud metadata addresses.
    pub allow_link_local_upstreams: bool,
    /// Project and location of providers of Vertex AI that name none.
    pub vertex: providers::VertexDefaults,
}

/// So many full reports are read at once; others wait for their turn.
const REPORTS_AT_ONCE: usize = 2;

/// Everything that an admin can do. Cheap to clone.
#[derive(Clone)]
pub struct Admin {
    inner: Arc<Inner>,
    catalog_source: Option<Arc<dyn catalog::CatalogSource>>,
    recorder: Option<::transcripts::Recorder>,
}

struct Inner {
    store: Store,
    live: Arc<LiveNow>,
    probe: Arc<dyn Probe>,
    options: Options,
    passwords: people::Passwords,
    slowing: people::Slowing,
    started_at: Timestamp,
    refusals: Arc<audit::Refusals>,
    openings: audit::Openings,
    checking: storage::Checking,
    /// Wakes what does the work of re-pricings.
    repricing_due: Notify,
    /// Full reports that may be read at once: each has a connection to itself.
    reports: Arc<Semaphore>,
    /// Held by the change that is under way.
    turn: Arc<Mutex<()>>,
}

impl fmt::Debug for Admin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admin")
            .field("options", &self.inner.options)
            .finish_non_exhaustive()
    }
}

impl Admin {
    /// Puts the parts together. `live` was read from the same store with [`Live::load`].
    #[must_use]
    pub fn new(store: Store, live: Arc<Live>, probe: Arc<dyn Probe>, mut options: Options) -> Self {
        options
            .public_url
            .truncate(options.public_url.trim_end_matches('/').len());
        let inner = Inner {
            store,
            live,
            probe,
            options,
            passwords: people::Passwords::default(),
            slowing: people::Slowing::default(),
            started_at: to_the_microsecond(Timestamp::now()),
            refusals: Arc::default(),
            openings: audit::Openings::default(),
            checking: storage::Checking::default(),
            repricing_due: Notify::new(),
            reports: Arc::new(Semaphore::new(REPORTS_AT_ONCE)),
            turn: Arc::default(),
        };
        Self {
            inner: Arc::new(inner),
            catalog_source: None,
            recorder: None,
        }
    }

    /// The same, with an address from which a newer catalog can be fetched.
    #[must_use]
    pub fn with_catalog_source(mut self, source: Arc<dyn catalog::CatalogSource>) -> Self {
        self.catalog_source = Some(source);
        self
    }

    /// The same, with what records what is said in calls. It is told how much is kept, now and whenever that
    /// changes. Without it nothing is recorded.
    #[must_use]
    pub fn with_transcripts(mut self, recorder: ::transcripts::Recorder) -> Self {
        recorder.keep(self.live().transcripts());
        self.recorder = Some(recorder);
        self
    }

    /// What the data plane reads.
    #[must_use]
    pub fn live(&self) -> &Arc<Live> {
        &self.inner.live
    }

    /// Providers.
    #[must_use]
    pub fn providers(&self) -> providers::Providers {
        providers::Providers {
            admin: self.clone(),
        }
    }

    /// Secrets.
    #[must_use]
    pub fn secrets(&self) -> secrets::Secrets {
        secrets::Secrets {
            admin: self.clone(),
        }
    }

    /// Gateway tokens.
    #[must_use]
    pub fn tokens(&self) -> tokens::Tokens {
        tokens::Tokens {
            admin: self.clone(),
        }
    }

    /// The ledger's rows.
    #[must_use]
    pub fn calls(&self) -> calls::Calls {
        calls::Calls {
            admin: self.clone(),
        }
    }

    /// The ledger's sums.
    #[must_use]
    pub fn usage(&self) -> usage::Usage {
        usage::Usage {
            admin: self.clone(),
        }
    }

    /// Other prices for calls that are in the ledger.
    #[must_use]
    pub fn repricing(&self) -> repricing::Repricing {
        repricing::Repricing {
            admin: self.clone(),
        }
    }

    /// What was said in calls.
    #[must_use]
    pub fn transcripts(&self) -> transcripts::Transcripts {
        transcripts::Transcripts {
            admin: self.clone(),
        }
    }

    /// The catalog.
    #[must_use]
    pub fn catalog(&self) -> catalog::CatalogSearch {
        catalog::CatalogSearch {
            admin: self.clone(),
        }
    }

    /// People.
    #[must_use]
    pub fn people(&self) -> people::People {
        people::People {
            admin: self.clone(),
        }
    }

    /// People's own API tokens.
    #[must_use]
    pub fn api_tokens(&self) -> api_tokens::ApiTokens {
        api_tokens::ApiTokens {
            admin: self.clone(),
        }
    }

    /// Weir itself.
    #[must_use]
    pub fn system(&self) -> system::System {
        system::System {
            admin: self.clone(),
        }
    }

    /// Weir itself, for Prometheus.
    #[must_use]
    pub fn metrics(&self) -> metrics::Metrics {
        metrics::Metrics {
            admin: self.clone(),
        }
    }

    /// Settings.
    #[must_use]
    pub fn settings(&self) -> settings::Settings {
        settings::Settings {
            admin: self.clone(),
        }
    }

    /// What is kept, and for how long.
    #[must_use]
    pub fn storage(&self) -> storage::Storage {
        storage::Storage {
            admin: self.clone(),
        }
    }

    /// The audit.
    #[must_use]
    pub fn audit(&self) -> audit::Audit {
        audit::Audit {
            admin: self.clone(),
        }
    }

    pub(crate) fn store(&self) -> &Store {
        &self.inner.store
    }

    pub(crate) fn probe(&self) -> &dyn Probe {
        self.inner.probe.as_ref()
    }

    pub(crate) fn catalog_source(&self) -> Option<&dyn catalog::CatalogSource> {
        self.catalog_source.as_deref()
    }

    pub(crate) const fn recorder(&self) -> Option<&::transcripts::Recorder> {
        self.recorder.as_ref()
    }

    /// Publishes how much of what is said in calls is kept.
    pub(crate) fn keep_transcripts(&self, keeping: ::transcripts::Keeping) {
        self.live().set_transcripts(keeping);
        if let Some(recorder) = self.recorder() {
            recorder.keep(keeping);
        }
    }

    pub(crate) fn openings(&self) -> &audit::Openings {
        &self.inner.openings
    }

    pub(crate) fn repricing_due(&self) -> &Notify {
        &self.inner.repricing_due
    }

    pub(crate) fn passwords(&self) -> &people::Passwords {
        &self.inner.passwords
    }

    pub(crate) fn slowing(&self) -> &people::Slowing {
        &self.inner.slowing
    }

    pub(crate) fn checking(&self) -> &storage::Checking {
        &self.inner.checking
    }

    pub(crate) fn public_url(&self) -> &str {
        &self.inner.options.public_url
    }

    pub(crate) fn vertex_defaults(&self) -> &providers::VertexDefaults {
        &self.inner.options.vertex
    }

    pub(crate) fn allows_link_local(&self) -> bool {
        self.inner.options.allow_link_local_upstreams
    }

    /// The turns of full reports.
    pub(crate) fn reports(&self) -> &Arc<Semaphore> {
        &self.inner.reports
    }

    /// Since when Weir runs.
    pub(crate) fn started_at(&self) -> Timestamp {
        self.inner.started_at
    }

    /// Now, to the microsecond that the database keeps.
    pub(crate) fn now(&self) -> Timestamp {
        to_the_microsecond(Timestamp::now())
    }

    /// Does a change as a whole: to its end even if whoever asked goes away, and one at a time, so that
    /// rows, snapshot and audit agree.
    pub(crate) async fn whole<T: Send + 'static>(
        &self,
        change: impl Future<Output = Result<T, AdminError>> + Send + 'static,
    ) -> Result<T, AdminError> {
        let turn = Arc::clone(&self.inner.turn).lock_owned().await;
        let task = tokio::spawn(async move {
            let done = change.await;
            drop(turn);
            done
        });
        task.await
            .map_err(|error| AdminError::internal("finish a change", &error))?
    }
}

fn to_the_microsecond(moment: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(moment.as_microsecond()).unwrap_or(moment)
}
