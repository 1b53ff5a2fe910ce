//! Every shape of usage that Cohere's answers have, and the buckets that it means.

mod support;

use domain::call::Operation;
use support::{BEDROCK, COHERE, described, plain, stream};
use weir_wire::meter::Reading;

/// Checks a chat with this usage, plain and streamed.
#[track_caller]
fn chat(shape: &str, usage: &str, expected: &str) -> Reading {
    let body = format!(
        r#"{{"id":"c","finish_reason":"COMPLETE","message":{{"role":"assistant","content":[]}},"usage":{usage}}}"#
    );
    let whole = plain(Operation::CohereChat, COHERE, body.as_bytes());
    assert_eq!(described(&whole), expected, "{shape}");
    assert!(!whole.error && whole.ended, "{shape}");
    let events = format!(
        "event: message-start\ndata: {{\"type\":\"message-start\",\"id\":\"c\"}}\n\nevent: message-end\ndata: {{\"type\":\"message-end\",\"delta\":{{\"finish_reason\":\"COMPLETE\",\"usage\":{usage}}}}}\n\ndata: [DONE]\n\n"
    );
    assert_eq!(
        stream(Operation::CohereChat, COHERE, events.as_bytes()),
        whole,
        "{shape}, streamed"
    );
    whole
}

#[test]
fn chats() {
    chat(
        "what is billed counts, not what the model saw",
        r#"{"billed_units":{"input_tokens":10,"output_tokens":5},"tokens":{"input_tokens":80,"output_tokens":6}}"#,
        "input=10 output=5",
    );
    chat(
        "numbers with a fraction of nothing",
        r#"{"billed_units":{"input_tokens":12.0,"output_tokens":5.00}}"#,
        "input=12 output=5",
    );
    chat(
        "numbers in the manner of science",
        r#"{"billed_units":{"input_tokens":1.2e3,"output_tokens":5E0}}"#,
        "input=1200 output=5",
    );
    chat(
        "a true fraction is rounded up, and no bill has one",
        r#"{"billed_units":{"input_tokens":12.5,"output_tokens":5}}"#,
        "input=13 output=5 MISMATCH",
    );
    chat(
        "the cached part of what is billed",
        r#"{"billed_units":{"input_tokens":100,"output_tokens":5},"cached_tokens":64}"#,
        "input=36 output=5 cached_input=64",
    );
    chat(
        "what is cached of the template is not billed",
        r#"{"billed_units":{"input_tokens":10,"output_tokens":5},"tokens":{"input_tokens":80,"output_tokens":6},"cached_tokens":64}"#,
        "input=0 output=5 cached_input=10",
    );
    for billed in ["", r#""billed_units":{},"#, r#""billed_units":null,"#] {
        chat(
            "where nothing is told of the bill the tokens count",
            &format!(r#"{{{billed}"tokens":{{"input_tokens":80,"output_tokens":6}}}}"#),
            "input=80 output=6",
        );
    }
    chat(
        "a negative number is none, and no bill has one",
        r#"{"billed_units":{"input_tokens":-1,"output_tokens":5}}"#,
        "input=0 output=5 MISMATCH",
    );
    for large in ["1e400", "99999999999999999999", "18446744073709551616.0"] {
        chat(
            "a number that is too large is none, too",
            &format!(r#"{{"billed_units":{{"input_tokens":{large},"output_tokens":5}}}}"#),
            "output=5 MISMATCH",
        );
    }
    chat(
        "large numbers are exact",
        r#"{"billed_units":{"input_tokens":9007199254740993.0,"output_tokens":9007199254740992.5}}"#,
        "input=9007199254740993 output=9007199254740993 MISMATCH",
    );
    chat(
        "where only searches are billed the tokens count",
        r#"{"billed_units":{"search_units":1},"tokens":{"input_tokens":80,"output_tokens":6}}"#,
        "input=80 output=6 searches=1",
    );
    chat("nothing is told", "{}", "");
    chat(
        "cached tokens alone are a part of nothing",
        r#"{"cached_tokens":5}"#,
        "",
    );
    let searched = chat(
        "searches",
        r#"{"billed_units":{"input_tokens":10,"output_tokens":5,"search_units":2}}"#,
        "input=10 output=5 searches=2",
    );
    assert!(!searched.billed_beside);
    let classified = chat(
        "classifications have no bucket",
        r#"{"billed_units":{"input_tokens":10,"output_tokens":5,"classifications":1}}"#,
        "input=10 output=5",
    );
    assert!(classified.billed_beside);
}

#[track_caller]
fn embed(shape: &str, embeddings: &str, meta: &str, expected: &str) -> Reading {
    let body = format!(
        r#"{{"id":"e","response_type":"embeddings_by_type","embeddings":{embeddings},"texts":["a"],"meta":{meta}}}"#
    );
    let reading = plain(Operation::Embeddings, COHERE, body.as_bytes());
    assert_eq!(described(&reading), expected, "{shape}");
    assert!(!reading.error && reading.delivered_text, "{shape}");
    reading
}

#[test]
fn embeddings() {
    let by_type = r#"{"float":[[0.1,-2e-5],[1,2]],"int8":[[1]]}"#;
    let reading = embed(
        "texts",
        by_type,
        r#"{"api_version":{"version":"2"},"billed_units":{"input_tokens":12.0,"image_tokens":0}}"#,
        "input=12",
    );
    assert_eq!(reading.response_id.as_deref(), Some("e"));
    embed(
        "images stand beside the texts",
        by_type,
        r#"{"billed_units":{"input_tokens":12,"image_tokens":1000}}"#,
        "input=12 input_image=1000",
    );
    embed(
        "images alone",
        "[[1,2]]",
        r#"{"billed_units":{"image_tokens":1000}}"#,
        "input_image=1000",
    );
    embed(
        "texts by their other name",
        by_type,
        r#"{"billed_units":{"text_tokens":12,"image_tokens":1000}}"#,
        "input=12 input_image=1000",
    );
    embed(
        "both names",
        by_type,
        r#"{"billed_units":{"input_tokens":12,"text_tokens":12,"image_tokens":1000}}"#,
        "input=12 input_image=1000",
    );
    embed(
        "images in the input, too, are not billed twice",
        by_type,
        r#"{"billed_units":{"input_tokens":1012,"text_tokens":12,"image_tokens":1000}}"#,
        "input=12 input_image=1000 MISMATCH",
    );
    let by_page = embed(
        "pages",
        by_type,
        r#"{"billed_units":{"input_tokens":12,"pages":1}}"#,
        "input=12",
    );
    assert!(by_page.billed_beside);
    let by_image = embed(
        "images that are billed each",
        by_type,
        r#"{"billed_units":{"images":3}}"#,
        "",
    );
    assert!(by_image.billed_beside);
    embed("nothing is told", by_type, "{}", "");
    let compatible = r#"{"object":"list","data":[{"object":"embedding","index":0,"embedding":[1]}],"model":"embed-v4.0","usage":{"prompt_tokens":8,"total_tokens":8}}"#;
    let reading = plain(Operation::Embeddings, COHERE, compatible.as_bytes());
    assert_eq!(described(&reading), "input=8 total=8");
}

#[test]
fn vectors_are_passed_over_however_long_they_are() {
    let vectors = vec!["[0.25,{},\"]}\"]"; 10_000].join(",");
    let body = format!(
        r#"{{"embeddings" : {{"float":[{vectors}]}},"meta":{{"billed_units":{{"input_tokens":7}}}}}}"#
    );
    let mut meter = support::meter(
        Operation::Embeddings,
        COHERE,
        weir_wire::meter::Shape::Plain,
    );
    for piece in body.as_bytes().chunks(7) {
        let _ = meter.push(piece);
        assert!(meter.held_bytes() < 1_000);
    }
    assert_eq!(described(&meter.finish()), "input=7");
}

#[test]
fn rankings_bill_searches() {
    let rank = |meta: &str| {
        let body = format!(
            r#"{{"id":"r","results":[{{"index":1,"relevance_score":0.9}}],"meta":{meta}}}"#
        );
        plain(Operation::Rerank, COHERE, body.as_bytes())
    };
    let reading = rank(r#"{"billed_units":{"search_units":1.0}}"#);
    assert_eq!(described(&reading), "searches=1");
    assert!(!reading.error && reading.ended && reading.usage.is_reported());
    let silent = rank("{}");
    assert!(!silent.error && !silent.usage.is_reported());
}

#[test]
fn failures_show() {
    for delta in [
        r#"{"finish_reason":"ERROR"}"#,
        r#"{"finish_reason":"TIMEOUT"}"#,
        r#"{"finish_reason":"COMPLETE","error":"no"}"#,
    ] {
        let event =
            format!("event: message-end\ndata: {{\"type\":\"message-end\",\"delta\":{delta}}}\n\n");
        let reading = stream(Operation::CohereChat, COHERE, event.as_bytes());
        assert!(reading.error && reading.ended, "{delta}");
    }
    let error = "data: {\"id\":\"e\",\"message\":\"invalid\"}\n\n";
    let reading = stream(Operation::CohereChat, COHERE, error.as_bytes());
    assert!(reading.error && !reading.ended);
    let broken = "event: message-start\ndata: {\"type\":\"message-start\",\"id\":\"c\"}\n\nevent: content-delta\ndata: {\"type\":\"content-delta\",\"index\":0,\"delta\":{\"message\":{\"content\":{\"text\":\"Hi\"}}}}\n\nevent: mess";
    let reading = stream(Operation::CohereChat, COHERE, broken.as_bytes());
    assert!(!reading.error && !reading.ended && reading.delivered_text);
}

#[test]
fn the_older_api_of_bedrock_reads_as_before() {
    let body = r#"{"embeddings":{"float":[[1,2]]},"meta":{"billed_units":{"input_tokens":3}}}"#;
    let reading = plain(Operation::Invoke, BEDROCK, body.as_bytes());
    assert_eq!(described(&reading), "input=3");
    let body = r#"{"text":"Hi","meta":{"billed_units":{"input_tokens":3.5,"output_tokens":2,"search_units":1,"classifications":1}}}"#;
    let reading = plain(Operation::Invoke, BEDROCK, body.as_bytes());
    assert_eq!(described(&reading), "input=4 output=2 searches=1 MISMATCH");
    assert!(reading.billed_beside);
}
