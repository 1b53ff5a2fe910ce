//! Credentials with which something is wrong: all of it is told at once, by the fields that were sent, and nothing is
//! made.

use serde_json::{Value, json};

use super::{PATH, forms, sent};
use crate::app::{Answer, App};

/// Nothing was made, and nothing was written of trying.
async fn nothing_is_there(app: &App) {
    for list in ["providers", "secrets", "audit"] {
        let list = app.get(&format!("/api/v1/{list}")).await.json(200);
        assert_eq!(list["items"], json!([]));
    }
    assert_eq!(app.store.secrets().list().await.unwrap(), []);
    assert_eq!(app.store.providers().list().await.unwrap(), []);
}

fn says_no_secret(answer: &Answer) {
    assert!(!forms::tells_a_secret(&answer.text), "{}", answer.text);
}

#[tokio::test]
async fn every_field_of_every_form_is_checked() {
    let app = App::new().await;
    for form in forms::all() {
        for kind in &form.kinds {
            for wrong in &form.wrong {
                let field = format!("endpoints[0].{}", wrong.field);
                for endpoint in form.with(&wrong.field, &wrong.value) {
                    let answer = app.post(PATH, sent(kind, &endpoint)).await;
                    answer.fields(422, "invalid", &[(&field, &wrong.code)]);
                    says_no_secret(&answer);
                }
            }
        }
    }
    nothing_is_there(&app).await;
}

#[tokio::test]
async fn what_is_wrong_with_the_whole_is_told_by_its_name() {
    let app = App::new().await;
    let endpoint = json!({"api_key": "s3cr3t"});
    for (body, field, code) in [
        (json!({"kind": "openai"}), "credentials", "required"),
        (
            json!({"kind": "openai", "credentials": "s3cr3t"}),
            "credentials",
            "wrong_type",
        ),
        (
            json!({"kind": "openai", "credentials": {"endpoints": "s3cr3t"}}),
            "endpoints",
            "wrong_type",
        ),
        (
            json!({"kind": "openai", "credentials": {"endpoints": []}}),
            "endpoints",
            "required",
        ),
        (
            json!({"kind": "openai", "credentials": {"endpoints": vec![&endpoint; 21]}}),
            "endpoints",
            "too_many",
        ),
        (
            json!({"kind": "openai", "credentials": {"endpoints": ["s3cr3t"]}}),
            "endpoints[0]",
            "wrong_type",
        ),
        // What was pasted may have fields of the same names as what stands beside it.
        (
            json!({"kind": "openai", "credentials": {"endpoints": [endpoint], "kind": "s3cr3t"}}),
            "credentials.kind",
            "unknown_field",
        ),
        (
            json!({"kind": "openai", "name": "x", "credentials": {"endpoints": [endpoint]}}),
            "name",
            "unknown_field",
        ),
        (
            json!({"kind": "gcp", "credentials": {"endpoints": [endpoint]}}),
            "kind",
            "invalid_kind",
        ),
        (
            json!({"kind": 7, "credentials": {"endpoints": [endpoint]}}),
            "kind",
            "wrong_type",
        ),
        (
            json!({"credentials": {"endpoints": [endpoint]}}),
            "kind",
            "required",
        ),
        (
            json!({"credentials": {"endpoints": [7]}}),
            "endpoints[0]",
            "wrong_type",
        ),
        (
            json!({"kind": "openai", "id": "No id", "credentials": {"endpoints": [endpoint]}}),
            "id",
            "invalid_id",
        ),
        (
            json!({"kind": "openai", "display_name": "two\nlines", "credentials": {"endpoints": [endpoint]}}),
            "display_name",
            "control_character",
        ),
        (
            json!({"kind": "openai", "display_name": 7, "credentials": {"endpoints": [endpoint]}}),
            "display_name",
            "wrong_type",
        ),
    ] {
        let answer = app.post(PATH, body).await;
        answer.fields(422, "invalid", &[(field, code)]);
        says_no_secret(&answer);
    }
    nothing_is_there(&app).await;
}

#[tokio::test]
async fn what_reading_and_the_check_of_providers_find_is_told_at_once() {
    let app = App::new().await;
    let credentials = json!({"name": "x", "endpoints": [
        {"api_type": "open_ai", "api_base": "s3cr3t", "api_version": "latest", "api_key": "<your-api-key>"},
        {"api_type": "azure", "api_base": "http://169.254.169.254/", "api_version": "2024-10-21", "api_key": "s3cr3t\n"},
        {"api_type": "azure", "api_base": "https://res.openai.azure.com", "api_version": "newest", "api_key": "s3cr3t"},
    ]});
    let body = json!({"kind": "azure", "id": "import", "display_name": "two\nlines", "credentials": credentials});
    let answer = app.post(PATH, body).await;
    answer.fields(
        422,
        "invalid",
        &[
            ("credentials.name", "unknown_field"),
            ("endpoints[0].api_type", "invalid_api_type"),
            ("endpoints[0].api_key", "placeholder"),
            ("endpoints[1].api_key", "control_character"),
            ("display_name", "control_character"),
            ("endpoints[0].api_base", "invalid_base_url"),
            ("endpoints[0].api_version", "invalid_api_version"),
            ("endpoints[1].api_base", "refused_address"),
            ("endpoints[2].api_version", "invalid_api_version"),
            ("id", "id_reserved"),
        ],
    );
    says_no_secret(&answer);

    let credentials = json!({"endpoints": [
        {"region": "No region", "role_arn": "s3cr3t", "access_key_id": "AKIDEXAMPLE"},
        {"region": "us-east-1", "secret_access_key": "s3cr3t", "use_fips_endpoint": true},
    ]});
    let answer = app
        .post(PATH, json!({"kind": "aws", "credentials": credentials}))
        .await;
    answer.fields(
        422,
        "invalid",
        &[
            ("endpoints[0].access_key_id", "keys_and_role"),
            ("endpoints[1].access_key_id", "required"),
            ("endpoints[1].use_fips_endpoint", "endpoints_differ"),
            ("endpoints[0].region", "invalid_region"),
            ("endpoints[0].role_arn", "invalid_role_arn"),
        ],
    );
    says_no_secret(&answer);

    let info = json!({"type": "service_account", "project_id": "No Project", "universe_domain": "s3cr3t.example"});
    let endpoint = json!({"region": "No location", "service_account_info": info});
    let answer = app.post(PATH, sent("google", &endpoint)).await;
    let of = |field: &str| format!("endpoints[0].service_account_info.{field}");
    let missing = ["private_key_id", "client_email", "token_uri", "private_key"];
    let missing = missing.map(|field| (of(field), "invalid_service_account"));
    let mut expected = vec![(of("universe_domain"), "unsupported_universe")];
    expected.extend(missing);
    expected.push((of("project_id"), "invalid_project"));
    expected.push(("endpoints[0].region".to_owned(), "invalid_location"));
    let expected: Vec<_> = expected
        .iter()
        .map(|(field, code)| (field.as_str(), *code))
        .collect();
    answer.fields(422, "invalid", &expected);
    says_no_secret(&answer);
    nothing_is_there(&app).await;
}

#[tokio::test]
async fn an_id_that_is_not_free_is_told_with_all_else() {
    let app = App::new().await;
    let body = |id: &str, kind: Value, key: &str| json!({"kind": kind, "id": id, "credentials": {"endpoints": [{"api_key": key}]}});
    app.post(PATH, body("mine", json!("openai"), "s3cr3t"))
        .await
        .json(201);
    for (id, code) in [("mine", "id_taken"), ("import", "id_reserved")] {
        let alone = app.post(PATH, body(id, json!("cohere"), "s3cr3t")).await;
        alone.fields(409, code, &[("id", code)]);
        let with_a_field = app.post(PATH, body(id, json!("cohere"), "<key>")).await;
        let of_the_key = ("endpoints[0].api_key", "placeholder");
        with_a_field.fields(422, "invalid", &[of_the_key, ("id", code)]);
        let of_no_kind = app.post(PATH, body(id, Value::Null, "<key>")).await;
        of_no_kind.fields(
            422,
            "invalid",
            &[("kind", "required"), of_the_key, ("id", code)],
        );
    }
    // Only the first was made, and only its secret.
    let secrets = app.get("/api/v1/secrets").await.json(200);
    assert_eq!(secrets["items"].as_array().unwrap().len(), 1);
    let providers = app.get("/api/v1/providers").await.json(200);
    assert_eq!(providers["items"].as_array().unwrap().len(), 1);
    let audit = app.get("/api/v1/audit").await.json(200);
    assert_eq!(audit["items"].as_array().unwrap().len(), 2);
}
