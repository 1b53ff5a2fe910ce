//! Generating with Google's API.

use serde_json::{Value, json};

use crate::client::{Answer, Bench, End, events};

const PLAIN: &str = "/v1beta/models/gemini-2.0-flash:generateContent";
const EVENTS: &str = "/v1/models/gemini-2.0-flash:streamGenerateContent?alt=sse";
const ARRAY: &str = "/v1alpha/models/gemini-2.0-flash:streamGenerateContent";

fn question(more: &Value) -> String {
    let mut body = json!({
        "contents": [{"role": "user", "parts": [{"text": "How high is the river?"}]}],
    });
    let members = body.as_object_mut().unwrap();
    members.extend(more.as_object().unwrap().clone());
    body.to_string()
}

/// The pieces of a stream of server-sent events.
fn pieces(answer: &Answer) -> Vec<Value> {
    events(&answer.text().replace("\r\n", "\n"))
        .iter()
        .map(|event| serde_json::from_str(&event.data).unwrap())
        .collect()
}

fn text(pieces: &[Value]) -> String {
    pieces
        .iter()
        .filter_map(|piece| piece["candidates"][0]["content"]["parts"][0]["text"].as_str())
        .collect()
}

#[tokio::test]
async fn an_answer_has_the_providers_shape() {
    let bench = Bench::new().await;
    let answer = bench.google(PLAIN, &question(&json!({})), &[]).await;
    let body = answer.json();
    let candidate = &body["candidates"][0];
    assert_eq!(candidate["content"]["role"], "model");
    assert_eq!(candidate["finishReason"], "STOP");
    assert_eq!(candidate["index"], 0);
    assert_eq!(body["modelVersion"], "gemini-2.0-flash");
    assert!(body["responseId"].is_string());
    let usage = &body["usageMetadata"];
    let prompt = usage["promptTokenCount"].as_u64().unwrap();
    assert_eq!(usage["candidatesTokenCount"], 48);
    assert_eq!(usage["totalTokenCount"], prompt + 48);
    assert_eq!(
        usage["promptTokensDetails"],
        json!([{"modality": "TEXT", "tokenCount": prompt}])
    );
    // Zero counts are left out.
    for absent in [
        "cachedContentTokenCount",
        "thoughtsTokenCount",
        "toolUsePromptTokenCount",
        "cacheTokensDetails",
    ] {
        assert!(usage.get(absent).is_none(), "{absent}");
    }
    assert_eq!(answer.header("x-gemini-service-tier"), "standard");
    assert_eq!(answer.header("x-request-id"), "");
}

#[tokio::test]
async fn both_streams_have_the_same_pieces() {
    let bench = Bench::new().await;
    let body = question(&json!({"generationConfig": {"maxOutputTokens": 7}}));
    let answer = bench.google(EVENTS, &body, &[]).await;
    assert!(answer.text().ends_with("}\r\n\r\n"));
    assert!(
        answer
            .header("content-type")
            .starts_with("text/event-stream")
    );
    let by_events = pieces(&answer);
    assert_eq!(by_events.len(), 7);
    for (number, piece) in by_events.iter().enumerate() {
        let usage = &piece["usageMetadata"];
        assert_eq!(usage["candidatesTokenCount"], number + 1);
        let finish = &piece["candidates"][0]["finishReason"];
        assert_eq!(finish == "STOP", number == 6);
    }
    let array = bench.google(ARRAY, &body, &[]).await;
    assert!(array.header("content-type").starts_with("application/json"));
    let whole: Vec<Value> = serde_json::from_slice(&array.bytes()).unwrap();
    assert_eq!(whole, by_events);
    let plain = bench.google(PLAIN, &body, &[]).await.json();
    assert_eq!(text(&by_events), text(&[plain]));
    let key = [("x-goog-api-key", "AIza-a")];
    let chunks = bench.chunks(ARRAY, &body, &key).await;
    // The closing bracket is a chunk of its own.
    assert_eq!(chunks.len(), 8);
    assert_eq!(chunks[7], "\n]");
}

#[tokio::test]
async fn every_count_is_told() {
    let bench = Bench::new().await;
    let body = question(&json!({
        "contents": [{"parts": [
            {"text": "x".repeat(4000)},
            {"inlineData": {"mimeType": "audio/wav", "data": "AAAA"}},
            {"inline_data": {"mime_type": "image/png", "data": "AAAA"}},
            {"fileData": {"mimeType": "application/pdf", "fileUri": "files/x"}},
        ]}],
        "cachedContent": "cachedContents/x",
        "tools": [{"googleSearch": {}}],
        "generationConfig": {"maxOutputTokens": 40, "thinkingConfig": {"includeThoughts": true}},
        "serviceTier": "flex",
    }));
    let path = "/v1beta/models/gemini-2.5-pro:generateContent";
    let answer = bench.google(path, &body, &[]).await;
    assert_eq!(answer.header("x-gemini-service-tier"), "flex");
    let body = answer.json();
    let parts = &body["candidates"][0]["content"]["parts"];
    assert_eq!(parts[0]["thought"], true);
    assert!(parts[1].get("thought").is_none());
    assert!(body["candidates"][0]["groundingMetadata"].is_object());
    let usage = &body["usageMetadata"];
    let count = |name: &str| usage[name].as_u64().unwrap();
    assert_eq!(count("candidatesTokenCount"), 20);
    assert_eq!(count("thoughtsTokenCount"), 20);
    assert_eq!(count("toolUsePromptTokenCount"), 50);
    assert!(count("cachedContentTokenCount") > 500);
    assert_eq!(
        count("totalTokenCount"),
        count("promptTokenCount") + 20 + 20 + 50
    );
    let details = usage["promptTokensDetails"].as_array().unwrap();
    let named: Vec<&str> = details
        .iter()
        .map(|detail| detail["modality"].as_str().unwrap())
        .collect();
    assert_eq!(named, ["TEXT", "IMAGE", "AUDIO", "DOCUMENT"]);
    let sum: u64 = details
        .iter()
        .map(|detail| detail["tokenCount"].as_u64().unwrap())
        .sum();
    assert_eq!(sum, count("promptTokenCount"));
}

#[tokio::test]
async fn functions_are_called_when_the_user_says_so() {
    let bench = Bench::new().await;
    let body = question(&json!({
        "contents": [{"parts": [{"text": "use the tool"}]}],
        "tools": [{"functionDeclarations": [{"name": "weather", "parameters": {
            "type": "OBJECT", "properties": {"city": {"type": "STRING"}}}}]}],
    }));
    for path in [PLAIN, EVENTS] {
        let answer = bench.google(path, &body, &[]).await;
        let answer = if path == PLAIN {
            answer.json()
        } else {
            pieces(&answer).remove(0)
        };
        let part = &answer["candidates"][0]["content"]["parts"][0];
        let expected = json!({"functionCall": {"name": "weather", "args": {"city": "Zürich 🌊"}}});
        assert_eq!(part, &expected);
    }
}

#[tokio::test]
async fn a_blocked_prompt_has_no_candidates_but_usage() {
    let bench = Bench::new().await;
    let wish = [("x-standin-finish", "prompt-blocked")];
    let body = question(&json!({}));
    let whole = bench.google(PLAIN, &body, &wish).await.json();
    let pieces = pieces(&bench.google(EVENTS, &body, &wish).await);
    assert_eq!(pieces, std::slice::from_ref(&whole));
    assert!(whole.get("candidates").is_none());
    assert_eq!(whole["promptFeedback"]["blockReason"], "SAFETY");
    assert!(whole["usageMetadata"]["totalTokenCount"].as_u64() > Some(0));
}

#[tokio::test]
async fn a_given_usage_is_in_the_last_piece_alone() {
    let bench = Bench::new().await;
    let given = r#"{"promptTokenCount":5,"totalTokenCount":9}"#;
    let body = question(&json!({}));
    let wish = [("x-standin-usage", given)];
    let answer = pieces(&bench.google(EVENTS, &body, &wish).await);
    let with: Vec<usize> = (0..answer.len())
        .filter(|place| answer[*place].get("usageMetadata").is_some())
        .collect();
    assert_eq!(with, [47]);
    let none = [("x-standin-usage", "none")];
    for path in [PLAIN, EVENTS, ARRAY] {
        let answer = bench.google(path, &body, &none).await;
        assert!(!answer.text().contains("usage"));
    }
}

#[tokio::test]
async fn streams_break_and_end_as_others_do() {
    let bench = Bench::new().await;
    let body = question(&json!({}));
    for path in [EVENTS, ARRAY] {
        let answer = bench
            .google(path, &body, &[("x-standin-break-after", "3")])
            .await;
        assert_eq!(answer.end, End::Broken);
        let answer = bench
            .google(path, &body, &[("x-standin-end-after", "3")])
            .await;
        assert_eq!(answer.end, End::Clean);
        assert_eq!(answer.text().matches("modelVersion").count(), 3);
    }
    let wish = [("x-standin-error-after", "2")];
    let answer = pieces(&bench.google(EVENTS, &body, &wish).await);
    assert_eq!(answer[2]["error"]["status"], "UNAVAILABLE");
    for count in ["0", "2"] {
        let wish = [("x-standin-error-after", count)];
        let answer = bench.google(ARRAY, &body, &wish).await;
        let answer: Vec<Value> = serde_json::from_slice(&answer.bytes()).unwrap();
        assert_eq!(
            answer.len().to_string(),
            (count.parse::<u64>().unwrap() + 1).to_string()
        );
        assert_eq!(answer.last().unwrap()["error"]["code"], 503);
    }
    let wish = [("x-standin-comments", "1")];
    let answer = bench.google(ARRAY, &body, &wish).await;
    serde_json::from_slice::<Vec<Value>>(&answer.bytes()).unwrap();
}
