//! Addresses of servers: with a password, with and without TLS, of nothing. Whatever is wrong is said, and a
//! password is said nowhere.

use pgserver::{Server, TestDatabase};

use crate::program::{Serving, logs, refusal, said};

const PASSWORD: &str = "kanarienvogel-4f1d7c2b";

/// A database's address by TCP, as somebody whose password is a word that is looked for.
fn with_password(database: &TestDatabase) -> String {
    let user = database.execute(&format!(
        "CREATE ROLE canary LOGIN SUPERUSER PASSWORD '{PASSWORD}'"
    ));
    user.unwrap();
    database
        .tcp_url()
        .replace("weir:socket@", &format!("canary:{PASSWORD}@"))
}

#[test]
fn a_password_is_taken_and_shown_nowhere() {
    let server = Server::start();
    let database = server.database();
    let url = with_password(&database);
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("weir");
    let mut serving = Serving::start(&data, &url);
    let balance = said(&["ledger", "verify"], &data, &url);
    assert!(balance.contains("the books balance"), "{balance}");
    // The server goes away: what the ledger's writer next asks it fails, and the driver's error is logged.
    server.stop();
    let log = logs(&data, "Sums over longer spans could not be made");
    serving.kill();
    assert!(log.contains("Made the database"), "{log}");
    let gone = refusal(&data, &url);
    assert!(gone.contains("does not answer"), "{gone}");
    server.start_again();
    let wrong = refusal(&data, &url.replace(PASSWORD, &format!("{PASSWORD}x")));
    assert!(wrong.contains("password authentication failed"), "{wrong}");
    let nothing = refusal(&data, &url.replace("/weir_", "/nothing_"));
    assert!(nothing.contains("does not exist"), "{nothing}");
    let malformed = refusal(&data, &format!("{url}?sslmode=perhaps"));
    assert!(malformed.contains("postgres://USER"), "{malformed}");
    for text in [log, gone, wrong, nothing, malformed] {
        assert!(!text.contains("kanarienvogel"), "{text}");
    }
}

#[test]
fn tls_is_used_where_the_address_asks_for_it_and_refused_where_the_server_has_none() {
    let server = Server::start();
    let database = server.database();
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("weir");
    let url = database.tcp_url();
    drop(Serving::start(&data, &format!("{url}?sslmode=require")));
    let connected = Serving::start(&data, &format!("{url}?sslmode=require"));
    let with_tls = "DO $$ BEGIN ASSERT (SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
                    WHERE application_name LIKE 'Weir%'); END $$";
    database.execute(with_tls).unwrap();
    drop(connected);
    // Nobody knows who signed its certificate, unless that is named.
    let unknown = refusal(&data, &format!("{url}?sslmode=verify-full"));
    assert!(unknown.contains("certificate"), "{unknown}");
    let root = server.certificate().display().to_string();
    drop(Serving::start(
        &data,
        &format!("{url}?sslmode=verify-full&sslrootcert={root}"),
    ));
    database.execute("ALTER SYSTEM SET ssl = off").unwrap();
    database.execute("SELECT pg_reload_conf()").unwrap();
    let refused = refusal(&data, &format!("{url}?sslmode=require"));
    assert!(refused.contains("does not support TLS"), "{refused}");
    drop(Serving::start(&data, &url));
}

#[test]
fn a_database_that_cannot_hold_every_text_is_refused() {
    let database = TestDatabase::in_the_server_of_all();
    let latin = "weir_latin";
    let made = database.execute(&format!(
        "CREATE DATABASE {latin} TEMPLATE template0 ENCODING LATIN1 LOCALE_PROVIDER libc LOCALE 'C'"
    ));
    made.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let url = database.url();
    let (before, after) = url.split_once("/weir_").unwrap();
    let (_, query) = after.split_once('?').unwrap();
    let refused = refusal(folder.path(), &format!("{before}/{latin}?{query}"));
    assert!(refused.contains("encoding LATIN1"), "{refused}");
    database
        .execute(&format!("DROP DATABASE {latin} WITH (FORCE)"))
        .unwrap();
}
