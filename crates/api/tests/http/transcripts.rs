use std::time::Duration;

use domain::call::Call;
use serde_json::{Value, json};
use store::transcripts::TranscriptsOptions;
use tokio_util::sync::CancellationToken;
use transcripts::{Recorded, RecordedBody, Recorder};

use crate::{
    app::App,
    calls::{call, record},
};

const AT: &str = "2026-11-20T10:00:00Z";
const CONVERSATIONS: &str = "/api/v1/conversations";
const DELETIONS: &str = "/api/v1/transcripts/deletions";

/// An `App` with the provider `main` that records, and what it records with.
async fn recording() -> (App, Recorder) {
    let app = App::with_provider().await;
    let options = TranscriptsOptions {
        database_url: format!("sqlite:{}", app.dir.path().join("transcripts.db").display()),
        readers: 2,
    };
    let (recorder, writer) = Recorder::open(options).await;
    tokio::spawn(writer.run(CancellationToken::new()));
    (app.recording(recorder.clone()), recorder)
}

async fn until(mut is_so: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), waiting)
        .await
        .expect("it never was so");
}

/// Puts a call into the ledger and keeps what was said in it.
async fn say(
    app: &App,
    recorder: &Recorder,
    call: Call,
    asked: &Value,
    said: Option<&[u8]>,
) -> String {
    let id = call.start.id.to_string();
    let body = |bytes: &[u8], content_type: &str| RecordedBody {
        content_type: Some(content_type.to_owned()),
        content_encoding: None,
        bytes: u64::try_from(bytes.len()).unwrap(),
        kept: bytes.to_vec().into(),
    };
    record(app, vec![call.clone()]).await;
    recorder.take(Recorded {
        call,
        names: vec![],
        request: Some(body(asked.to_string().as_bytes(), "application/json")),
        response: said.map(|bytes| body(bytes, "application/octet-stream")),
    });
    until(async || recorder.health().waiting == 0).await;
    id
}

fn asks(text: &str) -> Value {
    json!({"model": "gpt-4o", "messages": [{"role": "user", "content": text}]})
}

async fn conversations(app: &App, query: &str) -> Vec<Value> {
    let page = app.get(&format!("{CONVERSATIONS}{query}")).await.json(200);
    page["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_transcript_has_both_bodies_as_they_were() {
    let (app, recorder) = recording().await;
    let asked = asks("What is a weir?");
    let id = say(
        &app,
        &recorder,
        call("main", AT, |_| {}),
        &asked,
        Some(b"\xff\x00"),
    )
    .await;
    let text = asked.to_string();
    assert_eq!(
        app.get(&format!("/api/v1/transcripts/{id}"))
            .await
            .json(200),
        json!({
            "call_id": id,
            "request": {
                "content_type": "application/json", "encoding": "utf-8", "body": text,
                "bytes": text.len(), "truncated": false,
            },
            "response": {
                "content_type": "application/octet-stream", "encoding": "base64", "body": "/wA=",
                "bytes": 2, "truncated": false,
            },
        })
    );
    let call = app.get(&format!("/api/v1/calls/{id}")).await.json(200);
    assert_eq!(
        (&call["id"], &call["has_transcript"]),
        (&json!(id), &json!(true))
    );
    let calls = app.get("/api/v1/calls").await.json(200);
    assert_eq!(calls["items"][0], call);
    for unknown in ["01932c07-0000-7000-8000-000000000000", "x"] {
        let path = format!("/api/v1/transcripts/{unknown}");
        app.get(&path).await.problem(404, "transcript_not_found");
        let path = format!("/api/v1/calls/{unknown}");
        app.get(&path).await.problem(404, "call_not_found");
    }
}

#[tokio::test]
async fn a_conversation_is_listed_found_and_read() {
    let (app, recorder) = recording().await;
    let asked = asks("What is a weir?");
    let id = say(&app, &recorder, call("main", AT, |_| {}), &asked, None).await;
    let list = conversations(&app, "").await;
    let conversation = &list[0];
    let path = format!("{CONVERSATIONS}/{}", conversation["id"].as_str().unwrap());
    assert_eq!(
        *conversation,
        json!({
            "id": conversation["id"], "started_at": AT, "last_at": AT, "title": "What is a weir?",
            "agent": null, "user": null, "token": null, "provider": "main", "model": "gpt-4o",
            "outcome": "ok", "turns": 1, "tokens": 100, "cost_usd": "0.000250000",
            "unpriced_turns": 0, "snippet": null,
        })
    );
    let found = conversations(&app, "?q=weir&provider=main&outcome=ok").await;
    assert_eq!(
        found[0]["snippet"],
        json!([
            {"text": "What is a ", "found": false},
            {"text": "weir", "found": true},
            {"text": "?", "found": false},
        ])
    );
    assert_eq!(conversations(&app, "?q=river").await, [Value::Null; 0]);
    let detail = app.get(&path).await.json(200);
    assert_eq!(
        (&detail["conversation"], &detail["next_cursor"]),
        (conversation, &json!(null))
    );
    let turn = &detail["turns"][0];
    assert_eq!(turn["call_id"], json!(id));
    assert_eq!(turn["messages"][0]["parts"][0]["text"], "What is a weir?");
    assert_eq!(
        (&turn["answer"], &turn["response"]),
        (&json!(null), &json!(null))
    );
    assert_eq!(turn["call"]["cost_usd"]["input"], "0.000250000");
    assert_eq!(turn["cost_usd"], "0.000250000");
    app.get(&format!("{path}?limit=0")).await.fields(
        400,
        "invalid_query",
        &[("limit", "invalid_limit")],
    );
    app.get(&format!("{path}?cursor=x")).await.fields(
        400,
        "invalid_query",
        &[("cursor", "invalid_cursor")],
    );
    app.get(&format!("{CONVERSATIONS}/x"))
        .await
        .problem(404, "conversation_not_found");
}

#[tokio::test]
async fn a_conversation_is_exported_as_a_file() {
    let (app, recorder) = recording().await;
    let asked = asks("What is a weir?");
    let id = say(&app, &recorder, call("main", AT, |_| {}), &asked, None).await;
    let conversation = conversations(&app, "").await[0]["id"].clone();
    let conversation = conversation.as_str().unwrap();
    let path = format!("{CONVERSATIONS}/{conversation}/export");
    for (query, name) in [("", "openai"), ("?format=openai", "openai")] {
        let export = app.get(&format!("{path}{query}")).await;
        let file = format!("attachment; filename=\"weir-conversation-{conversation}-{name}.json\"");
        assert_eq!(export.header("content-disposition"), file);
        let messages = json!([{"role": "user", "content": "What is a weir?"}]);
        assert_eq!(
            export.json(200),
            json!({"conversation_id": conversation, "messages": messages})
        );
    }
    let raw = app.get(&format!("{path}?format=raw")).await.json(200);
    let transcript = app
        .get(&format!("/api/v1/transcripts/{id}"))
        .await
        .json(200);
    assert_eq!(
        raw,
        json!({"conversation_id": conversation, "calls": [transcript]})
    );
    app.get(&format!("{path}?format=csv")).await.fields(
        400,
        "invalid_query",
        &[("format", "invalid_value")],
    );
    let rows = app
        .get("/api/v1/audit?action=export&action=open")
        .await
        .json(200);
    let told: Vec<_> = rows["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            (
                row["action"].as_str().unwrap(),
                row["object_kind"].as_str().unwrap(),
                row["times"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [("open", "transcript", 1), ("export", "conversation", 3)]
    );
}

#[tokio::test]
async fn what_was_said_is_deleted_and_the_state_can_be_read() {
    let (app, recorder) = recording().await;
    for (n, day) in [(1, "19"), (2, "20"), (3, "21")] {
        let at = format!("2026-11-{day}T10:00:00Z");
        let asked = asks(&format!("number {n}"));
        say(&app, &recorder, call("main", &at, |_| {}), &asked, None).await;
    }
    let over = async || {
        until(async || {
            let deletions = app.get(DELETIONS).await.json(200);
            let deletions = deletions["items"].as_array().unwrap().clone();
            deletions.iter().all(|it| !it["ended_at"].is_null())
        })
        .await;
        conversations(&app, "").await.len()
    };
    let newest = conversations(&app, "").await[0]["id"].clone();
    let path = format!("{CONVERSATIONS}/{}", newest.as_str().unwrap());
    let deleted = app.delete(&path).await.json(202);
    assert_eq!(deleted["items"][0]["conversation"], newest);
    assert_eq!(over().await, 2);
    app.delete(&path)
        .await
        .problem(404, "conversation_not_found");
    let before = json!({"before": "2026-11-20T00:00:00Z"});
    let deleted = app.post(DELETIONS, before).await.json(202);
    assert_eq!(deleted["items"][0]["before"], "2026-11-20T00:00:00Z");
    assert_eq!(over().await, 1);
    app.post(DELETIONS, json!({"provider": "main"}))
        .await
        .json(202);
    assert_eq!(over().await, 0);
    let list = app.get(DELETIONS).await.json(200);
    let what: Vec<_> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["provider"].clone(), it["transcripts"].clone()))
        .collect();
    assert_eq!(what[0], (json!("main"), json!(1)));
    assert_eq!(what.len(), 3);
    app.post(DELETIONS, json!({}))
        .await
        .fields(422, "invalid", &[("", "missing")]);
    let calls = app.get("/api/v1/calls").await.json(200);
    assert_eq!(calls["items"].as_array().unwrap().len(), 3, "costs stay");
    let system = app.get("/api/v1/system").await.json(200);
    assert_eq!(system["transcripts"]["transcripts"], 0);
}

#[tokio::test]
async fn deleting_a_provider_keeps_its_transcripts_unless_told_otherwise() {
    for (query, left) in [
        ("", 1),
        ("?transcripts=keep", 1),
        ("?transcripts=delete", 0),
    ] {
        let (app, recorder) = recording().await;
        say(
            &app,
            &recorder,
            call("main", AT, |_| {}),
            &asks("weir"),
            None,
        )
        .await;
        let path = format!("/api/v1/providers/main{query}");
        app.delete("/api/v1/providers/main?transcripts=perhaps")
            .await
            .fields(400, "invalid_query", &[("transcripts", "invalid_value")]);
        app.delete(&path).await.empty(204);
        until(async || {
            recorder
                .health()
                .deletions
                .iter()
                .all(|it| it.ended_at.is_some())
        })
        .await;
        assert_eq!(conversations(&app, "").await.len(), left, "{query}");
    }
}

#[tokio::test]
async fn where_nothing_is_recorded_it_says_so() {
    let app = App::with_provider().await;
    for path in [CONVERSATIONS, DELETIONS] {
        app.get(path).await.problem(503, "transcripts_unavailable");
    }
    let system = app.get("/api/v1/system").await.json(200);
    assert_eq!(system["transcripts"]["answers"], false);
}
