//! Other prices for calls that are there: the copies of what they cost, and the sums of their conversations.

use std::collections::HashMap;

use domain::{CallId, money::NanoUsd, pricing::PriceState};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction,
    sea_query::{Expr, ExprTrait, Query},
};
use uuid::Uuid;

use super::{
    add::IDS,
    columns::{CONVERSATIONS, TRANSCRIPTS},
    open::Transcripts,
};
use crate::{StoreError, error::database};

/// What a conversation costs more, and how many of its calls more have no known price.
#[derive(Debug, Default)]
struct Change {
    cost_nano: i64,
    unpriced: i64,
}

impl Transcripts {
    /// Puts right what calls cost, and the sums of their conversations, all or none. Calls that are not there
    /// are left out.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn refresh_costs(
        &self,
        calls: &[(CallId, Option<NanoUsd>, PriceState)],
    ) -> Result<(), StoreError> {
        let transaction = self.begin().await?;
        let mut changes: HashMap<Uuid, Change> = HashMap::new();
        for part in calls.chunks(IDS) {
            refresh(&transaction, part, &mut changes).await?;
        }
        for (conversation, change) in changes {
            let mut update = Query::update();
            update
                .table(CONVERSATIONS)
                .value("cost_nano", Expr::col("cost_nano").add(change.cost_nano))
                .value("unpriced", Expr::col("unpriced").add(change.unpriced))
                .and_where(Expr::col("id").eq(conversation));
            transaction.execute(&update).await.map_err(database)?;
        }
        transaction.commit().await.map_err(database)
    }
}

async fn refresh(
    transaction: &DatabaseTransaction,
    calls: &[(CallId, Option<NanoUsd>, PriceState)],
    changes: &mut HashMap<Uuid, Change>,
) -> Result<(), StoreError> {
    let wanted: HashMap<Uuid, (Option<i64>, &str)> = calls
        .iter()
        .map(|(call, cost, state)| (call.0, (cost.map(|cost| cost.0), state.key())))
        .collect();
    let mut query = Query::select();
    query
        .columns(["call", "conversation", "cost_nano", "price_state"])
        .from(TRANSCRIPTS)
        .and_where(Expr::col("call").is_in(wanted.keys().copied()));
    let unpriced = |state: &str| i64::from(state == PriceState::Unpriced.key());
    for row in transaction.query_all(&query).await.map_err(database)? {
        let read = || {
            let call: Uuid = row.try_get_by_index(0)?;
            let conversation: Uuid = row.try_get_by_index(1)?;
            let cost: Option<i64> = row.try_get_by_index(2)?;
            let state: String = row.try_get_by_index(3)?;
            Ok((call, conversation, cost, state))
        };
        let (call, conversation, old_cost, old_state) = read().map_err(database)?;
        let Some((cost, state)) = wanted.get(&call).copied() else {
            continue;
        };
        if cost == old_cost && state == old_state {
            continue;
        }
        let mut update = Query::update();
        update
            .table(TRANSCRIPTS)
            .value("cost_nano", cost)
            .value("price_state", state)
            .and_where(Expr::col("call").eq(call));
        transaction.execute(&update).await.map_err(database)?;
        let change = changes.entry(conversation).or_default();
        let more = cost.unwrap_or(0).saturating_sub(old_cost.unwrap_or(0));
        change.cost_nano = change.cost_nano.saturating_add(more);
        change.unpriced = change
            .unpriced
            .saturating_add(unpriced(state))
            .saturating_sub(unpriced(&old_state));
    }
    Ok(())
}
