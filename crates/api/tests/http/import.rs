//! Credentials as other gateways write them, made providers.

use serde_json::{Value, json};

use crate::app::App;

const PATH: &str = "/api/v1/providers/import";
fn sent(kind: &str, endpoint: &Value) -> Value {
    json!({"kind": kind, "credentials": {"endpoints": [endpoint]}})
}

#[tokio::test]
async fn each_form_becomes_a_provider_with_its_secrets() {
    let app = App::new().await;
    let role = "arn:aws:iam::123456789012:role/caller";
    for (kind, endpoint, id, ty, secrets) in [
        (
            "azure",
            json!({"region": "eastus", "api_type": "azure", "api_base": "https://res.openai.azure.com/",
                "api_version": "2024-10-21", "api_key": "s3cr3t-azure"}),
            "azure-openai",
            "azure_openai",
            vec!["AZURE_OPENAI_API_KEY"],
        ),
        (
            "aws",
            json!({"region": "us-east-1", "access_key_id": "AKIDEXAMPLE", "secret_access_key": "s3cr3t-aws",
                "session_token": null}),
            "aws-bedrock",
            "bedrock",
            vec!["AWS_BEDROCK_ACCESS_KEY_ID", "AWS_BEDROCK_SECRET_ACCESS_KEY"],
        ),
        (
            "aws",
            json!({"region": "us-east-1", "role_arn": role}),
            "aws-bedrock-2",
            "bedrock",
            vec![],
        ),
        (
            "aws",
            json!({"region": "us-east-1", "role_arn": role, "use_web_identity": true}),
            "aws-bedrock-3",
            "bedrock",
            vec![],
        ),
        (
            "aws",
            json!({"region": "us-east-1", "role_arn": role, "use_fips_endpoint": true}),
            "aws-bedrock-4",
            "bedrock",
            vec![],
        ),
        (
            "anthropic",
            json!({"region": "us", "api_key": "s3cr3t-1"}),
            "anthropic",
            "anthropic",
            vec!["ANTHROPIC_API_KEY"],
        ),
        (
            "cerebras",
            json!({"region": "global", "api_key": "s3cr3t-2"}),
            "cerebras",
            "openai_compatible",
            vec!["CEREBRAS_API_KEY"],
        ),
        (
            "togetherai",
            json!({"region": "global", "api_key": "s3cr3t-3"}),
            "together-ai",
            "openai_compatible",
            vec!["TOGETHER_AI_API_KEY"],
        ),
        (
            "cohere",
            json!({"api_key": "s3cr3t-4"}),
            "cohere",
            "cohere",
            vec!["COHERE_API_KEY"],
        ),
        (
            "openai",
            json!({"api_key": "s3cr3t-5"}),
            "openai",
            "openai",
            vec!["OPENAI_API_KEY"],
        ),
        (
            "groq",
            json!({"api_key": "s3cr3t-6"}),
            "groq",
            "openai_compatible",
            vec!["GROQ_API_KEY"],
        ),
    ] {
        let answer = app.post(PATH, sent(kind, &endpoint)).await;
        let made = answer.json(201);
        assert!(!answer.text.contains("s3cr3t"), "{}", answer.text);
        assert_eq!(made["provider"]["id"], id);
        assert_eq!(made["provider"]["type"], ty);
        assert_eq!(made["secrets"], json!(secrets));
        let path = format!("/api/v1/providers/{id}");
        assert_eq!(answer.header("location"), path);
        assert_eq!(app.get(&path).await.json(200), made["provider"]);
        for name in secrets {
            let name = domain::SecretName::new(name).unwrap();
            let value = app.store.secrets().value(&name).await.unwrap();
            assert!(value.is_some(), "{name}");
        }
    }
    let audit = app.get("/api/v1/audit?limit=100").await;
    assert!(!audit.text.contains("s3cr3t"));
    // Eleven providers and nine secrets.
    assert_eq!(audit.json(200)["items"].as_array().unwrap().len(), 20);
}

#[tokio::test]
async fn a_list_of_several_becomes_one_provider() {
    let app = App::new().await;
    let role = "arn:aws:iam::123456789012:role/caller";
    let body = json!({"kind": "aws", "credentials": {"endpoints": [
        {"region": "us-east-1", "access_key_id": "AKIDEXAMPLE", "secret_access_key": "s3cr3t-aws"},
        {"region": "eu-west-1", "role_arn": role},
        {"region": "eu-west-1", "role_arn": role, "use_web_identity": true},
    ]}});
    let answer = app.post(PATH, body).await;
    let made = answer.json(201);
    assert!(!answer.text.contains("s3cr3t"), "{}", answer.text);
    let keys =
        ["ACCESS_KEY_ID", "SECRET_ACCESS_KEY"].map(|what| format!("AWS_BEDROCK_US_EAST_1_{what}"));
    assert_eq!(made["secrets"], json!(keys));
    let [id, key] = keys;
    assert_eq!(
        made["provider"]["endpoints"],
        json!([
            {"name": "us-east-1", "region": "us-east-1",
                "credentials": {"mode": "static_keys", "access_key_id": id, "secret_access_key": key}},
            {"name": "eu-west-1", "region": "eu-west-1", "credentials": {"mode": "assume_role", "role_arn": role}},
            {"name": "eu-west-1-2", "region": "eu-west-1", "credentials": {"mode": "web_identity", "role_arn": role}},
        ])
    );
    let path = "/api/v1/providers/aws-bedrock";
    assert_eq!(app.get(path).await.json(200), made["provider"]);

    let azure = |name: &str, version: &str| {
        json!({"region": "eastus", "api_type": "azure", "api_base": format!("https://{name}.openai.azure.com"),
            "api_version": version, "api_key": "s3cr3t"})
    };
    let endpoints = [
        azure("one", "2024-10-21"),
        azure("two", "2025-04-01-preview"),
    ];
    let body = json!({"kind": "azure", "credentials": {"endpoints": endpoints}});
    let made = app.post(PATH, body).await.json(201);
    let endpoints = &made["provider"]["endpoints"];
    assert_eq!(endpoints[1]["name"], "eastus-2");
    assert_eq!(endpoints[1]["api_version"], "2025-04-01-preview");

    let wrong = json!({"kind": "aws", "credentials": {"endpoints": [
        {"region": "us-east-1", "role_arn": role}, {"region": "nowhere at all", "role_arn": role},
    ]}});
    app.post(PATH, wrong).await.fields(
        422,
        "invalid",
        &[("endpoints[1].region", "invalid_region")],
    );
}

#[tokio::test]
async fn what_is_wrong_is_told_by_the_fields_that_were_sent_and_nothing_is_made() {
    let app = App::new().await;
    for (body, field, code) in [
        (
            json!({"credentials": {"endpoints": [{"api_key": "s3cr3t"}]}}),
            "kind",
            "required",
        ),
        (
            sent("groq", &json!({"api_key": "<your-api-key>"})),
            "endpoints[0].api_key",
            "placeholder",
        ),
        (
            sent("groq", &json!({"api_key": null})),
            "endpoints[0].api_key",
            "required",
        ),
        (
            sent("groq", &json!({"api_key": "s3cr3t", "key": 1})),
            "endpoints[0].key",
            "unknown_field",
        ),
        (
            sent(
                "aws",
                &json!({"region": "no region", "role_arn": "arn:aws:iam::123456789012:role/r"}),
            ),
            "endpoints[0].region",
            "invalid_region",
        ),
        (
            sent("aws", &json!({"region": "us-east-1", "role_arn": "r"})),
            "endpoints[0].role_arn",
            "invalid_role_arn",
        ),
        (
            sent(
                "azure",
                &json!({"api_type": "azure", "api_base": "s3cr3t", "api_version": "2024-10-21", "api_key": "s3cr3t"}),
            ),
            "endpoints[0].api_base",
            "invalid_base_url",
        ),
        (
            json!({"kind": "openai", "id": "No id", "credentials": {"endpoints": [{"api_key": "s3cr3t"}]}}),
            "id",
            "invalid_id",
        ),
    ] {
        let answer = app.post(PATH, body).await;
        answer.fields(422, "invalid", &[(field, code)]);
        assert!(!answer.text.contains("s3cr3t"), "{}", answer.text);
    }
    let taken = json!({"kind": "openai", "id": "import", "credentials": {"endpoints": [{"api_key": "s3cr3t"}]}});
    app.post(PATH, taken)
        .await
        .fields(409, "id_reserved", &[("id", "id_reserved")]);
    for list in ["providers", "secrets", "audit"] {
        let list = app.get(&format!("/api/v1/{list}")).await.json(200);
        assert_eq!(list["items"], json!([]));
    }
}

#[tokio::test]
async fn a_secret_that_is_there_keeps_its_value() {
    let app = App::new().await;
    app.put(
        "/api/v1/secrets/OPENAI_API_KEY",
        json!({"value": "sk-first"}),
    )
    .await
    .empty(204);
    let body = json!({"kind": "openai", "display_name": "OpenAI", "credentials": {"endpoints": [{"api_key": "sk-second"}]}});
    let made = app.post(PATH, body).await.json(201);
    assert_eq!(made["secrets"], json!(["OPENAI_API_KEY_2"]));
    assert_eq!(made["provider"]["api_key"], "OPENAI_API_KEY_2");
}
