//! Opening the database: what is shown of it, and what SQLite ends by itself.

use sea_orm::ConnectionTrait;

use super::*;
use crate::{MasterKey, transcripts::TranscriptsOptions};

/// The address of a SQLite file in a folder.
fn file_in(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("weir.db").display())
}

async fn store_in(folder: &Path) -> Store {
    let options = Options {
        database_url: file_in(folder),
        master_key: MasterKey::generate().unwrap(),
        readers: 1,
    };
    Store::open(options).await.unwrap()
}

#[test]
fn a_password_is_in_no_debug_text() {
    let database_url = "postgres://weir:kanarienvogel@db/weir".to_owned();
    let transcripts = TranscriptsOptions {
        database_url: database_url.clone(),
        readers: 1,
    };
    let options = Options {
        database_url,
        master_key: MasterKey::generate().unwrap(),
        readers: 1,
    };
    for text in [format!("{transcripts:?}"), format!("{options:?}")] {
        assert!(text.contains("readers: 1"), "{text}");
        assert!(!text.contains("kanarienvogel"), "{text}");
    }
}

#[tokio::test]
async fn a_transaction_that_sqlite_ended_by_itself_does_not_stop_writing_for_good() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(folder.path()).await;
    // What SQLite does by itself when it cannot go on.
    let transaction = store.begin().await.unwrap();
    transaction.execute_unprepared("ROLLBACK").await.unwrap();
    drop(transaction);
    let pool = store.writer().get_sqlite_connection_pool();
    let transaction = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn the_schema_is_not_changed_while_another_has_the_database() {
    let folder = tempfile::tempdir().unwrap();
    let server = pgserver::TestDatabase::in_the_server_of_all();
    let file = file_in(folder.path());
    for database_url in [file, server.url()] {
        let key = folder.path().join("key");
        let options = || Options {
            database_url: database_url.clone(),
            master_key: MasterKey::load(None, &key).unwrap(),
            readers: 1,
        };
        let store = Store::open_alone(options()).await.unwrap();
        // It may be used beside, as long as it is as this version has it.
        Store::open(options()).await.unwrap().close().await.unwrap();
        let one_less = "DELETE FROM seaql_migrations WHERE version LIKE 'm0009%'";
        store.writer().execute_unprepared(one_less).await.unwrap();
        let refused = Store::open(options()).await.unwrap_err();
        assert!(matches!(refused, StoreError::Held { .. }), "{refused}");
        store.close().await.unwrap();
    }
}

#[tokio::test]
async fn nothing_is_written_after_damage_was_found() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(folder.path()).await;
    store.writing().unwrap();
    let trouble = |finds_damage| LedgerTrouble {
        since: Timestamp::now(),
        message: "the file is damaged".to_owned(),
        needs_somebody: true,
        finds_damage,
    };
    *store.noted_trouble() = Some(trouble(true));
    let refused = [store.begin().await.err(), store.writing().err()];
    for refused in refused {
        assert!(
            matches!(refused, Some(StoreError::Stopped(_))),
            "{refused:?}"
        );
    }
    *store.noted_trouble() = Some(trouble(false));
    store.begin().await.unwrap();
}
