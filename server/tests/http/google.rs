//! Google AI: its own paths and its OpenAI-style ones, its key's places, its shapes.

use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use crate::support::{UPSTREAM_KEY, World, call_id, world};

const MODEL: &str = "gemini-3-pro-preview";

async fn google() -> World {
    let world = world().await;
    let provider = json!({ "id": "gemini", "display_name": "Gemini", "type": "google_ai",
        "base_url": world.upstream.base_url(), "api_key": "UPSTREAM_KEY" });
    world.api(Method::POST, "/api/v1/providers", provider).await;
    world
}

fn prompt() -> Value {
    json!({ "contents": [{ "role": "user", "parts": [{ "text": "Hello there" }] }] })
}

/// A call as Google's SDK makes it.
fn call(world: &World, path: &str, body: &Value) -> RequestBuilder {
    world
        .client
        .post(world.url(&format!("/llm/v1/providers/gemini{path}")))
        .header("x-goog-api-key", &world.token)
        .json(body)
}

fn direct(world: &World, path: &str, body: &Value) -> RequestBuilder {
    world
        .client
        .post(format!("{}{path}", world.upstream.base_url()))
        .header("x-goog-api-key", UPSTREAM_KEY)
        .json(body)
}

#[tokio::test]
async fn every_operation_is_metered_and_priced_as_what_it_is() {
    let world = google().await;
    let model = |method: &str| format!("/v1beta/models/{MODEL}:{method}");
    let embedding = |method: &str| format!("/v1beta/models/gemini-embedding-001:{method}");
    let content = prompt()["contents"][0].clone();
    let chat = json!({ "model": MODEL, "messages": [{ "role": "user", "content": "Hi" }] });
    let mut streamed = chat.clone();
    streamed["stream"] = json!(true);
    for (path, body, operation, is_stream, priced) in [
        (model("generateContent"), prompt(), "generate", false, true),
        (
            format!("/v1/models/{MODEL}:generateContent"),
            prompt(),
            "generate",
            false,
            true,
        ),
        (
            format!("/v1alpha/models/{MODEL}:generateContent"),
            prompt(),
            "generate",
            false,
            true,
        ),
        (
            model("streamGenerateContent?alt=sse"),
            prompt(),
            "generate",
            true,
            true,
        ),
        (
            model("streamGenerateContent"),
            prompt(),
            "generate",
            true,
            true,
        ),
        (model("countTokens"), prompt(), "count_tokens", false, false),
        (
            embedding("embedContent"),
            json!({ "content": content }),
            "embeddings",
            false,
            true,
        ),
        (
            embedding("batchEmbedContents"),
            json!({ "requests": [{ "model": "models/gemini-embedding-001", "content": content }] }),
            "embeddings",
            false,
            true,
        ),
    ] {
        let response = call(&world, &path, &body).send().await.unwrap();
        let status = response.status();
        let id = call_id(response.headers());
        let text = response.text().await.unwrap();
        assert_eq!(status, StatusCode::OK, "{path}: {text}");
        let row = world.row(&id).await;
        assert_eq!(
            (&row["operation"], &row["streamed"], &row["outcome"]),
            (&json!(operation), &json!(is_stream), &json!("ok")),
            "{path}: {row}"
        );
        if priced {
            assert!(
                ["priced", "estimated"].contains(&row["price_state"].as_str().unwrap()),
                "{path}: {row}"
            );
            assert!(
                row["tokens"]["input"].as_u64().unwrap() > 0,
                "{path}: {row}"
            );
        } else {
            assert_eq!(row["price_state"], "not_billed", "{path}");
        }
    }
    for body in [chat, streamed] {
        let response = world
            .client
            .post(world.url("/llm/v1/providers/gemini/v1beta/openai/chat/completions"))
            .bearer_auth(&world.token)
            .json(&body)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let id = call_id(response.headers());
        let text = response.text().await.unwrap();
        assert!(
            !text.contains("\"choices\":[]"),
            "Weir's own chunk is taken out: {text}"
        );
        let row = world.row(&id).await;
        assert_eq!(
            (&row["operation"], &row["price_state"]),
            (&json!("chat"), &json!("priced")),
            "{row}"
        );
    }
    assert_eq!(world.upstream.leaks(), Vec::<String>::new());
}

#[tokio::test]
async fn the_answers_pass_byte_for_byte_and_cost_the_same_streamed_or_not() {
    let world = google().await;
    let mut costs = Vec::new();
    for method in [
        "generateContent",
        "streamGenerateContent?alt=sse",
        "streamGenerateContent",
    ] {
        let path = format!("/v1beta/models/{MODEL}:{method}");
        let reference = direct(&world, &path, &prompt()).send().await.unwrap();
        let reference = reference.bytes().await.unwrap();
        let step = (reference.len() / 40).max(1);
        let cuts = (1..reference.len())
            .step_by(step)
            .map(|cut| cut.to_string());
        for cut in cuts.chain(["every".to_owned()]) {
            let through = call(&world, &path, &prompt())
                .header("x-standin-cut", &cut)
                .send()
                .await
                .unwrap();
            let id = call_id(through.headers());
            let bytes = through.bytes().await.unwrap();
            assert_eq!(bytes, reference, "{method}, cut at {cut}");
            costs.push(world.row(&id).await["cost_usd"]["total"].clone());
        }
    }
    assert!(
        costs
            .iter()
            .all(|cost| cost.is_string() && *cost == costs[0]),
        "{costs:?}"
    );
}

#[tokio::test]
async fn the_key_is_taken_from_its_places_and_goes_up_in_one() {
    let world = google().await;
    let path = format!("/v1beta/models/{MODEL}:generateContent");
    let address = world.url(&format!("/llm/v1/providers/gemini{path}"));
    let post = |address: &str| world.client.post(address).json(&prompt());
    for request in [
        post(&address).header("x-goog-api-key", &world.token),
        post(&format!("{address}?key={}", world.token)),
        post(&format!("{address}?alt=json&k%65y={}", world.token)),
        post(&address).header("x-weir-token", &world.token),
    ] {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
    }
    for seen in world.upstream.requests() {
        assert!(
            !seen.path_and_query.contains("wr_") && !seen.path_and_query.contains("key="),
            "{seen:?}"
        );
        assert_eq!(seen.headers["x-goog-api-key"], UPSTREAM_KEY);
        assert!(!seen.headers.contains_key("authorization"));
    }
    let bearer = post(&address)
        .bearer_auth(&world.token)
        .send()
        .await
        .unwrap();
    assert_eq!(bearer.status(), StatusCode::UNAUTHORIZED);
    let error: Value = bearer.json().await.unwrap();
    assert_eq!(
        (
            &error["error"]["code"],
            &error["error"]["status"],
            &error["error"]["details"][0]["reason"]
        ),
        (
            &json!(401),
            &json!("UNAUTHENTICATED"),
            &json!("token_missing")
        ),
        "{error}"
    );
    assert!(
        error["error"]["message"]
            .as_str()
            .unwrap()
            .contains("x-goog-api-key")
    );
}

#[tokio::test]
async fn the_model_in_the_path_is_checked_against_the_list() {
    let world = google().await;
    world
        .api(
            Method::PATCH,
            "/api/v1/providers/gemini",
            json!({ "models": [{ "id": MODEL, "rates": { "output": "0" } }] }),
        )
        .await;
    let allowed = call(
        &world,
        &format!("/v1beta/models/{MODEL}:generateContent"),
        &prompt(),
    );
    let response = allowed.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let row = world.row(&call_id(response.headers())).await;
    assert_eq!(
        row["rates"]["output"],
        json!({ "usd_per_mtok": "0", "source": "override" })
    );
    for path in [
        "/v1beta/models/gemini-2.5-pro:generateContent",
        "/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse",
    ] {
        let response = call(&world, path, &prompt()).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
        let error: Value = response.json().await.unwrap();
        assert_eq!(error["error"]["status"], "PERMISSION_DENIED");
        assert_eq!(error["error"]["details"][0]["reason"], "model_not_allowed");
    }
}

#[tokio::test]
async fn errors_of_google_pass_and_weirs_key_in_them_does_not() {
    let world = google().await;
    let path = format!("/v1beta/models/{MODEL}:generateContent");
    let response = call(&world, &path, &prompt())
        .header("x-standin-status", "429")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    let row = world.row(&call_id(response.headers())).await;
    let error: Value = response.json().await.unwrap();
    assert_eq!(error["error"]["status"], "RESOURCE_EXHAUSTED");
    assert_eq!(
        (&row["outcome"], &row["price_state"]),
        (&json!("upstream_error"), &json!("not_billed"))
    );
    let response = call(&world, &path, &prompt())
        .header("x-standin-error-body", "echo-auth")
        .send()
        .await
        .unwrap();
    let text = response.text().await.unwrap();
    assert!(
        text.contains("[redacted]") && !text.contains(UPSTREAM_KEY),
        "{text}"
    );
}

#[tokio::test]
async fn the_connection_is_tested_and_the_models_are_listed() {
    let world = google().await;
    let test = world
        .api(
            Method::POST,
            "/api/v1/providers/gemini/test",
            json!({ "model": MODEL }),
        )
        .await;
    assert_eq!(test["ok"], true, "{test}");
    assert_eq!(test["price_state"], "priced");
    world
        .api(
            Method::PUT,
            "/api/v1/secrets/UPSTREAM_KEY",
            json!({ "value": "wrong" }),
        )
        .await;
    let bad = world
        .api(
            Method::POST,
            "/api/v1/providers/gemini/test",
            json!({ "model": MODEL }),
        )
        .await;
    assert_eq!(
        (&bad["failure"]["stage"], &bad["failure"]["symptom"]),
        (&json!("sign_in"), &json!("unauthorized")),
        "Google says 400 to a wrong key: {bad}"
    );
    world
        .api(
            Method::PUT,
            "/api/v1/secrets/UPSTREAM_KEY",
            json!({ "value": UPSTREAM_KEY }),
        )
        .await;
    let models = world.admin_models("gemini").await.unwrap();
    assert!(
        models.iter().any(|model| model.starts_with("gemini-")),
        "{models:?}"
    );
}
