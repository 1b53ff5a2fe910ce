//! What goes up, what comes down, and the row that is left.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{UPSTREAM_KEY, a_chat, a_message, call_id, streamed, world};

#[tokio::test]
async fn a_plain_chat_is_forwarded_metered_and_priced() {
    let world = world().await;
    let usage = json!({ "prompt_tokens": 5200, "completion_tokens": 300, "total_tokens": 5500,
        "prompt_tokens_details": { "cached_tokens": 4096, "cache_write_tokens": 1000 },
        "completion_tokens_details": { "reasoning_tokens": 192 } });
    let response = world
        .chat(&a_chat())
        .header("x-standin-usage", usage.to_string())
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let id = call_id(response.headers());
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["object"], "chat.completion");

    let row = world.row(&id).await;
    assert_eq!(row["provider"], "openai-main");
    assert_eq!(row["model"], "gpt-5-mini");
    assert_eq!(row["operation"], "chat");
    assert_eq!(row["outcome"], "ok");
    assert_eq!(row["price_state"], "priced");
    assert_eq!(row["tokens"]["input"], 104);
    assert_eq!(row["tokens"]["cached_input"], 4096);
    assert_eq!(row["tokens"]["cache_write_30m"], 1000);
    assert_eq!(row["tokens"]["output"], 300);
    assert_eq!(row["tokens"]["reasoning"], 192);
    assert_eq!(row["tokens"]["cache_write_1h"], Value::Null);
    // gpt-5-mini: input 0.25, cached 0.025, output 2; no rate for writes, so they bill as input.
    // 104 × 0.25 + 4096 × 0.025 + 1000 × 0.25 + 300 × 2 = 26 + 102.4 + 250 + 600 = 978.4 µ$.
    assert_eq!(row["cost_usd"]["total"], "0.000978400");
    assert_eq!(
        row["rates"]["cache_write_30m"],
        json!({ "usd_per_mtok": "0.25", "source": "input" })
    );
    assert_eq!(row["usage_mismatch"], false);
}

#[tokio::test]
async fn streamed_and_plain_calls_cost_the_same() {
    let world = world().await;
    let chat = json!({ "prompt_tokens": 900, "completion_tokens": 77, "total_tokens": 977, "prompt_tokens_details": { "cached_tokens": 512 } });
    let message = json!({ "input_tokens": 120, "cache_read_input_tokens": 4096, "cache_creation_input_tokens": 1500,
        "cache_creation": { "ephemeral_5m_input_tokens": 500, "ephemeral_1h_input_tokens": 1000 }, "output_tokens": 300,
        "output_tokens_details": { "thinking_tokens": 192 }, "server_tool_use": { "web_search_requests": 1 } });
    for (provider, path, body, usage) in [
        ("openai-main", "/chat/completions", a_chat(), chat),
        ("anthropic-main", "/v1/messages", a_message(), message),
    ] {
        let mut rows = Vec::new();
        for body in [body.clone(), streamed(body)] {
            let response = world
                .call(provider, path, &body)
                .header("x-standin-usage", usage.to_string())
                .send()
                .await
                .unwrap();
            let id = call_id(response.headers());
            response.bytes().await.unwrap();
            rows.push(world.row(&id).await);
        }
        for field in [
            "tokens",
            "cost_usd",
            "rates",
            "price_state",
            "searches",
            "model",
        ] {
            assert_eq!(rows[0][field], rows[1][field], "{provider}: {field}");
        }
        assert_eq!(
            (&rows[0]["streamed"], &rows[1]["streamed"]),
            (&json!(false), &json!(true))
        );
        assert_ne!(rows[0]["cost_usd"]["total"], Value::Null);
    }
}

#[tokio::test]
async fn the_upstream_gets_weirs_key_and_nothing_of_the_client() {
    let world = world().await;
    world
        .client
        .post(world.url("/llm/v1/providers/openai-main/v1/chat/completions?api-version=1"))
        .bearer_auth(&world.token)
        .header("cookie", "weir_session=1")
        .header("x-forwarded-for", "10.1.2.3")
        .header("x-weir-agent", "bot")
        .header("x-custom", "kept")
        .json(&a_chat())
        .send()
        .await
        .unwrap();
    let sent = world.upstream.requests().pop().unwrap();
    assert_eq!(sent.path_and_query, "/v1/chat/completions?api-version=1");
    assert_eq!(
        sent.headers["authorization"],
        format!("Bearer {UPSTREAM_KEY}").as_str()
    );
    assert_eq!(sent.headers["x-custom"], "kept");
    for gone in ["cookie", "x-forwarded-for", "x-weir-agent", "x-weir-token"] {
        assert!(!sent.headers.contains_key(gone), "{gone} went up");
    }
    assert_eq!(
        sent.body,
        a_chat().to_string().as_bytes(),
        "the body is the client's, byte for byte"
    );

    world.messages(&a_message()).send().await.unwrap();
    let sent = world.upstream.requests().pop().unwrap();
    assert_eq!(sent.headers["x-api-key"], UPSTREAM_KEY);
    assert_eq!(sent.headers["anthropic-version"], "2023-06-01");
    assert!(!sent.headers.contains_key("authorization"));
}

#[tokio::test]
async fn passthrough_sends_the_clients_own_authorization() {
    let world = world().await;
    let response = world
        .call("anthropic-own", "/v1/messages", &a_message())
        .header("authorization", format!("Bearer {UPSTREAM_KEY}"))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let sent = world.upstream.requests().pop().unwrap();
    assert_eq!(
        sent.headers["authorization"],
        format!("Bearer {UPSTREAM_KEY}").as_str()
    );
    assert!(!sent.headers.contains_key("x-api-key"));
    let row = world.row(&call_id(response.headers())).await;
    assert_eq!(row["provider"], "anthropic-own");
    assert_eq!(row["price_state"], "priced");
}

#[tokio::test]
async fn every_metered_operation_is_recorded_as_what_it_is() {
    let world = world().await;
    for (provider, path, body, operation, price_state) in [
        (
            "openai-main",
            "/responses",
            json!({ "model": "gpt-5-mini", "input": "Hi" }),
            "responses",
            "priced",
        ),
        (
            "openai-main",
            "/completions",
            json!({ "model": "davinci-002", "prompt": "Hi" }),
            "completions",
            "priced",
        ),
        (
            "openai-main",
            "/embeddings",
            json!({ "model": "text-embedding-3-small", "input": "Hi" }),
            "embeddings",
            "priced",
        ),
        (
            "openai-main",
            "/responses/input_tokens",
            json!({ "model": "gpt-5-mini", "input": "Hi" }),
            "count_tokens",
            "not_billed",
        ),
        (
            "anthropic-main",
            "/v1/messages/count_tokens",
            a_message(),
            "count_tokens",
            "not_billed",
        ),
        (
            "compatible-main",
            "/chat/completions",
            json!({ "model": "local-model", "messages": [] }),
            "chat",
            "priced",
        ),
        (
            "compatible-main",
            "/chat/completions",
            json!({ "model": "unpriced-model", "messages": [] }),
            "chat",
            "unpriced",
        ),
    ] {
        let response = world.call(provider, path, &body).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        let row = world.row(&call_id(response.headers())).await;
        assert_eq!(row["operation"], operation, "{path}");
        assert_eq!(row["price_state"], price_state, "{path}");
        assert_eq!(
            row["cost_usd"]["total"].is_string(),
            price_state == "priced",
            "{path}"
        );
    }
    let list = world
        .client
        .get(world.url("/llm/v1/providers/openai-main/models"));
    let response = list.bearer_auth(&world.token).send().await.unwrap();
    let row = world.row(&call_id(response.headers())).await;
    assert_eq!(
        (&row["operation"], &row["price_state"]),
        (&json!("models"), &json!("not_billed"))
    );
}

#[tokio::test]
async fn compressed_answers_pass_as_they_are_and_are_metered() {
    let world = world().await;
    for encoding in ["gzip", "br", "zstd"] {
        for body in [a_message(), streamed(a_message())] {
            let response = world
                .messages(&body)
                .header("accept-encoding", format!("{encoding}, deflate"))
                .header("x-standin-compress", "1")
                .send()
                .await
                .unwrap();
            assert_eq!(response.headers()["content-encoding"], encoding);
            let id = call_id(response.headers());
            response.bytes().await.unwrap();
            let row = world.row(&id).await;
            assert_eq!(row["price_state"], "priced", "{encoding}");
            assert!(row["tokens"]["output"].as_u64().unwrap() > 0);
        }
    }
    let sent = world.upstream.requests().pop().unwrap();
    assert_eq!(
        sent.headers["accept-encoding"], "zstd",
        "deflate cannot be read and is not asked for"
    );
}

#[tokio::test]
async fn answers_lose_cookies_and_gain_weirs_headers() {
    let world = world().await;
    let response = world.chat(&a_chat()).send().await.unwrap();
    let headers = response.headers();
    assert!(!headers.contains_key("set-cookie"));
    assert!(!headers.contains_key("alt-svc"));
    assert!(!headers.contains_key("strict-transport-security"));
    assert_eq!(
        headers["content-security-policy"],
        "sandbox; default-src 'none'"
    );
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert!(
        headers.contains_key("x-request-id"),
        "the upstream's own headers pass"
    );
}

#[tokio::test]
async fn agent_and_user_come_from_the_token_first() {
    let world = world().await;
    let token = world
        .new_token(json!({ "name": "fixed", "agent": "billing" }))
        .await;
    let chat = world
        .client
        .post(world.url("/llm/v1/providers/openai-main/chat/completions"));
    let response = chat
        .header("x-weir-token", token)
        .header("x-weir-agent", "pretender")
        .header("x-weir-user", "ada")
        .json(&a_chat())
        .send()
        .await
        .unwrap();
    let row = world.row(&call_id(response.headers())).await;
    assert_eq!(
        (&row["agent"], &row["user"]),
        (&json!("billing"), &json!("ada"))
    );
}

#[tokio::test]
async fn the_discovery_document_tells_models_and_prices() {
    let world = world().await;
    let address = world.url("/llm/v1/providers/compatible-main/.well-known/weir");
    let anonymous = world.client.get(&address).send().await.unwrap();
    assert_eq!(anonymous.status(), StatusCode::UNAUTHORIZED);
    let response = world
        .client
        .get(&address)
        .bearer_auth(&world.token)
        .send()
        .await
        .unwrap();
    let document: Value = response.json().await.unwrap();
    assert_eq!(document["provider"], "compatible-main");
    assert_eq!(document["type"], "openai_compatible");
    assert_eq!(
        document["models"][0]["rates"]["input"],
        json!({ "usd_per_mtok": "1", "source": "override" })
    );
    assert_eq!(document["models"][1]["rates"], json!({}));
}

#[tokio::test]
async fn a_background_response_is_billed_once_when_its_usage_shows() {
    let world = world().await;
    let begun = world
        .call(
            "openai-main",
            "/responses",
            &json!({ "model": "gpt-5-mini", "input": "Hi", "background": true }),
        )
        .header("x-standin-usage", "none")
        .header("x-standin-id", "resp_background")
        .send()
        .await
        .unwrap();
    let row = world.row(&call_id(begun.headers())).await;
    assert_eq!(
        (&row["outcome"], &row["price_state"]),
        (&json!("ok"), &json!("not_billed"))
    );
    let mut states = Vec::new();
    let world = world.restart().await;
    for _ in 0..2 {
        let poll = world
            .client
            .get(world.url("/llm/v1/providers/openai-main/responses/resp_background"))
            .bearer_auth(&world.token)
            .send()
            .await
            .unwrap();
        let row = world.row(&call_id(poll.headers())).await;
        assert_eq!(
            (&row["operation"], &row["model"]),
            (&json!("stored_response"), &json!("gpt-5-mini"))
        );
        states.push(row["price_state"].clone());
    }
    assert_eq!(states, ["priced", "not_billed"]);
}

#[tokio::test]
async fn a_background_stream_that_is_left_is_billed_by_a_later_poll_as_the_model_that_was_asked_for()
 {
    let world = world().await;
    world
        .api(
            Method::PATCH,
            "/api/v1/providers/openai-main",
            json!({ "models": [{ "id": "gpt-5-mini", "rates": { "output": "0" } }, { "id": "gpt-5-mini-2025-08-07" }] }),
        )
        .await;
    let begun = world
        .call(
            "openai-main",
            "/responses",
            &json!({ "model": "gpt-5-mini", "input": "Hi", "background": true, "stream": true }),
        )
        .header("x-standin-id", "resp_left")
        .header("x-standin-break-after", "4")
        .send()
        .await
        .unwrap();
    let begun_id = call_id(begun.headers());
    assert!(begun.bytes().await.is_err(), "it breaks off");
    let row = world.row(&begun_id).await;
    assert_eq!(row["price_state"], "not_billed", "{row}");
    assert!(row["tokens"]["output"].is_null(), "{row}");
    let world = world.restart().await;
    for _ in 0..3 {
        let poll = world
            .client
            .get(world.url("/llm/v1/providers/openai-main/responses/resp_left"))
            .header("x-standin-model", "gpt-5-mini-2025-08-07")
            .bearer_auth(&world.token)
            .send()
            .await
            .unwrap();
        assert_eq!(poll.status(), StatusCode::OK);
        world.row(&call_id(poll.headers())).await;
    }
    let rows = world.rows_when(4).await;
    let priced: Vec<_> = rows
        .iter()
        .filter(|row| row["price_state"] == "priced")
        .collect();
    assert_eq!(priced.len(), 1, "{rows:?}");
    assert_eq!(priced[0]["model"], "gpt-5-mini");
    assert_eq!(
        priced[0]["rates"]["output"],
        json!({ "usd_per_mtok": "0", "source": "override" })
    );
    let tokens = world.get("/api/v1/usage?metric=tokens&group_by=provider&bucket=month&from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z").await;
    let told: u64 = ["input", "cached_input", "output"]
        .iter()
        .filter_map(|bucket| priced[0]["tokens"][bucket].as_u64())
        .sum();
    assert_eq!(
        tokens["total"].to_string().trim_matches('"'),
        told.to_string(),
        "polls repeat no tokens"
    );
}

#[tokio::test]
async fn a_call_keeps_the_configuration_that_it_began_with() {
    let world = world().await;
    let token = world.new_token(json!({ "name": "short-lived" })).await;
    let tokens = world.get("/api/v1/tokens").await;
    let id = tokens["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|token| token["name"] == "short-lived")
        .unwrap()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let address = world.url("/llm/v1/providers/openai-main/chat/completions");
    let slow = || {
        world
            .client
            .post(&address)
            .bearer_auth(&token)
            .header("x-weir-conversation", "conversation-1")
            .header("x-standin-first-byte-ms", "300")
            .json(&streamed(a_chat()))
            .send()
    };
    let running = tokio::spawn(slow());
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    world
        .api(Method::DELETE, &format!("/api/v1/tokens/{id}"), Value::Null)
        .await;
    world
        .api(
            Method::PATCH,
            "/api/v1/providers/openai-main",
            json!({ "enabled": false }),
        )
        .await;
    assert_eq!(slow().await.unwrap().status(), StatusCode::UNAUTHORIZED);
    let response = running.await.unwrap().unwrap();
    let call = call_id(response.headers());
    let text = response.text().await.unwrap();
    assert!(text.ends_with("data: [DONE]\n\n"), "{text}");
    let row = world.row(&call).await;
    assert_eq!(
        (&row["outcome"], &row["price_state"]),
        (&json!("ok"), &json!("priced"))
    );
    assert_eq!(row["conversation"], "conversation-1", "{row}");
}

#[tokio::test]
async fn other_paths_need_permission_and_respect_the_model_list() {
    let world = world().await;
    let get = |path: &str| {
        let address = world.url(&format!("/llm/v1/providers/compatible-main{path}"));
        world.client.get(address).bearer_auth(&world.token).send()
    };
    assert_eq!(get("/files").await.unwrap().status(), StatusCode::FORBIDDEN);
    world
        .api(
            Method::PATCH,
            "/api/v1/providers/compatible-main",
            json!({ "other_paths": true }),
        )
        .await;
    let response = get("/files").await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let row = world.row(&call_id(response.headers())).await;
    assert_eq!(row["operation"], "other");
    let image = json!({ "model": "not-listed", "prompt": "a weir" });
    let response = world
        .call("compatible-main", "/images/generations", &image)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    let image = json!({ "model": "local-model", "prompt": "a weir" });
    let response = world
        .call("compatible-main", "/images/generations", &image)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let row = world.row(&call_id(response.headers())).await;
    assert_eq!(
        (&row["operation"], &row["price_state"]),
        (&json!("other"), &json!("unpriced"))
    );
}
