//! Connecting to a server of Postgres: one connection that writes and holds the database, others that read.

use std::{
    io::ErrorKind::{ConnectionRefused, ConnectionReset, NotFound, UnexpectedEof},
    sync::Arc,
    time::Duration,
};

use sea_orm::{
    DatabaseConnection,
    sqlx::{
        self, ConnectOptions as _, Connection as _, Executor as _, PgConnection, PgPool,
        postgres::{PgConnectOptions, PgPoolOptions},
    },
};
use tokio::time::Instant;

use super::Connected;
use crate::{StoreError, error::driver, hold::ServerHold};

/// How long a query waits for a connection, and with it for a server that is away.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a start waits for a server that is starting, too.
const PATIENCE_AT_THE_START: Duration = Duration::from_secs(5);
/// How long to wait before the next try at the start.
const AGAIN: Duration = Duration::from_millis(100);

/// What the connection that writes is told. What is committed is on the server's disk, since the journal is
/// let go after that. A lock that somebody else has is not waited for without end: the statement fails and is
/// tried again. The server ends the session of a Weir whose machine vanished, with what it holds, after a minute; what
/// Weir does where the server's machine vanished is not of these settings: see [`is_alive`]. What is as it should
/// be, such as a table that is there already, is not said.
const WRITER: &str = "SET client_min_messages = warning; SET synchronous_commit = on; SET lock_timeout = '5s'; \
                      SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3";

/// What is said of an address that is none. Not what it is: it may hold a password.
const NOT_AN_ADDRESS: StoreError = StoreError::Address(
    "the database's address has the form postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=…",
);

/// Connects, and holds the database where that is asked for.
pub(super) async fn open(
    database_url: &str,
    readers: u32,
    hold: Option<Arc<ServerHold>>,
) -> Result<Connected, StoreError> {
    let options: PgConnectOptions = database_url.parse().map_err(|_| NOT_AN_ADDRESS)?;
    let options = match options.get_application_name() {
        Some(_) => options,
        None => options.application_name(&format!("Weir, process {}", std::process::id())),
    }
    .disable_statement_logging();
    try_out(&options).await?;

    let pool = || {
        PgPoolOptions::new()
            .acquire_timeout(PATIENCE)
            .after_release(|connection, _| Box::pin(is_alive(connection)))
    };
    let of_writer = hold.clone();
    let writer: PgPool = pool()
        .max_connections(1)
        // It holds the database: it is never exchanged for another without need.
        .idle_timeout(None)
        .max_lifetime(None)
        .after_connect(move |connection, _| {
            let hold = of_writer.clone();
            Box::pin(async move {
                connection.execute(WRITER).await?;
                match hold {
                    Some(hold) => hold.take(connection).await,
                    None => Ok(()),
                }
            })
        })
        .connect_lazy_with(options.clone());
    if let Err(error) = writer.acquire().await {
        let another = hold.as_ref().and_then(|hold| hold.another());
        return Err(match another {
            Some(holder) => StoreError::Held { holder },
            None => driver(error),
        });
    }
    let readers = pool()
        .max_connections(readers.max(1))
        .connect_lazy_with(options.options([("default_transaction_read_only", "on")]));
    Ok(Connected {
        writer: DatabaseConnection::from(writer),
        readers: DatabaseConnection::from(readers),
        files: None,
        server: hold,
    })
}

/// Whether the server still answers by a connection that comes back: one whose statement was given up may be a
/// connection to a machine that has vanished. It is closed, and the next query has a new one.
async fn is_alive(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    match tokio::time::timeout(PATIENCE, connection.ping()).await {
        Ok(answered) => answered.map(|()| true),
        Err(late) => Err(sqlx::Error::Io(late.into())),
    }
}

/// Finds out whether the server can be used, and says what is wrong where it cannot: pools only tell that it
/// took too long.
async fn try_out(options: &PgConnectOptions) -> Result<(), StoreError> {
    let deadline = Instant::now() + PATIENCE_AT_THE_START;
    loop {
        let connecting = PgConnection::connect_with(options);
        match tokio::time::timeout_at(deadline, connecting).await {
            Ok(Ok(connection)) => return takes_any_text(options, connection).await,
            Ok(Err(error)) if is_starting(&error) && Instant::now() + AGAIN < deadline => {
                tokio::time::sleep(AGAIN).await;
            }
            Ok(Err(error)) => return Err(told(options, &error)),
            Err(_) => {
                let named = named(options);
                return Err(StoreError::Unavailable(format!("{named} does not answer")));
            }
        }
    }
}

/// Calls have texts of every language in them.
async fn takes_any_text(
    options: &PgConnectOptions,
    mut connection: PgConnection,
) -> Result<(), StoreError> {
    let encoding: String = sqlx::query_scalar("SHOW server_encoding")
        .fetch_one(&mut connection)
        .await
        .map_err(driver)?;
    connection.close().await.map_err(driver)?;
    if encoding == "UTF8" {
        return Ok(());
    }
    Err(StoreError::Database(format!(
        "{} has the encoding {encoding}; Weir needs one that was made with ENCODING 'UTF8'",
        named(options)
    )))
}

/// Whether the server may be there in a moment: it does not listen yet, or says that it is starting.
fn is_starting(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => matches!(
            error.kind(),
            ConnectionRefused | ConnectionReset | NotFound | UnexpectedEof
        ),
        sqlx::Error::Database(error) => error.code().is_some_and(|code| code == "57P03"),
        _ => false,
    }
}

/// What went wrong, with what was tried.
fn told(options: &PgConnectOptions, error: &sqlx::Error) -> StoreError {
    let named = named(options);
    match error {
        sqlx::Error::Io(io) if is_starting(error) => {
            StoreError::Unavailable(format!("{named} does not answer: {io}"))
        }
        sqlx::Error::Io(error) => {
            StoreError::Unavailable(format!("{named} cannot be reached: {error}"))
        }
        sqlx::Error::Database(error) => {
            StoreError::Database(format!("{named} says: {}", error.message()))
        }
        error => StoreError::Database(format!("{named}: {error}")),
    }
}

/// The server and the database, as they were asked for; never the password.
fn named(options: &PgConnectOptions) -> String {
    let database = options
        .get_database()
        .unwrap_or_else(|| options.get_username());
    let server = match options.get_socket() {
        Some(socket) => format!("{}, port {}", socket.display(), options.get_port()),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    };
    format!("the database {database} of PostgreSQL at {server}")
}

#[cfg(test)]
mod tests {
    use pgserver::TestDatabase;
    use sea_orm::ConnectionTrait as _;

    use super::*;

    #[tokio::test]
    async fn connections_that_read_cannot_write() {
        let database = TestDatabase::in_the_server_of_all();
        let connected = open(&database.url(), 1, None).await.unwrap();
        let table = "CREATE TABLE numbers (number INT)";
        connected.writer.execute_unprepared(table).await.unwrap();
        let row = "INSERT INTO numbers VALUES (1)";
        let refused = connected.readers.execute_unprepared(row).await.unwrap_err();
        assert!(refused.to_string().contains("read-only"), "{refused}");
        connected.writer.execute_unprepared(row).await.unwrap();
    }
}
