//! A database that is locked, slow, damaged, removed, replaced or newer. Calls go on, their rows are in the journal,
//! and what to do is said.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use sea_orm::ConnectionTrait;
use serde_json::Value;

use crate::{
    books::Notes,
    console::Person,
    files::{back_up, other, restore, spoil, sql},
    place::Place,
    weir::Weir,
};

/// What a call may take while the database cannot be written.
const NOT_HELD_UP: Duration = Duration::from_secs(4);

#[tokio::test]
async fn a_database_that_is_locked_for_half_a_minute_holds_up_no_call() {
    let place = Place::new().await;
    let weir = place.start().await;
    let mut notes = place.calls(&weir, 20).await;
    let person = Person::signed_in(&place, &weir).await;
    let lock = other(&place.data().join("weir.db")).await;
    lock.execute_unprepared("BEGIN IMMEDIATE").await.unwrap();
    let locked = Instant::now();
    // A form cannot be taken, and comes back with what was typed, but for the secret.
    let form = "name=A_NEW_KEY&value=hush-hush";
    let (status, page) = person.send(&weir, "/new-secret", form).await;
    assert_eq!(status, 503, "{page}");
    assert!(
        page.contains("A_NEW_KEY") && page.contains("Send again"),
        "{page}"
    );
    assert!(!page.contains("hush-hush"), "{page}");
    while locked.elapsed() < Duration::from_secs(30) {
        let some = place.calls(&weir, 20).await;
        assert_eq!(some.delivered.len(), 20);
        assert!(some.slowest < NOT_HELD_UP, "{:?}", some.slowest);
        notes.add(some);
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    assert_eq!(place.status(&weir, "/readyz").await.0, 200);
    let system = place.get(&weir, "/api/v1/system").await;
    assert!(
        system["ledger"]["calls_behind"].as_u64() > Some(0),
        "{system}"
    );
    let message = system["ledger"]["trouble"]["message"].as_str();
    assert!(message.unwrap().contains("locked"), "{system}");
    let told = person.page(&weir, "/settings").await;
    assert!(told.contains("Cannot be written") && told.contains("kept in the journal"));
    lock.execute_unprepared("ROLLBACK").await.unwrap();
    lock.close().await.unwrap();
    place.books_balance(&weir, &notes).await;
    let (status, _) = person.send(&weir, "/new-secret", form).await;
    assert_eq!(status, 303, "it is taken now");
    assert!(weir.stop().await.success());
}

/// Every write waits, as on a disk that is slow: somebody else holds the lock most of the time.
#[tokio::test]
async fn a_database_that_is_slow_holds_up_no_call() {
    let place = Place::new().await;
    let weir = place.start().await;
    let done = Arc::new(AtomicBool::new(false));
    let lock = other(&place.data().join("weir.db")).await;
    let slow = tokio::spawn({
        let done = Arc::clone(&done);
        async move {
            while !done.load(Ordering::Acquire) {
                if lock.execute_unprepared("BEGIN IMMEDIATE").await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(400)).await;
                    lock.execute_unprepared("ROLLBACK").await.unwrap();
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            lock.close().await.unwrap();
        }
    });
    let mut notes = Notes::default();
    for _ in 0..8 {
        notes.add(place.calls(&weir, 40).await);
    }
    assert_eq!((notes.delivered.len(), notes.refused), (320, 0));
    assert!(notes.slowest < NOT_HELD_UP, "{:?}", notes.slowest);
    done.store(true, Ordering::Release);
    slow.await.unwrap();
    place.books_balance(&weir, &notes).await;
}

/// The ledger says what is wrong, `/readyz` says no, and calls are taken all the same.
async fn is_told(place: &Place, weir: &Weir, notes: &mut Notes, words: &str) {
    let began = Instant::now();
    let system = loop {
        let some = place.calls(weir, 20).await;
        assert_eq!(some.delivered.len(), 20, "{}", weir.said());
        notes.add(some);
        let system = place.get(weir, "/api/v1/system").await;
        if told(&system).contains(words) {
            break system;
        }
        assert!(
            began.elapsed() < crate::weir::PATIENCE,
            "{system}\n{}",
            weir.said()
        );
    };
    let file = place.data().join("weir.db").display().to_string();
    assert!(told(&system).contains(&file), "{system}");
    let (status, why) = place.status(weir, "/readyz").await;
    assert_eq!(status, 503, "{why}");
    assert!(why.contains("damaged or gone"), "{why}");
    assert_eq!(place.status(weir, "/healthz").await.0, 200);
    weir.says("until somebody mends it").await;
}

fn told(system: &Value) -> &str {
    system["ledger"]["trouble"]["message"]
        .as_str()
        .unwrap_or_default()
}

#[tokio::test]
async fn a_database_that_is_damaged_while_weir_runs_is_told_and_a_backup_gets_all_calls() {
    let place = Place::new().await;
    let file = place.data().join("weir.db");
    back_up(&file);
    let weir = place.start().await;
    let mut notes = place.calls(&weir, 100).await;
    place.books_balance(&weir, &notes).await;
    // Everything is put into the file, and nobody has pages of it in memory any more.
    sql(
        &file,
        "UPDATE settings SET updated_at_us = updated_at_us + 1",
    )
    .await;
    sql(&file, "PRAGMA wal_checkpoint(TRUNCATE)").await;
    spoil(&file, 2);
    is_told(&place, &weir, &mut notes, "is damaged").await;
    weir.stop().await;
    let said = place.try_start().await.err().unwrap();
    assert!(
        said.contains("is damaged") && said.contains("put a backup"),
        "{said}"
    );
    restore(&file);
    let weir = place.start().await;
    place.books_balance(&weir, &notes).await;
    assert!(weir.stop().await.success());
}

#[tokio::test]
async fn a_database_that_is_damaged_while_stopped_is_not_started_on() {
    let place = Place::new().await;
    let file = place.data().join("weir.db");
    back_up(&file);
    let weir = place.start().await;
    let notes = place.calls(&weir, 20).await;
    assert!(weir.stop().await.success());
    for page in [1, 2] {
        spoil(&file, page);
        let said = place.try_start().await.err().unwrap();
        let named = format!("{} is damaged", file.display());
        assert!(
            said.contains(&named) && said.contains("put a backup"),
            "{said}"
        );
        restore(&file);
    }
    let weir = place.start().await;
    place.books_balance(&weir, &notes).await;
}

#[tokio::test]
async fn a_database_that_is_removed_or_replaced_while_weir_runs_is_told_and_a_backup_gets_all_calls()
 {
    for replaced in [false, true] {
        let place = Place::new().await;
        let file = place.data().join("weir.db");
        let backup = back_up(&file);
        let weir = place.start().await;
        let mut notes = place.calls(&weir, 40).await;
        place.books_balance(&weir, &notes).await;
        if replaced {
            let copy = file.with_extension("copy");
            fs::copy(&backup, &copy).unwrap();
            fs::rename(&copy, &file).unwrap();
        } else {
            fs::remove_file(&file).unwrap();
        }
        is_told(&place, &weir, &mut notes, "was removed or replaced").await;
        weir.stop().await;
        if !replaced {
            let said = place.try_start().await.err().unwrap();
            assert!(
                said.contains("there is no database, but the journal"),
                "{said}"
            );
        }
        restore(&file);
        let weir = place.start().await;
        place.books_balance(&weir, &notes).await;
        assert!(weir.stop().await.success());
    }
}

#[tokio::test]
async fn a_log_that_is_removed_while_weir_runs_is_told_and_nothing_is_lost() {
    for killed in [false, true] {
        let place = Place::new().await;
        let weir = place.start().await;
        let mut notes = place.calls(&weir, 40).await;
        place.books_balance(&weir, &notes).await;
        fs::remove_file(place.data().join("weir.db-wal")).unwrap();
        is_told(
            &place,
            &weir,
            &mut notes,
            "weir.db-wal was removed or replaced",
        )
        .await;
        if killed {
            weir.kill();
        } else {
            weir.stop().await;
        }
        let weir = place.start().await;
        place.books_balance(&weir, &notes).await;
        assert!(weir.stop().await.success());
    }
}

#[tokio::test]
async fn a_log_that_is_removed_after_a_kill_loses_no_call() {
    let place = Place::new().await;
    let weir = place.start().await;
    let notes = place.calls(&weir, 60).await;
    place.books_balance(&weir, &notes).await;
    weir.kill();
    fs::remove_file(place.data().join("weir.db-wal")).unwrap();
    fs::remove_file(place.data().join("weir.db-shm")).unwrap();
    let weir = place.start().await;
    place.books_balance(&weir, &notes).await;
    assert!(weir.stop().await.success());
}

#[tokio::test]
async fn a_backup_whose_calls_the_journal_no_longer_has_tells_that_some_are_missing() {
    const MISSING: &str = "The journal does not begin where the database ends";
    let place = Place::new().await;
    let file = place.data().join("weir.db");
    let mut notes = Notes::default();
    for _ in 0..2 {
        let weir = place.start().await;
        notes.add(place.calls(&weir, 20).await);
        place.books_balance(&weir, &notes).await;
        assert!(weir.stop().await.success());
    }
    back_up(&file);
    let weir = place.start().await;
    let later = place.calls(&weir, 20).await;
    assert!(weir.stop().await.success());
    let said = fs::read_to_string(place.log()).unwrap();
    assert!(!said.contains(MISSING), "{said}");
    // A backup of a while ago: meanwhile the journal's files of that time were removed.
    fs::remove_dir_all(place.data().join("journal")).unwrap();
    restore(&file);
    let weir = place.start().await;
    weir.says(MISSING).await;
    notes.sent += later.sent;
    notes.destroyed = later.delivered.len();
    place.books_balance(&weir, &notes).await;
    assert!(weir.stop().await.success());
}

#[tokio::test]
async fn a_database_of_a_newer_weir_is_left_alone() {
    let place = Place::new().await;
    for (name, table) in [
        ("weir.db", "seaql_migrations"),
        ("transcripts.db", "transcripts_migrations"),
    ] {
        let file = place.data().join(name);
        sql(
            &file,
            &format!("INSERT INTO {table} VALUES ('m9999_of_the_future', 1)"),
        )
        .await;
        let (said, runs) = match place.try_start().await {
            Ok(weir) => {
                let system = place.get(&weir, "/api/v1/system").await;
                (
                    system["transcripts"]["trouble"]["message"].to_string(),
                    true,
                )
            }
            Err(said) => (said, false),
        };
        assert_eq!(
            runs,
            name == "transcripts.db",
            "transcripts keep nothing from starting"
        );
        assert!(
            said.contains("newer Weir") && said.contains("m9999_of_the_future"),
            "{said}"
        );
        sql(
            &file,
            &format!("DELETE FROM {table} WHERE version = 'm9999_of_the_future'"),
        )
        .await;
    }
    assert!(place.start().await.stop().await.success());
}
