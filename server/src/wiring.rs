//! Putting Weir together, running it, and ending it.
//!
//! | started | ended |
//! |---|---|
//! | 1. the data folder is held | 5. and let go |
//! | 2. databases and journal are opened, the journal is replayed | 4. the journal is read to its end (bounded where the database fails), transcripts are written (until the moment of 2.), the databases closed |
//! | 3. the data plane, the admin's functions, REST API and console are made | 3. what clients left behind is read (until the same moment) |
//! | 4. the listener takes its address | 2. running calls end (bounded) |
//! | 5. it accepts | 1. it accepts no more |

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use admin::{Admin, Live, Who};
use app::{ConsoleState, SessionReader};
use catalog::Catalog;
use domain::{
    Timestamp,
    provider::{BaseUrl, InvalidBaseUrl},
};
use futures_util::future::BoxFuture;
use gateway::{CatalogFetcher, ConnectSettings, Gateway, Parts, Recorder};
use jiff::SignedDuration;
use journal::Journal;
use secrecy::ExposeSecret;
use store::{MasterKey, MasterKeyError, Store, StoreError, ledger::Writer};
use tokio::task::JoinHandle;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    data_dir::{DataDir, DataDirError},
    listen::{ListenError, Listener},
    place::DataArgs,
    recording::Recording,
    routes::Routes,
    settings::ServeArgs,
};

/// How long the rows of calls that were broken off at the end may take.
const LAST_ROWS: Duration = Duration::from_secs(5);
/// Connections for reading the database.
const READERS: u32 = 4;
/// How far back background responses whose cost was never shown are waited for.
const BACKGROUND_DUE: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Why Weir did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data folder cannot be used.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// The journal cannot be opened.
    #[error("the journal: {0}")]
    Journal(#[from] journal::JournalError),
    /// The master key cannot be had.
    #[error("the master key: {0}")]
    MasterKey(#[from] MasterKeyError),
    /// The database cannot be opened.
    #[error("the database: {0}")]
    Store(#[from] store::StoreError),
    /// The catalog inside the program is damaged.
    #[error("the catalog: {0}")]
    Catalog(#[from] catalog::CatalogError),
    /// The configuration cannot be read from the database.
    #[error("the configuration: {0}")]
    Admin(#[from] admin::AdminError),
    /// Connections to upstreams cannot be set up.
    #[error("upstream connections: {0}")]
    Connect(#[from] gateway::ConnectSetupError),
    /// The environment names an address of AWS that is none.
    #[error("the environment variable {variable}: {reason}")]
    Endpoint {
        /// The variable.
        variable: &'static str,
        /// What is wrong with it.
        reason: InvalidBaseUrl,
    },
    /// The listener cannot be set up.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// There is nothing where a command looks.
    #[error("no Weir data in {}; name its folder with --data-dir", .0.display())]
    NoData(PathBuf),
    /// The journal has calls of a database that is not there.
    #[error(
        "there is no database, but the journal has calls of one. Restore a backup of it: Weir then adds what the \
         journal in {} has. To begin anew without those calls, move that folder away",
        .0.display()
    )]
    NoDatabase(PathBuf),
    /// The system refused something small.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// Weir, running.
#[derive(Debug)]
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// Under which address people reach it.
    pub public_url: String,
    /// The link for the first admin's password. `None`: there is an admin already.
    pub first_link: Option<String>,
    /// What an admin can do.
    pub admin: Admin,
    /// The way to the transcripts.
    transcripts: transcripts::Recorder,
    /// Where calls are written down first.
    pub(crate) journal: Journal,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Running {
    /// Stops accepting; see [`Running::ended`].
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// The way to the transcripts.
    #[must_use]
    pub const fn transcripts(&self) -> &transcripts::Recorder {
        &self.transcripts
    }

    /// Waits until everything has ended.
    pub async fn ended(self) {
        if let Err(error) = self.task.await {
            tracing::error!(%error, "Weir did not end as it should");
        }
    }
}

/// Opens the database for this Weir alone, and what belongs to it, for commands that need no more.
///
/// # Errors
/// [`StartError`].
pub async fn open_store(args: &DataArgs, data_dir: &DataDir) -> Result<Store, StartError> {
    let file = data_dir.master_key();
    let open = |master_key| {
        let database_url = args.database_url();
        Store::open_alone(store::Options {
            database_url,
            master_key,
            readers: READERS,
        })
    };
    let opened = open(MasterKey::load(args.master_key(), &file)?).await;
    let next = next_key_file(&file);
    match opened {
        Err(StoreError::MasterKey(_)) if args.master_key().is_none() && next.exists() => {
            // A rotation died after the database had the new key.
            let store = open(MasterKey::load(None, &next)?).await?;
            std::fs::rename(&next, &file)?;
            Ok(store)
        }
        opened => Ok(opened?),
    }
}

/// Starts Weir. It serves when this returns.
///
/// # Errors
/// [`StartError`].
pub async fn start(args: &ServeArgs) -> Result<Running, StartError> {
    let data_dir = DataDir::hold(&args.data.data_dir)?;
    if data_dir.is_open_to_others() {
        tracing::warn!(
            "Others than the owner may look into the data folder {}",
            args.data.data_dir.display()
        );
    }
    if !Store::exists(&args.data.database_url())? && journal::has_entries(&data_dir.journal())? {
        return Err(StartError::NoDatabase(data_dir.journal()));
    }
    let store = open_store(&args.data, &data_dir).await?;
    let (journal, reader) = Journal::open(&data_dir.journal(), args.journal_sync)?;
    let live = Live::load(&store, Arc::new(Catalog::builtin()?)).await?;
    let snapshot = live.keep();
    let mut writer = Writer::new(store.clone(), reader)?.with_pricer(Box::new(move |call| {
        gateway::price_interrupted(&snapshot, call)
    }));
    writer.recover().await?;
    store.look_at_clock().await?;
    let clock = store.clone();
    let clock = Box::new(move || clock.believed_time());
    let recording = Recording::begin(args.data.transcripts_url(), clock).await;
    let drains = TaskTracker::new();
    let give_up = CancellationToken::new();
    let policy = args.when_unrecordable.into();
    let recorder = Recorder::new(journal.clone(), policy, drains.clone());
    let gateway = Gateway::new(Parts {
        live: Arc::clone(&live),
        recorder: recorder.clone(),
        transcripts: Some(recording.recorder.clone()),
        connect: ConnectSettings {
            addresses: args.addresses(),
            proxy: args.upstream_proxy.clone(),
            extra_ca: args.upstream_ca.clone(),
            bedrock_runtime: endpoint(aws::runtime_endpoint_from_env())?,
            bedrock_control: endpoint(aws::control_endpoint_from_env())?,
        },
        limits: args.limits(),
        background_due: store
            .calls()
            .unbilled_background(Timestamp::now() - BACKGROUND_DUE)
            .await?,
        tasks: drains.clone(),
        give_up: give_up.clone(),
    })?;
    let tls = args.tls_cert.as_deref().zip(args.tls_key.as_deref());
    let proxies = args.trusted_proxies.clone();
    let listener = Listener::bind(args.address.listen, tls, proxies, args.patience()).await?;
    let address = listener.address()?;
    let public_url = args.public_url(address);
    let admin = Admin::new(
        store.clone(),
        live,
        Arc::new(gateway.clone()),
        admin::Options {
            public_url: public_url.clone(),
            allow_link_local_upstreams: args.allow_link_local_upstreams,
            vertex: admin::providers::VertexDefaults::from_variables(|name| {
                std::env::var(name).ok()
            }),
        },
    );
    let admin = admin.with_transcripts(recording.recorder.clone());
    let admin = match &args.catalog_url {
        None => admin,
        Some(address) => {
            let fetcher = CatalogFetcher::new(gateway.clone(), address.clone());
            admin.with_catalog_source(Arc::new(fetcher))
        }
    };
    let first_link = first_link(&admin, &public_url).await?;
    let pages = pages(args, &admin, &store, &public_url);
    let routes = Routes::new(gateway, store.clone(), pages);

    let books = journal.clone();
    let transcripts = recording.recorder.clone();
    let stop = CancellationToken::new();
    let writer_stop = CancellationToken::new();
    let writing = tokio::spawn(writer.run(writer_stop.clone()));
    let sweeping = tokio::spawn({
        let (sessions, stop) = (store.sessions(), stop.clone());
        async move { sessions.sweep(stop).await }
    });
    let repricing = tokio::spawn({
        let (repricing, stop) = (admin.repricing(), stop.clone());
        // It breaks off between two steps or within one, which is then undone, and goes on at the next start.
        async move {
            stop.run_until_cancelled(repricing.run()).await;
        }
    });
    let forgetting = tokio::spawn({
        let (transcripts, stop) = (admin.transcripts(), stop.clone());
        // What it has not seen to its end, it asks for again at the next start.
        async move {
            stop.run_until_cancelled(transcripts.run()).await;
        }
    });
    let serving = listener.serve(routes, stop.clone());
    let task = tokio::spawn(async move {
        let deadline = serving.await;
        drains.close();
        if tokio::time::timeout_at(deadline, drains.wait())
            .await
            .is_err()
        {
            tracing::warn!("Some answers that clients left behind were not read to their end");
            give_up.cancel();
            if tokio::time::timeout(LAST_ROWS, drains.wait())
                .await
                .is_err()
            {
                tracing::error!(
                    "The rows of some calls were not written; the next start writes them"
                );
            }
        }
        let lost = recorder.rows_in_memory();
        if lost > 0 {
            tracing::error!(
                calls = lost,
                "Weir ends before the journal could be written again: calls that ended meanwhile stay without their tokens"
            );
        }
        writer_stop.cancel();
        recording.end(deadline).await;
        for ended in [
            repricing.await.map(Ok),
            forgetting.await.map(Ok),
            writing.await,
            sweeping.await.map(Ok),
        ] {
            match ended {
                Ok(Ok(())) => {}
                Ok(Err(error)) => {
                    tracing::error!(%error, "The ledger's writer ended with an error; what it did not write is in the journal")
                }
                Err(error) => tracing::error!(%error, "A task of Weir died"),
            }
        }
        if let Err(error) = journal.sync() {
            tracing::error!(%error, "The journal could not be put on the disk");
        }
        if let Err(error) = store.close().await {
            tracing::warn!(%error, "The database could not be closed");
        }
        drop(data_dir);
    });
    Ok(Running {
        address,
        public_url,
        first_link,
        admin,
        transcripts,
        journal: books,
        stop,
        task,
    })
}

/// An address of AWS that the environment names, as one that can be called.
fn endpoint(named: Option<aws::Endpoint>) -> Result<Option<String>, StartError> {
    let Some(aws::Endpoint { variable, address }) = named else {
        return Ok(None);
    };
    let address: BaseUrl = address
        .parse()
        .map_err(|reason| StartError::Endpoint { variable, reason })?;
    Ok(Some(address.as_str().to_owned()))
}

/// Lets people who have signed in to the console read the REST API's description.
struct SignedIn(SessionReader<store::Sessions>);

impl api::Authorizer for SignedIn {
    fn who<'a>(&'a self, request: &'a http::request::Parts) -> BoxFuture<'a, Option<Who>> {
        Box::pin(self.0.who(request))
    }
}

/// REST API and console.
fn pages(args: &ServeArgs, admin: &Admin, store: &Store, public_url: &str) -> axum::Router {
    let secure_cookies = public_url.starts_with("https://");
    let people = SessionReader::new(admin.clone(), store.sessions(), secure_cookies);
    let api = api::router(api::ApiState {
        admin: admin.clone(),
        admin_token: args.admin_token.clone(),
        docs_readers: Some(Arc::new(SignedIn(people))),
    });
    let console = app::console(
        ConsoleState {
            admin: admin.clone(),
            public_url: public_url.to_owned(),
            secure_cookies,
            version: env!("CARGO_PKG_VERSION"),
        },
        store.sessions(),
    );
    api.merge(console)
}

async fn first_link(admin: &Admin, public_url: &str) -> Result<Option<String>, StartError> {
    if !admin.people().is_first_start().await? {
        return Ok(None);
    }
    link(admin, public_url).await.map(Some)
}

/// Makes a one-time link for setting a password.
///
/// # Errors
/// [`StartError::Admin`].
pub async fn link(admin: &Admin, public_url: &str) -> Result<String, StartError> {
    let link = admin.people().make_link(&Who::system()).await?;
    Ok(format!(
        "{public_url}/welcome?link={}",
        link.expose_secret()
    ))
}

/// Where a new key waits until the database has it.
pub(crate) fn next_key_file(file: &Path) -> PathBuf {
    file.with_extension("key.next")
}
