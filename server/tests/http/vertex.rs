//! Vertex AI: each operation of each publisher, in the provider's own project and location, with tokens that the
//! stand-in issued for a service account.

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
async fn what_runs_outside_of_global_costs_a_tenth_more() {
    let world = vertex().await;
    let cost = async |provider: &str, path: String, body: Value| {
        let response = call(&world, provider, &path, &body).send().await.unwrap();
        let row = world.row(&call_id(response.headers())).await;
        assert_eq!(row["price_state"], "priced", "{row}");
        let rate = row["rates"]["input"]["usd_per_mtok"]
            .as_str()
            .unwrap()
            .to_owned();
        (rate, row["geography"].clone())
    };
    let claude = format!("/v1/publishers/anthropic/models/{CLAUDE}:rawPredict");
    let (there, geography) = cost("vertex", claude.clone(), messages(false)).await;
    let (anywhere, global) = cost("anywhere", claude, messages(false)).await;
    assert_eq!((geography, global), (json!("us-central1"), json!("global")));
    let number = |text: &str| text.parse::<f64>().unwrap();
    assert!(
        (number(&there) - number(&anywhere) * 1.1).abs() < 1e-9,
        "{there} {anywhere}"
    );
    // Older models of Google's cost the same everywhere.
    let gemini = "/v1/publishers/google/models/gemini-2.5-flash:generateContent";
    let (there, _) = cost("vertex", gemini.to_owned(), contents()).await;
    let (anywhere, _) = cost("anywhere", gemini.to_owned(), contents()).await;
    assert_eq!(there, anywhere);
}

#[tokio::test]
async fn capacity_that_was_bought_is_not_billed_and_its_tokens_are_told() {
    let world = vertex().await;
    let path = format!("/v1/publishers/google/models/{GEMINI}:generateContent");
    let usage = |traffic: &str| json!({ "promptTokenCount": 10, "candidatesTokenCount": 5, "totalTokenCount": 15, "trafficType": traffic });
    for (traffic, state) in [
        ("PROVISIONED_THROUGHPUT", "not_billed"),
        ("ON_DEMAND", "priced"),
        ("ON_DEMAND_PRIORITY", "priced"),
        ("ON_DEMAND_FLEX", "priced"),
    ] {
        let asked = call(&world, "vertex", &path, &contents());
        let wished = asked.header("x-standin-usage", usage(traffic).to_string());
        let response = wished.send().await.unwrap();
        let row = world.row(&call_id(response.headers())).await;
        assert_eq!(
            (&row["price_state"], &row["service_tier"]),
            (&json!(state), &json!(traffic)),
            "{row}"
        );
        assert_eq!(
            (&row["tokens"]["input"], &row["tokens"]["output"]),
            (&json!(10), &json!(5)),
            "{row}"
        );
    }
}

#[tokio::test]
async fn the_kind_of_traffic_counts_however_it_is_told() {
    let world = vertex().await;
    let chat = |stream| chat("google/gemini-3-pro-preview", stream);
    let response = |stream: bool| json!({ "model": "google/gemini-3-pro-preview", "stream": stream, "input": "Hello there" });
    for (path, body) in [
        ("/v1/endpoints/openapi/chat/completions", chat(false)),
        ("/v1/endpoints/openapi/chat/completions", chat(true)),
        ("/v1/publishers/openai/v1/responses", response(false)),
        ("/v1/publishers/openai/v1/responses", response(true)),
        (
            "/v1/publishers/google/models/gemini-embedding-2:embedContent",
            json!({ "content": { "parts": [{ "text": "a weir" }] } }),
        ),
    ] {
        for (traffic, state) in [
            ("PROVISIONED_THROUGHPUT", "not_billed"),
            ("ON_DEMAND", "priced"),
            ("ON_DEMAND_FLEX", "priced"),
        ] {
            let asked = call(&world, "vertex", path, &body);
            let wished = asked.header("x-standin-traffic", traffic);
            let response = wished.send().await.unwrap();
            let id = call_id(response.headers());
            response.bytes().await.unwrap();
            let row = world.row(&id).await;
            assert_eq!(
                (&row["price_state"], &row["service_tier"]),
                (&json!(state), &json!(traffic)),
                "{path}: {row}"
            );
        }
    }
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
    for (name, value, says) in [
        ("NOT_JSON", "hush-hush".to_owned(), "JSON"),
        ("NO_EMAIL", wrong.to_string(), "client_email"),
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
        json!({ "name": name, "location": "global", "base_url": world.upstream.base_url(),
            "credentials": { "mode": "service_account", "service_account": key } })
    };
    let several = json!({ "id": "wrong", "display_name": "wrong", "type": "vertex_ai", "project": "own-project",
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
    let several = json!({ "id": "several", "display_name": "Several", "type": "vertex_ai", "project": "common-project",
        "endpoints": [
            { "name": "us", "location": "us-central1", "base_url": base_url, "credentials": credentials },
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

#[tokio::test]
async fn clients_are_told_the_prices_of_the_location() {
    let world = vertex().await;
    let models = json!({ "models": [{ "id": CLAUDE }] });
    let input = async |provider: &str| {
        let path = format!("/api/v1/providers/{provider}");
        world.api(Method::PATCH, &path, models.clone()).await;
        let document = world
            .client
            .get(world.url(&format!("/llm/v1/providers/{provider}/.well-known/weir")))
            .bearer_auth(&world.token);
        let document: Value = document.send().await.unwrap().json().await.unwrap();
        document["models"][0]["rates"]["input"]["usd_per_mtok"].clone()
    };
    assert_eq!(input("anywhere").await, "5");
    // What each call costs there, too: a tenth more.
    assert_eq!(input("vertex").await, "5.5");
}
