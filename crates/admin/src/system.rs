//! Weir itself: its version, how it is, how much room it takes.

use domain::Timestamp;
use serde::Serialize;
use store::DatabaseKind;

use crate::{
    Admin, calls::CallQuery, error::AdminError, page::PageRequest, storage::StorageView,
    transcripts::TranscriptsView, who::Who,
};

/// Looking at Weir itself.
#[derive(Debug, Clone)]
pub struct System {
    pub(crate) admin: Admin,
}

/// Weir as it is at the moment. Sizes and counts that cannot be told are null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = System)]
pub struct SystemView {
    /// Weir's version.
    #[schema(example = "0.1.0")]
    pub version: &'static str,
    /// Since when it runs.
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Timestamp,
    /// The version of the catalog of models and prices.
    #[schema(example = "2026-11-01")]
    pub catalog_version: String,
    /// The database.
    pub database: DatabaseView,
    /// The journal.
    pub journal: JournalView,
    /// The ledger.
    pub ledger: LedgerView,
    /// What is kept, and what is deleted. Null: the database does not answer.
    pub storage: Option<StorageView>,
    /// What is said in calls, as far as it is recorded.
    pub transcripts: TranscriptsView,
}

/// The database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = SystemDatabase)]
pub struct DatabaseView {
    /// `sqlite` or `postgres`.
    #[schema(example = "sqlite")]
    pub kind: &'static str,
    /// Whether it answers.
    pub answers: bool,
    /// Bytes on its disk, the write-ahead log of SQLite included.
    pub bytes: Option<u64>,
}

/// The journal, in which calls are before they are in the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = SystemJournal)]
pub struct JournalView {
    /// Whether calls can be written down.
    pub writable: Option<bool>,
    /// Bytes on the disk.
    pub bytes: Option<u64>,
}

/// The ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = SystemLedger)]
pub struct LedgerView {
    /// When the newest call in it began. Null: there is none, or the database does not answer.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub newest_call_at: Option<Timestamp>,
    /// Calls that are over and in the journal, but not in the ledger yet.
    pub calls_behind: Option<u64>,
    /// Why calls cannot be written to it at the moment; they are in the journal meanwhile. Null: they can.
    pub trouble: Option<LedgerTroubleView>,
}

/// Why calls cannot be written to the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = SystemLedgerTrouble)]
pub struct LedgerTroubleView {
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// What went wrong, and what to do where it does not go by itself.
    pub message: String,
}

/// What the data plane tells of the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JournalFacts {
    /// Whether calls can be written down.
    pub writable: bool,
    /// Bytes on the disk. `None`: the folder cannot be read.
    pub bytes: Option<u64>,
    /// Calls that were over in this run of the program.
    pub ended_calls: u64,
}

impl System {
    /// Weir as it is at the moment. Answers even where the database does not.
    ///
    /// # Errors
    /// [`AdminError::Internal`] where the database answers and the ledger cannot be read.
    pub async fn get(&self, who: &Who) -> Result<SystemView, AdminError> {
        let admin = &self.admin;
        let store = admin.store();
        // What is behind must not be counted too high: first what the journal has, then the ledger.
        let journal = admin.probe().journal().await;
        let recorded = store.recorded_calls();
        let answers = store.ping().await.is_ok();
        let newest_call_at = if answers {
            let newest = CallQuery {
                page: PageRequest::first(1),
                ..CallQuery::default()
            };
            let newest = readable(admin.calls().list(who, &newest).await)?;
            newest.and_then(|newest| newest.items.first().map(|call| call.started_at))
        } else {
            None
        };
        let storage = if answers {
            readable(admin.storage().get(who).await)?
        } else {
            None
        };
        Ok(SystemView {
            storage,
            transcripts: admin.transcripts().state(who).await,
            version: env!("CARGO_PKG_VERSION"),
            started_at: admin.started_at(),
            catalog_version: admin.live().now().catalog.version().to_owned(),
            database: DatabaseView {
                kind: match store.kind() {
                    DatabaseKind::Sqlite => "sqlite",
                    DatabaseKind::Postgres => "postgres",
                },
                answers,
                bytes: if answers {
                    store.size_bytes().await
                } else {
                    None
                },
            },
            journal: JournalView {
                writable: journal.map(|journal| journal.writable),
                bytes: journal.and_then(|journal| journal.bytes),
            },
            ledger: LedgerView {
                newest_call_at,
                calls_behind: journal.map(|journal| journal.ended_calls.saturating_sub(recorded)),
                trouble: store.ledger_trouble().map(|trouble| LedgerTroubleView {
                    since: trouble.since,
                    message: trouble.message,
                }),
            },
        })
    }
}

/// What a database tells that answers. `None`: its files do not let it.
fn readable<T>(told: Result<T, AdminError>) -> Result<Option<T>, AdminError> {
    match told {
        Ok(told) => Ok(Some(told)),
        Err(AdminError::Unavailable | AdminError::DatabaseDamaged) => Ok(None),
        Err(error) => Err(error),
    }
}
