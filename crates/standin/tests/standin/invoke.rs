//! InvokeModel in the bodies of each vendor, called with a bearer key.

use serde_json::{Value, json};

use crate::client::{Answer, Bench, Headers};
use crate::event_stream::frames;

const METRICS: &str = "amazon-bedrock-invocationMetrics";
const CLAUDE: &str = "anthropic.claude-3-haiku-20240307-v1:0";

fn claude() -> Value {
    json!({
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 6,
        "messages": [{"role": "user", "content": "hi"}],
    })
}

async fn invoke(bench: &Bench, model: &str, body: &Value, headers: Headers<'_>) -> Answer {
    let path = format!("/model/{model}/invoke");
    bench.openai(&path, &body.to_string(), headers).await
}

async fn stream(bench: &Bench, model: &str, body: &Value, headers: Headers<'_>) -> Vec<Value> {
    let path = format!("/model/{model}/invoke-with-response-stream");
    let answer = bench.openai(&path, &body.to_string(), headers).await;
    assert_eq!(
        answer.header("content-type"),
        "application/vnd.amazon.eventstream"
    );
    assert_eq!(
        answer.header("x-amzn-bedrock-content-type"),
        "application/json"
    );
    let frames = frames(&answer.bytes()).unwrap();
    frames.iter().map(|frame| frame.chunk()).collect()
}

/// The counts of the headers.
fn told(answer: &Answer) -> (&str, &str) {
    (
        answer.header("x-amzn-bedrock-input-token-count"),
        answer.header("x-amzn-bedrock-output-token-count"),
    )
}

#[tokio::test]
async fn every_vendor_answers_in_its_own_words() {
    let bench = Bench::new().await;
    for (model, body, text, in_headers) in [
        (CLAUDE, claude(), "/content/0/text", true),
        (
            "us.amazon.nova-lite-v1:0",
            json!({"messages": [{"role": "user", "content": [{"text": "hi"}]}],
                   "inferenceConfig": {"maxTokens": 6}}),
            "/output/message/content/0/text",
            true,
        ),
        (
            "meta.llama3-1-8b-instruct-v1:0",
            json!({"prompt": "hi", "max_gen_len": 6}),
            "/generation",
            true,
        ),
        (
            "mistral.mistral-large-2402-v1:0",
            json!({"prompt": "hi", "max_tokens": 6}),
            "/outputs/0/text",
            true,
        ),
        (
            "mistral.mistral-large-2407-v1:0",
            json!({"messages": [], "max_tokens": 6}),
            "/choices/0/message/content",
            true,
        ),
        (
            "amazon.titan-text-lite-v1",
            json!({"inputText": "hi", "textGenerationConfig": {"maxTokenCount": 6}}),
            "/results/0/outputText",
            true,
        ),
        (
            "cohere.command-r-v1:0",
            json!({"message": "hi", "max_tokens": 6}),
            "/text",
            false,
        ),
    ] {
        let answer = invoke(&bench, model, &body, &[]).await;
        let whole = answer.json();
        assert!(whole.pointer(text).unwrap().is_string(), "{model}");
        let (input, output) = told(&answer);
        assert_eq!(output, if in_headers { "6" } else { "" }, "{model}");
        assert_eq!(!input.is_empty(), in_headers);
        let events = stream(&bench, model, &body, &[]).await;
        assert!(events.len() >= 6, "{model}");
        let (last, others) = events.split_last().unwrap();
        let metrics = &last[METRICS];
        assert_eq!(metrics["outputTokenCount"], 6, "{model}");
        assert!(metrics["inputTokenCount"].as_u64() > Some(0));
        assert!(others.iter().all(|event| event.get(METRICS).is_none()));
        let missing = invoke(&bench, model, &json!({}), &[]).await;
        assert_eq!(missing.status, 400, "{model}");
    }
}

#[tokio::test]
async fn bodies_have_the_counts_that_their_vendors_give() {
    let bench = Bench::new().await;
    let body = json!({"prompt": "x".repeat(400), "max_gen_len": 3});
    let llama = "meta.llama3-1-8b-instruct-v1:0";
    let whole = invoke(&bench, llama, &body, &[]).await.json();
    assert_eq!(whole["generation_token_count"], 3);
    let events = stream(&bench, llama, &body, &[]).await;
    assert_eq!(events[0]["prompt_token_count"], whole["prompt_token_count"]);
    assert_eq!(events[2]["prompt_token_count"], Value::Null);
    assert_eq!(events[2]["stop_reason"], "stop");

    let titan = "amazon.titan-text-lite-v1";
    let body = json!({"inputText": "hi", "textGenerationConfig": {"maxTokenCount": 3}});
    let whole = invoke(&bench, titan, &body, &[]).await.json();
    assert_eq!(whole["results"][0]["tokenCount"], 3);
    let events = stream(&bench, titan, &body, &[]).await;
    assert_eq!(
        events[0]["inputTextTokenCount"],
        whole["inputTextTokenCount"]
    );
    assert_eq!(events[2]["totalOutputTextTokenCount"], 3);
}

#[tokio::test]
async fn claude_has_its_own_usage_and_the_metrics() {
    let bench = Bench::new().await;
    let mut body = claude();
    body["system"] = json!([{"type": "text", "text": "x".repeat(4000),
                             "cache_control": {"type": "ephemeral", "ttl": "1h"}}]);
    let answer = invoke(&bench, CLAUDE, &body, &[]).await;
    let usage = answer.json()["usage"].clone();
    assert_eq!(answer.json()["model"], CLAUDE);
    for (header, member) in [
        ("input", "input_tokens"),
        ("output", "output_tokens"),
        ("cache-read-input", "cache_read_input_tokens"),
        ("cache-write-input", "cache_creation_input_tokens"),
    ] {
        let header = format!("x-amzn-bedrock-{header}-token-count");
        assert_eq!(answer.header(&header), usage[member].to_string());
    }
    let events = stream(&bench, CLAUDE, &body, &[]).await;
    assert_eq!(events[0]["type"], "message_start");
    assert!(events.iter().all(|event| event["type"] != "ping"));
    let last = events.last().unwrap();
    assert_eq!(last["type"], "message_stop");
    assert_eq!(
        last[METRICS]["cacheReadInputTokenCount"],
        usage["cache_read_input_tokens"]
    );

    for (member, value) in [
        ("model", json!("x")),
        ("stream", json!(true)),
        ("anthropic_version", json!("2023-06-01")),
        ("anthropic_version", Value::Null),
        ("max_tokens", Value::Null),
    ] {
        let mut wrong = claude();
        wrong[member] = value;
        let answer = invoke(&bench, CLAUDE, &wrong, &[]).await;
        assert_eq!(answer.status, 400, "{member}");
        let kind = answer.header("x-amzn-errortype");
        assert!(kind.starts_with("ValidationException"));
    }
}

#[tokio::test]
async fn counts_can_be_given_or_left_out() {
    let bench = Bench::new().await;
    let no_usage = [("x-standin-usage", "none")];
    let answer = invoke(&bench, CLAUDE, &claude(), &no_usage).await;
    assert!(answer.json().get("usage").is_none());
    assert_eq!(told(&answer).1, "6");
    let no_metrics = [("x-standin-metrics", "none")];
    let answer = invoke(&bench, CLAUDE, &claude(), &no_metrics).await;
    assert_eq!(told(&answer), ("", ""));
    let events = stream(&bench, CLAUDE, &claude(), &no_metrics).await;
    assert!(events.last().unwrap().get(METRICS).is_none());
    let given = [(
        "x-standin-metrics",
        r#"{"inputTokenCount":120,"outputTokenCount":300}"#,
    )];
    let answer = invoke(&bench, CLAUDE, &claude(), &given).await;
    assert_eq!(told(&answer), ("120", "300"));
    let events = stream(&bench, CLAUDE, &claude(), &given).await;
    assert_eq!(events.last().unwrap()[METRICS]["inputTokenCount"], 120);
}

#[tokio::test]
async fn embeddings_are_counted_too() {
    let bench = Bench::new().await;
    let titan = "amazon.titan-embed-text-v2%3A0";
    let body = json!({"inputText": "Hello there", "dimensions": 256});
    let answer = invoke(&bench, titan, &body, &[]).await;
    assert_eq!(answer.json()["embedding"].as_array().unwrap().len(), 256);
    assert_eq!(answer.json()["inputTextTokenCount"], 3);
    assert_eq!(told(&answer), ("3", ""));
    let body = json!({"texts": ["Hello there", "a"], "input_type": "search_query"});
    let answer = invoke(&bench, "cohere.embed-english-v3", &body, &[]).await;
    assert_eq!(answer.json()["embeddings"].as_array().unwrap().len(), 2);
    assert_eq!(told(&answer), ("4", ""));
}
