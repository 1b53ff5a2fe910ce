//! Bodies that are cut anywhere, broken, or made to hurt.

use std::time::{Duration, Instant};

use domain::{call::Operation, provider::ProviderType};
use proptest::prelude::*;
use weir_wire::{
    meter::Shape,
    transcript::{Api, Message, Part, answer, canonical, named, plain_text, request, to_openai},
};

use crate::{
    shown::{api, asked, at, said},
    support::{
        cases, fixture,
        fuzz::{Random, mutate, repair},
    },
};

/// A body of every API that has messages.
const REQUESTS: &[(Operation, &str)] = &[
    (
        Operation::Chat,
        r#"{"model":"m","messages":[{"role":"user","content":"Gr\u00fc\u00dfe \ud83d\ude00 日本 \"x\"\n"},{"role":"assistant","content":null,"tool_calls":[{"id":"c","function":{"name":"f","arguments":"{\"a\":1}"}}]},{"role":"tool","tool_call_id":"c","content":[{"type":"text","text":"1"}]}],"tools":[{"function":{"name":"f"}}],"n":12}"#,
    ),
    (
        Operation::Completions,
        r#"{"prompt":["Grü","ße"],"suffix":"s"}"#,
    ),
    (
        Operation::Responses,
        r#"{"instructions":"S","input":[{"role":"user","content":[{"type":"input_text","text":"Grüße"}]},{"type":"reasoning","summary":[{"type":"summary_text","text":"Hm"}]},{"type":"function_call","call_id":"c","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"c","output":"1"}]}"#,
    ),
    (Operation::Embeddings, r#"{"input":["One",[1,2,3]]}"#),
    (
        Operation::Messages,
        r#"{"system":"S","messages":[{"role":"user","content":[{"type":"text","text":"Grüße"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}]},{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{"a":[1,{"b":2}]}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"1"}]}],"metadata":{"user_id":"user_a_account__session_b"}}"#,
    ),
    (
        Operation::Generate,
        r#"{"systemInstruction":{"parts":[{"text":"S"}]},"contents":[{"role":"user","parts":[{"text":"Grüße"},{"inlineData":{"mimeType":"image/png","data":"AAAA"}}]},{"role":"model","parts":[{"functionCall":{"name":"f","args":{"a":1}}}]}]}"#,
    ),
    (
        Operation::Converse,
        r#"{"system":[{"text":"S"}],"messages":[{"role":"user","content":[{"text":"Grüße"},{"toolResult":{"toolUseId":"t","content":[{"json":{"a":1}}]}}]}]}"#,
    ),
    (
        Operation::Invoke,
        r#"{"preamble":"S","chat_history":[{"role":"USER","message":"Hi"}],"message":"Grüße"}"#,
    ),
];

/// Everything that can be done with a body.
fn read_all(operation: Operation, provider_type: ProviderType, body: &[u8]) {
    let api = at(provider_type, operation);
    let mut messages = Vec::new();
    messages.extend(request(api, body).map(|talk| talk.messages));
    for shape in Shape::ALL {
        messages.extend(answer(api, *shape, body).map(|said| said.messages));
    }
    let _ = named(operation, body);
    for messages in messages {
        let _ = to_openai(&messages);
        for message in messages {
            let _ = (canonical(&message), plain_text(&message, 100));
        }
    }
}

fn operations() -> impl Strategy<Value = (Operation, ProviderType)> {
    (
        proptest::sample::select(Operation::ALL),
        proptest::sample::select(ProviderType::ALL),
    )
}

proptest! {
    #[test]
    fn nothing_breaks_it((operation, provider_type) in operations(), body in proptest::collection::vec(any::<u8>(), 0..200)) {
        read_all(operation, provider_type, &body);
    }

    #[test]
    fn pieces_of_json_do_not_break_it(
        (operation, provider_type) in operations(),
        pieces in proptest::collection::vec(proptest::sample::select(vec![
            "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud83d", "null", "1", "true", "\n", "data: ", "event: ",
            "\"messages\":", "\"content\":", "\"type\":", "\"text\"", "\"role\":", "\"choices\":", "\"delta\":", "\"index\":",
            "\"input\":", "\"output\":", "\"parts\":", "\"candidates\":", "\"tool_calls\":", "\"arguments\":", "\"error\":", "é",
        ]), 0..60),
    ) {
        read_all(operation, provider_type, pieces.concat().as_bytes());
    }

    #[test]
    fn bodies_with_a_byte_changed_do_not_break_it(which in 0..REQUESTS.len(), at in 0_usize..400, byte: u8) {
        let (operation, body) = REQUESTS[which];
        let mut body = body.as_bytes().to_vec();
        let at = at % body.len();
        body[at] = byte;
        read_all(operation, api(operation).provider_type, &body);
    }

    #[test]
    fn streams_with_bytes_changed_do_not_break_it(which: usize, at: usize, byte: u8) {
        let all: Vec<_> = cases::all().collect();
        let case = all[which % all.len()];
        let mut bytes = case.bytes();
        let at = at % bytes.len();
        bytes[at] = byte;
        read_all(case.operation, case.provider_type, &bytes);
    }
}

#[test]
fn mutated_streams_do_not_break_it() {
    let all: Vec<_> = cases::all().collect();
    for (seed, case) in (0..).zip(all.iter().cycle().take(1_000)) {
        let mut random = Random::new(seed);
        let mut bytes = case.bytes();
        mutate(&mut bytes, &mut random);
        if case.shape == Shape::EventStream {
            repair(&mut bytes);
        }
        read_all(case.operation, case.provider_type, &bytes);
    }
}

/// The texts of messages, for comparing what is cut with the whole.
fn texts(messages: &[Message]) -> String {
    let texts: Vec<String> = messages
        .iter()
        .map(|message| plain_text(message, usize::MAX))
        .collect();
    texts.concat().replace('\n', "")
}

#[test]
fn a_request_cut_anywhere_is_read_as_far_as_it_goes() {
    for (operation, body) in REQUESTS {
        let whole = asked(*operation, body);
        let mut longest = 0;
        for end in 1..body.len() {
            let talk = request(api(*operation), &body.as_bytes()[..end])
                .unwrap_or_else(|| panic!("{operation:?} {end}"));
            assert!(talk.cut, "{operation:?} {end}");
            assert!(talk.messages.len() <= whole.messages.len());
            let text = texts(&talk.messages);
            longest = longest.max(text.len());
            if *operation == Operation::Chat {
                assert!(texts(&whole.messages).starts_with(&text), "{end}: {text}");
            }
        }
        assert_eq!(longest, texts(&whole.messages).len(), "{operation:?}");
    }
}

#[test]
fn a_plain_answer_cut_anywhere_is_read_as_far_as_it_goes() {
    for case in cases::all().filter(|case| case.has_plain) {
        let body = fixture(&format!("plain/{}.json", case.name));
        let body = body.trim_ascii();
        for end in 1..body.len() {
            let api = Api {
                operation: case.operation,
                provider_type: case.provider_type,
                model: None,
            };
            let said = answer(api, Shape::Plain, &body[..end])
                .unwrap_or_else(|| panic!("{} {end}", case.name));
            assert!(said.cut && said.error.is_none(), "{} {end}", case.name);
        }
    }
}

#[test]
fn odd_strings_are_read() {
    let text = |content: &[u8]| {
        let body = [
            br#"{"messages":[{"role":"user","content":""#,
            content,
            b"\"}]}",
        ]
        .concat();
        let mut talk = request(api(Operation::Chat), &body).unwrap();
        match talk.messages.remove(0).parts.remove(0) {
            Part::Text(text) => text,
            part => panic!("{part:?}"),
        }
    };
    assert_eq!(text(br"half \ud83d a pair"), "half \u{fffd} a pair");
    assert_eq!(text(br"\ude00\ud83d"), "\u{fffd}\u{fffd}");
    assert_eq!(
        text(b"broken \xff\xfe utf-8"),
        "broken \u{fffd}\u{fffd} utf-8"
    );
    assert_eq!(text(b"a line\nbreak"), "a line\nbreak");
    assert_eq!(text(br"\u0000\u001b[31m\u202e"), "\0\u{1b}[31m\u{202e}");
    let twice = r#"{"messages":[{"role":"user","content":"a","content":"b"}],"messages":[{"content":"c","content":"d"}]}"#;
    assert_eq!(texts(&asked(Operation::Chat, twice).messages), "d");
}

#[test]
fn what_is_made_to_hurt_takes_little_time() {
    let deep =
        |open: &str, close: &str| format!("{}{}", open.repeat(100_000), close.repeat(100_000));
    let long = "x".repeat(5_000_000);
    let many = |one: &str, count: usize| vec![one; count].join(",");
    let bodies = [
        (Operation::Chat, deep("[", "]")),
        (Operation::Chat, deep(r#"{"content":"#, "}")),
        (Operation::Responses, "[".repeat(1_000_000)),
        (Operation::Messages, r#"{"a":"#.repeat(300_000)),
        (Operation::Chat, format!(r#"{{"messages":{}}}"#, deep("[", "]"))),
        (Operation::Messages, format!(r#"{{"messages":[{{"role":"user","content":{}}}]}}"#, deep(r#"{"content":"#, "}"))),
        (Operation::Chat, format!(r#"{{"messages":[{{"role":"user","content":"{long}"}}],"prompt":"{long}"}}"#)),
        (Operation::Chat, format!(r#"{{"messages":[{{"role":"assistant","tool_calls":[{{"function":{{"name":"f","arguments":"{}"}}}}]}}]}}"#, deep("[", "]"))),
        (Operation::Converse, format!(r#"{{"messages":[{}]}}"#, many("{}", 100_000))),
        (Operation::Chat, format!(r#"{{"messages":[{{{}}}]}}"#, many(r#""content":1"#, 100_000))),
        (Operation::Generate, format!(r#"{{"contents":[{{"role":"model","parts":[{}]}}]}}"#, many(r#"{"functionCall":{"name":"f"}}"#, 30_000))),
        (Operation::Responses, format!(r#"{{"input":[{}]}}"#, many(r#"{"type":"function_call_output","output":"x"}"#, 30_000))),
        (Operation::Messages, format!(r#"{{"messages":[{{"role":"user","content":[{}]}}]}}"#, many(r#"{"type":"tool_result"},"x""#, 30_000))),
        (Operation::Chat, format!(r#"{{"choices":[{}]}}"#, many(r#"{"index":1,"delta":{"tool_calls":[{"id":"a"},{"id":"b"}]}}"#, 10_000))),
        (Operation::Chat, format!("data: {long}\n\n")),
        (Operation::Generate, "data: {}\n\n".repeat(30_000)),
        (Operation::Messages, r#"data: {"type":"content_block_delta","delta":{"text":"x"}}"#.to_owned() + &"\n\n".repeat(100_000)),
        (Operation::Messages, (0..20_000).map(|index| format!("data: {{\"type\":\"content_block_delta\",\"index\":{index},\"delta\":{{\"partial_json\":\"{{\"}}}}\n\n")).collect()),
        (Operation::Responses, (0..20_000).map(|index| format!("data: {{\"type\":\"response.output_text.delta\",\"content_index\":{index},\"delta\":\"x\"}}\n\n")).collect()),
        (Operation::Chat, "\\\"".repeat(100_000)),
        (Operation::Completions, format!(r#"{{"prompt":"{}"}}"#, "\\u00e9".repeat(100_000))),
    ];
    for (operation, body) in &bodies {
        let start = Instant::now();
        read_all(*operation, api(*operation).provider_type, body.as_bytes());
        let took = start.elapsed();
        // Of a debug build on a busy machine; what is not linear takes minutes.
        assert!(
            took < Duration::from_secs(30),
            "{operation:?} {took:?} {:?}",
            body.chars().take(60).collect::<String>()
        );
    }
}

#[test]
fn files_are_not_kept() {
    let data = "QUJD".repeat(1_000);
    let body = format!(
        r#"{{"messages":[{{"role":"user","content":[{{"type":"image_url","image_url":{{"url":"data:image/png;base64,{data}"}}}},{{"type":"odd","data":"{data}","url":"data:image/png;base64,{data}"}}]}}]}}"#
    );
    let shown = format!("{:?}", asked(Operation::Chat, &body).messages);
    assert!(!shown.contains("QUJDQUJD"), "{shown}");
    assert!(
        shown.contains("3000") && shown.contains("4000 characters of base64"),
        "{shown}"
    );
    let answer =
        format!(r#"{{"output":[{{"type":"image_generation_call","id":"i","result":"{data}"}}]}}"#);
    let shown = format!(
        "{:?}",
        said(Operation::Responses, Shape::Plain, answer.as_bytes()).messages
    );
    assert!(
        !shown.contains("QUJDQUJD") && shown.contains("3000"),
        "{shown}"
    );
}
