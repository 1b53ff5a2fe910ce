//! OpenAI's Responses API.

use domain::call::Operation;
use weir_wire::{
    meter::Shape,
    transcript::{Named, answer, named, request},
};

use crate::shown::{api, asked, check_plain, check_request, events, lines, said};

const RESPONSES: Operation = Operation::Responses;

/// The items of an agent's turn, as they come and as they are sent back.
const ITEMS: &str = r#"
    {"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"One"},{"type":"summary_text","text":"Two"}],"encrypted_content":"gAAA"},
    {"id":"rs_2","type":"reasoning","summary":[],"encrypted_content":"gAAA"},
    {"id":"ws_1","type":"web_search_call","status":"completed","action":{"type":"search","query":"weir"}},
    {"id":"msg_1","type":"message","role":"assistant","content":[{"type":"output_text","text":"Hallo","annotations":[]},{"type":"refusal","refusal":"No"}]},
    {"id":"fc_1","type":"function_call","call_id":"c1","name":"f","arguments":"{\"a\":1}"},
    {"id":"ct_1","type":"custom_tool_call","call_id":"c2","name":"run","input":"ls"},
    {"id":"ci_1","type":"code_interpreter_call","code":"print(1)","outputs":[{"type":"logs","logs":"1"}]},
    {"id":"mc_1","type":"mcp_call","name":"ask","server_label":"s","arguments":"{}","output":null,"error":"away"},
    {"id":"ig_1","type":"image_generation_call","result":"AAAAAAAA","output_format":"png"}"#;

const SAID: &str = "<thinks One\n\nTwo> | <thinks> | web_search#ws_1({\"type\":\"search\",\"query\":\"weir\"}) \
    | Hallo | <refuses No> | f#c1({\"a\":1}) | run#c2(ls) | code_interpreter#ci_1(print(1)) \
    | code_interpreter#ci_1 gave [1] | ask#mc_1({}) | ask#mc_1 failed [away] | <image image/png 6>";

#[test]
fn a_request_is_a_text_or_items() {
    check_request(
        RESPONSES,
        r#"{"instructions":"Be kind","input":"Hi"}"#,
        &["system: Be kind", "user: Hi"],
    );
    let body = format!(
        r#"{{"input":[{{"role":"developer","content":"Be kind"}},
            {{"role":"user","content":[{{"type":"input_text","text":"Look"}},{{"type":"input_image","image_url":"data:image/gif;base64,AAAA"}},
              {{"type":"input_file","file_id":"file-1"}},{{"type":"input_file","filename":"a.txt","file_data":"AAAA"}}]}},
            {ITEMS},
            {{"type":"function_call_output","call_id":"c1","output":"1"}},
            {{"type":"custom_tool_call_output","call_id":"c2","output":[{{"type":"input_text","text":"a.txt"}}]}},
            {{"type":"computer_call_output","call_id":"c3","output":{{"type":"computer_screenshot","image_url":"data:image/png;base64,AAAA"}}}},
            {{"type":"shell_call_output","call_id":"c4","output":[{{"stdout":"1","stderr":"","outcome":{{"type":"exit","exit_code":0}}}}]}},
            {{"type":"item_reference","id":"msg_0"}}]}}"#
    );
    let expected = [
        "system: Be kind".to_owned(),
        "user: Look | <image image/gif 3> | <document file-1> | <document 3 a.txt>".to_owned(),
        format!("assistant: {SAID}"),
        "tool: #c1 gave [1] | #c2 gave [a.txt] | #c3 gave [<image image/png 3>] | #c4 gave [1]"
            .to_owned(),
        r#"assistant: <item_reference {"type":"item_reference","id":"msg_0"}>"#.to_owned(),
    ];
    let talk = asked(RESPONSES, &body);
    assert_eq!(lines(&talk.messages), expected);
}

#[test]
fn an_answer_is_one_message_of_all_its_items() {
    let body = format!(
        r#"{{"id":"resp_1","object":"response","status":"completed","error":null,"output":[{ITEMS}]}}"#
    );
    check_plain(
        RESPONSES,
        &body,
        &[&format!("assistant: {SAID}")],
        "completed",
    );
    let plain = said(RESPONSES, Shape::Plain, body.as_bytes());
    assert_eq!(plain.response_id.as_deref(), Some("resp_1"));

    // Streamed, with the last event, without it, and with one that says nothing.
    let items: Vec<&str> = ITEMS.split(",\n").map(str::trim).collect();
    let mut data = vec![r#"{"type":"response.created","response":{"id":"resp_1","object":"response","status":"in_progress","output":[]}}"#.to_owned()];
    data.extend(items.iter().enumerate().map(|(index, item)| {
        format!(r#"{{"type":"response.output_item.done","output_index":{index},"item":{item}}}"#)
    }));
    let open: Vec<&str> = data.iter().map(String::as_str).collect();
    let open = said(RESPONSES, Shape::Stream, &events(&open));
    assert_eq!(lines(&open.messages), lines(&plain.messages));
    assert!(open.cut && open.stopped_by.is_none());
    for output in [ITEMS, ""] {
        let last = format!(
            r#"{{"type":"response.completed","response":{{"id":"resp_1","object":"response","status":"completed","output":[{output}]}}}}"#
        )
        .replace('\n', " ");
        let data: Vec<&str> = data.iter().map(String::as_str).chain([&*last]).collect();
        assert_eq!(said(RESPONSES, Shape::Stream, &events(&data)), plain);
    }
}

#[test]
fn items_that_have_not_ended_give_what_came() {
    let stream = events(&[
        r#"{"type":"response.output_item.added","output_index":0,"item":{"type":"reasoning","summary":[]}}"#,
        r#"{"type":"response.reasoning_summary_text.delta","output_index":0,"summary_index":0,"delta":"One"}"#,
        r#"{"type":"response.reasoning_summary_text.delta","output_index":0,"summary_index":1,"delta":"Tw"}"#,
        r#"{"type":"response.output_item.added","output_index":1,"item":{"type":"message","role":"assistant","content":[]}}"#,
        r#"{"type":"response.output_text.delta","output_index":1,"content_index":0,"delta":"Hal"}"#,
        r#"{"type":"response.output_text.delta","output_index":1,"content_index":0,"delta":"lo"}"#,
        r#"{"type":"response.output_item.added","output_index":2,"item":{"type":"function_call","call_id":"c1","name":"f","arguments":""}}"#,
        r#"{"type":"response.function_call_arguments.delta","output_index":2,"delta":"{\"a\""}"#,
    ]);
    let said = said(RESPONSES, Shape::Stream, &stream);
    assert_eq!(
        lines(&said.messages),
        ["assistant: <thinks One\n\nTw> | Hallo | f#c1({\"a\")"]
    );
    assert!(said.cut);
}

#[test]
fn stored_responses_are_read_and_lists_of_items_are_not() {
    check_plain(
        Operation::StoredResponse,
        r#"{"id":"resp_1","object":"response","status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"Hi"}]}]}"#,
        &["assistant: Hi"],
        "completed",
    );
    check_plain(
        Operation::StoredResponse,
        r#"{"id":"resp_1","object":"response","status":"queued","output":[]}"#,
        &[],
        "",
    );
    for body in [
        r#"{"object":"list","data":[{"type":"message","content":"Hi"}]}"#,
        r#"{"id":"resp_1","object":"response.deleted","deleted":true}"#,
    ] {
        let said = answer(
            api(Operation::StoredResponse),
            Shape::Plain,
            body.as_bytes(),
        );
        assert_eq!(said, None, "{body}");
    }
}

#[test]
fn failures_are_errors() {
    for (data, expected) in [
        (
            r#"{"type":"response.failed","response":{"id":"r","object":"response","status":"failed","error":{"code":"x","message":"broke"},"output":[]}}"#,
            "broke",
        ),
        (
            r#"{"type":"error","code":"x","message":"broke","param":null}"#,
            "broke",
        ),
    ] {
        let said = said(RESPONSES, Shape::Stream, &events(&[data]));
        assert_eq!((said.error.as_deref(), said.cut), (Some(expected), false));
    }
}

#[test]
fn conversations_are_named() {
    let cases = [
        (
            RESPONSES,
            r#"{"conversation":"conv_1"}"#,
            Some("conv_1"),
            None,
        ),
        (
            RESPONSES,
            r#"{"conversation":{"id":"conv_1"},"previous_response_id":null}"#,
            Some("conv_1"),
            None,
        ),
        (
            RESPONSES,
            r#"{"previous_response_id":"resp_1","input":"cut he"#,
            None,
            Some("resp_1"),
        ),
        (
            Operation::Chat,
            r#"{"conversation":"conv_1","messages":[]}"#,
            None,
            None,
        ),
        (
            Operation::Messages,
            r#"{"metadata":{"user_id":"user_ab_account__session_0a-1b"}}"#,
            Some("0a-1b"),
            None,
        ),
        (
            Operation::Messages,
            r#"{"metadata":{"user_id":"user_ab_account_12-34_session_0a-1b"}}"#,
            Some("0a-1b"),
            None,
        ),
        (
            Operation::Invoke,
            r#"{"metadata":{"user_id":"{\"device_id\":\"d\",\"account_uuid\":\"\",\"session_id\":\"0a-1b\"}"}}"#,
            Some("0a-1b"),
            None,
        ),
        (
            Operation::Messages,
            r#"{"metadata":{"user_id":"anna"}}"#,
            None,
            None,
        ),
        (
            Operation::Messages,
            r#"{"metadata":{"user_id":7}}"#,
            None,
            None,
        ),
        (Operation::Messages, "no JSON", None, None),
    ];
    for (operation, body, conversation, previous) in cases {
        let expected = Named {
            conversation: conversation.map(str::to_owned),
            previous_response: previous.map(str::to_owned),
        };
        assert_eq!(named(operation, body.as_bytes()), expected, "{body}");
    }
}

#[test]
fn what_is_nothing_of_the_api_is_not_read() {
    for body in [
        "",
        " ",
        "null",
        "12",
        "[]",
        "\"text\"",
        r#"{"foo":1}"#,
        "<html>",
        "{]",
        r#"{"input":1} x"#,
    ] {
        assert_eq!(request(api(RESPONSES), body.as_bytes()), None, "{body}");
        for shape in [
            Shape::Plain,
            Shape::Unsaid,
            Shape::Stream,
            Shape::EventStream,
        ] {
            assert_eq!(
                answer(api(RESPONSES), shape, body.as_bytes()),
                None,
                "{body}"
            );
        }
    }
}
