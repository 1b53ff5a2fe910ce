//! Cohere: its own API and OpenAI's below it, what it bills, its errors, its list of models.

use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use crate::support::{UPSTREAM_KEY, World, call_id, world};

const MODEL: &str = "command-a-03-2025";

async fn cohere() -> World {
    let world = world().await;
    let provider = json!({ "id": "cohere", "display_name": "Cohere", "type": "cohere",
        "base_url": world.upstream.base_url(), "api_key": "UPSTREAM_KEY" });
    world.api(Method::POST, "/api/v1/providers", provider).await;
    world
}

/// A call as Cohere's SDK makes it.
fn call(world: &World, path: &str, body: &Value) -> RequestBuilder {
    world
        .client
        .post(world.url(&format!("/llm/v1/providers/cohere{path}")))
        .bearer_auth(&world.token)
        .json(body)
}

fn prompt(streamed: bool) -> Value {
    json!({ "model": MODEL, "stream": streamed, "max_tokens": 20,
        "messages": [{ "role": "user", "content": "Hello there" }] })
}

fn embed() -> Value {
    json!({ "model": "embed-v4.0", "texts": ["Hello", "there"], "input_type": "search_document", "embedding_types": ["float"] })
}

fn images() -> Value {
    json!({ "model": "embed-v4.0", "images": ["data:image/png;base64,AAAA"], "input_type": "image", "embedding_types": ["float"] })
}

fn rerank() -> Value {
    json!({ "model": "rerank-v3.5", "query": "Hello?", "documents": ["a", "b"] })
}

/// Makes a call that must succeed; its answer and its row.
async fn made(world: &World, request: RequestBuilder) -> (String, Value) {
    let response = request.send().await.unwrap();
    let status = response.status();
    let id = call_id(response.headers());
    let text = response.text().await.unwrap();
    assert_eq!(status, StatusCode::OK, "{text}");
    (text, world.row(&id).await)
}

#[tokio::test]
async fn every_operation_is_metered_and_priced_as_what_it_is() {
    let world = cohere().await;
    for (path, body, operation, streamed, price_state) in [
        ("/v2/chat", prompt(false), "cohere_chat", false, "priced"),
        ("/v2/chat", prompt(true), "cohere_chat", true, "priced"),
        ("/v2/embed", embed(), "embeddings", false, "priced"),
        ("/v2/embed", images(), "embeddings", false, "priced"),
        ("/v2/rerank", rerank(), "rerank", false, "unpriced"),
        (
            "/v1/tokenize",
            json!({ "model": MODEL, "text": "Hello" }),
            "count_tokens",
            false,
            "not_billed",
        ),
        (
            "/compatibility/v1/chat/completions",
            prompt(false),
            "chat",
            false,
            "priced",
        ),
        (
            "/compatibility/v1/chat/completions",
            prompt(true),
            "chat",
            true,
            "priced",
        ),
        (
            "/compatibility/v1/embeddings",
            json!({ "model": "embed-v4.0", "input": "Hello" }),
            "embeddings",
            false,
            "priced",
        ),
    ] {
        let (text, row) = made(&world, call(&world, path, &body)).await;
        assert_eq!(
            (
                &row["operation"],
                &row["streamed"],
                &row["outcome"],
                &row["price_state"]
            ),
            (
                &json!(operation),
                &json!(streamed),
                &json!("ok"),
                &json!(price_state)
            ),
            "{path}: {row}"
        );
        assert_eq!(row["usage_mismatch"], false, "{path}: {row}");
        assert!(
            !text.contains("\"choices\":[]"),
            "Weir's chunk is taken out"
        );
        match operation {
            "rerank" => {
                assert_eq!(row["searches"], 1, "{row}");
                assert_eq!(row["cost_usd"]["total"], Value::Null, "{row}");
            }
            "count_tokens" => {}
            _ => {
                let input = ["input", "input_image"].map(|bucket| row["tokens"][bucket].as_u64());
                assert!(
                    input.iter().flatten().any(|count| *count > 0),
                    "{path}: {row}"
                );
            }
        }
    }
    for seen in world.upstream.requests() {
        assert_eq!(
            seen.headers["authorization"],
            format!("Bearer {UPSTREAM_KEY}")
        );
    }
    assert_eq!(world.upstream.leaks(), Vec::<String>::new());
}

#[tokio::test]
async fn the_answers_pass_byte_for_byte_and_cost_the_same_streamed_or_not() {
    let world = cohere().await;
    for path in ["/v2/chat", "/compatibility/v1/chat/completions"] {
        let mut costs = Vec::new();
        for streamed in [false, true] {
            // What is asked for is the same, but for this one word.
            let mut body = prompt(streamed);
            body["tools"] = json!([{ "type": "function", "function": { "name": "look" } }]);
            let (reference, row) = made(&world, call(&world, path, &body)).await;
            let cost = &row["cost_usd"]["total"];
            assert!(!cost.is_null(), "{path}: {row}");
            costs.push((row["tokens"]["output"].clone(), cost.clone()));
            let step = (reference.len() / 20).max(1);
            let cuts = (1..reference.len())
                .step_by(step)
                .map(|cut| cut.to_string());
            for cut in cuts.chain(["every".to_owned()]) {
                let request = call(&world, path, &body).header("x-standin-cut", &cut);
                let (text, cut_row) = made(&world, request).await;
                assert_eq!(text, reference, "{path}, cut at {cut}");
                assert_eq!(cut_row["cost_usd"], row["cost_usd"], "{path}, cut at {cut}");
            }
        }
        assert_eq!(costs[0], costs[1], "{path}");
    }
}

#[tokio::test]
async fn what_is_billed_counts_and_a_fraction_shows() {
    let world = cohere().await;
    let asked = |usage: &str| {
        call(&world, "/v2/chat", &prompt(true)).header("x-standin-usage", usage.to_owned())
    };
    let (_, row) = made(
        &world,
        asked(r#"{"billed_units":{"input_tokens":100.0,"output_tokens":5},"tokens":{"input_tokens":180,"output_tokens":6},"cached_tokens":64}"#),
    )
    .await;
    assert_eq!(
        (
            &row["tokens"]["input"],
            &row["tokens"]["cached_input"],
            &row["tokens"]["output"]
        ),
        (&json!(36), &json!(64), &json!(5)),
        "{row}"
    );
    // The catalog has no rate for what is cached: it costs what input costs, and says so.
    assert_eq!(row["rates"]["cached_input"]["source"], "input");
    assert_eq!(row["cost_usd"]["total"], "0.000300000");
    let (_, row) = made(
        &world,
        asked(r#"{"billed_units":{"input_tokens":12.5,"output_tokens":5}}"#),
    )
    .await;
    assert_eq!(
        (&row["tokens"]["input"], &row["usage_mismatch"]),
        (&json!(13), &json!(true)),
        "{row}"
    );
    let silent = call(&world, "/v2/chat", &prompt(true)).header("x-standin-usage", "none");
    let (_, row) = made(&world, silent).await;
    assert_eq!(row["price_state"], "estimated", "{row}");
    let silent = call(&world, "/v2/rerank", &rerank()).header("x-standin-usage", "none");
    let (_, row) = made(&world, silent).await;
    assert_eq!(
        (
            &row["price_state"],
            &row["searches"],
            &row["tokens"]["input"]
        ),
        (&json!("unpriced"), &json!(1), &Value::Null),
        "{row}"
    );
    // Images have no text that could be counted, so nobody knows what they cost.
    let silent = call(&world, "/v2/embed", &images()).header("x-standin-usage", "none");
    let (_, row) = made(&world, silent).await;
    assert_eq!(
        (
            &row["price_state"],
            &row["cost_usd"]["total"],
            &row["tokens"]["input"]
        ),
        (&json!("unpriced"), &Value::Null, &Value::Null),
        "{row}"
    );
}

#[tokio::test]
async fn errors_keep_the_shape_of_the_api_that_was_spoken() {
    let world = cohere().await;
    for (path, compatible) in [
        ("/v2/chat", false),
        ("/compatibility/v1/chat/completions", true),
    ] {
        let stranger = world
            .client
            .post(world.url(&format!("/llm/v1/providers/cohere{path}")))
            .bearer_auth("wr_nobody")
            .json(&prompt(false));
        let response = stranger.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        let code = response.headers().get("x-weir-error-code").cloned();
        let error: Value = response.json().await.unwrap();
        if compatible {
            assert_eq!(error["error"]["code"], "token_unknown", "{error}");
        } else {
            assert_eq!(code.unwrap(), "token_unknown");
            assert!(
                error["message"].is_string() && error["error"].is_null(),
                "{error}"
            );
        }
        for status in ["429", "498", "500"] {
            let response = call(&world, path, &prompt(true))
                .header("x-standin-status", status)
                .send()
                .await
                .unwrap();
            assert_eq!(response.status().as_str(), status);
            if status == "429" {
                assert_eq!(response.headers()["retry-after"], "7");
            }
            let row = world.row(&call_id(response.headers())).await;
            assert_eq!(
                (&row["outcome"], &row["price_state"]),
                (&json!("upstream_error"), &json!("not_billed"))
            );
        }
        let broken = call(&world, path, &prompt(true))
            .header("x-standin-error-after", "6")
            .send()
            .await
            .unwrap();
        let id = call_id(broken.headers());
        broken.text().await.unwrap();
        let row = world.row(&id).await;
        assert_eq!(
            (&row["outcome"], &row["price_state"]),
            (&json!("upstream_error"), &json!("estimated")),
            "{path}: {row}"
        );
    }
    let cut = call(&world, "/v2/chat", &prompt(true)).header("x-standin-end-after", "8");
    let (_, row) = made(&world, cut).await;
    assert_eq!(
        (&row["outcome"], &row["price_state"]),
        (&json!("truncated"), &json!("estimated")),
        "{row}"
    );
    let echo = call(&world, "/v2/chat", &prompt(false)).header("x-standin-error-body", "echo-auth");
    let text = echo.send().await.unwrap().text().await.unwrap();
    assert!(
        text.contains("[redacted]") && !text.contains(UPSTREAM_KEY),
        "{text}"
    );
}

#[tokio::test]
async fn only_what_is_metered_is_open_and_models_are_checked() {
    let world = cohere().await;
    let older = call(
        &world,
        "/v1/chat",
        &json!({ "model": MODEL, "message": "Hi" }),
    );
    let response = older.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert_eq!(
        response.headers()["x-weir-error-code"],
        "operation_not_allowed"
    );
    world
        .api(
            Method::PATCH,
            "/api/v1/providers/cohere",
            json!({ "models": [{ "id": "embed-v4.0" }] }),
        )
        .await;
    for (path, body) in [("/v2/chat", prompt(false)), ("/v2/rerank", rerank())] {
        let response = call(&world, path, &body).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "{path}");
    }
    made(&world, call(&world, "/v2/embed", &embed())).await;
}

#[tokio::test]
async fn the_connection_is_tested_and_the_models_are_listed_page_by_page() {
    let world = cohere().await;
    for (model, price_state) in [
        (MODEL, "priced"),
        ("embed-v4.0", "priced"),
        ("rerank-v3.5", "unpriced"),
    ] {
        let test = world
            .api(
                Method::POST,
                "/api/v1/providers/cohere/test",
                json!({ "model": model }),
            )
            .await;
        assert_eq!(test["ok"], true, "{test}");
        assert_eq!(test["price_state"], price_state, "{test}");
    }
    let test = |model: &'static str| {
        world.api(
            Method::POST,
            "/api/v1/providers/cohere/test",
            json!({ "model": model }),
        )
    };
    for (model, vector) in [
        (MODEL, Value::Null),
        (
            "embed-v4.0",
            json!({ "dimensions": 1536, "in_catalog": 1536 }),
        ),
        // The stand-in's vectors of it are shorter than those that the catalog tells of.
        (
            "embed-v5.0-fast",
            json!({ "dimensions": 1024, "in_catalog": 2048 }),
        ),
        // Nobody tells of it.
        (
            "embed-english-light-v3.0",
            json!({ "dimensions": 384, "in_catalog": null }),
        ),
        ("rerank-v3.5", Value::Null),
    ] {
        let told = test(model).await;
        assert_eq!(
            (&told["vector"], &told["ok"]),
            (&vector, &json!(true)),
            "{told}"
        );
    }
    let listed = world.admin_models("cohere").await.unwrap();
    assert_eq!(
        listed,
        [
            "command-a-03-2025",
            "command-r-08-2024",
            "command-r7b-12-2024",
            "embed-english-v3.0",
            "embed-v4.0",
            "rerank-v3.5"
        ]
    );
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
            "/api/v1/providers/cohere/test",
            json!({ "model": MODEL }),
        )
        .await;
    assert_eq!(
        (&bad["failure"]["stage"], &bad["failure"]["symptom"]),
        (&json!("sign_in"), &json!("unauthorized")),
        "{bad}"
    );
    let advice = bad["failure"]["advice"].as_str().unwrap();
    assert!(advice.contains("API keys page"), "{advice}");
    assert!(
        world
            .admin_models("cohere")
            .await
            .unwrap_err()
            .contains("UPSTREAM_KEY")
    );
}

#[tokio::test]
async fn the_discovery_document_tells_the_paths_and_how_long_vectors_are() {
    let world = cohere().await;
    let models = json!([{ "id": "embed-v4.0" }, { "id": MODEL }, { "id": "embed-of-ours" }]);
    world
        .api(
            Method::PATCH,
            "/api/v1/providers/cohere",
            json!({ "models": models }),
        )
        .await;
    let found = world
        .client
        .get(world.url("/llm/v1/providers/cohere/.well-known/weir"))
        .bearer_auth(&world.token)
        .send()
        .await
        .unwrap();
    let found: Value = found.json().await.unwrap();
    assert_eq!(found["type"], "cohere");
    let models = found["models"].as_array().unwrap();
    let told: Vec<_> = models
        .iter()
        .map(|model| model["embedding_dimensions"].as_u64())
        .collect();
    assert_eq!(told, [Some(1536), None, None], "{found}");
    let paths = found["paths"].as_array().unwrap();
    assert!(paths.contains(&json!("/v2/rerank")), "{found}");
}
