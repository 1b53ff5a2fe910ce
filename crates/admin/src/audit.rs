//! The audit: who changed what, when, from where. One row for every change, without secret values, written
//! in the transaction of the change; one for what was refused of sign-ins, password changes and one-time
//! links, see [`refusals`]; and one for who opened what was said in calls, see [`openings`].

mod objects;
mod openings;
mod refusals;

use domain::Timestamp;
use serde::Serialize;
use serde_json::Value;
use store::{AuditEntry, AuditFilter, AuditResult, AuditRow};

pub use objects::Objects;
pub(crate) use openings::{Opening, Openings};
pub(crate) use refusals::{Refusal, Refusals, Target};
pub use store::Occurring;

use crate::{
    Admin,
    error::AdminError,
    page::{Page, PageRequest},
    query::{Params, one_of},
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
    /// `one_time_link`, `master_key`, `catalog`, `repricing`, `conversation`, `transcript`, `transcripts`.
    pub(crate) kind: &'static str,
    /// Which one.
    pub(crate) id: String,
    /// How it was, without secret values.
    pub(crate) before: Option<Value>,
    /// How it is, without secret values.
    pub(crate) after: Option<Value>,
}

/// One change, or one attempt that was refused, as people see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = AuditRow)]
pub struct AuditView {
    /// Its number.
    pub id: i64,
    /// When it was made.
    #[schema(value_type = String, format = "date-time")]
    pub at: Timestamp,
    /// Who made it: `person:NAME`, `admin_token`, `system` (Weir itself) or `unknown` (nobody who had signed
    /// in).
    #[schema(example = "person:Ada")]
    pub actor: String,
    /// What was done, as a verb.
    #[schema(example = "update")]
    pub action: String,
    /// The kind of thing that was changed.
    #[schema(example = "provider")]
    pub object_kind: String,
    /// Which one. Empty: none that is known.
    #[schema(example = "openai-main")]
    pub object_id: String,
    /// From where: the client's address, and behind it the first characters of the API token that was shown,
    /// where one was. Null: unknown, or Weir itself.
    #[schema(example = "192.0.2.7, API token wra_x7Kq2m…")]
    pub address: Option<String>,
    /// `done` or `refused`.
    #[schema(example = "done")]
    pub result: &'static str,
    /// How often: the same attempt that is refused again within a minute shares a row, and so does the same
    /// transcript or conversation that is opened again within an hour.
    pub times: u64,
    /// How it was. Null: it was not there, or has nothing that may be shown.
    pub before: Option<Value>,
    /// How it was afterwards. Null: it was gone, or has nothing that may be shown.
    pub after: Option<Value>,
}

impl From<AuditRow> for AuditView {
    fn from(row: AuditRow) -> Self {
        let entry = row.entry;
        Self {
            id: row.seq,
            at: entry.at,
            actor: entry.actor,
            action: entry.action,
            object_kind: entry.object_kind,
            object_id: entry.object_id,
            address: entry.address,
            result: row.result.key(),
            times: row.times,
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
    /// Reads `actor`, `action`, `kind`, `object` and `result`, each as often as one likes and with `.not`;
    /// `since`, `until`, `limit` and `cursor`.
    ///
    /// # Errors
    /// [`AdminError::BadQuery`] with every parameter that is wrong.
    pub fn read(query: &str) -> Result<Self, AdminError> {
        let mut params = Params::parse(query);
        let filter = AuditFilter {
            actors: params.matching(
                "actor",
                "write person:NAME, admin_token, system or unknown",
                word,
            ),
            actions: params.matching("action", "write an action such as update", word),
            object_kinds: params.matching("kind", "write a kind such as provider", word),
            object_ids: params.matching("object", "write the id of the object", word),
            results: params.matching(
                "result",
                &one_of(AuditResult::ALL.iter().map(|result| result.key())),
                AuditResult::of,
            ),
            since: params.time("since"),
            until: params.time("until"),
        };
        let page = params.page();
        params.end()?;
        Ok(Self { filter, page })
    }
}

/// A text that is there, and that a database takes: Postgres knows no NUL.
fn word(text: &str) -> Option<String> {
    let fits = !text.is_empty() && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned())
}

impl Audit {
    /// Who did something, what was done, and to what kinds of thing: what there is to filter by.
    ///
    /// # Errors
    /// [`AdminError::Internal`].
    pub async fn occurring(&self, _who: &Who) -> Result<Occurring, AdminError> {
        Ok(self.admin.store().audit().occurring().await?)
    }

    /// Changes and refused attempts, newest first.
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
            address: who.origin(),
        }
    }
}
