//! The responses of OpenAI's API and what belongs to them.

use serde_json::{Value, json};

use crate::client::Bench;

const RESPONSES: &str = "/v1/responses";

async fn ask(bench: &Bench, body: &Value) -> Value {
    bench.openai(RESPONSES, &body.to_string(), &[]).await.json()
}

/// The names of a stream's events, repeated ones once.
async fn names(bench: &Bench, path: &str, body: &str) -> Vec<String> {
    let answer = bench.openai(path, body, &[]).await;
    let mut names: Vec<String> = Vec::new();
    for (number, event) in answer.events().into_iter().enumerate() {
        let data: Value = serde_json::from_str(&event.data).unwrap();
        let name = event.name.unwrap();
        assert_eq!(data["type"], name.as_str());
        assert_eq!(data["sequence_number"], number);
        if names.last() != Some(&name) {
            names.push(name);
        }
    }
    names
}

#[tokio::test]
async fn a_response_has_the_providers_shape() {
    let bench = Bench::new().await;
    let body = ask(
        &bench,
        &json!({"model": "gpt-4.1", "input": "Hi", "temperature": 0.5}),
    )
    .await;
    assert!(body["id"].as_str().unwrap().starts_with("resp_"));
    assert_eq!(body["object"], "response");
    assert_eq!(body["status"], "completed");
    assert_eq!(body["temperature"], 0.5);
    assert_eq!(body["error"], Value::Null);
    assert_eq!(body["output"][0]["type"], "message");
    assert_eq!(body["output"][0]["content"][0]["type"], "output_text");
    assert_eq!(body["tool_usage"]["web_search"]["num_requests"], 0);
    assert_eq!(
        body["usage"]["input_tokens_details"]["cache_write_tokens_details"],
        json!({"ttl_30m_tokens": 0, "ttl_12h_tokens": 0})
    );
}

#[tokio::test]
async fn a_stream_has_all_events_in_order() {
    let bench = Bench::new().await;
    let body = json!({"model": "gpt-4.1", "input": "Hi", "stream": true}).to_string();
    let expected = [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ];
    assert_eq!(names(&bench, RESPONSES, &body).await, expected);

    let answer = bench.openai(RESPONSES, &body, &[]).await;
    assert!(!answer.text().contains("[DONE]"));
    let events = answer.event_json();
    let text: String = events
        .iter()
        .filter_map(|event| event["delta"].as_str())
        .collect();
    let last = &events.last().unwrap()["response"];
    assert_eq!(last["output"][0]["content"][0]["text"], text.as_str());
    assert_eq!(last["usage"]["output_tokens"], 48);
    assert_eq!(events[0]["response"]["usage"], Value::Null);
    assert_eq!(events[0]["response"]["service_tier"], "auto");
    assert_eq!(last["service_tier"], "default");
}

#[tokio::test]
async fn reasoning_is_an_item_of_its_own() {
    let bench = Bench::new().await;
    let body = ask(&bench, &json!({"model": "gpt-5", "input": "Hi"})).await;
    assert_eq!(body["output"][0]["type"], "reasoning");
    assert_eq!(body["output"][1]["type"], "message");
    assert_eq!(
        body["usage"]["output_tokens_details"]["reasoning_tokens"],
        64
    );

    let body = json!({"model": "m", "input": "Hi", "stream": true,
                      "reasoning": {"effort": "low", "summary": "auto"}});
    let names = names(&bench, RESPONSES, &body.to_string()).await;
    for name in ["part.added", "text.delta", "text.done", "part.done"] {
        let name = format!("response.reasoning_summary_{name}");
        assert!(names.contains(&name), "{name}");
    }
}

#[tokio::test]
async fn a_web_search_counts() {
    let bench = Bench::new().await;
    let body = json!({"model": "m", "input": "Hi", "tools": [{"type": "web_search"}]});
    let answer = ask(&bench, &body).await;
    assert_eq!(answer["output"][0]["type"], "web_search_call");
    assert_eq!(answer["tool_usage"]["web_search"]["num_requests"], 1);
}

#[tokio::test]
async fn a_function_is_called_when_the_user_says_so() {
    let bench = Bench::new().await;
    let body = json!({"model": "m", "stream": true, "tools": [{"type": "function", "name": "f",
        "parameters": {"type": "object", "properties": {"on": {"type": "boolean"}}}}],
        "input": [{"role": "user", "content": [{"type": "input_text", "text": "Use the tool"}]}]});
    let names = names(&bench, RESPONSES, &body.to_string()).await;
    assert!(names.contains(&"response.function_call_arguments.done".to_owned()));
    let events = bench
        .openai(RESPONSES, &body.to_string(), &[])
        .await
        .event_json();
    let call = &events.last().unwrap()["response"]["output"][0];
    assert_eq!(call["type"], "function_call");
    assert_eq!(call["arguments"], r#"{"on":true}"#);
}

#[tokio::test]
async fn a_background_response_is_looked_at_later() {
    let bench = Bench::new().await;
    let queued = ask(
        &bench,
        &json!({"model": "m", "input": "Hi", "background": true}),
    )
    .await;
    assert_eq!(queued["status"], "queued");
    assert_eq!(queued["usage"], Value::Null);
    assert_eq!(queued["output"], json!([]));

    let id = queued["id"].as_str().unwrap();
    let path = format!("{RESPONSES}/{id}");
    let done = bench.openai(&path, "", &[]).await.json();
    assert_eq!(done["id"], id);
    assert_eq!(done["status"], "completed");
    assert_eq!(done["created_at"], queued["created_at"]);
    assert_eq!(done["usage"]["output_tokens"], 48);

    let waiting = [("x-standin-finish", "in_progress")];
    let waiting = bench.openai(&path, "", &waiting).await.json();
    assert_eq!(waiting["usage"], Value::Null);

    let names = names(&bench, &format!("{path}?stream=true"), "").await;
    assert_eq!(names[1], "response.queued");
    assert_eq!(names.last().unwrap(), "response.completed");

    let cancelled = bench
        .openai(&format!("{path}/cancel"), "{}", &[])
        .await
        .json();
    assert_eq!(cancelled["status"], "cancelled");
    let gone = bench.openai(&format!("{RESPONSES}/missing"), "", &[]).await;
    assert_eq!(gone.status, 404);
}

#[tokio::test]
async fn a_stream_can_end_as_incomplete_or_failed() {
    let bench = Bench::new().await;
    let body = json!({"model": "m", "input": "Hi", "stream": true}).to_string();
    for end in ["incomplete", "failed"] {
        let answer = bench
            .openai(RESPONSES, &body, &[("x-standin-finish", end)])
            .await;
        let last = answer.event_json().pop().unwrap();
        assert_eq!(last["type"], format!("response.{end}"));
        assert_eq!(last["response"]["status"], end);
        assert!(last["response"]["usage"].is_object());
    }
}

#[tokio::test]
async fn tokens_are_counted_and_responses_compacted() {
    let bench = Bench::new().await;
    let body = json!({"model": "m", "input": "x".repeat(400)}).to_string();
    let count = bench.openai("/responses/input_tokens", &body, &[]).await;
    assert_eq!(
        count.json(),
        json!({"object": "response.input_tokens", "input_tokens": 103})
    );
    let compacted = bench
        .openai("/v1/responses/compact", &body, &[])
        .await
        .json();
    assert_eq!(compacted["object"], "response.compaction");
    assert_eq!(compacted["output"][0]["type"], "compaction");
    assert_eq!(compacted["usage"]["input_tokens"], 103);
}
