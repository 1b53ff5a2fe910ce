//! Re-pricings: what was chosen, how far each is, and what it changes. Which rates hold and what a call costs
//! by them is not known here: both come as values and as JSON.
//!
//! | state | what it means |
//! |---|---|
//! | computing | it is being worked out what it would change |
//! | ready | that is known, and nothing has changed yet |
//! | applying | it was applied; calls get their new prices, see [`crate::ledger::Repricer`] |
//! | applied | every call has its price |

mod place;
mod prices;
mod steps;

use domain::Timestamp;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Expr, Query},
};
use serde_json::Value;
use uuid::Uuid;

pub use place::{REPRICING_VALUES_MOST, RepricingPlace};
pub use prices::{PriceBefore, PricedBefore};

use crate::{
    AuditEntry, Cursor, Page, Store, StoreError, audit,
    calls::last_recorded_seq,
    entities::repricing::{self, Column, Entity},
    error::database,
    page::page,
    time::{from_us, from_us_or_none, to_us},
};

const TABLE: &str = "repricings";

/// How far a re-pricing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RepricingState {
    /// It is being worked out what it would change.
    Computing,
    /// It is known what it would change.
    Ready,
    /// It was applied, and calls get their new prices.
    Applying,
    /// Every call has its price.
    Applied,
}

impl RepricingState {
    const ALL: [Self; 4] = [Self::Computing, Self::Ready, Self::Applying, Self::Applied];

    /// The word for it in the database and the API.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Computing => "computing",
            Self::Ready => "ready",
            Self::Applying => "applying",
            Self::Applied => "applied",
        }
    }

    fn of(key: &str) -> Result<Self, StoreError> {
        Self::ALL
            .into_iter()
            .find(|state| state.key() == key)
            .ok_or_else(|| StoreError::unreadable(TABLE, "an unknown state"))
    }
}

/// A re-pricing, without its rates and without the lines of what it changes.
#[derive(Debug, Clone, PartialEq)]
pub struct RepricingInfo {
    /// Which one.
    pub id: Uuid,
    /// How far it is.
    pub state: RepricingState,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// Who asked for it, as the audit names them.
    pub actor: String,
    /// Which calls were chosen.
    pub selection: Value,
    /// Calls that were recorded after this one are not in it.
    pub until_seq: i64,
    /// Where among the calls it goes on.
    pub place: RepricingPlace,
    /// How many calls were looked at in the present state.
    pub calls_seen: u64,
    /// How many calls got a new price.
    pub calls_changed: u64,
    /// When the last call began that was looked at.
    pub seen_until: Option<Timestamp>,
    /// What the rates are known by that it goes by. `None`: it is being computed.
    pub fingerprint: Option<String>,
    /// What it changes in all.
    pub totals: Option<Value>,
    /// When it was applied.
    pub applied_at: Option<Timestamp>,
    /// Who applied it.
    pub applied_by: Option<String>,
    /// When every call had its price.
    pub finished_at: Option<Timestamp>,
    /// Why it could not go on the last time. `None`: it goes on, or has nothing to do.
    pub error: Option<String>,
}

/// What a re-pricing would change.
#[derive(Debug, Clone, PartialEq)]
pub struct RepricingResult {
    /// The rates it goes by.
    pub rates: Value,
    /// What these are known by.
    pub fingerprint: String,
    /// What it changes in all.
    pub totals: Value,
    /// What it changes, line by line.
    pub difference: Value,
}

/// Re-pricings.
#[derive(Debug)]
pub struct Repricings<'a>(&'a Store);

#[derive(Debug, FromQueryResult)]
struct Head {
    id: Uuid,
    state: String,
    created_at_us: i64,
    actor: String,
    selection: String,
    until_seq: i64,
    place: String,
    calls_seen: i64,
    calls_changed: i64,
    seen_until_us: Option<i64>,
    fingerprint: Option<String>,
    totals: Option<String>,
    applied_at_us: Option<i64>,
    applied_by: Option<String>,
    finished_at_us: Option<i64>,
    error: Option<String>,
}

const HEAD: [Column; 16] = [
    Column::Id,
    Column::State,
    Column::CreatedAtUs,
    Column::Actor,
    Column::Selection,
    Column::UntilSeq,
    Column::Place,
    Column::CallsSeen,
    Column::CallsChanged,
    Column::SeenUntilUs,
    Column::Fingerprint,
    Column::Totals,
    Column::AppliedAtUs,
    Column::AppliedBy,
    Column::FinishedAtUs,
    Column::Error,
];

impl Store {
    /// Re-pricings.
    #[must_use]
    pub fn repricings(&self) -> Repricings<'_> {
        Repricings(self)
    }
}

impl Repricings<'_> {
    /// Adds one that is to be computed, of the calls that are recorded by now, and the audit's row of it,
    /// whose actor and time it takes.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn add(
        &self,
        id: Uuid,
        selection: &Value,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        let transaction = self.0.begin().await?;
        let row = repricing::ActiveModel {
            id: Set(id),
            state: Set(RepricingState::Computing.key().to_owned()),
            created_at_us: Set(to_us(entry.at)),
            actor: Set(entry.actor.clone()),
            selection: Set(selection.to_string()),
            until_seq: Set(last_recorded_seq(&transaction).await?),
            place: Set(RepricingPlace::default().to_string()),
            calls_seen: Set(0),
            calls_changed: Set(0),
            seen_until_us: Set(None),
            rates: Set(None),
            fingerprint: Set(None),
            totals: Set(None),
            difference: Set(None),
            applied_at_us: Set(None),
            applied_by: Set(None),
            finished_at_us: Set(None),
            error: Set(None),
        };
        Entity::insert(row)
            .exec_without_returning(&transaction)
            .await
            .map_err(database)?;
        audit::insert(&transaction, entry).await?;
        transaction.commit().await.map_err(database)
    }

    /// The newest first, `limit` at most. A page after the first begins where the one before ended.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list(
        &self,
        limit: u64,
        cursor: Option<Cursor>,
    ) -> Result<Page<RepricingInfo>, StoreError> {
        let mut query = Entity::find().order_by_desc(Column::Id);
        if let Some(Cursor(before)) = cursor {
            query = query.filter(Column::Id.lt(Uuid::from_u128(before)));
        }
        let rows = query
            .limit(limit.saturating_add(1))
            .select_only()
            .columns(HEAD)
            .into_model::<Head>()
            .all(self.0.readers())
            .await
            .map_err(database)?;
        let page = page(rows, limit, |row| Cursor(row.id.as_u128()));
        Ok(Page {
            items: page.items.into_iter().map(read).collect::<Result<_, _>>()?,
            next: page.next,
        })
    }

    /// One of them. `None`: there is none of this id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get(&self, id: Uuid) -> Result<Option<RepricingInfo>, StoreError> {
        self.first(Column::Id.eq(id)).await
    }

    /// Those of these ids that are there.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn there(&self, ids: Vec<Uuid>) -> Result<Vec<Uuid>, StoreError> {
        Entity::find()
            .filter(Column::Id.is_in(ids))
            .select_only()
            .column(Column::Id)
            .into_tuple()
            .all(self.0.readers())
            .await
            .map_err(database)
    }

    /// What is to be done next: to go on with what was applied, else to compute the oldest.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn due(&self) -> Result<Option<RepricingInfo>, StoreError> {
        for state in [RepricingState::Applying, RepricingState::Computing] {
            let found = self.first(Column::State.eq(state.key())).await?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// How many were applied. Each changes what a call costs, and so what later ones would change.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn applied(&self) -> Result<u64, StoreError> {
        let mut query = Query::select();
        query
            .expr(Expr::cust("COUNT(*)"))
            .from(TABLE)
            .and_where(Column::AppliedAtUs.is_not_null());
        let row = self.0.readers().query_one(&query).await.map_err(database)?;
        let count: i64 = row
            .map_or(Ok(0), |row| row.try_get_by_index(0))
            .map_err(database)?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// The rates that one goes by. `None`: there is none of this id, or it is not computed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn rates(&self, id: Uuid) -> Result<Option<Value>, StoreError> {
        self.json_of(id, Column::Rates).await
    }

    /// What one changes, line by line. `None`: there is none of this id, or it is not computed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn difference(&self, id: Uuid) -> Result<Option<Value>, StoreError> {
        self.json_of(id, Column::Difference).await
    }

    async fn first(&self, condition: Expr) -> Result<Option<RepricingInfo>, StoreError> {
        let row = Entity::find()
            .filter(condition)
            .order_by_asc(Column::Id)
            .select_only()
            .columns(HEAD)
            .into_model::<Head>()
            .one(self.0.readers())
            .await
            .map_err(database)?;
        row.map(read).transpose()
    }

    async fn json_of(&self, id: Uuid, column: Column) -> Result<Option<Value>, StoreError> {
        let text = Entity::find_by_id(id)
            .select_only()
            .column(column)
            .into_tuple::<Option<String>>()
            .one(self.0.readers())
            .await
            .map_err(database)?
            .flatten();
        text.as_deref().map(json).transpose()
    }
}

fn json(text: &str) -> Result<Value, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::unreadable(TABLE, error))
}

fn read(row: Head) -> Result<RepricingInfo, StoreError> {
    Ok(RepricingInfo {
        id: row.id,
        state: RepricingState::of(&row.state)?,
        created_at: from_us(TABLE, row.created_at_us)?,
        actor: row.actor,
        selection: json(&row.selection)?,
        until_seq: row.until_seq,
        place: row.place.parse()?,
        calls_seen: u64::try_from(row.calls_seen).unwrap_or(0),
        calls_changed: u64::try_from(row.calls_changed).unwrap_or(0),
        seen_until: from_us_or_none(TABLE, row.seen_until_us)?,
        fingerprint: row.fingerprint,
        totals: row.totals.as_deref().map(json).transpose()?,
        applied_at: from_us_or_none(TABLE, row.applied_at_us)?,
        applied_by: row.applied_by,
        finished_at: from_us_or_none(TABLE, row.finished_at_us)?,
        error: row.error,
    })
}
