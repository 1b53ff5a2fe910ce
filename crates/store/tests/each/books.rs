//! The books balance: whatever calls there are and whatever happens to the ledger, every figure that is told is
//! the sum of the rows, to the nano-dollar, in every zone, under every filter, on both sides of a change of
//! clocks. What is asked and compared stands in `common::books`.

use std::{
    env,
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
};

use crate::common::{books::*, *};
use domain::{Timestamp, call::Call};
use jiff::SignedDuration;
use journal::{Journal, SyncPolicy};
use store::{Store, ledger::Writer, usage::ReportBucket, usage::ReportBy, usage::ReportQuery};
use tokio_util::sync::CancellationToken;
use weir_store as store;

/// Six days before and seven days after a moment at which clocks do something that is not usual.
fn range(about: &str) -> (Timestamp, Timestamp) {
    let day = SignedDuration::from_hours(24);
    (at(about) - day * 6, at(about) + day * 7)
}

fn ledger(dice: &mut Dice, count: u64, (from, to): (Timestamp, Timestamp)) -> Vec<Call> {
    (0..count).map(|n| dice.call(n, from, to)).collect()
}

#[tokio::test]
async fn every_figure_is_the_sum_of_the_rows() {
    for (seed, (zone, about)) in (100..).zip(PLACES).take(ledgers(PLACES.len())) {
        let place = Place::new();
        let store = place.open().await;
        set_zone(&store, zone).await;
        let mut dice = Dice(seed);
        let range = range(about);
        let calls = ledger(&mut dice, 120, range);
        let mut writer = place.writer(&store);
        record(&mut writer, &calls).await;
        balance(&store, &calls, &mut dice, 4, range).await;
        writer.seal(at(about)).await.unwrap();
        balance(&store, &calls, &mut dice, 4, range).await;
        writer
            .seal(range.1 + SignedDuration::from_hours(24 * 40))
            .await
            .unwrap();
        balance(&store, &calls, &mut dice, 4, range).await;
        assert_balanced(&store).await;
    }
}

#[tokio::test]
async fn a_report_of_many_lines_and_buckets_is_whole() {
    let place = Place::new();
    let store = place.open().await;
    let mut dice = Dice(41);
    let range = (at("2024-01-01T00:00:00Z"), at("2025-12-31T00:00:00Z"));
    let calls = ledger(&mut dice, 3_000, range);
    record(&mut place.writer(&store), &calls).await;
    // More hours than a chart could have, more lines than are handed on at once, and, of one person, more quarter
    // hours than a query can name.
    let of_one = store::usage::UsageFilter {
        users: store::Choice::only(Some("user-1".to_owned())),
        ..store::usage::UsageFilter::default()
    };
    let all = store::usage::UsageFilter::default();
    for (bucket, filter) in [
        (ReportBucket::Hour, all.clone()),
        (ReportBucket::Total, all),
        (ReportBucket::Total, of_one),
    ] {
        let query = ReportQuery {
            bucket,
            by: vec![
                ReportBy::Provider,
                ReportBy::Agent,
                ReportBy::User,
                ReportBy::Token,
            ],
            zone: store::usage::ReportZone::new("Europe/Berlin").unwrap(),
            from: at("1970-01-01T00:00:00Z"),
            to: at("2999-01-01T00:00:00Z"),
            filter,
        };
        let lines = read_lines(&store, &query).await;
        assert!(!lines.is_empty());
        check_lines(&lines, &calls, &query);
    }
}

#[tokio::test]
async fn a_report_that_nobody_takes_any_more_ends() {
    let place = Place::new();
    let store = place.open().await;
    let calls = ledger(&mut Dice(42), 900, range("2025-03-30T01:00:00Z"));
    record(&mut place.writer(&store), &calls).await;
    let query = ReportQuery {
        bucket: ReportBucket::Hour,
        by: ReportBy::ALL[..5].to_vec(),
        zone: store::usage::ReportZone::utc(),
        from: at("2025-01-01T00:00:00Z"),
        to: at("2026-01-01T00:00:00Z"),
        filter: store::usage::UsageFilter::default(),
    };
    let (sender, mut receiver) = tokio::sync::mpsc::channel(1);
    let reading = store.calls();
    let (outcome, ()) = tokio::join!(reading.report(&query, &sender), async move {
        assert!(!receiver.recv().await.unwrap().is_empty());
    });
    outcome.unwrap();
}

/// Where the process that is killed finds its folder.
const FOLDER: &str = "WEIR_TEST_FOLDER";
/// And where its database.
const DATABASE: &str = "WEIR_TEST_DATABASE";
/// So many calls it would record.
const CALLS: u64 = 2_000;

fn calls_of(seed: u64) -> Vec<Call> {
    ledger(&mut Dice(seed), CALLS, range(PLACES[1].1))
}

/// Records calls and seals their sums until it is killed, and says of every tenth that its end is on the disk.
#[tokio::test]
#[ignore = "is run by the test below, in a process of its own"]
async fn records_until_it_is_killed() {
    let Some(folder) = env::var_os(FOLDER) else {
        return;
    };
    let folder = std::path::PathBuf::from(folder);
    let options = store::Options {
        database_url: env::var(DATABASE).unwrap(),
        master_key: store::MasterKey::load(None, &folder.join("master.key")).unwrap(),
        readers: 1,
    };
    let store = Store::open(options).await.unwrap();
    let (journal, reader) = Journal::open(&folder.join("journal"), SyncPolicy::Off).unwrap();
    let writer = Writer::new(store, reader).unwrap();
    tokio::spawn(writer.run(CancellationToken::new()));
    for (n, call) in calls_of(folder.as_os_str().len() as u64).iter().enumerate() {
        journal.start(&call.start).unwrap();
        journal.finish(call).unwrap();
        if n % 10 == 0 {
            println!("recorded {n}");
            tokio::task::yield_now().await;
        }
    }
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn every_figure_is_the_sum_of_the_rows_after_a_kill_and_a_replay() {
    let mut dice = Dice(9);
    let (_, tests) = module_path!().split_once("::").unwrap();
    for _ in 0..ledgers(3) {
        let place = Place::new();
        let folder = place.dir.path();
        let store = place.open().await;
        set_zone(&store, PLACES[1].0).await;
        store.close().await.unwrap();
        let mut killed = Command::new(env::current_exe().unwrap())
            .args([
                "--exact",
                &format!("{tests}::records_until_it_is_killed"),
                "--ignored",
                "--nocapture",
            ])
            .env(FOLDER, folder)
            .env(DATABASE, place.url())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stop_at = dice.roll(CALLS / 10) * 10;
        let mut told = 0;
        for line in BufReader::new(killed.stdout.take().unwrap()).lines() {
            if let Some(n) = line.unwrap().strip_prefix("recorded ") {
                told = n.parse::<usize>().unwrap() + 1;
            }
            if told as u64 > stop_at {
                break;
            }
        }
        killed.kill().unwrap();
        killed.wait().unwrap();

        let store = place.open().await;
        let (_journal, reader) = place.journal();
        let cancel = CancellationToken::new();
        cancel.cancel();
        let writer = Writer::new(store.clone(), reader).unwrap();
        writer.run(cancel).await.unwrap();
        let mut rows: Vec<Call> = all(&store).await.into_iter().map(|row| row.call).collect();
        // The last one may have been cut off between its start and its end.
        rows.sort_by_key(|call| call.start.id);
        assert!(rows.len() >= told, "{} of {told}", rows.len());
        let mut recorded = calls_of(folder.as_os_str().len() as u64);
        recorded.truncate(told);
        let ids: Vec<_> = rows.iter().map(|call| call.start.id).collect();
        assert!(recorded.iter().all(|call| ids.contains(&call.start.id)));
        balance(&store, &rows, &mut dice, 8, range(PLACES[1].1)).await;
        assert_balanced(&store).await;
    }
}
