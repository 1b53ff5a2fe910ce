//! Another takes the database while this Weir's session is lost: only one of them writes, whatever each of them
//! knows, and every call has its row in the end.

use std::time::{Duration, Instant};

use pgserver::{Server, TestDatabase};
use reqwest::{Method, StatusCode};
use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection};
use serde_json::json;
use tokio::task::JoinHandle;

use crate::{
    away::{status, until_status},
    program::{PATIENCE, Serving, said},
    support::{World, a_chat, call_id, start, world_with},
};

/// The lock by which a Weir holds a database: `store::hold`.
const HOLD: u32 = 0x5765_6972;

/// A session that takes the database as soon as it can, as another Weir would.
async fn waiting(database: &TestDatabase) -> JoinHandle<DatabaseConnection> {
    let another = connected(database.url()).await;
    let takes = tokio::spawn(async move {
        let sql = format!(
            "SELECT pg_advisory_lock(({HOLD}::bigint << 32) | oid::bigint) FROM pg_namespace \
             WHERE nspname = current_schema()"
        );
        another.execute_unprepared(&sql).await.unwrap();
        another
    });
    let waits = format!(
        "SET statement_timeout = '{}s'; \
         DO $$ BEGIN WHILE NOT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted AND classid = {HOLD}) \
         LOOP PERFORM pg_sleep(0.01); END LOOP; END $$",
        PATIENCE.as_secs()
    );
    database.execute(&waits).unwrap();
    takes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_another_has_the_database_nothing_is_written() {
    let server = Server::start();
    let database = server.database();
    let world = world_with(&["--database-url", &database.url()]).await;
    a_call(&world).await;
    let before = world.rows_when(1).await.len();
    // Another one waits for it, and has it as soon as the session of this one ends.
    let another = waiting(&database).await;
    let ends = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE granted AND classid = {HOLD}"
    );
    database.execute(&ends).unwrap();
    let id = a_call(&world).await;
    until_status(&world, "/readyz", StatusCode::SERVICE_UNAVAILABLE).await;
    let (_, text) = status(&world, "/readyz").await;
    assert_eq!(text, "another Weir has taken the database\n");
    let secret = json!({ "value": "x" });
    let refused = world
        .try_api(Method::PUT, "/api/v1/secrets/OTHER", secret)
        .await;
    assert_eq!(refused.0, StatusCode::SERVICE_UNAVAILABLE, "{}", refused.1);
    assert_eq!(world.rows().await.len(), before, "nothing is written");
    let another = another.await.unwrap();
    another.close().await.unwrap();
    world.row(&id).await;
    until_status(&world, "/readyz", StatusCode::OK).await;
}

async fn connected(url: String) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1);
    Database::connect(options).await.unwrap()
}

async fn a_call(world: &World) -> String {
    let answer = world.chat(&a_chat()).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK, "calls go on");
    let id = call_id(answer.headers());
    answer.bytes().await.unwrap();
    id
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_another_weir_has_come_and_gone_nothing_is_written_until_the_next_start() {
    let server = Server::start();
    let database = server.database();
    let url = database.url();
    let mut world = world_with(&["--database-url", &url]).await;
    a_call(&world).await;
    world.rows_when(1).await;

    // The first Weir cannot come back, as where only its own network is broken; another one begins.
    let role = "CREATE ROLE another LOGIN SUPERUSER; ALTER ROLE weir NOLOGIN";
    let others_url = url.replace("weir:socket@", "another@");
    database.execute(role).unwrap();
    let admin = connected(others_url.clone()).await;
    let ends = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'weir'";
    admin.execute_unprepared(ends).await.unwrap();
    let mut ids = vec![a_call(&world).await];
    let two = world.data.path().join("two");
    std::fs::create_dir(&two).unwrap();
    let key = world.data.path().join("weir").join("master.key");
    std::fs::copy(key, two.join("master.key")).unwrap();
    Serving::start(&two, &others_url).kill();
    let back = "ALTER ROLE weir LOGIN";
    admin.execute_unprepared(back).await.unwrap();

    // What it knew of the database may be wrong by now.
    let began = Instant::now();
    let refused = loop {
        ids.push(a_call(&world).await);
        let (ready, text) = status(&world, "/readyz").await;
        if ready == StatusCode::SERVICE_UNAVAILABLE && text.starts_with("another") {
            break text;
        }
        assert!(began.elapsed() < PATIENCE, "{ready}: {text}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(refused, "another Weir has taken the database\n");
    let secret = json!({ "value": "x" });
    let path = "/api/v1/secrets/OTHER";
    let (told, problem) = world.try_api(Method::PUT, path, secret.clone()).await;
    assert_eq!(told, StatusCode::SERVICE_UNAVAILABLE, "{problem}");
    assert_eq!(world.rows().await.len(), 1, "nothing is written");

    // Its journal has what the other one's position in the database does not tell of.
    world.weir.stop();
    world.weir.ended().await;
    let flags = ["--database-url".to_owned(), url.clone()];
    world.weir = start(&world.data, &flags).await;
    assert_eq!(world.rows().await.len(), ids.len() + 1);
    for id in &ids {
        world.row(id).await;
    }
    until_status(&world, "/readyz", StatusCode::OK).await;
    world.api(Method::PUT, path, secret).await;
    let balance = said(&["ledger", "verify"], &world.data.path().join("weir"), &url);
    assert!(balance.contains("the books balance"), "{balance}");
}
