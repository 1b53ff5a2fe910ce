//! The prices that a call had before.

use domain::{
    CallId, PerBucket, Timestamp,
    call::Call,
    pricing::{Charge, PriceState},
};
use sea_orm::{
    ConnectionTrait,
    sea_query::{Expr, ExprTrait, Order, Query},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Repricings;
use crate::{StoreError, error::database, time::from_us};

const TABLE: &str = "call_prices";

/// What a call cost before it was priced again, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceBefore {
    /// Whether the cost was known.
    pub price_state: PriceState,
    /// The cost, and what explains it.
    pub charge: Charge,
    /// Version of the catalog that it was priced with.
    pub catalog_version: String,
    /// Tokens per bucket, where other rates put audio and image tokens into other buckets. `None`: as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<PerBucket<Option<u64>>>,
}

/// A price that a call had, and which re-pricing ended it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PricedBefore {
    /// The re-pricing.
    pub repricing: Uuid,
    /// When the call was priced again.
    pub at: Timestamp,
    /// Who applied that, as the audit names them.
    pub by: String,
    /// The price until then.
    pub before: PriceBefore,
}

impl PriceBefore {
    /// The price that a call has, which is about to become the one of `after`.
    pub(crate) fn of(call: &Call, after: &Call) -> Self {
        let tokens = call.usage.tokens;
        Self {
            price_state: call.price_state,
            charge: call.charge.clone(),
            catalog_version: call.start.catalog_version.clone(),
            tokens: (tokens != after.usage.tokens).then_some(tokens),
        }
    }
}

impl Repricings<'_> {
    /// The prices that a call had before, the newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn prices_before(&self, call: CallId) -> Result<Vec<PricedBefore>, StoreError> {
        let mut query = Query::select();
        query
            .column((TABLE, "repricing"))
            .column((TABLE, "at_us"))
            .column(("repricings", "applied_by"))
            .column((TABLE, "before"))
            .from(TABLE)
            .left_join(
                "repricings",
                Expr::col((TABLE, "repricing")).equals(("repricings", "id")),
            )
            .and_where(Expr::col((TABLE, "call")).eq(call.0))
            .order_by((TABLE, "at_us"), Order::Desc);
        let rows = self.0.readers().query_all(&query).await.map_err(database)?;
        rows.into_iter()
            .map(|row| {
                let by: Option<String> = row.try_get_by_index(2).map_err(database)?;
                let before: String = row.try_get_by_index(3).map_err(database)?;
                Ok(PricedBefore {
                    repricing: row.try_get_by_index(0).map_err(database)?,
                    at: from_us(TABLE, row.try_get_by_index(1).map_err(database)?)?,
                    by: by.unwrap_or_default(),
                    before: serde_json::from_str(&before)
                        .map_err(|error| StoreError::unreadable(TABLE, error))?,
                })
            })
            .collect()
    }
}
