use serde_json::{Value, json};

use crate::app::App;

/// Creates a provider and reads it back; both must be the same.
async fn created(app: &App, body: Value) -> Value {
    let answer = app.post("/api/v1/providers", body).await;
    let provider = answer.json(201);
    let path = format!("/api/v1/providers/{}", provider["id"].as_str().unwrap());
    assert_eq!(answer.header("location"), path);
    assert_eq!(answer.header("etag"), "\"1\"");
    assert_eq!(app.get(&path).await.json(200), provider);
    provider
}

/// Takes out what differs from run to run.
fn timeless(mut provider: Value) -> Value {
    for name in ["created_at", "updated_at"] {
        let time = provider.as_object_mut().unwrap().remove(name).unwrap();
        assert!(time.as_str().unwrap().ends_with('Z'));
    }
    provider
}

#[tokio::test]
async fn an_openai_provider_has_every_field_of_its_type() {
    let app = App::with_secret().await;
    let body = json!({
        "id": "openai-main", "display_name": "OpenAI main", "type": "openai", "enabled": false,
        "base_url": "https://eu.api.openai.com/v1/", "api_key": "KEY", "other_paths": true,
        "organization": "org-1", "project": "proj_2",
        "models": [
            {"id": "gpt-4o", "display_name": "Omni", "rates": {
                "input": "2.50", "output": null, "cached_input": "0", "cache_write_30m": "1.000001", "cache_write_12h": "3"}},
            {"id": "my-tune", "price_as": "gpt-4o"},
        ],
        "record_inputs": true, "record_outputs": true,
    });
    assert_eq!(
        timeless(created(&app, body).await),
        json!({
            "id": "openai-main", "display_name": "OpenAI main", "type": "openai", "enabled": false,
            "base_url": "https://eu.api.openai.com/v1", "api_key": "KEY", "other_paths": true,
            "organization": "org-1", "project": "proj_2",
            "models": [
                {"id": "gpt-4o", "display_name": "Omni", "rates": {
                    "input": "2.5", "cached_input": "0", "cache_write_30m": "1.000001", "cache_write_12h": "3"}},
                {"id": "my-tune", "price_as": "gpt-4o"},
            ],
            "record_inputs": true, "record_outputs": true, "version": 1,
            "proxy_url": "https://weir.example.com/llm/v1/providers/openai-main",
            "discovery_url": "https://weir.example.com/llm/v1/providers/openai-main/.well-known/weir",
        })
    );
}

#[tokio::test]
async fn an_anthropic_provider_has_a_key_or_passthrough() {
    let app = App::with_secret().await;
    let provider = created(&app, json!({"display_name": "Claude", "type": "anthropic", "api_key": "KEY",
        "models": [{"id": "claude-sonnet-4-5", "rates": {"cache_write_5m": "1", "cache_write_1h": "2"}}]})).await;
    assert_eq!(
        (&provider["api_key"], &provider["authorization_passthrough"]),
        (&json!("KEY"), &json!(false))
    );
    let provider = created(
        &app,
        json!({"display_name": "Own", "type": "anthropic", "authorization_passthrough": true}),
    )
    .await;
    assert_eq!(
        (
            provider.get("api_key"),
            &provider["authorization_passthrough"]
        ),
        (None, &json!(true))
    );
}

#[tokio::test]
async fn a_compatible_provider_has_an_address_and_perhaps_a_key_and_a_preset() {
    let app = App::with_secret().await;
    let least = json!({"display_name": "Local", "type": "openai_compatible", "base_url": "http://localhost:8000/v1"});
    assert_eq!(
        timeless(created(&app, least).await),
        json!({
            "id": "local", "display_name": "Local", "type": "openai_compatible", "enabled": true,
            "base_url": "http://localhost:8000/v1", "inject_stream_usage": true, "other_paths": false, "models": [],
            "record_inputs": false, "record_outputs": false, "version": 1,
            "proxy_url": "https://weir.example.com/llm/v1/providers/local",
            "discovery_url": "https://weir.example.com/llm/v1/providers/local/.well-known/weir",
        })
    );
    let whole = created(&app, json!({"display_name": "Groq", "type": "openai_compatible", "base_url": "https://api.groq.com/openai/v1",
        "api_key": "KEY", "preset": "groq", "inject_stream_usage": false})).await;
    assert_eq!(
        (&whole["preset"], &whole["inject_stream_usage"]),
        (&json!("groq"), &json!(false))
    );
}

#[tokio::test]
async fn ids_are_derived_or_given_but_never_twice() {
    let app = App::with_provider().await;
    let provider = |name: &str| json!({"display_name": name, "type": "openai", "api_key": "KEY"});
    assert_eq!(created(&app, provider("Main")).await["id"], "main-2");
    assert_eq!(created(&app, provider("主")).await["id"], "openai-1");
    let mut given = provider("Other");
    given["id"] = json!("main");
    app.post("/api/v1/providers", given)
        .await
        .fields(409, "id_taken", &[("id", "id_taken")]);
}

/// Each field of §6 with something that it cannot be.
#[tokio::test]
async fn every_field_is_checked() {
    let app = App::with_secret().await;
    let openai = json!({"display_name": "A", "type": "openai", "api_key": "KEY"});
    let anthropic = json!({"display_name": "A", "type": "anthropic", "api_key": "KEY"});
    let compatible = json!({"display_name": "A", "type": "openai_compatible", "base_url": "http://localhost/v1"});
    let rows: &[(&Value, &str, Value, &str, &str)] = &[
        (&openai, "id", json!("Not An Id"), "id", "invalid_id"),
        (
            &openai,
            "display_name",
            json!(null),
            "display_name",
            "required",
        ),
        (
            &openai,
            "display_name",
            json!("a".repeat(254)),
            "display_name",
            "too_long",
        ),
        (&openai, "type", json!("mainframe"), "type", "invalid_type"),
        (&openai, "type", json!(null), "type", "required"),
        (&openai, "enabled", json!("yes"), "enabled", "wrong_type"),
        (
            &openai,
            "base_url",
            json!("nonsense"),
            "base_url",
            "invalid_base_url",
        ),
        (
            &openai,
            "base_url",
            json!("http://169.254.169.254/v1"),
            "base_url",
            "refused_address",
        ),
        (
            &openai,
            "api_key",
            json!("sk-pasted-key"),
            "api_key",
            "invalid_reference",
        ),
        (
            &openai,
            "api_key",
            json!("GONE"),
            "api_key",
            "secret_not_found",
        ),
        (&openai, "api_key", json!(null), "api_key", "required"),
        (&anthropic, "api_key", json!(null), "api_key", "required"),
        (
            &anthropic,
            "authorization_passthrough",
            json!(true),
            "api_key",
            "must_be_absent",
        ),
        (
            &compatible,
            "api_key",
            json!("GONE"),
            "api_key",
            "secret_not_found",
        ),
        (&compatible, "base_url", json!(null), "base_url", "required"),
        (
            &compatible,
            "preset",
            json!("unknown"),
            "preset",
            "invalid_preset",
        ),
        (
            &openai,
            "preset",
            json!("groq"),
            "preset",
            "field_of_other_type",
        ),
        (
            &compatible,
            "inject_stream_usage",
            json!("on"),
            "inject_stream_usage",
            "wrong_type",
        ),
        (
            &anthropic,
            "inject_stream_usage",
            json!(true),
            "inject_stream_usage",
            "field_of_other_type",
        ),
        (
            &openai,
            "other_paths",
            json!(1),
            "other_paths",
            "wrong_type",
        ),
        (
            &openai,
            "organization",
            json!("a b"),
            "organization",
            "not_header_safe",
        ),
        (
            &anthropic,
            "organization",
            json!("org"),
            "organization",
            "field_of_other_type",
        ),
        (
            &openai,
            "project",
            json!("a\nb"),
            "project",
            "not_header_safe",
        ),
        (
            &compatible,
            "project",
            json!("p"),
            "project",
            "field_of_other_type",
        ),
        (
            &openai,
            "authorization_passthrough",
            json!(true),
            "authorization_passthrough",
            "field_of_other_type",
        ),
        (
            &openai,
            "region",
            json!("us-east-1"),
            "region",
            "field_of_other_type",
        ),
        (
            &openai,
            "credentials",
            json!({}),
            "credentials",
            "field_of_other_type",
        ),
        (&openai, "models", json!("gpt-4o"), "models", "wrong_type"),
        (&openai, "models", json!([{}]), "models[0].id", "required"),
        (
            &openai,
            "models",
            json!([{"id": "a", "display_name": ["x"]}]),
            "models[0].display_name",
            "wrong_type",
        ),
        (
            &openai,
            "models",
            json!([{"id": "a", "price_as": "nope"}]),
            "models[0].price_as",
            "not_in_catalog",
        ),
        (
            &openai,
            "models",
            json!([{"id": "a", "rates": {"input": "-1"}}]),
            "models[0].rates.input",
            "invalid_rate",
        ),
        (
            &openai,
            "models",
            json!([{"id": "a", "rates": {"input": 2.5}}]),
            "models[0].rates.input",
            "wrong_type",
        ),
        (
            &openai,
            "models",
            json!([{"id": "a", "rates": {"nope": "1"}}]),
            "models[0].rates.nope",
            "unknown_bucket",
        ),
        (
            &openai,
            "models",
            json!([{"id": "a", "rates": {"input_audio": "1"}}]),
            "models[0].rates.input_audio",
            "not_overridable",
        ),
        (
            &openai,
            "models",
            json!([{"id": "a"}, {"id": "a"}]),
            "models[1].id",
            "duplicate",
        ),
        (
            &openai,
            "record_inputs",
            json!("no"),
            "record_inputs",
            "wrong_type",
        ),
        (
            &openai,
            "record_outputs",
            json!(0),
            "record_outputs",
            "wrong_type",
        ),
        (&openai, "version", json!(1), "version", "read_only"),
        (
            &openai,
            "created_at",
            json!("2020-01-01T00:00:00Z"),
            "created_at",
            "read_only",
        ),
        (
            &openai,
            "nonsense",
            json!(true),
            "nonsense",
            "unknown_field",
        ),
    ];
    for (base, name, value, field, code) in rows {
        let mut body = (*base).clone();
        body[*name] = value.clone();
        app.post("/api/v1/providers", body)
            .await
            .fields(422, "invalid", &[(field, code)]);
    }
    assert_eq!(
        app.get("/api/v1/providers").await.json(200)["items"],
        json!([]),
        "nothing was saved"
    );
}

#[tokio::test]
async fn all_errors_come_at_once() {
    let app = App::new().await;
    let answer = app.post("/api/v1/providers", json!({"type": "openai", "api_key": "GONE", "models": [{"id": "a", "rates": {"x": "1"}}]})).await;
    answer.fields(
        422,
        "invalid",
        &[
            ("display_name", "required"),
            ("api_key", "secret_not_found"),
            ("models[0].rates.x", "unknown_bucket"),
        ],
    );
    app.post("/api/v1/providers", json!([]))
        .await
        .problem(422, "invalid");
}
