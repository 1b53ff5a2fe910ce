//! A call as a row of `calls`.

use std::sync::Arc;

use domain::call::Call;
use sea_orm::DbBackend;

use super::{
    inserter::{Columns, Inserter, Row},
    transaction::Transaction,
};
use crate::{StoreError, calls::row::Rates, columns, time::to_us};

/// How many different rates are remembered.
const RATES_REMEMBERED: usize = 32;

/// Inserts calls.
#[derive(Debug)]
pub(super) struct CallInserter {
    inserter: Inserter,
    rates: RatesJson,
}

impl CallInserter {
    pub(super) fn new(backend: DbBackend) -> Self {
        let tail = |_: &[&str]| "ON CONFLICT (id) DO NOTHING".to_owned();
        Self {
            inserter: Inserter::new(backend, "calls", columns::of_calls(), tail),
            rates: RatesJson::default(),
        }
    }

    /// Inserts calls. Returns how many were not there before.
    pub(super) async fn insert(
        &mut self,
        transaction: &mut Transaction,
        calls: &[Box<Call>],
    ) -> Result<u64, StoreError> {
        let rows: Vec<CallRow<'_>> = calls
            .iter()
            .map(|call| {
                let rates = self.rates.of(call)?;
                Ok(CallRow { call, rates })
            })
            .collect::<Result<_, StoreError>>()?;
        self.inserter.insert(transaction, &rows).await
    }
}

struct CallRow<'a> {
    call: &'a Call,
    rates: Arc<str>,
}

impl Row for CallRow<'_> {
    /// In the order of [`columns::of_calls`].
    fn tell(&self, columns: &mut impl Columns) {
        let call = self.call;
        let start = &call.start;
        columns.id(Some(start.id.0));
        columns.number(Some(to_us(start.started_at)));
        columns.text(Some(start.provider.as_str()));
        columns.text(start.model.as_deref());
        columns.text(start.agent.as_deref());
        columns.text(start.user.as_deref());
        columns.id(start.token.map(|token| token.0));
        columns.text(Some(call.outcome.key()));
        columns.text(Some(call.price_state.key()));
        columns.text(Some(start.operation.key()));
        columns.number(Some(i64::from(call.status)));
        columns.number(count(Some(call.latency_us)));
        columns.number(call.charge.total.map(|total| total.0));
        columns.text(Some(start.provider_type.key()));
        columns.text(start.requested_model.as_deref());
        columns.text(call.replied_model.as_deref());
        columns.flag(start.streamed);
        columns.single(start.conversation.as_deref());
        columns.number(count(call.ttfb_us));
        columns.number(count(Some(call.overhead_us)));
        columns.single(call.upstream_request_id.as_deref());
        columns.text(call.service_tier.as_deref());
        columns.text(call.geography.as_deref());
        columns.text(start.endpoint.as_deref());
        columns.single(call.background_response.as_deref());
        columns.text(Some(&start.catalog_version));
        columns.flag(call.usage_mismatch);
        columns.number(count(call.usage.provider_total));
        columns.number(count(call.usage.searches));
        columns.id(start.attempt_of.map(|first| first.0));
        for (_, tokens) in call.usage.tokens.iter() {
            columns.number(count(*tokens));
        }
        columns.number(count(call.usage.reasoning));
        for (_, cost) in call.charge.cost.iter() {
            columns.number(cost.map(|cost| cost.0));
        }
        columns.number(call.charge.reasoning.map(|cost| cost.0));
        columns.number(call.charge.searches.map(|cost| cost.0));
        columns.shared(&self.rates);
    }
}

/// A count, held at the largest that the database can have.
pub(super) fn count(count: Option<u64>) -> Option<i64> {
    count.map(|count| i64::try_from(count).unwrap_or(i64::MAX))
}

/// The JSON of rates. Those of a call are mostly those of one shortly before.
#[derive(Debug, Default)]
pub(super) struct RatesJson(Vec<(Rates, Arc<str>)>);

impl RatesJson {
    pub(super) fn of(&mut self, call: &Call) -> Result<Arc<str>, StoreError> {
        let rates = Rates::of(&call.charge);
        if let Some((_, json)) = self.0.iter().find(|(known, _)| *known == rates) {
            return Ok(Arc::clone(json));
        }
        let json: Arc<str> = serde_json::to_string(&rates)
            .map_err(|error| StoreError::unreadable("calls", error))?
            .into();
        if self.0.len() >= RATES_REMEMBERED {
            self.0.clear();
        }
        self.0.push((rates, Arc::clone(&json)));
        Ok(json)
    }
}
