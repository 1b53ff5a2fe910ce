//! The transcripts' schema from nothing, also where the ledger's is in the same database.

use sea_orm_migration::sea_orm::{ConnectionTrait, Database, DbBackend, Statement};
use weir_migrations::{Migrator, MigratorTrait, TranscriptsMigrator};

#[tokio::test]
async fn both_schemas_can_be_in_one_database_and_know_nothing_of_each_other() {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}?mode=rwc", dir.path().join("weir.db").display());
    let db = Database::connect(url).await.unwrap();
    TranscriptsMigrator::up(&db, None).await.unwrap();
    Migrator::up(&db, None).await.unwrap();
    for sql in [
        "INSERT INTO transcript_texts (rowid, text) VALUES (7, 'hello')",
        "INSERT INTO transcript_bodies (seq) VALUES (7)",
    ] {
        db.execute_unprepared(sql).await.unwrap();
    }
    // Nothing is missing any more, and nothing is done twice.
    TranscriptsMigrator::up(&db, None).await.unwrap();
    Migrator::up(&db, None).await.unwrap();
    let sql = "SELECT COUNT(*) FROM transcript_texts JOIN transcript_bodies ON seq = transcript_texts.rowid \
               WHERE transcript_texts MATCH 'hello'";
    let row = db
        .query_one_raw(Statement::from_string(DbBackend::Sqlite, sql))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(row.try_get_by_index::<i64>(0).unwrap(), 1);
    assert!(TranscriptsMigrator::down(&db, Some(1)).await.is_err());
}
