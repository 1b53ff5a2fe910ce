//! By which index SQLite finds the rows of a list.

use domain::{NanoUsd, ProviderId, call::Operation, call::Outcome};
use sea_orm::{
    ConnectionTrait, Statement,
    sea_query::{SelectStatement, SqliteQueryBuilder},
};

use super::{CallFilter, Choice, filter::Drive, latest, listed};
use crate::{MasterKey, Options, Store};

async fn store(dir: &tempfile::TempDir) -> Store {
    let file = dir.path().join("weir.db");
    Store::open(Options {
        database_url: format!("sqlite:{}", file.display()),
        master_key: MasterKey::generate().unwrap(),
        readers: 1,
    })
    .await
    .unwrap()
}

/// How SQLite goes about the queries of a list, one line each.
async fn plans(store: &Store, filter: &CallFilter) -> Vec<String> {
    let mut plans = vec![];
    for drive in Drive::of(filter) {
        plans.push(plan(store, &listed(filter, drive.as_ref(), None, 51)).await);
    }
    plans
}

async fn plan(store: &Store, query: &SelectStatement) -> String {
    let query = query.to_string(SqliteQueryBuilder);
    let explain = Statement::from_string(store.backend(), format!("EXPLAIN QUERY PLAN {query}"));
    let rows = store.readers().query_all_raw(explain).await.unwrap();
    let steps: Vec<String> = rows
        .iter()
        .map(|row| row.try_get_by_index(3).unwrap())
        .collect();
    steps.join("; ")
}

#[tokio::test]
async fn the_latest_calls_are_one_step_into_an_index_each() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(&dir).await;
    let ids = ["a", "b"].map(|id| ProviderId::new(id).unwrap());
    let plan = plan(&store, &latest(&ids)).await;
    for step in [
        "SEARCH calls USING INDEX calls_id (id=?)",
        "SEARCH newest USING INDEX calls_provider (provider=?)",
    ] {
        assert!(plan.contains(step), "{plan}");
    }
    assert!(!plan.contains("SCAN calls"), "{plan}");
}

#[tokio::test]
async fn lists_of_what_is_rare_do_not_read_the_whole_ledger() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(&dir).await;
    let any = CallFilter::default;
    let failures = Choice {
        any_of: vec![],
        none_of: vec![Outcome::Ok],
    };
    let cases = [
        (
            "calls_outcome",
            5,
            CallFilter {
                outcomes: failures,
                ..any()
            },
        ),
        (
            "calls_outcome",
            5,
            CallFilter {
                statuses: Choice {
                    any_of: vec![429..=429, 500..=599],
                    none_of: vec![],
                },
                ..any()
            },
        ),
        (
            "calls_dear",
            1,
            CallFilter {
                cost_above: Some(NanoUsd(50_000_000)),
                ..any()
            },
        ),
        (
            "calls_slow",
            1,
            CallFilter {
                latency_above_us: Some(30_000_000),
                ..any()
            },
        ),
        (
            "calls_operation",
            1,
            CallFilter {
                operations: Choice::only(Operation::Embeddings),
                ..any()
            },
        ),
    ];
    for (index, queries, filter) in cases {
        let plans = plans(&store, &filter).await;
        assert_eq!(plans.len(), queries, "{plans:?}");
        for plan in plans {
            assert!(
                plan.contains(&format!("INDEX {index} ")) || plan.ends_with(index),
                "{plan}"
            );
            assert!(!plan.contains("TEMP B-TREE"), "{plan}");
        }
    }
}
