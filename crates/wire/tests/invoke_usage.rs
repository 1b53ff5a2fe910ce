//! Every shape of usage that `wire-formats` knows of InvokeModel (5.4), and the buckets that it means.
mod support;

use domain::call::Operation;
use support::{
    BEDROCK, described,
    frames::{chunk, event},
};
use weir_wire::meter::{Meter, Metered, Reading, Shape};

const CLAUDE: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
const GPT: &str = "openai.gpt-5.6-sol";

fn read(shape: Shape, model: &str, headers: &[(&str, &'static str)], body: &[u8]) -> Reading {
    let mut meter = Meter::new(&Metered {
        operation: Operation::Invoke,
        provider_type: BEDROCK,
        shape,
        model: Some(model),
    });
    meter.headers(&|name| {
        let header = headers.iter().find(|(header, _)| *header == name);
        header.map(|(_, value)| *value)
    });
    let _ = meter.push(body);
    meter.finish()
}

/// The reading of a plain answer of the model maker's own API.
fn invoked(headers: &[(&str, &'static str)], body: &str) -> Reading {
    read(Shape::Plain, "a model", headers, body.as_bytes())
}

const COUNTS: &[(&str, &str)] = &[
    ("x-amzn-bedrock-input-token-count", "7"),
    ("x-amzn-bedrock-output-token-count", " 2 "),
    ("x-amzn-bedrock-cache-read-input-token-count", "30"),
    ("x-amzn-bedrock-cache-write-input-token-count", "5"),
    ("x-amzn-bedrock-invocation-latency", "812"),
];
const FROM_HEADERS: &str = "input=7 output=2 cached_input=30 cache_write_unknown=5";

#[test]
fn invoke_answers_of_every_maker() {
    let check = |maker: &str, body: &str, expected: &str, text: &str| {
        // What the body tells goes before what headers tell.
        let reading = invoked(COUNTS, body);
        assert_eq!(described(&reading), expected, "{maker}");
        assert_eq!(reading.text.kept(), text, "{maker}");
        assert!(
            reading.ended && !reading.error && reading.delivered_text,
            "{maker}"
        );
    };
    check(
        "Claude: section 3.2",
        r#"{"model":"claude-sonnet-4-5","id":"msg_1","type":"message","role":"assistant","content":[{"type":"text","text":"Hi"}],
            "usage":{"input_tokens":120,"cache_read_input_tokens":4096,"cache_creation_input_tokens":1500,"cache_creation":{"ephemeral_5m_input_tokens":500,"ephemeral_1h_input_tokens":1000},"output_tokens":300}}"#,
        "input=120 output=300 cached_input=4096 cache_write_5m=500 cache_write_1h=1000",
        "Hi",
    );
    check(
        "Nova: like Converse",
        r#"{"output":{"message":{"content":[{"text":"Hi"}],"role":"assistant"}},"stopReason":"end_turn","usage":{"inputTokens":8,"outputTokens":20,"totalTokens":98,"cacheReadInputTokenCount":70,"cacheWriteInputTokenCount":0}}"#,
        "input=8 output=20 cached_input=70 cache_write_unknown=0 total=98",
        "Hi",
    );
    check(
        "Llama",
        r#"{"generation":"Hi","prompt_token_count":25,"generation_token_count":3,"stop_reason":"stop"}"#,
        "input=25 output=3",
        "Hi",
    );
    check(
        "Titan text",
        r#"{"inputTextTokenCount":5,"results":[{"tokenCount":61,"outputText":"Hi","completionReason":"FINISH"},{"tokenCount":4,"outputText":" there","completionReason":"FINISH"}]}"#,
        "input=5 output=65",
        "Hi there",
    );
    check(
        "Mistral, as a chat",
        r#"{"id":"m1","object":"chat.completion","model":"mistral-large","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"stop_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}}"#,
        "input=9 output=2 total=11",
        "Hi",
    );
    check(
        "OpenAI",
        r#"{"id":"c1","object":"chat.completion","model":"openai.gpt-oss-20b-1:0","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":90,"completion_tokens":2,"total_tokens":92,"prompt_tokens_details":{"cached_tokens":64}}}"#,
        "input=26 output=2 cached_input=64 total=92",
        "Hi",
    );
    check(
        "Cohere, with what it bills",
        r#"{"response_id":"r","text":"Hi","finish_reason":"COMPLETE","meta":{"billed_units":{"input_tokens":10.0,"output_tokens":5.0}}}"#,
        "input=10 output=5",
        "Hi",
    );
}

#[test]
fn where_the_body_tells_nothing_headers_do() {
    for (maker, body, text) in [
        (
            "Mistral, older",
            r#"{"outputs":[{"text":"Hi","stop_reason":"stop"}]}"#,
            "Hi",
        ),
        (
            "Mistral, as a chat",
            r#"{"choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"stop_reason":"stop"}]}"#,
            "Hi",
        ),
        (
            "DeepSeek",
            r#"{"choices":[{"text":"Hi","stop_reason":"stop"}]}"#,
            "Hi",
        ),
        (
            "Cohere",
            r#"{"generations":[{"finish_reason":"COMPLETE","id":"1","text":"Hi"}],"id":"2","prompt":"x"}"#,
            "Hi",
        ),
        (
            "Cohere R",
            r#"{"response_id":"r","text":"Hi","generation_id":"g","chat_history":[{"role":"USER","message":"x"}],"finish_reason":"COMPLETE"}"#,
            "Hi",
        ),
        (
            "Claude, older",
            r#"{"type":"completion","completion":"Hi","stop_reason":"stop_sequence"}"#,
            "Hi",
        ),
        (
            "AI21, older",
            r#"{"id":1,"prompt":{"text":"x"},"completions":[{"data":{"text":"Hi"}}]}"#,
            "Hi",
        ),
        (
            "Cohere embeddings",
            r#"{"embeddings":[[0.1,0.2]],"id":"2","response_type":"embeddings_floats","texts":["x"]}"#,
            "",
        ),
        ("images", r#"{"images":["AAAA"],"seeds":[1]}"#, ""),
        ("nobody known", r#"{"answer":42}"#, ""),
    ] {
        let reading = invoked(COUNTS, body);
        assert_eq!(described(&reading), FROM_HEADERS, "{maker}");
        assert_eq!(reading.text.kept(), text, "{maker}");
        assert!(reading.ended && !reading.error, "{maker}");
        assert_eq!(reading.delivered_text, maker != "nobody known", "{maker}");
        assert!(!invoked(&[], body).usage.is_reported(), "{maker}");
    }
    // A prompt that the body tells is not split by another count of it.
    let llama = r#"{"generation":"Hi","prompt_token_count":37}"#;
    assert_eq!(described(&invoked(COUNTS, llama)), "input=37 output=2");
    let titan = r#"{"embedding":[0.1,0.2],"inputTextTokenCount":5}"#;
    assert_eq!(described(&invoked(&[], titan)), "input=5");
    let broken = [("x-amzn-bedrock-input-token-count", "many")];
    assert_eq!(described(&invoked(&broken, r#"{"completion":"Hi"}"#)), "");
}

#[test]
fn invoke_bodies_that_are_none() {
    for body in [
        "",
        "<html>",
        "null",
        "[]",
        "7",
        r#"{"type":"error","error":{"message":"x"}}"#,
        r#"{"error":"x"}"#,
    ] {
        let reading = invoked(&[], body);
        assert!(reading.error && !reading.usage.is_reported(), "{body}");
    }
}

fn streamed(model: &str, frames: &[Vec<u8>]) -> Reading {
    read(Shape::EventStream, model, &[], &frames.concat())
}

const METRICS: &str = r#""amazon-bedrock-invocationMetrics":{"inputTokenCount":120,"outputTokenCount":300,"invocationLatency":2100,"firstByteLatency":400,"cacheReadInputTokenCount":4096,"cacheWriteInputTokenCount":1500}"#;

#[test]
fn the_metrics_fill_in_what_the_maker_left_out() {
    let metrics = "input=120 output=300 cached_input=4096 cache_write_unknown=1500";
    // Claude without its counts, with the prompt's, and with all of them.
    let stop = chunk(&format!(r#"{{"type":"message_stop",{METRICS}}}"#));
    let start = |usage: &str| {
        chunk(&format!(
            r#"{{"type":"message_start","message":{{"id":"m","type":"message","model":"c","content":[]{usage}}}}}"#
        ))
    };
    let delta = chunk(r#"{"type":"message_delta","delta":{},"usage":{"output_tokens":299}}"#);
    let prompt = r#","usage":{"input_tokens":120,"cache_read_input_tokens":4096,"cache_creation_input_tokens":1500,"cache_creation":{"ephemeral_5m_input_tokens":1500,"ephemeral_1h_input_tokens":0},"output_tokens":1}"#;
    let told = |frames: &[Vec<u8>]| {
        let reading = streamed(CLAUDE, frames);
        assert!(reading.ended && !reading.error);
        described(&reading)
    };
    assert_eq!(told(&[start(""), stop.clone()]), metrics);
    assert_eq!(
        told(&[start(prompt), stop.clone()]),
        "input=120 output=300 cached_input=4096 cache_write_5m=1500 cache_write_1h=0"
    );
    assert_eq!(
        told(&[start(prompt), delta.clone(), stop]),
        "input=120 output=299 cached_input=4096 cache_write_5m=1500 cache_write_1h=0"
    );
    // Of OpenAI's models writes without a split are for thirty minutes.
    let last = chunk(&format!(r#"{{"choices":[],{METRICS}}}"#));
    assert_eq!(
        described(&streamed(GPT, std::slice::from_ref(&last))),
        "input=120 output=300 cached_input=4096 cache_write_30m=1500"
    );
    assert_eq!(described(&streamed(CLAUDE, &[last])), metrics);
    // Whoever it is.
    let unknown = chunk(&format!(r#"{{"word":"x",{METRICS}}}"#));
    assert_eq!(told(&[unknown]), metrics);
    // Without the metrics the stream has not ended.
    let cut = streamed(CLAUDE, &[start(prompt)]);
    assert!(!cut.ended && !cut.error);
}

#[test]
fn the_metrics_are_a_member_and_not_a_word() {
    let text = chunk(
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\"amazon-bedrock-invocationMetrics\":{}"}}"#,
    );
    let mut meter = Meter::new(&Metered {
        operation: Operation::Invoke,
        provider_type: BEDROCK,
        shape: Shape::EventStream,
        model: None,
    });
    assert!(!meter.push(&text).settled);
    let stop = chunk(&format!(r#"{{"type":"message_stop",{METRICS}}}"#));
    assert!(meter.push(&stop).settled);
    assert!(!meter.finish().error);
}

#[test]
fn chunks_that_hold_no_event_are_none() {
    let chunks = [chunk("not JSON"), event("chunk", r#"{"bytes":"%%%"}"#)];
    for frame in chunks {
        let reading = streamed(CLAUDE, &[frame]);
        assert!(reading.error && !reading.ended);
    }
}
