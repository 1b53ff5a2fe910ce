//! The canary: a text of its own in each prompt and each answer, looked for in every file, in the log and
//! in whatever Weir answers.

use std::{path::Path, time::Duration};

use futures_util::StreamExt;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    calls::{self, Call},
    search::{files_with, in_files, logged},
    support::{UPSTREAM_KEY, World},
    world::{SETTINGS, data, provider, recording_world, stopped, written},
};

/// A text that was said in a call.
struct Canary {
    text: String,
    /// Of which call it was, for whoever reads a failure.
    of: String,
    /// Whether it is recorded.
    is_kept: bool,
}

/// Nothing that a client sends changes what is recorded.
const WISHES: [(&str, &str); 3] = [
    ("x-weir-record", "true"),
    ("x-weir-record-inputs", "1"),
    ("x-weir-record-outputs", "1"),
];

/// Looks for canaries everywhere.
async fn check(world: &World, canaries: &[Canary]) {
    let mut answers = Vec::new();
    for path in [
        "/api/v1/calls?limit=1000",
        "/api/v1/providers",
        "/api/v1/audit",
        "/api/v1/system",
        "/api/v1/settings",
        "/api/v1/calls/not-a-call",
        "/llm/v1/providers/openai-off/nothing",
        "/nothing/here",
    ] {
        let answer = world.try_api(Method::GET, path, Value::Null).await;
        answers.push((path, answer.1.to_string()));
    }
    check_files(&data(world), canaries);
    let logged = logged();
    for Canary { text, of, .. } in canaries {
        assert_eq!(logged.get(text), None, "{of} is in the log");
        for (path, answer) in &answers {
            assert!(
                !answer.contains(text.as_str()),
                "{of} is in {path}: {answer}"
            );
        }
    }
}

fn check_files(folder: &Path, canaries: &[Canary]) {
    let files = in_files(folder);
    for Canary { text, of, is_kept } in canaries {
        let having = files.iter().filter(|(_, held)| held.contains(text));
        let (kept, elsewhere): (Vec<_>, Vec<_>) = having
            .map(|(name, _)| name)
            .partition(|name| name.starts_with("transcripts.db"));
        assert_eq!(elsewhere, Vec::<&String>::new(), "{of}");
        assert_eq!(!kept.is_empty(), *is_kept, "{of}: found in {kept:?}");
    }
}

fn request(world: &World, call: &Call, setting: &str, asked: &str) -> reqwest::RequestBuilder {
    let mut request = world.call(
        &provider(call.kind, setting),
        &call.path,
        &call.asking(asked),
    );
    for (name, value) in WISHES {
        request = request.header(name, value);
    }
    request
}

#[tokio::test]
async fn what_is_said_is_where_the_switches_say_and_nowhere_else() {
    let world = recording_world().await;
    let mut canaries = Vec::new();
    for (setting, inputs, outputs) in SETTINGS {
        let before = canaries.len();
        for (number, call) in calls::all().iter().enumerate() {
            for packed in [false, true] {
                let of = format!(
                    "{setting}-{number}-{}",
                    if packed { "packed" } else { "plain" }
                );
                let (asked, said) = (
                    format!("canary-asked-{of}-end"),
                    format!("canary-said-{of}-end"),
                );
                let mut request = request(&world, call, setting, &asked);
                if call.says {
                    request = request.header("x-standin-say", &said);
                }
                if packed {
                    request = request
                        .header("accept-encoding", "gzip")
                        .header("x-standin-compress", "1");
                }
                let response = request.send().await.unwrap();
                let status = response.status();
                let answer = response.text().await.unwrap();
                assert_eq!(status, 200, "{} {}: {answer}", call.kind, call.path);
                let of = |what| format!("{what} {setting} {} {}", call.kind, call.path);
                canaries.push(Canary {
                    text: asked,
                    of: of("asked"),
                    is_kept: inputs && !call.is_only_counted(),
                });
                if call.says {
                    canaries.push(Canary {
                        text: said,
                        of: of("said"),
                        is_kept: outputs,
                    });
                }
            }
        }
        written(&world).await;
        check(&world, &canaries[before..]).await;
    }
    world.rows_when(calls::all().len() * 8).await;
    check(&world, &canaries).await;
    let data = stopped(world).await;
    check_files(&data.path().join("weir"), &canaries);
}

#[tokio::test]
async fn errors_are_kept_without_the_credential_and_refused_calls_not_at_all() {
    let world = recording_world().await;
    let mut canaries = Vec::new();
    let mut number = 0;
    for (setting, inputs, _) in SETTINGS {
        for call in calls::all() {
            for (wish, value, status) in [
                ("x-standin-status", "400", 400),
                ("x-standin-status", "529", 529),
                ("x-standin-error-body", "echo-auth", 401),
            ] {
                number += 1;
                let asked = format!("canary-asked-{number}-end");
                let request = request(&world, &call, setting, &asked).header(wish, value);
                let response = request.send().await.unwrap();
                assert_eq!(response.status(), status, "{} {}", call.kind, call.path);
                let of = format!("asked {setting} {} {} {value}", call.kind, call.path);
                canaries.push(Canary {
                    text: asked,
                    of,
                    is_kept: inputs && !call.is_only_counted(),
                });
            }
        }
        // Weir itself refuses these.
        for (number, body) in [
            |asked: &str| json!({ "messages": [{ "role": "user", "content": asked }] }).to_string(),
            |asked: &str| format!("{{\"model\": \"gpt-5-mini\", \"messages\": \"{asked}"),
        ]
        .iter()
        .enumerate()
        {
            let asked = format!("canary-asked-refused-{setting}-{number}-end");
            let path = "/chat/completions";
            let request = world.call(&provider("openai", setting), path, &Value::Null);
            let response = request.body(body(&asked)).send().await.unwrap();
            assert_eq!(response.status(), StatusCode::BAD_REQUEST);
            let of = format!("refused {setting} {number}");
            canaries.push(Canary {
                text: asked,
                of,
                is_kept: false,
            });
        }
    }
    written(&world).await;
    check(&world, &canaries).await;
    let data = stopped(world).await;
    let folder = data.path().join("weir");
    check_files(&folder, &canaries);
    assert_eq!(files_with(&folder, UPSTREAM_KEY), Vec::<String>::new());
}

#[tokio::test]
async fn of_a_client_that_hangs_up_the_rest_is_kept_too() {
    let world = recording_world().await;
    let mut canaries = Vec::new();
    let mut number = 0;
    for (setting, inputs, outputs) in SETTINGS {
        for call in calls::all() {
            if !call.streamed {
                continue;
            }
            number += 1;
            let of = |what| format!("{what} {setting} {} {}", call.kind, call.path);
            let (asked, said) = (
                format!("canary-asked-{number}-end"),
                format!("canary-said-{number}-end"),
            );
            // In the middle of the answer.
            let response = request(&world, &call, setting, &asked)
                .header("x-standin-say", &said)
                .header("x-standin-pace-ms", "10")
                .send()
                .await
                .unwrap();
            let mut stream = response.bytes_stream();
            stream.next().await.unwrap().unwrap();
            drop(stream);
            canaries.push(Canary {
                text: asked,
                of: of("asked"),
                is_kept: inputs,
            });
            canaries.push(Canary {
                text: said,
                of: of("said"),
                is_kept: outputs,
            });
            // Before it.
            for (fault, says) in [
                (None, true),
                (Some(("x-standin-error-body", "echo-auth")), false),
            ] {
                number += 1;
                let (asked, said) = (
                    format!("canary-asked-{number}-end"),
                    format!("canary-said-{number}-end"),
                );
                let mut request = request(&world, &call, setting, &asked)
                    .header("x-standin-say", &said)
                    .header("x-standin-first-byte-ms", "150")
                    .timeout(Duration::from_millis(60));
                if let Some((name, value)) = fault {
                    request = request.header(name, value);
                }
                assert!(request.send().await.is_err(), "it was too quick");
                canaries.push(Canary {
                    text: asked,
                    of: of("asked"),
                    is_kept: inputs,
                });
                canaries.push(Canary {
                    text: said,
                    of: of("said"),
                    is_kept: outputs && says,
                });
            }
        }
    }
    world.rows_when(canaries.len() / 2).await;
    written(&world).await;
    check(&world, &canaries).await;
    let data = stopped(world).await;
    let folder = data.path().join("weir");
    check_files(&folder, &canaries);
    assert_eq!(files_with(&folder, UPSTREAM_KEY), Vec::<String>::new());
}

#[tokio::test]
async fn the_switches_hold_as_they_were_when_a_call_began() {
    let world = recording_world().await;
    let mut canaries = Vec::new();
    for (id, before, after) in [("openai-off", false, true), ("openai-both", true, false)] {
        let (asked, said) = (
            format!("canary-asked-{id}-end"),
            format!("canary-said-{id}-end"),
        );
        let mut body = calls::all()[1].asking(&asked);
        body["model"] = json!("gpt-5-mini");
        let request = world
            .call(id, "/chat/completions", &body)
            .header("x-standin-say", &said)
            .header("x-standin-first-byte-ms", "500")
            .header("x-standin-pace-ms", "50");
        let running =
            tokio::spawn(async move { request.send().await.unwrap().text().await.unwrap() });
        tokio::time::sleep(Duration::from_millis(200)).await;
        let patch = json!({ "record_inputs": after, "record_outputs": after });
        let path = format!("/api/v1/providers/{id}");
        world.api(Method::PATCH, &path, patch).await;
        assert!(!running.is_finished(), "the switch came too late");
        running.await.unwrap();
        for text in [asked, said] {
            canaries.push(Canary {
                text,
                of: id.to_owned(),
                is_kept: before,
            });
        }
    }
    written(&world).await;
    check(&world, &canaries).await;
    stopped(world).await;
}
