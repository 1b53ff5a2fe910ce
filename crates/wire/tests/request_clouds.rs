//! What requests to Google and Bedrock ask for, and putting a guardrail into them.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use domain::{call::Operation, provider::ProviderType};
use proptest::prelude::*;
use serde_json::Value;
use support::{BEDROCK, COMPATIBLE, GOOGLE};
use weir_wire::request::{Asked, RequestError, other_model, read, with_guardrail};

#[track_caller]
fn asked(operation: Operation, provider_type: ProviderType, body: &str) -> Asked {
    read(operation, provider_type, body.as_bytes()).unwrap()
}

#[test]
fn limits_stand_where_each_api_has_them() {
    let check = |operation, body: &str, limit: Option<u64>, choices: u64| {
        let asked = asked(operation, BEDROCK, body);
        assert_eq!(
            (asked.max_output_tokens, asked.choices),
            (limit, choices),
            "{body}"
        );
    };
    let generate = |body, limit, choices| check(Operation::Generate, body, limit, choices);
    generate(
        r#"{"contents":[],"generationConfig":{"maxOutputTokens":500,"candidateCount":3}}"#,
        Some(500),
        3,
    );
    generate(
        r#"{"generation_config":{"max_output_tokens":9,"candidate_count":2}}"#,
        Some(9),
        2,
    );
    generate(r#"{"generationConfig":{}}"#, None, 1);
    generate(r#"{"generationConfig":7,"max_tokens":5,"n":4}"#, None, 1);
    let converse = |body, limit| check(Operation::Converse, body, limit, 1);
    converse(
        r#"{"messages":[],"inferenceConfig":{"maxTokens":500,"temperature":0}}"#,
        Some(500),
    );
    converse(
        r#"{"inferenceConfig":{},"max_tokens":5,"maxTokens":5}"#,
        None,
    );
    let invoke = |body, limit, choices| check(Operation::Invoke, body, limit, choices);
    invoke(
        r#"{"anthropic_version":"bedrock-2023-05-31","max_tokens":500,"messages":[]}"#,
        Some(500),
        1,
    );
    invoke(r#"{"prompt":"x","max_tokens_to_sample":400}"#, Some(400), 1);
    invoke(
        r#"{"messages":[],"inferenceConfig":{"maxTokens":300}}"#,
        Some(300),
        1,
    );
    invoke(
        r#"{"messages":[],"inferenceConfig":{"max_new_tokens":300}}"#,
        Some(300),
        1,
    );
    invoke(r#"{"prompt":"x","max_gen_len":200}"#, Some(200), 1);
    invoke(
        r#"{"inputText":"x","textGenerationConfig":{"maxTokenCount":100}}"#,
        Some(100),
        1,
    );
    invoke(
        r#"{"prompt":"x","max_tokens":90,"num_generations":4}"#,
        Some(90),
        4,
    );
    invoke(
        r#"{"prompt":"x","maxTokens":80,"numResults":2}"#,
        Some(80),
        2,
    );
    invoke(
        r#"{"messages":[],"max_completion_tokens":70,"n":2}"#,
        Some(70),
        2,
    );
    // A member of somebody else's API makes no estimate smaller.
    check(
        Operation::Chat,
        r#"{"model":"m","max_gen_len":1,"generationConfig":{"maxOutputTokens":1}}"#,
        None,
        1,
    );
}

#[test]
fn the_tier_that_is_asked_for() {
    let tier = |operation, body| asked(operation, GOOGLE, body).service_tier;
    assert_eq!(
        tier(Operation::Generate, r#"{"serviceTier":"flex"}"#).as_deref(),
        Some("flex")
    );
    assert_eq!(
        tier(Operation::Generate, r#"{"service_tier":"flex"}"#).as_deref(),
        Some("flex")
    );
    assert_eq!(
        tier(
            Operation::Converse,
            r#"{"serviceTier":{"type":"priority"}}"#
        )
        .as_deref(),
        Some("priority")
    );
    assert_eq!(
        tier(Operation::Converse, r#"{"serviceTier":"priority"}"#),
        None
    );
    assert_eq!(tier(Operation::Invoke, "{}"), None);
}

#[test]
fn where_the_path_names_model_and_stream_the_body_does_not() {
    for operation in [Operation::Generate, Operation::Converse, Operation::Invoke] {
        for provider_type in [GOOGLE, BEDROCK] {
            for body in [
                "{}",
                r#"{"model":"other","stream":true}"#,
                r#"{"model":7}"#,
                r#"{"model":"","stream":1}"#,
            ] {
                let asked = asked(operation, provider_type, body);
                assert_eq!((asked.model, asked.stream), (None, false), "{body}");
            }
            for (body, error) in [
                ("", RequestError::NotJson),
                ("[]", RequestError::NotAnObject),
                (
                    r#"{"model":"a","Model":"b"}"#,
                    RequestError::Duplicate("model"),
                ),
                (
                    r#"{"generationConfig":{},"generation_config":{}}"#,
                    RequestError::Duplicate("generationConfig"),
                ),
                (
                    r#"{"inferenceConfig":{},"inferenceConfig":{}}"#,
                    RequestError::Duplicate("inferenceConfig"),
                ),
            ] {
                assert_eq!(
                    read(operation, provider_type, body.as_bytes()),
                    Err(error),
                    "{body}"
                );
            }
        }
    }
}

/// Whether the body must name the model of an inference call. A type is not added without saying so here.
fn body_names_the_model(operation: Operation, provider_type: ProviderType) -> bool {
    let by_path = match operation {
        Operation::Generate | Operation::Converse | Operation::Invoke => true,
        Operation::Messages => provider_type == ProviderType::VertexAi,
        Operation::Chat
        | Operation::Responses
        | Operation::Completions
        | Operation::Embeddings
        | Operation::CohereChat
        | Operation::Rerank => false,
        Operation::CountTokens
        | Operation::Models
        | Operation::StoredResponse
        | Operation::Other => true,
    };
    let perhaps_by_path = match provider_type {
        ProviderType::OpenAi
        | ProviderType::Anthropic
        | ProviderType::Bedrock
        | ProviderType::Cohere => false,
        ProviderType::GoogleAi => operation == Operation::Embeddings,
        ProviderType::VertexAi => {
            matches!(operation, Operation::Chat | Operation::Embeddings)
        }
        ProviderType::OpenAiCompatible => operation == Operation::Chat,
        ProviderType::AzureOpenAi => matches!(
            operation,
            Operation::Chat | Operation::Completions | Operation::Embeddings
        ),
    };
    !by_path && !perhaps_by_path
}

#[test]
fn a_model_is_missing_only_where_the_body_must_name_it() {
    for provider_type in ProviderType::ALL.iter().copied() {
        for operation in Operation::ALL.iter().copied() {
            let read = read(operation, provider_type, b"{}");
            if body_names_the_model(operation, provider_type) {
                assert_eq!(read, Err(RequestError::ModelMissing), "{operation:?}");
            } else {
                assert_eq!(read.unwrap().model, None, "{operation:?}");
            }
        }
    }
}

#[test]
fn google_writes_models_with_a_prefix() {
    let json = Some("application/json");
    let form = Some("multipart/form-data; boundary=b");
    for provider_type in ProviderType::ALL.iter().copied() {
        let expected = match provider_type {
            ProviderType::GoogleAi => "gemini-2.5-pro",
            ProviderType::OpenAi
            | ProviderType::Anthropic
            | ProviderType::Bedrock
            | ProviderType::VertexAi
            | ProviderType::AzureOpenAi
            | ProviderType::OpenAiCompatible
            | ProviderType::Cohere => "models/gemini-2.5-pro",
        };
        let body = r#"{"model":"models\/gemini-2.5-pro"}"#;
        for operation in [
            Operation::Chat,
            Operation::Embeddings,
            Operation::CountTokens,
        ] {
            let model = asked(operation, provider_type, body).model;
            assert_eq!(model.as_deref(), Some(expected), "{provider_type:?}");
        }
        let other = other_model(provider_type, json, body.as_bytes()).unwrap();
        assert_eq!(other.as_deref(), Some(expected), "{provider_type:?}");
        let parts = "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nmodels/gemini-2.5-pro\r\n--b--\r\n";
        let other = other_model(provider_type, form, parts.as_bytes()).unwrap();
        assert_eq!(other.as_deref(), Some(expected), "{provider_type:?}");
    }
    let empty = read(Operation::Chat, GOOGLE, br#"{"model":"models/"}"#);
    assert_eq!(empty, Err(RequestError::ModelEmpty));
    // Tuned models go by their whole name.
    let tuned = asked(Operation::Chat, GOOGLE, r#"{"model":"tunedModels/x"}"#).model;
    assert_eq!(tuned.as_deref(), Some("tunedModels/x"));
}

#[test]
fn invocations_need_no_model_in_their_body() {
    let databricks = asked(
        Operation::Chat,
        COMPATIBLE,
        r#"{"messages":[],"max_tokens":5}"#,
    );
    assert_eq!(
        (databricks.model, databricks.max_output_tokens),
        (None, Some(5))
    );
    let bad = read(Operation::Chat, COMPATIBLE, br#"{"model":7}"#);
    assert_eq!(bad, Err(RequestError::ModelNotAString));
}

const OURS: &str = r#"{"guardrailIdentifier":"gr-1","guardrailVersion":"3"}"#;

fn guarded(body: &str) -> String {
    String::from_utf8(with_guardrail(body.as_bytes(), "gr-1", "3").unwrap()).unwrap()
}

#[test]
fn the_guardrail_is_put_in_and_nothing_else_is_touched() {
    for (body, before, after) in [
        (r"{}", "{", "}"),
        (" \n{ } ", " \n{", " } "),
        (r#"{"a":1}"#, "{", r#",:"a":1}"#),
    ] {
        let after = after.replacen(",:", ",", 1);
        let expected = format!(r#"{before}"guardrailConfig":{OURS}{after}"#);
        assert_eq!(guarded(body), expected);
    }
    let replaced = |before: &str, after: &str| format!("{before}{OURS}{after}");
    assert_eq!(
        guarded(
            r#"{"messages":[], "guardrailConfig" : {"guardrailIdentifier":"mine","trace":"enabled"} ,"x":"é"}"#
        ),
        replaced(r#"{"messages":[], "guardrailConfig" : "#, r#" ,"x":"é"}"#)
    );
    for theirs in ["null", "7", "[]", r#""x""#, "{}"] {
        assert_eq!(
            guarded(&format!(r#"{{"guardrailConfig":{theirs}}}"#)),
            replaced(r#"{"guardrailConfig":"#, "}")
        );
    }
    assert_eq!(
        guarded(r#"{"guardrail\u0043onfig":{}}"#),
        replaced(r#"{"guardrail\u0043onfig":"#, "}")
    );
    // Only the outermost object counts.
    assert_eq!(
        guarded(r#"{"a":{"guardrailConfig":{}}}"#),
        format!(r#"{{"guardrailConfig":{OURS},"a":{{"guardrailConfig":{{}}}}}}"#)
    );
}

#[test]
fn of_several_guardrails_none_is_kept() {
    let once = format!(r#"{{"a":1,"guardrailConfig":{OURS},"b":2}}"#);
    for body in [
        r#"{"a":1,"guardrailConfig":{"x":1},"b":2,"guardrailConfig":{"x":2}}"#,
        r#"{"a":1,"guardrailConfig":{"x":1}, "guardrail\u0043onfig" :{"x":2},"b":2}"#,
        r#"{"a":1,"guardrailConfig":null,"guardrailConfig":1,"b":2,"guardrailConfig":[]}"#,
    ] {
        assert_eq!(guarded(body), once);
    }
}

#[test]
fn a_guardrail_is_written_as_json() {
    let body = with_guardrail(b"{}", "a\"b\\", "\n").unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(
        body["guardrailConfig"],
        serde_json::json!({"guardrailIdentifier": "a\"b\\", "guardrailVersion": "\n"})
    );
    for (body, error) in [
        ("", RequestError::NotJson),
        ("{", RequestError::NotJson),
        ("{} {}", RequestError::NotJson),
        ("[]", RequestError::NotAnObject),
        ("null", RequestError::NotAnObject),
    ] {
        assert_eq!(with_guardrail(body.as_bytes(), "g", "1"), Err(error));
    }
    assert_eq!(
        with_guardrail(b"{\"a\":\"\xff\"}", "g", "1"),
        Err(RequestError::NotJson)
    );
}

proptest! {
    /// However the members stand, the guardrail is ours, once, and the others are as they were.
    #[test]
    fn the_guardrail_is_always_ours(
        members in prop::collection::vec((prop::sample::select(vec!["guardrailConfig", "a", "b", "guardrail\\u0043onfig"]), prop::sample::select(vec!["1", "{}", "[\"guardrailConfig\"]", "{\"guardrailConfig\":{}}", "\"}\""])), 0..6),
        space in prop::sample::select(vec!["", " ", "\n\t"]),
    ) {
        let text: Vec<String> = members.iter().map(|(name, value)| format!("{space}\"{name}\"{space}:{space}{value}{space}")).collect();
        let body = format!("{space}{{{}}}{space}", text.join(","));
        let guarded = guarded(&body);
        let value: Value = serde_json::from_str(&guarded).unwrap();
        let ours: Value = serde_json::from_str(OURS).unwrap();
        prop_assert_eq!(&value["guardrailConfig"], &ours);
        prop_assert_eq!(guarded.matches("guardrailIdentifier").count(), 1);
        let before: Value = serde_json::from_str(&body).unwrap();
        for name in ["a", "b"] {
            prop_assert_eq!(value.get(name), before.get(name));
        }
        prop_assert_eq!(with_guardrail(guarded.as_bytes(), "gr-1", "3").unwrap(), guarded.into_bytes());
    }

    #[test]
    fn random_bytes_are_refused_or_read_and_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = with_guardrail(&bytes, "g", "1");
        for operation in Operation::ALL {
            let _ = read(*operation, GOOGLE, &bytes);
        }
    }
}
