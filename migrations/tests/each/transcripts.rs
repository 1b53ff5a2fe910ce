//! The transcripts' schema from nothing, also where the ledger's is in the same database.

use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};
use weir_migrations::{Migrator, MigratorTrait, TranscriptsMigrator};

use crate::common::{column, fresh};

#[tokio::test]
async fn both_schemas_can_be_in_one_database_and_know_nothing_of_each_other() {
    let fresh = fresh().await;
    let db = &fresh.db;
    TranscriptsMigrator::up(db, None).await.unwrap();
    Migrator::up(db, None).await.unwrap();
    let (text, found) = match db.get_database_backend() {
        DbBackend::Postgres => (
            "INSERT INTO transcript_texts VALUES (7, 'hello', to_tsvector('simple', 'hello'))",
            "SELECT COUNT(*) FROM transcript_texts JOIN transcript_bodies USING (seq) \
             WHERE words @@ to_tsquery('simple', 'hello')",
        ),
        _ => (
            "INSERT INTO transcript_texts (rowid, text) VALUES (7, 'hello')",
            "SELECT COUNT(*) FROM transcript_texts JOIN transcript_bodies ON seq = transcript_texts.rowid \
             WHERE transcript_texts MATCH 'hello'",
        ),
    };
    for sql in [text, "INSERT INTO transcript_bodies (seq) VALUES (7)"] {
        db.execute_unprepared(sql).await.unwrap();
    }
    // Nothing is missing any more, and nothing is done twice.
    TranscriptsMigrator::up(db, None).await.unwrap();
    Migrator::up(db, None).await.unwrap();
    assert_eq!(column::<i64>(db, found).await, [1]);
    assert!(TranscriptsMigrator::down(db, Some(1)).await.is_err());
}
