//! What else Google's API has: counting, embeddings, models, errors, keys, OpenAI's style.

use http::Method;
use serde_json::{Value, json};
use weir_standin::Settings;

use crate::client::Bench;

const PLAIN: &str = "/v1beta/models/gemini-2.0-flash:generateContent";
const ARRAY: &str = "/v1beta/models/gemini-2.0-flash:streamGenerateContent";
const BODY: &str = r#"{"contents":[{"parts":[{"text":"Hello there"}]}]}"#;

#[tokio::test]
async fn tokens_are_counted() {
    let bench = Bench::new().await;
    let path = "/v1/models/gemini-2.0-flash:countTokens";
    let count = bench.google(path, BODY, &[]).await.json();
    let usage = bench.google(PLAIN, BODY, &[]).await.json()["usageMetadata"].clone();
    assert_eq!(count["totalTokens"], usage["promptTokenCount"]);
    assert_eq!(count["promptTokensDetails"], usage["promptTokensDetails"]);
    let inner: Value = serde_json::from_str(BODY).unwrap();
    let outer = json!({"generateContentRequest": inner}).to_string();
    assert_eq!(bench.google(path, &outer, &[]).await.json(), count);
    assert_eq!(bench.google(path, "{}", &[]).await.status, 400);
}

#[tokio::test]
async fn embeddings_come_alone_and_in_batches() {
    let bench = Bench::new().await;
    let one = json!({"content": {"parts": [{"text": "a b"}]}, "outputDimensionality": 8});
    let path = "/v1beta/models/gemini-embedding-2:embedContent";
    let single = bench.google(path, &one.to_string(), &[]).await.json();
    assert_eq!(single["embedding"]["values"].as_array().unwrap().len(), 8);
    assert_eq!(single["usageMetadata"]["promptTokenCount"], 1);

    let mut named = one.clone();
    named["model"] = json!("models/gemini-embedding-2");
    let batch = json!({"requests": [named, one]}).to_string();
    let path = "/v1beta/models/gemini-embedding-2:batchEmbedContents";
    let several = bench.google(path, &batch, &[]).await.json();
    assert_eq!(several["embeddings"][1], single["embedding"]);
    assert_eq!(several["embeddings"].as_array().unwrap().len(), 2);
    assert_eq!(several["usageMetadata"]["promptTokenCount"], 2);

    let other = "/v1beta/models/gemini-embedding-001:batchEmbedContents";
    assert_eq!(bench.google(other, &batch, &[]).await.status, 400);
    let batch = batch.replace("embedding-2", "embedding-001");
    let silent = bench.google(other, &batch, &[]).await.json();
    assert!(silent.get("usageMetadata").is_none());
}

#[tokio::test]
async fn models_come_in_pages() {
    let bench = Bench::new().await;
    let first = bench.google("/v1/models?pageSize=4", "", &[]).await.json();
    assert_eq!(first["models"].as_array().unwrap().len(), 4);
    let next = first["nextPageToken"].as_str().unwrap();
    let path = format!("/v1beta/models?pageSize=100&pageToken={next}");
    let last = bench.google(&path, "", &[]).await.json();
    assert!(last.get("nextPageToken").is_none());
    let name = first["models"][0]["name"].as_str().unwrap();
    assert!(name.starts_with("models/gemini-"));
    let one = bench.google(&format!("/v1/{name}"), "", &[]).await.json();
    assert_eq!(one, first["models"][0]);
    assert_eq!(
        bench.google("/v1/models/missing", "", &[]).await.status,
        404
    );
}

#[tokio::test]
async fn errors_have_googles_shape() {
    let bench = Bench::new().await;
    for (status, name) in [
        ("400", "INVALID_ARGUMENT"),
        ("403", "PERMISSION_DENIED"),
        ("404", "NOT_FOUND"),
        ("429", "RESOURCE_EXHAUSTED"),
        ("500", "INTERNAL"),
        ("503", "UNAVAILABLE"),
    ] {
        let wish = [("x-standin-status", status)];
        let answer = bench.google(PLAIN, BODY, &wish).await;
        assert_eq!(answer.status.as_str(), status);
        let error = &answer.any_json()["error"];
        assert_eq!(error["status"], name);
        assert_eq!(error["code"].to_string(), status);
        assert_eq!(answer.header("retry-after"), "");
        let delay = &error["details"][0]["retryDelay"];
        assert_eq!(delay == "7s", matches!(status, "429" | "503"));
        let array = bench.google(ARRAY, BODY, &wish).await.any_json();
        assert_eq!(&array[0]["error"], error);
    }
    let path = "/v1beta/models/missing:generateContent";
    assert_eq!(bench.google(path, BODY, &[]).await.status, 404);
    let nothing = bench.google(PLAIN, "{}", &[]).await;
    assert_eq!(nothing.any_json()["error"]["status"], "INVALID_ARGUMENT");
}

#[tokio::test]
async fn the_key_has_one_place() {
    let bench = Bench::with(Settings {
        required_key: Some("AIza-right".to_owned()),
        ..Settings::default()
    })
    .await;
    let with_key = format!("{PLAIN}?key=AIza-right");
    let right = ("x-goog-api-key", "AIza-right");
    for (path, headers, status) in [
        (PLAIN, vec![right], 200),
        (PLAIN, vec![("x-goog-api-key", "AIza-wrong")], 400),
        (PLAIN, vec![], 403),
        (&*with_key, vec![right], 400),
        (&*with_key, vec![], 400),
        (PLAIN, vec![("authorization", "Bearer AIza-right")], 400),
        (
            PLAIN,
            vec![right, ("authorization", "Bearer AIza-right")],
            400,
        ),
        ("/v1/models?key=AIza-right", vec![], 400),
    ] {
        let method = if path.contains(':') {
            Method::POST
        } else {
            Method::GET
        };
        let request = bench.request(method, path, &headers, BODY);
        let answer = bench.send(request).await;
        assert_eq!(answer.status, status, "{path} {headers:?}");
        if status == 400 {
            let details = &answer.any_json()["error"]["details"];
            assert_eq!(details[0]["reason"], "API_KEY_INVALID");
            assert_eq!(details[0]["domain"], "googleapis.com");
        }
    }
}

#[tokio::test]
async fn openais_style_is_spoken_too() {
    let bench = Bench::new().await;
    let body = r#"{"model":"gemini-2.5-flash","messages":[],"max_tokens":4}"#;
    let path = "/v1beta/openai/chat/completions";
    let answer = bench.openai(path, body, &[]).await.json();
    assert_eq!(answer["object"], "chat.completion");
    assert_eq!(answer["usage"]["completion_tokens"], 4);
    let key = [("x-goog-api-key", "AIza-a")];
    let request = bench.request(Method::POST, path, &key, body);
    assert_eq!(bench.send(request).await.status, 401);
    let list = bench.openai("/v1beta/openai/models", "", &[]).await.json();
    assert_eq!(list["data"][0]["id"], "models/gemini-2.5-flash");
    let body = r#"{"model":"gemini-embedding-2","input":"x"}"#;
    let answer = bench.openai("/v1beta/openai/embeddings", body, &[]).await;
    assert_eq!(answer.json()["object"], "list");
}
