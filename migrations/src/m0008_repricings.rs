//! Re-pricings of calls, and the prices that calls had before.

use sea_orm_migration::prelude::*;

use crate::parts::{id, index, number, number_or_null, table, text, text_or_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(repricings()).await?;
        manager.create_table(call_prices()).await?;
        let by_state = index("repricings_state", "repricings", &["state"]);
        manager.create_index(by_state).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// One row per re-pricing. What was chosen, the rates it goes by and what they would change are JSON.
/// `until_seq`: calls that were recorded after that one are not in it. `place`: where among the calls it
/// goes on. `error`: why it could not go on the last time.
fn repricings() -> TableCreateStatement {
    table(
        "repricings",
        [
            id("id").primary_key().take(),
            text("state"),
            number("created_at_us"),
            text("actor"),
            text("selection"),
            number("until_seq"),
            text("place"),
            number("calls_seen"),
            number("calls_changed"),
            number_or_null("seen_until_us"),
            text_or_null("rates"),
            text_or_null("fingerprint"),
            text_or_null("totals"),
            text_or_null("difference"),
            number_or_null("applied_at_us"),
            text_or_null("applied_by"),
            number_or_null("finished_at_us"),
            text_or_null("error"),
        ],
    )
}

/// What a call cost before a re-pricing, with its rates, as JSON.
fn call_prices() -> TableCreateStatement {
    let mut prices = table(
        "call_prices",
        [id("call"), id("repricing"), number("at_us"), text("before")],
    );
    let mut key = Index::create();
    key.name("call_prices_key").col("call").col("repricing");
    prices.primary_key(&mut key);
    prices
}
