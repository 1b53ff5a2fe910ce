//! The database, looked into and tampered with beside Weir's own code.

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, Statement};

use super::{Place, on_postgres};

/// A connection of one's own.
pub async fn other(place: &Place) -> DatabaseConnection {
    let mut options = ConnectOptions::new(place.url());
    options.max_connections(1);
    Database::connect(options).await.unwrap()
}

/// The number that a query answers.
pub async fn number(db: &DatabaseConnection, sql: &str) -> i64 {
    // Sums of `bigint` are no `bigint` to Postgres.
    let sql = format!("SELECT CAST(({sql}) AS BIGINT)");
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let row = db.query_one_raw(statement).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

/// Another connection, which holds what the ledger's writer writes. Readers are not held up.
pub async fn lock(place: &Place) -> DatabaseConnection {
    let other = other(place).await;
    let lock = if on_postgres() {
        "BEGIN; LOCK TABLE calls IN EXCLUSIVE MODE"
    } else {
        "BEGIN IMMEDIATE"
    };
    other.execute_unprepared(lock).await.unwrap();
    other
}

/// From now on a kind of change fails, such as `DELETE ON calls`.
pub async fn refuse(db: &DatabaseConnection, what: &str) {
    let sql = if on_postgres() {
        format!(
            "CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'stop'; END $$; \
             CREATE TRIGGER stop BEFORE {what} FOR EACH ROW EXECUTE FUNCTION stop()"
        )
    } else {
        format!("CREATE TRIGGER stop BEFORE {what} BEGIN SELECT RAISE(ABORT, 'stop'); END")
    };
    db.execute_unprepared(&sql).await.unwrap();
}

/// It succeeds again.
pub async fn allow(db: &DatabaseConnection) {
    let sql = if on_postgres() {
        "DROP FUNCTION stop CASCADE"
    } else {
        "DROP TRIGGER stop"
    };
    db.execute_unprepared(sql).await.unwrap();
}
