//! Calls and sums that are kept for a time: whatever is deleted when, and whatever comes late, the figures are
//! those of all calls that there ever were, and the books prove it.

use crate::common::{books::*, expected::*, *};
use domain::{Timestamp, call::Call};
use jiff::SignedDuration;
use sea_orm::ConnectionTrait;
use serde_json::json;
use store::{
    AuditFilter, Store,
    ledger::Writer,
    retention::Keep,
    usage::{BucketSize, GroupBy, Metric, UsageQuery},
};
use weir_store as store;

const QUARTER_US: i64 = 900_000_000;

async fn keep(store: &Store, calls_days: Option<u32>, sums_days: Option<u32>) {
    let keep = Keep {
        calls_days,
        sums_days,
    };
    store.retention().set(keep, &noted()).await.unwrap();
    assert_eq!(store.retention().keep().await.unwrap(), keep);
}

fn moment(us: i64) -> Timestamp {
    Timestamp::from_microsecond(us).unwrap()
}

/// Every call that reports can still tell of, each where it can still be told: at the end of its quarter hour
/// where its row is gone.
fn tellable(calls: &[Call], report: &store::usage::UsageReport) -> Vec<Call> {
    let limits = report.limits;
    let kept = |call: &&Call| {
        let from = limits.figures_from;
        from.is_none_or(|from| call.start.started_at >= from)
    };
    let told = |call: &Call| {
        let mut call = call.clone();
        let at = call.start.started_at;
        if limits.calls_from.is_some_and(|from| at < from) {
            let us = at.as_microsecond();
            call.start.started_at = moment(us - us.rem_euclid(QUARTER_US) + QUARTER_US - 1);
        }
        call
    };
    calls.iter().filter(kept).map(told).collect()
}

/// Asks for reports of ranges, zones, groupings and filters that the dice say, and checks each with all calls.
async fn ask(store: &Store, calls: &[Call], dice: &mut Dice, from: Timestamp, to: Timestamp) {
    for _ in 0..5 {
        let mut query = random_question(dice, from, to);
        if splits(&query) && query.metric == Metric::Requests {
            query.metric = Metric::Tokens;
        }
        let report = store.calls().usage(&query).await.unwrap();
        let summed = UsageQuery {
            from: report.from,
            to: report.to,
            ..query.clone()
        };
        let told = tellable(calls, &report);
        check(&report, &told, &summed);
        let limits = report.limits;
        let is_asked = (report.from, report.to) == (query.from, query.to);
        assert_eq!(limits.asked.is_none(), is_asked);
        if limits.calls_from.is_none_or(|from| query.from >= from) {
            assert!(is_asked, "no edge lies where calls are deleted");
        }
        assert!(report.to >= query.to && report.to < query.to + SignedDuration::from_mins(15));
        let page = store.calls().usage_page(&query, 2).await.unwrap();
        assert_eq!(page.limits, limits);
        check_before(store, &query, report.from).await;
        if summed.from < summed.to {
            check_everywhere(store, &told, dice, &summed).await;
        }
    }
}

/// A page's period before is what a report of it says, though it ends inside a quarter hour.
async fn check_before(store: &Store, query: &UsageQuery, range_from: Timestamp) {
    let to = range_from - SignedDuration::from_mins(22);
    let before = (to - SignedDuration::from_mins(187), to);
    let calls = store.calls();
    let page = calls.usage_page_against(query, before, 2).await.unwrap();
    let alone = UsageQuery {
        group_by: GroupBy::None,
        from: before.0,
        to,
        ..query.clone()
    };
    for metric in [Metric::Spend, Metric::Tokens] {
        let alone = UsageQuery {
            metric,
            ..alone.clone()
        };
        let alone = calls.usage(&alone).await.unwrap();
        let told = match metric {
            Metric::Spend => page.before.spend,
            _ => page.before.tokens,
        };
        assert_eq!(told, alone.total);
        assert_eq!(page.before.unpriced, alone.unpriced_calls);
        if alone.from < alone.to {
            assert_eq!(page.before_range, (alone.from, alone.to));
        } else {
            assert!(page.before_range.0 >= page.before_range.1);
        }
    }
}

/// One past, recorded in an order and deleted in steps that the dice say.
async fn one_past(seed: u64) {
    let place = Place::new();
    let store = place.open().await;
    let mut dice = Dice(seed);
    let (zone_name, about) = PLACES[seed as usize % PLACES.len()];
    set_zone(&store, zone_name).await;
    let from = at(about) - SignedDuration::from_hours(24 * 6);
    let to = at(about) + SignedDuration::from_hours(24 * 7);
    let calls: Vec<Call> = (0..150).map(|n| dice.call(n, from, to)).collect();
    let mut recorded = 0;
    let mut writer = place.writer(&store);
    let with_sums = seed.is_multiple_of(2);
    for some in calls.chunks(29) {
        // Late ones among them, for stretches that are deleted or half deleted.
        record(&mut writer, some).await;
        recorded += some.len();
        if dice.roll(3) == 0 {
            record(&mut writer, some).await;
        }
        let days = 1 + dice.roll(8) as u32;
        let sums = with_sums.then(|| days + dice.roll(4) as u32);
        keep(&store, Some(days), sums).await;
        if dice.roll(5) == 0 {
            set_zone(&store, dice.one_of(PLACES).0).await;
        }
        let now = random_moment(&mut dice, from, to + SignedDuration::from_hours(72));
        if dice.roll(2) == 0 {
            writer.seal(now).await.unwrap();
        } else {
            for _ in 0..dice.roll(150) {
                writer.seal_some(now).await.unwrap();
            }
        }
        if dice.roll(4) == 0 {
            drop(writer);
            writer = place.writer(&store);
        }
        assert_balanced(&store).await;
        ask(&store, &calls[..recorded], &mut dice, from, to).await;
    }
    keep(&store, Some(2), None).await;
    let later = to + SignedDuration::from_hours(24 * 40);
    writer.seal(later).await.unwrap();
    assert_eq!(all(&store).await, []);
    assert_balanced(&store).await;
    ask(&store, &calls, &mut dice, from, to).await;
}

#[tokio::test]
async fn figures_are_those_of_all_calls_whatever_was_deleted_and_came_late() {
    for seed in (1..=5).take(ledgers(5)) {
        one_past(seed).await;
    }
}

const FROM: &str = "2025-10-01T03:00:00Z";
const TO: &str = "2025-10-21T09:00:00Z";
const NOW: &str = "2025-10-21T12:00:00Z";

async fn some_calls(place: &Place, store: &Store) -> (Writer, Vec<Call>) {
    let mut dice = Dice(77);
    let calls: Vec<Call> = (0..300).map(|n| dice.call(n, at(FROM), at(TO))).collect();
    let mut writer = place.writer(store);
    record(&mut writer, &calls).await;
    (writer, calls)
}

fn whole_range() -> UsageQuery {
    query(FROM, TO, "UTC", BucketSize::Day)
}

#[tokio::test]
async fn whole_days_of_the_zone_go_and_the_audit_tells_of_it_once() {
    let place = Place::new();
    let store = place.open().await;
    set_zone(&store, "Asia/Kathmandu").await;
    let (mut writer, calls) = some_calls(&place, &store).await;
    writer.seal(at(NOW)).await.unwrap();
    let before = store.calls().usage(&whole_range()).await.unwrap();
    let limit = at("2025-10-15T18:15:00Z");
    let old = calls
        .iter()
        .filter(|call| call.start.started_at < limit)
        .count() as u64;
    let wanted = Keep {
        calls_days: Some(5),
        sums_days: None,
    };
    let zone = zone("Asia/Kathmandu");
    let excess = store.retention().excess(wanted, &zone, at(NOW)).await;
    let excess = excess.unwrap();
    assert_eq!((excess.calls, excess.calls_until), (old, Some(limit)));
    assert_eq!(excess.sums_until, None);

    keep(&store, Some(5), None).await;
    writer.seal(at(NOW)).await.unwrap();
    let rows = all(&store).await;
    assert_eq!(rows.len() as u64, calls.len() as u64 - old);
    assert!(rows.iter().all(|row| row.call.start.started_at >= limit));
    let state = store.retention().state().await.unwrap();
    assert_eq!(state.calls, rows.len() as u64);
    assert_eq!(
        state.oldest_call,
        rows.iter().map(|row| row.call.start.started_at).min()
    );
    assert_eq!((state.calls_from, state.figures_from), (Some(limit), None));
    let last = state.last_calls.unwrap();
    assert_eq!((last.rows, last.until), (old, limit));
    assert_eq!(last.ended_at, Some(at(NOW)));
    assert_eq!(state.last_sums, None);
    let mut after = store.calls().usage(&whole_range()).await.unwrap();
    after.limits = before.limits;
    assert_eq!(after, before, "no figure changes");

    // Nothing is left to do, and what came late goes without being told again.
    assert!(!writer.seal_some(at(NOW)).await.unwrap());
    record(&mut writer, &[call(7_000, at("2025-10-02T00:07:00Z"))]).await;
    assert_balanced(&store).await;
    writer.seal(at(NOW)).await.unwrap();
    assert_eq!(all(&store).await.len(), rows.len());
    assert_balanced(&store).await;
    let found = store.calls().verify().await.unwrap();
    assert_eq!(found.deleted_until, Some(limit));
    let last = store.retention().state().await.unwrap().last_calls.unwrap();
    assert_eq!(last.rows, old + 1);
    let told = store
        .audit()
        .list(&AuditFilter::default(), 100, None)
        .await
        .unwrap()
        .items;
    let told: Vec<_> = told
        .iter()
        .filter(|row| row.entry.object_kind == "ledger")
        .collect();
    assert_eq!(told.len(), 1);
    let entry = &told[0].entry;
    assert_eq!(
        (
            entry.actor.as_str(),
            entry.action.as_str(),
            entry.object_id.as_str()
        ),
        ("system", "delete", "calls")
    );
    assert_eq!(
        entry.after,
        Some(json!({"before": "2025-10-15T18:15:00Z", "deleted": old}))
    );
}

#[tokio::test]
async fn a_sum_of_deleted_calls_that_was_changed_is_found() {
    let place = Place::new();
    let store = place.open().await;
    let (mut writer, _) = some_calls(&place, &store).await;
    keep(&store, Some(3), None).await;
    writer.seal(at(NOW)).await.unwrap();
    let db = other(&place).await;
    let changes = [
        ("cost_input_nano = cost_input_nano + 1", "level = 1"),
        ("requests = requests - 1", "level = 2"),
        ("user_name = 'somebody'", "level = 2"),
    ];
    for (change, level) in changes {
        assert_balanced(&store).await;
        let first = number(
            &db,
            &format!("SELECT min(start_us) FROM usage_quarters WHERE {level}"),
        )
        .await;
        let key = format!("WHERE {level} AND start_us = {first}");
        let copy = format!("CREATE TABLE copied AS SELECT * FROM usage_quarters {key}");
        db.execute_unprepared(&copy).await.unwrap();
        db.execute_unprepared(&format!("UPDATE usage_quarters SET {change} {key}"))
            .await
            .unwrap();
        let found = store.calls().verify_rollups().await.unwrap();
        let of_checksum: Vec<_> = found.iter().filter(|it| it.sum == "checksum").collect();
        assert_eq!(of_checksum.len(), 1, "{change}: {found:?}");
        assert_eq!(of_checksum[0].start, moment(first));
        for sql in [
            format!("DELETE FROM usage_quarters {key}").as_str(),
            "INSERT INTO usage_quarters SELECT * FROM copied",
            "DROP TABLE copied",
        ] {
            db.execute_unprepared(sql).await.unwrap();
        }
    }
    assert_balanced(&store).await;
    let gone =
        "DELETE FROM usage_quarters WHERE start_us = (SELECT min(start_us) FROM usage_quarters)";
    db.execute_unprepared(gone).await.unwrap();
    let found = store.calls().verify_rollups().await.unwrap();
    assert!(found.iter().any(|it| it.sum == "checksum"), "{found:?}");
}

#[tokio::test]
async fn a_step_that_fails_half_way_deletes_nothing() {
    let place = Place::new();
    let store = place.open().await;
    let (mut writer, calls) = some_calls(&place, &store).await;
    writer.seal(at(NOW)).await.unwrap();
    keep(&store, Some(3), Some(9)).await;
    let db = other(&place).await;
    refuse(&db, "DELETE ON calls").await;
    writer.seal(at(NOW)).await.unwrap_err();
    assert_eq!(all(&store).await.len(), calls.len());
    assert_eq!(number(&db, "SELECT count(*) FROM usage_checksums").await, 0);
    assert_eq!(store.retention().state().await.unwrap().calls_from, None);
    assert_balanced(&store).await;
    allow(&db).await;
    refuse(&db, "DELETE ON usage_sealed").await;
    writer.seal(at(NOW)).await.unwrap_err();
    assert_balanced(&store).await;
    allow(&db).await;
    writer.seal(at(NOW)).await.unwrap();
    assert_balanced(&store).await;
}

#[tokio::test]
async fn a_change_of_mind_holds_from_the_next_stretch_on() {
    let place = Place::new();
    let store = place.open().await;
    let (mut writer, calls) = some_calls(&place, &store).await;
    writer.seal(at(NOW)).await.unwrap();
    keep(&store, Some(1), None).await;
    for _ in 0..4 {
        assert!(writer.seal_some(at(NOW)).await.unwrap());
    }
    keep(&store, None, None).await;
    writer.seal(at(NOW)).await.unwrap();
    let left = all(&store).await.len();
    assert!(left > 0 && left < calls.len(), "{left}");
    let state = store.retention().state().await.unwrap();
    let last = state.last_calls.unwrap();
    assert_eq!(last.rows, (calls.len() - left) as u64);
    assert_eq!(Some(last.until), state.calls_from);
    assert!(last.ended_at.is_some());
    assert_balanced(&store).await;
}

#[tokio::test]
async fn figures_begin_where_sums_are_kept_from() {
    let place = Place::new();
    let store = place.open().await;
    set_zone(&store, "America/St_Johns").await;
    let (mut writer, _) = some_calls(&place, &store).await;
    writer.seal(at(NOW)).await.unwrap();
    keep(&store, Some(2), Some(10)).await;
    writer.seal(at(NOW)).await.unwrap();
    let limit = at("2025-10-11T02:30:00Z");
    let state = store.retention().state().await.unwrap();
    assert_eq!(state.figures_from, Some(limit));
    assert!(state.last_sums.unwrap().rows > 0);
    let db = other(&place).await;
    for table in ["usage_quarters", "usage_sealed", "usage_checksums"] {
        let old = format!(
            "SELECT count(*) FROM {table} WHERE start_us < {}",
            limit.as_microsecond()
        );
        assert_eq!(number(&db, &old).await, 0, "{table}");
    }
    let report = store.calls().usage(&whole_range()).await.unwrap();
    assert_eq!((report.from, report.to), (limit, at(TO)));
    assert_eq!(report.limits.asked, Some((at(FROM), at(TO))));
    assert_eq!(report.limits.figures_from, Some(limit));
    let before = query(FROM, "2025-10-05T00:00:00Z", "UTC", BucketSize::Day);
    let nothing = store.calls().usage(&before).await.unwrap();
    assert_eq!((nothing.total, nothing.from), (0, nothing.to));
    assert!(nothing.series.iter().all(|series| series.points.is_empty()));
    assert_balanced(&store).await;
}

#[tokio::test]
async fn what_the_journal_still_has_of_deleted_calls_is_not_counted_again() {
    let place = Place::new();
    let store = place.open().await;
    let (journal, _) = place.journal();
    for n in 0..40 {
        let call = call(n, at(FROM) + SignedDuration::from_mins(n as i64 * 7));
        journal.start(&call.start).unwrap();
        journal.finish(&call).unwrap();
    }
    // One that a crash leaves without an end.
    let open = start(99, at("2025-10-01T05:00:00Z"));
    journal.start(&open).unwrap();
    drop(journal);
    let mut writer = place.writer(&store);
    writer.recover().await.unwrap();
    keep(&store, Some(2), None).await;
    writer.seal(at(NOW)).await.unwrap();
    let requests = UsageQuery {
        metric: Metric::Requests,
        ..whole_range()
    };
    let before = store.calls().usage(&requests).await.unwrap();
    assert!(all(&store).await.is_empty() && before.total == 41);
    drop(writer);
    let mut writer = place.writer(&store);
    writer.recover().await.unwrap();
    writer.seal(at(NOW)).await.unwrap();
    assert!(all(&store).await.is_empty());
    let after = store.calls().usage(&requests).await.unwrap();
    assert_eq!(after, before);
    assert_balanced(&store).await;
}
