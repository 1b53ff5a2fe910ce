//! A transaction of the writer, spoken to without the query builder.
//!
//! The builder makes a value of its own of each of a row's values, and copies it for each statement; at
//! tens of thousands of rows in a second that costs as much as the database itself.

use std::sync::Arc;

use sea_orm::{
    DbBackend, QueryResult,
    sqlx::{
        self, Arguments as _, AssertSqlSafe, Encode, Postgres, Row as _, Sqlite, Type,
        postgres::PgArguments, sqlite::SqliteArguments,
    },
};
use uuid::Uuid;

use crate::{Store, StoreError, error::driver};

/// A transaction that writes.
pub(super) enum Transaction {
    Sqlite(sqlx::Transaction<'static, Sqlite>),
    Postgres(sqlx::Transaction<'static, Postgres>),
}

/// What fills the places of a statement, in their order.
pub(super) enum Arguments {
    Sqlite(SqliteArguments),
    Postgres(PgArguments),
}

impl Transaction {
    pub(super) async fn begin(store: &Store) -> Result<Self, StoreError> {
        store.is_written()?;
        Self::try_begin(store).await
    }

    /// As [`Transaction::begin`], also where the files were found damaged or gone: calls are tried again until
    /// they can be written.
    pub(super) async fn try_begin(store: &Store) -> Result<Self, StoreError> {
        let writer = store.writer();
        let begun = if store.backend() == DbBackend::Postgres {
            let pool = writer.get_postgres_connection_pool();
            pool.begin().await.map(Self::Postgres)
        } else {
            // A transaction that begins by reading could not go on to write when another one is faster.
            let pool = writer.get_sqlite_connection_pool();
            pool.begin_with("BEGIN IMMEDIATE").await.map(Self::Sqlite)
        };
        let begun = begun.map_err(driver)?;
        store.check_files()?;
        Ok(begun)
    }

    pub(super) async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(transaction) => transaction.commit().await,
            Self::Postgres(transaction) => transaction.commit().await,
        }
        .map_err(driver)
    }

    pub(super) async fn rollback(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(transaction) => transaction.rollback().await,
            Self::Postgres(transaction) => transaction.rollback().await,
        }
        .map_err(driver)
    }

    /// Which database it is of.
    pub(super) const fn backend(&self) -> DbBackend {
        match self {
            Self::Sqlite(_) => DbBackend::Sqlite,
            Self::Postgres(_) => DbBackend::Postgres,
        }
    }

    /// Arguments for a statement of this transaction's database.
    pub(super) fn arguments(&self) -> Arguments {
        match self {
            Self::Sqlite(_) => Arguments::Sqlite(SqliteArguments::default()),
            Self::Postgres(_) => Arguments::Postgres(PgArguments::default()),
        }
    }

    /// Runs a statement. Returns how many rows it changed.
    pub(super) async fn execute(
        &mut self,
        sql: Arc<str>,
        arguments: Arguments,
    ) -> Result<u64, StoreError> {
        let sql = AssertSqlSafe(sql);
        match (self, arguments) {
            (Self::Sqlite(transaction), Arguments::Sqlite(arguments)) => {
                let query = sqlx::query_with(sql, arguments);
                let done = query.execute(&mut **transaction).await;
                done.map(|done| done.rows_affected())
            }
            (Self::Postgres(transaction), Arguments::Postgres(arguments)) => {
                let query = sqlx::query_with(sql, arguments);
                let done = query.execute(&mut **transaction).await;
                done.map(|done| done.rows_affected())
            }
            _ => return Err(of_another_database()),
        }
        .map_err(driver)
    }

    /// Runs a query that has no places.
    pub(super) async fn rows(&mut self, sql: &'static str) -> Result<Vec<QueryResult>, StoreError> {
        match self {
            Self::Sqlite(transaction) => {
                let rows = sqlx::query(sql).fetch_all(&mut **transaction).await;
                rows.map(|rows| rows.into_iter().map(QueryResult::from).collect())
            }
            Self::Postgres(transaction) => {
                let rows = sqlx::query(sql).fetch_all(&mut **transaction).await;
                rows.map(|rows| rows.into_iter().map(QueryResult::from).collect())
            }
        }
        .map_err(driver)
    }

    /// Runs a query for ids.
    pub(super) async fn ids(
        &mut self,
        sql: Arc<str>,
        arguments: Arguments,
    ) -> Result<Vec<Uuid>, StoreError> {
        let sql = AssertSqlSafe(sql);
        match (self, arguments) {
            (Self::Sqlite(transaction), Arguments::Sqlite(arguments)) => {
                let query = sqlx::query_with(sql, arguments);
                let rows = query.fetch_all(&mut **transaction).await;
                rows.and_then(|rows| rows.iter().map(|row| row.try_get(0)).collect())
            }
            (Self::Postgres(transaction), Arguments::Postgres(arguments)) => {
                let query = sqlx::query_with(sql, arguments);
                let rows = query.fetch_all(&mut **transaction).await;
                rows.and_then(|rows| rows.iter().map(|row| row.try_get(0)).collect())
            }
            _ => return Err(of_another_database()),
        }
        .map_err(driver)
    }
}

impl Arguments {
    pub(super) fn add<T>(&mut self, value: T) -> Result<(), StoreError>
    where
        T: for<'a> Encode<'a, Sqlite>
            + Type<Sqlite>
            + for<'a> Encode<'a, Postgres>
            + Type<Postgres>,
    {
        match self {
            Self::Sqlite(arguments) => arguments.add(value),
            Self::Postgres(arguments) => arguments.add(value),
        }
        .map_err(|error| StoreError::Database(error.to_string()))
    }
}

fn of_another_database() -> StoreError {
    StoreError::Database("the arguments are of another database".to_owned())
}
