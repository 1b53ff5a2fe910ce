//! A journal that is removed while it is written, damaged in the middle, torn at its end, or newer.

use std::{fs, io::Write};

use sea_orm::ConnectionTrait;

use crate::{
    books::Notes,
    files::{other, segments},
    place::Place,
};

#[tokio::test]
async fn a_journal_that_is_removed_while_weir_runs_loses_no_call() {
    let place = Place::new().await;
    let journal = place.data().join("journal");
    let weir = place.start().await;
    let mut notes = place.calls(&weir, 20).await;
    // Rows wait in the journal when it goes.
    let lock = other(&place.data().join("weir.db")).await;
    lock.execute_unprepared("BEGIN IMMEDIATE").await.unwrap();
    notes.add(place.calls(&weir, 20).await);
    fs::remove_dir_all(&journal).unwrap();
    weir.says("Somebody has removed the journal's file").await;
    notes.add(place.calls(&weir, 20).await);
    assert_eq!((segments(&journal).len(), notes.refused), (1, 0));
    lock.execute_unprepared("ROLLBACK").await.unwrap();
    lock.close().await.unwrap();
    place.books_balance(&weir, &notes).await;
    notes.add(place.calls(&weir, 20).await);
    weir.kill();
    let weir = place.start().await;
    place.books_balance(&weir, &notes).await;
}

/// Calls that are in the journal alone, for the database was locked until Weir died.
async fn only_journalled(place: &Place, count: u32) -> Notes {
    let weir = place.start().await;
    let lock = other(&place.data().join("weir.db")).await;
    lock.execute_unprepared("BEGIN IMMEDIATE").await.unwrap();
    let notes = place.calls(&weir, count).await;
    assert_eq!(notes.delivered.len(), count as usize);
    weir.kill();
    lock.execute_unprepared("ROLLBACK").await.unwrap();
    lock.close().await.unwrap();
    notes
}

#[tokio::test]
async fn damage_in_the_middle_of_a_journal_costs_the_calls_that_it_hit_and_no_other() {
    let place = Place::new().await;
    let mut notes = only_journalled(&place, 60).await;
    let segment = segments(&place.data().join("journal")).pop().unwrap();
    let mut bytes = fs::read(&segment).unwrap();
    let middle = bytes.len() / 2;
    // Longer than a record, lengths and checksums and all.
    bytes[middle..middle + 4096].fill(0);
    fs::write(&segment, &bytes).unwrap();
    let weir = place.start().await;
    weir.says("A journal segment is damaged").await;
    weir.says("a copy is kept as").await;
    let delivered = notes.delivered.len();
    let rows = place
        .until(&weir, |system| system["ledger"]["calls_behind"] == 0)
        .await;
    assert!(rows["ledger"]["trouble"].is_null());
    let rows = place.rows(&weir).await;
    let whole = |id: &String| {
        rows.iter()
            .any(|row| row["id"] == **id && row["outcome"] == "ok")
    };
    notes.delivered.retain(whole);
    let hit = delivered - notes.delivered.len();
    assert!(
        (1..=8).contains(&hit),
        "{hit} of {delivered} calls were hit"
    );
    notes.destroyed = hit;
    place.books_balance(&weir, &notes).await;
    assert!(weir.stop().await.success());
    let copy = segment.with_extension("damaged");
    assert_eq!(fs::read(copy).unwrap(), bytes, "somebody can look at it");
}

#[tokio::test]
async fn a_journal_that_is_torn_at_its_end_or_cut_keeps_the_calls_before() {
    let place = Place::new().await;
    let mut notes = only_journalled(&place, 40).await;
    let segment = segments(&place.data().join("journal")).pop().unwrap();
    // A record that was being written when the machine died.
    let bytes = fs::read(&segment).unwrap();
    let mut file = fs::OpenOptions::new().append(true).open(&segment).unwrap();
    file.write_all(&bytes[..100]).unwrap();
    let weir = place.start().await;
    weir.says("ends in the middle of a record").await;
    place.books_balance(&weir, &notes).await;
    assert!(weir.stop().await.success());
    // A file of which the system lost the end.
    let more = only_journalled(&place, 40).await;
    let segment = segments(&place.data().join("journal")).pop().unwrap();
    let bytes = fs::read(&segment).unwrap();
    fs::write(&segment, &bytes[..bytes.len() / 2]).unwrap();
    let weir = place.start().await;
    place
        .until(&weir, |system| system["ledger"]["calls_behind"] == 0)
        .await;
    let rows = place.rows(&weir).await;
    notes.sent += more.sent;
    let ended = more.delivered.iter().filter(|id| {
        rows.iter()
            .any(|row| row["id"] == ***id && row["outcome"] == "ok")
    });
    notes.delivered.extend(ended.cloned());
    assert!(notes.delivered.len() > 50, "about half of the second forty");
    assert!(place.upstream.requests().len() == 80);
    for row in &rows {
        let outcome = row["outcome"].as_str().unwrap();
        assert!(["ok", "interrupted"].contains(&outcome), "{row}");
    }
    place.verify();
    assert!(weir.stop().await.success());
}

#[tokio::test]
async fn a_journal_of_a_newer_weir_is_left_alone() {
    let place = Place::new().await;
    let notes = only_journalled(&place, 10).await;
    let journal = place.data().join("journal");
    let newest = segments(&journal).pop().unwrap();
    let number: u64 = newest
        .file_stem()
        .unwrap()
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    let newer = journal.join(format!("{:020}.journal", number + 1));
    // Version 2 of a record, kind 1, and something as JSON. The checksum is over these.
    let body = b"\x02\x01{\"new\":true}";
    let mut record = u32::try_from(body.len()).unwrap().to_le_bytes().to_vec();
    record.extend(crc32(body).to_le_bytes());
    record.extend(body);
    fs::write(&newer, record).unwrap();
    let said = place.try_start().await.err().unwrap();
    let named = format!("{} was written by a newer Weir", newer.display());
    assert!(said.contains(&named), "{said}");
    assert!(newer.exists());
    fs::rename(&newer, newer.with_extension("away")).unwrap();
    let weir = place.start().await;
    place.books_balance(&weir, &notes).await;
}

/// CRC-32, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 {
                (crc >> 1) ^ 0xedb8_8320
            } else {
                crc >> 1
            };
        }
    }
    !crc
}
