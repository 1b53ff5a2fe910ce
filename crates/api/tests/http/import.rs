//! Credentials as other gateways write them, made providers.

mod forms;
mod wrong;

use domain::{ProviderId, Timestamp};
use serde_json::{Value, json};
use store::AuditEntry;

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

#[tokio::test]
async fn a_service_account_becomes_one_secret_and_names_the_project() {
    let app = App::new().await;
    let google = forms::all()
        .into_iter()
        .find(|form| form.kinds == ["google"]);
    let endpoint = google.unwrap().right;
    let info = &endpoint["service_account_info"];
    // Its fields tell whose they are.
    let body = json!({"credentials": {"endpoints": [endpoint]}});
    let answer = app.post(PATH, body).await;
    let made = answer.json(201);
    assert!(!answer.text.contains("PRIVATE"), "{}", answer.text);
    let provider = &made["provider"];
    assert_eq!(
        (
            &provider["type"],
            &provider["project"],
            &provider["location"]
        ),
        (
            &json!("vertex_ai"),
            &json!("a-project"),
            &json!("us-central1")
        )
    );
    assert_eq!(
        provider["credentials"],
        json!({"mode": "service_account", "service_account": "VERTEX_AI_SERVICE_ACCOUNT"})
    );
    let name = domain::SecretName::new("VERTEX_AI_SERVICE_ACCOUNT").unwrap();
    let value = app.store.secrets().value(&name).await.unwrap().unwrap();
    let value: Value = serde_json::from_str(secrecy::ExposeSecret::expose_secret(&value)).unwrap();
    assert_eq!(value, *info);
    assert!(!app.get("/api/v1/audit").await.text.contains("PRIVATE"));
}

#[tokio::test]
async fn what_may_be_missing_may() {
    let app = App::new().await;
    for form in forms::all() {
        for kind in &form.kinds {
            app.post(PATH, sent(kind, &form.right)).await.json(201);
            for field in &form.may_be_missing {
                for endpoint in form.with(field, &Value::Null) {
                    app.post(PATH, sent(kind, &endpoint)).await.json(201);
                }
            }
        }
    }
}

#[tokio::test]
async fn long_names_become_names_of_secrets_all_the_same() {
    let app = App::new().await;
    let endpoint = json!({"region": "r".repeat(100), "api_key": "s3cr3t"});
    let body = json!({"kind": "openai", "id": "i".repeat(63), "credentials": {"endpoints": [endpoint, endpoint]}});
    let made = app.post(PATH, body).await.json(201);
    let names = made["secrets"].as_array().unwrap();
    assert_eq!(names.len(), 2);
    assert_ne!(names[0], names[1]);
}

#[tokio::test]
async fn a_provider_that_has_the_name_of_the_address_is_read_changed_and_deleted() {
    let app = App::with_provider().await;
    let main = ProviderId::new("main").unwrap();
    let mut older = app.store.providers().get(&main).await.unwrap().unwrap();
    older.id = ProviderId::new("import").unwrap();
    older.display_name = "Older than the address".to_owned();
    let entry = AuditEntry {
        at: Timestamp::now(),
        actor: "system".to_owned(),
        action: "create".to_owned(),
        object_kind: "provider".to_owned(),
        object_id: "import".to_owned(),
        before: None,
        after: None,
        address: None,
    };
    app.store.providers().insert(&older, &entry).await.unwrap();

    let answer = app.get(PATH).await;
    assert_eq!(answer.json(200)["display_name"], "Older than the address");
    let answer = app.patch_if(PATH, "\"7\"", json!({"enabled": false})).await;
    answer.problem(412, "version_conflict");
    let changed = app.patch(PATH, json!({"enabled": false})).await.json(200);
    assert_eq!(changed["enabled"], false);
    app.get(&format!("{PATH}/endpoints")).await.json(200);
    let tested = app
        .post(&format!("{PATH}/test"), json!({"model": "gpt-5"}))
        .await;
    tested.json(200);
    app.delete(PATH).await.empty(204);
    app.get(PATH).await.problem(404, "provider_not_found");
    let put = app.put(PATH, json!({})).await;
    put.problem(405, "method_not_allowed");
    assert_eq!(put.header("allow"), "POST,GET,HEAD,PATCH,DELETE");
}
