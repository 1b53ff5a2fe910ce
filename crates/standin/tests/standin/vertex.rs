//! The kind of traffic that Vertex AI tells: in its own way, and beside usage in OpenAI's style.

use http::Method;
use serde_json::{Value, json};

use crate::client::Bench;

const HOME: &str = "/v1/projects/my-project/locations/global";

/// A token of Google's, as the metadata server gives it.
async fn token(bench: &Bench) -> String {
    let path = "/computeMetadata/v1/instance/service-accounts/default/token";
    let flavor = [("metadata-flavor", "Google")];
    let answer = bench
        .send(bench.request(Method::GET, path, &flavor, ""))
        .await;
    format!("Bearer {}", answer.json()["access_token"].as_str().unwrap())
}

/// The kind of traffic that an answer tells, or an event.
fn traffic(told: &Value) -> &Value {
    [
        "/usageMetadata/trafficType",
        "/usage/extra_properties/google/traffic_type",
        "/response/usage/extra_properties/google/traffic_type",
    ]
    .iter()
    .find_map(|place| told.pointer(place))
    .unwrap_or(&Value::Null)
}

#[tokio::test]
async fn every_answer_with_usage_tells_the_kind_of_traffic() {
    let bench = Bench::new().await;
    let token = token(&bench).await;
    let chat = |stream: bool| {
        json!({ "model": "google/gemini-3-pro", "stream": stream, "stream_options": if stream { json!({ "include_usage": true }) } else { Value::Null },
            "messages": [{ "role": "user", "content": "Hi" }] })
    };
    let response = |stream: bool| json!({ "model": "xai/grok-5", "stream": stream, "input": "Hi" });
    let parts = json!({ "parts": [{ "text": "Hi" }] });
    for (path, body) in [
        ("/endpoints/openapi/chat/completions", chat(false)),
        ("/endpoints/openapi/chat/completions", chat(true)),
        ("/publishers/openai/v1/responses", response(false)),
        ("/publishers/openai/v1/responses", response(true)),
        (
            "/endpoints/openapi/embeddings",
            json!({ "model": "m", "input": "Hi" }),
        ),
        (
            "/publishers/google/models/gemini-embedding-2:embedContent",
            json!({ "content": parts }),
        ),
        (
            "/publishers/google/models/gemini-3-pro:generateContent",
            json!({ "contents": [parts] }),
        ),
    ] {
        for wished in [None, Some("PROVISIONED_THROUGHPUT")] {
            let mut headers = vec![("authorization", token.as_str())];
            headers.extend(wished.map(|word| ("x-standin-traffic", word)));
            let path = format!("{HOME}{path}");
            let request = bench.request(Method::POST, &path, &headers, &body.to_string());
            let answer = bench.send(request).await;
            let told = match body["stream"] == true {
                true => answer.event_json().pop().unwrap(),
                false => answer.json(),
            };
            assert_eq!(
                traffic(&told),
                wished.unwrap_or("ON_DEMAND"),
                "{path}: {told}"
            );
        }
    }
}

#[tokio::test]
async fn nobody_else_tells_any() {
    let bench = Bench::new().await;
    let body = json!({ "model": "m", "messages": [{ "role": "user", "content": "Hi" }] });
    let wish = [("x-standin-traffic", "ON_DEMAND")];
    let answer = bench
        .openai("/v1/chat/completions", &body.to_string(), &wish)
        .await
        .json();
    assert_eq!(traffic(&answer), &Value::Null);
    assert!(answer["usage"]["total_tokens"].is_number());
}
