//! What is kept for how long, what it takes on the disk, what is deleted, and whether the books balance.

use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::Timestamp;
use serde::Serialize;
use store::{
    retention::{Deletion, Excess, Keep},
    usage::LastVerification,
};

use crate::{Admin, error::AdminError, who::Who};

/// Looking after what is kept.
#[derive(Debug, Clone)]
pub struct Storage {
    pub(crate) admin: Admin,
}

/// What is kept, and what is deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = SystemStorage)]
pub struct StorageView {
    /// Bytes of SQLite's write-ahead log. Null with Postgres.
    pub log_bytes: Option<u64>,
    /// Bytes in SQLite's file that hold nothing: what comes next fills them, or they are given back. Null with
    /// Postgres.
    pub free_bytes: Option<u64>,
    /// Whether SQLite's file shrinks by itself when calls are deleted. False for a file of an early version:
    /// `weir ledger compact` makes it so. Null with Postgres.
    pub shrinks: Option<bool>,
    /// How many calls there are.
    pub calls: u64,
    /// When the oldest of them began. Null: there is none.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub oldest_call_at: Option<Timestamp>,
    /// Calls that began before it are deleted; their sums are kept. Null: none are.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub calls_from: Option<Timestamp>,
    /// Sums of before it are deleted, too. Null: none are.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub figures_from: Option<Timestamp>,
    /// What is deleted next by the settings as they are. Null: nothing.
    pub next: Option<ExcessView>,
    /// The last deletion of calls. Null: there was none.
    pub last_calls: Option<DeletionView>,
    /// The last deletion of sums. Null: there was none.
    pub last_sums: Option<DeletionView>,
    /// When the books were last checked, and what came of it. Null: never.
    pub checked: Option<CheckedView>,
    /// Whether they are being checked.
    pub checking: bool,
    /// When a check broke off before it had a result, since the one above and since Weir was started. Null: none did.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub check_failed_at: Option<Timestamp>,
}

/// What is older than it is to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, utoipa::ToSchema)]
#[schema(as = SystemExcess)]
pub struct ExcessView {
    /// How many calls.
    pub calls: u64,
    /// Those that began before it. Null: no calls are deleted.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub calls_until: Option<Timestamp>,
    /// Sums of before it. Null: no sums are deleted.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub sums_until: Option<Timestamp>,
}

/// What was deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = SystemDeletion)]
pub struct DeletionView {
    /// What began before it is deleted.
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
    /// How many rows.
    pub rows: u64,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub begun_at: Timestamp,
    /// When it was done. Null: it is under way.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
}

/// What the last check of the books found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = SystemChecked)]
pub struct CheckedView {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// How many calls there were.
    pub calls: u64,
    /// How many sums were compared.
    pub sums: u64,
    /// How many of them differed.
    pub differences: u64,
    /// How long it took.
    pub took_ms: u64,
    /// Up to where calls were deleted, so that their sums were held to their checksums. Null: none were.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub calls_from: Option<Timestamp>,
}

impl ExcessView {
    pub(crate) fn of(excess: Excess) -> Option<Self> {
        let view = Self {
            calls: excess.calls,
            calls_until: excess.calls_until.filter(|_| excess.calls > 0),
            sums_until: excess.sums_until,
        };
        (view.calls_until.is_some() || view.sums_until.is_some()).then_some(view)
    }
}

impl DeletionView {
    fn of(deletion: Deletion) -> Self {
        Self {
            until: deletion.until,
            rows: deletion.rows,
            begun_at: deletion.begun_at,
            ended_at: deletion.ended_at,
        }
    }
}

impl CheckedView {
    fn of(last: LastVerification) -> Self {
        Self {
            at: last.at,
            calls: last.calls,
            sums: last.sums,
            differences: last.differences,
            took_ms: last.took_ms,
            calls_from: last.deleted_until,
        }
    }
}

impl Storage {
    /// What is kept, and what is deleted.
    ///
    /// # Errors
    /// [`AdminError::Internal`].
    pub async fn get(&self, who: &Who) -> Result<StorageView, AdminError> {
        let store = self.admin.store();
        let room = store.room().await?;
        let retained = store.retention().state().await?;
        let keep = store.retention().keep().await?;
        // Before the last result is read: one that is there by then is newer.
        let checking = *self.admin.checking().progress();
        Ok(StorageView {
            log_bytes: room.log_bytes,
            free_bytes: room.free_bytes,
            shrinks: room.gives_back,
            calls: retained.calls,
            oldest_call_at: retained.oldest_call,
            calls_from: retained.calls_from,
            figures_from: retained.figures_from,
            next: self.excess(who, keep).await?,
            last_calls: retained.last_calls.map(DeletionView::of),
            last_sums: retained.last_sums.map(DeletionView::of),
            checked: store
                .calls()
                .last_verification()
                .await?
                .map(CheckedView::of),
            checking: checking.is_running,
            check_failed_at: checking.failed_at,
        })
    }

    /// What would be deleted now if calls and sums were kept for so long. `None`: nothing.
    ///
    /// # Errors
    /// [`AdminError::Internal`].
    pub async fn excess(&self, _who: &Who, keep: Keep) -> Result<Option<ExcessView>, AdminError> {
        let zone = self.admin.live().zone();
        let retention = self.admin.store().retention();
        let excess = retention.excess(keep, &zone, self.admin.now()).await?;
        Ok(ExcessView::of(excess))
    }

    /// Has the books checked in the background, as `weir ledger verify` does, and keeps what came of it.
    /// `false`: that is under way already.
    pub fn check(&self, _who: &Who) -> bool {
        let Some(check) = Check::begin(&self.admin) else {
            return false;
        };
        let admin = self.admin.clone();
        tokio::spawn(async move {
            let calls = admin.store().calls();
            let kept = async {
                let found = calls.verify().await?;
                calls.keep_verification(&found, admin.now()).await?;
                Ok::<_, store::StoreError>(found.differences.len())
            };
            let kept = kept.await;
            check.end(kept.is_ok());
            match kept {
                Ok(0) => tracing::info!("The books balance"),
                Ok(differences) => {
                    tracing::error!(
                        differences,
                        "The books do not balance; `weir ledger verify` prints each difference"
                    );
                }
                Err(error) => tracing::error!(%error, "The books could not be checked"),
            }
        });
        true
    }
}

/// Whether the books are being checked, and whether the last check broke off.
#[derive(Debug, Default)]
pub(crate) struct Checking(Mutex<Progress>);

#[derive(Debug, Clone, Copy, Default)]
struct Progress {
    is_running: bool,
    failed_at: Option<Timestamp>,
}

/// A check that is under way. One that is dropped without a result has broken off, whatever the reason.
#[derive(Debug)]
struct Check {
    admin: Admin,
    has_result: bool,
}

impl Checking {
    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Check {
    /// `None`: another one is under way.
    fn begin(admin: &Admin) -> Option<Self> {
        let mut progress = admin.checking().progress();
        if progress.is_running {
            return None;
        }
        progress.is_running = true;
        Some(Self {
            admin: admin.clone(),
            has_result: false,
        })
    }

    fn end(mut self, has_result: bool) {
        self.has_result = has_result;
    }
}

impl Drop for Check {
    fn drop(&mut self) {
        let failed_at = (!self.has_result).then(|| self.admin.now());
        *self.admin.checking().progress() = Progress {
            is_running: false,
            failed_at,
        };
    }
}
