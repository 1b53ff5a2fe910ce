//! What is about SQLite's files: who may read them, what is not in them, and that they shrink. A server of
//! Postgres looks after its own.

use std::{fs, os::unix::fs::PermissionsExt};

use crate::{common::*, on_sqlite::sessions::record as session};
use domain::call::Call;
use jiff::SignedDuration;
use sea_orm::ConnectionTrait;
use secrecy::ExposeSecret;
use store::{Store, ledger::Writer, retention::Keep};
use tower_sessions::SessionStore;
use weir_store as store;

const FROM: &str = "2025-10-01T03:00:00Z";
const NOW: &str = "2025-10-21T12:00:00Z";
const CANARY: &str = "sk-canary-4f1d7c2b9a8e";

#[tokio::test]
async fn a_value_comes_back_and_is_nowhere_in_the_files() {
    let place = Place::new();
    let store = place.open().await;
    let name = secret_name("OPENAI_API_KEY");
    store
        .secrets()
        .put(&name, CANARY.into(), &noted())
        .await
        .unwrap();
    let value = store.secrets().value(&name).await.unwrap().unwrap();
    assert_eq!(value.expose_secret(), CANARY);
    assert!(
        store
            .secrets()
            .value(&secret_name("OTHER"))
            .await
            .unwrap()
            .is_none()
    );
    store.close().await.unwrap();
    let mut files = 0;
    for entry in fs::read_dir(place.file().parent().unwrap()).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        files += 1;
        assert!(
            !bytes
                .windows(CANARY.len())
                .any(|bytes| bytes == CANARY.as_bytes())
        );
    }
    assert!(files > 0);
}

#[tokio::test]
async fn files_are_their_owners() {
    let place = Place::new();
    let store = place.open().await;
    store
        .secrets()
        .put(&secret_name("A"), "x".into(), &noted())
        .await
        .unwrap();
    let folder = place.file().parent().unwrap().to_owned();
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    for entry in fs::read_dir(&folder).unwrap() {
        assert_eq!(mode(&entry.unwrap().path()), 0o600);
    }
    assert_eq!(mode(&place.dir.path().join("master.key")), 0o600);
}

#[tokio::test]
async fn the_database_does_not_hold_a_session_id() {
    let place = Place::new();
    let store = place.open().await;
    let session = session(0x1234_5678_9abc_def0, 600);
    store.sessions().save(&session).await.unwrap();
    store.close().await.unwrap();
    let bytes = std::fs::read(place.file()).unwrap();
    let id = session.id.to_string();
    assert!(!bytes.windows(id.len()).any(|bytes| bytes == id.as_bytes()));
}

async fn keep_calls_for_two_days(store: &Store) {
    let keep = Keep {
        calls_days: Some(2),
        sums_days: None,
    };
    store.retention().set(keep, &noted()).await.unwrap();
}

/// Many calls that are alike, so that rows take the room and sums none.
async fn many_calls(place: &Place, store: &Store) -> Writer {
    let mut writer = place.writer(store);
    for batch in 0..8 {
        let calls: Vec<Call> = (0..1_000)
            .map(|n| {
                let n = batch * 1_000 + n;
                call(n, at(FROM) + SignedDuration::from_secs(n as i64 * 20))
            })
            .collect();
        record(&mut writer, &calls).await;
    }
    writer.seal(at(NOW)).await.unwrap();
    writer
}

async fn bytes(store: &Store) -> u64 {
    store.size_bytes().await.unwrap()
}

#[tokio::test]
async fn the_file_shrinks_again() {
    let place = Place::new();
    let store = place.open().await;
    let mut writer = many_calls(&place, &store).await;
    store.close().await.unwrap();
    let store = place.open().await;
    let before = bytes(&store).await;
    assert_eq!(store.room().await.unwrap().gives_back, Some(true));
    drop(writer);
    writer = place.writer(&store);
    keep_calls_for_two_days(&store).await;
    writer.seal(at(NOW)).await.unwrap();
    drop(writer);
    store.close().await.unwrap();
    let store = place.open().await;
    let after = bytes(&store).await;
    assert!(after < before / 2, "{after} of {before}");
    assert_balanced(&store).await;
}

#[tokio::test]
async fn a_file_of_an_early_version_is_compacted() {
    let place = Place::new();
    let store = place.open().await;
    drop(many_calls(&place, &store).await);
    store.close().await.unwrap();
    let db = other(&place).await;
    for sql in ["PRAGMA auto_vacuum = NONE", "VACUUM"] {
        db.execute_unprepared(sql).await.unwrap();
    }
    db.close().await.unwrap();
    let store = place.open().await;
    let mut writer = place.writer(&store);
    keep_calls_for_two_days(&store).await;
    writer.seal(at(NOW)).await.unwrap();
    let room = store.room().await.unwrap();
    assert_eq!(room.gives_back, Some(false));
    assert!(room.free_bytes.unwrap() > 3 << 20, "{room:?}");
    let before = bytes(&store).await;
    assert!(store.compact().await.unwrap());
    let room = store.room().await.unwrap();
    assert_eq!((room.gives_back, room.free_bytes), (Some(true), Some(0)));
    let after = bytes(&store).await;
    assert!(after < before / 2, "{after} of {before}");
    assert_balanced(&store).await;
}
