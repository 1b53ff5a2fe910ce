//! Sums in levels: by quarter hour as calls come, and by hour, day, week and month once these are over.
//!
//! The sums by quarter hour of the table before are kept. Those by outcome and price state are made from the
//! calls, and the longer spans by Weir itself, in small steps while it runs.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend, Statement},
};

use crate::parts::{counter, flag, id, number, number_or_null, table, text};

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        manager.create_table(levels()).await?;
        for name in ["usage_quarters", "usage_sealed"] {
            manager.create_table(sums(name, backend)).await?;
        }
        let connection = manager.get_connection();
        for level in [
            "(1, 'ends', 'quarter', '', NULL, FALSE)",
            "(2, 'all', 'quarter', '', NULL, FALSE)",
        ] {
            let sql = format!("INSERT INTO usage_levels VALUES {level}");
            connection.execute_unprepared(&sql).await?;
        }
        connection.execute_unprepared(&carried_over()).await?;
        let mut day = extent(connection, "MIN").await?;
        let last = extent(connection, "MAX").await?;
        while day <= last {
            let end = day.saturating_add(DAY_US);
            let sql = by_end(backend, day, end);
            connection.execute_unprepared(&sql).await?;
            day = end;
        }
        manager
            .drop_table(Table::drop().table("usage_rollups").take())
            .await?;
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

const QUARTER_US: i64 = 900_000_000;
const DAY_US: i64 = 96 * QUARTER_US;

/// The order of the key, which is the order of the rows: a filter by person or application, or by provider and
/// model, is a step into each span.
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
];
const REASONING: &str = "tokens_reasoning";

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

/// Every sum, and what it is of one call.
fn every_sum() -> Vec<(&'static str, String)> {
    let state = |key: &str| format!("CASE WHEN price_state = '{key}' THEN 1 ELSE 0 END");
    let all_tokens: Vec<String> = TOKENS
        .iter()
        .map(|name| format!("COALESCE({name}, 0)"))
        .collect();
    let mut sums = vec![
        (
            "requests",
            "CASE WHEN outcome <> 'rejected' THEN 1 ELSE 0 END".to_owned(),
        ),
        ("priced_calls", state("priced")),
        ("estimated_calls", state("estimated")),
        ("unpriced_calls", state("unpriced")),
        ("not_billed_calls", state("not_billed")),
        ("cost_total_nano", "cost_total_nano".to_owned()),
        ("tokens_total", all_tokens.join(" + ")),
        ("searches", "searches".to_owned()),
    ];
    let tokens = TOKENS.iter().chain([&REASONING]);
    sums.extend(tokens.map(|name| (*name, (*name).to_owned())));
    // The known parts of a call whose total is not known are no spend.
    sums.extend(COSTS.iter().map(|name| {
        let known = format!("CASE WHEN cost_total_nano IS NULL THEN 0 ELSE {name} END");
        (*name, known)
    }));
    sums
}

/// Which sums there are, and up to where each level has them. The live ones, by quarter hour, always have
/// all; of the others `sealed_until_us` says it, empty for not begun.
fn levels() -> TableCreateStatement {
    table(
        "usage_levels",
        [
            number("id").primary_key().take(),
            text("side"),
            text("span"),
            text("zone"),
            number_or_null("sealed_until_us"),
            flag("dropping"),
        ],
    )
}

/// Sums over calls. What a level does not tell apart is empty in its key, and so are nobody and nothing; no
/// token is the UUID of zeros.
fn sums(name: &'static str, backend: DbBackend) -> TableCreateStatement {
    let head = KEY.iter().map(|name| match *name {
        "level" | "start_us" => number(name),
        "token" => id(name),
        name => text(name),
    });
    let counts = every_sum().into_iter().map(|(name, _)| counter(name));
    let mut sums = table(name, head.chain(counts));
    let mut key = Index::create();
    for column in KEY {
        key.col(*column);
    }
    sums.primary_key(key.name(format!("{name}_key")));
    // Rows in the order of the key, as Postgres can have them by CLUSTER; half the work for each.
    if backend == DbBackend::Sqlite {
        sums.extra("WITHOUT ROWID");
    }
    sums
}

/// The sums by quarter hour as they were.
fn carried_over() -> String {
    let sums: Vec<&str> = every_sum().into_iter().map(|(name, _)| name).collect();
    let sums = sums.join(", ");
    format!(
        "INSERT INTO usage_quarters ({}, {sums}) \
         SELECT 2, start_us, user_name, agent, provider, model, provider_type, '', '', token, {sums} \
         FROM usage_rollups WHERE span_minutes = 15",
        KEY.join(", ")
    )
}

/// The first or the last day (UTC) that has a call.
async fn extent(connection: &impl ConnectionTrait, of: &str) -> Result<i64, DbErr> {
    let otherwise = if of == "MIN" { 0 } else { -1 };
    let sql = format!("SELECT COALESCE({of}(started_at_us), {otherwise}) FROM calls");
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let row = connection.query_one_raw(statement).await?;
    let at: i64 = row.map_or(Ok(otherwise), |row| row.try_get_by_index(0))?;
    Ok(at.saturating_sub(at.rem_euclid(DAY_US)))
}

/// The sums by outcome and price state over the calls of a day.
fn by_end(backend: DbBackend, from: i64, to: i64) -> String {
    let (names, values): (Vec<&str>, Vec<String>) = every_sum()
        .into_iter()
        .map(|(name, of)| (name, format!("CAST(COALESCE(SUM({of}), 0) AS BIGINT)")))
        .unzip();
    let nobody = match backend {
        DbBackend::Postgres => "CAST('00000000-0000-0000-0000-000000000000' AS uuid)",
        _ => "X'00000000000000000000000000000000'",
    };
    // Times before 1970 would be rounded the other way.
    let quarter = format!("{from} + (started_at_us - {from}) / {QUARTER_US} * {QUARTER_US}");
    format!(
        "INSERT INTO usage_quarters ({}, {}) \
         SELECT 1, {quarter}, '', '', provider, COALESCE(model, ''), provider_type, outcome, price_state, \
         {nobody}, {} FROM calls WHERE started_at_us >= {from} AND started_at_us < {to} \
         GROUP BY {quarter}, provider, provider_type, COALESCE(model, ''), outcome, price_state",
        KEY.join(", "),
        names.join(", "),
        values.join(", ")
    )
}
