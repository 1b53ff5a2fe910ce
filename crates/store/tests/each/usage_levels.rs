//! Sums over longer spans: whenever they are sealed, whatever comes late, twice or never, and whichever zone
//! the reports are of, the figures are those of the rows.

use crate::common::{books::*, *};
use domain::call::Call;
use jiff::SignedDuration;
use store::{Store, ledger::Writer};
use weir_store as store;

/// One past, recorded in an order and with interruptions that the dice say.
async fn one_past(seed: u64) {
    let place = Place::new();
    let store = place.open().await;
    let mut dice = Dice(seed);
    let (zone_name, about) = PLACES[seed as usize % PLACES.len()];
    set_zone(&store, zone_name).await;
    let from = at(about) - SignedDuration::from_hours(24 * 6);
    let to = at(about) + SignedDuration::from_hours(24 * 7);
    let calls: Vec<Call> = (0..160).map(|n| dice.call(n, from, to)).collect();
    let mut writer = place.writer(&store);
    for some in calls.chunks(23) {
        record(&mut writer, some).await;
        match dice.roll(6) {
            0 => record(&mut writer, some).await,
            1 => {
                let now = random_moment(&mut dice, from, to);
                writer.seal(now).await.unwrap();
            }
            2 => {
                // Not to its end.
                let now = random_moment(&mut dice, from, to);
                for _ in 0..dice.roll(40) {
                    writer.seal_some(now).await.unwrap();
                }
            }
            3 => {
                drop(writer);
                writer = place.writer(&store);
            }
            4 => set_zone(&store, dice.one_of(PLACES).0).await,
            _ => {}
        }
    }
    assert_balanced(&store).await;
    ask(&store, &calls, &mut dice, from, to).await;
    let later = to + SignedDuration::from_hours(24 * 40);
    writer.seal(later).await.unwrap();
    assert_balanced(&store).await;
    ask(&store, &calls, &mut dice, from, to).await;
}

#[tokio::test]
async fn figures_are_those_of_the_rows_however_they_were_sealed() {
    for seed in (1..=10).take(ledgers(10)) {
        one_past(seed).await;
    }
}

const FROM: &str = "2025-10-25T03:00:00Z";
const TO: &str = "2025-11-04T09:00:00Z";
const LATER: &str = "2025-12-24T09:00:00Z";

async fn some_calls(place: &Place, store: &Store) -> (Writer, Vec<Call>) {
    let mut dice = Dice(77);
    let calls: Vec<Call> = (0..200).map(|n| dice.call(n, at(FROM), at(TO))).collect();
    let mut writer = place.writer(store);
    record(&mut writer, &calls).await;
    (writer, calls)
}

#[tokio::test]
async fn a_step_that_fails_half_way_leaves_nothing_behind() {
    let place = Place::new();
    let store = place.open().await;
    let (mut writer, calls) = some_calls(&place, &store).await;
    // The levels are made.
    writer.seal_some(at(LATER)).await.unwrap();
    let db = other(&place).await;
    refuse(&db, "UPDATE ON usage_levels").await;
    writer.seal(at(LATER)).await.unwrap_err();
    assert_eq!(number(&db, "SELECT count(*) FROM usage_sealed").await, 0);
    allow(&db).await;
    writer.seal(at(LATER)).await.unwrap();
    assert!(number(&db, "SELECT count(*) FROM usage_sealed").await > 0);

    // A batch with late calls that fails after its sums were added.
    refuse(&db, "UPDATE ON journal_position").await;
    let late: Vec<Call> = {
        let mut dice = Dice(78);
        (1_000..1_050)
            .map(|n| dice.call(n, at(FROM), at(TO)))
            .collect()
    };
    let entries = || late.iter().map(finish).collect();
    let position = journal::Position::default();
    writer.record(entries(), position).await.unwrap_err();
    assert_balanced(&store).await;
    allow(&db).await;
    writer.record(entries(), position).await.unwrap();
    assert_eq!(all(&store).await.len(), calls.len() + late.len());
    assert_balanced(&store).await;
    let rows: i64 = number(&db, "SELECT sum(cost_total_nano) FROM calls").await;
    for side in ["provider", "user", "user_agent"] {
        let sql = format!(
            "SELECT sum(cost_total_nano) FROM usage_sealed WHERE level = \
             (SELECT id FROM usage_levels WHERE side = '{side}' AND span = 'month')"
        );
        assert_eq!(number(&db, &sql).await, rows, "{side}");
    }
}

#[tokio::test]
async fn another_zone_makes_days_anew_and_removes_the_old_ones() {
    let place = Place::new();
    let store = place.open().await;
    let (mut writer, calls) = some_calls(&place, &store).await;
    writer.seal(at(LATER)).await.unwrap();
    let db = other(&place).await;
    let levels = number(&db, "SELECT count(*) FROM usage_levels").await;
    let old = number(&db, "SELECT max(id) FROM usage_levels").await;
    set_zone(&store, "Asia/Kathmandu").await;
    let mut dice = Dice(5);
    let mut steps = 0;
    while writer.seal_some(at(LATER)).await.unwrap() {
        if steps % 60 == 0 {
            ask(&store, &calls, &mut dice, at(FROM), at(TO)).await;
            assert_balanced(&store).await;
        }
        steps += 1;
    }
    assert_eq!(
        number(&db, "SELECT count(*) FROM usage_levels").await,
        levels
    );
    assert!(number(&db, "SELECT max(id) FROM usage_levels").await > old);
    let stray =
        "SELECT count(*) FROM usage_sealed WHERE level NOT IN (SELECT id FROM usage_levels)";
    assert_eq!(number(&db, stray).await, 0);
    ask(&store, &calls, &mut dice, at(FROM), at(TO)).await;
}

#[tokio::test]
async fn the_last_look_through_the_books_is_kept() {
    let place = Place::new();
    let store = place.open().await;
    assert_eq!(store.calls().last_verification().await.unwrap(), None);
    let (mut writer, calls) = some_calls(&place, &store).await;
    writer.seal(at(LATER)).await.unwrap();
    let found = store.calls().verify().await.unwrap();
    assert_eq!(found.differences, []);
    assert_eq!(found.calls, calls.len() as u64);
    assert!(found.sums > found.calls);
    store
        .calls()
        .keep_verification(&found, at(LATER))
        .await
        .unwrap();
    let last = store.calls().last_verification().await.unwrap().unwrap();
    assert_eq!(
        (last.at, last.calls, last.sums, last.differences),
        (at(LATER), found.calls, found.sums, 0)
    );
}
