//! Google's `generateContent`.

use domain::call::Operation;
use weir_wire::meter::Shape;

use crate::shown::{asked, at, check_both, check_request, events, lines, said};
use crate::support::GOOGLE;

const GENERATE: Operation = Operation::Generate;

#[test]
fn requests_are_read_in_both_spellings() {
    let camel = r#"{"systemInstruction":{"parts":[{"text":"Be kind"}]},"tools":[{"functionDeclarations":[{"name":"look"}]},{"googleSearch":{}}],
        "contents":[
        {"role":"user","parts":[{"text":"Hi"},{"inlineData":{"mimeType":"image/png","data":"AAAA"}},{"fileData":{"mimeType":"video/mp4","fileUri":"gs://a/b.mp4"}}]},
        {"role":"model","parts":[{"text":"Hm","thought":true},{"functionCall":{"name":"look","args":{"q":"x"}},"thoughtSignature":"AAAA"},
            {"executableCode":{"language":"PYTHON","code":"print(1)"}},{"codeExecutionResult":{"outcome":"OUTCOME_OK","output":"1"}}]},
        {"role":"user","parts":[{"functionResponse":{"name":"look","response":{"result":"A cat"}}},{"functionResponse":{"id":"7","name":"see","response":{"error":"no"}}},
            {"functionResponse":{"name":"all","response":{"a":1,"b":[1, 2]}}},{"text":"And now?"}]},
        {"parts":[{"text":"Alone"}]},
        {"role":"model"}]}"#;
    let expected = [
        "system: Be kind",
        "user: Hi | <image image/png 3> | <video video/mp4 gs://a/b.mp4>",
        "assistant: <thinks Hm> | look({\"q\":\"x\"}) | code_execution(print(1)) | code_execution gave [1]",
        "tool: look gave [A cat] | see#7 failed [no] | all gave [{\"a\":1,\"b\":[1,2]}]",
        "user: And now?",
        "user: Alone",
        "assistant: ",
    ];
    check_request(GENERATE, camel, &expected);
    assert_eq!(asked(GENERATE, camel).tools, ["look", "googleSearch"]);
    let snake = [
        ("systemInstruction", "system_instruction"),
        ("functionDeclarations", "function_declarations"),
        ("inlineData", "inline_data"),
        ("mimeType", "mime_type"),
        ("fileData", "file_data"),
        ("fileUri", "file_uri"),
        ("functionCall", "function_call"),
        ("functionResponse", "function_response"),
        ("executableCode", "executable_code"),
        ("codeExecutionResult", "code_execution_result"),
    ]
    .iter()
    .fold(camel.to_owned(), |body, (from, to)| body.replace(from, to));
    check_request(GENERATE, &snake, &expected);
}

#[test]
fn pieces_that_are_sent_back_are_one_message() {
    check_request(
        GENERATE,
        r#"{"contents":[{"role":"user","parts":[{"text":"Hi"}]},{"role":"model","parts":[{"text":"Hel"}]},{"role":"model","parts":[{"text":"lo"}]},{"role":"user","parts":[{"text":"So?"}]}]}"#,
        &["user: Hi", "assistant: Hello", "user: So?"],
    );
}

#[test]
fn counting_and_embedding_ask_with_the_same_contents() {
    let count = at(GOOGLE, Operation::CountTokens);
    for body in [
        r#"{"contents":[{"parts":[{"text":"Hi"}]}]}"#,
        r#"{"generateContentRequest":{"contents":[{"parts":[{"text":"Hi"}]}]}}"#,
    ] {
        let talk = weir_wire::transcript::request(count, body.as_bytes()).unwrap();
        assert_eq!(lines(&talk.messages), ["user: Hi"]);
    }
    check_request(
        Operation::Embeddings,
        r#"{"requests":[{"model":"m","content":{"parts":[{"text":"One"}]}},{"content":{"parts":[{"text":"Two"}]}}]}"#,
        &["user: One | Two"],
    );
    check_request(
        Operation::Embeddings,
        r#"{"content":{"parts":[{"text":"One"}]}}"#,
        &["user: One"],
    );
}

const PIECES: [&str; 4] = [
    r#"{"candidates":[{"content":{"parts":[{"text":"Let me","thought":true}],"role":"model"},"index":0}],"responseId":"g1"}"#,
    r#"{"candidates":[{"content":{"parts":[{"text":" see","thought":true},{"text":"Grü"}],"role":"model"},"index":0},{"content":{"parts":[{"text":"B"}]},"index":1}],"responseId":"g1"}"#,
    r#"{"candidates":[{"content":{"parts":[{"text":"ße"},{"functionCall":{"id":"1","name":"look","args":{"q":"a\nb]"}}}],"role":"model"},"index":0}],"responseId":"g1"}"#,
    r#"{"candidates":[{"content":{"parts":[{"text":""}],"role":"model"},"finishReason":"STOP","index":0},{"finishReason":"MAX_TOKENS","index":1}],"usageMetadata":{},"responseId":"g1"}"#,
];

#[test]
fn an_answer_reads_the_same_as_events_as_an_array_and_plain() {
    let plain = r#"{"candidates":[{"content":{"parts":[{"text":"Let me see","thought":true},{"text":"Grüße"},{"functionCall":{"id":"1","name":"look","args":{"q":"a\nb]"}}}],"role":"model"},"finishReason":"STOP","index":0},
        {"content":{"parts":[{"text":"B"}]},"finishReason":"MAX_TOKENS","index":1}],"responseId":"g1"}"#;
    check_both(
        GENERATE,
        &PIECES,
        plain,
        &[
            "assistant: <thinks Let me see> | Grüße | look#1({\"q\":\"a\\nb]\"})",
            "assistant: B",
        ],
    );
    let array = format!("[{}\n]", PIECES.join("\n,\r\n"));
    let array = said(GENERATE, Shape::JsonArray, array.as_bytes());
    assert_eq!(array, said(GENERATE, Shape::Plain, plain.as_bytes()));
}

#[test]
fn streams_that_break_off_are_cut_and_ones_that_are_blocked_are_not() {
    let events_cut = said(GENERATE, Shape::Stream, &events(&PIECES[..2]));
    assert_eq!(
        lines(&events_cut.messages),
        ["assistant: <thinks Let me see> | Grü", "assistant: B"]
    );
    assert!(events_cut.cut);
    let array = format!("[{},{}", PIECES[0], PIECES[1]);
    let array_cut = said(GENERATE, Shape::JsonArray, array.as_bytes());
    assert_eq!(array_cut, events_cut);
    let blocked = said(
        GENERATE,
        Shape::Plain,
        br#"{"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},"responseId":"g3"}"#,
    );
    assert_eq!(blocked.stopped_by.as_deref(), Some("PROHIBITED_CONTENT"));
    assert_eq!((blocked.messages.len(), blocked.cut), (0, false));
}

#[test]
fn errors_come_alone_and_in_arrays() {
    let error = r#"{"error":{"code":429,"message":"Slow down","status":"RESOURCE_EXHAUSTED"}}"#;
    let array = format!("[{error}]");
    let piece = format!("[{},{error}]", PIECES[0]);
    for (body, messages) in [(error, 0), (&*array, 0), (&*piece, 1)] {
        let said = said(GENERATE, Shape::JsonArray, body.as_bytes());
        assert_eq!(said.error.as_deref(), Some("Slow down"), "{body}");
        assert_eq!((said.messages.len(), said.cut), (messages, false), "{body}");
    }
}
