//! Counting tokens where none were told.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use domain::call::Operation;
use support::{OPENAI, stream};
use weir_wire::{
    estimate::{input, output, prompt, tokens},
    meter::TextSeen,
    request::Asked,
};

/// A stream whose text is this.
fn seen(text: &str) -> TextSeen {
    let escaped = serde_json::to_string(text).unwrap();
    let event = format!("data: {{\"choices\":[{{\"delta\":{{\"content\":{escaped}}}}}]}}\n\n");
    stream(Operation::Chat, OPENAI, event.as_bytes()).text
}

fn asked(limit: Option<u64>, choices: u64) -> Asked {
    Asked {
        max_output_tokens: limit,
        choices,
        ..Asked::default()
    }
}

#[test]
fn tokens_are_counted_as_the_vocabulary_has_them() {
    assert_eq!(tokens(""), 0);
    assert_eq!(tokens("hello world"), 2);
    assert_eq!(tokens("tiktoken is great!"), 6);
    assert_eq!(
        tokens("<|endoftext|>"),
        tokens("<|") + tokens("endoftext") + tokens("|>")
    );
}

#[test]
fn long_text_is_counted_in_pieces_that_hardly_matter() {
    let one = "The quick brown fox jumps over the lazy dog.\n";
    let exact = tokens(one) * 4000;
    let counted = tokens(&one.repeat(4000));
    assert!(
        counted.abs_diff(exact) <= exact / 500,
        "{counted} for {exact}"
    );
    // No text is slow: one without any place to cut it, and one of long characters.
    assert!(tokens(&"a".repeat(200_000)) > 0);
    assert!(tokens(&"😀".repeat(50_000)) > 0);
}

#[test]
fn output_is_never_more_than_the_request_allowed() {
    let text = seen("one two three four five six seven eight");
    assert_eq!(output(&text, &asked(None, 1)), 8);
    assert_eq!(output(&text, &asked(Some(5), 1)), 5);
    assert_eq!(output(&text, &asked(Some(5), 2)), 8);
    assert_eq!(output(&text, &asked(Some(0), 1)), 0);
    assert_eq!(output(&TextSeen::default(), &asked(None, 1)), 0);
}

#[test]
fn text_that_was_not_kept_counts_in_proportion() {
    let one = "The quick brown fox jumps over the lazy dog.\n";
    let exact = tokens(one) * 10_000;
    let counted = output(&seen(&one.repeat(10_000)), &asked(None, 1));
    assert!(
        counted.abs_diff(exact) <= exact / 100,
        "{counted} for {exact}"
    );
}

#[track_caller]
fn check(operation: Operation, body: &str, text: &str, tokens: u64) {
    let prompt = prompt(operation, body.as_bytes());
    assert_eq!(
        (prompt.text.kept().as_ref(), prompt.tokens),
        (text, tokens),
        "{body}"
    );
}

#[test]
fn a_prompt_is_the_text_that_the_model_reads() {
    check(
        Operation::Chat,
        r#"{"model":"m","user":"u","messages":[{"role":"system","content":"Be \"kind\". "},
            {"role":"user","content":[{"type":"text","text":"Look: "},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]},
            {"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"f ","arguments":"{\"a\":1} "}}]},
            {"role":"tool","tool_call_id":"call_1","content":"done "}],"tools":[{"type":"function","function":{"name":"f","description":"a\\b"}}]}"#,
        r#"Be "kind". Look: f {"a":1} done [{"type":"function","function":{"name":"f","description":"a\\b"}}]"#,
        0,
    );
    check(
        Operation::Messages,
        r#"{"model":"m","system":[{"type":"text","text":"Sys. ","cache_control":{"type":"ephemeral"}}],"messages":[
            {"role":"user","content":"Hi. "},
            {"role":"assistant","content":[{"type":"thinking","thinking":"Hm. ","signature":"AAAA"},{"type":"tool_use","id":"t","name":"look ","input":{"q":"x"}}]},
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[{"type":"text","text":" found"},{"type":"image","source":{"type":"base64","data":"AAAA"}}]}]}]}"#,
        r#"Sys. Hi. Hm. look {"q":"x"} found"#,
        0,
    );
    check(
        Operation::Responses,
        r#"{"model":"m","instructions":"Be kind. ","input":[{"role":"user","content":[{"type":"input_text","text":"Hi. "}]},
            {"type":"function_call","name":"f ","arguments":"{} ","call_id":"c"},{"type":"function_call_output","call_id":"c","output":"ok"}]}"#,
        "Be kind. Hi. f {} ok",
        0,
    );
    check(
        Operation::Responses,
        r#"{"model":"m","input":"Hi"}"#,
        "Hi",
        0,
    );
    check(
        Operation::Completions,
        r#"{"model":"m","prompt":["a ","b"],"suffix":" c"}"#,
        "a b c",
        0,
    );
    check(
        Operation::Completions,
        r#"{"model":"m","prompt":[[1,2,3],[4,5]]}"#,
        "",
        5,
    );
    check(
        Operation::Embeddings,
        r#"{"model":"m","input":["a ","b"]}"#,
        "a b",
        0,
    );
    check(
        Operation::Embeddings,
        r#"{"instances":[{"task_type":"RETRIEVAL_QUERY","title":"t","content":"a "},{"text":"b ","image":{"bytesBase64Encoded":"AAAA"}},{"content":"c"}],"parameters":{"outputDimensionality":8}}"#,
        "a b c",
        0,
    );
    check(
        Operation::Embeddings,
        r#"{"model":"m","input":[15339,1917]}"#,
        "",
        2,
    );
    check(
        Operation::Generate,
        r#"{"systemInstruction":{"parts":[{"text":"Be kind. "}]},"contents":[
            {"role":"user","parts":[{"text":"Look: "},{"inlineData":{"mimeType":"image/png","data":"AAAA"}}]},
            {"role":"model","parts":[{"functionCall":{"name":"f ","args":{"a":1}}}]},
            {"role":"user","parts":[{"functionResponse":{"name":" f ","response":{"b":2}}}]}],"tools":[{"functionDeclarations":[]}]}"#,
        r#"Be kind. Look: f {"a":1} f {"b":2}[{"functionDeclarations":[]}]"#,
        0,
    );
    check(
        Operation::Generate,
        r#"{"system_instruction":"Be kind. ","contents":{"parts":{"text":"Hi"}}}"#,
        "Be kind. Hi",
        0,
    );
    check(
        Operation::Embeddings,
        r#"{"content":{"parts":[{"text":"a "}]},"outputDimensionality":64}"#,
        "a ",
        0,
    );
    check(
        Operation::Embeddings,
        r#"{"requests":[{"model":"models/m","content":{"parts":[{"text":"a "}]}},{"model":"models/m","content":{"parts":[{"text":"b"}]}}]}"#,
        "a b",
        0,
    );
    check(
        Operation::Converse,
        r#"{"system":[{"text":"Be kind. "},{"cachePoint":{"type":"default"}}],"messages":[
            {"role":"user","content":[{"text":"Look: "},{"image":{"format":"png","source":{"bytes":"AAAA"}}}]},
            {"role":"assistant","content":[{"reasoningContent":{"reasoningText":{"text":"Hm. ","signature":"AAAA"}}},{"toolUse":{"toolUseId":"t","name":"f ","input":{"a":1}}}]},
            {"role":"user","content":[{"toolResult":{"toolUseId":"t","content":[{"text":" found "},{"json":{"b":2}}]}}]}],
            "toolConfig":{"tools":[]}}"#,
        r#"Be kind. Look: Hm. f {"a":1} found {"b":2}{"tools":[]}"#,
        0,
    );
    for (body, text) in [
        (
            r#"{"anthropic_version":"x","max_tokens":9,"system":"Sys. ","messages":[{"role":"user","content":[{"type":"text","text":"Hi"}]}]}"#,
            "Sys. Hi",
        ),
        (r#"{"prompt":"Hi","max_gen_len":9}"#, "Hi"),
        (r#"{"inputText":"Hi","textGenerationConfig":{}}"#, "Hi"),
        (
            r#"{"preamble":"Sys. ","chat_history":[{"role":"USER","message":"a "},{"role":"CHATBOT","message":"b "}],"message":"Hi"}"#,
            "Sys. a b Hi",
        ),
        (
            r#"{"texts":["a ","b"],"input_type":"search_document"}"#,
            "a b",
        ),
        (
            r#"{"messages":[{"role":"user","content":[{"text":"Hi"}]}],"inferenceConfig":{}}"#,
            "Hi",
        ),
    ] {
        check(Operation::Invoke, body, text, 0);
    }
    check(Operation::Models, r#"{"input":"x"}"#, "", 0);
    check(Operation::Chat, "no JSON", "", 0);
}

#[test]
fn input_counts_text_and_tokens() {
    assert_eq!(
        input(
            Operation::Embeddings,
            br#"{"model":"m","input":["hello world"]}"#
        ),
        2
    );
    assert_eq!(
        input(
            Operation::Embeddings,
            br#"{"model":"m","input":[15339,1917]}"#
        ),
        2
    );
    let long = format!(
        r#"{{"model":"m","messages":[{{"role":"user","content":"{}"}}]}}"#,
        "hello world ".repeat(50_000)
    );
    let counted = input(Operation::Chat, long.as_bytes());
    assert!(counted.abs_diff(100_000) < 2_000, "{counted}");
}

#[test]
fn documents_of_a_tool_count_as_the_json_that_they_are() {
    let asks = |document: &str| {
        let body = format!(
            r#"{{"messages":[{{"role":"tool","content":[{{"type":"document","document":{document}}}]}}]}}"#
        );
        input(Operation::CohereChat, body.as_bytes())
    };
    let json = r#"{"title":"Dogs and cats","text":"They bark."}"#;
    assert_eq!(
        asks(&format!(r#"{{"id":"d","data":{json}}}"#)),
        tokens(json)
    );
    assert_eq!(asks(r#"{"data":"They bark."}"#), tokens("They bark."));
    // A file, as others have it, is no text.
    assert_eq!(asks(r#"{"format":"pdf","source":{"bytes":"QUJD"}}"#), 0);
}
