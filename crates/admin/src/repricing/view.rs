//! Re-pricings as people and programs see them.

use domain::{
    NanoUsd, PerBucket, Timestamp,
    pricing::{Charge, PriceState},
};
use serde::Serialize;
use store::{PricedBefore, RepricingInfo};
use uuid::Uuid;

use super::{Line, Selection, Span, Totals, difference::Difference, read_json};
use crate::error::AdminError;

/// A re-pricing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = Repricing)]
pub struct RepricingView {
    /// Which one.
    #[schema(value_type = String, format = "uuid")]
    pub id: Uuid,
    /// How far it is: computing, ready, applying or applied.
    #[schema(example = "ready")]
    pub state: &'static str,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Who asked for it.
    #[schema(example = "person:Ada")]
    pub created_by: String,
    /// Which calls are in it. Those recorded after it was asked for are not.
    pub selection: Selection,
    /// How many calls were looked at so far, while it is computed or applied.
    pub calls_seen: u64,
    /// How many calls have their new price.
    pub calls_changed: u64,
    /// When the last call began that was looked at. Null: none was.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub seen_until: Option<Timestamp>,
    /// What the rates are known by that it goes by; applying wants it back. Null: it is being computed.
    pub fingerprint: Option<String>,
    /// What it changes in all. Null: it is being computed.
    pub totals: Option<Totals>,
    /// When it was applied. Null: it was not.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub applied_at: Option<Timestamp>,
    /// Who applied it.
    pub applied_by: Option<String>,
    /// When every call had its price. Null: not yet.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub finished_at: Option<Timestamp>,
    /// Why it could not go on the last time; it is tried again until it works. Null: it goes on.
    pub error: Option<String>,
}

/// A re-pricing with what it changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct RepricingDetail {
    /// The re-pricing.
    #[serde(flatten)]
    pub repricing: RepricingView,
    /// How long a line is: a day, or where there are very many days and models a month, or the whole range.
    pub span: Span,
    /// Whose days they are: an IANA time zone. Empty: it is being computed.
    pub time_zone: String,
    /// By provider and model, the largest difference first. With `other_models` they add up to the totals.
    pub models: Vec<ModelDifference>,
    /// All models that are not told one by one, since there are too many. Null: there are no others.
    pub other_models: Option<Totals>,
    /// By day, provider and model, the newest first. Models without a change and with a price are left out.
    pub lines: Vec<Line>,
}

/// What changes of one model of a provider, over the whole range.
pub type ModelDifference = Line;

/// A price that a call had before it was priced again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceBeforeView {
    /// The re-pricing that ended it.
    pub repricing: Uuid,
    /// When.
    pub at: Timestamp,
    /// Who applied that, as the audit names them.
    pub by: String,
    /// Whether the cost was known.
    pub price_state: PriceState,
    /// The whole cost.
    pub total: Option<NanoUsd>,
    /// The cost and its rates.
    pub charge: Charge,
    /// Version of the catalog that it was priced with.
    pub catalog_version: String,
    /// Tokens per bucket, where they stood in others.
    pub tokens: Option<PerBucket<Option<u64>>>,
}

impl RepricingView {
    pub(super) fn of(info: RepricingInfo) -> Result<Self, AdminError> {
        Ok(Self {
            id: info.id,
            state: info.state.key(),
            created_at: info.created_at,
            created_by: info.actor,
            selection: read_json("selection", info.selection)?,
            calls_seen: info.calls_seen,
            calls_changed: info.calls_changed,
            seen_until: info.seen_until,
            fingerprint: info.fingerprint,
            totals: info
                .totals
                .map(|totals| read_json("totals", totals))
                .transpose()?,
            applied_at: info.applied_at,
            applied_by: info.applied_by,
            finished_at: info.finished_at,
            error: info.error,
        })
    }
}

impl RepricingDetail {
    pub(super) fn of(info: RepricingInfo, difference: Difference) -> Result<Self, AdminError> {
        Ok(Self {
            repricing: RepricingView::of(info)?,
            models: difference.models,
            other_models: difference.other_models,
            span: difference.span,
            time_zone: difference.time_zone,
            lines: difference.lines,
        })
    }
}

impl PriceBeforeView {
    pub(super) fn of(price: PricedBefore) -> Self {
        let before = price.before;
        Self {
            repricing: price.repricing,
            at: price.at,
            by: price.by,
            price_state: before.price_state,
            total: before.charge.total,
            charge: before.charge,
            catalog_version: before.catalog_version,
            tokens: before.tokens,
        }
    }
}
