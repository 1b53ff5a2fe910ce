//! Deleting for good: what goes, what stays, what is written down, and what a stop of Weir delays.

use admin::{
    audit::{AuditQuery, AuditView},
    providers::{BasedOn, ItsTranscripts},
    transcripts::{Forget, ForgetRequest},
};
use serde_json::{Value, json};
use store::transcripts::TranscriptsRoom;

use super::{Recording, replies, says, until};
use crate::{
    app::{App, id, told, who},
    repricing::{AT, call, record},
};

const PENDING: &str = "transcripts.deletions";

async fn kept(of: &Recording) -> Vec<Option<String>> {
    let list = of.list("").await;
    list.into_iter().map(|it| it.title).collect()
}

async fn rows(of: &Recording) -> Vec<AuditView> {
    let query = AuditQuery::read("action=delete&action=finish").unwrap();
    let page = of.admin.audit().list(&who(), &query).await;
    let mut rows = page.unwrap().items;
    rows.reverse();
    rows
}

async fn pending(of: &Recording) -> usize {
    let kept = of.app.store.settings().get(PENDING).await.unwrap();
    kept.map_or(0, |kept| kept.as_array().unwrap().len())
}

/// One call each to two providers, on two days.
async fn four(of: &Recording) {
    for (provider, day, text) in [
        ("main", 10, "main ten"),
        ("main", 11, "main eleven"),
        ("other", 10, "other ten"),
        ("other", 11, "other eleven"),
    ] {
        let at = format!("2026-11-{day}T10:00:00Z");
        let call = call(provider, "gpt-4o", &at);
        record(&of.app, std::slice::from_ref(&call)).await;
        of.record(&call, Some(&says(text)), Some(&replies("yes")))
            .await;
    }
}

/// Waits until every deletion is over and crossed out.
async fn ended(of: &Recording) {
    let running = tokio::spawn(of.transcripts().run());
    until(async || pending(of).await == 0).await;
    running.abort();
}

#[tokio::test]
async fn one_conversation_goes_and_the_others_stay() {
    let of = Recording::new().await;
    let (conversation, calls) = of.two_turns().await;
    four(&of).await;
    let transcripts = of.transcripts();
    let count = transcripts.forget_conversation(&who(), &conversation).await;
    assert_eq!(count.unwrap(), 2);
    ended(&of).await;
    assert_eq!(of.list("q=weir").await, []);
    assert_eq!(kept(&of).await.len(), 4);
    let call = calls[0].start.id.to_string();
    let gone = transcripts.transcript(&who(), &call).await.unwrap_err();
    assert_eq!(told(&gone).1, "transcript_not_found");
    let again = transcripts.forget_conversation(&who(), &conversation).await;
    assert_eq!(told(&again.unwrap_err()).1, "conversation_not_found");
    let rows = rows(&of).await;
    let told: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                &*row.actor,
                &*row.action,
                &*row.object_kind,
                &*row.object_id,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("admin_token", "delete", "conversation", &*conversation),
            ("system", "finish", "conversation", &*conversation),
        ]
    );
    assert_eq!(rows[0].before, Some(json!({"transcripts": 2})));
    assert_eq!(rows[1].after, Some(json!({"transcripts": 2})));
    let state = transcripts.deletions(&who()).unwrap().items;
    assert_eq!(state.len(), 1);
    assert!(state[0].ended_at.is_some() && state[0].transcripts == 2);
}

#[tokio::test]
async fn a_call_that_was_running_is_not_recorded_after_the_deletion() {
    let of = Recording::new().await;
    four(&of).await;
    let main = Forget::Provider(id("main"));
    let before = Forget::Before("2026-11-11T00:00:00Z".parse().unwrap());
    let transcripts = of.transcripts();
    for what in [&main, &before] {
        transcripts.forget(&who(), what).await.unwrap();
    }
    ended(&of).await;
    let now = domain::Timestamp::now().to_string();
    for (provider, at) in [
        ("main", "2026-11-12T10:00:00Z"),
        ("other", "2026-11-10T10:00:00Z"),
        ("other", "2026-11-12T10:00:00Z"),
        ("main", &*now),
    ] {
        let title = format!("{provider} {at}");
        let call = call(provider, "gpt-4o", at);
        of.record(&call, Some(&says(&title)), None).await;
    }
    assert_eq!(
        kept(&of).await,
        [
            Some(format!("main {now}")),
            Some("other 2026-11-12T10:00:00Z".to_owned()),
            Some("other eleven".to_owned()),
        ]
    );
}

#[tokio::test]
async fn a_provider_or_a_time_is_deleted_after_counting_and_costs_stay() {
    let of = Recording::new().await;
    four(&of).await;
    let transcripts = of.transcripts();
    let main = Forget::Provider(id("main"));
    let before = Forget::Before("2026-11-11T00:00:00Z".parse().unwrap());
    assert_eq!(transcripts.count(&who(), &main).await.unwrap(), 2);
    assert_eq!(transcripts.count(&who(), &before).await.unwrap(), 2);
    assert_eq!(transcripts.forget(&who(), &main).await.unwrap(), 2);
    ended(&of).await;
    assert_eq!(
        kept(&of).await,
        [
            Some("other eleven".to_owned()),
            Some("other ten".to_owned())
        ]
    );
    assert_eq!(transcripts.forget(&who(), &before).await.unwrap(), 1);
    ended(&of).await;
    assert_eq!(kept(&of).await, [Some("other eleven".to_owned())]);
    let ledger = of.app.store.calls();
    let calls = ledger.list(&Default::default(), 10, None).await;
    assert_eq!(calls.unwrap().items.len(), 4, "the ledger has them all");
    let ids: Vec<String> = rows(&of)
        .await
        .into_iter()
        .map(|row| row.object_id)
        .collect();
    let time = "before 2026-11-11T00:00:00Z";
    assert_eq!(ids, ["main", "main", time, time]);
}

#[tokio::test]
async fn what_is_to_be_deleted_must_be_said_well() {
    let read = |json: Value| {
        let request = ForgetRequest::read(json)?;
        request.what()
    };
    assert_eq!(
        read(json!({"provider": "main"})).unwrap(),
        Forget::Provider(id("main"))
    );
    for (body, field, code) in [
        (json!({}), "", "missing"),
        (json!({"provider": " "}), "", "missing"),
        (json!({"provider": "Main"}), "provider", "invalid_value"),
        (json!({"before": "yesterday"}), "before", "invalid_time"),
        (json!({"before": 1}), "before", "wrong_type"),
        (
            json!({"provider": "a", "before": AT}),
            "before",
            "not_together",
        ),
        (
            json!({"conversation": "x"}),
            "conversation",
            "unknown_field",
        ),
    ] {
        let error = read(body).unwrap_err();
        assert_eq!(told(&error).2, [(field.to_owned(), code)]);
    }
    let of = Recording::new().await;
    let nobody = Forget::Provider(id("nobody"));
    let refused = of.transcripts().forget(&who(), &nobody).await.unwrap_err();
    assert_eq!(
        told(&refused).2,
        [("provider".to_owned(), "unknown_provider")]
    );
    assert_eq!(rows(&of).await, []);
}

#[tokio::test]
async fn a_deleted_provider_takes_its_transcripts_along_where_that_is_said() {
    let of = Recording::new().await;
    for (name, transcripts, left) in [
        ("Main", ItsTranscripts::Keep, 4),
        ("Other", ItsTranscripts::Delete, 2),
    ] {
        let provider = of.app.openai(name).await.id.to_string();
        if of.list("").await.is_empty() {
            four(&of).await;
        }
        let providers = of.admin.providers();
        providers
            .delete(&who(), &provider, BasedOn::Newest, transcripts)
            .await
            .unwrap();
        ended(&of).await;
        assert_eq!(kept(&of).await.len(), left, "{name}");
    }
    let rows = rows(&of).await;
    let told: Vec<_> = rows
        .iter()
        .map(|row| (&*row.action, &*row.object_kind, &*row.object_id))
        .collect();
    assert_eq!(
        told,
        [
            ("delete", "provider", "main"),
            ("delete", "provider", "other"),
            ("delete", "transcripts", "other"),
            ("finish", "transcripts", "other"),
        ]
    );
}

#[tokio::test]
async fn a_provider_stays_where_its_transcripts_cannot_go() {
    let app = App::with_secret().await;
    app.openai("Main").await;
    let providers = app.admin.providers();
    let deleted = providers
        .delete(&who(), "main", BasedOn::Newest, ItsTranscripts::Delete)
        .await;
    assert_eq!(told(&deleted.unwrap_err()).1, "transcripts_unavailable");
    assert!(app.live_provider("main").is_some());
}

#[tokio::test]
async fn a_deletion_that_a_stop_has_interrupted_goes_on_with_the_next_start() {
    let of = Recording::new().await;
    four(&of).await;
    // Written down, and then the program stopped before its writer heard of it.
    let asked = json!([{"provider": "main", "asked_at": "2026-11-12T10:00:00Z"}]);
    let settings = of.app.store.settings();
    settings
        .set(PENDING, &asked, &crate::app::noted())
        .await
        .unwrap();
    let of = of.again().await;
    assert_eq!(pending(&of).await, 1);
    ended(&of).await;
    assert_eq!(
        kept(&of).await,
        [
            Some("other eleven".to_owned()),
            Some("other ten".to_owned())
        ]
    );
    let rows = rows(&of).await;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].after, Some(json!({"transcripts": 2})));
    let room = of.recorder.transcripts().unwrap().room().await.unwrap();
    assert_eq!(
        TranscriptsRoom {
            bytes: None,
            ..room
        },
        TranscriptsRoom {
            bytes: None,
            transcripts: 2,
            conversations: 2,
            oldest_at: Some(AT.parse().unwrap()),
        }
    );
}
