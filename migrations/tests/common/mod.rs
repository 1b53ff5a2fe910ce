//! An empty database for each test, and how each database is asked.

use pgserver::TestDatabase;
use sea_orm_migration::sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, Statement, TryGetable,
};
use tempfile::TempDir;

/// Whether this test program is the one on Postgres.
fn on_postgres() -> bool {
    env!("CARGO_CRATE_NAME") == "postgres"
}

/// An empty database: a file, or one in a server. Removed with this.
pub(crate) struct Fresh {
    pub(crate) db: DatabaseConnection,
    _dir: TempDir,
    _server: Option<TestDatabase>,
}

pub(crate) async fn fresh() -> Fresh {
    let dir = tempfile::tempdir().unwrap();
    let server = on_postgres().then(TestDatabase::in_the_server_of_all);
    let url = match &server {
        Some(database) => database.url(),
        None => format!("sqlite://{}?mode=rwc", dir.path().join("weir.db").display()),
    };
    let mut options = ConnectOptions::new(url);
    options.sqlx_logging(false);
    Fresh {
        db: Database::connect(options).await.unwrap(),
        _dir: dir,
        _server: server,
    }
}

/// The names of its tables, or of its indexes.
pub(crate) async fn names(db: &DatabaseConnection, kind: &str) -> Vec<String> {
    let sql = if on_postgres() {
        let relation = if kind == "table" { 'r' } else { 'i' };
        format!(
            "SELECT relname::text FROM pg_class WHERE relkind = '{relation}' \
             AND relnamespace = 'public'::regnamespace AND relname NOT LIKE 'seaql%' \
             ORDER BY relname COLLATE \"C\""
        )
    } else {
        format!(
            "SELECT name FROM sqlite_master WHERE type = '{kind}' AND name NOT LIKE 'sqlite_%' \
             AND name <> 'seaql_migrations' ORDER BY name"
        )
    };
    column(db, &sql).await
}

/// The first column of what a query answers.
pub(crate) async fn column<T: TryGetable>(db: &DatabaseConnection, sql: &str) -> Vec<T> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let rows = db.query_all_raw(statement).await.unwrap();
    rows.iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect()
}

/// Bytes in hexadecimal, as each database writes them down.
pub(crate) fn bytes(hex: &str) -> String {
    if on_postgres() {
        format!("'\\x{hex}'")
    } else {
        format!("X'{hex}'")
    }
}

/// A UUID whose last digits are these.
pub(crate) fn uuid(end: &str) -> String {
    let digits = format!("{end:0>32}");
    if on_postgres() {
        format!("'{digits}'")
    } else {
        format!("X'{digits}'")
    }
}
