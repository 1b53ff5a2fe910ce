//! Whose credentials Vertex AI is called with, and where calls go with them.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{CLAUDE, GEMINI, call, contents, google, provider, vertex};

#[tokio::test]
async fn a_token_that_google_takes_no_longer_passes_and_a_new_key_holds_for_the_next_call() {
    let world = vertex().await;
    let path = format!("/v1/publishers/google/models/{GEMINI}:generateContent");
    let ask = async || {
        call(&world, "vertex", &path, &contents())
            .send()
            .await
            .unwrap()
            .status()
    };
    assert_eq!(ask().await, StatusCode::OK);
    world.upstream.expire_issued();
    assert_eq!(
        ask().await,
        StatusCode::UNAUTHORIZED,
        "its own answer passes"
    );
    // A secret that is replaced holds for the next call.
    let secret = "/api/v1/secrets/VERTEX_KEY";
    let put = async |value: &str| {
        let value = json!({ "value": value });
        world.api(Method::PUT, secret, value).await
    };
    put("{}").await;
    assert_eq!(ask().await, StatusCode::SERVICE_UNAVAILABLE);
    put(&world.upstream.service_account()).await;
    assert_eq!(ask().await, StatusCode::OK);
    assert_eq!(world.upstream.issued_tokens().service_account, 2);
}

#[tokio::test]
async fn models_are_listed_and_connections_tested() {
    let world = vertex().await;
    let models = world.admin_models("vertex").await.unwrap();
    for id in [
        GEMINI,
        "text-embedding-005",
        CLAUDE,
        "mistral-medium-3",
        "meta/llama-3.3-70b-instruct-maas",
    ] {
        assert!(models.iter().any(|listed| listed == id), "{id}: {models:?}");
    }
    let test = async |provider: &str, model: &str| {
        let body = json!({ "model": model, "unlisted": true });
        let path = format!("/api/v1/providers/{provider}/test");
        world.api(Method::POST, &path, body).await
    };
    for model in [
        GEMINI,
        "claude-opus-4-5@20251101",
        "mistral-medium-3",
        "meta/llama-3.3-70b-instruct-maas",
        "text-embedding-005",
        "gemini-embedding-2",
    ] {
        let tested = test("vertex", model).await;
        assert_eq!(tested["ok"], true, "{model}: {tested}");
        let found = tested["stages"][0]["detail"].as_str().unwrap();
        assert!(found.contains("iam.gserviceaccount.com"), "{found}");
    }
    let missing = test("vertex", "missing-model").await;
    let advice = missing["failure"]["advice"].as_str().unwrap();
    assert_eq!(missing["failure"]["symptom"], "not_found");
    assert!(advice.contains("not served in us-central1"), "{advice}");
    let forbidden = provider(&world, "forbidden", "forbidden-project", "global");
    world
        .api(Method::POST, "/api/v1/providers", forbidden)
        .await;
    let forbidden = test("forbidden", GEMINI).await;
    let advice = forbidden["failure"]["advice"].as_str().unwrap();
    assert_eq!(forbidden["failure"]["symptom"], "forbidden");
    assert!(
        advice.contains("aiplatform.endpoints.predict in forbidden-project"),
        "{advice}"
    );
}

#[tokio::test]
async fn the_key_of_a_service_account_is_looked_at_when_a_provider_is_saved() {
    let world = vertex().await;
    let mut wrong: Value = serde_json::from_str(&world.upstream.service_account()).unwrap();
    wrong.as_object_mut().unwrap().remove("client_email");
    let mut at_metadata: Value = serde_json::from_str(&world.upstream.service_account()).unwrap();
    at_metadata["token_uri"] = json!("http://169.254.169.254/token");
    for (name, value, says) in [
        ("NOT_JSON", "hush-hush".to_owned(), "JSON"),
        ("NO_EMAIL", wrong.to_string(), "client_email"),
        (
            "AT_METADATA",
            at_metadata.to_string(),
            "metadata addresses are refused",
        ),
    ] {
        let path = format!("/api/v1/secrets/{name}");
        world
            .api(Method::PUT, &path, json!({ "value": value }))
            .await;
        let mut provider = provider(&world, "wrong", "own-project", "global");
        provider["credentials"]["service_account"] = json!(name);
        let (status, told) = world
            .try_api(Method::POST, "/api/v1/providers", provider)
            .await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{told}");
        let error = &told["errors"][0];
        assert_eq!(error["field"], "credentials.service_account", "{told}");
        assert!(error["message"].as_str().unwrap().contains(says), "{told}");
        assert!(!told.to_string().contains("hush"), "{told}");
    }
    let endpoint = |name: &str, key: &str| {
        json!({ "name": name, "location": "global", "project": "own-project", "base_url": world.upstream.base_url(),
            "credentials": { "mode": "service_account", "service_account": key } })
    };
    let several = json!({ "id": "wrong", "display_name": "wrong", "type": "vertex_ai",
        "endpoints": [endpoint("a", "VERTEX_KEY"), endpoint("b", "NOT_JSON"), endpoint("c", "NO_EMAIL")] });
    let (status, told) = world
        .try_api(Method::POST, "/api/v1/providers", several)
        .await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{told}");
    for (index, error) in [(1, &told["errors"][0]), (2, &told["errors"][1])] {
        let field = format!("endpoints[{index}].credentials.service_account");
        assert_eq!(error["field"], field, "{told}");
    }
    // As Google hands it out, in many lines.
    let key: Value = serde_json::from_str(&world.upstream.service_account()).unwrap();
    let lines = serde_json::to_string_pretty(&key).unwrap();
    let path = "/api/v1/secrets/IN_LINES";
    world
        .api(Method::PUT, path, json!({ "value": format!("{lines}\n") }))
        .await;
    let mut provider = provider(&world, "lines", "own-project", "global");
    provider["credentials"]["service_account"] = json!("IN_LINES");
    world.api(Method::POST, "/api/v1/providers", provider).await;
    let path = format!("/v1/publishers/google/models/{GEMINI}:generateContent");
    let response = call(&world, "lines", &path, &contents())
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test]
async fn each_of_several_endpoints_is_called_in_its_own_project_and_location() {
    let world = vertex().await;
    let credentials = json!({ "mode": "service_account", "service_account": "VERTEX_KEY" });
    let base_url = world.upstream.base_url();
    let several = json!({ "id": "several", "display_name": "Several", "type": "vertex_ai",
        "endpoints": [
            { "name": "us", "location": "us-central1", "project": "common-project", "base_url": base_url, "credentials": credentials },
            { "name": "eu", "location": "europe-west1", "project": "another-project", "base_url": base_url,
                "credentials": credentials },
        ] });
    world.api(Method::POST, "/api/v1/providers", several).await;
    world.upstream.clear_requests();
    for _ in 0..2 {
        let path = google(&format!("{GEMINI}:generateContent"));
        let response = call(&world, "several", &path, &contents())
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), StatusCode::OK);
    }
    let requests = world.upstream.requests();
    for home in [
        "/projects/common-project/locations/us-central1/",
        "/projects/another-project/locations/europe-west1/",
    ] {
        let there = requests
            .iter()
            .filter(|up| up.path_and_query.contains(home));
        assert_eq!(there.count(), 1, "{home}");
    }
}
