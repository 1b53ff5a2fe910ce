//! Embeddings, models, and the paths beyond text.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::client::Bench;

#[tokio::test]
async fn the_same_text_has_the_same_vector_in_both_encodings() {
    let bench = Bench::new().await;
    let body = json!({"model": "text-embedding-3-small", "input": ["a b", "c"], "dimensions": 8});
    let floats = bench
        .openai("/v1/embeddings", &body.to_string(), &[])
        .await
        .json();
    assert_eq!(floats["object"], "list");
    assert_eq!(
        floats["usage"],
        json!({"prompt_tokens": 2, "total_tokens": 2})
    );
    let first: Vec<f32> = serde_json::from_value(floats["data"][0]["embedding"].clone()).unwrap();
    assert_eq!(first.len(), 8);
    let length: f32 = first.iter().map(|number| number * number).sum();
    assert!((length - 1.0).abs() < 0.001);

    let mut as_text = body.clone();
    as_text["encoding_format"] = json!("base64");
    let coded = bench
        .openai("/embeddings", &as_text.to_string(), &[])
        .await
        .json();
    let bytes = STANDARD
        .decode(coded["data"][0]["embedding"].as_str().unwrap())
        .unwrap();
    let decoded: Vec<f32> = bytes
        .as_chunks::<4>()
        .0
        .iter()
        .map(|number| f32::from_le_bytes(*number))
        .collect();
    assert_eq!(decoded, first);
    assert_ne!(coded["data"][0]["embedding"], coded["data"][1]["embedding"]);
}

#[tokio::test]
async fn embeddings_take_every_kind_of_input() {
    let bench = Bench::new().await;
    for (input, vectors, tokens) in [
        (json!("Hello there"), 1, 3),
        (json!([1, 2, 3]), 1, 3),
        (json!([[1, 2], [3]]), 2, 3),
    ] {
        let body = json!({"model": "text-embedding-3-large", "input": input}).to_string();
        let body = bench.openai("/v1/embeddings", &body, &[]).await.json();
        assert_eq!(body["data"].as_array().unwrap().len(), vectors);
        assert_eq!(body["data"][0]["embedding"].as_array().unwrap().len(), 3072);
        assert_eq!(body["usage"]["prompt_tokens"], tokens);
    }
}

#[tokio::test]
async fn models_are_listed_for_whoever_asks() {
    let bench = Bench::new().await;
    let list = bench.openai("/v1/models", "", &[]).await.json();
    assert_eq!(list["object"], "list");
    assert_eq!(list["data"][0]["object"], "model");
    let one = bench.openai("/models/gpt-5", "", &[]).await.json();
    assert_eq!(one["id"], "gpt-5");
    let missing = bench.openai("/models/missing", "", &[]).await;
    assert_eq!(missing.status, 404);
    assert_eq!(missing.any_json()["error"]["code"], "model_not_found");

    let list = bench.anthropic("/v1/models?limit=2", "", &[]).await.json();
    assert_eq!(list["data"][0]["type"], "model");
    assert_eq!(list["has_more"], true);
    let last = list["last_id"].as_str().unwrap();
    let rest = format!("/v1/models?after_id={last}");
    let rest = bench.anthropic(&rest, "", &[]).await.json();
    assert_eq!(rest["data"].as_array().unwrap().len(), 3);
    assert_eq!(rest["has_more"], false);
    let before = format!("/v1/models?before_id={last}");
    let before = bench.anthropic(&before, "", &[]).await.json();
    assert_eq!(before["data"].as_array().unwrap().len(), 1);
    let one = bench.anthropic("/v1/models/claude-opus-5", "", &[]).await;
    assert_eq!(one.json()["display_name"], "Claude Opus 5");
}

#[tokio::test]
async fn files_and_images_answer() {
    let bench = Bench::new().await;
    let files = bench.openai("/v1/files", "", &[]).await.json();
    assert_eq!(files["data"][0]["object"], "file");
    let body = r#"{"model":"gpt-image-1","prompt":"a weir"}"#;
    let images = bench.openai("/images/generations", body, &[]).await.json();
    assert!(images["data"][0]["b64_json"].is_string());
    assert_eq!(images["usage"]["output_tokens"], 1056);
}

#[tokio::test]
async fn unknown_paths_and_methods_are_refused_in_the_providers_shape() {
    let bench = Bench::new().await;
    let answer = bench.openai("/v1/nowhere", "", &[]).await;
    assert_eq!(answer.status, 404);
    assert_eq!(
        answer.any_json()["error"]["message"],
        "Invalid URL (GET /v1/nowhere)"
    );
    let answer = bench.openai("/v1/chat/completions", "", &[]).await;
    assert_eq!(answer.status, 405);
    let answer = bench.anthropic("/v1/nowhere", "", &[]).await;
    assert_eq!(answer.status, 404);
    assert_eq!(answer.any_json()["error"]["type"], "not_found_error");
}
