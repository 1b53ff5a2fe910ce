//! The books done again by another program: Python, on the file of the database, with its own sqlite3, decimal
//! and time zones. What the REST API tells is among what it compares.

use std::{
    path::Path,
    process::{Command, Output},
};

use catalog::Catalog;
use domain::{Timestamp, call::Call};
use journal::{Entry, Journal, Position, SyncPolicy};
use sample::{Caller, Past, World};
use serde_json::{Value, json};
use store::{AuditEntry, ledger::Writer, retention::Keep};

use crate::app::App;

/// Some weeks with the end of summer time in Berlin in them.
const END: &str = "2026-11-20T12:00:00Z";
const CALLS: u64 = 2_500;

fn past(end: Timestamp) -> Vec<Call> {
    let catalog = Catalog::builtin().unwrap();
    let providers = sample::providers(&catalog, 6, 3, end);
    let callers = sample::tokens(12, 6, end).into_iter().map(Caller::from);
    let world = World::new(&providers, &catalog, callers.collect(), 30);
    let past = Past {
        calls: CALLS,
        days: 40,
        end,
        seed: 7,
    };
    world.calls(&past).unwrap().collect()
}

fn entry(at: Timestamp, setting: &str) -> AuditEntry {
    AuditEntry {
        at,
        actor: "system".to_owned(),
        action: "update".to_owned(),
        object_kind: "settings".to_owned(),
        object_id: setting.to_owned(),
        before: None,
        after: None,
        address: None,
    }
}

async fn ledger() -> App {
    let app = App::new().await;
    let end = END.parse().unwrap();
    let entry = entry(end, "report_time_zone");
    app.store
        .settings()
        .set("report_time_zone", &json!("Europe/Berlin"), &entry)
        .await
        .unwrap();
    let (_, reader) = Journal::open(&app.dir.path().join("journal"), SyncPolicy::Off).unwrap();
    let mut writer = Writer::new(app.store.clone(), reader).unwrap();
    let entries = past(end).into_iter();
    let entries = entries.map(|call| Entry::Finish(Box::new(call))).collect();
    writer.record(entries, Position::default()).await.unwrap();
    writer.seal(end).await.unwrap();
    app
}

/// What the API tells of some questions, with what must be known to answer them again.
async fn answers(app: &App) -> Vec<Value> {
    let agent = "agent";
    let filters: [&[(&str, &str)]; 4] = [
        &[],
        &[("agent", "")],
        &[("agent.not", "")],
        &[("user", "nobody-like-it"), (agent, "x")],
    ];
    let range = "from=2026-10-12T03:07:00Z&to=2026-11-20T11:00:01Z";
    let mut answers = vec![];
    for (place, zone) in ["Europe/Berlin", "Asia/Kathmandu", "America/New_York", "UTC"]
        .iter()
        .enumerate()
    {
        let filter = filters[place];
        let narrowed: String = filter
            .iter()
            .map(|(name, value)| format!("&{name}={value}"))
            .collect();
        for bucket in ["hour", "day", "week", "month"] {
            for (metric, by) in [
                ("spend", "provider"),
                ("spend", "cost_type"),
                ("tokens", "token_type"),
                ("tokens", "user"),
                ("requests", "token"),
                ("requests", "none"),
            ] {
                let query = format!(
                    "/api/v1/usage?metric={metric}&group_by={by}&bucket={bucket}&tz={zone}&{range}{narrowed}"
                );
                let usage = app.get(&query).await.json(200);
                answers.push(json!({"usage": usage, "filters": filter}));
            }
        }
        for bucket in ["hour", "day", "month", "total"] {
            for by in [
                &["provider", "model", "outcome", "price_state"][..],
                &["agent", "user"],
            ] {
                // How calls ended is not known of those of one agent alone.
                if !filter.is_empty() && by.contains(&"outcome") {
                    continue;
                }
                let query = format!(
                    "/api/v1/usage/report.csv?bucket={bucket}&by={}&tz={zone}&{range}{narrowed}",
                    by.join(",")
                );
                let csv = app.get(&query).await;
                assert_eq!(csv.status.as_u16(), 200, "{}", csv.text);
                let report = json!({
                    "bucket": bucket, "by": by, "tz": zone,
                    "from": "2026-10-12T03:07:00Z", "to": "2026-11-20T11:00:01Z",
                });
                answers.push(json!({"csv": csv.text, "report": report, "filters": filter}));
            }
        }
    }
    answers
}

#[tokio::test]
async fn another_program_finds_the_same_figures() {
    let app = ledger().await;
    let answers = answers(&app).await;
    let told = right(&app, &answers);
    assert!(
        told.contains(&format!("{CALLS} calls, {} answers", answers.len())),
        "{told}"
    );
    assert!(!told.contains("deleted"), "{told}");

    // It does find what is wrong.
    let mut wrong = answers;
    wrong[0]["usage"]["total"] = json!("0.000000001");
    let told = not_right(&app, &wrong);
    assert!(told.contains("total: told 1, found"), "{told}");
}

#[tokio::test]
async fn where_calls_are_deleted_it_does_again_what_is_left() {
    let app = ledger().await;
    keep_three_weeks(&app).await;
    let mut answers = vec![];
    // The second reaches back to before the calls that are left.
    for from in ["2026-11-03T03:07:00Z", "2026-10-12T03:07:00Z"] {
        let query = format!(
            "/api/v1/usage?metric=spend&group_by=provider&bucket=day&tz=Europe/Berlin&from={from}&to=2026-11-20T11:00:01Z"
        );
        answers.push(json!({"usage": app.get(&query).await.json(200), "filters": []}));
    }
    let told = right(&app, &answers);
    let skipped = "sums, 1 answers";
    assert!(
        told.contains("are deleted: skipped ") && told.contains(skipped),
        "{told}"
    );
    assert!(!told.contains("skipped 0 sums"), "{told}");
    let calls: u64 = told.split(' ').next().unwrap().parse().unwrap();
    assert!(calls > 0 && calls < CALLS, "{told}");

    // Of that it still finds what is wrong.
    for (falsify, found) in [
        (
            "UPDATE usage_quarters SET requests = requests + 1 WHERE start_us = (SELECT MAX(start_us) FROM usage_quarters)",
            "by quarter ",
        ),
        (
            "UPDATE usage_sealed SET tokens_total = tokens_total + 1 WHERE start_us = (SELECT MAX(start_us) FROM usage_sealed)",
            "tokens_total: told ",
        ),
        (
            "UPDATE calls SET cost_reasoning_nano = 1 WHERE rowid = (SELECT MAX(rowid) FROM calls)",
            "reasoning: told 1, found",
        ),
    ] {
        python(&app, &["-c", FALSIFY], &[falsify]);
        let told = not_right(&app, &[]);
        assert!(told.contains(found), "{told}");
    }
}

/// Changes the database behind Weir's back.
const FALSIFY: &str = "import sqlite3, sys; db = sqlite3.connect(sys.argv[1], isolation_level=None); db.execute(sys.argv[2])";

/// Has calls of before the last three weeks deleted.
async fn keep_three_weeks(app: &App) {
    let end: Timestamp = END.parse().unwrap();
    let keep = Keep {
        calls_days: Some(21),
        sums_days: None,
    };
    let entry = entry(end, "retention");
    app.store.retention().set(keep, &entry).await.unwrap();
    let (_, reader) = Journal::open(&app.dir.path().join("journal-2"), SyncPolicy::Off).unwrap();
    let mut writer = Writer::new(app.store.clone(), reader).unwrap();
    writer.seal(end).await.unwrap();
}

fn python(app: &App, program: &[&str], arguments: &[&str]) -> Output {
    Command::new("python3")
        .args(program)
        .arg(app.dir.path().join("weir.db"))
        .args(arguments)
        .output()
        .unwrap()
}

/// Does the books again, and the answers. Says what was found.
fn check(app: &App, answers: &[Value]) -> (bool, String) {
    let file = app.dir.path().join("answers.json");
    std::fs::write(&file, serde_json::to_vec(answers).unwrap()).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/books/check.py");
    let found = python(app, &[script.to_str().unwrap()], &[file.to_str().unwrap()]);
    let told = String::from_utf8_lossy(&found.stdout).into_owned();
    let is_right = found.status.success();
    assert!(is_right || found.status.code() == Some(1), "{found:?}");
    assert!(found.stderr.is_empty(), "{found:?}");
    (is_right, told)
}

fn right(app: &App, answers: &[Value]) -> String {
    let (is_right, told) = check(app, answers);
    assert!(is_right, "{told}");
    told
}

fn not_right(app: &App, answers: &[Value]) -> String {
    let (is_right, told) = check(app, answers);
    assert!(!is_right, "{told}");
    told
}
