use std::{fs, time::Instant};

use domain::{CallId, ProviderId, Timestamp, call::Operation, provider::ProviderType};
use journal::{Entry, Reader, SyncPolicy};
use tempfile::TempDir;
use uuid::Uuid;

use super::*;
use crate::call::rejected;

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
        catalog_version: "test".to_owned(),
        estimated_input: None,
    }
}

/// A journal whose segment is full and whose folder is gone, so that the next entry finds no room.
fn broken(folder: &TempDir, policy: WhenUnrecordable) -> (Recorder, Reader) {
    let path = folder.path().join("journal");
    let (journal, reader) = Journal::open(&path, SyncPolicy::Off).unwrap();
    let large = start(Some("x".repeat(1000 << 10)));
    for _ in 0..33 {
        journal.start(&large).unwrap();
    }
    fs::rename(&path, folder.path().join("moved")).unwrap();
    (Recorder::new(journal, policy, TaskTracker::new()), reader)
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
async fn a_row_that_could_not_be_written_is_held_until_it_can() {
    let folder = tempfile::tempdir().unwrap();
    let (recorder, mut reader) = broken(&folder, WhenUnrecordable::Refuse);
    let row = rejected(start(None), 200, Instant::now());
    recorder.finish(row.clone());
    assert!(!recorder.is_well());
    assert_eq!(
        recorder.start(&start(None)),
        Err(Refusal::CannotRecord),
        "nothing new is taken meanwhile"
    );
    fs::rename(folder.path().join("moved"), folder.path().join("journal")).unwrap();
    let patience = Instant::now();
    while !recorder.is_well() {
        assert!(
            patience.elapsed() < Duration::from_secs(10),
            "the row was not tried again"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(recorder.start(&start(None)), Ok(()));
    let entries = reader.read(100).unwrap();
    assert!(entries.contains(&Entry::Finish(Box::new(row))));
}
