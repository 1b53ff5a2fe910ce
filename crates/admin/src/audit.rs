//! The audit: who changed what, when, from where. One row for every change, without secret values, written
//! in the transaction of the change.

use domain::Timestamp;
use serde::Serialize;
use serde_json::Value;
use store::{AuditEntry, AuditFilter};

use crate::{
    Admin,
    error::AdminError,
    page::{Page, PageRequest},
    query::Params,
    who::Who,
};

/// Reading the audit.
#[derive(Debug, Clone)]
pub struct Audit {
    pub(crate) admin: Admin,
}

/// A change that is about to be made.
pub(crate) struct Change {
    /// What was done, as a verb: `create`, `update`, `delete` …
    pub(crate) action: &'static str,
    /// The kind of thing: `provider`, `secret`, `token`, `person`, `api_token`, `settings`,
    /// `one_time_link`, `master_key`.
    pub(crate) kind: &'static str,
    /// Which one.
    pub(crate) id: String,
    /// How it was, without secret values.
    pub(crate) before: Option<Value>,
    /// How it is, without secret values.
    pub(crate) after: Option<Value>,
}

/// One change, as people see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditView {
    /// When it was made.
    pub at: Timestamp,
    /// Who made it: `person:NAME`, `admin_token` or `system`.
    pub actor: String,
    /// What was done, as a verb.
    pub action: String,
    /// The kind of thing that was changed.
    pub object_kind: String,
    /// Which one.
    pub object_id: String,
    /// From where. `None`: unknown, or Weir itself.
    pub address: Option<String>,
    /// How it was. `None`: it was not there, or has nothing that may be shown.
    pub before: Option<Value>,
    /// How it was afterwards. `None`: it was gone, or has nothing that may be shown.
    pub after: Option<Value>,
}

impl From<AuditEntry> for AuditView {
    fn from(entry: AuditEntry) -> Self {
        Self {
            at: entry.at,
            actor: entry.actor,
            action: entry.action,
            object_kind: entry.object_kind,
            object_id: entry.object_id,
            address: entry.address,
            before: entry.before,
            after: entry.after,
        }
    }
}

/// Which changes are looked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditQuery {
    /// What they must be like.
    pub filter: AuditFilter,
    /// Which page.
    pub page: PageRequest,
}

impl AuditQuery {
    /// Reads `actor`, `action`, `kind`, `object`, `since`, `until`, `limit` and `cursor`.
    ///
    /// # Errors
    /// [`AdminError::BadQuery`] with every parameter that is wrong.
    pub fn read(query: &str) -> Result<Self, AdminError> {
        let mut params = Params::parse(query);
        let filter = AuditFilter {
            actor: params.one("actor"),
            action: params.one("action"),
            object_kind: params.one("kind"),
            object_id: params.one("object"),
            since: params.time("since"),
            until: params.time("until"),
        };
        let page = params.page();
        params.end()?;
        Ok(Self { filter, page })
    }
}

impl Audit {
    /// Changes, newest first.
    ///
    /// # Errors
    /// [`AdminError::BadQuery`] for a cursor that no page gave.
    pub async fn list(
        &self,
        _who: &Who,
        query: &AuditQuery,
    ) -> Result<Page<AuditView>, AdminError> {
        let cursor = query.page.store_cursor()?;
        let limit = u64::from(query.page.limit);
        let page = self
            .admin
            .store()
            .audit()
            .list(&query.filter, limit, cursor)
            .await?;
        Ok(Page {
            items: page.items.into_iter().map(AuditView::from).collect(),
            next_cursor: page.next.map(|cursor| cursor.to_string()),
        })
    }
}

impl Admin {
    /// The audit's row of a change, to be given to the store with the change itself.
    pub(crate) fn entry(&self, who: &Who, change: Change) -> AuditEntry {
        AuditEntry {
            at: self.now(),
            actor: who.actor.label(),
            action: change.action.to_owned(),
            object_kind: change.kind.to_owned(),
            object_id: change.id,
            before: change.before,
            after: change.after,
            address: who.address.map(|address| address.to_string()),
        }
    }
}
