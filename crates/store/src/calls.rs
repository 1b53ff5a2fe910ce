//! The ledger as it is read: rows, newest first.

mod endpoints;
pub(crate) mod filter;
pub(crate) mod row;
mod search;
pub(crate) mod selection;

use std::collections::{BTreeMap, HashMap};

use domain::{
    CallId, ProviderId,
    call::{Call, DueResponse},
};
use jiff::Timestamp;
use sea_orm::{
    ConnectionTrait,
    sea_query::{Expr, ExprTrait, Order, Query, SelectStatement},
};
use uuid::Uuid;

use crate::{Store, StoreError, columns, error::database, page::Cursor, time::to_us};

pub use endpoints::AtEndpoint;
pub use filter::CallFilter;
use filter::Drive;
pub use search::CallPage;
pub use selection::Choice;
use selection::opaque;

/// One row of the ledger with its place in the order of recording.
///
/// `call.start.estimated_input` is not kept: it has done its work once the call is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedCall {
    /// Grows with each row; a row that is seen is followed by higher ones only.
    pub recorded_seq: i64,
    /// The call.
    pub call: Call,
}

/// The ledger as it is read.
#[derive(Debug)]
pub struct Calls<'a>(pub(crate) &'a Store);

impl Store {
    /// The ledger as it is read.
    #[must_use]
    pub fn calls(&self) -> Calls<'_> {
        Calls(self)
    }
}

impl Calls<'_> {
    /// The calls that fit, newest first, `limit` at most. A page after the first begins where the one
    /// before ended.
    ///
    /// With [`CallFilter::after_recorded_seq`] they come in the order of recording instead, oldest
    /// first, and there is no next page: ask again with the last row's `recorded_seq`.
    ///
    /// After a tenth of a second without enough of them it ends, and says how far back it has looked.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list(
        &self,
        filter: &CallFilter,
        limit: u64,
        cursor: Option<Cursor>,
    ) -> Result<CallPage, StoreError> {
        if let Some(seq) = filter.after_recorded_seq {
            let mut query = select();
            query
                .cond_where(filter.condition(None, None))
                .and_where(Expr::col("recorded_seq").gt(seq))
                .order_by("recorded_seq", Order::Asc)
                .limit(limit);
            let items = self.fetch(&query).await?;
            return Ok(CallPage {
                items,
                next: None,
                searched_back_to: None,
            });
        }
        let patience = search::PATIENCE;
        self.list_within(filter, limit, cursor, patience).await
    }

    /// The place of the row that was recorded last. 0: there is none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn last_recorded_seq(&self) -> Result<i64, StoreError> {
        last_recorded_seq(self.0.readers()).await
    }

    /// How many calls fit, counted up to `most`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn count_up_to(&self, filter: &CallFilter, most: u64) -> Result<u64, StoreError> {
        let mut counted: u64 = 0;
        for drive in Drive::of(filter) {
            let mut rows = Query::select();
            rows.column("id")
                .from("calls")
                .cond_where(filter.condition(drive.as_ref(), None))
                .limit(most);
            if let Some(seq) = filter.after_recorded_seq {
                rows.and_where(Expr::col("recorded_seq").gt(seq));
            }
            let mut query = Query::select();
            query
                .expr(Expr::col("id").count())
                .from_subquery(rows, "found");
            let row = self.0.readers().query_one(&query).await.map_err(database)?;
            let found: i64 = row
                .map_or(Ok(0), |row| row.try_get_by_index(0))
                .map_err(database)?;
            counted = u64::try_from(found).unwrap_or(0).saturating_add(counted);
        }
        Ok(Ord::min(counted, most))
    }

    /// One call. `None`: there is none of this id, or it is not over yet.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get(&self, id: CallId) -> Result<Option<RecordedCall>, StoreError> {
        let mut query = select();
        query.and_where(Expr::col("id").eq(id.0));
        Ok(self.fetch(&query).await?.pop())
    }

    /// Those of these calls that are there.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn by_ids(&self, ids: &[CallId]) -> Result<Vec<RecordedCall>, StoreError> {
        let mut query = select();
        query.and_where(Expr::col("id").is_in(ids.iter().map(|id| id.0)));
        self.fetch(&query).await
    }

    /// The newest call of each of these configured providers that Weir did not refuse itself, all in one
    /// query. Providers without one are not in it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn latest_calls(
        &self,
        providers: &[ProviderId],
    ) -> Result<HashMap<ProviderId, RecordedCall>, StoreError> {
        let rows = self.fetch(&latest(providers)).await?;
        Ok(rows
            .into_iter()
            .map(|row| (row.call.start.provider.clone(), row))
            .collect())
    }

    /// Background responses that were begun by a call since then and whose usage no call has shown yet.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn unbilled_background(
        &self,
        since: Timestamp,
    ) -> Result<Vec<DueResponse>, StoreError> {
        let mut query = Query::select();
        query
            .columns(["provider", "background_response", "model"])
            .columns(columns::all_tokens())
            .from("calls")
            .and_where(Expr::col("background_response").is_not_null())
            .and_where(Expr::col("started_at_us").gte(to_us(since)))
            .order_by("recorded_seq", Order::Asc);
        let rows = self.0.readers().query_all(&query).await.map_err(database)?;
        // Searches do not count: that there were none is told from the beginning.
        let counts = 3..columns::all_tokens().count().saturating_add(3);
        let mut known: BTreeMap<(String, String), (Option<String>, bool)> = BTreeMap::new();
        for row in rows {
            let read = || {
                let provider: String = row.try_get_by_index(0)?;
                let response: String = row.try_get_by_index(1)?;
                let model: Option<String> = row.try_get_by_index(2)?;
                let mut has_usage = false;
                for column in counts.clone() {
                    has_usage |= row.try_get_by_index::<Option<i64>>(column)?.is_some();
                }
                Ok((provider, response, model, has_usage))
            };
            let (provider, response, model, has_usage) = read().map_err(database)?;
            // The first row is the call that began it, and names the model that was asked for.
            let (_, billed) = known.entry((provider, response)).or_insert((model, false));
            *billed |= has_usage;
        }
        known
            .into_iter()
            .filter(|(_, (_, billed))| !billed)
            .map(|((provider, response), (model, _))| {
                let provider = ProviderId::new(provider)
                    .map_err(|error| StoreError::unreadable("calls", error))?;
                Ok(DueResponse {
                    provider,
                    response,
                    model,
                })
            })
            .collect()
    }

    async fn fetch(&self, query: &SelectStatement) -> Result<Vec<RecordedCall>, StoreError> {
        fetch(self.0.readers(), query).await
    }
}

/// The place of the row that was recorded last. 0: there is none.
pub(crate) async fn last_recorded_seq(
    connection: &impl ConnectionTrait,
) -> Result<i64, StoreError> {
    let mut query = Query::select();
    query
        .column("recorded_seq")
        .from("calls")
        .order_by("recorded_seq", Order::Desc)
        .limit(1);
    let row = connection.query_one(&query).await.map_err(database)?;
    row.map_or(Ok(0), |row| row.try_get_by_index(0))
        .map_err(database)
}

pub(crate) async fn fetch(
    connection: &impl ConnectionTrait,
    query: &SelectStatement,
) -> Result<Vec<RecordedCall>, StoreError> {
    let rows = connection.query_all(query).await.map_err(database)?;
    rows.iter().map(row::read).collect()
}

/// The newest rows that fit, found by `drive`.
fn listed(
    filter: &CallFilter,
    drive: Option<&Drive>,
    before: Option<Uuid>,
    limit: u64,
) -> SelectStatement {
    let mut query = select();
    query
        .cond_where(filter.condition(drive, before))
        .order_by("id", Order::Desc)
        .limit(limit);
    query
}

/// The newest call of each provider that Weir did not refuse itself: one step into the index by provider for
/// each.
fn latest(providers: &[ProviderId]) -> SelectStatement {
    let mut newest = Query::select();
    newest
        .column(("newest", "id"))
        .from_as("calls", "newest")
        .and_where(Expr::col(("newest", "provider")).equals(("providers", "id")))
        .and_where(opaque("outcome").ne("rejected"))
        .order_by(("newest", "id"), Order::Desc)
        .limit(1);
    let mut ids = Query::select();
    ids.expr(Expr::SubQuery(None, Box::new(newest.into())))
        .from("providers")
        .and_where(Expr::col(("providers", "id")).is_in(providers.iter().map(ProviderId::as_str)));
    let mut query = select();
    query.and_where(Expr::col("id").in_subquery(ids));
    query
}

/// Every column of rows, for [`fetch`].
pub(crate) fn select() -> SelectStatement {
    let mut query = Query::select();
    query
        .column("recorded_seq")
        .columns(columns::of_calls())
        .from("calls");
    query
}

#[cfg(test)]
#[path = "calls/tests.rs"]
mod tests;
