//! Disks that are full, for the journal, the database and the transcripts each; without inodes; read-only.

use std::{
    fs,
    os::unix::fs::symlink,
    time::{Duration, Instant},
};

use reqwest::Method;
use serde_json::json;
use tokio::task::JoinHandle;

use crate::{
    books::{End, Notes},
    console::Person,
    files::Disk,
    place::Place,
    weir::{PATIENCE, Weir},
};

/// What a call may take while no row can be written to the database.
const NOT_HELD_UP: Duration = Duration::from_secs(4);

/// One call that begins while there is room, and ends a good while later. Returns how many had gone up before.
async fn begun(place: &Place, weir: &Weir) -> (usize, JoinHandle<End>) {
    let caller = place.caller(weir);
    let before = place.upstream.requests().len();
    let running = tokio::spawn(async move {
        let wishes = [("x-standin-pace-ms", "100"), ("x-standin-frames", "20")];
        caller.call(2, &wishes).await
    });
    let began = Instant::now();
    while place.upstream.requests().len() == before {
        assert!(began.elapsed() < PATIENCE, "{}", weir.said());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    (before, running)
}

#[tokio::test]
async fn a_full_disk_of_the_journal_refuses_calls_and_loses_none() {
    let place = Place::new().await;
    fs::remove_dir_all(place.data().join("journal")).unwrap();
    let Some(disk) = Disk::mount(&place.data().join("journal"), "size=1m") else {
        return;
    };
    let weir = place.start().await;
    let mut notes = place.calls(&weir, 40).await;
    let person = Person::signed_in(&place, &weir).await;
    let (begun, running) = begun(&place, &weir).await;
    let filler = disk.fill();
    let refused = place.calls(&weir, 30).await;
    // The last page of the journal's file has room for a few records.
    let taken = refused.delivered.len();
    assert!(refused.refused == 30 - taken && taken < 10, "{taken}");
    let went_up = place.upstream.requests().len() - begun - 1;
    assert_eq!(went_up, taken, "no refused one went up");
    assert_eq!(place.status(&weir, "/readyz").await.0, 503);
    assert_eq!(place.status(&weir, "/healthz").await.0, 200);
    let system = place.get(&weir, "/api/v1/system").await;
    assert_eq!(system["journal"]["writable"], json!(false), "{system}");
    let told = person.page(&weir, "/settings").await;
    assert!(told.contains("New calls are refused"), "{told}");
    let End::Delivered(id) = running.await.unwrap() else {
        panic!("it was running")
    };
    assert_eq!(place.status(&weir, "/readyz").await.0, 503);
    weir.says("rows are held in memory").await;
    fs::remove_file(filler).unwrap();
    weir.says("all held rows are in it").await;
    notes.add(refused);
    notes.add(Notes {
        sent: 1,
        delivered: vec![id],
        ..Notes::default()
    });
    let after = place.calls(&weir, 40).await;
    assert_eq!(after.refused, 0);
    notes.add(after);
    place
        .until(&weir, |system| system["journal"]["writable"] == true)
        .await;
    assert_eq!(place.status(&weir, "/readyz").await.0, 200);
    place.books_balance(&weir, &notes).await;
    weir.kill();
    let weir = place.start().await;
    place.books_balance(&weir, &notes).await;
    assert!(weir.stop().await.success());
}

#[tokio::test]
async fn a_weir_that_stops_while_the_journal_is_full_says_what_it_could_not_write() {
    let place = Place::new().await;
    fs::remove_dir_all(place.data().join("journal")).unwrap();
    let Some(disk) = Disk::mount(&place.data().join("journal"), "size=1m") else {
        return;
    };
    let weir = place.start().await;
    let mut notes = place.calls(&weir, 20).await;
    let (_, running) = begun(&place, &weir).await;
    let filler = disk.fill();
    // The last page of the journal's file has room for the starts of a few, and for the ends of fewer.
    let mut late = place.calls(&weir, 30).await;
    let End::Delivered(id) = running.await.unwrap() else {
        panic!("it was running")
    };
    late.sent += 1;
    late.delivered.push(id);
    weir.says("rows are held in memory").await;
    assert!(weir.stop().await.success());
    let said = fs::read_to_string(place.log()).unwrap();
    let told = said
        .split("Weir ends before the journal could be written again")
        .nth(1);
    let (_, told) = told.unwrap().split_once("calls=").unwrap();
    let told: usize = told.split_whitespace().next().unwrap().parse().unwrap();
    assert!(told > 0);
    fs::remove_file(filler).unwrap();
    let weir = place.start().await;
    let rows = place.rows(&weir).await;
    let ended = |id: &String| {
        rows.iter()
            .any(|row| row["id"] == **id && row["outcome"] == "ok")
    };
    let delivered = late.delivered.len();
    late.delivered.retain(ended);
    assert_eq!(late.delivered.len() + told, delivered);
    notes.add(late);
    let rows = place.books_balance(&weir, &notes).await;
    let interrupted = rows.iter().filter(|row| row["outcome"] == "interrupted");
    assert_eq!(interrupted.count(), told);
    assert!(weir.stop().await.success());
}

#[tokio::test]
async fn calls_that_go_on_unrecorded_on_request_are_written_when_there_is_room() {
    let mut place = Place::new().await;
    fs::remove_dir_all(place.data().join("journal")).unwrap();
    let Some(disk) = Disk::mount(&place.data().join("journal"), "size=1m") else {
        return;
    };
    place
        .flags
        .extend(["--when-unrecordable".into(), "forward".into()]);
    let weir = place.start().await;
    let mut notes = place.calls(&weir, 20).await;
    let filler = disk.fill();
    let full = place.calls(&weir, 60).await;
    assert_eq!((full.delivered.len(), full.refused), (60, 0));
    weir.says("rows are held in memory").await;
    assert_eq!(place.status(&weir, "/readyz").await.0, 503);
    fs::remove_file(filler).unwrap();
    weir.says("all held rows are in it").await;
    notes.add(full);
    notes.add(place.calls(&weir, 20).await);
    place.books_balance(&weir, &notes).await;
    assert!(weir.stop().await.success());
}

#[tokio::test]
async fn a_full_disk_of_the_database_holds_up_no_call_and_the_rows_follow() {
    let mut place = Place::empty().await;
    let folder = place.folder.path().join("database");
    let Some(disk) = Disk::mount(&folder, "size=6m") else {
        return;
    };
    // The transcripts are elsewhere.
    fs::create_dir_all(place.data()).unwrap();
    symlink(
        place.data().join("transcripts.db"),
        folder.join("transcripts.db"),
    )
    .unwrap();
    let url = format!("sqlite://{}?mode=rwc", folder.join("weir.db").display());
    place.flags.extend(["--database-url".into(), url]);
    place.set_up().await;
    let weir = place.start().await;
    let mut notes = place.calls(&weir, 40).await;
    place
        .until(&weir, |system| system["ledger"]["calls_behind"] == 0)
        .await;
    let filler = disk.fill();
    let mut full = Notes::default();
    let mut trouble = json!(null);
    for _ in 0..40 {
        full.add(place.calls(&weir, 100).await);
        trouble = place.get(&weir, "/api/v1/system").await["ledger"].clone();
        if trouble["trouble"].is_object() {
            break;
        }
    }
    assert!(
        trouble["trouble"]["message"]
            .as_str()
            .unwrap()
            .contains("full"),
        "{trouble}"
    );
    full.add(place.calls(&weir, 100).await);
    assert_eq!((full.refused, full.delivered.len()), (0, full.sent));
    assert!(full.slowest < NOT_HELD_UP, "{:?}", full.slowest);
    let token = json!({ "name": "too late" });
    let (status, told) = place
        .try_api(&weir, Method::POST, "/api/v1/tokens", token)
        .await;
    assert_eq!(
        (status.as_u16(), &told["code"]),
        (503, &json!("database_unavailable"))
    );
    fs::remove_file(filler).unwrap();
    notes.add(full);
    notes.add(place.calls(&weir, 40).await);
    place.books_balance(&weir, &notes).await;
    assert!(weir.stop().await.success());
}

#[tokio::test]
async fn a_full_disk_of_the_transcripts_touches_no_call_and_what_was_said_follows() {
    let place = Place::new().await;
    let folder = place.folder.path().join("transcripts");
    let Some(disk) = Disk::mount(&folder, "size=3m") else {
        return;
    };
    fs::remove_file(place.data().join("transcripts.db")).unwrap();
    symlink(
        folder.join("transcripts.db"),
        place.data().join("transcripts.db"),
    )
    .unwrap();
    let weir = place.start().await;
    let mut notes = place.calls(&weir, 20).await;
    let filler = disk.fill();
    let mut tried = 0;
    loop {
        let full = place.calls(&weir, 50).await;
        assert_eq!(full.refused, 0);
        assert!(full.slowest < NOT_HELD_UP, "{:?}", full.slowest);
        notes.add(full);
        let system = place.get(&weir, "/api/v1/system").await;
        if system["transcripts"]["trouble"].is_object() {
            break;
        }
        tried += 1;
        assert!(tried < 40, "{system}");
    }
    assert_eq!(place.status(&weir, "/readyz").await.0, 200);
    place.books_balance(&weir, &notes).await;
    fs::remove_file(filler).unwrap();
    let system = place
        .until(&weir, |system| {
            system["transcripts"]["trouble"].is_null() && system["transcripts"]["waiting"] == 0
        })
        .await;
    assert_eq!(system["transcripts"]["lost"], 0, "{system}");
    for id in &notes.delivered {
        place.get(&weir, &format!("/api/v1/transcripts/{id}")).await;
    }
    assert!(weir.stop().await.success());
}

#[tokio::test]
async fn without_inodes_calls_go_on_in_the_files_that_there_are() {
    let place = Place::new().await;
    fs::remove_dir_all(place.data().join("journal")).unwrap();
    let journal = place.data().join("journal");
    let Some(_disk) = Disk::mount(&journal, "size=8m,nr_inodes=8") else {
        return;
    };
    let weir = place.start().await;
    let mut others = vec![];
    loop {
        let path = journal.join(format!("other-{}", others.len()));
        if fs::write(&path, "").is_err() {
            break;
        }
        others.push(path);
    }
    let notes = place.calls(&weir, 40).await;
    assert_eq!(notes.refused, 0);
    place.books_balance(&weir, &notes).await;
    weir.kill();
    let said = place.try_start().await.err().unwrap();
    assert!(said.contains("the journal: cannot make"), "{said}");
    others
        .iter()
        .for_each(|other| fs::remove_file(other).unwrap());
    let weir = place.start().await;
    place.books_balance(&weir, &notes).await;
}

#[tokio::test]
async fn a_read_only_folder_is_named() {
    let place = Place::empty().await;
    let Some(disk) = Disk::mount(&place.data(), "size=8m") else {
        return;
    };
    assert!(place.start().await.stop().await.success());
    disk.again("ro");
    let said = place.try_start().await.err().unwrap();
    let folder = place.data().display().to_string();
    assert!(
        said.contains("Read-only") && said.contains(&folder),
        "{said}"
    );
    disk.again("rw");
    assert!(place.start().await.stop().await.success());
}
