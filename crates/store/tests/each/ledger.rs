//! The ledger's writer: everything once, whatever happens.

use std::{collections::HashSet, fs, time::Duration};

use crate::common::*;
use domain::{
    CallId, NanoUsd,
    call::{Operation, Outcome},
    pricing::{Charge, PriceState},
};
use journal::{Journal, Position, SyncPolicy};
use sea_orm::ConnectionTrait;
use store::{Store, ledger::Writer};
use tokio_util::sync::CancellationToken;
use weir_store as store;

const NOON: &str = "2025-11-20T12:00:00Z";

/// Runs a writer until it has drained its journal.
async fn drain(writer: Writer) {
    let cancel = CancellationToken::new();
    cancel.cancel();
    writer.run(cancel).await.unwrap();
}

async fn ids(store: &Store) -> HashSet<CallId> {
    all(store)
        .await
        .iter()
        .map(|row| row.call.start.id)
        .collect()
}

#[tokio::test]
async fn a_call_is_read_back_as_it_was_finished() {
    let place = Place::new();
    let store = place.open().await;
    let mut call = call(1, at(NOON));
    call.start.agent = Some("billing".to_owned());
    call.start.user = Some("ada".to_owned());
    call.start.conversation = Some("c-1".to_owned());
    call.start.streamed = true;
    call.geography = Some("eu".to_owned());
    call.background_response = Some("resp_1".to_owned());
    call.usage.searches = Some(2);
    call.charge.searches = Some(NanoUsd(20_000_000));
    call.charge.total = Some(NanoUsd(23_500_000));
    call.charge.search_rate = Some(domain::pricing::AppliedSearchRate {
        usd_per_thousand: "10".parse().unwrap(),
        source: domain::pricing::RateSource::Catalog,
    });
    record(&mut place.writer(&store), &[call.clone()]).await;
    let row = store.calls().get(call.start.id).await.unwrap().unwrap();
    assert_eq!(row.call, call);
    assert_eq!(row.recorded_seq, 1);
    assert_balanced(&store).await;
}

#[tokio::test]
async fn what_is_journalled_becomes_rows_while_it_runs() {
    let place = Place::new();
    let store = place.open().await;
    let (journal, reader) = place.journal();
    let cancel = CancellationToken::new();
    let writer = Writer::new(store.clone(), reader).unwrap();
    let running = tokio::spawn(writer.run(cancel.clone()));
    for n in 0..300 {
        let call = call(n, at(NOON));
        journal.start(&call.start).unwrap();
        journal.finish(&call).unwrap();
        if n % 100 == 50 {
            tokio::time::sleep(Duration::from_millis(150)).await;
        }
    }
    until_rows(&store, 300).await;
    cancel.cancel();
    running.await.unwrap().unwrap();
    assert_eq!(all(&store).await.len(), 300);
    assert_balanced(&store).await;
}

#[tokio::test]
async fn the_end_of_the_program_drains_the_journal() {
    let place = Place::new();
    let store = place.open().await;
    let (journal, reader) = place.journal();
    let writer = Writer::new(store.clone(), reader).unwrap();
    for n in 0..5_000 {
        journal.finish(&call(n, at(NOON))).unwrap();
    }
    drain(writer).await;
    assert_eq!(all(&store).await.len(), 5_000);
}

#[tokio::test]
async fn a_crash_loses_nothing_and_counts_nothing_twice() {
    let mut place = Place::new();
    // One run writes some rows; a copy is taken of its database; it writes more and dies.
    let store = place.open().await;
    let (journal, reader) = place.journal();
    for n in 0..100 {
        journal.finish(&call(n, at(NOON))).unwrap();
    }
    drain(Writer::new(store.clone(), reader).unwrap()).await;
    store.close().await.unwrap();
    let copy = place.copy();
    for n in 100..250 {
        journal.finish(&call(n, at(NOON))).unwrap();
    }
    drop(journal);

    // The next run goes on behind the first hundred.
    let store = place.open().await;
    let (_journal, reader) = place.journal();
    drain(Writer::new(store.clone(), reader).unwrap()).await;
    assert_eq!(ids(&store).await.len(), 250);
    assert_eq!(all(&store).await.len(), 250);
    assert_balanced(&store).await;
    store.close().await.unwrap();

    // The database of before comes back; those segments are gone by now, but its rows are there.
    place.bring_back(copy);
    let store = place.open().await;
    let (_journal, reader) = place.journal();
    drain(Writer::new(store.clone(), reader).unwrap()).await;
    assert_eq!(all(&store).await.len(), 100);
    assert_balanced(&store).await;
}

#[tokio::test]
async fn data_folders_that_have_a_database_by_turns_go_on_each_where_it_ended() {
    let place = Place::new();
    let store = place.open().await;
    let another = place.dir.path().join("another journal");
    let open_another = || Journal::open(&another, SyncPolicy::Off).unwrap();
    let (journal, reader) = place.journal();
    for n in 0..100 {
        journal.finish(&call(n, at(NOON))).unwrap();
    }
    drain(Writer::new(store.clone(), reader).unwrap()).await;
    // It ends with calls in its journal that the database does not have.
    for n in 100..120 {
        journal.finish(&call(n, at(NOON))).unwrap();
    }
    drop(journal);
    let (journal, reader) = open_another();
    for n in 120..170 {
        journal.finish(&call(n, at(NOON))).unwrap();
    }
    drain(Writer::new(store.clone(), reader).unwrap()).await;
    drop(journal);
    assert_eq!(all(&store).await.len(), 150);
    let (_, reader) = place.journal();
    drain(Writer::new(store.clone(), reader).unwrap()).await;
    assert_eq!(all(&store).await.len(), 170);
    assert_balanced(&store).await;
    // What each has recorded is not read again: it may have been deleted meanwhile.
    let db = other(&place).await;
    db.execute_unprepared("DELETE FROM calls").await.unwrap();
    for (_, reader) in [open_another(), place.journal()] {
        drain(Writer::new(store.clone(), reader).unwrap()).await;
    }
    assert_eq!(all(&store).await.len(), 0);
}

#[tokio::test]
async fn a_checkpoint_that_is_behind_its_rows_is_harmless() {
    let place = Place::new();
    let store = place.open().await;
    let (journal, reader) = place.journal();
    let mut calls = vec![];
    for n in 0..700 {
        let call = call(n, at(NOON));
        journal.start(&call.start).unwrap();
        journal.finish(&call).unwrap();
        calls.push(call);
    }
    // Rows 0 to 299 are there, but the position says that nothing is.
    record(&mut place.writer(&store), &calls[..300]).await;
    drain(Writer::new(store.clone(), reader).unwrap()).await;
    assert_eq!(all(&store).await.len(), 700);
    let spend: NanoUsd = all(&store)
        .await
        .iter()
        .filter_map(|row| row.call.charge.total)
        .sum();
    assert_eq!(spend, NanoUsd(700 * 3_500_000));
    assert_balanced(&store).await;
}

#[tokio::test]
async fn the_same_end_twice_is_one_row() {
    let place = Place::new();
    let store = place.open().await;
    let mut writer = place.writer(&store);
    let once = call(1, at(NOON));
    record(&mut writer, &[once.clone(), once.clone()]).await;
    record(&mut writer, &[once.clone(), call(2, at(NOON))]).await;
    assert_eq!(all(&store).await.len(), 2);
    assert_balanced(&store).await;
}

#[tokio::test]
async fn calls_that_a_crash_has_cut_off_are_interrupted() {
    let place = Place::new();
    let store = place.open().await;
    let (journal, reader) = place.journal();
    let mut measured = start(1, at(NOON));
    measured.estimated_input = Some(77);
    journal.start(&measured).unwrap();
    let other = start(2, at(NOON));
    journal.start(&other).unwrap();
    let over = call(3, at(NOON));
    journal.start(&over.start).unwrap();
    journal.finish(&over).unwrap();
    drain(Writer::new(store.clone(), reader).unwrap()).await;
    // They are still running as far as anybody knows.
    assert_eq!(all(&store).await.len(), 1);
    let unread = start(4, at(NOON));
    journal.start(&unread).unwrap();
    let mut ranking = start(6, at(NOON));
    ranking.operation = Operation::Rerank;
    journal.start(&ranking).unwrap();
    drop(journal);

    let (journal, reader) = place.journal();
    let writer = Writer::new(store.clone(), reader).unwrap();
    // A call of the new run, before the old ones are settled.
    let new = start(5, at(NOON));
    journal.start(&new).unwrap();
    drain(writer).await;
    let rows = all(&store).await;
    assert_eq!(rows.len(), 5);
    for (start, usage, searches, state) in [
        (&measured, Some(77), None, PriceState::Unpriced),
        (&other, None, None, PriceState::NotBilled),
        (&unread, None, None, PriceState::NotBilled),
        (&ranking, None, Some(1), PriceState::Unpriced),
    ] {
        let row = store.calls().get(start.id).await.unwrap().unwrap();
        assert_eq!(row.call.outcome, Outcome::Interrupted);
        assert_eq!(row.call.price_state, state);
        assert_eq!(row.call.usage.tokens.input, usage);
        assert_eq!(row.call.usage.searches, searches);
        assert_eq!(row.call.charge, Charge::default());
        assert_eq!(row.call.status, 0);
    }
    assert_eq!(store.calls().get(new.id).await.unwrap(), None);
    assert_balanced(&store).await;
}

#[tokio::test]
async fn a_call_that_ends_in_a_later_batch_is_open_until_then() {
    let place = Place::new();
    let store = place.open().await;
    let mut writer = place.writer(&store);
    let call = call(1, at(NOON));
    let position = |offset| Position { segment: 1, offset };
    writer
        .record(vec![begin(&call.start)], position(10))
        .await
        .unwrap();
    assert!(all(&store).await.is_empty());
    writer
        .record(vec![finish(&call)], position(20))
        .await
        .unwrap();
    // Nothing is left to be interrupted.
    let mut next = place.writer(&store);
    next.recover().await.unwrap();
    let rows = all(&store).await;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].call, call);
}

#[tokio::test]
async fn what_is_in_the_database_is_let_go_from_the_journal() {
    let place = Place::new();
    let store = place.open().await;
    let folder = place.dir.path().join("journal");
    let segments = || fs::read_dir(&folder).unwrap().count();
    for run in 0..3 {
        let (journal, _) = place.journal();
        journal.finish(&call(run, at(NOON))).unwrap();
    }
    assert_eq!(segments(), 3);
    let (_journal, reader) = place.journal();
    drain(Writer::new(store.clone(), reader).unwrap()).await;
    assert_eq!(all(&store).await.len(), 3);
    assert_eq!(segments(), 1);
}

#[tokio::test]
async fn a_locked_database_is_waited_out() {
    let place = Place::new();
    let store = place.open().await;
    let (journal, reader) = place.journal();
    let cancel = CancellationToken::new();
    let writer = Writer::new(store.clone(), reader).unwrap();
    let running = tokio::spawn(writer.run(cancel.clone()));
    journal.finish(&call(0, at(NOON))).unwrap();
    until_rows(&store, 1).await;

    let other = lock(&place).await;
    for n in 1..200 {
        journal.finish(&call(n, at(NOON))).unwrap();
    }
    // Longer than SQLite itself waits for a lock. Readers are not held up.
    tokio::time::sleep(Duration::from_millis(6_500)).await;
    assert_eq!(all(&store).await.len(), 1);
    assert_eq!((journal.ended(), store.recorded_calls()), (200, 1));
    other.execute_unprepared("COMMIT").await.unwrap();
    until_rows(&store, 200).await;
    cancel.cancel();
    running.await.unwrap().unwrap();
    assert_eq!((journal.ended(), store.recorded_calls()), (200, 200));
    assert!(journal.bytes().unwrap() > 0 && store.size_bytes().await.unwrap() > 0);
    assert_balanced(&store).await;
}

#[tokio::test]
async fn a_database_that_is_locked_at_the_start_misses_nothing() {
    let place = Place::new();
    let store = place.open().await;
    let (journal, _) = place.journal();
    journal.start(&start(0, at(NOON))).unwrap();
    for n in 1..50 {
        journal.finish(&call(n, at(NOON))).unwrap();
    }
    drop(journal);
    let (journal, reader) = place.journal();
    let cancel = CancellationToken::new();
    let writer = Writer::new(store.clone(), reader).unwrap();
    let other = lock(&place).await;
    let running = tokio::spawn(writer.run(cancel.clone()));
    journal.finish(&call(50, at(NOON))).unwrap();
    tokio::time::sleep(Duration::from_millis(6_500)).await;
    assert_eq!(all(&store).await.len(), 0);
    other.execute_unprepared("COMMIT").await.unwrap();
    until_rows(&store, 51).await;
    cancel.cancel();
    running.await.unwrap().unwrap();
    assert_balanced(&store).await;
}

#[tokio::test]
async fn positions_of_journals_of_long_ago_are_forgotten() {
    const DAY_US: u64 = 24 * 3_600 * 1_000_000;
    let place = Place::new();
    let store = place.open().await;
    let mut writer = place.writer(&store);
    let other = other(&place).await;
    let newest = 20_000 * DAY_US;
    for (days_ago, kept) in [(401, 1), (399, 2), (0, 2)] {
        let segment = newest - days_ago * DAY_US;
        let position = Position { segment, offset: 1 };
        writer.record(vec![], position).await.unwrap();
        let count = "SELECT COUNT(*) FROM journal_position";
        assert_eq!(number(&other, count).await, kept, "{days_ago}");
    }
}
