//! OpenAI's chat, legacy completions, and all who imitate them.

use domain::call::Operation;
use weir_wire::meter::Shape;

use crate::shown::{asked, check_both, check_plain, check_request, events, lines, said};

const CHAT: Operation = Operation::Chat;

#[test]
fn a_request_has_texts_files_calls_and_results() {
    check_request(
        CHAT,
        r#"{"model":"gpt-5","messages":[
            {"role":"developer","content":"Be kind"},
            {"role":"user","content":[{"type":"text","text":"What is"},{"type":"text","text":"this?"},
                {"type":"image_url","image_url":{"url":"data:image/png;base64,AAAAAAA="}},
                {"type":"image_url","image_url":{"url":"https://example.com/cat.png","detail":"low"}},
                {"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}},
                {"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,AAAAAAAA"}},
                {"type":"file","file":{"file_id":"file-1"}},
                {"type":"hologram","depth":3}]},
            {"role":"assistant","content":null,"refusal":null,"tool_calls":[
                {"id":"c1","type":"function","function":{"name":"look","arguments":"{\"q\": 1}"}},
                {"id":"c2","type":"custom","custom":{"name":"run","input":"ls"}}]},
            {"role":"tool","tool_call_id":"c1","content":"A cat"},
            {"role":"tool","tool_call_id":"c2","content":[{"type":"text","text":"a.pdf"}]},
            {"role":"assistant","reasoning_content":"Hm","content":"A cat.","function_call":{"name":"old","arguments":"{}"}},
            {"role":"function","name":"old","content":"1"},
            {"role":"user","content":"Thanks"}]}"#,
        &[
            "system: Be kind",
            "user: What is | this? | <image image/png 5> | <image https://example.com/cat.png> \
             | <audio audio/wav 3> | <document application/pdf 6 a.pdf> | <document file-1> \
             | <hologram {\"type\":\"hologram\",\"depth\":3}>",
            "assistant: look#c1({\"q\": 1}) | run#c2(ls)",
            "tool: #c1 gave [A cat]",
            "tool: #c2 gave [a.pdf]",
            "assistant: <thinks Hm> | A cat. | old({})",
            "tool: old gave [1]",
            "user: Thanks",
        ],
    );
}

#[test]
fn the_tools_are_named() {
    let talk = asked(
        CHAT,
        r#"{"messages":[],"tools":[{"type":"function","function":{"name":"look","parameters":{}}},
            {"type":"custom","custom":{"name":"run"}},{"type":"web_search"}],"functions":[{"name":"old"}]}"#,
    );
    assert_eq!(talk.tools, ["look", "run", "web_search", "old"]);
}

#[test]
fn other_bodies_on_the_paths_of_chats() {
    check_request(
        Operation::Completions,
        r#"{"prompt":"Once"}"#,
        &["user: Once"],
    );
    check_request(
        Operation::Completions,
        r#"{"prompt":["Once","Twice"],"suffix":"end"}"#,
        &["user: Once | Twice | end"],
    );
    check_request(
        Operation::Completions,
        r#"{"prompt":[1, 2, 3]}"#,
        &["user: <tokens [1,2,3]>"],
    );
    check_request(
        CHAT,
        r#"{"input":[{"role":"user","content":"Hi"}]}"#,
        &["user: Hi"],
    );
    check_request(
        CHAT,
        r#"{"instances":[{"x":1}]}"#,
        &["user: <instances [{\"x\":1}]>"],
    );
    check_plain(
        CHAT,
        r#"{"predictions":[0.5]}"#,
        &["assistant: <predictions [0.5]>"],
        "",
    );
}

#[test]
fn an_answer_reads_the_same_streamed_and_plain() {
    check_both(
        CHAT,
        &[
            r#"{"id":"x","choices":[{"index":0,"delta":{"role":"assistant","content":"","reasoning_content":"Let"}}]}"#,
            r#"{"id":"x","choices":[{"index":1,"delta":{"content":"Other"}},{"index":0,"delta":{"reasoning_content":" me see"}}]}"#,
            r#"{"id":"x","choices":[{"index":0,"delta":{"content":"Hel"}}]}"#,
            r#"{"id":"x","choices":[{"index":0,"delta":{"content":"lo"}}]}"#,
            r#"{"id":"x","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}}]}}]}"#,
            r#"{"id":"x","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"b","function":{"name":"g","arguments":"{"}},{"index":0,"function":{"arguments":"[1]"}}]}}]}"#,
            r#"{"id":"x","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"function":{"arguments":"}"}}]}}]}"#,
            r#"{"id":"x","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"},{"index":1,"delta":{},"finish_reason":"stop"}]}"#,
            r#"{"id":"x","choices":[],"usage":{"total_tokens":1}}"#,
            "[DONE]",
        ],
        r#"{"id":"x","choices":[
            {"index":0,"finish_reason":"tool_calls","message":{"role":"assistant","content":"Hello","reasoning":"Let me see","reasoning_content":"Let me see",
             "tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"[1]"}},{"id":"b","type":"function","function":{"name":"g","arguments":"{}"}}]}},
            {"index":1,"finish_reason":"stop","message":{"role":"assistant","content":"Other"}}]}"#,
        &[
            "assistant: <thinks Let me see> | Hello | f#a([1]) | g#b({})",
            "assistant: Other",
        ],
    );
}

#[test]
fn thoughts_in_parts_sound_and_refusals_read_the_same_too() {
    check_both(
        CHAT,
        &[
            r#"{"choices":[{"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"H"}]}]}}]}"#,
            r#"{"choices":[{"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"m"}]}]}}]}"#,
            r#"{"choices":[{"delta":{"content":"Salut"}}]}"#,
            r#"{"choices":[{"delta":{"audio":{"id":"au","data":"AAAA","transcript":"Sa"}}}]}"#,
            r#"{"choices":[{"delta":{"audio":{"data":"AAA=","transcript":"lut"}}}]}"#,
            r#"{"choices":[{"delta":{"refusal":"No"},"finish_reason":"stop"}]}"#,
            "[DONE]",
        ],
        r#"{"choices":[{"finish_reason":"stop","message":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"Hm"}]},{"type":"text","text":"Salut"}],
            "audio":{"id":"au","data":"AAAAAAA=","transcript":"Salut"},"refusal":"No"}}]}"#,
        &["assistant: <thinks Hm> | Salut | Salut | <audio 5 au> | <refuses No>"],
    );
}

#[test]
fn calls_that_all_have_one_index_are_told_apart_by_their_ids() {
    let stream = events(&[
        r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]}}]}"#,
        r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"b","function":{"name":"f","arguments":{"x":1}}}]},"finish_reason":"tool_calls"}]}"#,
    ]);
    let said = said(CHAT, Shape::Stream, &stream);
    assert_eq!(
        lines(&said.messages),
        ["assistant: f#a({}) | f#b({\"x\":1})"]
    );
}

#[test]
fn a_stream_without_its_end_gives_what_came() {
    let stream = events(&[
        r#"{"id":"x","choices":[{"delta":{"content":"Hel"}}]}"#,
        r#"{"id":"x","choices":[{"delta":{"content":"lo"}}]}"#,
    ]);
    let whole = said(CHAT, Shape::Stream, &stream);
    assert_eq!(lines(&whole.messages), ["assistant: Hello"]);
    assert!(whole.cut);
    let broken = said(CHAT, Shape::Unsaid, &stream[..stream.len() - 9]);
    assert_eq!(lines(&broken.messages), ["assistant: Hel"]);
    assert!(broken.cut);
}

#[test]
fn errors_are_told_in_the_providers_words() {
    let cases: [(&str, &str); 8] = [
        (
            r#"{"error":{"message":"Bad key","type":"x","code":null}}"#,
            "Bad key",
        ),
        (r#"{"error":"no such model"}"#, "no such model"),
        (r#"{"error":{"code":"content_filter"}}"#, "content_filter"),
        (
            r#"{"object":"error","message":"too long","code":400}"#,
            "too long",
        ),
        (r#"{"detail":"Unauthorized"}"#, "Unauthorized"),
        (
            r#"{"detail":[{"loc":["body"],"msg":"missing"}]}"#,
            r#"[{"loc":["body"],"msg":"missing"}]"#,
        ),
        (
            r#"{"error_code":"PERMISSION_DENIED","message":"not yours"}"#,
            "not yours",
        ),
        (
            r#"{"id":"1","message":"invalid request"}"#,
            "invalid request",
        ),
    ];
    for (body, expected) in cases {
        for shape in [Shape::Plain, Shape::Unsaid] {
            let said = said(CHAT, shape, body.as_bytes());
            assert_eq!(said.error.as_deref(), Some(expected), "{body}");
            assert_eq!((said.messages.len(), said.cut), (0, false), "{body}");
        }
    }
    let stream = events(&[
        r#"{"choices":[{"delta":{"content":"Hel"}}]}"#,
        r#"{"error":{"message":"overloaded"}}"#,
    ]);
    let said = said(CHAT, Shape::Stream, &stream);
    assert_eq!(lines(&said.messages), ["assistant: Hel"]);
    assert_eq!(
        (said.error.as_deref(), said.cut),
        (Some("overloaded"), false)
    );
}
