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
use domain::Timestamp;
use jiff::SignedDuration;
use serde::Serialize;
use serde_json::{Map, Value, json};
use store::{CatalogInfo, CatalogOrigin};
use uuid::Uuid;

use super::{
    CatalogSearch,
    changes::CatalogChanges,
    refusal::CatalogRefusal,
    source::{CATALOG_MAX_BYTES, FetchFailure},
};
use crate::{
    audit::Change,
    error::AdminError,
    fields::{Object, all_right},
    who::Who,
};

/// How long a catalog waits to be applied.
const PATIENCE: SignedDuration = SignedDuration::from_hours(1);

/// The catalog in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CatalogStatus {
    /// Its version.
    #[schema(example = "2026-11-20")]
    pub version: String,
    /// `builtin`, `upload` or `address`.
    #[schema(example = "builtin")]
    pub origin: &'static str,
    /// Who applied it, as the audit names them. Null: it is the built-in one.
    pub applied_by: Option<String>,
    /// When it was applied. Null: it is the built-in one.
    #[schema(value_type = Option<String>, format = "date-time")]
    pub applied_at: Option<Timestamp>,
    /// The version that this release carries.
    pub builtin_version: String,
    /// The version that somebody had applied, where the built-in one of this release is newer and took its
    /// place.
    pub superseded_version: Option<String>,
    /// How many models it has of each kind.
    pub kinds: Vec<KindCount>,
    /// From where it can be refreshed. Null: the operator has set no address.
    pub refresh_address: Option<String>,
    /// The catalog that waits to be applied.
    pub pending: Option<PendingCatalog>,
}

/// How many models a kind has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct KindCount {
    /// The host whose prices these are.
    #[schema(example = "openai")]
    pub kind: String,
    /// Its models, however many regions have prices of their own.
    pub models: usize,
}

/// A catalog that waits to be applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PendingCatalog {
    /// Which one it is.
    #[schema(value_type = String, format = "uuid")]
    pub pending: Uuid,
    /// Its version.
    #[schema(example = "2026-12-01")]
    pub version: String,
    /// `upload`, `address`, or `builtin` to go back to what this release carries.
    #[schema(example = "upload")]
    pub origin: &'static str,
    /// Who brought it, as the audit names them.
    pub brought_by: String,
    /// When.
    #[schema(value_type = String, format = "date-time")]
    pub brought_at: Timestamp,
    /// When it is forgotten unless it is applied.
    #[schema(value_type = String, format = "date-time")]
    pub expires_at: Timestamp,
}

/// A catalog that waits, and what it would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ProposedCatalog {
    /// The catalog.
    #[serde(flatten)]
    pub catalog: PendingCatalog,
    /// The version in use.
    pub in_use: String,
    /// What it would change.
    pub changes: CatalogChanges,
}

/// Which catalog is to be applied.
#[derive(Debug, Clone, PartialEq, Eq, utoipa::ToSchema)]
#[schema(as = ApplyCatalog)]
pub struct ApplyRequest {
    /// The version that waits.
    #[schema(example = "2026-12-01")]
    pub version: String,
    /// Which one of that version; any where it is left out.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub pending: Option<Uuid>,
}

impl ApplyRequest {
    /// Reads its JSON.
    ///
    /// # Errors
    /// [`AdminError::Invalid`] with every field that is wrong.
    pub fn read(json: Value) -> Result<Self, AdminError> {
        let mut object = Object::new("", json);
        let version = object.text("version");
        let pending = object.text("pending");
        all_right(object.end())?;
        let Some(version) = version else {
            return Err(AdminError::field(
                "version",
                "required",
                "name the version that is to be applied",
            ));
        };
        let pending = pending.map(|id| id.parse()).transpose().map_err(|_| {
            AdminError::field("pending", "invalid_id", "use the id as it was answered")
        })?;
        Ok(Self { version, pending })
    }
}

impl From<&CatalogInfo> for PendingCatalog {
    fn from(info: &CatalogInfo) -> Self {
        Self {
            pending: info.id,
            version: info.version.clone(),
            origin: info.origin.key(),
            brought_by: info.actor.clone(),
            brought_at: info.at,
            expires_at: info.at + PATIENCE,
        }
    }
}

impl CatalogSearch {
    /// The catalog in use, and what waits.
    ///
    /// # Errors
    /// [`AdminError::Internal`].
    pub async fn status(&self, _who: &Who) -> Result<CatalogStatus, AdminError> {
        let live = self.admin.live();
        let catalog = Arc::clone(&live.now().catalog);
        let kept = self.admin.store().catalogs().applied().await?;
        let (applied, superseded) = if Arc::ptr_eq(&catalog, live.builtin()) {
            (None, kept)
        } else {
            (kept, None)
        };
        let kinds = catalog.kinds();
        Ok(CatalogStatus {
            version: catalog.version().to_owned(),
            origin: applied
                .as_ref()
                .map_or(CatalogOrigin::Builtin, |info| info.origin)
                .key(),
            applied_at: applied.as_ref().map(|info| info.at),
            applied_by: applied.map(|info| info.actor),
            builtin_version: live.builtin().version().to_owned(),
            superseded_version: superseded.map(|info| info.version),
            kinds: kinds
                .into_iter()
                .map(|kind| KindCount {
                    kind: kind.to_owned(),
                    models: catalog.count(kind),
                })
                .collect(),
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
        let (this, whose) = (self.clone(), who.clone());
        let applied = self.admin.whole(async move {
            let waiting = this.waiting().await?.filter(|info| {
                let is_it = request.pending.is_none_or(|id| id == info.id);
                is_it && info.version == request.version
            });
            let info = waiting.ok_or(CatalogRefusal::NotPending)?;
            let next = this.read(&info).await?.ok_or(CatalogRefusal::NotPending)?;
            this.check_newer(info.origin, &next)?;
            let proposed = this.described(&info, Arc::clone(&next)).await?;
            let before = this.status(&whose).await?;
            let about = |version: &str, origin: &str| {
                Map::from_iter([
                    ("version".to_owned(), json!(version)),
                    ("origin".to_owned(), json!(origin)),
                ])
            };
            let mut after = about(&info.version, info.origin.key());
            if let Value::Object(totals) = proposed.changes.totals() {
                after.extend(totals);
            }
            let change = Change {
                action: "apply",
                kind: "catalog",
                id: info.version.clone(),
                before: Some(Value::Object(about(&before.version, before.origin))),
                after: Some(Value::Object(after)),
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
    /// [`AdminError::Internal`].
    pub async fn discard(&self, _who: &Who) -> Result<(), AdminError> {
        Ok(self.admin.store().catalogs().forget_pending().await?)
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
        let in_use = &self.admin.live().now().catalog;
        if origin == CatalogOrigin::Builtin || in_use.is_older_than(next.version()) {
            return Ok(());
        }
        Err(CatalogRefusal::NotNewer {
            found: next.version().to_owned(),
            in_use: in_use.version().to_owned(),
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
        self.admin
            .store()
            .catalogs()
            .put_pending(&info, file)
            .await?;
        Ok(proposed)
    }

    /// The catalog that waits, unless its hour is over.
    async fn waiting(&self) -> Result<Option<CatalogInfo>, AdminError> {
        let pending = self.admin.store().catalogs().pending().await?;
        let now = self.admin.now();
        Ok(pending.filter(|info| now < info.at + PATIENCE))
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

/// Does work beside the threads that carry calls, which would wait for it.
async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, AdminError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| AdminError::internal("work out what a catalog changes", &error))
}
