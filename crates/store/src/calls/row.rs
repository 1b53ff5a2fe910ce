//! One row of `calls`, read.

use std::str::FromStr;

use domain::{
    CallId, NanoUsd, PerBucket, ProviderId, TokenId,
    call::{Call, CallStart, Operation, Outcome},
    pricing::{AppliedRate, AppliedSearchRate, Charge, PriceState},
    provider::ProviderType,
    usage::Usage,
};
use sea_orm::{QueryResult, TryGetable};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::RecordedCall;
use crate::{StoreError, error::database, time::from_us};

const TABLE: &str = "calls";

/// The rates of a row, as they stand in its JSON.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Rates {
    #[serde(flatten)]
    pub(crate) buckets: PerBucket<Option<AppliedRate>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) searches: Option<AppliedSearchRate>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) estimated: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) billed_beside: bool,
}

impl Rates {
    /// Those of a charge, with what else decides its price.
    pub(crate) fn of(charge: &Charge) -> Self {
        Self {
            buckets: charge.rates,
            searches: charge.search_rate,
            estimated: charge.estimated,
            billed_beside: charge.billed_beside,
        }
    }
}

/// Reads the columns of a row from left to right.
struct Columns<'a> {
    row: &'a QueryResult,
    next: usize,
}

impl Columns<'_> {
    fn take<T: TryGetable>(&mut self) -> Result<T, StoreError> {
        let value = self.row.try_get_by_index(self.next).map_err(database)?;
        self.next = self.next.saturating_add(1);
        Ok(value)
    }

    fn count(&mut self) -> Result<Option<u64>, StoreError> {
        let count: Option<i64> = self.take()?;
        count
            .map(u64::try_from)
            .transpose()
            .map_err(|error| StoreError::unreadable(TABLE, error))
    }

    fn money(&mut self) -> Result<Option<NanoUsd>, StoreError> {
        Ok(self.take::<Option<i64>>()?.map(NanoUsd))
    }

    fn parsed<T: FromStr<Err: std::error::Error>>(&mut self) -> Result<T, StoreError> {
        let text: String = self.take()?;
        text.parse()
            .map_err(|error| StoreError::unreadable(TABLE, error))
    }

    fn per_bucket<T: Default>(
        &mut self,
        mut take: impl FnMut(&mut Self) -> Result<T, StoreError>,
    ) -> Result<PerBucket<T>, StoreError> {
        let mut failed = None;
        let all = PerBucket::from_fn(|_| {
            take(self).unwrap_or_else(|error| {
                failed.get_or_insert(error);
                T::default()
            })
        });
        failed.map_or(Ok(all), Err)
    }
}

/// Reads a row whose columns are `recorded_seq` and then those of [`crate::columns::of_calls`].
pub(crate) fn read(row: &QueryResult) -> Result<RecordedCall, StoreError> {
    let columns = &mut Columns { row, next: 0 };
    let recorded_seq = columns.take()?;
    let id = CallId(columns.take()?);
    let started_at = from_us(TABLE, columns.take()?)?;
    let provider: ProviderId = columns.parsed()?;
    let model = columns.take()?;
    let agent = columns.take()?;
    let user = columns.take()?;
    let token = columns.take::<Option<Uuid>>()?.map(TokenId);
    let outcome: Outcome = columns.parsed()?;
    let price_state = price_state(&columns.take::<String>()?)?;
    let operation: Operation = columns.parsed()?;
    let status = u16::try_from(columns.take::<i64>()?)
        .map_err(|error| StoreError::unreadable(TABLE, error))?;
    let latency_us = columns.count()?.unwrap_or_default();
    let total = columns.money()?;
    let provider_type: ProviderType = columns.parsed()?;
    let requested_model = columns.take()?;
    let replied_model = columns.take()?;
    let streamed = columns.take()?;
    let conversation = columns.take()?;
    let ttfb_us = columns.count()?;
    let overhead_us = columns.count()?.unwrap_or_default();
    let upstream_request_id = columns.take()?;
    let service_tier = columns.take()?;
    let geography = columns.take()?;
    let endpoint = columns.take()?;
    let background_response = columns.take()?;
    let catalog_version = columns.take()?;
    let usage_mismatch = columns.take()?;
    let provider_total = columns.count()?;
    let searches = columns.count()?;
    let tokens = columns.per_bucket(Columns::count)?;
    let reasoning = columns.count()?;
    let cost = columns.per_bucket(Columns::money)?;
    let cost_reasoning = columns.money()?;
    let cost_searches = columns.money()?;
    let rates: Rates = serde_json::from_str(&columns.take::<String>()?)
        .map_err(|error| StoreError::unreadable(TABLE, error))?;
    Ok(RecordedCall {
        recorded_seq,
        call: Call {
            start: CallStart {
                id,
                started_at,
                provider,
                provider_type,
                model,
                requested_model,
                operation,
                streamed,
                agent,
                user,
                conversation,
                token,
                endpoint,
                catalog_version,
                estimated_input: None,
            },
            status,
            outcome,
            latency_us,
            ttfb_us,
            overhead_us,
            replied_model,
            upstream_request_id,
            service_tier,
            geography,
            background_response,
            usage: Usage {
                tokens,
                reasoning,
                searches,
                provider_total,
            },
            usage_mismatch,
            price_state,
            charge: Charge {
                total,
                cost,
                reasoning: cost_reasoning,
                searches: cost_searches,
                rates: rates.buckets,
                search_rate: rates.searches,
                estimated: rates.estimated,
                billed_beside: rates.billed_beside,
            },
        },
    })
}

fn price_state(key: &str) -> Result<PriceState, StoreError> {
    PriceState::ALL
        .iter()
        .copied()
        .find(|state| state.key() == key)
        .ok_or_else(|| StoreError::unreadable(TABLE, "an unknown price state"))
}
