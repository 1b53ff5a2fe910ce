//! The schema from nothing, and again over data.

use sea_orm_migration::sea_orm::ConnectionTrait;
use weir_migrations::{Migrator, MigratorTrait};

use crate::common::{bytes, column, fresh, names, uuid};

const TABLES: &[&str] = &[
    "admins",
    "api_tokens",
    "audit",
    "call_prices",
    "calls",
    "catalogs",
    "deleted_providers",
    "deleted_tokens",
    "deletions",
    "journal_position",
    "master_keys",
    "one_time_links",
    "open_calls",
    "providers",
    "repricings",
    "secrets",
    "sessions",
    "settings",
    "tokens",
    "usage_checksums",
    "usage_levels",
    "usage_quarters",
    "usage_sealed",
];

#[tokio::test]
async fn every_table_is_made_from_nothing() {
    let fresh = fresh().await;
    let db = &fresh.db;
    Migrator::up(db, None).await.unwrap();
    assert_eq!(names(db, "table").await, TABLES);
    let indexes = names(db, "index").await;
    for index in [
        "calls_price_state",
        "calls_operation",
        "calls_dear",
        "calls_slow",
        "calls_attempt_of",
        "audit_at",
        "audit_kind",
        "audit_refused",
    ] {
        assert!(indexes.contains(&index.to_owned()), "{index}");
    }
    assert!(
        Migrator::get_pending_migrations(db)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn each_step_keeps_the_data_of_the_ones_before() {
    let fresh = fresh().await;
    let db = &fresh.db;
    let (ada, link) = (uuid("1122"), bytes("0102"));
    let rows = [
        "INSERT INTO settings VALUES ('time_zone', '\"Europe/Berlin\"', 1)".to_owned(),
        format!("INSERT INTO admins VALUES ({ada}, 'ada', '$argon2id$', 1)"),
        format!("INSERT INTO open_calls VALUES ({ada}, 'openai-main', '{{}}')"),
        format!("INSERT INTO one_time_links VALUES ({link}, 'set_password', 1, 2)"),
    ];
    for row in rows {
        Migrator::up(db, Some(1)).await.unwrap();
        db.execute_unprepared(&row).await.unwrap();
    }
    Migrator::up(db, None).await.unwrap();
    for table in ["settings", "admins", "open_calls", "one_time_links"] {
        let sql = format!("SELECT count(*) FROM {table}");
        assert_eq!(column::<i64>(db, &sql).await, [1], "{table}");
    }
}

#[tokio::test]
async fn people_and_links_of_before_are_enabled_and_of_nobody() {
    let fresh = fresh().await;
    let db = &fresh.db;
    Migrator::up(db, Some(4)).await.unwrap();
    let (ada, link) = (uuid("1122"), bytes("0102"));
    for row in [
        format!("INSERT INTO admins VALUES ({ada}, 'ada', '$argon2id$', 1)"),
        format!("INSERT INTO one_time_links VALUES ({link}, 'set_password', 1, 2)"),
    ] {
        db.execute_unprepared(&row).await.unwrap();
    }
    Migrator::up(db, None).await.unwrap();
    for sql in [
        "SELECT count(*) FROM admins WHERE name = 'ada' AND password_hash = '$argon2id$' \
         AND disabled_at_us IS NULL AND enabled_at_us IS NULL AND last_signed_in_at_us IS NULL",
        "SELECT count(*) FROM one_time_links WHERE expires_at_us = 2 AND person IS NULL",
    ] {
        assert_eq!(column::<i64>(db, sql).await, [1], "{sql}");
    }
    let token = |id: &str| {
        format!(
            "INSERT INTO api_tokens VALUES ({}, {}, 'ci', 'wra_abc', {}, 1, NULL, NULL)",
            uuid(id),
            uuid("2"),
            bytes("03")
        )
    };
    db.execute_unprepared(&token("1")).await.unwrap();
    assert!(
        db.execute_unprepared(&token("4")).await.is_err(),
        "one hash, one token"
    );
}

#[tokio::test]
async fn sums_by_quarter_hour_are_kept_and_those_by_outcome_made_from_the_calls() {
    let fresh = fresh().await;
    let db = &fresh.db;
    let steps = Migrator::migrations();
    let this = steps
        .iter()
        .position(|step| step.name() == "m0007_sums_that_are_sealed")
        .unwrap();
    Migrator::up(db, Some(u32::try_from(this).unwrap()))
        .await
        .unwrap();
    // Two calls in one quarter hour and one long before, each with its sums by quarter hour and by hour.
    let calls = [
        (1, 900_000_001_i64, "'gpt'", "ok", "priced", "5"),
        (2, 1_700_000_000, "NULL", "rejected", "not_billed", "NULL"),
        (3, 1_799_999_999, "'gpt'", "ok", "unpriced", "NULL"),
        (4, 90_000_000_000, "'gpt'", "ok", "estimated", "7"),
    ];
    for (id, at, model, outcome, state, cost) in calls {
        let row = format!(
            "INSERT INTO calls (id, started_at_us, provider, provider_type, model, outcome, price_state, \
             operation, status, latency_us, cost_total_nano, cost_input_nano, tokens_input, streamed, \
             overhead_us, catalog_version, usage_mismatch, rates) VALUES ({}, {at}, 'a', 'openai', \
             {model}, '{outcome}', '{state}', 'chat', 200, 1, {cost}, 5, 10, FALSE, 1, '', FALSE, '{{}}')",
            uuid(&id.to_string())
        );
        db.execute_unprepared(&row).await.unwrap();
    }
    for span in [15, 60] {
        let row = format!(
            "INSERT INTO usage_rollups (span_minutes, start_us, provider, provider_type, model, agent, \
             user_name, token, requests, cost_total_nano) VALUES \
             ({span}, 900000000, 'a', 'openai', 'gpt', '', 'ada', {}, 2, 5)",
            uuid("0")
        );
        db.execute_unprepared(&row).await.unwrap();
    }
    Migrator::up(db, None).await.unwrap();
    let kept = "SELECT start_us || ' ' || user_name || ' ' || requests || ' ' || cost_total_nano \
                FROM usage_quarters WHERE level = 2";
    assert_eq!(column::<String>(db, kept).await, ["900000000 ada 2 5"]);
    let made = "SELECT start_us || ' ' || model || ' ' || outcome || ' ' || price_state || ' ' || requests \
                || ' ' || unpriced_calls || ' ' || cost_total_nano || ' ' || cost_input_nano || ' ' || \
                tokens_total FROM usage_quarters WHERE level = 1 ORDER BY start_us, outcome, price_state";
    assert_eq!(
        column::<String>(db, made).await,
        [
            "900000000 gpt ok priced 1 0 5 5 10",
            "900000000 gpt ok unpriced 1 1 0 0 10",
            "900000000  rejected not_billed 0 0 0 0 10",
            "90000000000 gpt ok estimated 1 0 7 5 10",
        ]
    );
    let levels = "SELECT side || ' ' || span FROM usage_levels ORDER BY id";
    assert_eq!(
        column::<String>(db, levels).await,
        ["ends quarter", "all quarter"]
    );
}

#[tokio::test]
async fn levels_of_before_have_everything() {
    let fresh = fresh().await;
    let db = &fresh.db;
    let steps = Migrator::migrations();
    let this = steps
        .iter()
        .position(|step| step.name() == "m0009_retention")
        .unwrap();
    Migrator::up(db, Some(u32::try_from(this).unwrap()))
        .await
        .unwrap();
    let hours = "INSERT INTO usage_levels (id, side, span, zone, sealed_until_us, dropping) \
                 VALUES (3, 'provider', 'hour', 'UTC', 7, FALSE)";
    db.execute_unprepared(hours).await.unwrap();
    Migrator::up(db, None).await.unwrap();
    let sql = "SELECT count(*) FROM usage_levels WHERE kept_from_us IS NULL \
               AND COALESCE(sealed_until_us, 0) = CASE id WHEN 3 THEN 7 ELSE 0 END";
    assert_eq!(column::<i64>(db, sql).await, [3]);
}

#[tokio::test]
async fn calls_of_before_were_tried_once() {
    let fresh = fresh().await;
    let db = &fresh.db;
    let steps = Migrator::migrations();
    let this = steps
        .iter()
        .position(|step| step.name() == "m0010_attempts")
        .unwrap();
    Migrator::up(db, Some(u32::try_from(this).unwrap()))
        .await
        .unwrap();
    let call = |id: &str, column: &str, value: &str| {
        format!(
            "INSERT INTO calls (id, started_at_us, provider, provider_type, outcome, price_state, operation, \
             status, latency_us, streamed, overhead_us, catalog_version, usage_mismatch, rates{column}) VALUES \
             ({}, 1, 'a', 'openai', 'ok', 'priced', 'chat', 200, 1, FALSE, 1, '', FALSE, '{{}}'{value})",
            uuid(id)
        )
    };
    db.execute_unprepared(&call("1", "", "")).await.unwrap();
    Migrator::up(db, None).await.unwrap();
    let second = call("2", ", attempt_of", &format!(", {}", uuid("1")));
    db.execute_unprepared(&second).await.unwrap();
    for (condition, rows) in [("IS NULL", 1), ("IS NOT NULL", 1)] {
        let sql = format!("SELECT count(*) FROM calls WHERE attempt_of {condition}");
        assert_eq!(column::<i64>(db, &sql).await, [rows], "{condition}");
    }
}

#[tokio::test]
async fn nothing_goes_back() {
    let fresh = fresh().await;
    let db = &fresh.db;
    Migrator::up(db, None).await.unwrap();
    assert!(Migrator::down(db, Some(1)).await.is_err());
    assert_eq!(names(db, "table").await, TABLES);
}

#[tokio::test]
async fn what_was_audited_before_results_were_kept_was_done() {
    let fresh = fresh().await;
    let db = &fresh.db;
    let steps = Migrator::migrations();
    let whole_audit = steps
        .iter()
        .position(|step| step.name() == "m0006_catalogs_and_the_whole_audit")
        .unwrap();
    Migrator::up(db, Some(u32::try_from(whole_audit).unwrap()))
        .await
        .unwrap();
    let row = "INSERT INTO audit (at_us, actor, action, object_kind, object_id, after) \
               VALUES (1, 'person:ada', 'create', 'secret', 'KEY', '{\"used\":false}')";
    db.execute_unprepared(row).await.unwrap();
    Migrator::up(db, None).await.unwrap();
    let sql = "SELECT actor || ' ' || after || ' ' || result || ' ' || times FROM audit";
    assert_eq!(
        column::<String>(db, sql).await,
        ["person:ada {\"used\":false} done 1"]
    );
}
