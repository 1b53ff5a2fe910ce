//! What messages that say the same have in common, their text, and how they are given away.

use domain::call::Operation;
use serde_json::json;
use weir_wire::{
    meter::Shape,
    transcript::{Message, canonical, plain_text, to_openai},
};

use crate::shown::{asked, said};

fn last(operation: Operation, body: &str) -> Message {
    asked(operation, body).messages.pop().unwrap()
}

fn chat(message: &str) -> Message {
    last(Operation::Chat, &format!(r#"{{"messages":[{message}]}}"#))
}

fn claude(message: &str) -> Message {
    last(
        Operation::Messages,
        &format!(r#"{{"messages":[{message}]}}"#),
    )
}

fn check_same(messages: &[Message]) {
    for message in messages {
        assert_eq!(canonical(message), canonical(&messages[0]));
    }
}

#[test]
fn messages_that_say_the_same_have_one_form() {
    check_same(&[
        chat(r#"{"role":"user","content":"Hi there"}"#),
        chat(r#"{"role":"user","content":"Hi there\n"}"#),
        chat(r#"{"role":"user","content":[{"type":"text","text":"Hi there"}]}"#),
        chat(
            r#"{"role":"user","content":[{"type":"text","text":"Hi"},{"type":"text","text":""},{"type":"text","text":" there"}]}"#,
        ),
        claude(
            r#"{"role":"user","content":[{"type":"text","text":"Hi there","cache_control":{"type":"ephemeral"}}]}"#,
        ),
    ]);
    let calls = [
        r#"{\"b\": 1.0, \"a\": [1, 2], \"c\": null}"#,
        r#"{\"a\":[1,2],\"b\":1}"#,
    ];
    check_same(&calls.map(|arguments| {
        chat(&format!(
            r#"{{"role":"assistant","content":"","tool_calls":[{{"id":"c","function":{{"name":"f","arguments":"{arguments}"}}}}]}}"#
        ))
    }));
    check_same(&[
        claude(
            r#"{"role":"assistant","content":[{"type":"server_tool","id":"s","status":"done","x":null}]}"#,
        ),
        claude(r#"{"role":"assistant","content":[{"id":"s","type":"server_tool"}]}"#),
    ]);
}

#[test]
fn messages_that_say_other_things_have_other_forms() {
    let messages = [
        chat(r#"{"role":"user","content":"Hi"}"#),
        chat(r#"{"role":"user","content":""}"#),
        chat(r#"{"role":"user","content":"text 2:Hi\ntext 2:Hi"}"#),
        chat(
            r#"{"role":"assistant","tool_calls":[{"id":"c","function":{"name":"f","arguments":"{}"}}]}"#,
        ),
        chat(
            r#"{"role":"assistant","tool_calls":[{"id":"d","function":{"name":"f","arguments":"{}"}}]}"#,
        ),
        chat(
            r#"{"role":"assistant","tool_calls":[{"id":"c","function":{"name":"f","arguments":"{\"a\":1}"}}]}"#,
        ),
        chat(r#"{"role":"tool","tool_call_id":"c","content":"Hi"}"#),
        chat(r#"{"role":"tool","tool_call_id":"d","content":"Hi"}"#),
        claude(
            r#"{"role":"user","content":[{"type":"tool_result","tool_use_id":"c","is_error":true,"content":"Hi"}]}"#,
        ),
        chat(r#"{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://a"}}]}"#),
        chat(r#"{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://b"}}]}"#),
        chat(r#"{"role":"user","content":[{"type":"hologram"}]}"#),
    ];
    let mut forms: Vec<String> = messages.iter().map(canonical).collect();
    forms.sort();
    forms.dedup();
    assert_eq!(forms.len(), messages.len());
}

#[test]
fn an_answer_has_the_form_of_what_a_client_sends_back() {
    let cases = [
        (
            Operation::Chat,
            r#"{"choices":[{"message":{"role":"assistant","content":null,"reasoning_content":"Hm","annotations":[],"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{\"a\": 1}"}}]}}]}"#,
            r#"{"messages":[{"role":"assistant","content":"","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]}]}"#,
        ),
        (
            Operation::Responses,
            r#"{"object":"response","output":[{"type":"reasoning","id":"r","summary":[]},{"type":"message","id":"m","status":"completed","role":"assistant","content":[{"type":"output_text","text":"Hi","annotations":[]}]},{"type":"function_call","id":"f","call_id":"c","name":"f","arguments":"{}","status":"completed"}]}"#,
            r#"{"input":[{"role":"assistant","content":"Hi"},{"type":"function_call","call_id":"c","name":"f","arguments":"{}"}]}"#,
        ),
        (
            Operation::Messages,
            r#"{"type":"message","content":[{"type":"thinking","thinking":"Hm","signature":"x"},{"type":"text","text":"Hi"},{"type":"tool_use","id":"t","name":"f","input":{"b":1,"a":2}}]}"#,
            r#"{"messages":[{"role":"assistant","content":[{"type":"text","text":"Hi"},{"type":"tool_use","id":"t","name":"f","input":{"a":2,"b":1},"cache_control":{"type":"ephemeral"}}]}]}"#,
        ),
        (
            Operation::Generate,
            r#"{"candidates":[{"content":{"parts":[{"text":"Hm","thought":true},{"text":"He"},{"text":"llo"}]}}]}"#,
            r#"{"contents":[{"role":"model","parts":[{"text":"Hello"}]}]}"#,
        ),
        (
            Operation::Converse,
            r#"{"output":{"message":{"content":[{"reasoningContent":{"reasoningText":{"text":"Hm"}}},{"text":"Hi"}]}}}"#,
            r#"{"messages":[{"role":"assistant","content":[{"text":"Hi"},{"cachePoint":{"type":"default"}}]}]}"#,
        ),
    ];
    for (operation, answer, request) in cases {
        let came = said(operation, Shape::Plain, answer.as_bytes()).messages;
        assert_eq!(
            canonical(&came[0]),
            canonical(&last(operation, request)),
            "{request}"
        );
    }
}

#[test]
fn plain_text_is_what_can_be_searched_for_and_is_bounded() {
    let message = claude(
        r#"{"role":"assistant","content":[{"type":"thinking","thinking":"Hm"},{"type":"text","text":"Grüße"},{"type":"tool_use","id":"t","name":"look","input":{"q":1}},
            {"type":"web_search_tool_result","tool_use_id":"t","content":[{"type":"web_search_result","title":"Weirs","url":"u"}]}]}"#,
    );
    let whole = "Hm\nGrüße\nlook\n{\"q\":1}\nweb_search\nWeirs\nu";
    assert_eq!(plain_text(&message, usize::MAX), whole);
    assert_eq!(plain_text(&message, 0), "");
    for bytes in 0..whole.len() {
        let text = plain_text(&message, bytes);
        assert!(text.len() <= bytes, "{bytes}");
        assert!(
            whole.starts_with(&text) && text.len() + 4 > bytes,
            "{bytes} {text:?}"
        );
    }
}

#[test]
fn messages_are_given_away_as_openai_has_them() {
    let body = r#"{"systemInstruction":{"parts":[{"text":"Be kind"}]},"contents":[
        {"role":"user","parts":[{"text":"Hi"},{"inlineData":{"mimeType":"image/png","data":"AAAA"}}]},
        {"role":"model","parts":[{"text":"Hm","thought":true},{"text":"Let me"},{"functionCall":{"name":"f","args":{}}},{"functionCall":{"name":"g","args":{}}},{"functionCall":{"name":"f","args":{"a":1}}}]},
        {"role":"user","parts":[{"functionResponse":{"name":"g","response":{"result":"1"}}},{"functionResponse":{"name":"f","response":{"result":"2"}}},{"functionResponse":{"name":"f","response":{"result":"3"}}},{"text":"So?"}]},
        {"role":"model","parts":[]}]}"#;
    let call = |id: &str, name: &str, arguments: &str| json!({"id": id, "type": "function", "function": {"name": name, "arguments": arguments}});
    assert_eq!(
        to_openai(&asked(Operation::Generate, body).messages),
        json!([
            {"role": "system", "content": "Be kind"},
            {"role": "user", "content": [{"type": "text", "text": "Hi"}, {"type": "text", "text": "[image: image/png, 3 bytes]"}]},
            {"role": "assistant", "content": "Let me", "reasoning_content": "Hm",
             "tool_calls": [call("call_1", "f", "{}"), call("call_2", "g", "{}"), call("call_3", "f", "{\"a\":1}")]},
            {"role": "tool", "tool_call_id": "call_2", "content": "1"},
            {"role": "tool", "tool_call_id": "call_1", "content": "2"},
            {"role": "tool", "tool_call_id": "call_3", "content": "3"},
            {"role": "user", "content": "So?"},
            {"role": "assistant", "content": null},
        ])
    );
}

#[test]
fn what_is_given_away_reads_the_same_again() {
    let body = r#"{"messages":[{"role":"system","content":"S"},{"role":"user","content":"Hi"},
        {"role":"assistant","content":"Let me","reasoning_content":"Hm","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},
        {"role":"tool","tool_call_id":"c","content":"1"},{"role":"assistant","content":null,"refusal":"No"}]}"#;
    let messages = asked(Operation::Chat, body).messages;
    let again = json!({"messages": to_openai(&messages)}).to_string();
    assert_eq!(asked(Operation::Chat, &again).messages, messages);
}
