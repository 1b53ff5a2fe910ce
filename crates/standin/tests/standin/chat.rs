//! Chat completions and completions.

use serde_json::{Value, json};

use crate::client::{Answer, Bench};

const CHAT: &str = "/v1/chat/completions";

fn question(more: &Value) -> String {
    let mut body = json!({
        "model": "gpt-4o-mini",
        "messages": [{"role": "user", "content": "How high is the river?"}],
    });
    let members = body.as_object_mut().unwrap();
    members.extend(more.as_object().unwrap().clone());
    body.to_string()
}

fn text_of(answer: &Answer) -> String {
    answer
        .event_json()
        .iter()
        .filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str())
        .collect()
}

#[tokio::test]
async fn a_plain_answer_has_the_providers_shape() {
    let bench = Bench::new().await;
    let answer = bench.openai(CHAT, &question(&json!({})), &[]).await;
    let body = answer.json();
    assert!(body["id"].as_str().unwrap().starts_with("chatcmpl-"));
    assert_eq!(body["object"], "chat.completion");
    assert_eq!(body["model"], "gpt-4o-mini");
    assert_eq!(body["service_tier"], "default");
    let choice = &body["choices"][0];
    assert_eq!(choice["finish_reason"], "stop");
    assert_eq!(choice["message"]["role"], "assistant");
    assert!(choice["message"]["content"].as_str().unwrap().len() > 100);
    let usage = &body["usage"];
    assert_eq!(usage["completion_tokens"], 48);
    assert_eq!(usage["prompt_tokens_details"]["cached_tokens"], 0);
    assert_eq!(
        usage["completion_tokens_details"],
        json!({"reasoning_tokens": 0, "audio_tokens": 0, "accepted_prediction_tokens": 0,
               "rejected_prediction_tokens": 0, "text_tokens": 48})
    );
    for name in [
        "x-request-id",
        "openai-processing-ms",
        "x-ratelimit-remaining-tokens",
    ] {
        assert_ne!(answer.header(name), "", "{name}");
    }
    assert_eq!(answer.header("set-cookie"), "__cf_bm=standin");
    assert_eq!(
        answer.header("content-length"),
        answer.bytes().len().to_string()
    );
}

#[tokio::test]
async fn the_same_request_gets_the_same_bytes() {
    let bench = Bench::new().await;
    for body in [question(&json!({})), question(&json!({"stream": true}))] {
        let first = bench.openai(CHAT, &body, &[]).await;
        let again = bench.openai("/chat/completions", &body, &[]).await;
        assert_eq!(first.bytes(), again.bytes());
        let other = bench
            .openai(CHAT, &body.replace("river", "lake"), &[])
            .await;
        assert_ne!(first.bytes(), other.bytes());
    }
}

#[tokio::test]
async fn stream_options_added_on_the_way_change_neither_id_nor_text() {
    let bench = Bench::new().await;
    let without = r#"{"model":"m","messages":[],"stream":true}"#;
    let with =
        r#"{"model":"m","messages":[],"stream":true,"stream_options":{"include_usage":true}}"#;
    let without = bench.openai(CHAT, without, &[]).await;
    let with = bench.openai(CHAT, with, &[]).await;
    assert_eq!(text_of(&without), text_of(&with));
    assert_eq!(without.event_json()[0]["id"], with.event_json()[0]["id"]);
}

#[tokio::test]
async fn a_stream_without_include_usage_never_speaks_of_usage() {
    let bench = Bench::new().await;
    for options in [
        json!({"stream": true}),
        json!({"stream": true, "stream_options": {}}),
        json!({"stream": true, "stream_options": {"include_usage": false}}),
    ] {
        let answer = bench.openai(CHAT, &question(&options), &[]).await;
        assert!(!answer.text().contains("usage"));
        assert_eq!(
            answer.header("content-type"),
            "text/event-stream; charset=utf-8"
        );
        let events = answer.events();
        assert_eq!(events.last().unwrap().data, "[DONE]");
        assert!(events.iter().all(|event| event.name.is_none()));
        let chunks = answer.event_json();
        assert_eq!(chunks[0]["choices"][0]["delta"]["role"], "assistant");
        assert_eq!(
            chunks.last().unwrap()["choices"][0]["finish_reason"],
            "stop"
        );
        assert_eq!(chunks.len(), 50);
    }
}

#[tokio::test]
async fn include_usage_adds_one_chunk_and_nulls_before_it() {
    let bench = Bench::new().await;
    let body = question(&json!({"stream": true, "stream_options": {"include_usage": true}}));
    let answer = bench.openai(CHAT, &body, &[]).await;
    let chunks = answer.event_json();
    let (last, earlier) = chunks.split_last().unwrap();
    for chunk in earlier {
        assert_eq!(chunk.get("usage"), Some(&Value::Null));
        assert_eq!(chunk["object"], "chat.completion.chunk");
    }
    assert_eq!(last["choices"], json!([]));
    assert_eq!(last["usage"]["completion_tokens"], 48);
    assert_eq!(answer.events().last().unwrap().data, "[DONE]");
}

#[tokio::test]
async fn a_stream_and_a_plain_answer_say_as_much() {
    let bench = Bench::new().await;
    let answer = bench
        .openai(
            CHAT,
            &question(&json!({"stream": true, "max_tokens": 300})),
            &[],
        )
        .await;
    assert_eq!(answer.event_json().len(), 302);
    // Text of several kinds, all of it readable after parsing.
    assert!(text_of(&answer).contains('\n'));
    assert!(
        text_of(&answer)
            .chars()
            .any(|letter| letter.len_utf8() == 4)
    );
}

#[tokio::test]
async fn the_limit_of_the_request_is_kept() {
    let bench = Bench::new().await;
    for (more, tokens) in [
        (json!({"max_tokens": 10}), 10),
        (json!({"max_completion_tokens": 20, "model": "gpt-5"}), 20),
        (json!({"max_completion_tokens": 1_000_000}), 512),
        (json!({"n": 3, "max_tokens": 10}), 30),
    ] {
        let body = bench.openai(CHAT, &question(&more), &[]).await.json();
        assert_eq!(body["usage"]["completion_tokens"], tokens, "{more}");
    }
}

#[tokio::test]
async fn n_choices_have_their_own_texts() {
    let bench = Bench::new().await;
    let answer = bench.openai(CHAT, &question(&json!({"n": 3})), &[]).await;
    let choices = answer.json()["choices"].as_array().unwrap().clone();
    assert_eq!(choices.len(), 3);
    assert_eq!(choices[2]["index"], 2);
    assert_ne!(
        choices[0]["message"]["content"],
        choices[1]["message"]["content"]
    );
}

#[tokio::test]
async fn tools_are_called_when_the_user_says_so() {
    let bench = Bench::new().await;
    let tool = json!({"type": "function", "function": {"name": "weather", "parameters": {
        "type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}}}});
    let messages = json!([{"role": "user", "content": "Please use the tool."}]);
    let request = json!({"tools": [tool], "messages": messages});
    let body = bench.openai(CHAT, &question(&request), &[]).await.json();
    let choice = &body["choices"][0];
    assert_eq!(choice["finish_reason"], "tool_calls");
    assert_eq!(choice["message"]["content"], Value::Null);
    let call = &choice["message"]["tool_calls"][0];
    assert_eq!(call["function"]["name"], "weather");
    let arguments: Value =
        serde_json::from_str(call["function"]["arguments"].as_str().unwrap()).unwrap();
    assert_eq!(arguments["days"], 7);

    let mut streamed = request.clone();
    streamed["stream"] = json!(true);
    let chunks = bench
        .openai(CHAT, &question(&streamed), &[])
        .await
        .event_json();
    let pieces: Vec<&Value> = chunks
        .iter()
        .map(|chunk| &chunk["choices"][0]["delta"]["tool_calls"][0])
        .filter(|piece| piece.is_object())
        .collect();
    assert_eq!(pieces[0]["function"]["name"], "weather");
    assert!(pieces[1..].iter().all(|piece| piece.get("id").is_none()));
    let joined: String = pieces
        .iter()
        .filter_map(|piece| piece["function"]["arguments"].as_str())
        .collect();
    assert_eq!(serde_json::from_str::<Value>(&joined).unwrap(), arguments);
    assert_eq!(
        chunks.last().unwrap()["choices"][0]["finish_reason"],
        "tool_calls"
    );

    // Once the tool has answered it is not called again.
    let mut answered = request;
    answered["messages"] = json!([
        {"role": "user", "content": "Please use the tool."},
        {"role": "tool", "tool_call_id": "x", "content": "rain"},
    ]);
    let body = bench.openai(CHAT, &question(&answered), &[]).await.json();
    assert_eq!(body["choices"][0]["finish_reason"], "stop");
}

#[tokio::test]
async fn requests_that_cannot_be_answered_are_refused() {
    let bench = Bench::new().await;
    for (body, status, code) in [
        ("not json", 400, Value::Null),
        (
            r#"{"messages":[]}"#,
            400,
            json!("missing_required_parameter"),
        ),
        (r#"{"model":"m"}"#, 400, json!("missing_required_parameter")),
        (
            r#"{"model":"missing-1","messages":[]}"#,
            404,
            json!("model_not_found"),
        ),
        (r#"{"model":"m","messages":[],"n":0}"#, 400, Value::Null),
        (
            r#"{"model":"m","messages":[],"stream_options":{}}"#,
            400,
            Value::Null,
        ),
    ] {
        let answer = bench.openai(CHAT, body, &[]).await;
        assert_eq!(answer.status, status, "{body}");
        let error = answer.any_json()["error"].clone();
        assert_eq!(error["type"], "invalid_request_error");
        assert_eq!(error["code"], code, "{body}");
    }
}

#[tokio::test]
async fn completions_work_like_chat() {
    let bench = Bench::new().await;
    let plain = r#"{"model":"m","prompt":"Once","max_tokens":5,"n":2}"#;
    let body = bench.openai("/v1/completions", plain, &[]).await.json();
    assert!(body["id"].as_str().unwrap().starts_with("cmpl-"));
    assert_eq!(body["object"], "text_completion");
    assert_eq!(body["choices"].as_array().unwrap().len(), 2);
    assert_eq!(body["usage"]["completion_tokens"], 10);

    let streamed = r#"{"model":"m","prompt":"Once","stream":true,"max_tokens":5}"#;
    let answer = bench.openai("/completions", streamed, &[]).await;
    assert!(!answer.text().contains("usage"));
    let chunks = answer.event_json();
    assert_eq!(chunks.len(), 6);
    assert_ne!(chunks[0]["choices"][0]["text"], "");
    assert_eq!(chunks[5]["choices"][0]["finish_reason"], "stop");

    let told = streamed.replace("true", r#"true,"stream_options":{"include_usage":true}"#);
    let answer = bench.openai("/completions", &told, &[]).await;
    let chunks = answer.event_json();
    assert_eq!(chunks[0].get("usage"), Some(&Value::Null));
    assert_eq!(chunks[6]["choices"], json!([]));
    assert_eq!(chunks[6]["usage"]["completion_tokens"], 5);
    assert_eq!(answer.events().last().unwrap().data, "[DONE]");
}
