//! Azure OpenAI: both families of paths, deployments, versions, its content filter, its own errors.

mod principal;

use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use standin::Settings;

use crate::support::{UPSTREAM_KEY, World, a_chat, call_id, streamed, world_on};

const DATED: &str = "?api-version=2024-10-21";

/// A Weir with a provider `azure`, whose deployments are called unlike their models.
async fn azure() -> World {
    let settings = Settings {
        required_key: Some(UPSTREAM_KEY.to_owned()),
        ..Settings::default()
    };
    let world = world_on(settings, &[]).await;
    let provider = json!({ "id": "azure", "display_name": "Azure", "type": "azure_openai",
        "base_url": format!("{}/as/azure/openai/v1/", world.upstream.base_url()), "api_key": "UPSTREAM_KEY" });
    let made = world.api(Method::POST, "/api/v1/providers", provider).await;
    assert_eq!(
        made["base_url"],
        format!("{}/as/azure", world.upstream.base_url())
    );
    world
}

/// A call as Azure's clients make it.
fn call(world: &World, path: &str, body: &Value) -> RequestBuilder {
    world
        .client
        .post(world.url(&format!("/llm/v1/providers/azure{path}")))
        .header("api-key", &world.token)
        .json(body)
}

fn chat() -> Value {
    let mut chat = a_chat();
    chat.as_object_mut().unwrap().remove("model");
    chat
}

fn of_model(mut body: Value, model: &str) -> Value {
    body["model"] = json!(model);
    body
}

/// The last request that the upstream got: path and query, and its headers.
fn last(world: &World) -> (String, http::HeaderMap) {
    let request = world.upstream.requests().pop().unwrap();
    (request.path_and_query, request.headers)
}

#[tokio::test]
async fn both_families_are_metered_and_priced_as_the_answers_model() {
    let world = azure().await;
    let responses = json!({ "model": "front-desk", "input": "Hi" });
    let embeddings = json!({ "input": "Hi" });
    for (path, body, operation, model, is_stream) in [
        (
            format!("/openai/deployments/front-desk/chat/completions{DATED}"),
            chat(),
            "chat",
            "front-desk",
            false,
        ),
        (
            format!("/openai/deployments/front-desk/chat/completions{DATED}"),
            streamed(chat()),
            "chat",
            "front-desk",
            true,
        ),
        (
            "/openai/v1/chat/completions".to_owned(),
            of_model(chat(), "front-desk"),
            "chat",
            "front-desk",
            false,
        ),
        (
            "/openai/v1/chat/completions".to_owned(),
            streamed(of_model(chat(), "front-desk")),
            "chat",
            "front-desk",
            true,
        ),
        (
            "/openai/responses?api-version=2025-04-01-preview".to_owned(),
            responses.clone(),
            "responses",
            "front-desk",
            false,
        ),
        (
            "/openai/v1/responses".to_owned(),
            streamed(responses),
            "responses",
            "front-desk",
            true,
        ),
        (
            format!("/openai/deployments/text-embedding-3-small/embeddings{DATED}"),
            embeddings,
            "embeddings",
            "text-embedding-3-small",
            false,
        ),
    ] {
        let response = call(&world, &path, &body).send().await.unwrap();
        let (status, id) = (response.status(), call_id(response.headers()));
        let text = response.text().await.unwrap();
        assert_eq!(status, StatusCode::OK, "{path}: {text}");
        let row = world.row(&id).await;
        assert_eq!(
            (&row["operation"], &row["streamed"], &row["outcome"]),
            (&json!(operation), &json!(is_stream), &json!("ok")),
            "{path}: {row}"
        );
        assert_eq!(
            (&row["model"], &row["price_state"]),
            (&json!(model), &json!("priced")),
            "{path}: {row}"
        );
        let replied = if operation == "embeddings" {
            "text-embedding-3-small"
        } else {
            "gpt-4o-2024-11-20"
        };
        assert_eq!(row["replied_model"], replied, "{path}: {row}");
        assert!(row["upstream_request_id"].is_string(), "{path}: {row}");
        let (went_to, headers) = last(&world);
        assert_eq!(went_to, format!("/as/azure{path}"));
        assert_eq!(headers["api-key"], UPSTREAM_KEY);
        assert!(!headers.contains_key("authorization"));
    }
    // Streamed and not, the same call costs the same.
    let costs: Vec<Value> = world
        .rows()
        .await
        .iter()
        .filter(|row| row["operation"] == "chat")
        .map(|row| row["cost_usd"]["total"].clone())
        .collect();
    assert_eq!(costs.len(), 4);
    assert!(
        costs
            .iter()
            .all(|cost| *cost == costs[0] && cost != "0.000000000"),
        "{costs:?}"
    );
}

#[tokio::test]
async fn a_stream_passes_as_it_came_but_for_the_usage_that_weir_asked_for() {
    let world = azure().await;
    let path = format!("/openai/deployments/d/chat/completions{DATED}");
    let through = call(&world, &path, &streamed(chat()));
    let through = through.send().await.unwrap().text().await.unwrap();
    let direct = world
        .client
        .post(format!("{}/as/azure{path}", world.upstream.base_url()))
        .header("api-key", UPSTREAM_KEY)
        .json(&streamed(chat()))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let without_null = through.replace(",\"usage\":null", "");
    assert_eq!(without_null, direct);
    assert!(through.starts_with("data: {\"choices\":[],"), "{through}");
    assert!(
        through.contains("prompt_filter_results") && through.contains("content_filter_results")
    );
}

#[tokio::test]
async fn the_version_is_the_callers_else_the_providers_else_the_usual_one() {
    let world = azure().await;
    let path = "/openai/deployments/d/chat/completions";
    let sent = async |path: &str| {
        let response = call(&world, path, &chat()).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        last(&world).0
    };
    assert_eq!(
        sent(path).await,
        format!("/as/azure{path}?api-version=2024-10-21")
    );
    let named = format!("{path}?api-version=2023-05-15");
    assert_eq!(sent(&named).await, format!("/as/azure{named}"));
    let patch = json!({ "api_version": "2025-04-01-preview" });
    world
        .api(Method::PATCH, "/api/v1/providers/azure", patch)
        .await;
    assert_eq!(
        sent(&format!("{path}?api-key=stolen")).await,
        format!("/as/azure{path}?api-version=2025-04-01-preview")
    );
    let v1 = call(
        &world,
        "/openai/v1/chat/completions",
        &of_model(chat(), "d"),
    );
    assert_eq!(v1.send().await.unwrap().status(), StatusCode::OK);
    assert_eq!(last(&world).0, "/as/azure/openai/v1/chat/completions");
}

#[tokio::test]
async fn versions_that_know_no_stream_options_are_not_asked_for_them() {
    let world = azure().await;
    for (version, asked) in [("2023-05-15", false), ("2024-09-01-preview", true)] {
        let path = format!("/openai/deployments/d/chat/completions?api-version={version}");
        let response = call(&world, &path, &streamed(chat())).send().await.unwrap();
        let (status, id) = (response.status(), call_id(response.headers()));
        assert_eq!(status, StatusCode::OK, "{}", response.text().await.unwrap());
        let text = response.text().await.unwrap();
        assert!(text.ends_with("data: [DONE]\n\n"), "{text}");
        let sent = world.upstream.requests().pop().unwrap().body;
        let sent = String::from_utf8_lossy(&sent).contains("stream_options");
        assert_eq!(sent, asked, "{version}");
        let state = if asked { "priced" } else { "estimated" };
        // What was not told is estimated, and without the answer's usage the model still is.
        assert_eq!(world.row(&id).await["price_state"], state, "{version}");
    }
}

/// Whether the upstream's requests asked for usage, in their order. Forgets them.
fn usage_asked_for(world: &World) -> Vec<bool> {
    let sent = world.upstream.requests();
    world.upstream.clear_requests();
    let asks = |body: &[u8]| String::from_utf8_lossy(body).contains("stream_options");
    sent.iter().map(|request| asks(&request.body)).collect()
}

#[tokio::test]
async fn a_deployment_that_refuses_stream_options_ends_exact_metering_for_itself_alone() {
    let world = azure().await;
    let sent = async |deployment: &str, refuses: bool| {
        let path = format!("/openai/deployments/{deployment}/chat/completions{DATED}");
        let mut request = call(&world, &path, &streamed(chat()));
        if refuses {
            request = request.header("x-standin-refuse-stream-options", "1");
        }
        let response = request.send().await.unwrap();
        let (status, id) = (response.status(), call_id(response.headers()));
        assert_eq!(status, StatusCode::OK, "{}", response.text().await.unwrap());
        drop(response.bytes().await);
        (
            usage_asked_for(&world),
            world.row(&id).await["price_state"].clone(),
        )
    };
    // It is asked once more, and from then on as its client asks.
    assert_eq!(
        sent("old", true).await,
        (vec![true, false], json!("estimated"))
    );
    assert_eq!(sent("old", true).await, (vec![false], json!("estimated")));
    assert_eq!(sent("new", false).await, (vec![true], json!("priced")));
}

#[tokio::test]
async fn a_filter_that_refuses_is_not_asked_once_more() {
    let world = azure().await;
    let mut filtered = streamed(chat());
    filtered["messages"][0]["content"] = json!("words that no filter lets through");
    let path = "/openai/v1/chat/completions";
    let filtered = call(&world, path, &of_model(filtered, "d")).send().await;
    assert_eq!(filtered.unwrap().status(), StatusCode::BAD_REQUEST);
    assert_eq!(usage_asked_for(&world), [true]);
}

#[tokio::test]
async fn a_deployments_name_is_no_models_name() {
    let world = azure().await;
    let row = async |deployment: &str, replied: &str| {
        let path = format!("/openai/deployments/{deployment}/chat/completions{DATED}");
        let response = call(&world, &path, &chat())
            .header("x-standin-model", replied)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let id = call_id(response.headers());
        drop(response.bytes().await);
        world.row(&id).await
    };
    // A deployment may be called after another model than its own.
    let misnamed = row("gpt-4o", "gpt-4.1-nano-2025-04-14").await;
    let named = row("x", "gpt-4.1-nano-2025-04-14").await;
    assert_eq!(misnamed["rates"], named["rates"]);
    assert_eq!(misnamed["rates"]["input"]["usd_per_mtok"], "0.1");
    // What nobody knows is unpriced, and never the model of the name.
    assert_eq!(
        row("gpt-4o", "nobody-knows-it").await["price_state"],
        "unpriced"
    );
    // What Azure sells beside OpenAI's models.
    assert_eq!(row("x", "deepseek-v3.2").await["price_state"], "priced");
    // Unless an admin says as what it is priced.
    let models = json!({ "models": [{ "id": "mine", "price_as": "gpt-5" }] });
    world
        .api(Method::PATCH, "/api/v1/providers/azure", models)
        .await;
    let priced = row("mine", "nobody-knows-it").await;
    assert_eq!(
        (
            &priced["price_state"],
            &priced["rates"]["input"]["usd_per_mtok"]
        ),
        (&json!("priced"), &json!("1.25")),
        "{priced}"
    );
    let zone = json!({ "data_zone": "eu" });
    world
        .api(Method::PATCH, "/api/v1/providers/azure", zone)
        .await;
    let zone = row("mine", "nobody-knows-it").await;
    assert_eq!(zone["rates"]["input"]["usd_per_mtok"], "1.375");
    // The list holds deployments. Some clients write that the body names none.
    let named = format!("/openai/deployments/mine/chat/completions{DATED}");
    let mut null = chat();
    null["model"] = Value::Null;
    let taken = call(&world, &named, &null).send().await.unwrap();
    assert_eq!(taken.status(), StatusCode::OK);
    let path = format!("/openai/deployments/gpt-5/chat/completions{DATED}");
    let refused = call(&world, &path, &of_model(chat(), "mine"))
        .send()
        .await
        .unwrap();
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    let refused: Value = refused.json().await.unwrap();
    assert_eq!(refused["error"]["code"], "model_not_allowed");
}

#[tokio::test]
async fn clients_are_told_no_price_of_a_deployment_by_its_name() {
    let world = azure().await;
    let models = json!({ "models": [{ "id": "gpt-4o" }, { "id": "mine", "price_as": "gpt-4o" }] });
    world
        .api(Method::PATCH, "/api/v1/providers/azure", models)
        .await;
    let document = world
        .client
        .get(world.url("/llm/v1/providers/azure/.well-known/weir"))
        .header("api-key", &world.token)
        .send()
        .await
        .unwrap();
    let document: Value = document.json().await.unwrap();
    let rates = |place: usize| document["models"][place]["rates"].clone();
    assert_eq!(rates(0), json!({}), "{document}");
    assert_eq!(rates(1)["input"]["usd_per_mtok"], "2.5", "{document}");
}

#[tokio::test]
async fn a_token_comes_in_either_header_and_errors_are_azures_own() {
    let world = azure().await;
    let path = format!("/openai/deployments/d/chat/completions{DATED}");
    let url = world.url(&format!("/llm/v1/providers/azure{path}"));
    let bearer = world
        .client
        .post(&url)
        .bearer_auth(&world.token)
        .json(&chat());
    assert_eq!(bearer.send().await.unwrap().status(), StatusCode::OK);
    let nobody = world
        .client
        .post(&url)
        .header("api-key", "wr_nobody")
        .json(&chat());
    let nobody = nobody.send().await.unwrap();
    assert_eq!(nobody.status(), StatusCode::UNAUTHORIZED);
    let nobody: Value = nobody.json().await.unwrap();
    assert!(nobody["error"]["message"].is_string(), "{nobody}");

    let failed = async |path: &str, body: &Value| {
        let response = call(&world, path, body).send().await.unwrap();
        let (status, id) = (response.status(), call_id(response.headers()));
        let said: Value = response.json().await.unwrap();
        let row = world.row(&id).await;
        assert_eq!(row["outcome"], "upstream_error", "{row}");
        assert_eq!(row["price_state"], "not_billed", "{row}");
        (status.as_u16(), said)
    };
    let missing = "/openai/deployments/missing/chat/completions";
    let (status, said) = failed(missing, &chat()).await;
    assert_eq!(
        (status, &said["error"]["code"]),
        (404, &json!("DeploymentNotFound"))
    );
    let mut filtered = chat();
    filtered["messages"][0]["content"] = json!("words that no filter lets through");
    let (status, said) = failed(&path, &filtered).await;
    assert_eq!(
        (status, &said["error"]["code"]),
        (400, &json!("content_filter"))
    );
    assert_eq!(
        said["error"]["innererror"]["code"],
        "ResponsibleAIPolicyViolation"
    );
    world
        .api(
            Method::PUT,
            "/api/v1/secrets/UPSTREAM_KEY",
            json!({ "value": "another" }),
        )
        .await;
    let (status, said) = failed(&path, &chat()).await;
    assert_eq!((status, &said["error"]["code"]), (401, &json!("401")));
}

#[tokio::test]
async fn a_test_says_what_to_do() {
    let world = azure().await;
    let test = async |model: &str| {
        let asked = json!({ "model": model, "unlisted": true });
        world
            .api(Method::POST, "/api/v1/providers/azure/test", asked)
            .await
    };
    for model in ["front-desk", "text-embedding-3-small", "gpt-5-pro"] {
        let good = test(model).await;
        assert_eq!(good["ok"], true, "{good}");
        assert_eq!(good["price_state"], "priced", "{good}");
    }
    assert_eq!(last(&world).0, "/as/azure/openai/v1/responses");
    let missing = test("missing").await;
    let advice = missing["failure"]["advice"].as_str().unwrap();
    assert_eq!(missing["failure"]["symptom"], "not_found", "{missing}");
    assert!(advice.contains("name of a deployment"), "{advice}");
    world
        .api(
            Method::PUT,
            "/api/v1/secrets/UPSTREAM_KEY",
            json!({ "value": "another" }),
        )
        .await;
    let wrong = test("front-desk").await;
    let advice = wrong["failure"]["advice"].as_str().unwrap();
    assert_eq!(wrong["failure"]["stage"], "sign_in", "{wrong}");
    assert!(
        advice.contains("UPSTREAM_KEY") && advice.contains("Keys and Endpoint"),
        "{advice}"
    );
    // Deployments are listed to nobody who calls them.
    assert_eq!(world.admin_models("azure").await, Ok(vec![]));
}
