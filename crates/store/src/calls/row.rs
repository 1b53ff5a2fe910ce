//! One row of `calls`, read.

use domain::{
    CallId, PerBucket, ProviderId, TokenId,
    call::{Call, CallStart, Operation, Outcome},
    pricing::{AppliedRate, AppliedSearchRate, Charge},
    provider::ProviderType,
    usage::Usage,
};
use sea_orm::QueryResult;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::RecordedCall;
use crate::{StoreError, row::Columns};

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

/// Reads a row whose columns are `recorded_seq` and then those of [`crate::columns::of_calls`].
pub(crate) fn read(row: &QueryResult) -> Result<RecordedCall, StoreError> {
    let columns = &mut Columns::of(row, TABLE);
    let recorded_seq = columns.take()?;
    let id = CallId(columns.take()?);
    let started_at = columns.at()?;
    let provider: ProviderId = columns.parsed()?;
    let model = columns.take()?;
    let agent = columns.take()?;
    let user = columns.take()?;
    let token = columns.take::<Option<Uuid>>()?.map(TokenId);
    let outcome: Outcome = columns.parsed()?;
    let price_state = columns.price_state()?;
    let operation: Operation = columns.parsed()?;
    let status = columns.status()?;
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
    let attempt_of = columns.take::<Option<Uuid>>()?.map(CallId);
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
                attempt_of,
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
