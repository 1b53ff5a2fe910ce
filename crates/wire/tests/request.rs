//! What a request asks for; what is refused; and asking for a stream's usage.

use domain::{call::Operation, provider::ProviderType};
use proptest::prelude::*;
use serde_json::Value;
use weir_wire::request::{self, Asked, RequestError, with_stream_usage};

fn read(operation: Operation, body: &[u8]) -> Result<Asked, RequestError> {
    request::read(operation, ProviderType::OpenAi, body)
}

fn other_model(content_type: Option<&str>, body: &[u8]) -> Result<Option<String>, RequestError> {
    request::other_model(ProviderType::OpenAi, content_type, body)
}

fn chat(body: &str) -> Result<Asked, RequestError> {
    read(Operation::Chat, body.as_bytes())
}

#[test]
fn everything_that_matters_is_read() {
    let body = r#" {"model":"gpt-5","messages":[{"role":"user","content":"model: x, \"stream\":false"}],"stream":true,
        "stream_options":{"include_usage":true,"include_obfuscation":false},"max_completion_tokens":500,"n":3,
        "service_tier":"flex","metadata":{"model":"other","n":9}} "#;
    let asked = chat(body).unwrap();
    let expected = Asked {
        model: Some("gpt-5".to_owned()),
        stream: true,
        asks_stream_usage: true,
        max_output_tokens: Some(500),
        choices: 3,
        service_tier: Some("flex".to_owned()),
        background: false,
        previous_response_id: None,
    };
    assert_eq!(asked, expected);
    assert_eq!(asked.output_limit(), Some(1500));

    let body = r#"{"model":"gpt-5","input":"x","background":true,"previous_response_id":"resp_1","max_output_tokens":9}"#;
    let asked = read(Operation::Responses, body.as_bytes()).unwrap();
    assert!(asked.background && !asked.stream);
    assert_eq!(
        (
            asked.previous_response_id.as_deref(),
            asked.max_output_tokens,
            asked.choices
        ),
        (Some("resp_1"), Some(9), 1)
    );
}

#[test]
fn the_smallest_limit_and_the_largest_number_of_answers_count() {
    let asked = chat(r#"{"model":"m","max_tokens":100,"max_completion_tokens":50}"#).unwrap();
    assert_eq!(asked.max_output_tokens, Some(50));
    let asked = chat(r#"{"model":"m","max_tokens":10.0,"n":null,"best_of":4}"#).unwrap();
    assert_eq!((asked.choices, asked.output_limit()), (4, Some(40)));
    let asked = chat(r#"{"model":"m","n":0,"max_tokens":null}"#).unwrap();
    assert_eq!((asked.choices, asked.output_limit()), (1, None));
    let asked = chat(r#"{"model":"m","n":18446744073709551615,"max_tokens":18446744073709551615}"#)
        .unwrap();
    assert_eq!(asked.output_limit(), Some(u64::MAX));
}

#[test]
fn a_model_may_be_written_with_escapes() {
    assert_eq!(
        chat(r#"{"m\u006fdel":"gpt\u002d5\/x"}"#)
            .unwrap()
            .model
            .as_deref(),
        Some("gpt-5/x")
    );
}

#[test]
fn members_of_the_wrong_type_are_the_upstreams_to_refuse() {
    let asked = chat(
        r#"{"model":"m","stream":"maybe","stream_options":7,"max_tokens":"many","n":{},"service_tier":[]}"#,
    );
    assert_eq!(
        asked.unwrap(),
        Asked {
            model: Some("m".to_owned()),
            choices: 1,
            ..Asked::default()
        }
    );
}

#[test]
fn a_body_that_is_no_object_with_a_model_is_refused() {
    let cases = [
        ("", RequestError::NotJson),
        ("model=gpt-5", RequestError::NotJson),
        ("{\"model\":\"m\"", RequestError::NotJson),
        ("{\"model\":\"m\"} {}", RequestError::NotJson),
        ("{\"model\":\"m\",}", RequestError::NotJson),
        ("{'model':'m'}", RequestError::NotJson),
        ("\u{feff}{\"model\":\"m\"}", RequestError::NotJson),
        ("[{\"model\":\"m\"}]", RequestError::NotAnObject),
        ("\"model\"", RequestError::NotAnObject),
        ("null", RequestError::NotAnObject),
        ("{}", RequestError::ModelMissing),
        (
            "{\"messages\":[{\"model\":\"m\"}]}",
            RequestError::ModelMissing,
        ),
        ("{\"model\":null}", RequestError::ModelNotAString),
        ("{\"model\":5}", RequestError::ModelNotAString),
        ("{\"model\":[\"m\"]}", RequestError::ModelNotAString),
        ("{\"model\":\"\"}", RequestError::ModelEmpty),
    ];
    for (body, error) in cases {
        assert_eq!(chat(body), Err(error), "{body}");
    }
    assert_eq!(
        read(Operation::Chat, b"{\"model\":\"m\xff\"}"),
        Err(RequestError::NotJson)
    );
    assert_eq!(
        read(Operation::Chat, b"{\x00\"\x00m\x00"),
        Err(RequestError::NotJson)
    );
}

#[test]
fn a_member_that_matters_may_stand_there_once() {
    let cases = [
        (r#"{"model":"allowed","model":"other"}"#, "model"),
        (
            r#"{"model":"allowed","messages":[],"mod\u0065l":"other"}"#,
            "model",
        ),
        // A server in Go would take the second one.
        (r#"{"model":"allowed","Model":"other"}"#, "model"),
        (r#"{"model":null,"model":"m"}"#, "model"),
        (r#"{"model":"m","stream":true,"stream":false}"#, "stream"),
        (
            r#"{"model":"m","stream_options":{},"stream_options":{}}"#,
            "stream_options",
        ),
        (
            r#"{"model":"m","stream_options":{"include_usage":true,"include_usage":false}}"#,
            "include_usage",
        ),
        (r#"{"model":"m","n":1,"n":9}"#, "n"),
        (
            r#"{"model":"m","max_tokens":1,"max_tokens":9}"#,
            "max_tokens",
        ),
        (
            r#"{"model":"m","service_tier":"flex","service_tier":"priority"}"#,
            "service_tier",
        ),
        (
            r#"{"model":"m","background":false,"background":true}"#,
            "background",
        ),
    ];
    for (body, name) in cases {
        assert_eq!(chat(body), Err(RequestError::Duplicate(name)), "{body}");
        assert_eq!(
            with_stream_usage(body.as_bytes()),
            Err(RequestError::Duplicate(name)),
            "{body}"
        );
    }
    assert!(chat(r#"{"model":"m","temperature":1,"temperature":2}"#).is_ok());
}

#[test]
fn deep_nesting_is_no_problem() {
    let deep = format!(
        r#"{{"model":"m","messages":{}{}}}"#,
        "[".repeat(200_000),
        "]".repeat(200_000)
    );
    assert_eq!(chat(&deep).unwrap().model.as_deref(), Some("m"));
}

#[test]
fn operations_that_run_no_model_can_do_without_one() {
    for operation in [
        Operation::CountTokens,
        Operation::Models,
        Operation::StoredResponse,
        Operation::Other,
    ] {
        assert_eq!(
            read(operation, b" "),
            Ok(Asked {
                choices: 1,
                ..Asked::default()
            })
        );
        assert_eq!(read(operation, b"{}").unwrap().model, None);
        assert_eq!(
            read(operation, br#"{"model":"m"}"#)
                .unwrap()
                .model
                .as_deref(),
            Some("m")
        );
        assert_eq!(
            read(operation, br#"{"model":7}"#),
            Err(RequestError::ModelNotAString)
        );
    }
}

#[test]
fn usage_is_asked_for_and_nothing_else_is_touched() {
    let cases = [
        (
            r#"{"model":"m"}"#,
            r#"{"stream_options":{"include_usage":true},"model":"m"}"#,
        ),
        (
            "\n {  \"model\" : \"ü😀\" }\n",
            "\n {\"stream_options\":{\"include_usage\":true},  \"model\" : \"ü😀\" }\n",
        ),
        ("{}", r#"{"stream_options":{"include_usage":true}}"#),
        (
            r#"{"a":"é","stream_options": null ,"b":1}"#,
            r#"{"a":"é","stream_options": {"include_usage":true} ,"b":1}"#,
        ),
        (
            r#"{"stream_options":{}}"#,
            r#"{"stream_options":{"include_usage":true}}"#,
        ),
        (
            r#"{"stream_options": { } }"#,
            r#"{"stream_options": {"include_usage":true } }"#,
        ),
        (
            r#"{"x":{"stream_options":{"include_usage":false}},"stream_options":{ "include_obfuscation" : false }}"#,
            r#"{"x":{"stream_options":{"include_usage":false}},"stream_options":{"include_usage":true, "include_obfuscation" : false }}"#,
        ),
        (
            r#"{"stream_options":{"include_obfuscation":true, "include_usage" : false , "z":"}"}}"#,
            r#"{"stream_options":{"include_obfuscation":true, "include_usage" : true , "z":"}"}}"#,
        ),
        (
            r#"{"stream_options":{"include_usage":null}}"#,
            r#"{"stream_options":{"include_usage":true}}"#,
        ),
        (
            r#"{"stream_options":{"x":{"include_usage":true}}}"#,
            r#"{"stream_options":{"include_usage":true,"x":{"include_usage":true}}}"#,
        ),
        (
            r#"{"stream\u005foptions":{"include\u005fusage":false}}"#,
            r#"{"stream\u005foptions":{"include\u005fusage":true}}"#,
        ),
    ];
    for (body, expected) in cases {
        let changed = with_stream_usage(body.as_bytes()).unwrap().unwrap();
        assert_eq!(String::from_utf8(changed).unwrap(), expected, "{body}");
    }
}

#[test]
fn nothing_is_changed_where_usage_is_asked_for_or_the_options_are_odd() {
    for body in [
        r#"{"stream_options":{"include_usage":true}}"#,
        r#"{"stream_options":{"include_usage": true }}"#,
        r#"{"stream_options":{"include_usage":"yes"}}"#,
        r#"{"stream_options":{"include_usage":1}}"#,
        r#"{"stream_options":[]}"#,
        r#"{"stream_options":"include_usage"}"#,
        r#"{"stream_options":true}"#,
    ] {
        assert_eq!(with_stream_usage(body.as_bytes()), Ok(None), "{body}");
    }
    assert_eq!(with_stream_usage(b"[]"), Err(RequestError::NotAnObject));
    assert_eq!(with_stream_usage(b"{"), Err(RequestError::NotJson));
}

/// JSON values, not too large.
fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(".{0,6}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Values that `stream_options` may have, or none.
fn options() -> impl Strategy<Value = Option<Value>> {
    let usage = prop_oneof![Just(Value::Null), any::<bool>().prop_map(Value::from)];
    prop_oneof![
        Just(None),
        Just(Some(Value::Null)),
        prop::collection::btree_map("[a-z]{1,4}", json(), 0..3)
            .prop_map(|map| Some(Value::Object(map.into_iter().collect()))),
        (
            prop::collection::btree_map("[a-z]{1,4}", json(), 0..3),
            usage
        )
            .prop_map(|(map, usage)| {
                let mut map: serde_json::Map<String, Value> = map.into_iter().collect();
                map.insert("include_usage".to_owned(), usage);
                Some(Value::Object(map))
            }),
    ]
}

proptest! {
    #[test]
    fn asking_for_usage_changes_that_member_only(
        others in prop::collection::btree_map("[a-z]{1,6}", json(), 0..5),
        options in options(),
        pretty in any::<bool>(),
    ) {
        let mut body: serde_json::Map<String, Value> = others.into_iter().collect();
        if let Some(options) = &options {
            body.insert("stream_options".to_owned(), options.clone());
        }
        let text = if pretty { serde_json::to_string_pretty(&body) } else { serde_json::to_string(&body) }.unwrap();
        let changed = with_stream_usage(text.as_bytes()).unwrap();
        let asked_already = options.as_ref().is_some_and(|options| options["include_usage"] == Value::Bool(true));
        prop_assert_eq!(changed.is_none(), asked_already);

        if let Some(changed) = changed {
            // Read as JSON, the member is set and all others are as they were.
            let mut expected = Value::Object(body);
            if !expected["stream_options"].is_object() {
                expected["stream_options"] = serde_json::json!({});
            }
            expected["stream_options"]["include_usage"] = Value::Bool(true);
            prop_assert_eq!(serde_json::from_slice::<Value>(&changed).unwrap(), expected);
            // Read as bytes, the old body is what is left when one stretch is cut out or put back.
            let same_start = text.bytes().zip(&changed).take_while(|(old, new)| old == *new).count();
            let same_end = text.bytes().rev().zip(changed.iter().rev()).take_while(|(old, new)| old == *new).count();
            prop_assert!(text.len() - (same_start + same_end).min(text.len()) <= "false".len());
            // Asking twice changes nothing more.
            prop_assert_eq!(with_stream_usage(&changed).unwrap(), None);
        }
    }

    #[test]
    fn random_bytes_are_refused_or_read_and_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(Operation::Chat, &bytes);
        let _ = with_stream_usage(&bytes);
        let _ = other_model(Some("multipart/form-data; boundary=x"), &bytes);
        let _ = other_model(None, &bytes);
    }
}
