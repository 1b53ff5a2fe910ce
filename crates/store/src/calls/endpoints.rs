//! Calls by the endpoint that served them, and the attempts of one call.

use std::collections::BTreeMap;

use domain::{CallId, NanoUsd, ProviderId, call::Outcome, pricing::PriceState};
use jiff::Timestamp;
use sea_orm::{
    ConnectionTrait,
    sea_query::{Cond, Expr, ExprTrait, Order, Query},
};

use super::{Calls, RecordedCall, filter::CallFilter, filter::Drive, selection::Choice};
use crate::{StoreError, error::database, row::Columns};

/// Attempts of one call that are read at most; a provider has fewer endpoints.
const ATTEMPTS_MAX: u64 = 100;

/// What the calls of one endpoint came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AtEndpoint {
    /// Calls, but for those that Weir refused.
    pub calls: u64,
    /// Those of them that the endpoint failed: it was not reached, it answered 429 or 5xx, or it broke off. What it
    /// refuses for what a caller sent is no failure of its own.
    pub failed: u64,
    /// What they cost, as far as it is known.
    pub spend: NanoUsd,
    /// Those of them whose cost is not known.
    pub unpriced_calls: u64,
}

impl Calls<'_> {
    /// What the newest calls of a provider came to, `most` of them at most, by endpoint; and whether there were
    /// more.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn by_endpoint(
        &self,
        provider: &ProviderId,
        since: Timestamp,
        most: u64,
    ) -> Result<(BTreeMap<Option<String>, AtEndpoint>, bool), StoreError> {
        let filter = CallFilter {
            providers: Choice::only(provider.clone()),
            since: Some(since),
            ..CallFilter::default()
        };
        let drive = Drive::of(&filter).into_iter().flatten().next();
        let mut query = Query::select();
        query
            .columns([
                "endpoint",
                "outcome",
                "status",
                "price_state",
                "cost_total_nano",
            ])
            .from("calls")
            .cond_where(filter.condition(drive.as_ref(), None))
            .order_by("id", Order::Desc)
            .limit(most);
        let rows = self.0.readers().query_all(&query).await.map_err(database)?;
        let more = u64::try_from(rows.len()).unwrap_or(u64::MAX) >= most;
        let mut each: BTreeMap<Option<String>, AtEndpoint> = BTreeMap::new();
        for row in &rows {
            let columns = &mut Columns::of(row, "calls");
            let endpoint: Option<String> = columns.take()?;
            let outcome: Outcome = columns.parsed()?;
            let status = columns.status()?;
            let price_state = columns.price_state()?;
            let cost = columns.money()?;
            if outcome == Outcome::Rejected {
                continue;
            }
            let at = each.entry(endpoint).or_default();
            at.calls = at.calls.saturating_add(1);
            let is_callers = (400..500).contains(&status) && status != 429;
            let is_failed = matches!(outcome, Outcome::UpstreamError | Outcome::Truncated);
            if is_failed && !is_callers {
                at.failed = at.failed.saturating_add(1);
            }
            match price_state {
                PriceState::Unpriced => at.unpriced_calls = at.unpriced_calls.saturating_add(1),
                PriceState::Priced | PriceState::Estimated | PriceState::NotBilled => {
                    let cost = cost.map_or(0, |cost| cost.0);
                    at.spend = NanoUsd(at.spend.0.saturating_add(cost));
                }
            }
        }
        Ok((each, more))
    }

    /// Every attempt of a call that was tried more than once, the first one first. Only the call itself where it
    /// was not.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn attempts(&self, first: CallId) -> Result<Vec<RecordedCall>, StoreError> {
        let mut query = super::select();
        query
            .cond_where(
                Cond::any()
                    .add(Expr::col("id").eq(first.0))
                    .add(Expr::col("attempt_of").eq(first.0)),
            )
            .order_by("id", Order::Asc)
            .limit(ATTEMPTS_MAX);
        self.fetch(&query).await
    }
}
