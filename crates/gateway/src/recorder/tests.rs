use std::{fs, time::Instant};

use domain::{CallId, ProviderId, Timestamp, call::Operation, provider::ProviderType};
use journal::{Entry, Reader, SyncPolicy};
use tempfile::TempDir;
use uuid::Uuid;

use super::*;

fn start(user: Option<String>) -> CallStart {
    CallStart {
        id: CallId(Uuid::now_v7()),
        started_at: Timestamp::now(),
        provider: ProviderId::new("openai-main").unwrap(),
        provider_type: ProviderType::OpenAi,
        model: None,
        requested_model: None,
        operation: Operation::Chat,
        streamed: false,
        agent: None,
        user,
        conversation: None,
        token: None,
        endpoint: None,
        attempt_of: None,
        catalog_version: "test".to_owned(),
        estimated_input: None,
    }
}

/// A journal whose segment is full and in whose folder's place is a file, so that the next entry finds no room.
fn broken(folder: &TempDir, policy: WhenUnrecordable) -> (Recorder, Reader) {
    let path = folder.path().join("journal");
    let (journal, reader) = Journal::open(&path, SyncPolicy::Off).unwrap();
    let large = start(Some("x".repeat(1000 << 10)));
    for _ in 0..33 {
        journal.start(&large).unwrap();
    }
    fs::rename(&path, folder.path().join("moved")).unwrap();
    fs::write(&path, "").unwrap();
    (Recorder::new(journal, policy, TaskTracker::new()), reader)
}

fn mend(folder: &TempDir) {
    let path = folder.path().join("journal");
    fs::remove_file(&path).unwrap();
    fs::rename(folder.path().join("moved"), path).unwrap();
}

#[tokio::test]
async fn calls_are_refused_while_they_cannot_be_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let (recorder, _reader) = broken(&folder, WhenUnrecordable::Refuse);
    let refusal = recorder.start(&start(None)).unwrap_err();
    assert_eq!(
        (refusal.status(), refusal.code(), refusal.retry_after_s()),
        (503, "cannot_record", Some(5))
    );
}

#[tokio::test]
async fn calls_go_on_unmetered_where_the_operator_chose_so() {
    let folder = tempfile::tempdir().unwrap();
    let (recorder, _reader) = broken(&folder, WhenUnrecordable::Forward);
    assert_eq!(recorder.start(&start(None)), Ok(()));
}

#[tokio::test]
async fn a_row_with_very_long_texts_is_written_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, mut reader) = Journal::open(folder.path(), SyncPolicy::Off).unwrap();
    let recorder = Recorder::new(journal, WhenUnrecordable::Refuse, TaskTracker::new());
    let mut row = rejected(start(None), 200, Instant::now());
    row.replied_model = Some("m".repeat(2 << 20));
    row.service_tier = Some("\0".repeat(700 << 10));
    recorder.finish(row);
    assert!(recorder.is_well());
    let entries = reader.read(100).unwrap();
    let [Entry::Finish(written)] = entries.as_slice() else {
        panic!("{} entries", entries.len())
    };
    assert_eq!(written.replied_model.as_ref().map(String::len), Some(2_048));
}

#[tokio::test]
async fn a_start_that_cannot_be_written_makes_weir_unready() {
    let folder = tempfile::tempdir().unwrap();
    let (recorder, _reader) = broken(&folder, WhenUnrecordable::Refuse);
    assert!(recorder.is_well());
    recorder.start(&start(None)).unwrap_err();
    assert!(!recorder.is_well());
    mend(&folder);
    recorder.start(&start(None)).unwrap();
    assert!(recorder.is_well());
}

#[tokio::test]
async fn a_row_that_could_not_be_written_is_held_until_it_can() {
    let folder = tempfile::tempdir().unwrap();
    let (recorder, mut reader) = broken(&folder, WhenUnrecordable::Refuse);
    let row = rejected(start(None), 200, Instant::now());
    recorder.finish(row.clone());
    assert!(!recorder.is_well());
    assert_eq!(recorder.rows_in_memory(), 1);
    assert_eq!(
        recorder.start(&start(None)),
        Err(Refusal::CannotRecord),
        "nothing new is taken meanwhile"
    );
    mend(&folder);
    let patience = Instant::now();
    while !recorder.is_well() {
        assert!(
            patience.elapsed() < Duration::from_secs(10),
            "the row was not tried again"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(recorder.rows_in_memory(), 0);
    assert_eq!(recorder.start(&start(None)), Ok(()));
    let entries = reader.read(100).unwrap();
    assert!(entries.contains(&Entry::Finish(Box::new(row))));
}
