//! Sums in the order in which they are looked for: in each span by person and application first, then by
//! provider and model.
//!
//! A filter by them is then a step into each span, where before it read either the whole span or an index
//! that was as large as the sums. Live sums are carried over; the sealed ones are made anew from them by Weir
//! itself, in small steps while it runs.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend, Statement},
};

use crate::parts::{counter, id, number, table, text};

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        let connection = manager.get_connection();
        manager
            .drop_table(Table::drop().table("usage_sealed").take())
            .await?;
        manager.create_table(sums("usage_sealed", backend)).await?;
        connection
            .execute_unprepared("DELETE FROM usage_levels WHERE span <> 'quarter'")
            .await?;
        manager.create_table(sums(IN_ORDER, backend)).await?;
        let mut day = extent(connection, "MIN").await?;
        let last = extent(connection, "MAX").await?;
        while day <= last {
            let end = day.saturating_add(DAY_US);
            connection.execute_unprepared(&copied(day, end)).await?;
            day = end;
        }
        manager
            .drop_table(Table::drop().table("usage_quarters").take())
            .await?;
        let rename = Table::rename().table(IN_ORDER, "usage_quarters").take();
        manager.rename_table(rename).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// What `usage_quarters` is called until the table before it is gone.
const IN_ORDER: &str = "usage_quarters_in_order";
const DAY_US: i64 = 24 * 3_600_000_000;
/// The levels by quarter hour.
const LIVE: [i64; 2] = [1, 2];

/// The order of the key, which is the order of the rows.
const KEY: &[&str] = &[
    "level",
    "start_us",
    "user_name",
    "agent",
    "provider",
    "model",
    "provider_type",
    "outcome",
    "price_state",
    "token",
];

const SUMS: &[&str] = &[
    "requests",
    "priced_calls",
    "estimated_calls",
    "unpriced_calls",
    "not_billed_calls",
    "cost_total_nano",
    "tokens_total",
    "searches",
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

/// Sums over calls. What a level does not tell apart is empty in its key, and so are nobody and nothing; no
/// token is the UUID of zeros.
fn sums(name: &'static str, backend: DbBackend) -> TableCreateStatement {
    let key = KEY.iter().map(|name| match *name {
        "level" | "start_us" => number(name),
        "token" => id(name),
        name => text(name),
    });
    let mut sums = table(name, key.chain(SUMS.iter().map(|name| counter(name))));
    let mut order = Index::create();
    for column in KEY {
        order.col(*column);
    }
    sums.primary_key(order.name(format!("{name}_order")));
    // Rows in the order of the key, as Postgres can have them by CLUSTER; half the work for each.
    if backend == DbBackend::Sqlite {
        sums.extra("WITHOUT ROWID");
    }
    sums
}

/// Where the first or the last live sum begins, by the day (UTC).
async fn extent(connection: &impl ConnectionTrait, of: &str) -> Result<i64, DbErr> {
    let otherwise = if of == "MIN" { 0 } else { -1 };
    // Of one level at a time it is one step into the key.
    let of_level = LIVE.map(|level| {
        format!("SELECT {of}(start_us) AS at_us FROM usage_quarters WHERE level = {level}")
    });
    let sql = format!(
        "SELECT COALESCE({of}(at_us), {otherwise}) FROM ({}) AS ends",
        of_level.join(" UNION ALL ")
    );
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let row = connection.query_one_raw(statement).await?;
    let at: i64 = row.map_or(Ok(otherwise), |row| row.try_get_by_index(0))?;
    Ok(at.saturating_sub(at.rem_euclid(DAY_US)))
}

/// The sums of a day, put in order: few enough to be sorted in memory.
fn copied(from: i64, to: i64) -> String {
    let columns = format!("{}, {}", KEY.join(", "), SUMS.join(", "));
    let [ends, all] = LIVE;
    format!(
        "INSERT INTO {IN_ORDER} ({columns}) SELECT {columns} FROM usage_quarters \
         WHERE level IN ({ends}, {all}) AND start_us >= {from} AND start_us < {to} ORDER BY {}",
        KEY.join(", ")
    )
}
