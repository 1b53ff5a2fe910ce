//! Servers that keep Weir waiting: a lock that somebody else has, and a machine that vanished.

use std::time::{Duration, Instant};

use domain::call::Call;
use journal::Journal;
use sea_orm::ConnectionTrait as _;
use store::{Options, Store, StoreError, ledger::Writer};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;
use weir_store as store;

use crate::common::*;

/// How long something may take that comes by itself.
const PATIENCE: Duration = Duration::from_secs(30);

fn recorded(journal: &Journal, n: u64) {
    let call: Call = call(n, at("2025-11-20T12:00:00Z"));
    journal.start(&call.start).unwrap();
    journal.finish(&call).unwrap();
}

/// A writer that runs.
fn running(
    store: &Store,
    reader: journal::Reader,
) -> (CancellationToken, JoinHandle<Result<(), StoreError>>) {
    let cancel = CancellationToken::new();
    let writer = Writer::new(store.clone(), reader).unwrap();
    let running = tokio::spawn(writer.run(cancel.clone()));
    (cancel, running)
}

#[tokio::test]
async fn a_lock_that_somebody_else_has_is_told_and_waited_out() {
    let place = Place::new();
    let store = place.open().await;
    let (journal, reader) = place.journal();
    let (cancel, running) = running(&store, reader);
    recorded(&journal, 1);
    until_rows(&store, 1).await;
    let locked = lock(&place).await;
    recorded(&journal, 2);
    let begun = Instant::now();
    let trouble = loop {
        match store.ledger_trouble() {
            Some(trouble) => break trouble,
            None => tokio::time::sleep(Duration::from_millis(50)).await,
        }
        assert!(begun.elapsed() < PATIENCE, "nothing is told");
    };
    assert!(trouble.message.contains("lock timeout"), "{trouble:?}");
    assert!(!trouble.needs_somebody, "{trouble:?}");
    locked.execute_unprepared("COMMIT").await.unwrap();
    until_rows(&store, 2).await;
    cancel.cancel();
    running.await.unwrap().unwrap();
    assert_eq!(store.ledger_trouble(), None);
}

/// What stands between Weir and its server, and can vanish: nothing comes through any more, and nobody is told.
struct Way {
    port: u16,
    vanished: CancellationToken,
}

impl Way {
    async fn to(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let vanished = CancellationToken::new();
        let ends = vanished.clone();
        tokio::spawn(async move {
            while let Ok((mut here, _)) = listener.accept().await {
                let (server, ends) = (server.clone(), ends.clone());
                tokio::spawn(async move {
                    let mut there = TcpStream::connect(server).await.unwrap();
                    let copied =
                        ends.run_until_cancelled(copy_bidirectional(&mut here, &mut there));
                    if copied.await.is_none() {
                        std::future::pending::<()>().await;
                    }
                });
            }
        });
        Self { port, vanished }
    }
}

#[tokio::test]
async fn a_weir_whose_server_vanished_still_ends() {
    let place = Place::new();
    let url = place.server.as_ref().unwrap().tcp_url();
    let (_, server) = url.split_once('@').unwrap();
    let (server, _) = server.split_once('/').unwrap();
    let way = Way::to(server.to_owned()).await;
    let database_url = url.replace(server, &format!("localhost:{}", way.port));
    let options = Options {
        database_url,
        ..place.options()
    };
    let store = Store::open_alone(options).await.unwrap();
    let (journal, reader) = place.journal();
    let (cancel, running) = running(&store, reader);
    recorded(&journal, 1);
    until_rows(&store, 1).await;
    way.vanished.cancel();
    recorded(&journal, 2);
    let begun = Instant::now();
    cancel.cancel();
    let ended = running.await.unwrap();
    assert!(
        matches!(ended, Err(StoreError::Unavailable(_))),
        "{ended:?}"
    );
    assert!(
        begun.elapsed() < Duration::from_secs(15),
        "{:?}",
        begun.elapsed()
    );
    let begun = Instant::now();
    let _late = store.close().await;
    assert!(
        begun.elapsed() < Duration::from_secs(15),
        "{:?}",
        begun.elapsed()
    );
    drop(way);
    // The machine is there again, and so is what it had; the journal has the rest.
    let store = place.open().await;
    let (_, reader) = place.journal();
    let mut writer = Writer::new(store.clone(), reader).unwrap();
    writer.recover().await.unwrap();
    assert_eq!(all(&store).await.len(), 2);
}
