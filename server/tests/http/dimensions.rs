//! How long the vectors of embedding models are: what a test of the connection was answered and what the catalog
//! says, for every type that has such models.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::world;

#[tokio::test]
async fn a_test_tells_what_came_beside_what_the_catalog_says() {
    let world = world().await;
    let base = world.upstream.base_url();
    let bearer = json!({ "mode": "bearer", "api_key": "UPSTREAM_KEY" });
    for (id, provider) in [
        (
            "gemini",
            json!({ "type": "google_ai", "base_url": base, "api_key": "UPSTREAM_KEY" }),
        ),
        (
            "bedrock",
            json!({ "type": "bedrock", "region": "us-east-1", "base_url": base, "credentials": bearer }),
        ),
        (
            "together",
            json!({ "type": "openai_compatible", "preset": "together_ai", "base_url": format!("{base}/v1"), "api_key": "UPSTREAM_KEY",
                "models": [{ "id": "BAAI/bge-base-en-v1.5" }, { "id": "ours", "price_as": "BAAI/bge-base-en-v1.5" }] }),
        ),
        (
            "cohere",
            json!({ "type": "cohere", "base_url": base, "api_key": "UPSTREAM_KEY" }),
        ),
    ] {
        let mut new = json!({ "id": id, "display_name": id });
        let rest = provider.as_object().unwrap().clone();
        new.as_object_mut().unwrap().extend(rest);
        world.api(Method::POST, "/api/v1/providers", new).await;
    }
    for (provider, model, dimensions, in_catalog) in [
        ("openai-main", "text-embedding-3-small", 1536, Some(1536)),
        ("openai-main", "text-embedding-3-large", 3072, Some(3072)),
        // The stand-in's vectors are not always as long as the real ones.
        ("gemini", "gemini-embedding-2", 768, Some(3072)),
        ("bedrock", "amazon.titan-embed-text-v2:0", 1024, Some(1024)),
        // Told by Azure alone of the model, which is the same.
        ("bedrock", "cohere.embed-english-v3", 1024, Some(1024)),
        ("together", "BAAI/bge-base-en-v1.5", 1536, Some(768)),
        ("together", "ours", 1536, Some(768)),
        ("cohere", "embed-v4.0", 1536, Some(1536)),
        ("cohere", "embed-english-light-v3.0", 384, None),
    ] {
        let path = format!("/api/v1/providers/{provider}/test");
        let told = world
            .api(Method::POST, &path, json!({ "model": model }))
            .await;
        assert_eq!(
            (&told["ok"], &told["vector"]),
            (
                &json!(true),
                &json!({ "dimensions": dimensions, "in_catalog": in_catalog })
            ),
            "{provider} {model}: {told}"
        );
    }
    let chat = world
        .api(
            Method::POST,
            "/api/v1/providers/openai-main/test",
            json!({ "model": "gpt-4o" }),
        )
        .await;
    assert_eq!(chat["vector"], Value::Null, "{chat}");
}
