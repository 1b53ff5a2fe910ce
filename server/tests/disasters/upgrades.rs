//! Upgrades: a database as each earlier version of the schema has it, with everything that it could hold, is
//! opened by this Weir. Its figures are the same as before, and it goes on.

use std::{collections::HashSet, fs, path::Path};

use migrations::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};

use crate::{
    books::{Notes, nano},
    place::Place,
};

async fn texts(database: &DatabaseConnection, sql: String) -> Vec<String> {
    let rows = database
        .query_all_raw(Statement::from_string(DbBackend::Sqlite, sql))
        .await
        .unwrap();
    rows.iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect()
}

async fn columns(database: &DatabaseConnection, schema: &str, table: &str) -> Vec<String> {
    texts(
        database,
        format!("SELECT name FROM pragma_table_info('{table}', '{schema}')"),
    )
    .await
}

/// Makes a database of so many steps, with the rows of one of today: as far as its tables and columns go.
async fn older(file: &Path, today: &Path, steps: u32) {
    let url = format!("sqlite:{}?mode=rwc", file.display());
    let older = Database::connect(url).await.unwrap();
    Migrator::up(&older, Some(steps)).await.unwrap();
    older.close().await.unwrap();
    // One connection: what is attached belongs to it.
    let mut options = sea_orm::ConnectOptions::new(format!("sqlite:{}", file.display()));
    options.max_connections(1);
    let older = Database::connect(options).await.unwrap();
    let attach = format!("ATTACH '{}' AS today", today.display());
    older.execute_unprepared(&attach).await.unwrap();
    let tables = "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' \
                  AND name <> 'seaql_migrations'";
    for table in texts(&older, tables.to_owned()).await {
        let theirs: HashSet<String> = columns(&older, "today", &table).await.into_iter().collect();
        let mut ours = columns(&older, "main", &table).await;
        ours.retain(|column| theirs.contains(column));
        if ours.is_empty() {
            continue;
        }
        let ours = ours.join(", ");
        let copy = format!(
            "INSERT OR REPLACE INTO main.{table} ({ours}) SELECT {ours} FROM today.{table}"
        );
        older.execute_unprepared(&copy).await.unwrap();
    }
    let rollups = columns(&older, "main", "usage_rollups").await;
    if !rollups.is_empty() {
        // Before sums had levels: by quarter hour and by hour.
        let sums: Vec<&String> = rollups.iter().skip(2).collect();
        let key = 6;
        let names: Vec<&str> = sums.iter().map(|name| name.as_str()).collect();
        let summed: Vec<String> = names[key..]
            .iter()
            .map(|name| format!("SUM({name})"))
            .collect();
        for (span, start) in [(15, "start_us"), (60, "start_us / 3600000000 * 3600000000")] {
            let (all, keys) = (names.join(", "), names[..key].join(", "));
            let sql = format!(
                "INSERT INTO main.usage_rollups (span_minutes, start_us, {all}) SELECT {span}, {start}, {keys}, {} \
                 FROM today.usage_quarters WHERE level = 2 GROUP BY {start}, {keys}",
                summed.join(", ")
            );
            older.execute_unprepared(&sql).await.unwrap();
        }
    }
    older.close().await.unwrap();
}

#[tokio::test]
async fn a_database_of_each_earlier_version_is_brought_up_to_date_with_its_figures() {
    let place = Place::new().await;
    let weir = place.start().await;
    let notes = place.calls(&weir, 60).await;
    let rows = place.books_balance(&weir, &notes).await;
    assert!(weir.stop().await.success());
    let cost: i128 = rows.iter().map(|row| nano(&row["cost_usd"]["total"])).sum();
    let today = place.folder.path().join("today");
    fs::rename(place.data(), &today).unwrap();
    let has_calls = |step: &str| step >= "m0003";
    let steps = Migrator::migrations();
    for (before, step) in steps.iter().enumerate() {
        let count = u32::try_from(before + 1).unwrap();
        fs::create_dir(place.data()).unwrap();
        for name in ["master.key", "transcripts.db"] {
            fs::copy(today.join(name), place.data().join(name)).unwrap();
        }
        older(&place.data().join("weir.db"), &today.join("weir.db"), count).await;
        let weir = place.start().await;
        assert_eq!(
            weir.said().contains("Brought the database up to date"),
            before + 1 < steps.len(),
            "{}",
            weir.said()
        );
        let mut expected = Notes::default();
        if has_calls(step.name()) {
            expected = Notes {
                sent: notes.sent,
                delivered: notes.delivered.clone(),
                ..Notes::default()
            };
        } else {
            place.upstream.clear_requests();
        }
        // Providers, secrets and tokens of before are good for more calls.
        expected.add(place.calls(&weir, 4).await);
        assert_eq!(expected.refused, 0, "{}", step.name());
        let after = place.books_balance(&weir, &expected).await;
        assert_eq!(after.len(), expected.sent, "{}", step.name());
        if has_calls(step.name()) {
            let kept = after
                .iter()
                .filter(|row| notes.delivered.iter().any(|id| row["id"] == **id));
            let kept: i128 = kept.map(|row| nano(&row["cost_usd"]["total"])).sum();
            assert_eq!(kept, cost, "{}", step.name());
        }
        // The next database has no row of these.
        place.upstream.clear_requests();
        assert!(weir.stop().await.success());
        fs::remove_dir_all(place.data()).unwrap();
    }
}
