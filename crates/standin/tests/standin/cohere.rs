//! Cohere's API: chats, streams, embeddings, rankings, models, errors.

use http::Method;
use serde_json::{Value, json};

use crate::client::Bench;

fn chat(streamed: bool, prompt: &str) -> String {
    json!({"model": "command-a-03-2025", "stream": streamed, "max_tokens": 6,
        "tools": [{"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}],
        "documents": [{"data": {"text": "Rain falls"}}],
        "messages": [{"role": "user", "content": prompt}]})
    .to_string()
}

fn data(events: &[crate::client::Event]) -> Vec<Value> {
    events
        .iter()
        .filter_map(|event| serde_json::from_str(&event.data).ok())
        .collect()
}

#[tokio::test]
async fn chats_come_plain_and_as_streams_that_tell_their_usage_last() {
    let bench = Bench::new().await;
    let plain = bench.openai("/v2/chat", &chat(false, "Hi"), &[]).await;
    let plain = plain.json();
    let said = &plain["message"]["content"][0]["text"];
    assert_eq!(plain["finish_reason"], "COMPLETE");
    assert_eq!(
        plain["message"]["citations"][0]["sources"][0]["document"]["text"],
        "Rain falls"
    );
    let events = bench
        .openai("/v2/chat", &chat(true, "Hi"), &[])
        .await
        .events();
    assert_eq!(events.last().unwrap().data, "[DONE]");
    let told = data(&events);
    for (event, told) in events.iter().zip(&told) {
        assert_eq!(event.name.as_deref(), told["type"].as_str());
    }
    let texts: String = told
        .iter()
        .filter_map(|event| event["delta"]["message"]["content"]["text"].as_str())
        .collect();
    assert!(!texts.is_empty() && !said.as_str().unwrap().is_empty());
    let last = told.last().unwrap();
    assert_eq!(last["type"], "message-end");
    assert_eq!(last["delta"]["usage"]["billed_units"]["output_tokens"], 6.0);
    let [seen, billed] =
        ["tokens", "billed_units"].map(|of| plain["usage"][of]["input_tokens"].as_f64());
    assert!(seen > billed, "{plain}");
}

#[tokio::test]
async fn tools_are_called_after_a_plan() {
    let bench = Bench::new().await;
    let asked = chat(false, "Please use the tool.");
    let plain = bench.openai("/v2/chat", &asked, &[]).await.json();
    let message = &plain["message"];
    assert_eq!(message["tool_calls"][0]["function"]["name"], "look");
    let asked = chat(true, "Please use the tool.");
    let told = data(&bench.openai("/v2/chat", &asked, &[]).await.events());
    let plan: String = told
        .iter()
        .filter_map(|event| event["delta"]["message"]["tool_plan"].as_str())
        .collect();
    assert_eq!(message["tool_plan"], plan);
    assert_eq!(told.last().unwrap()["delta"]["finish_reason"], "TOOL_CALL");
}

#[tokio::test]
async fn embeddings_repeat_their_texts_and_rankings_bill_searches() {
    let bench = Bench::new().await;
    let embed = json!({"model": "embed-v4.0", "texts": ["a", "b"], "input_type": "search_query", "output_dimension": 256});
    let answer = bench
        .openai("/v2/embed", &embed.to_string(), &[])
        .await
        .json();
    let vectors = answer["embeddings"]["float"].as_array().unwrap();
    assert_eq!(
        (vectors.len(), vectors[0].as_array().unwrap().len()),
        (2, 256)
    );
    assert_eq!(answer["texts"], json!(["a", "b"]));
    assert_eq!(answer["meta"]["billed_units"]["input_tokens"], 2.0);
    let mut wrong = embed.clone();
    wrong["input_type"] = Value::Null;
    let refused = bench.openai("/v2/embed", &wrong.to_string(), &[]).await;
    assert_eq!(refused.status, 400);
    let rank =
        json!({"model": "rerank-v3.5", "query": "q", "documents": vec!["d"; 101], "top_n": 3});
    let answer = bench
        .openai("/v2/rerank", &rank.to_string(), &[])
        .await
        .json();
    assert_eq!(answer["results"].as_array().unwrap().len(), 3);
    assert_eq!(answer["meta"]["billed_units"]["search_units"], 2.0);
}

#[tokio::test]
async fn models_come_in_pages_and_errors_in_cohere_s_shape() {
    let bench = Bench::new().await;
    let first = bench
        .openai("/v1/models?page_size=1000", "", &[])
        .await
        .json();
    let next = first["next_page_token"].as_str().unwrap();
    let path = format!("/v1/models?page_size=1000&page_token={next}");
    let last = bench.openai(&path, "", &[]).await.json();
    assert!(last.get("next_page_token").is_none());
    assert_eq!(last["models"][0]["name"], "embed-v4.0");
    let status = [("x-standin-status", "498")];
    let refused = bench.openai("/v2/chat", &chat(false, "Hi"), &status).await;
    assert_eq!(refused.status, 498);
    let error = refused.any_json();
    assert!(
        error["message"].is_string() && error["id"].is_string(),
        "{error}"
    );
    let path = "/compatibility/v1/chat/completions";
    let refused = bench.openai(path, &chat(false, "Hi"), &status).await;
    assert!(refused.any_json()["error"]["message"].is_string());
    let request = bench.request(Method::POST, "/v2/chat", &[], &chat(false, "Hi"));
    assert_eq!(bench.send(request).await.status, 401);
}
