//! The audit: who changed what. Rows are only ever added: each in the transaction of the change that it
//! tells of, so that neither is there without the other.

use jiff::Timestamp;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::Value;

use crate::{
    Store, StoreError,
    entities::audit,
    error::database,
    page::{Cursor, Page, page},
    time::{from_us, to_us},
};

const TABLE: &str = "audit";

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// When it was made.
    pub at: Timestamp,
    /// Who made it, as the audit names them.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// The kind of thing that it was done to.
    pub object_kind: String,
    /// Which one.
    pub object_id: String,
    /// How it was, without secret values. `None`: it was not there.
    pub before: Option<Value>,
    /// How it is, without secret values. `None`: it is gone.
    pub after: Option<Value>,
    /// From where. `None`: unknown, or Weir itself.
    pub address: Option<String>,
}

/// Which changes are looked for. What is `None` does not matter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditFilter {
    /// Who made them.
    pub actor: Option<String>,
    /// What was done.
    pub action: Option<String>,
    /// To what kind of thing.
    pub object_kind: Option<String>,
    /// To which one.
    pub object_id: Option<String>,
    /// At this time or later.
    pub since: Option<Timestamp>,
    /// Before this time.
    pub until: Option<Timestamp>,
}

/// Who changed what.
#[derive(Debug)]
pub struct Audit<'a>(&'a Store);

impl Store {
    /// Who changed what.
    #[must_use]
    pub fn audit(&self) -> Audit<'_> {
        Audit(self)
    }
}

impl Audit<'_> {
    /// Adds what changed no other row, such as somebody signing in.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn append(&self, entry: &AuditEntry) -> Result<(), StoreError> {
        insert(self.0.writer(), entry).await
    }

    /// Changes in the order of their making, newest first, `limit` at most. A page after the first
    /// begins where the one before ended.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list(
        &self,
        filter: &AuditFilter,
        limit: u64,
        cursor: Option<Cursor>,
    ) -> Result<Page<AuditEntry>, StoreError> {
        let mut query = audit::Entity::find().order_by_desc(audit::Column::Seq);
        let equal = [
            (audit::Column::Actor, &filter.actor),
            (audit::Column::Action, &filter.action),
            (audit::Column::ObjectKind, &filter.object_kind),
            (audit::Column::ObjectId, &filter.object_id),
        ];
        for (column, value) in equal {
            if let Some(value) = value {
                query = query.filter(column.eq(value.as_str()));
            }
        }
        if let Some(since) = filter.since {
            query = query.filter(audit::Column::AtUs.gte(to_us(since)));
        }
        if let Some(until) = filter.until {
            query = query.filter(audit::Column::AtUs.lt(to_us(until)));
        }
        if let Some(Cursor(seq)) = cursor {
            query = query.filter(audit::Column::Seq.lt(i64::try_from(seq).unwrap_or(0)));
        }
        let rows = query
            .limit(limit.saturating_add(1))
            .all(self.0.readers())
            .await
            .map_err(database)?;
        let page = page(rows, limit, |row| {
            Cursor(u128::try_from(row.seq).unwrap_or(0))
        });
        Ok(Page {
            items: page.items.into_iter().map(read).collect::<Result<_, _>>()?,
            next: page.next,
        })
    }
}

/// Adds the row of a change, within the change's own transaction.
pub(crate) async fn insert(
    connection: &impl ConnectionTrait,
    entry: &AuditEntry,
) -> Result<(), StoreError> {
    let row = audit::ActiveModel {
        seq: NotSet,
        at_us: Set(to_us(entry.at)),
        actor: Set(entry.actor.clone()),
        action: Set(entry.action.clone()),
        object_kind: Set(entry.object_kind.clone()),
        object_id: Set(entry.object_id.clone()),
        before: Set(entry.before.as_ref().map(Value::to_string)),
        after: Set(entry.after.as_ref().map(Value::to_string)),
        address: Set(entry.address.clone()),
    };
    audit::Entity::insert(row)
        .exec_without_returning(connection)
        .await
        .map_err(database)?;
    Ok(())
}

fn read(row: audit::Model) -> Result<AuditEntry, StoreError> {
    let json = |text: Option<String>| {
        text.map(|text| serde_json::from_str(&text))
            .transpose()
            .map_err(|error| StoreError::unreadable(TABLE, error))
    };
    Ok(AuditEntry {
        at: from_us(TABLE, row.at_us)?,
        actor: row.actor,
        action: row.action,
        object_kind: row.object_kind,
        object_id: row.object_id,
        before: json(row.before)?,
        after: json(row.after)?,
        address: row.address,
    })
}
