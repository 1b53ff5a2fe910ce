//! A newer catalog: brought by upload or from the operator's address, looked at, then applied.
//!
//! | step | what happens |
//! |---|---|
//! | brought | it is checked line by line, must be newer than the one in use, and waits in the database for an hour; one at most |
//! | looked at | what it would change is worked out against the catalog in use and the providers of that moment |
//! | applied | kept in the database with the audit's row, and published; a call keeps what it began with |
//!
//! It only ever changes what calls cost that begin later. Which models may be called is for each provider's
//! list to say; rows of the ledger keep the rates that they were priced with.

use std::sync::Arc;

use catalog::Catalog;
use jiff::{ToSpan, civil::Date, tz::TimeZone};
use serde_json::{Map, Value, json};
use store::{AuditEntry, CatalogInfo, CatalogOrigin};
use uuid::Uuid;

use super::{
    CatalogSearch,
    changes::CatalogChanges,
    refusal::CatalogRefusal,
    source::{CATALOG_MAX_BYTES, FetchFailure},
    view::{
        ApplyRequest, CatalogStatus, DiscardRequest, KindCount, PATIENCE, PendingCatalog,
        ProposedCatalog,
    },
};
use crate::{audit::Change, error::AdminError, who::Who};

/// How many days ahead of today the date of a catalog may be. One far ahead would keep out every newer one
/// until then.
const DAYS_AHEAD: i32 = 7;

/// The catalog in use, and what is known of it.
struct InUse {
    catalog: Arc<Catalog>,
    /// `None`: it is the built-in one.
    applied: Option<CatalogInfo>,
    /// The one that was applied, where the built-in one took its place.
    superseded: Option<CatalogInfo>,
}

impl InUse {
    fn origin(&self) -> CatalogOrigin {
        self.applied
            .as_ref()
            .map_or(CatalogOrigin::Builtin, |info| info.origin)
    }
}

impl CatalogSearch {
    /// The catalog in use, and what waits.
    ///
    /// # Errors
    /// [`AdminError::Internal`].
    pub async fn status(&self, _who: &Who) -> Result<CatalogStatus, AdminError> {
        let in_use = self.in_use().await?;
        let kinds = in_use.catalog.kinds();
        Ok(CatalogStatus {
            version: in_use.catalog.version().to_owned(),
            origin: in_use.origin().key(),
            kinds: kinds
                .into_iter()
                .map(|kind| KindCount {
                    kind: kind.to_owned(),
                    models: in_use.catalog.count(kind),
                })
                .collect(),
            applied_at: in_use.applied.as_ref().map(|info| info.at),
            applied_by: in_use.applied.map(|info| info.actor),
            builtin_version: self.admin.live().builtin().version().to_owned(),
            superseded_version: in_use.superseded.map(|info| info.version),
            refresh_address: self
                .admin
                .catalog_source()
                .map(|source| source.address().to_owned()),
            pending: self.waiting().await?.as_ref().map(PendingCatalog::from),
        })
    }

    /// Takes a file that somebody sends: what it would change.
    ///
    /// # Errors
    /// [`AdminError::Catalog`] where it is not a newer catalog.
    pub async fn upload(&self, who: &Who, file: Vec<u8>) -> Result<ProposedCatalog, AdminError> {
        self.bring(who, CatalogOrigin::Upload, file).await
    }

    /// Fetches the file from the operator's address: what it would change.
    ///
    /// # Errors
    /// [`AdminError::Catalog`] where there is no address, it does not answer, or the file is not a newer
    /// catalog.
    pub async fn refresh(&self, who: &Who) -> Result<ProposedCatalog, AdminError> {
        let Some(source) = self.admin.catalog_source() else {
            return Err(CatalogRefusal::NoAddress.into());
        };
        let file = source.fetch().await.map_err(|failure| match failure {
            FetchFailure::TooLarge => CatalogRefusal::TooLarge,
            FetchFailure::Failed(detail) => CatalogRefusal::Unreachable { detail },
        })?;
        self.bring(who, CatalogOrigin::Address, file).await
    }

    /// Proposes to go back to the catalog that this release carries: what that would change.
    ///
    /// # Errors
    /// [`AdminError::Catalog`] where it is in use.
    pub async fn back_to_builtin(&self, who: &Who) -> Result<ProposedCatalog, AdminError> {
        let live = self.admin.live();
        let builtin = Arc::clone(live.builtin());
        if Arc::ptr_eq(&live.now().catalog, &builtin) {
            return Err(CatalogRefusal::BuiltinInUse.into());
        }
        self.propose(who, CatalogOrigin::Builtin, builtin, vec![])
            .await
    }

    /// The catalog that waits, and what it would change. `None`: none waits.
    ///
    /// # Errors
    /// [`AdminError::Internal`].
    pub async fn proposed(&self, _who: &Who) -> Result<Option<ProposedCatalog>, AdminError> {
        let Some(info) = self.waiting().await? else {
            return Ok(None);
        };
        let Some(next) = self.read(&info).await? else {
            return Ok(None);
        };
        self.described(&info, next).await.map(Some)
    }

    /// Applies the catalog that waits, which must be the one that was looked at. Calls that begin later are
    /// priced by it.
    ///
    /// # Errors
    /// [`AdminError::Catalog`] where that one does not wait, or is not newer any more.
    pub async fn apply(
        &self,
        who: &Who,
        request: ApplyRequest,
    ) -> Result<CatalogStatus, AdminError> {
        let waiting = self.waiting().await?.filter(|info| {
            let is_it = request.pending.is_none_or(|id| id == info.id);
            is_it && info.version == request.version
        });
        let info = waiting.ok_or(CatalogRefusal::NotPending)?;
        let next = self.read(&info).await?.ok_or(CatalogRefusal::NotPending)?;
        // Before it is this change's turn, for which others wait: it reads the whole of two catalogs.
        let proposed = self.described(&info, Arc::clone(&next)).await?;
        let (this, whose) = (self.clone(), who.clone());
        let applied = self.admin.whole(async move {
            this.check_newer(info.origin, &next)?;
            let before = this.in_use().await?;
            let before = about(before.catalog.version(), before.origin());
            let change = Change {
                action: "apply",
                kind: "catalog",
                id: info.version.clone(),
                before: Some(Value::Object(before)),
                after: Some(with_totals(&info, &proposed.changes)),
            };
            let entry = this.admin.entry(&whose, change);
            if !this.admin.store().catalogs().apply(info.id, &entry).await? {
                return Err(CatalogRefusal::NotPending.into());
            }
            this.admin.live().put_catalog(next);
            Ok(())
        });
        applied.await?;
        self.status(who).await
    }

    /// Forgets the catalog that waits. Nothing in use changes by it.
    ///
    /// # Errors
    /// [`AdminError::Catalog`] where one is named that does not wait.
    pub async fn discard(&self, who: &Who, request: DiscardRequest) -> Result<(), AdminError> {
        let (this, whose) = (self.clone(), who.clone());
        let discarded = self.admin.whole(async move {
            let waiting = this.waiting().await?;
            let id = waiting.as_ref().map(|info| info.id);
            if request.pending.is_some() && request.pending != id {
                return Err(CatalogRefusal::NotPending.into());
            }
            // Also one whose hour is over, of which nobody needs to be told.
            this.admin.store().catalogs().forget_pending().await?;
            let Some(info) = waiting else { return Ok(()) };
            let change = Change {
                action: "discard",
                kind: "catalog",
                id: info.version.clone(),
                before: Some(Value::Object(about(&info.version, info.origin))),
                after: None,
            };
            this.note(&this.admin.entry(&whose, change)).await
        });
        discarded.await
    }

    /// Checks a file and lets it wait.
    async fn bring(
        &self,
        who: &Who,
        origin: CatalogOrigin,
        file: Vec<u8>,
    ) -> Result<ProposedCatalog, AdminError> {
        if file.len() > CATALOG_MAX_BYTES {
            return Err(CatalogRefusal::TooLarge.into());
        }
        let (file, catalog) = aside(move || {
            let catalog = Catalog::from_bytes(file.clone());
            (file, catalog)
        })
        .await?;
        let catalog = catalog.map_err(|error| CatalogRefusal::Damaged {
            detail: error.to_string(),
        })?;
        self.check_newer(origin, &catalog)?;
        self.propose(who, origin, Arc::new(catalog), file).await
    }

    fn check_newer(&self, origin: CatalogOrigin, next: &Catalog) -> Result<(), CatalogRefusal> {
        if origin == CatalogOrigin::Builtin {
            return Ok(());
        }
        let found = next.version().to_owned();
        if next.date() > self.latest_date().as_str() {
            return Err(CatalogRefusal::Ahead { found });
        }
        let in_use = &self.admin.live().now().catalog;
        if in_use.is_older_than(next.version()) {
            return Ok(());
        }
        let in_use = in_use.version().to_owned();
        Err(CatalogRefusal::NotNewer { found, in_use })
    }

    /// The latest date that a catalog may have, as its version says it. This release is not from the future:
    /// where the clock says so, the clock is behind.
    fn latest_date(&self) -> String {
        let today = TimeZone::UTC.to_datetime(self.admin.now()).date();
        let builtin: Option<Date> = self.admin.live().builtin().date().parse().ok();
        let from = builtin.map_or(today, |builtin| builtin.max(today));
        from.saturating_add(DAYS_AHEAD.days()).to_string()
    }

    async fn in_use(&self) -> Result<InUse, AdminError> {
        let live = self.admin.live();
        let catalog = Arc::clone(&live.now().catalog);
        let kept = self.admin.store().catalogs().applied().await?;
        let (applied, superseded) = if Arc::ptr_eq(&catalog, live.builtin()) {
            (None, kept)
        } else {
            (kept, None)
        };
        Ok(InUse {
            catalog,
            applied,
            superseded,
        })
    }

    async fn propose(
        &self,
        who: &Who,
        origin: CatalogOrigin,
        next: Arc<Catalog>,
        file: Vec<u8>,
    ) -> Result<ProposedCatalog, AdminError> {
        let info = CatalogInfo {
            id: Uuid::now_v7(),
            version: next.version().to_owned(),
            models: u64::try_from(next.rows()).unwrap_or(u64::MAX),
            origin,
            actor: who.actor.label(),
            at: self.admin.now(),
        };
        let proposed = self.described(&info, next).await?;
        let change = Change {
            action: "propose",
            kind: "catalog",
            id: info.version.clone(),
            before: None,
            after: Some(with_totals(&info, &proposed.changes)),
        };
        let (this, entry) = (self.clone(), self.admin.entry(who, change));
        let waits = self.admin.whole(async move {
            let catalogs = this.admin.store().catalogs();
            catalogs.put_pending(&info, file).await?;
            this.note(&entry).await
        });
        waits.await?;
        Ok(proposed)
    }

    /// Adds the audit's row of a change that concerns no catalog in use.
    async fn note(&self, entry: &AuditEntry) -> Result<(), AdminError> {
        Ok(self.admin.store().audit().append(entry).await?)
    }

    /// The catalog that waits, unless its hour is over or it is the built-in one of another release.
    async fn waiting(&self) -> Result<Option<CatalogInfo>, AdminError> {
        let pending = self.admin.store().catalogs().pending().await?;
        let now = self.admin.now();
        let builtin = self.admin.live().builtin().version();
        Ok(pending.filter(|info| {
            let is_there = info.origin != CatalogOrigin::Builtin || info.version == builtin;
            is_there && now < info.at + PATIENCE
        }))
    }

    /// The catalog itself. `None`: it waits no more.
    async fn read(&self, info: &CatalogInfo) -> Result<Option<Arc<Catalog>>, AdminError> {
        if info.origin == CatalogOrigin::Builtin {
            return Ok(Some(Arc::clone(self.admin.live().builtin())));
        }
        let Some(file) = self.admin.store().catalogs().text(info.id).await? else {
            return Ok(None);
        };
        aside(move || Catalog::from_bytes(file))
            .await?
            .map(|catalog| Some(Arc::new(catalog)))
            .map_err(|error| AdminError::internal("read the catalog that waits", &error))
    }

    async fn described(
        &self,
        info: &CatalogInfo,
        next: Arc<Catalog>,
    ) -> Result<ProposedCatalog, AdminError> {
        let snapshot = self.admin.live().keep();
        let in_use = snapshot.catalog.version().to_owned();
        let changes = aside(move || CatalogChanges::between(&snapshot, &next)).await?;
        Ok(ProposedCatalog {
            catalog: PendingCatalog::from(info),
            in_use,
            changes,
        })
    }
}

fn about(version: &str, origin: CatalogOrigin) -> Map<String, Value> {
    Map::from_iter([
        ("version".to_owned(), json!(version)),
        ("origin".to_owned(), json!(origin.key())),
    ])
}

fn with_totals(info: &CatalogInfo, changes: &CatalogChanges) -> Value {
    let mut whole = about(&info.version, info.origin);
    if let Value::Object(totals) = changes.totals() {
        whole.extend(totals);
    }
    Value::Object(whole)
}

/// Does work beside the threads that carry calls, which would wait for it.
async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, AdminError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| AdminError::internal("work out what a catalog changes", &error))
}
