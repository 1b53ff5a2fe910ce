//! Vertex AI: each operation of each publisher, in the provider's own project and location, with tokens that the
//! stand-in issued for a service account.

mod account;
mod prices;

use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use standin::Settings;

use crate::support::{World, call_id, world_on};

const GEMINI: &str = "gemini-3-pro-preview";
const CLAUDE: &str = "claude-opus-5";
const HOME: &str = "/projects/own-project/locations/us-central1";

/// A Weir with a Vertex AI provider in a region and one in `global`.
async fn vertex() -> World {
    let world = world_on(Settings::default(), &[]).await;
    let key = world.upstream.service_account();
    let path = "/api/v1/secrets/VERTEX_KEY";
    world.api(Method::PUT, path, json!({ "value": key })).await;
    for (id, location) in [("vertex", "us-central1"), ("anywhere", "global")] {
        let provider = provider(&world, id, "own-project", location);
        world.api(Method::POST, "/api/v1/providers", provider).await;
    }
    world
}

fn provider(world: &World, id: &str, project: &str, location: &str) -> Value {
    json!({ "id": id, "display_name": id, "type": "vertex_ai", "project": project, "location": location,
        "base_url": world.upstream.base_url(),
        "credentials": { "mode": "service_account", "service_account": "VERTEX_KEY" } })
}

/// A call with the gateway token as a bearer token.
fn call(world: &World, provider: &str, path: &str, body: &Value) -> RequestBuilder {
    world
        .client
        .post(world.url(&format!("/llm/v1/providers/{provider}{path}")))
        .bearer_auth(&world.token)
        .json(body)
}

fn contents() -> Value {
    json!({ "contents": [{ "role": "user", "parts": [{ "text": "Hello there" }] }] })
}

fn messages(stream: bool) -> Value {
    json!({ "anthropic_version": "vertex-2023-10-16", "max_tokens": 20, "stream": stream,
        "messages": [{ "role": "user", "content": "Hello there" }] })
}

fn chat(model: &str, stream: bool) -> Value {
    json!({ "model": model, "stream": stream, "max_tokens": 20,
        "messages": [{ "role": "user", "content": "Hello there" }] })
}

fn google(call: &str) -> String {
    format!("/v1/projects/their-project/locations/eu/publishers/google/models/{call}")
}

fn of(publisher: &str, call: &str) -> String {
    format!("/v1/projects/their-project/locations/eu/publishers/{publisher}/models/{call}")
}

#[tokio::test]
async fn every_operation_goes_up_in_the_providers_own_project_and_is_priced() {
    let world = vertex().await;
    let openapi = "/v1/projects/their-project/locations/eu/endpoints/openapi";
    let mut counted = messages(false);
    counted["model"] = json!(CLAUDE);
    counted.as_object_mut().unwrap().remove("stream");
    for (path, body, model, operation, streamed, state) in [
        (
            google(&format!("{GEMINI}:generateContent")),
            contents(),
            GEMINI,
            "generate",
            false,
            "priced",
        ),
        (
            google(&format!("{GEMINI}:streamGenerateContent?alt=sse")),
            contents(),
            GEMINI,
            "generate",
            true,
            "priced",
        ),
        (
            google(&format!("{GEMINI}:streamGenerateContent")),
            contents(),
            GEMINI,
            "generate",
            true,
            "priced",
        ),
        (
            google(&format!("{GEMINI}:countTokens")),
            contents(),
            GEMINI,
            "count_tokens",
            false,
            "not_billed",
        ),
        (
            google("text-embedding-005:predict"),
            json!({ "instances": [{ "content": "a weir" }, { "content": "a dam" }] }),
            "text-embedding-005",
            "embeddings",
            false,
            "priced",
        ),
        (
            google("gemini-embedding-2:embedContent"),
            json!({ "content": { "parts": [{ "text": "a weir" }] } }),
            "gemini-embedding-2",
            "embeddings",
            false,
            "priced",
        ),
        (
            of("anthropic", &format!("{CLAUDE}:rawPredict")),
            messages(false),
            CLAUDE,
            "messages",
            false,
            "priced",
        ),
        (
            of("anthropic", &format!("{CLAUDE}:streamRawPredict")),
            messages(true),
            CLAUDE,
            "messages",
            true,
            "priced",
        ),
        (
            of("anthropic", "count-tokens:rawPredict"),
            counted,
            CLAUDE,
            "count_tokens",
            false,
            "not_billed",
        ),
        (
            of("mistralai", "mistral-medium-3@001:rawPredict"),
            chat("mistral-medium-3", false),
            "mistral-medium-3@001",
            "chat",
            false,
            "priced",
        ),
        (
            of("mistralai", "mistral-medium-3@001:streamRawPredict"),
            chat("mistral-medium-3", true),
            "mistral-medium-3@001",
            "chat",
            true,
            "priced",
        ),
        (
            format!("{openapi}/chat/completions"),
            chat("google/gemini-3-pro-preview", false),
            GEMINI,
            "chat",
            false,
            "priced",
        ),
        (
            format!("{openapi}/chat/completions"),
            chat("google/gemini-3-pro-preview", true),
            GEMINI,
            "chat",
            true,
            "priced",
        ),
        (
            format!("{openapi}/chat/completions"),
            chat("meta/llama-3.3-70b-instruct-maas", true),
            "meta/llama-3.3-70b-instruct-maas",
            "chat",
            true,
            "priced",
        ),
    ] {
        // As SDKs write it, and without a project and a location.
        let bare = path.replace("/projects/their-project/locations/eu", "");
        for path in [path, bare] {
            world.upstream.clear_requests();
            let response = call(&world, "vertex", &path, &body).send().await.unwrap();
            let status = response.status();
            let id = call_id(response.headers());
            let answer = response.text().await.unwrap();
            assert_eq!(status, StatusCode::OK, "{path}: {answer}");
            let row = world.row(&id).await;
            assert_eq!(
                (
                    &row["operation"],
                    &row["streamed"],
                    &row["outcome"],
                    &row["model"],
                    &row["price_state"]
                ),
                (
                    &json!(operation),
                    &json!(streamed),
                    &json!("ok"),
                    &json!(model),
                    &json!(state)
                ),
                "{path}: {row}"
            );
            let up = world.upstream.requests().pop().unwrap();
            let below = path
                .split("/eu/")
                .last()
                .unwrap()
                .trim_start_matches("/v1/");
            assert_eq!(up.path_and_query, format!("/v1{HOME}/{below}"));
            let token = up.headers["authorization"].to_str().unwrap();
            assert!(token.starts_with("Bearer ") && !token.contains(&world.token));
        }
    }
    assert_eq!(
        world.upstream.issued_tokens().service_account,
        1,
        "one token does for all"
    );
    assert!(
        world.upstream.leaks().is_empty(),
        "{:?}",
        world.upstream.leaks()
    );
}

#[tokio::test]
async fn no_client_names_another_project() {
    let world = vertex().await;
    let open = json!({ "other_paths": true });
    let path = "/api/v1/providers/vertex";
    world.api(Method::PATCH, path, open).await;
    world.upstream.clear_requests();
    let elsewhere = chat("projects/their-project/locations/eu/endpoints/1", false);
    for (path, body, says) in [
        (
            "/upload/v1/projects/their-project/locations/eu/ragCorpora/1/ragFiles:upload",
            json!({}),
            "begin with /v1/ or /v1beta1/",
        ),
        (
            "/projects/their-project/locations/eu/endpoints/1:predict",
            json!({}),
            "begin with /v1/ or /v1beta1/",
        ),
        (
            "/v1/endpoints/openapi/chat/completions",
            elsewhere,
            "names a project of Google Cloud",
        ),
    ] {
        let response = call(&world, "vertex", path, &body).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{path}");
        let told = response.text().await.unwrap();
        assert!(told.contains(says), "{told}");
    }
    assert!(world.upstream.requests().is_empty());
    let path = format!(
        "/v1/publishers/google/models/{GEMINI}:generateContent?$userProject=their-project&alt=json&%24key=x"
    );
    let response = call(&world, "vertex", &path, &contents())
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let up = world.upstream.requests().pop().unwrap();
    assert_eq!(
        up.path_and_query,
        format!("/v1{HOME}/publishers/google/models/{GEMINI}:generateContent?alt=json")
    );
}

#[tokio::test]
async fn the_token_may_stand_where_googles_clients_put_it_and_nothing_else_goes_up() {
    let world = vertex().await;
    let path =
        format!("/llm/v1/providers/vertex/v1/publishers/google/models/{GEMINI}:generateContent");
    for (name, value, query) in [
        ("authorization", format!("Bearer {}", world.token), ""),
        ("x-goog-api-key", world.token.clone(), ""),
        ("x-weir-token", world.token.clone(), ""),
        ("x-other", "x".to_owned(), "?key=TOKEN"),
    ] {
        world.upstream.clear_requests();
        let query = query.replace("TOKEN", &world.token);
        let response = world
            .client
            .post(world.url(&format!("{path}{query}")))
            .header(name, value)
            .header("x-goog-user-project", "their-project")
            .json(&contents())
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{name}");
        let up = world.upstream.requests().pop().unwrap();
        assert!(!up.headers.contains_key("x-goog-user-project"));
        assert!(!up.headers.contains_key("x-goog-api-key"));
        assert!(!up.path_and_query.contains("key="), "{}", up.path_and_query);
    }
    assert!(world.upstream.leaks().is_empty());
}

#[tokio::test]
async fn errors_come_in_the_shape_of_whose_model_it_is() {
    let world = vertex().await;
    let at = |path: &str| world.url(&format!("/llm/v1/providers/vertex{path}"));
    for (path, pointer, word) in [
        (
            "/v1/publishers/google/models/m:generateContent",
            "/error/status",
            "UNAUTHENTICATED",
        ),
        (
            "/v1/projects/p/locations/l/publishers/anthropic/models/m:rawPredict",
            "/error/type",
            "authentication_error",
        ),
        (
            "/v1/endpoints/openapi/chat/completions",
            "/error/type",
            "authentication_error",
        ),
        (
            "/v1/publishers/mistralai/models/m:rawPredict",
            "/error/status",
            "UNAUTHENTICATED",
        ),
    ] {
        let response = world
            .client
            .post(at(path))
            .bearer_auth("wr_nobody")
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{path}");
        let error: Value = response.json().await.unwrap();
        assert_eq!(
            error.pointer(pointer),
            Some(&json!(word)),
            "{path}: {error}"
        );
    }
    // What Google says passes.
    let missing = "/v1/publishers/google/models/missing-model:generateContent";
    let response = call(&world, "vertex", missing, &contents())
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    let row = world.row(&call_id(response.headers())).await;
    assert_eq!(
        (&row["outcome"], &row["price_state"]),
        (&json!("upstream_error"), &json!("not_billed"))
    );
    let error: Value = response.json().await.unwrap();
    assert_eq!(error["error"]["status"], "NOT_FOUND");
    // What is not metered needs the provider's leave.
    let imagen = "/v1/publishers/google/models/imagen-4:predict";
    let response = call(&world, "vertex", imagen, &json!({}))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_list_of_models_holds_however_a_model_is_written() {
    let world = vertex().await;
    let mut listed = provider(&world, "listed", "own-project", "global");
    listed["models"] = json!([{ "id": "google/gemini-3-pro-preview" }, { "id": "meta/llama-3.3-70b-instruct-maas" }]);
    let made = world.api(Method::POST, "/api/v1/providers", listed).await;
    assert_eq!(made["models"][0]["id"], GEMINI);
    let openapi = "/v1/endpoints/openapi/chat/completions";
    for (path, body, status) in [
        (
            google(&format!("{GEMINI}:generateContent")),
            contents(),
            200,
        ),
        (
            openapi.to_owned(),
            chat("google/gemini-3-pro-preview", false),
            200,
        ),
        (
            openapi.to_owned(),
            chat("publishers/google/models/gemini-3-pro-preview", false),
            200,
        ),
        (
            openapi.to_owned(),
            chat("meta/llama-3.3-70b-instruct-maas", false),
            200,
        ),
        (
            openapi.to_owned(),
            chat("google/gemini-2.5-pro", false),
            403,
        ),
        (google("gemini-2.5-pro:generateContent"), contents(), 403),
        (
            of("anthropic", "claude-opus-5:rawPredict"),
            messages(false),
            403,
        ),
    ] {
        let response = call(&world, "listed", &path, &body).send().await.unwrap();
        assert_eq!(response.status().as_u16(), status, "{path} {body}");
    }
}
