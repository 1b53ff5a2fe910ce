//! A database of transcripts that is locked, or cannot be opened: calls go on as before, it shows, and what
//! waited is written when it is well again.

use std::time::{Duration, Instant};

use reqwest::Method;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection};
use serde_json::{Value, json};

use crate::{
    search::files_with,
    support::{World, a_chat, call_id, start},
    world::{data, handed_over, recording_world, recording_world_with, stopped, written},
};

/// What a call may take while nothing can be written, in a build that is not optimised on a machine that
/// does other things, too. Waiting for the database would take seconds.
const NOT_HELD_UP: Duration = Duration::from_millis(1_500);

/// Makes a call that is recorded, and sees that nothing holds it up.
async fn call(world: &World, asked: &str) {
    let mut body = a_chat();
    body["messages"][0]["content"] = json!(asked);
    let began = Instant::now();
    let response = world
        .call("openai-both", "/chat/completions", &body)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    let id = call_id(response.headers());
    response.bytes().await.unwrap();
    assert!(began.elapsed() < NOT_HELD_UP, "{:?}", began.elapsed());
    world.row(&id).await;
    handed_over(world).await;
}

/// Another connection, which holds the lock of the transcripts' database.
async fn lock(world: &World) -> DatabaseConnection {
    let file = data(world).join("transcripts.db");
    let other = Database::connect(format!("sqlite:{}", file.display())).await;
    let other = other.unwrap();
    other.execute_unprepared("BEGIN IMMEDIATE").await.unwrap();
    other
}

async fn until_trouble(world: &World, is_there: bool) {
    let began = Instant::now();
    while world.weir.transcripts().health().trouble.is_some() != is_there {
        assert!(began.elapsed() < Duration::from_secs(20), "{is_there}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn while_the_database_is_locked_calls_go_on_and_what_they_said_is_written_after() {
    let world = recording_world().await;
    call(&world, "asked-before-the-lock").await;
    written(&world).await;
    let other = lock(&world).await;
    for number in 0..20 {
        call(&world, &format!("asked-under-the-lock-{number}-end")).await;
    }
    until_trouble(&world, true).await;
    let health = world.weir.transcripts().health();
    assert_eq!((health.waiting, health.lost), (20, 0));
    let system = world.get("/api/v1/system").await;
    assert!(
        system["transcripts"]["trouble"]["message"].is_string(),
        "{system}"
    );
    call(&world, "asked-in-trouble").await;
    other.execute_unprepared("ROLLBACK").await.unwrap();
    other.close().await.unwrap();
    until_trouble(&world, false).await;
    written(&world).await;
    let folder = data(&world);
    for asked in [
        "asked-before-the-lock",
        "asked-under-the-lock-19-end",
        "asked-in-trouble",
    ] {
        assert!(!files_with(&folder, asked).is_empty(), "{asked}");
    }
    assert_eq!(world.weir.transcripts().health().lost, 0);
}

#[tokio::test]
async fn a_database_that_stays_locked_does_not_hold_up_the_end() {
    let world = recording_world_with(&["--shutdown-timeout", "2s"]).await;
    let other = lock(&world).await;
    call(&world, "asked-for-nothing").await;
    let began = Instant::now();
    let data = stopped(world).await;
    assert!(
        began.elapsed() < Duration::from_secs(8),
        "{:?}",
        began.elapsed()
    );
    other.close().await.unwrap();
    drop(data);
}

#[tokio::test]
async fn a_database_that_cannot_be_opened_keeps_nothing_from_starting() {
    let mut world = recording_world().await;
    world.weir.stop();
    world.weir.ended().await;
    let folder = world.data.path().join("weir");
    for entry in std::fs::read_dir(&folder).unwrap() {
        let file = entry.unwrap().path();
        if file
            .file_name()
            .unwrap()
            .to_str()
            .unwrap()
            .starts_with("transcripts.db")
        {
            std::fs::remove_file(file).unwrap();
        }
    }
    // No file can be made where a folder is.
    let file = folder.join("transcripts.db");
    std::fs::create_dir(&file).unwrap();
    world.weir = start(&world.data, &[]).await;
    call(&world, "asked-while-it-was-away").await;
    let health = world.weir.transcripts().health();
    assert!(
        health.trouble.is_some() && health.waiting == 1,
        "{health:?}"
    );
    let system = world.get("/api/v1/system").await;
    assert_eq!(system["transcripts"]["answers"], json!(false), "{system}");
    let list = world
        .try_api(Method::GET, "/api/v1/conversations", Value::Null)
        .await;
    assert_eq!(list.0, 503, "{}", list.1);
    std::fs::remove_dir(&file).unwrap();
    until_trouble(&world, false).await;
    written(&world).await;
    assert!(!files_with(&folder, "asked-while-it-was-away").is_empty());
    let system = world.get("/api/v1/system").await;
    assert_eq!(system["transcripts"]["answers"], json!(true), "{system}");
}
