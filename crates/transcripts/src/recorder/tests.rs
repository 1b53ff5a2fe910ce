use std::time::Duration;

use domain::{
    CallId, ProviderId,
    call::{Call, CallStart, Operation, Outcome},
    pricing::{Charge, PriceState},
    provider::ProviderType,
    usage::Usage,
};

use super::*;

/// A recorder whose writer does not run.
fn recorder() -> (Recorder, Writer) {
    let database_url = "sqlite:/nowhere/at/all/transcripts.db".to_owned();
    let options = TranscriptsOptions {
        database_url,
        readers: 1,
    };
    Recorder::make(OnceLock::new(), Database::Away(options))
}

pub(crate) fn call() -> Call {
    let id = "018f4e8a-0000-7000-8000-000000000001";
    Call {
        start: CallStart {
            id: id.parse::<CallId>().unwrap(),
            started_at: Timestamp::UNIX_EPOCH,
            provider: ProviderId::new("main").unwrap(),
            provider_type: ProviderType::OpenAi,
            model: None,
            requested_model: None,
            operation: Operation::Chat,
            streamed: false,
            agent: None,
            user: None,
            conversation: None,
            token: None,
            endpoint: None,
            attempt_of: None,
            catalog_version: String::new(),
            estimated_input: None,
        },
        status: 200,
        outcome: Outcome::Ok,
        latency_us: 1,
        ttfb_us: None,
        overhead_us: 1,
        replied_model: None,
        upstream_request_id: None,
        service_tier: None,
        geography: None,
        background_response: None,
        usage: Usage::default(),
        usage_mismatch: false,
        price_state: PriceState::NotBilled,
        charge: Charge::default(),
    }
}

pub(crate) fn recorded(request: Bytes) -> Recorded {
    Recorded {
        call: call(),
        names: vec![],
        request: Some(RecordedBody {
            content_type: None,
            content_encoding: None,
            bytes: length(request.len()),
            kept: request,
        }),
        response: None,
        secrets: vec![],
    }
}

#[test]
fn what_waits_takes_no_more_than_its_room_and_what_does_not_fit_is_counted() {
    let (recorder, writer) = recorder();
    let body = Bytes::from(vec![b'x'; 1 << 20]);
    for _ in 0..100 {
        recorder.take(recorded(body.clone()));
    }
    let health = recorder.health();
    assert_eq!((health.waiting, health.lost), (63, 37));
    assert!(health.waiting_bytes <= ROOM_BYTES);
    assert!(
        recorder.room(1 << 20).is_none(),
        "what is collected counts too"
    );
    assert_eq!(recorder.health().lost, 38);
    // What waits goes with the writer.
    drop(writer);
    let health = recorder.health();
    assert_eq!((health.waiting, health.waiting_bytes), (0, 0));
    recorder.take(recorded(body));
    let health = recorder.health();
    assert_eq!((health.waiting, health.lost), (0, 39), "nobody writes");
}

#[test]
fn a_share_is_given_back_and_grows_only_as_far_as_there_is_room() {
    let (recorder, _writer) = recorder();
    let mut room = recorder.room(ROOM_BYTES - 10).unwrap();
    assert!(room.grow(10) && !room.grow(1));
    drop(room);
    assert!(recorder.room(ROOM_BYTES).is_some());
    assert_eq!(recorder.health().lost, 0);
}

#[test]
fn a_small_body_does_not_hold_the_buffer_that_it_is_a_part_of() {
    let (recorder, mut writer) = recorder();
    let buffer = Bytes::from(vec![b'x'; 1 << 20]);
    let small = buffer.slice(10..20);
    let at = small.as_ptr();
    recorder.take(recorded(small));
    let Some(Errand::Write(waiting)) = writer.next() else {
        panic!("nothing waits")
    };
    let kept = waiting.recorded.request.unwrap().kept;
    assert_eq!(kept.len(), 10);
    assert_ne!(kept.as_ptr(), at);
}

#[tokio::test]
async fn a_database_that_cannot_be_opened_shows_until_it_can() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("transcripts.db");
    std::fs::create_dir(&file).unwrap();
    let (recorder, writer) = Recorder::open(TranscriptsOptions {
        database_url: format!("sqlite:{}", file.display()),
        readers: 1,
    })
    .await;
    assert!(recorder.health().trouble.is_some() && recorder.transcripts().is_none());
    let stop = tokio_util::sync::CancellationToken::new();
    let writing = tokio::spawn(writer.run(stop.clone()));
    recorder.take(recorded(Bytes::from_static(b"{}")));
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    assert_eq!(recorder.health().waiting, 1);
    std::fs::remove_dir(&file).unwrap();
    while recorder.health().trouble.is_some() || recorder.health().waiting > 0 {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(recorder.transcripts().is_some());
    stop.cancel();
    writing.await.unwrap().unwrap();
}

#[test]
fn deletions_are_told_and_old_ones_that_have_ended_are_forgotten() {
    let (recorder, _writer) = recorder();
    let what = || Forget::Before(Timestamp::UNIX_EPOCH);
    for _ in 0..DELETIONS_TOLD {
        recorder.forget(what());
    }
    let told = |recorder: &Recorder| recorder.health().deletions.len();
    recorder.forget(what());
    assert_eq!(told(&recorder), DELETIONS_TOLD + 1, "none has ended");
    recorder
        .shared
        .note_deletion(7, |it| it.ended_at = Some(Timestamp::UNIX_EPOCH));
    recorder.forget(what());
    assert_eq!(told(&recorder), DELETIONS_TOLD + 1);
}
