//! A newer catalog, fetched from an address: what it changes and what it never does.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{Router, extract::State, http::StatusCode, response::IntoResponse, routing::get};
use catalog::{Catalog, CatalogModel};
use domain::UsdPerMtok;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{a_chat, call_id, raw, world_with};

const MODEL: &str = "gpt-5-mini";

/// A newer file in which the input of the model that the tests call costs this much, with a new model.
fn newer(version: &str, input: &str) -> String {
    let builtin = Catalog::builtin().unwrap();
    let kinds = builtin.kinds();
    let mut models: Vec<CatalogModel> = kinds
        .into_iter()
        .flat_map(|kind| builtin.list(kind))
        .collect();
    let mut of_openai = models.iter_mut().filter(|model| model.kind == "openai");
    let model = of_openai.find(|model| model.id == MODEL).unwrap();
    let rate: UsdPerMtok = input.parse().unwrap();
    model.card.standard.input = Some(rate);
    let mut new = model.clone();
    new.id = "gpt-99".to_owned();
    models.push(new);
    catalog::write(version, models).unwrap()
}

#[derive(Clone)]
struct Files {
    asked: Arc<AtomicUsize>,
    file: Arc<String>,
}

/// A host of files, and how often it was asked.
async fn files(file: String) -> (String, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let files = Files {
        asked: Arc::clone(&asked),
        file: Arc::new(file),
    };
    let router = Router::new()
        .route("/models.jsonl", get(one))
        .route(
            "/moved",
            get(async || axum::response::Redirect::to("/models.jsonl")),
        )
        .route("/missing", get(async || StatusCode::NOT_FOUND))
        .route("/large", get(async || vec![b'x'; (16 << 20) + 1]))
        .route("/page", get(async || "<html>"))
        .with_state(files);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (url, asked)
}

async fn one(State(files): State<Files>) -> impl IntoResponse {
    files.asked.fetch_add(1, Ordering::SeqCst);
    files.file.as_str().to_owned()
}

#[tokio::test]
async fn new_calls_are_priced_by_it_old_rows_stay_and_nothing_becomes_callable() {
    let version = after_builtin(1);
    let (url, asked) = files(newer(&version, "7.25")).await;
    let address = format!("{url}/models.jsonl");
    let world = world_with(&["--catalog-url", &address]).await;
    let listed = json!({ "models": [{ "id": MODEL }] });
    world
        .api(Method::PATCH, "/api/v1/providers/openai-main", listed)
        .await;
    let call = world.chat(&a_chat()).send().await.unwrap();
    let old = world.row(&call_id(call.headers())).await;
    assert_ne!(old["rates"]["input"]["usd_per_mtok"], "7.25");
    let providers = world.get("/api/v1/providers").await;
    assert_eq!(asked.load(Ordering::SeqCst), 0, "nobody has asked for it");

    let proposed = world
        .api(Method::POST, "/api/v1/catalog/refresh", Value::Null)
        .await;
    assert_eq!(proposed["origin"], "address");
    assert_eq!(
        proposed["changes"]["affected"][0]["provider"],
        "openai-main"
    );
    assert_eq!(proposed["changes"]["added"][0]["id"], "gpt-99");
    let apply = json!({ "version": proposed["version"], "pending": proposed["pending"] });
    world
        .api(Method::POST, "/api/v1/catalog/apply", apply)
        .await;

    let call = world.chat(&a_chat()).send().await.unwrap();
    let new = world.row(&call_id(call.headers())).await;
    assert_eq!(new["rates"]["input"]["usd_per_mtok"], "7.25");
    assert_eq!(world.row(old["id"].as_str().unwrap()).await, old);
    assert_eq!(world.get("/api/v1/providers").await, providers);
    let unlisted = json!({ "model": "gpt-99", "messages": [] });
    let refused = world.chat(&unlisted).send().await.unwrap();
    assert_eq!(refused.status(), 403);
    let everything = json!({ "models": [] });
    world
        .api(Method::PATCH, "/api/v1/providers/openai-main", everything)
        .await;
    let allowed = world.chat(&unlisted).send().await.unwrap();
    assert_eq!(allowed.status(), 200, "an empty list allows all, as before");

    let world = world.restart().await;
    let status = world.get("/api/v1/catalog").await;
    assert_eq!(
        (&status["version"], &status["origin"]),
        (&json!(version), &json!("address"))
    );
    let call = world.chat(&a_chat()).send().await.unwrap();
    let after = world.row(&call_id(call.headers())).await;
    assert_eq!(after["rates"]["input"]["usd_per_mtok"], "7.25");
    assert_eq!(world.row(old["id"].as_str().unwrap()).await, old);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn the_same_version_with_other_prices_is_not_mixed_up() {
    let world = world_with(&[]).await;
    let version = after_builtin(1);
    for input in ["7.25", "8.5"] {
        let proposed = world
            .client
            .post(world.url("/api/v1/catalog"))
            .bearer_auth(crate::support::ADMIN_TOKEN)
            .body(newer(&version, input))
            .send()
            .await
            .unwrap();
        assert_eq!(proposed.status(), 200);
        let apply = json!({ "version": version });
        world
            .api(Method::POST, "/api/v1/catalog/apply", apply)
            .await;
        let call = world.chat(&a_chat()).send().await.unwrap();
        let row = world.row(&call_id(call.headers())).await;
        assert_eq!(row["rates"]["input"]["usd_per_mtok"], input);
        let back = world
            .api(Method::POST, "/api/v1/catalog/builtin", Value::Null)
            .await;
        let apply = json!({ "version": back["version"] });
        world
            .api(Method::POST, "/api/v1/catalog/apply", apply)
            .await;
    }
}

#[tokio::test]
async fn an_address_that_does_not_give_the_file_is_told_so() {
    let (url, _) = files(String::new()).await;
    let cases = [
        (
            format!("{url}/moved"),
            "catalog_unreachable",
            "points elsewhere",
        ),
        (
            format!("{url}/missing"),
            "catalog_unreachable",
            "answered 404",
        ),
        (format!("{url}/large"), "catalog_too_large", "16 MiB"),
        (format!("{url}/page"), "catalog_damaged", "line 1"),
        (
            "http://169.254.169.254/models.jsonl".to_owned(),
            "catalog_unreachable",
            "metadata",
        ),
        (
            "http://127.0.0.1:9/models.jsonl".to_owned(),
            "catalog_unreachable",
            "refused the connection",
        ),
    ];
    for (address, code, says) in cases {
        let world = world_with(&["--catalog-url", &address]).await;
        let before = world.get("/api/v1/catalog").await;
        let (_, problem) = world
            .try_api(Method::POST, "/api/v1/catalog/refresh", Value::Null)
            .await;
        assert_eq!(problem["code"], code, "{address}: {problem}");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(says), "{address}: {detail}");
        assert_eq!(world.get("/api/v1/catalog").await, before);
    }
}

#[tokio::test]
async fn who_is_unknown_is_answered_before_a_byte_of_the_file_is_read() {
    let world = world_with(&[]).await;
    for (path, headers, status) in [
        ("/api/v1/catalog", "", 401),
        ("/api/v1/catalog", "authorization: Bearer wrong\r\n", 401),
        ("/settings/catalog", "sec-fetch-site: same-origin\r\n", 403),
    ] {
        // The head alone: the body that it promises never comes.
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: weir\r\n{headers}content-length: 16000000\r\nconnection: close\r\n\r\n"
        );
        let answer = raw(world.weir.address, head.as_bytes()).await;
        assert_eq!(answer.status, status, "{path} {headers}: {}", answer.head);
    }
}

/// A newer version than the built-in one, as many as a test needs.
fn after_builtin(number: u8) -> String {
    format!("{}.{number}", Catalog::builtin().unwrap().version())
}
