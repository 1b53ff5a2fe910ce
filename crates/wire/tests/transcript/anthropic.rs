//! Anthropic's Messages API.

use domain::call::Operation;
use weir_wire::meter::Shape;

use crate::shown::{asked, check_both, check_request, events, lines, said};

const MESSAGES: Operation = Operation::Messages;

#[test]
fn results_of_tools_are_messages_of_the_tool() {
    let body = r#"{"system":[{"type":"text","text":"Be kind","cache_control":{"type":"ephemeral"}}],"tools":[{"name":"look"},{"type":"web_search_20250305","name":"web_search"}],
        "messages":[
        {"role":"user","content":"Hi"},
        {"role":"assistant","content":[{"type":"thinking","thinking":"Hm","signature":"x"},{"type":"redacted_thinking","data":"x"},{"type":"text","text":"Let me look"},
            {"type":"tool_use","id":"t1","name":"look","input":{"b":1,"a":[1, 2]}},
            {"type":"server_tool_use","id":"s1","name":"web_search","input":{"query":"weir"}},
            {"type":"web_search_tool_result","tool_use_id":"s1","content":[{"type":"web_search_result","title":"Weirs","url":"https://example.com","encrypted_content":"AAAA"}]},
            {"type":"web_search_tool_result","tool_use_id":"s2","content":{"type":"web_search_tool_result_error","error_code":"max_uses_exceeded"}},
            {"type":"bash_code_execution_tool_result","tool_use_id":"s3","content":{"type":"bash_code_execution_result","stdout":"1\n","stderr":"","return_code":0}}]},
        {"role":"user","content":[
            {"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"A cat"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}]},
            {"type":"tool_result","tool_use_id":"t2","is_error":true,"content":"no"},
            {"type":"text","text":"And now?"},
            {"type":"image","source":{"type":"url","url":"https://example.com/a.png"}},
            {"type":"document","title":"A","source":{"type":"base64","media_type":"application/pdf","data":"AAAAAAAA"}},
            {"type":"document","source":{"type":"text","media_type":"text/plain","data":"Grüße"}},
            {"type":"document","source":{"type":"file","file_id":"file_1"}},
            {"type":"search_result","source":"https://example.com","title":"T","content":[{"type":"text","text":"found"}]},
            {"type":"hologram"}]}]}"#;
    check_request(
        MESSAGES,
        body,
        &[
            "system: Be kind",
            "user: Hi",
            "assistant: <thinks Hm> | <thinks> | Let me look | look#t1({\"b\":1,\"a\":[1,2]}) \
             | web_search#s1({\"query\":\"weir\"}) | web_search#s1 gave [Weirs\nhttps://example.com] \
             | web_search#s2 failed [max_uses_exceeded] | bash_code_execution#s3 gave [1\n]",
            "tool: #t1 gave [A cat | <image image/png 3>] | #t2 failed [no]",
            "user: And now? | <image https://example.com/a.png> | <document application/pdf 6 A> \
             | <document text/plain 7> | <document file_1> | <document T> | found \
             | <hologram {\"type\":\"hologram\"}>",
        ],
    );
    assert_eq!(asked(MESSAGES, body).tools, ["look", "web_search"]);
    assert_eq!(
        lines(&asked(Operation::CountTokens, body).messages),
        lines(&asked(MESSAGES, body).messages)
    );
}

#[test]
fn an_answer_reads_the_same_streamed_and_plain() {
    check_both(
        MESSAGES,
        &[
            r#"{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","content":[],"stop_reason":null}}"#,
            r#"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Let me"}}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":" see"}}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"EqQB"}}"#,
            r#"{"type":"content_block_start","index":1,"content_block":{"type":"thinking","thinking":"","signature":""}}"#,
            r#"{"type":"content_block_delta","index":1,"delta":{"type":"signature_delta","signature":"EqQB"}}"#,
            r#"{"type":"content_block_start","index":2,"content_block":{"type":"text","text":""}}"#,
            r#"{"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"Hel"}}"#,
            r#"{"type":"ping"}"#,
            r#"{"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"lo"}}"#,
            r#"{"type":"content_block_delta","index":2,"delta":{"type":"citations_delta","citation":{"url":"x"}}}"#,
            r#"{"type":"content_block_start","index":3,"content_block":{"type":"tool_use","id":"t1","name":"look","input":{}}}"#,
            r#"{"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":""}}"#,
            r#"{"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"{\"q\": [1, 2"}}"#,
            r#"{"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"], \"n\": 1.50}"}}"#,
            r#"{"type":"content_block_start","index":4,"content_block":{"type":"tool_use","id":"t2","name":"now","input":{}}}"#,
            r#"{"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{}}"#,
            r#"{"type":"message_stop"}"#,
        ],
        r#"{"id":"msg_1","type":"message","role":"assistant","stop_reason":"tool_use","content":[
            {"type":"thinking","thinking":"Let me see","signature":"EqQB"},{"type":"thinking","thinking":"","signature":"EqQB"},
            {"type":"text","text":"Hello","citations":[{"url":"x"}]},
            {"type":"tool_use","id":"t1","name":"look","input":{"q":[1,2],"n":1.50}},{"type":"tool_use","id":"t2","name":"now","input":{}}]}"#,
        &[
            "assistant: <thinks Let me see> | <thinks> | Hello | look#t1({\"q\":[1,2],\"n\":1.50}) | now#t2({})",
        ],
    );
}

#[test]
fn a_stream_that_breaks_off_or_fails_gives_what_came() {
    let begun = [
        r#"{"type":"message_start","message":{"id":"msg_1","type":"message","content":[]}}"#,
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t1","name":"look","input":{}}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"q\": \"a"}}"#,
    ];
    let cut = said(MESSAGES, Shape::Stream, &events(&begun));
    assert_eq!(lines(&cut.messages), ["assistant: look#t1({\"q\": \"a)"]);
    assert!(cut.cut);
    let mut failed = begun.to_vec();
    failed.push(r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#);
    let failed = said(MESSAGES, Shape::Stream, &events(&failed));
    assert_eq!(lines(&failed.messages), lines(&cut.messages));
    assert_eq!(
        (failed.error.as_deref(), failed.cut),
        (Some("Overloaded"), false)
    );
}
