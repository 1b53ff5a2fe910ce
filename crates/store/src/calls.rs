//! The ledger as it is read: rows, newest first.

mod filter;
pub(crate) mod row;
pub(crate) mod selection;

use std::collections::BTreeMap;

use domain::{CallId, ProviderId, call::Call};
use jiff::Timestamp;
use sea_orm::{
    ConnectionTrait,
    sea_query::{Expr, ExprTrait, Order, Query, SelectStatement},
};
use uuid::Uuid;

use crate::{
    Store, StoreError, columns,
    error::database,
    page::{Cursor, Page, page},
    time::to_us,
};

pub use filter::CallFilter;
use filter::Drive;
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
    /// # Errors
    /// [`StoreError`].
    pub async fn list(
        &self,
        filter: &CallFilter,
        limit: u64,
        cursor: Option<Cursor>,
    ) -> Result<Page<RecordedCall>, StoreError> {
        if let Some(seq) = filter.after_recorded_seq {
            let mut query = select();
            query
                .cond_where(filter.condition(None, None))
                .and_where(Expr::col("recorded_seq").gt(seq))
                .order_by("recorded_seq", Order::Asc)
                .limit(limit);
            let items = self.fetch(&query).await?;
            return Ok(Page { items, next: None });
        }
        let before = cursor.map(|Cursor(id)| Uuid::from_u128(id));
        let mut rows = vec![];
        for drive in Drive::of(filter) {
            let mut query = select();
            query
                .cond_where(filter.condition(drive.as_ref(), before))
                .order_by("id", Order::Desc)
                .limit(limit.saturating_add(1));
            rows.extend(self.fetch(&query).await?);
        }
        rows.sort_unstable_by_key(|row| std::cmp::Reverse(row.call.start.id));
        Ok(page(rows, limit, |row| {
            Cursor(row.call.start.id.0.as_u128())
        }))
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

    /// The newest call of a provider that Weir did not refuse itself. `None`: there was none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn latest_call(
        &self,
        provider: &ProviderId,
    ) -> Result<Option<RecordedCall>, StoreError> {
        let mut query = select();
        query
            .and_where(Expr::col("provider").eq(provider.as_str()))
            .and_where(opaque("outcome").ne("rejected"))
            .order_by("id", Order::Desc)
            .limit(1);
        Ok(self.fetch(&query).await?.pop())
    }

    /// The place of the newest row in the order of recording; 0 where there is none. From here on
    /// [`CallFilter::after_recorded_seq`] finds what is new.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn last_recorded_seq(&self) -> Result<i64, StoreError> {
        let mut query = Query::select();
        query
            .column("recorded_seq")
            .from("calls")
            .order_by("recorded_seq", Order::Desc)
            .limit(1);
        let row = self.0.readers().query_one(&query).await.map_err(database)?;
        row.map_or(Ok(0), |row| row.try_get_by_index(0))
            .map_err(database)
    }

    /// Background responses that were begun by a call since then and whose usage no call has shown yet,
    /// each with its provider and the upstream's id of it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn unbilled_background(
        &self,
        since: Timestamp,
    ) -> Result<Vec<(ProviderId, String)>, StoreError> {
        let mut query = Query::select();
        query
            .columns(["provider", "background_response"])
            .columns(columns::all_tokens())
            .from("calls")
            .and_where(Expr::col("background_response").is_not_null())
            .and_where(Expr::col("started_at_us").gte(to_us(since)));
        let rows = self.0.readers().query_all(&query).await.map_err(database)?;
        // Searches do not count: that there were none is told from the beginning.
        let counts = 2..columns::all_tokens().count().saturating_add(2);
        let mut billed = BTreeMap::new();
        for row in rows {
            let read = || {
                let provider: String = row.try_get_by_index(0)?;
                let response: String = row.try_get_by_index(1)?;
                let mut has_usage = false;
                for column in counts.clone() {
                    has_usage |= row.try_get_by_index::<Option<i64>>(column)?.is_some();
                }
                Ok((provider, response, has_usage))
            };
            let (provider, response, has_usage) = read().map_err(database)?;
            *billed.entry((provider, response)).or_insert(false) |= has_usage;
        }
        billed
            .into_iter()
            .filter(|(_, billed)| !billed)
            .map(|((provider, response), _)| {
                let provider = ProviderId::new(provider)
                    .map_err(|error| StoreError::unreadable("calls", error))?;
                Ok((provider, response))
            })
            .collect()
    }

    async fn fetch(&self, query: &SelectStatement) -> Result<Vec<RecordedCall>, StoreError> {
        self.0
            .readers()
            .query_all(query)
            .await
            .map_err(database)?
            .iter()
            .map(row::read)
            .collect()
    }
}

fn select() -> SelectStatement {
    let mut query = Query::select();
    query
        .column("recorded_seq")
        .columns(columns::of_calls())
        .from("calls");
    query
}
