//! A real PostgreSQL for tests: a server that ends with the process that began it, and a database of its own
//! for each test.
//!
//! `scripts/postgres` makes the server, and says what is missing where it cannot. Where `WEIR_TEST_POSTGRES`
//! names one that runs (under `scripts/postgres run`) databases are made there. Without PostgreSQL these
//! tests fail: nothing that was not run passes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "only tests use it, and stop at the first surprise"
)]

use std::{
    env,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use sea_orm::{ConnectionTrait as _, Database as SeaOrm};

/// The variable with the address of a server that runs.
const SERVER: &str = "WEIR_TEST_POSTGRES";

/// A server of one's own, which can be stopped and started again.
#[derive(Debug)]
pub struct Server {
    url: String,
    /// What runs it, and ends it when its input is closed: also when this process is killed.
    runner: Child,
}

impl Server {
    /// Starts one, with nothing in it.
    ///
    /// # Panics
    /// Where there is no PostgreSQL, or it does not start.
    #[must_use]
    pub fn start() -> Self {
        let mut runner = Command::new(script())
            .args(["run", "sh", "-c", "echo $WEIR_TEST_POSTGRES; exec cat"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("scripts/postgres is there");
        let mut url = String::new();
        let mut said = BufReader::new(runner.stdout.take().unwrap());
        said.read_line(&mut url).unwrap();
        assert!(
            url.starts_with("postgres:"),
            "not run, for want of a PostgreSQL server: see what scripts/postgres said above; \
             `cargo test -- --skip postgres` leaves these tests out"
        );
        let url = url.trim().to_owned();
        Self { url, runner }
    }

    /// A new database.
    #[must_use]
    pub fn database(&self) -> TestDatabase {
        TestDatabase::new(&self.url)
    }

    /// What its TLS shows: signed by itself, for `localhost`.
    #[must_use]
    pub fn certificate(&self) -> PathBuf {
        Path::new(folder(&self.url)).join("data/server.crt")
    }

    /// Stops it at once, as a crash would. What was committed is there when it starts again.
    pub fn stop(&self) {
        self.tell("stop");
    }

    /// Starts it again, where it was before.
    pub fn start_again(&self) {
        self.tell("start");
    }

    fn tell(&self, what: &str) {
        let done = Command::new(script())
            .arg(what)
            .arg(folder(&self.url))
            .status();
        assert!(done.unwrap().success(), "{what}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.runner.stdin.take());
        let _ended = self.runner.wait();
    }
}

/// A database of a test's own, removed with this.
#[derive(Debug)]
pub struct TestDatabase {
    server: String,
    name: String,
}

impl Default for TestDatabase {
    fn default() -> Self {
        Self::in_the_server_of_all()
    }
}

impl TestDatabase {
    /// In the server that all tests share.
    ///
    /// # Panics
    /// Where there is no PostgreSQL, or it does not start.
    #[must_use]
    pub fn in_the_server_of_all() -> Self {
        static STARTED: OnceLock<Server> = OnceLock::new();
        match env::var(SERVER) {
            Ok(url) => Self::new(&url),
            Err(_) => Self::new(&STARTED.get_or_init(Server::start).url),
        }
    }

    fn new(server: &str) -> Self {
        Self::of_template(server, "template1")
    }

    fn of_template(server: &str, template: &str) -> Self {
        static MADE: AtomicU64 = AtomicU64::new(0);
        let made = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("weir_{}_{made}", std::process::id());
        execute(
            server,
            format!("CREATE DATABASE {name} TEMPLATE {template}"),
        )
        .unwrap();
        Self {
            server: server.to_owned(),
            name,
        }
    }

    /// Another one with the same in it, while nobody is connected to this.
    #[must_use]
    pub fn copy(&self) -> Self {
        Self::of_template(&self.server, &self.name)
    }

    /// Runs a statement in it.
    ///
    /// # Errors
    /// What the server says.
    pub fn execute(&self, sql: &str) -> Result<(), sea_orm::DbErr> {
        execute(&self.url(), sql.to_owned())
    }

    /// Its address, by the server's socket.
    #[must_use]
    pub fn url(&self) -> String {
        self.server
            .replacen("/postgres?", &format!("/{}?", self.name), 1)
    }

    /// Its address by TCP, where the server asks for the password.
    #[must_use]
    pub fn tcp_url(&self) -> String {
        let url = self.url();
        url.split_once('?').unwrap().0.to_owned()
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        // The server may be stopped by now.
        let _dropped = execute(
            &self.server,
            format!("DROP DATABASE {} WITH (FORCE)", self.name),
        );
    }
}

/// Runs a statement, from wherever: tests are in a runtime, what is dropped is not always.
fn execute(server: &str, sql: String) -> Result<(), sea_orm::DbErr> {
    let server = server.to_owned();
    let done = thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let server = SeaOrm::connect(server).await?;
            server.execute_unprepared(&sql).await?;
            server.close().await
        })
    });
    done.join().unwrap()
}

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/postgres")
}

/// The folder of a server, which its address names for the socket.
fn folder(url: &str) -> &str {
    url.split_once("host=").unwrap().1
}
