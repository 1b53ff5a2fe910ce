//! The ledger: calls, the sums over them, and how far the journal has been read.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::parts::{
    counter, flag, id, id_or_null, index, number, number_or_null, sequence, table, text,
    text_or_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = [
            calls(),
            open_calls(),
            rollups(manager.get_database_backend()),
            journal_position(),
        ];
        for table in tables {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

const TOKENS: &[&str] = &[
    "tokens_input",
    "tokens_output",
    "tokens_cached_input",
    "tokens_cache_write_5m",
    "tokens_cache_write_1h",
    "tokens_cache_write_30m",
    "tokens_cache_write_12h",
    "tokens_cache_write_unknown",
    "tokens_input_audio",
    "tokens_cached_input_audio",
    "tokens_input_image",
    "tokens_output_audio",
    "tokens_output_image",
    "tokens_reasoning",
];

const COSTS: &[&str] = &[
    "cost_input_nano",
    "cost_output_nano",
    "cost_cached_input_nano",
    "cost_cache_write_5m_nano",
    "cost_cache_write_1h_nano",
    "cost_cache_write_30m_nano",
    "cost_cache_write_12h_nano",
    "cost_cache_write_unknown_nano",
    "cost_input_audio_nano",
    "cost_cached_input_audio_nano",
    "cost_input_image_nano",
    "cost_output_audio_nano",
    "cost_output_image_nano",
    "cost_reasoning_nano",
    "cost_searches_nano",
];

/// One row per call. What lists filter by stands first: SQLite reads a row from its beginning.
fn calls() -> TableCreateStatement {
    let head = [
        sequence("recorded_seq"),
        id("id"),
        number("started_at_us"),
        text("provider"),
        text_or_null("model"),
        text_or_null("agent"),
        text_or_null("user_name"),
        id_or_null("token"),
        text("outcome"),
        text("price_state"),
        text("operation"),
        number("status"),
        number("latency_us"),
        number_or_null("cost_total_nano"),
        text("provider_type"),
        text_or_null("requested_model"),
        text_or_null("replied_model"),
        flag("streamed"),
        text_or_null("conversation"),
        number_or_null("ttfb_us"),
        number("overhead_us"),
        text_or_null("upstream_request_id"),
        text_or_null("service_tier"),
        text_or_null("geography"),
        text_or_null("endpoint"),
        text_or_null("background_response"),
        text("catalog_version"),
        flag("usage_mismatch"),
        number_or_null("provider_total"),
        number_or_null("searches"),
    ];
    let counts = TOKENS.iter().chain(COSTS).map(|name| number_or_null(name));
    table(
        "calls",
        head.into_iter().chain(counts).chain([text("rates")]),
    )
}

/// Calls that were sent up and whose end has not been read from the journal yet.
fn open_calls() -> TableCreateStatement {
    table(
        "open_calls",
        [
            id("id").primary_key().take(),
            text("provider"),
            text("start"),
        ],
    )
}

/// Sums over calls by the time they started, in spans of a quarter hour, an hour and a day (UTC), of
/// 15, 60 and 1440 minutes. In the key nobody and nothing is empty, and no token the UUID of zeros.
fn rollups(backend: DbBackend) -> TableCreateStatement {
    const KEY: &[&str] = &[
        "span_minutes",
        "start_us",
        "provider",
        "provider_type",
        "model",
        "agent",
        "user_name",
        "token",
    ];
    let head = [
        number("span_minutes"),
        number("start_us"),
        text("provider"),
        text("provider_type"),
        text("model"),
        text("agent"),
        text("user_name"),
        id("token"),
        counter("requests"),
        counter("priced_calls"),
        counter("estimated_calls"),
        counter("unpriced_calls"),
        counter("not_billed_calls"),
        counter("cost_total_nano"),
        counter("tokens_total"),
        counter("searches"),
    ];
    let counts = TOKENS.iter().chain(COSTS).map(|name| counter(name));
    let mut rollups = table("usage_rollups", head.into_iter().chain(counts));
    let mut key = Index::create();
    for column in KEY {
        key.col(*column);
    }
    rollups.primary_key(key.name("usage_rollups_key"));
    // Rows in the order of the key, as Postgres can have them by CLUSTER; half the work for each.
    if backend == DbBackend::Sqlite {
        rollups.extra("WITHOUT ROWID");
    }
    rollups
}

/// Up to where each segment of the journal is in this database.
fn journal_position() -> TableCreateStatement {
    table(
        "journal_position",
        [
            number("id").primary_key().take(),
            number("segment"),
            number("position"),
        ],
    )
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        index("calls_id", "calls", &["id"]).unique().take(),
        index("calls_started_at_us", "calls", &["started_at_us"]),
        index("calls_provider", "calls", &["provider", "id"]),
        index("calls_model", "calls", &["model", "id"]),
        index("calls_token", "calls", &["token", "id"]),
        // Partial ones: the calls that people look for, which are few.
        index("calls_agent", "calls", &["agent", "id"])
            .and_where(Expr::col("agent").is_not_null())
            .take(),
        index("calls_user_name", "calls", &["user_name", "id"])
            .and_where(Expr::col("user_name").is_not_null())
            .take(),
        index(
            "calls_background_response",
            "calls",
            &["started_at_us", "provider", "background_response"],
        )
        .and_where(Expr::col("background_response").is_not_null())
        .take(),
        index("calls_outcome", "calls", &["outcome", "id"])
            .and_where(Expr::col("outcome").ne("ok"))
            .take(),
        index("calls_price_state", "calls", &["price_state", "id"])
            .and_where(Expr::col("price_state").ne("priced"))
            .take(),
    ]
}
