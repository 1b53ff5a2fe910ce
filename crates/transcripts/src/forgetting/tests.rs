use std::path::Path;

use bytes::Bytes;
use domain::ConversationId;
use sea_orm::{ConnectionTrait, Database, DatabaseTransaction, TransactionTrait};
use store::transcripts::{ConversationFilter, TranscriptsOptions};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::{
    Recorded, RecordedBody, Recorder,
    recorder::tests::{call, recorded},
};

/// What may take long on a busy machine.
const LONG: Duration = Duration::from_secs(60);

fn address(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("transcripts.db").display())
}

async fn open(folder: &Path) -> Transcripts {
    let database_url = address(folder);
    let options = TranscriptsOptions {
        database_url,
        readers: 2,
    };
    Transcripts::open(&options).await.unwrap()
}

/// Somebody who reads and does not end.
async fn reading(folder: &Path) -> DatabaseTransaction {
    let reader = Database::connect(address(folder)).await.unwrap();
    let reading = reader.begin().await.unwrap();
    let sql = "SELECT COUNT(*) FROM transcripts";
    reading.execute_unprepared(sql).await.unwrap();
    reading
}

async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    let waiting = async {
        while !is_so().await {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(LONG, waiting).await.expect(what);
}

async fn conversations(transcripts: &Transcripts) -> Vec<(ConversationId, u64)> {
    let filter = ConversationFilter::default();
    let page = transcripts.conversations(&filter, 10, None).await.unwrap();
    let items = page.items.into_iter();
    items.map(|(it, _)| (it.id, it.calls)).collect()
}

/// A call of a chat that began then.
fn chat(n: u8, started_at: Timestamp, messages: &str, answer: &str) -> Recorded {
    let body = |text: String| RecordedBody {
        content_type: Some("application/json".to_owned()),
        content_encoding: None,
        bytes: crate::recorder::length(text.len()),
        kept: Bytes::from(text),
    };
    let mut call = call();
    call.start.id = format!("018f4e8a-0000-7000-8000-0000000000{n:02x}")
        .parse()
        .unwrap();
    call.start.started_at = started_at;
    let answer =
        format!(r#"{{"choices":[{{"message":{{"role":"assistant","content":"{answer}"}}}}]}}"#);
    Recorded {
        call,
        request: Some(body(format!(r#"{{"messages":[{messages}]}}"#))),
        response: Some(body(answer)),
        ..recorded(Bytes::new())
    }
}

#[tokio::test]
async fn of_a_time_to_come_only_what_began_before_it_was_asked_for_is_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let (recorder, _writer) = Recorder::new(open(folder.path()).await);
    let mut forgetting = Forgetting::new(Arc::clone(recorder.shared()));
    let at = Timestamp::now();
    let second = SignedDuration::from_secs(1);
    forgetting.ask(Asked {
        id: Some(1),
        what: Forget::Before(at + second * 3_600),
        at,
    });
    let mut start = call().start;
    start.started_at = at - second;
    assert!(forgetting.has_forgotten(&start));
    start.started_at = at + second;
    assert!(!forgetting.has_forgotten(&start));
}

#[tokio::test]
async fn scrubbing_is_not_waited_for_until_the_program_ends() {
    let folder = tempfile::tempdir().unwrap();
    let transcripts = open(folder.path()).await;
    let (recorder, _writer) = Recorder::new(transcripts.clone());
    let mut forgetting = Forgetting::new(Arc::clone(recorder.shared()));
    let reading = reading(folder.path()).await;
    recorder.forget(Forget::Before(Timestamp::now()));
    forgetting.ask(Asked {
        id: Some(0),
        what: Forget::Before(Timestamp::now()),
        at: Timestamp::now(),
    });
    // Scrubbing itself waits some seconds for somebody who reads.
    for _ in 0..3 {
        let step = forgetting.step(&transcripts, false);
        let stepped = timeout(Duration::from_secs(2), step).await;
        stepped.expect("a step does not wait").unwrap();
    }
    assert!(!forgetting.is_over());
    assert!(!forgetting.scrub.running.is_empty());
    reading.rollback().await.unwrap();
    while !forgetting.is_over() {
        tokio::time::sleep_until(forgetting.due()).await;
        forgetting.step(&transcripts, true).await.unwrap();
    }
    assert!(recorder.health().deletions[0].ended_at.is_some());
}

#[tokio::test]
async fn calls_are_written_while_files_are_scrubbed_and_a_deleted_conversation_stays_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let transcripts = open(folder.path()).await;
    let (recorder, writer) = Recorder::new(transcripts.clone());
    let stop = CancellationToken::new();
    let writing = tokio::spawn(writer.run(stop.clone()));
    let hello = r#"{"role":"user","content":"hello"}"#;
    let on = |answer: &str| {
        format!(
            r#"{hello},{{"role":"assistant","content":"{answer}"}},{{"role":"user","content":"on"}}"#
        )
    };
    let before = Timestamp::now();
    recorder.take(chat(1, before, hello, "hi"));
    until("the first is written", async || {
        conversations(&transcripts).await.len() == 1
    })
    .await;
    let (id, _) = conversations(&transcripts).await[0];

    let reading = reading(folder.path()).await;
    recorder.forget(Forget::Conversation(id));
    // One was running; one begins now, and one is of another conversation.
    recorder.take(chat(2, before, &on("hi"), "still here"));
    recorder.take(chat(3, Timestamp::now(), &on("hi"), "new"));
    recorder.take(chat(4, before, &on("other"), "new"));
    until("they are written", async || recorder.health().waiting == 0).await;
    let health = recorder.health();
    assert_eq!((health.deletions[0].ended_at, health.lost), (None, 0));
    let left = conversations(&transcripts).await;
    assert_eq!(left.len(), 2);
    assert!(left.iter().all(|(left, calls)| *left != id && *calls == 1));

    reading.rollback().await.unwrap();
    stop.cancel();
    writing.await.unwrap().unwrap();
    assert!(recorder.health().deletions[0].ended_at.is_some());
}
