//! The counts that are reported, and those that a header asks for.

use serde_json::{Value, json};

use crate::client::Bench;

const CHAT: &str = "/v1/chat/completions";
const MESSAGES: &str = "/v1/messages";

async fn chat_usage(more: &Value) -> Value {
    let mut body =
        json!({"model": "m", "messages": [{"role": "user", "content": "x".repeat(4000)}]});
    body.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let bench = Bench::new().await;
    bench.openai(CHAT, &body.to_string(), &[]).await.json()["usage"].clone()
}

async fn message_usage(system: Value, model: &str) -> Value {
    let body = json!({"model": model, "max_tokens": 9, "system": system,
                      "messages": [{"role": "user", "content": "x".repeat(4000)}]});
    let bench = Bench::new().await;
    let answer = bench.anthropic(MESSAGES, &body.to_string(), &[]).await;
    answer.json()["usage"].clone()
}

#[tokio::test]
async fn openai_counts_cached_tokens_inside_the_prompt() {
    for more in [
        json!({"prompt_cache_key": "k"}),
        json!({"model": "cached-model"}),
        json!({"prompt_cache_options": {"ttl": "30m"}}),
    ] {
        let usage = chat_usage(&more).await;
        let prompt = usage["prompt_tokens"].as_u64().unwrap();
        let cached = usage["prompt_tokens_details"]["cached_tokens"]
            .as_u64()
            .unwrap();
        let written = usage["prompt_tokens_details"]["cache_write_tokens"]
            .as_u64()
            .unwrap();
        assert!(prompt > 1000 && cached == prompt / 5 * 3 && written == prompt / 5);
    }
    let usage = chat_usage(&json!({})).await;
    assert_eq!(usage["prompt_tokens_details"]["cached_tokens"], 0);
}

#[tokio::test]
async fn reasoning_is_inside_the_output() {
    for (more, reasoning) in [
        (json!({"model": "gpt-5-mini"}), 64),
        (json!({"model": "o3"}), 64),
        (json!({"model": "ft:gpt-6:org"}), 64),
        (json!({"model": "gpt-5", "reasoning_effort": "none"}), 0),
        (json!({"reasoning_effort": "low"}), 64),
        (json!({"model": "olmo"}), 0),
    ] {
        let usage = chat_usage(&more).await;
        assert_eq!(
            usage["completion_tokens_details"]["reasoning_tokens"], reasoning,
            "{more}"
        );
        assert_eq!(usage["completion_tokens"], 48 + reasoning);
        assert_eq!(
            usage["total_tokens"].as_u64().unwrap(),
            usage["prompt_tokens"].as_u64().unwrap() + 48 + reasoning
        );
    }
}

#[tokio::test]
async fn twelve_hours_are_told_apart() {
    let bench = Bench::new().await;
    let body = json!({"model": "m", "input": "x".repeat(4000),
                      "prompt_cache_options": {"mode": "auto", "ttl": "12h"}});
    let usage = bench
        .openai("/responses", &body.to_string(), &[])
        .await
        .json()["usage"]
        .clone();
    let details = &usage["input_tokens_details"];
    assert_eq!(
        details["cache_write_tokens_details"],
        json!({"ttl_30m_tokens": 0, "ttl_12h_tokens": details["cache_write_tokens"]})
    );
}

#[tokio::test]
async fn anthropic_counts_cached_tokens_beside_the_input() {
    let block = |ttl: Option<&str>| {
        let mut control = json!({"type": "ephemeral"});
        if let Some(ttl) = ttl {
            control["ttl"] = json!(ttl);
        }
        json!({"type": "text", "text": "s", "cache_control": control})
    };
    for (system, model, five, hour) in [
        (json!([block(None)]), "m", true, false),
        (json!([block(Some("1h"))]), "m", false, true),
        (
            json!([block(Some("1h")), block(Some("5m"))]),
            "m",
            true,
            true,
        ),
        (json!("s"), "m-cached", true, false),
        (json!("s"), "m", false, false),
    ] {
        let usage = message_usage(system, model).await;
        let split = &usage["cache_creation"];
        let written_5m = split["ephemeral_5m_input_tokens"].as_u64().unwrap();
        let written_1h = split["ephemeral_1h_input_tokens"].as_u64().unwrap();
        assert_eq!((written_5m > 0, written_1h > 0), (five, hour), "{usage}");
        assert_eq!(
            usage["cache_creation_input_tokens"],
            written_5m + written_1h
        );
        let read = usage["cache_read_input_tokens"].as_u64().unwrap();
        assert_eq!(read > 0, five || hour);
        let input = usage["input_tokens"].as_u64().unwrap();
        assert!((1000..1080).contains(&(input + read + written_5m + written_1h)));
    }
}

#[tokio::test]
async fn the_tier_is_the_one_that_is_used() {
    let bench = Bench::new().await;
    for (asked, replied) in [
        ("auto", "default"),
        ("fast", "priority"),
        ("priority", "priority"),
        ("flex", "flex"),
    ] {
        let body = json!({"model": "m", "messages": [], "service_tier": asked}).to_string();
        let body = bench.openai(CHAT, &body, &[]).await.json();
        assert_eq!(body["service_tier"], replied);
    }
}

#[tokio::test]
async fn a_given_usage_stands_word_for_word() {
    let bench = Bench::new().await;
    let given = r#"{"prompt_tokens": 5200,"odd":[1.50]}"#;
    let wish = [("x-standin-usage", given)];
    let plain = r#"{"model":"m","messages":[]}"#;
    let answer = bench.openai(CHAT, plain, &wish).await;
    assert!(answer.text().contains(given));
    let streamed =
        r#"{"model":"m","messages":[],"stream":true,"stream_options":{"include_usage":true}}"#;
    let answer = bench.openai(CHAT, streamed, &wish).await;
    assert!(answer.text().contains(given));
    for path in ["/responses", "/embeddings"] {
        let body = r#"{"model":"m","input":"x"}"#;
        assert!(bench.openai(path, body, &wish).await.text().contains(given));
    }
    let none = [("x-standin-usage", "none")];
    assert!(
        !bench
            .openai(CHAT, plain, &none)
            .await
            .text()
            .contains("usage")
    );
    let answer = bench.openai(CHAT, streamed, &none).await;
    assert!(!answer.text().contains("usage"));
    assert_eq!(answer.event_json().len(), 50);
}

#[tokio::test]
async fn a_given_usage_has_two_sides_in_a_stream_of_messages() {
    let bench = Bench::new().await;
    let body = r#"{"model":"m","max_tokens":3,"messages":[],"stream":true}"#;
    let given = r#"{"input_tokens":120,"cache_read_input_tokens":4096,"output_tokens":300,"output_tokens_details":{"thinking_tokens":192}}"#;
    let answer = bench
        .anthropic(MESSAGES, body, &[("x-standin-usage", given)])
        .await;
    let events = answer.event_json();
    assert_eq!(
        events[0]["message"]["usage"],
        json!({"input_tokens": 120, "cache_read_input_tokens": 4096, "output_tokens": 1})
    );
    assert_eq!(
        events[events.len() - 2]["usage"],
        json!({"output_tokens": 300, "output_tokens_details": {"thinking_tokens": 192}})
    );
    let none = [("x-standin-usage", "none")];
    let answer = bench.anthropic(MESSAGES, body, &none).await;
    assert!(!answer.text().contains("usage"));
}

#[tokio::test]
async fn compatible_servers_put_usage_elsewhere() {
    let bench = Bench::new().await;
    let body = r#"{"model":"m","messages":[],"stream":true,"max_tokens":3}"#;
    let finish = [("x-standin-usage-place", "finish")];
    let chunks = bench.openai(CHAT, body, &finish).await.event_json();
    assert_eq!(chunks.len(), 5);
    assert_eq!(chunks[4]["choices"][0]["finish_reason"], "stop");
    assert_eq!(chunks[4]["usage"]["completion_tokens"], 3);
    assert!(chunks[3].get("usage").is_none());

    let every = [("x-standin-usage-place", "every")];
    let chunks = bench.openai(CHAT, body, &every).await.event_json();
    let counts: Vec<u64> = chunks
        .iter()
        .map(|chunk| chunk["usage"]["completion_tokens"].as_u64().unwrap())
        .collect();
    assert_eq!(counts, [0, 1, 2, 3, 3]);
}
