//! What is recorded is what passed, whatever Weir did in between; and nothing of it is lost at the end.

use domain::CallId;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use store::transcripts::Transcript;

use crate::{
    support::{UPSTREAM_KEY, World, a_chat, call_id, start, streamed},
    world::{recording_world, written},
};

/// What was recorded of a call.
async fn recorded(world: &World, id: &str) -> Option<Transcript> {
    written(world).await;
    let transcripts = world.weir.transcripts().transcripts().unwrap();
    let id: CallId = id.parse().unwrap();
    transcripts.transcript(id).await.unwrap()
}

/// Makes a call with headers; its id and what came down.
async fn call(
    world: &World,
    provider: &str,
    body: &Value,
    headers: &[(&str, &str)],
) -> (String, Vec<u8>) {
    let mut request = world.call(provider, "/chat/completions", body);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    whole(request.send().await.unwrap()).await
}

async fn whole(response: Response) -> (String, Vec<u8>) {
    let id = call_id(response.headers());
    (id, response.bytes().await.unwrap().to_vec())
}

#[tokio::test]
async fn the_bodies_are_those_that_the_client_sent_and_got() {
    let world = recording_world().await;
    for (headers, name) in [
        (vec![], "a plain answer"),
        (vec![("x-standin-status", "529")], "an error"),
        (vec![("x-standin-error-body", "html")], "a page"),
        (vec![("x-standin-error-body", "echo-auth")], "a credential"),
        (
            vec![("x-standin-refuse-stream-options", "1")],
            "asked again",
        ),
        (vec![("x-standin-cut", "every")], "byte by byte"),
        (vec![("x-standin-comments", "1")], "with comments"),
    ] {
        for provider in ["openai-both", "openai-compatible-both"] {
            for body in [a_chat(), streamed(a_chat())] {
                let (id, answer) = call(&world, provider, &body, &headers).await;
                let kept = recorded(&world, &id).await.expect(name);
                let request = kept.request.expect(name);
                assert_eq!(request.bytes, body.to_string().as_bytes(), "{name}");
                assert_eq!(
                    request.info.content_type.as_deref(),
                    Some("application/json")
                );
                let response = kept.response.expect(name);
                let [kept, got] = [&response.bytes, &answer].map(|it| String::from_utf8_lossy(it));
                // Where Weir counts the tokens itself, what was recorded ends with the last event, and
                // the empty line after that may come in a piece of its own.
                let is_counted = provider == "openai-compatible-both" && name == "byte by byte";
                let whole = |text: &str| text.trim_end().len() == text.len();
                assert!(
                    is_counted || whole(&kept) == whole(&got),
                    "{provider}, {name}"
                );
                assert_eq!(kept.trim_end(), got.trim_end(), "{provider}, {name}");
                assert!(!String::from_utf8_lossy(&answer).contains(UPSTREAM_KEY));
            }
        }
    }
}

#[tokio::test]
async fn a_packed_answer_is_kept_unpacked() {
    let world = recording_world().await;
    for encoding in ["gzip", "br", "zstd"] {
        let said = format!("said-{encoding}-end");
        let headers = [
            ("accept-encoding", encoding),
            ("x-standin-compress", "1"),
            ("x-standin-say", said.as_str()),
        ];
        let (id, answer) = call(&world, "openai-both", &a_chat(), &headers).await;
        let kept = recorded(&world, &id).await.unwrap().response.unwrap();
        assert_ne!(kept.bytes, answer, "it came packed");
        let read: Value = serde_json::from_slice(&kept.bytes).unwrap();
        let text = read["choices"][0]["message"]["content"].as_str().unwrap();
        assert!(text.ends_with(&said), "{encoding}: {text}");
        assert_eq!(kept.info.bytes, kept.info.kept_bytes);
    }
}

#[tokio::test]
async fn a_test_of_the_connection_is_recorded_by_the_same_switches() {
    let world = recording_world().await;
    for (provider, bodies) in [("openai-off", None), ("openai-asked", Some((true, false)))] {
        let path = format!("/api/v1/providers/{provider}/test");
        let body = json!({ "model": "gpt-5-mini" });
        let report = world.api(Method::POST, &path, body).await;
        let id = report["call_id"].as_str().unwrap();
        let kept = recorded(&world, id).await;
        let kept = kept.map(|kept| (kept.request.is_some(), kept.response.is_some()));
        assert_eq!(kept, bodies, "{report}");
    }
}

#[tokio::test]
async fn a_body_is_kept_up_to_the_setting_and_says_how_long_it_was() {
    let world = recording_world().await;
    let settings = json!({ "transcript_max_body_bytes": 16_384 });
    world.api(Method::PATCH, "/api/v1/settings", settings).await;
    let mut body = a_chat();
    body["messages"][0]["content"] = json!("ü".repeat(20_000));
    let headers = [("x-standin-extra-bytes", "50000")];
    let (id, answer) = call(&world, "openai-both", &body, &headers).await;
    let kept = recorded(&world, &id).await.unwrap();
    let (request, response) = (kept.request.unwrap(), kept.response.unwrap());
    assert_eq!(request.info.bytes, body.to_string().len() as u64);
    assert_eq!(response.info.bytes, answer.len() as u64);
    for body in [request, response] {
        assert!(body.info.kept_bytes >= 16_381 && body.info.kept_bytes <= 16_384);
        assert!(
            std::str::from_utf8(&body.bytes).is_ok(),
            "cut between characters"
        );
    }
}

#[tokio::test]
async fn what_waits_at_the_end_is_written() {
    let mut world = recording_world().await;
    let mut ids = Vec::new();
    for _ in 0..30 {
        ids.push(call(&world, "openai-both", &a_chat(), &[]).await.0);
    }
    // One whose client has left, and which goes on.
    let left = world
        .call("openai-both", "/chat/completions", &streamed(a_chat()))
        .header("x-standin-pace-ms", "20")
        .header("x-standin-frames", "20")
        .send()
        .await
        .unwrap();
    ids.push(call_id(left.headers()));
    drop(left);
    world.weir.stop();
    world.weir.ended().await;
    world.weir = start(&world.data, &[]).await;
    for id in &ids {
        let kept = recorded(&world, id).await.unwrap();
        assert!(kept.request.is_some() && kept.response.is_some());
    }
}

#[tokio::test]
async fn calls_find_their_conversation_by_name_and_by_what_was_said() {
    let world = recording_world().await;
    let say = |body: &Value| body["messages"].as_array().unwrap().clone();
    let next = |body: &Value, answer: &[u8], asked: &str| {
        let answer: Value = serde_json::from_slice(answer).unwrap();
        let mut messages = say(body);
        messages.push(answer["choices"][0]["message"].clone());
        messages.push(json!({ "role": "user", "content": asked }));
        json!({ "model": "gpt-5-mini", "messages": messages })
    };
    // By what was said, over three calls; another provider's call may go on with it.
    let mut body = a_chat();
    let mut found = Vec::new();
    for (number, provider) in ["openai-both", "openai-asked", "openai-compatible-both"]
        .iter()
        .enumerate()
    {
        let (id, answer) = call(&world, provider, &body, &[]).await;
        let turn = recorded(&world, &id).await.unwrap().turn;
        found.push((turn.conversation, turn.known_messages));
        body = next(&body, &answer, &format!("And then, {number}?"));
    }
    let first = found[0].0;
    assert_eq!(
        found,
        [(first, 0), (first, 2), (first, 3)].map(|(id, known)| (id, known))
    );
    // By name, whatever is said.
    let names = [
        ("x-weir-conversation", "tale-1"),
        ("x-session-id", "tale-1"),
        ("baggage", "session.id=tale-1"),
    ];
    let mut named = Vec::new();
    for (number, name) in names.into_iter().enumerate() {
        let mut body = a_chat();
        body["messages"][0]["content"] = json!(format!("Tale {number}"));
        let (id, _) = call(&world, "openai-said", &body, &[name]).await;
        named.push(recorded(&world, &id).await.unwrap().turn.conversation);
    }
    assert!(
        named.iter().all(|it| *it == named[0] && *it != first),
        "{named:?}"
    );
    // Another token's call is another conversation, whatever it says and is called.
    let other = world.new_token(json!({ "name": "other" })).await;
    let request = world
        .client
        .post(world.url("/llm/v1/providers/openai-both/chat/completions"))
        .header("x-weir-token", other)
        .header("x-weir-conversation", "tale-1")
        .header("content-type", "application/json")
        .body(body.to_string());
    let (id, _) = whole(request.send().await.unwrap()).await;
    let strange = recorded(&world, &id).await.unwrap().turn.conversation;
    assert!(strange != first && strange != named[0]);
}

#[tokio::test]
async fn a_response_is_gone_on_from_by_its_id() {
    let world = recording_world().await;
    let ask = async |body: Value| {
        let request = world.call("openai-both", "/responses", &body);
        let (id, answer) = whole(request.send().await.unwrap()).await;
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        let turn = recorded(&world, &id).await.unwrap().turn;
        (turn.conversation, answer["id"].as_str().unwrap().to_owned())
    };
    let (first, response) = ask(json!({ "model": "gpt-5-mini", "input": "Hello" })).await;
    let (second, _) = ask(json!({ "model": "gpt-5-mini", "input": "Go on",
        "previous_response_id": response }))
    .await;
    assert_eq!(first, second);
    let (third, _) = ask(json!({ "model": "gpt-5-mini", "input": "Go on" })).await;
    assert_ne!(first, third);
}
