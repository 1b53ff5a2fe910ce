//! Converse and the other styles of Bedrock's runtime, called with a bearer key.

use http::Method;
use serde_json::{Value, json};
use weir_standin::GuardrailPlace;

use crate::client::{Answer, Bench, End, Headers};
use crate::event_stream::{Frame, frames};

const PLAIN: &str = "/model/amazon.nova-pro-v1%3A0/converse";
const STREAM: &str = "/model/us.anthropic.claude-opus-5-5/converse-stream";

fn question(more: &Value) -> String {
    let mut body = json!({"messages": [{"role": "user", "content": [{"text": "Hello"}]}]});
    let members = body.as_object_mut().unwrap();
    members.extend(more.as_object().unwrap().clone());
    body.to_string()
}

fn types(frames: &[Frame]) -> Vec<&str> {
    let mut types: Vec<&str> = frames
        .iter()
        .map(|frame| frame.header(":event-type"))
        .collect();
    types.dedup();
    types
}

async fn stream(bench: &Bench, body: &str, headers: Headers<'_>) -> Answer {
    bench.openai(STREAM, body, headers).await
}

#[tokio::test]
async fn a_conversation_has_the_providers_shape() {
    let bench = Bench::new().await;
    let body =
        question(&json!({"inferenceConfig": {"maxTokens": 9}, "serviceTier": {"type": "flex"}}));
    let answer = bench.openai(PLAIN, &body, &[]).await;
    assert_eq!(answer.header("x-amzn-requestid").len(), 36);
    let body = answer.json();
    assert_eq!(body["output"]["message"]["role"], "assistant");
    assert!(body["output"]["message"]["content"][0]["text"].is_string());
    assert_eq!(body["stopReason"], "end_turn");
    assert_eq!(body["metrics"]["latencyMs"], 812);
    assert_eq!(body["serviceTier"]["type"], "flex");
    let usage = &body["usage"];
    assert_eq!(usage["outputTokens"], 9);
    let input = usage["inputTokens"].as_u64().unwrap();
    assert_eq!(usage["totalTokens"], input + 9);
    assert!(usage.get("cacheDetails").is_none());
}

#[tokio::test]
async fn cached_tokens_are_beside_the_input() {
    let bench = Bench::new().await;
    let system = json!([
        {"text": "x".repeat(4000)},
        {"cachePoint": {"type": "default", "ttl": "1h"}},
        {"cachePoint": {"type": "default"}},
    ]);
    let body = question(&json!({"system": system}));
    let usage = bench.openai(PLAIN, &body, &[]).await.json()["usage"].clone();
    let count = |name: &str| usage[name].as_u64().unwrap();
    let details = usage["cacheDetails"].as_array().unwrap();
    assert_eq!(details.len(), 2);
    let written: u64 = details
        .iter()
        .map(|detail| detail["inputTokens"].as_u64().unwrap())
        .sum();
    assert_eq!(written, count("cacheWriteInputTokens"));
    assert_eq!(
        count("totalTokens"),
        count("inputTokens") + count("cacheReadInputTokens") + written + count("outputTokens")
    );
    // A known fault: there the input has the cached tokens too.
    let path = "/model/openai.gpt-oss-120b-1:0/converse";
    let right = bench.openai(path, &body, &[]).await.json()["usage"].clone();
    let path = format!("{path}-stream");
    let streamed = frames(&bench.openai(&path, &body, &[]).await.bytes()).unwrap();
    let wrong = streamed.last().unwrap().json()["usage"].clone();
    assert_eq!(
        wrong["inputTokens"].as_u64().unwrap(),
        right["inputTokens"].as_u64().unwrap()
            + right["cacheReadInputTokens"].as_u64().unwrap()
            + right["cacheWriteInputTokens"].as_u64().unwrap()
    );
}

#[tokio::test]
async fn a_stream_ends_with_the_usage() {
    let bench = Bench::new().await;
    let body = question(&json!({
        "inferenceConfig": {"maxTokens": 40},
        "additionalModelRequestFields": {"thinking": {"type": "enabled", "budget_tokens": 8}},
        "additionalModelResponseFieldPaths": ["/usage/output_tokens_details"],
    }));
    let answer = stream(&bench, &body, &[]).await;
    assert_eq!(
        answer.header("content-type"),
        "application/vnd.amazon.eventstream"
    );
    let streamed = frames(&answer.bytes()).unwrap();
    assert_eq!(
        types(&streamed),
        [
            "messageStart",
            "contentBlockDelta",
            "contentBlockStop",
            "contentBlockDelta",
            "contentBlockStop",
            "messageStop",
            "metadata",
        ]
    );
    for frame in &streamed {
        assert_eq!(frame.header(":message-type"), "event");
        assert_eq!(frame.header(":content-type"), "application/json");
    }
    let first = streamed[1].json();
    assert!(first["delta"]["reasoningContent"]["text"].is_string());
    let stop = streamed[streamed.len() - 2].json();
    let details = &stop["additionalModelResponseFields"]["usage"]["output_tokens_details"];
    assert_eq!(details["thinking_tokens"], 8);
    let metadata = streamed.last().unwrap().json();
    let whole = bench
        .openai("/model/us.anthropic.claude-opus-5-5/converse", &body, &[])
        .await
        .json();
    assert_eq!(metadata["usage"], whole["usage"]);
    assert_eq!(metadata["serviceTier"]["type"], "default");
    assert_eq!(stream(&bench, &body, &[]).await.bytes(), answer.bytes());
}

#[tokio::test]
async fn tools_are_called_in_both_forms() {
    let bench = Bench::new().await;
    let body = question(&json!({
        "messages": [{"role": "user", "content": [{"text": "use the tool"}]}],
        "toolConfig": {"tools": [{"toolSpec": {"name": "w", "inputSchema": {"json":
            {"type": "object", "properties": {"unit": {"enum": ["C"]}}}}}}]},
    }));
    let whole = bench.openai(PLAIN, &body, &[]).await.json();
    let call = &whole["output"]["message"]["content"][0]["toolUse"];
    assert_eq!(call["input"], json!({"unit": "C"}));
    assert_eq!(whole["stopReason"], "tool_use");
    let streamed = frames(&stream(&bench, &body, &[]).await.bytes()).unwrap();
    assert_eq!(streamed[1].header(":event-type"), "contentBlockStart");
    assert_eq!(streamed[1].json()["start"]["toolUse"]["name"], "w");
    let input: String = streamed
        .iter()
        .map(|frame| frame.json()["delta"]["toolUse"]["input"].clone())
        .filter_map(|piece| piece.as_str().map(ToOwned::to_owned))
        .collect();
    assert_eq!(input, r#"{"unit":"C"}"#);
}

#[tokio::test]
async fn exceptions_come_after_the_status() {
    let bench = Bench::new().await;
    let body = question(&json!({}));
    for (exception, kind) in [
        (None, "internalServerException"),
        (Some("throttlingException"), "throttlingException"),
    ] {
        let mut wishes = vec![("x-standin-error-after", "3")];
        wishes.extend(exception.map(|name| ("x-standin-exception", name)));
        let answer = stream(&bench, &body, &wishes).await;
        assert_eq!((answer.status.as_u16(), answer.end), (200, End::Clean));
        let streamed = stream(&bench, &body, &wishes).await;
        let streamed = frames(&streamed.bytes()).unwrap();
        assert_eq!(streamed.len(), 4);
        assert_eq!(streamed[3].header(":message-type"), "exception");
        assert_eq!(streamed[3].header(":exception-type"), kind);
        assert!(streamed[3].json()["message"].is_string());
    }
    let wishes = [
        ("x-standin-error-after", "0"),
        ("x-standin-exception", "error"),
    ];
    let streamed = frames(&stream(&bench, &body, &wishes).await.bytes()).unwrap();
    assert_eq!(streamed[0].header(":message-type"), "error");
    assert_eq!(streamed[0].header(":error-code"), "InternalFailure");

    let wish = [("x-standin-spoil-frame", "2")];
    assert_eq!(
        frames(&stream(&bench, &body, &wish).await.bytes()).unwrap_err(),
        2
    );
    let wish = [("x-standin-break-after", "2")];
    let answer = stream(&bench, &body, &wish).await;
    assert_eq!(answer.end, End::Broken);
    assert_eq!(frames(&answer.bytes()).unwrap().len(), 2);
    let wish = [("x-standin-end-after", "1000")];
    let ended = frames(&stream(&bench, &body, &wish).await.bytes()).unwrap();
    assert_eq!(types(&ended).last(), Some(&"messageStop"));
}

#[tokio::test]
async fn errors_have_the_shape_of_aws() {
    let bench = Bench::new().await;
    let body = question(&json!({}));
    for (status, kind) in [
        ("400", "ValidationException"),
        ("404", "ResourceNotFoundException"),
        ("424", "ModelErrorException"),
        ("429", "ThrottlingException"),
        ("503", "ServiceUnavailableException"),
    ] {
        let wish = [("x-standin-status", status)];
        let answer = bench.openai(PLAIN, &body, &wish).await;
        assert_eq!(answer.status.as_str(), status);
        assert!(answer.any_json()["message"].is_string());
        let named = answer.header("x-amzn-errortype");
        assert!(named.starts_with(&format!("{kind}:http")), "{named}");
        assert_eq!(answer.header("retry-after"), "");
    }
    for (path, body, kind) in [
        (
            "/model/anthropic.claude-opus-5-5/converse",
            &*body,
            "on-demand throughput",
        ),
        (
            "/model/x.missing/converse",
            &*body,
            "model identifier is invalid",
        ),
        (
            "/model/amazon.titan-embed-text-v2:0/converse",
            &*body,
            "doesn't support the model",
        ),
        (PLAIN, "{}", "must not be null"),
        (PLAIN, "{", "JSON"),
    ] {
        let answer = bench.openai(path, body, &[]).await;
        assert_eq!(answer.status, 400, "{path}");
        let message = answer.any_json()["message"].as_str().unwrap().to_owned();
        assert!(
            message.to_lowercase().contains(&kind.to_lowercase()),
            "{message}"
        );
    }
}

#[tokio::test]
async fn guardrails_are_remembered() {
    let bench = Bench::new().await;
    let config = json!({"guardrailIdentifier": "gr1", "guardrailVersion": "2", "trace": "enabled"});
    let body = question(&json!({"guardrailConfig": config}));
    let answer = bench.openai(PLAIN, &body, &[]).await;
    assert_eq!(answer.header("x-standin-guardrail"), "gr1@2");
    let trace = &answer.json()["trace"]["guardrail"]["inputAssessment"];
    assert!(trace["gr1"].is_object());
    let headers = [
        ("x-amzn-bedrock-guardrailidentifier", "gr2"),
        ("x-amzn-bedrock-guardrailversion", "DRAFT"),
    ];
    let prompt = r#"{"prompt":"x"}"#;
    let path = "/model/meta.llama3-1-8b-instruct-v1:0/invoke";
    bench.openai(path, prompt, &headers).await.json();
    assert_eq!(bench.openai(path, prompt, &headers[..1]).await.status, 400);
    bench.openai(PLAIN, &question(&json!({})), &[]).await.json();
    let seen = bench.standin.guardrails();
    assert_eq!(seen.len(), 2);
    assert_eq!(
        (
            &*seen[0].model,
            &*seen[0].identifier,
            &*seen[0].version,
            seen[0].place
        ),
        ("amazon.nova-pro-v1:0", "gr1", "2", GuardrailPlace::Body)
    );
    assert_eq!(
        (&*seen[1].identifier, seen[1].place),
        ("gr2", GuardrailPlace::Headers)
    );
}

#[tokio::test]
async fn tokens_are_counted() {
    let bench = Bench::new().await;
    let path = "/model/anthropic.claude-3-haiku-20240307-v1%3A0/count-tokens";
    let inner: Value = serde_json::from_str(&question(&json!({}))).unwrap();
    let body = json!({"input": {"converse": inner}}).to_string();
    let count = bench.openai(path, &body, &[]).await.json();
    assert!(count["inputTokens"].as_u64() > Some(5));
    let body = json!({"input": {"invokeModel": {"body": "eyJwcm9tcHQiOiJ4In0="}}}).to_string();
    let count = bench.openai(path, &body, &[]).await.json();
    assert_eq!(count, json!({"inputTokens": 3}));
    assert_eq!(bench.openai(path, r#"{"input":{}}"#, &[]).await.status, 400);
}

#[tokio::test]
async fn the_other_styles_are_spoken_too() {
    let bench = Bench::new().await;
    let body = r#"{"model":"openai.gpt-oss-120b-1:0","messages":[]}"#;
    let path = "/openai/v1/chat/completions";
    let answer = bench.openai(path, body, &[]).await;
    assert_eq!(answer.json()["object"], "chat.completion");
    assert_ne!(answer.header("x-amzn-requestid"), "");
    let body = r#"{"model":"m","input":"x"}"#;
    let answer = bench.openai("/openai/v1/responses", body, &[]).await;
    assert_eq!(answer.json()["object"], "response");
    let models = bench.openai("/openai/v1/models", "", &[]).await.json();
    assert_eq!(models["data"][0]["id"], "openai.gpt-oss-120b-1:0");
    let body = r#"{"model":"anthropic.claude-opus-5-5","max_tokens":3,"messages":[]}"#;
    let version = [("anthropic-version", "2023-06-01")];
    let answer = bench.openai("/anthropic/v1/messages", body, &version).await;
    assert_eq!(answer.json()["type"], "message");
    let key = [("x-api-key", "k"), version[0]];
    let request = bench.request(Method::POST, "/anthropic/v1/messages", &key, body);
    let answer = bench.send(request).await;
    assert_eq!(answer.status, 403);
    assert_eq!(answer.any_json()["type"], "error");
}
