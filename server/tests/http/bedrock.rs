//! Bedrock: each operation and body, signed so that botocore agrees, guardrails, ARNs, its own errors.

use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use standin::{AwsSettings, Settings};

use crate::support::{UPSTREAM_KEY, World, call_id, sigv4_script, world_on};

const NOVA: &str = "us.amazon.nova-lite-v1:0";
const CLAUDE: &str = "us.anthropic.claude-opus-5-5";
const HAIKU: &str = "anthropic.claude-3-haiku-20240307-v1:0";

/// A Weir with two Bedrock providers, one that signs and one that shows a key.
async fn bedrock() -> World {
    let settings = Settings {
        required_key: Some(UPSTREAM_KEY.to_owned()),
        aws: AwsSettings {
            sigv4_script: Some(sigv4_script()),
            region: Some("us-east-1".to_owned()),
            ..AwsSettings::default()
        },
        ..Settings::default()
    };
    let world = world_on(settings, &[]).await;
    for (name, value) in [
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        (
            "AWS_SECRET_ACCESS_KEY",
            "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        ),
    ] {
        world
            .api(
                Method::PUT,
                &format!("/api/v1/secrets/{name}"),
                json!({ "value": value }),
            )
            .await;
    }
    let base_url = world.upstream.base_url();
    let provider = |id: &str, credentials: Value| {
        json!({ "id": id, "display_name": id, "type": "bedrock", "region": "us-east-1",
            "base_url": base_url, "credentials": credentials })
    };
    let keys = json!({ "mode": "static_keys", "access_key_id": "AWS_ACCESS_KEY_ID", "secret_access_key": "AWS_SECRET_ACCESS_KEY" });
    let bearer = json!({ "mode": "bearer", "api_key": "UPSTREAM_KEY" });
    for provider in [provider("signed", keys), provider("keyed", bearer)] {
        world.api(Method::POST, "/api/v1/providers", provider).await;
    }
    world
}

/// A call as AWS' SDKs make it with a bearer token.
fn call(world: &World, provider: &str, path: &str, body: &Value) -> RequestBuilder {
    world
        .client
        .post(world.url(&format!("/llm/v1/providers/{provider}{path}")))
        .bearer_auth(&world.token)
        .json(body)
}

fn encoded(id: &str) -> String {
    id.replace(':', "%3A").replace('/', "%2F")
}

fn converse() -> Value {
    json!({ "messages": [{ "role": "user", "content": [{ "text": "Hello there" }] }], "inferenceConfig": { "maxTokens": 20 } })
}

fn messages() -> Value {
    json!({ "anthropic_version": "bedrock-2023-05-31", "max_tokens": 20, "messages": [{ "role": "user", "content": "Hello there" }] })
}

#[tokio::test]
async fn every_operation_is_signed_metered_and_priced_as_the_id_that_was_sent() {
    let world = bedrock().await;
    let at = |model: &str, operation: &str| format!("/model/{}/{operation}", encoded(model));
    let nova = json!({ "messages": [{ "role": "user", "content": [{ "text": "hi" }] }], "inferenceConfig": { "maxTokens": 6 } });
    let titan = json!({ "inputText": "hi", "textGenerationConfig": { "maxTokenCount": 6 } });
    for (model, path, body, operation, streamed) in [
        (NOVA, at(NOVA, "converse"), converse(), "converse", false),
        (
            NOVA,
            at(NOVA, "converse-stream"),
            converse(),
            "converse",
            true,
        ),
        (
            CLAUDE,
            at(CLAUDE, "converse"),
            converse(),
            "converse",
            false,
        ),
        (CLAUDE, at(CLAUDE, "invoke"), messages(), "invoke", false),
        (
            CLAUDE,
            at(CLAUDE, "invoke-with-response-stream"),
            messages(),
            "invoke",
            true,
        ),
        (NOVA, at(NOVA, "invoke"), nova.clone(), "invoke", false),
        (
            NOVA,
            at(NOVA, "invoke-with-response-stream"),
            nova,
            "invoke",
            true,
        ),
        (
            "meta.llama3-1-8b-instruct-v1:0",
            at("meta.llama3-1-8b-instruct-v1:0", "invoke"),
            json!({ "prompt": "hi", "max_gen_len": 6 }),
            "invoke",
            false,
        ),
        (
            "mistral.mistral-large-2402-v1:0",
            at(
                "mistral.mistral-large-2402-v1:0",
                "invoke-with-response-stream",
            ),
            json!({ "prompt": "hi", "max_tokens": 6 }),
            "invoke",
            true,
        ),
        (
            "amazon.titan-text-lite-v1",
            at("amazon.titan-text-lite-v1", "invoke"),
            titan.clone(),
            "invoke",
            false,
        ),
        (
            "amazon.titan-text-lite-v1",
            at("amazon.titan-text-lite-v1", "invoke-with-response-stream"),
            titan,
            "invoke",
            true,
        ),
        (
            "amazon.titan-embed-text-v2:0",
            at("amazon.titan-embed-text-v2:0", "invoke"),
            json!({ "inputText": "hi" }),
            "invoke",
            false,
        ),
        (
            "cohere.command-r-v1:0",
            at("cohere.command-r-v1:0", "invoke-with-response-stream"),
            json!({ "message": "hi", "max_tokens": 6 }),
            "invoke",
            true,
        ),
        // A raw colon is the same model.
        (
            HAIKU,
            format!("/model/{HAIKU}/converse"),
            converse(),
            "converse",
            false,
        ),
    ] {
        for provider in ["signed", "keyed"] {
            let response = call(&world, provider, &path, &body).send().await.unwrap();
            let status = response.status();
            let id = call_id(response.headers());
            let answer = response.bytes().await.unwrap();
            assert_eq!(
                status,
                StatusCode::OK,
                "{path}: {}",
                String::from_utf8_lossy(&answer)
            );
            let row = world.row(&id).await;
            assert_eq!(
                (
                    &row["operation"],
                    &row["streamed"],
                    &row["outcome"],
                    &row["model"]
                ),
                (
                    &json!(operation),
                    &json!(streamed),
                    &json!("ok"),
                    &json!(model)
                ),
                "{path}: {row}"
            );
            // The catalog knows no price of this one.
            let unlisted = model.starts_with("cohere.command-r");
            let state = if unlisted { "unpriced" } else { "priced" };
            assert_eq!(row["price_state"], state, "{path}: {row}");
            assert!(row["upstream_request_id"].is_string(), "{row}");
        }
    }
    let count = json!({ "input": { "converse": converse() } });
    let response = call(&world, "signed", &at(CLAUDE, "count-tokens"), &count)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let row = world.row(&call_id(response.headers())).await;
    assert_eq!(
        (&row["operation"], &row["price_state"]),
        (&json!("count_tokens"), &json!("not_billed"))
    );
    assert_eq!(world.upstream.leaks(), Vec::<String>::new());
}

#[tokio::test]
async fn the_styles_of_other_sdks_on_the_runtime_host_are_metered_too() {
    let world = bedrock().await;
    let chat = json!({ "model": "openai.gpt-oss-20b-1:0", "messages": [{ "role": "user", "content": "Hi" }], "stream": true });
    let response = call(&world, "signed", "/openai/v1/chat/completions", &chat)
        .send()
        .await
        .unwrap();
    let id = call_id(response.headers());
    assert_eq!(response.status(), StatusCode::OK);
    let text = response.text().await.unwrap();
    assert!(
        text.ends_with("data: [DONE]\n\n") && !text.contains("\"choices\":[]"),
        "{text}"
    );
    let row = world.row(&id).await;
    assert_eq!(
        (&row["operation"], &row["price_state"]),
        (&json!("chat"), &json!("priced")),
        "{row}"
    );
    let mut message = messages();
    message["model"] = json!(CLAUDE);
    let response = world
        .client
        .post(world.url("/llm/v1/providers/signed/anthropic/v1/messages"))
        .header("x-api-key", &world.token)
        .header("anthropic-version", "2023-06-01")
        .json(&message)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let row = world.row(&call_id(response.headers())).await;
    assert_eq!(
        (&row["operation"], &row["price_state"]),
        (&json!("messages"), &json!("priced")),
        "{row}"
    );
}

#[tokio::test]
async fn event_streams_pass_byte_for_byte_however_they_are_cut_or_broken() {
    let world = bedrock().await;
    let path = format!("/model/{}/converse-stream", encoded(NOVA));
    let direct = world
        .client
        .post(format!("{}{path}", world.upstream.base_url()))
        .bearer_auth(UPSTREAM_KEY)
        .json(&converse());
    let reference = direct.send().await.unwrap().bytes().await.unwrap();
    let step = (reference.len() / 60).max(1);
    let cuts = (1..reference.len())
        .step_by(step)
        .map(|cut| cut.to_string());
    for cut in cuts.chain(["every".to_owned()]) {
        let response = call(&world, "signed", &path, &converse())
            .header("x-standin-cut", &cut)
            .send()
            .await
            .unwrap();
        let id = call_id(response.headers());
        assert_eq!(response.bytes().await.unwrap(), reference, "cut at {cut}");
        assert_eq!(world.row(&id).await["price_state"], "priced");
    }
    // A frame that is broken on the way is none of Weir's business, but it shows in the row.
    let broken = call(&world, "signed", &path, &converse())
        .header("x-standin-spoil-frame", "2")
        .send()
        .await
        .unwrap();
    let id = call_id(broken.headers());
    assert_eq!(broken.bytes().await.unwrap().len(), reference.len());
    assert_eq!(world.row(&id).await["outcome"], "upstream_error");
    let failing = call(&world, "signed", &path, &converse())
        .header("x-standin-exception", "modelStreamErrorException")
        .header("x-standin-error-after", "2")
        .send()
        .await
        .unwrap();
    assert_eq!(failing.status(), StatusCode::OK);
    let id = call_id(failing.headers());
    failing.bytes().await.unwrap();
    assert_eq!(world.row(&id).await["outcome"], "upstream_error");
}

#[tokio::test]
async fn streamed_and_plain_converse_cost_the_same() {
    let world = bedrock().await;
    let usage = r#"{"inputTokens":120,"outputTokens":300,"totalTokens":6016,"cacheReadInputTokens":4096,"cacheWriteInputTokens":1500,"cacheDetails":[{"ttl":"1h","inputTokens":1000},{"ttl":"5m","inputTokens":500}]}"#;
    let mut rows = Vec::new();
    for operation in ["converse", "converse-stream"] {
        let path = format!("/model/{}/{operation}", encoded(CLAUDE));
        let response = call(&world, "signed", &path, &converse())
            .header("x-standin-usage", usage)
            .send()
            .await
            .unwrap();
        let id = call_id(response.headers());
        response.bytes().await.unwrap();
        rows.push(world.row(&id).await);
    }
    assert_eq!(rows[0]["cost_usd"], rows[1]["cost_usd"]);
    assert_eq!(rows[0]["tokens"], rows[1]["tokens"]);
    assert_eq!(rows[0]["tokens"]["cache_write_1h"], 1000, "{}", rows[0]);
    assert_eq!(rows[0]["tokens"]["input"], 120);
}

#[tokio::test]
async fn the_providers_guardrail_is_put_into_every_call_over_the_clients() {
    let world = bedrock().await;
    world
        .api(
            Method::PATCH,
            "/api/v1/providers/signed",
            json!({ "guardrail": { "id": "gr-ours", "version": "7" } }),
        )
        .await;
    let mut theirs = converse();
    theirs["guardrailConfig"] =
        json!({ "guardrailIdentifier": "gr-theirs", "guardrailVersion": "DRAFT" });
    for (operation, body) in [
        ("converse", converse()),
        ("converse-stream", theirs.clone()),
        ("converse", theirs),
        ("invoke", messages()),
    ] {
        let path = format!("/model/{}/{operation}", encoded(CLAUDE));
        let response = call(&world, "signed", &path, &body)
            .header("x-amzn-bedrock-guardrailidentifier", "gr-theirs")
            .header("x-amzn-bedrock-guardrailversion", "DRAFT")
            .send()
            .await
            .unwrap();
        let status = response.status();
        let text = response.text().await.unwrap_or_default();
        assert_eq!(status, StatusCode::OK, "{operation}: {text}");
    }
    let seen = world.upstream.guardrails();
    assert!(seen.len() >= 4, "{seen:?}");
    for guardrail in seen {
        assert_eq!(
            (guardrail.identifier.as_str(), guardrail.version.as_str()),
            ("gr-ours", "7")
        );
    }
}

#[tokio::test]
async fn arns_are_forwarded_whole_and_priced_by_what_stands_for_them() {
    let world = bedrock().await;
    let arn = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123";
    let path = format!("/model/{}/converse", encoded(arn));
    let response = call(&world, "signed", &path, &converse())
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let row = world.row(&call_id(response.headers())).await;
    assert_eq!(
        (&row["model"], &row["price_state"]),
        (&json!(arn), &json!("unpriced"))
    );
    world
        .api(
            Method::PATCH,
            "/api/v1/providers/signed",
            json!({ "models": [{ "id": arn, "price_as": CLAUDE }] }),
        )
        .await;
    // With raw slashes too, as some clients write it: it goes up as one segment.
    for path in [path, format!("/model/{arn}/converse")] {
        let response = call(&world, "signed", &path, &converse())
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        let row = world.row(&call_id(response.headers())).await;
        assert_eq!(
            (&row["model"], &row["price_state"]),
            (&json!(arn), &json!("priced")),
            "{row}"
        );
    }
    let other = format!("/model/{}/converse", encoded(NOVA));
    let response = call(&world, "signed", &other, &converse())
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert_eq!(
        response.headers()["x-amzn-errortype"],
        "AccessDeniedException"
    );
    let error: Value = response.json().await.unwrap();
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("not on this provider's list"),
        "{error}"
    );
}

#[tokio::test]
async fn the_clients_own_signature_stays_behind_and_errors_pass() {
    let world = bedrock().await;
    let path = format!("/model/{}/converse", encoded(NOVA));
    let response = world
        .client
        .post(world.url(&format!("/llm/v1/providers/signed{path}")))
        .header("x-weir-token", &world.token)
        .header("authorization", "AWS4-HMAC-SHA256 Credential=AKIDCLIENT/20260102/us-east-1/bedrock/aws4_request, SignedHeaders=host;x-amz-date, Signature=00")
        .header("x-amz-date", "20260102T030405Z")
        .header("x-amz-security-token", "of-the-client")
        .header("x-amz-content-sha256", "0")
        .json(&converse())
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    for seen in world.upstream.requests() {
        let text = format!("{seen:?}");
        assert!(
            !text.contains("AKIDCLIENT") && !text.contains("of-the-client"),
            "{text}"
        );
    }
    let bare = format!("/model/{}/converse", encoded("anthropic.claude-opus-5-5"));
    let response = call(&world, "signed", &bare, &converse())
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert!(response.headers().contains_key("x-amzn-errortype"));
    let test = world
        .api(
            Method::POST,
            "/api/v1/providers/signed/test",
            json!({ "model": "anthropic.claude-opus-5-5" }),
        )
        .await;
    assert_eq!(test["ok"], false);
    let advice = test["failure"]["advice"].as_str().unwrap();
    assert!(advice.contains("inference profile"), "{test}");
    let unauthorized = world
        .client
        .post(world.url(&format!("/llm/v1/providers/signed{path}")))
        .json(&converse())
        .send()
        .await
        .unwrap();
    assert_eq!(unauthorized.status(), StatusCode::UNAUTHORIZED);
    assert!(unauthorized.headers().contains_key("x-amzn-errortype"));
}

#[tokio::test]
async fn a_new_value_of_a_secret_holds_for_the_next_call() {
    let world = bedrock().await;
    let path = format!("/model/{}/converse", encoded(NOVA));
    let status = |provider: &'static str| {
        let call = call(&world, provider, &path, &converse());
        async move { call.send().await.unwrap().status() }
    };
    for (secret, provider, wrong, right) in [
        (
            "AWS_SECRET_ACCESS_KEY",
            "signed",
            "wrong",
            "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        ),
        ("UPSTREAM_KEY", "keyed", "wrong", UPSTREAM_KEY),
    ] {
        let put = |value: &str| {
            let body = json!({ "value": value });
            let path = format!("/api/v1/secrets/{secret}");
            let world = &world;
            async move { world.api(Method::PUT, &path, body).await }
        };
        assert_eq!(status(provider).await, StatusCode::OK);
        put(wrong).await;
        assert_eq!(status(provider).await, StatusCode::FORBIDDEN, "{provider}");
        put(right).await;
        assert_eq!(status(provider).await, StatusCode::OK, "{provider}");
    }
}
