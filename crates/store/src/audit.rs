//! The audit: who changed what. Rows are only ever added: each in the transaction of the change that it
//! tells of, so that neither is there without the other. A refused attempt has a row as well, and so has
//! the opening of a transcript; how often the same one was repeated is the one thing that is written into a row
//! later.

mod filter;

use jiff::Timestamp;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Statement,
    sea_query::Expr,
};
use serde_json::Value;

pub use filter::AuditFilter;
use filter::Drive;

use crate::{
    Store, StoreError,
    entities::audit,
    error::database,
    page::{Cursor, Page, page},
    time::{from_us, to_us},
};

const TABLE: &str = "audit";
/// Rows of one value that are counted to tell rare from common.
const COUNTED_MAX: u64 = 2_000;
/// Values of one column that are looked up at most.
const OCCURRING_MAX: u32 = 100;

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

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuditResult {
    /// It was done.
    Done,
    /// It was tried, and refused.
    Refused,
}

impl AuditResult {
    /// Both, in the order in which people think of them.
    pub const ALL: [Self; 2] = [Self::Done, Self::Refused];

    /// The word for it in the database and the API.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
        }
    }

    /// The result of a word.
    #[must_use]
    pub fn of(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|result| result.key() == key)
    }
}

/// A row of the audit, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Its number. Rows that were written later have higher ones.
    pub seq: i64,
    /// What it tells of.
    pub entry: AuditEntry,
    /// What became of it.
    pub result: AuditResult,
    /// How often it happened: refused attempts, and openings of a transcript, that follow each other closely
    /// share a row.
    pub times: u64,
}

/// What there is to filter by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Occurring {
    /// Who did something.
    pub actors: Vec<String>,
    /// What was done.
    pub actions: Vec<String>,
    /// Kinds of thing that it was done to.
    pub object_kinds: Vec<String>,
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
        insert(self.0.writing()?, entry).await
    }

    /// Adds what changed no other row and may be repeated soon; see [`Audit::set_times`]. Returns the number of
    /// its row.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn append_counted(&self, entry: &AuditEntry) -> Result<i64, StoreError> {
        self.append_as(entry, AuditResult::Done).await
    }

    /// Adds an attempt that was refused. Returns the number of its row.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn append_refused(&self, entry: &AuditEntry) -> Result<i64, StoreError> {
        self.append_as(entry, AuditResult::Refused).await
    }

    async fn append_as(&self, entry: &AuditEntry, result: AuditResult) -> Result<i64, StoreError> {
        let inserted = audit::Entity::insert(row(entry, result))
            .exec(self.0.writing()?)
            .await
            .map_err(database)?;
        Ok(inserted.last_insert_id)
    }

    /// Says how often it happened what a row tells of, its first time included.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set_times(&self, seq: i64, times: u64) -> Result<(), StoreError> {
        let times = i64::try_from(times).unwrap_or(i64::MAX);
        audit::Entity::update_many()
            .col_expr(audit::Column::Times, Expr::value(times))
            .filter(audit::Column::Seq.eq(seq))
            .exec(self.0.writing()?)
            .await
            .map_err(database)?;
        Ok(())
    }

    /// Changes and refused attempts, newest first, `limit` at most. A page after the first begins where
    /// the one before ended.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list(
        &self,
        filter: &AuditFilter,
        limit: u64,
        cursor: Option<Cursor>,
    ) -> Result<Page<AuditRow>, StoreError> {
        let mut rows: Vec<audit::Model> = vec![];
        let drive = self.fewest(filter.drives()).await?;
        for condition in filter.conditions(drive.as_ref(), cursor.map(place)) {
            let found = audit::Entity::find()
                .filter(condition)
                .order_by_desc(audit::Column::AtUs)
                .order_by_desc(audit::Column::Seq)
                .limit(limit.saturating_add(1))
                .all(self.0.readers())
                .await
                .map_err(database)?;
            rows.extend(found);
        }
        rows.sort_by_key(|row| std::cmp::Reverse((row.at_us, row.seq)));
        let page = page(rows, limit, |row| cursor_of(row.at_us, row.seq));
        Ok(Page {
            items: page.items.into_iter().map(read).collect::<Result<_, _>>()?,
            next: page.next,
        })
    }

    /// Of several columns the one whose wanted values have the fewest rows, as far as they are counted.
    async fn fewest(&self, drives: Vec<Drive>) -> Result<Option<Drive>, StoreError> {
        if drives.len() < 2 {
            return Ok(drives.into_iter().next());
        }
        let mut fewest: Option<(u64, Drive)> = None;
        for drive in drives {
            // Once there are as many as the fewest so far, it does not matter how many more there are.
            let most = fewest.as_ref().map(|(least, _)| *least);
            let mut count = 0_u64;
            for condition in drive.conditions() {
                let left = most.map_or(COUNTED_MAX, |most| most.saturating_sub(count));
                if left == 0 {
                    break;
                }
                let found = audit::Entity::find()
                    .select_only()
                    .column(audit::Column::Seq)
                    .filter(condition)
                    .limit(left.min(COUNTED_MAX))
                    .into_tuple::<i64>()
                    .all(self.0.readers())
                    .await
                    .map_err(database)?;
                count = count.saturating_add(u64::try_from(found.len()).unwrap_or(u64::MAX));
            }
            if fewest.as_ref().is_none_or(|(least, _)| count < *least) {
                fewest = Some((count, drive));
            }
        }
        Ok(fewest.map(|(_, drive)| drive))
    }

    /// The names of those who did something, and the kinds of thing and the acts that occur: what there is
    /// to filter by.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn occurring(&self) -> Result<Occurring, StoreError> {
        Ok(Occurring {
            actors: self.distinct("actor").await?,
            actions: self.distinct("action").await?,
            object_kinds: self.distinct("object_kind").await?,
        })
    }

    /// The values of a column in their order. One query, which steps from each value to the next in the
    /// column's index; so many rows of few values take no time. Only the first [`OCCURRING_MAX`].
    async fn distinct(&self, column: &'static str) -> Result<Vec<String>, StoreError> {
        let sql = format!(
            "WITH RECURSIVE found(value, place) AS (\
             SELECT (SELECT min({column}) FROM audit), 1 UNION ALL \
             SELECT (SELECT min({column}) FROM audit WHERE {column} > found.value), found.place + 1 \
             FROM found WHERE found.value IS NOT NULL AND found.place < {OCCURRING_MAX}) \
             SELECT value FROM found WHERE value IS NOT NULL ORDER BY place"
        );
        let asked = Statement::from_string(self.0.backend(), sql);
        let rows = self.0.readers().query_all_raw(asked).await;
        rows.map_err(database)?
            .into_iter()
            .map(|row| row.try_get_by_index(0).map_err(database))
            .collect()
    }
}

/// Where a row stands in the list: its time, then its number.
fn cursor_of(at_us: i64, seq: i64) -> Cursor {
    let half = |number: i64| u128::from(u64::try_from(number).unwrap_or(0));
    Cursor((half(at_us) << 64) | half(seq))
}

fn place(Cursor(cursor): Cursor) -> (i64, i64) {
    let half = |number: u128| i64::try_from(number & u128::from(u64::MAX)).unwrap_or(i64::MAX);
    (half(cursor >> 64), half(cursor))
}

/// Adds the row of a change, within the change's own transaction.
pub(crate) async fn insert(
    connection: &impl ConnectionTrait,
    entry: &AuditEntry,
) -> Result<(), StoreError> {
    audit::Entity::insert(row(entry, AuditResult::Done))
        .exec_without_returning(connection)
        .await
        .map_err(database)?;
    Ok(())
}

fn row(entry: &AuditEntry, result: AuditResult) -> audit::ActiveModel {
    audit::ActiveModel {
        seq: NotSet,
        at_us: Set(to_us(entry.at)),
        actor: Set(entry.actor.clone()),
        action: Set(entry.action.clone()),
        object_kind: Set(entry.object_kind.clone()),
        object_id: Set(entry.object_id.clone()),
        before: Set(entry.before.as_ref().map(Value::to_string)),
        after: Set(entry.after.as_ref().map(Value::to_string)),
        address: Set(entry.address.clone()),
        result: Set(result.key().to_owned()),
        times: Set(1),
    }
}

fn read(row: audit::Model) -> Result<AuditRow, StoreError> {
    let json = |text: Option<String>| {
        text.map(|text| serde_json::from_str(&text))
            .transpose()
            .map_err(|error| StoreError::unreadable(TABLE, error))
    };
    let result = AuditResult::of(&row.result)
        .ok_or_else(|| StoreError::unreadable(TABLE, "an unknown result"))?;
    Ok(AuditRow {
        seq: row.seq,
        entry: AuditEntry {
            at: from_us(TABLE, row.at_us)?,
            actor: row.actor,
            action: row.action,
            object_kind: row.object_kind,
            object_id: row.object_id,
            before: json(row.before)?,
            after: json(row.after)?,
            address: row.address,
        },
        result,
        times: u64::try_from(row.times).unwrap_or(0),
    })
}
