//! `kill -9` at random: while the journal is replayed, again and again, and while everything runs that Weir does
//! beside calls. What is killed among calls alone is `weir-bench kill`.

use std::{
    collections::hash_map::RandomState,
    hash::BuildHasher,
    sync::{Arc, atomic::AtomicBool},
    time::{Duration, Instant},
};

use reqwest::Method;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::{
    books::Notes,
    clocks::{Clock, DAY},
    files::{other, sql},
    place::Place,
    weir::{PATIENCE, Weir, spawn},
};

/// Some number below another. Which one tells whoever reads that a test failed.
fn random(below: u64) -> u64 {
    let number = RandomState::new().hash_one(Instant::now()) % below;
    println!("random: {number} of {below}");
    number
}

/// Kills it in the middle of calls, when so many more have gone up.
async fn killed_among_calls(place: &Place, weir: Weir, more: usize) -> Notes {
    let before = place.upstream.requests().len();
    let calls = tokio::spawn(place.load(&weir, u32::MAX, &Arc::new(AtomicBool::new(false))));
    let began = Instant::now();
    while place.upstream.requests().len() < before + more {
        assert!(began.elapsed() < PATIENCE, "{}", weir.said());
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    weir.kill();
    calls.await.unwrap()
}

#[tokio::test]
async fn kills_while_the_journal_is_replayed_lose_no_call_and_count_none_twice() {
    let place = Place::new().await;
    let weir = place.start().await;
    // Nothing of it is in the database when Weir dies.
    let lock = other(&place.data().join("weir.db")).await;
    lock.execute_unprepared("BEGIN IMMEDIATE").await.unwrap();
    let notes = killed_among_calls(&place, weir, 500).await;
    lock.execute_unprepared("ROLLBACK").await.unwrap();
    lock.close().await.unwrap();
    for _ in 0..8 {
        let mut child = spawn(&place.data(), &place.flags, &place.env, &place.log());
        tokio::time::sleep(Duration::from_millis(random(400))).await;
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let weir = place.start().await;
    let rows = place.books_balance(&weir, &notes).await;
    assert!(rows.len() >= 500, "{}", rows.len());
}

#[tokio::test]
async fn kills_while_calls_are_recorded_sealed_deleted_and_priced_again_lose_no_call() {
    let mut place = Place::empty().await;
    let Some(clock) = Clock::of(&mut place) else {
        return;
    };
    // Calls of forty days ago, for sealing and deleting.
    clock.set(-40 * DAY);
    place.set_up().await;
    let weir = place.start().await;
    let old = place.calls(&weir, 200).await;
    place.books_balance(&weir, &old).await;
    assert!(weir.stop().await.success());
    place.env.clear();
    // As if Weir had run all the time since.
    let file = place.data().join("weir.db");
    sql(&file, "DELETE FROM settings WHERE key = 'clock'").await;
    let mut notes = Notes::default();
    for round in 0..5 {
        let weir = place.start().await;
        if round == 1 {
            let keep = json!({ "keep_calls_days": 10 });
            place
                .api(&weir, Method::PATCH, "/api/v1/settings", keep)
                .await;
        }
        notes.add(place.calls(&weir, 30).await);
        if round > 0 {
            price_again(&place, &weir).await;
        }
        let more = 40 + usize::try_from(random(120)).unwrap();
        notes.add(killed_among_calls(&place, weir, more).await);
        place.verify();
    }
    let weir = place.start().await;
    let began = Instant::now();
    let rows = loop {
        let rows = place.rows(&weir).await;
        let has = |id: &String| rows.iter().filter(|row| row["id"] == **id).count();
        let missing = notes.delivered.iter().filter(|id| has(id) == 0).count();
        let there = old.delivered.iter().filter(|id| has(id) > 0).count();
        if missing == 0 && there == 0 {
            break rows;
        }
        assert!(
            began.elapsed() < PATIENCE,
            "{missing} are missing, {there} are not deleted"
        );
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    for id in &notes.delivered {
        let mut its = rows.iter().filter(|row| row["id"] == **id);
        let row = its.next().unwrap();
        assert_eq!(
            (&row["outcome"], &row["price_state"]),
            (&json!("ok"), &json!("priced"))
        );
        assert!(its.next().is_none(), "{id} has two rows");
    }
    assert!(
        rows.len() <= notes.sent,
        "{} rows of {} calls",
        rows.len(),
        notes.sent
    );
    place.verify();
}

/// Has calls priced again, and applies it where that is ready.
async fn price_again(place: &Place, weir: &Weir) {
    const PATH: &str = "/api/v1/repricings";
    let all = json!({ "from": "2020-01-01T00:00:00Z" });
    let (status, asked) = place.try_api(weir, Method::POST, PATH, all).await;
    let path = match status.as_u16() {
        202 => format!("{PATH}/{}", asked["id"].as_str().unwrap()),
        // The one of the round before goes on.
        409 => return,
        _ => panic!("{status}: {asked}"),
    };
    let began = Instant::now();
    let ready = loop {
        let seen = place.get(weir, &path).await;
        if seen["state"] == "ready" {
            break seen;
        }
        assert!(began.elapsed() < PATIENCE, "{seen}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let apply = json!({ "fingerprint": ready["fingerprint"] });
    let _applied: Value = place
        .api(weir, Method::POST, &format!("{path}/apply"), apply)
        .await;
}
