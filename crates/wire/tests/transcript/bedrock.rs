//! Bedrock: Converse, and the APIs of the makers behind invoke.

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::call::Operation;
use weir_wire::{
    meter::Shape,
    transcript::{Api, answer, request},
};

use crate::{
    shown::{asked, at, check_plain, check_request, lines, said},
    support::{BEDROCK, frames},
};

const CONVERSE: Operation = Operation::Converse;
const INVOKE: Operation = Operation::Invoke;

const CONVERSATION: &str = r#"{"system":[{"text":"Be kind"},{"cachePoint":{"type":"default"}}],"toolConfig":{"tools":[{"toolSpec":{"name":"look"}},{"cachePoint":{"type":"default"}}]},
    "messages":[
    {"role":"user","content":[{"text":"Hi"},{"image":{"format":"png","source":{"bytes":"AAAA"}}},{"document":{"format":"pdf","name":"A","source":{"bytes":"AAAAAAAA"}}},
        {"video":{"format":"mp4","source":{"s3Location":{"uri":"s3://a/b.mp4"}}}},{"guardContent":{"text":{"text":"guarded"}}}]},
    {"role":"assistant","content":[{"reasoningContent":{"reasoningText":{"text":"Hm","signature":"x"}}},{"reasoningContent":{"redactedContent":"AAAA"}},{"toolUse":{"toolUseId":"t1","name":"look","input":{"q":1}}}]},
    {"role":"user","content":[{"toolResult":{"toolUseId":"t1","content":[{"text":"A cat"},{"json":{"a":[1, 2]}}],"status":"success"}},{"toolResult":{"toolUseId":"t2","content":[],"status":"error"}},{"text":"And now?"}]}]}"#;

#[test]
fn converse_requests() {
    check_request(
        CONVERSE,
        CONVERSATION,
        &[
            "system: Be kind",
            "user: Hi | <image image/png 3> | <document pdf 6 A> | <video video/mp4 s3://a/b.mp4> | guarded",
            "assistant: <thinks Hm> | <thinks> | look#t1({\"q\":1})",
            "tool: #t1 gave [A cat | {\"a\":[1,2]}] | #t2 failed []",
            "user: And now?",
        ],
    );
    assert_eq!(asked(CONVERSE, CONVERSATION).tools, ["look"]);
}

#[test]
fn requests_to_count_tokens_hold_the_request() {
    let inner =
        r#"{"anthropic_version":"bedrock-2023-05-31","messages":[{"role":"user","content":"Hi"}]}"#;
    let converse = format!(r#"{{"input":{{"converse":{CONVERSATION}}}}}"#);
    let invoke = format!(
        r#"{{"input":{{"invokeModel":{{"body":"{}"}}}}}}"#,
        STANDARD.encode(inner)
    );
    let count = |body: &str| {
        let talk = request(at(BEDROCK, Operation::CountTokens), body.as_bytes()).unwrap();
        lines(&talk.messages)
    };
    assert_eq!(
        count(&converse),
        lines(&asked(CONVERSE, CONVERSATION).messages)
    );
    assert_eq!(count(&invoke), ["user: Hi"]);
    assert_eq!(count(inner), ["user: Hi"]);
    assert_eq!(count(r#"{"input":"Hi"}"#), ["user: Hi"]);
}

#[test]
fn a_converse_stream_reads_the_same_as_the_plain_answer() {
    let stream = frames::encode(
        r#"event messageStart {"role":"assistant","p":"ab"}
event contentBlockDelta {"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"Let me"}},"p":"ab"}
event contentBlockDelta {"contentBlockIndex":0,"delta":{"reasoningContent":{"text":" see"}}}
event contentBlockDelta {"contentBlockIndex":0,"delta":{"reasoningContent":{"signature":"AAAA"}}}
event contentBlockDelta {"contentBlockIndex":1,"delta":{"text":"Grü"}}
event contentBlockDelta {"contentBlockIndex":1,"delta":{"text":"ße"}}
event contentBlockStart {"contentBlockIndex":2,"start":{"toolUse":{"name":"look","toolUseId":"t1"}}}
event contentBlockDelta {"contentBlockIndex":2,"delta":{"toolUse":{"input":"{\"q\": "}}}
event contentBlockDelta {"contentBlockIndex":2,"delta":{"toolUse":{"input":"[1]}"}}}
event contentBlockStart {"contentBlockIndex":3,"start":{"toolResult":{"toolUseId":"t2","status":"success"}}}
event contentBlockDelta {"contentBlockIndex":3,"delta":{"toolResult":[{"text":"found"}]}}
event messageStop {"stopReason":"tool_use"}
event metadata {"usage":{}}"#,
    );
    let plain = r#"{"output":{"message":{"role":"assistant","content":[{"reasoningContent":{"reasoningText":{"text":"Let me see","signature":"AAAA"}}},{"text":"Grüße"},
        {"toolUse":{"toolUseId":"t1","name":"look","input":{"q":[1]}}},{"toolResult":{"toolUseId":"t2","status":"success","content":[{"text":"found"}]}}]}},"stopReason":"tool_use"}"#;
    check_plain(
        CONVERSE,
        plain,
        &["assistant: <thinks Let me see> | Grüße | look#t1({\"q\":[1]}) | #t2 gave [found]"],
        "tool_use",
    );
    assert_eq!(
        said(CONVERSE, Shape::EventStream, &stream),
        said(CONVERSE, Shape::Plain, plain.as_bytes())
    );
}

#[test]
fn exceptions_and_errors_are_told() {
    let stream = frames::encode(
        r#"event messageStart {"role":"assistant"}
event contentBlockDelta {"contentBlockIndex":0,"delta":{"text":"Hel"}}
exception throttlingException {"message":"Too many tokens"}"#,
    );
    let stopped = said(CONVERSE, Shape::EventStream, &stream);
    assert_eq!(lines(&stopped.messages), ["assistant: Hel"]);
    assert_eq!(
        (stopped.error.as_deref(), stopped.cut),
        (Some("Too many tokens"), false)
    );
    let nameless = frames::encode("exception internalServerException {}");
    let nameless = said(CONVERSE, Shape::EventStream, &nameless);
    assert_eq!(nameless.error.as_deref(), Some("internalServerException"));
    for operation in [CONVERSE, INVOKE, Operation::CountTokens] {
        for body in [r#"{"message":"no access"}"#, r#"{"Message":"no access"}"#] {
            let told = answer(at(BEDROCK, operation), Shape::Unsaid, body.as_bytes()).unwrap();
            assert_eq!(told.error.as_deref(), Some("no access"));
        }
    }
}

#[test]
fn invoke_requests_are_in_the_apis_of_the_makers() {
    let cases: [(&str, &[&str]); 9] = [
        (
            r#"{"anthropic_version":"bedrock-2023-05-31","system":"S","messages":[{"role":"user","content":[{"type":"text","text":"Hi"}]}]}"#,
            &["system: S", "user: Hi"],
        ),
        (
            r#"{"schemaVersion":"messages-v1","system":[{"text":"S"}],"messages":[{"role":"user","content":[{"text":"Hi"}]}]}"#,
            &["system: S", "user: Hi"],
        ),
        (
            r#"{"messages":[{"role":"system","content":"S"},{"role":"user","content":"Hi"}]}"#,
            &["system: S", "user: Hi"],
        ),
        (
            r#"{"prompt":"<s>[INST] Hi [/INST]"}"#,
            &["user: <s>[INST] Hi [/INST]"],
        ),
        (
            r#"{"inputText":"Hi","textGenerationConfig":{}}"#,
            &["user: Hi"],
        ),
        (
            r#"{"preamble":"S","chat_history":[{"role":"USER","message":"Hi"},{"role":"CHATBOT","message":"Hello"}],"message":"And now?"}"#,
            &[
                "system: S",
                "user: Hi",
                "assistant: Hello",
                "user: And now?",
            ],
        ),
        (
            r#"{"message":"Hi","tool_results":[{"call":{"name":"look","parameters":{}},"outputs":[{"a":"b"}]}]}"#,
            &["tool: look gave [[{\"a\":\"b\"}]]", "user: Hi"],
        ),
        (
            r#"{"texts":["One","Two"],"input_type":"search_query"}"#,
            &["user: One | Two"],
        ),
        (
            r#"{"inputImage":"AAAA","inputText":"cat"}"#,
            &["user: cat | <image 3>"],
        ),
    ];
    for (body, expected) in cases {
        check_request(INVOKE, body, expected);
    }
}

#[test]
fn invoke_answers_are_in_the_apis_of_the_makers() {
    let cases: [(&str, &str, &str); 12] = [
        (
            r#"{"type":"message","role":"assistant","content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn"}"#,
            "Hi",
            "end_turn",
        ),
        (
            r#"{"output":{"message":{"content":[{"text":"Hi"}]}},"stopReason":"end_turn"}"#,
            "Hi",
            "end_turn",
        ),
        (
            r#"{"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]}"#,
            "Hi",
            "stop",
        ),
        (r#"{"generation":"Hi","stop_reason":"stop"}"#, "Hi", "stop"),
        (
            r#"{"results":[{"outputText":"Hi","completionReason":"FINISH"}]}"#,
            "Hi",
            "FINISH",
        ),
        (
            r#"{"text":"Hi","finish_reason":"COMPLETE","chat_history":[]}"#,
            "Hi",
            "COMPLETE",
        ),
        (
            r#"{"generations":[{"text":"Hi","finish_reason":"COMPLETE"}]}"#,
            "Hi",
            "COMPLETE",
        ),
        (
            r#"{"text":"","tool_calls":[{"name":"f","parameters":{"a":1}}],"finish_reason":"COMPLETE"}"#,
            "f({\"a\":1})",
            "COMPLETE",
        ),
        (
            r#"{"outputs":[{"text":"Hi","stop_reason":"stop"}]}"#,
            "Hi",
            "stop",
        ),
        (
            r#"{"completion":"Hi","stop_reason":"stop_sequence"}"#,
            "Hi",
            "stop_sequence",
        ),
        (
            r#"{"completions":[{"data":{"text":"Hi"},"finishReason":{"reason":"endoftext"}}]}"#,
            "Hi",
            "endoftext",
        ),
        (r#"{"images":["AAAA"]}"#, "<image 3>", ""),
    ];
    for (body, expected, stopped_by) in cases {
        check_plain(
            INVOKE,
            body,
            &[&format!("assistant: {expected}")],
            stopped_by,
        );
    }
    for body in [
        r#"{"embedding":[0.1,-0.2,3e-1],"inputTextTokenCount":3}"#,
        r#"{"embeddings":[[0.1,0.2,0.3]],"texts":["One"]}"#,
        r#"{"embeddings":{"float":[[0.1,0.2,0.3]]},"response_type":"embeddings_by_type"}"#,
    ] {
        let said = said(INVOKE, Shape::Plain, body.as_bytes());
        let expected = r#"assistant: <embeddings {"count":1,"dimensions":3}>"#;
        // Cohere repeats the texts that were embedded; they are none that the model says.
        assert_eq!(lines(&said.messages), [expected], "{body}");
    }
}

#[test]
fn an_invoke_stream_that_breaks_off_gives_what_came() {
    let stream = [
        frames::chunk(r#"{"generation":"Hel","stop_reason":null}"#),
        frames::chunk(r#"{"generation":"lo","stop_reason":null}"#),
    ]
    .concat();
    let api = Api {
        model: Some("meta.llama3-8b-instruct-v1:0"),
        ..at(BEDROCK, INVOKE)
    };
    for end in [stream.len(), stream.len() - 1] {
        let said = answer(api, Shape::EventStream, &stream[..end]).unwrap();
        let expected = if end == stream.len() { "Hello" } else { "Hel" };
        assert_eq!(lines(&said.messages), [format!("assistant: {expected}")]);
        assert!(said.cut);
    }
}
