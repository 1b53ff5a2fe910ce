//! A Weir of one's own for each test, on a free port, with providers that lead to a stand-in.

mod log;
mod raw;

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use admin::Who;
use clap::Parser;
use http::HeaderMap;
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use standin::{Settings, Standin};
use tempfile::TempDir;
use weir::{
    settings::ServeArgs,
    wiring::{self, Running},
};

pub use log::Log;
pub use raw::raw;

pub const ADMIN_TOKEN: &str = "admin-token-of-the-tests";
pub const UPSTREAM_KEY: &str = "sk-upstream-key-of-the-tests";

#[derive(Parser)]
struct Command {
    #[command(flatten)]
    serve: ServeArgs,
}

/// Weir and its upstream.
pub struct World {
    pub weir: Running,
    pub upstream: Standin,
    pub client: Client,
    pub token: String,
    pub data: TempDir,
    flags: Vec<String>,
}

/// Starts a Weir with one provider of each type and a token for all of them.
pub async fn world() -> World {
    world_with(&[]).await
}

/// The same, with further flags of `weir serve`.
pub async fn world_with(flags: &[&str]) -> World {
    let settings = Settings {
        required_key: Some(UPSTREAM_KEY.to_owned()),
        ..Settings::default()
    };
    world_on(settings, flags).await
}

/// The script with which the stand-in has signatures checked.
pub fn sigv4_script() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../scripts/sigv4/check.py")
}

/// The same, with a stand-in of these settings, which must take [`UPSTREAM_KEY`].
pub async fn world_on(settings: Settings, flags: &[&str]) -> World {
    // The client library of these tests looks for a provider of its own; the first test sets it.
    let _set = rustls::crypto::ring::default_provider().install_default();
    let upstream = Standin::start(settings).await.unwrap();
    let data = tempfile::tempdir().unwrap();
    let flags: Vec<String> = flags.iter().map(ToString::to_string).collect();
    let weir = start(&data, &flags).await;
    let client = Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(30))
        .build()
        .unwrap();
    let mut world = World {
        weir,
        upstream,
        client,
        token: String::new(),
        data,
        flags,
    };
    world
        .api(
            Method::PUT,
            "/api/v1/secrets/UPSTREAM_KEY",
            json!({ "value": UPSTREAM_KEY }),
        )
        .await;
    let base = world.upstream.base_url();
    for provider in [
        json!({ "id": "openai-main", "display_name": "OpenAI", "type": "openai", "base_url": format!("{base}/v1"), "api_key": "UPSTREAM_KEY" }),
        json!({ "id": "anthropic-main", "display_name": "Anthropic", "type": "anthropic", "base_url": base, "api_key": "UPSTREAM_KEY" }),
        json!({ "id": "compatible-main", "display_name": "Compatible", "type": "openai_compatible", "base_url": format!("{base}/v1"), "api_key": "UPSTREAM_KEY",
                "models": [{ "id": "local-model", "rates": { "input": "1", "output": "2" } }, { "id": "unpriced-model" }] }),
        json!({ "id": "anthropic-own", "display_name": "Anthropic, own accounts", "type": "anthropic", "base_url": base, "authorization_passthrough": true }),
    ] {
        world.api(Method::POST, "/api/v1/providers", provider).await;
    }
    world.token = world.new_token(json!({ "name": "tests" })).await;
    world
}

pub async fn start(data: &TempDir, flags: &[String]) -> Running {
    let data_dir = data.path().join("weir").display().to_string();
    let mut words = vec!["weir", "--listen", "127.0.0.1:0", "--data-dir", &data_dir];
    words.extend(["--admin-token", ADMIN_TOKEN]);
    if !flags.iter().any(|flag| flag == "--shutdown-timeout") {
        words.extend(["--shutdown-timeout", "5s"]);
    }
    words.extend(flags.iter().map(String::as_str));
    wiring::start(&Command::parse_from(words).serve)
        .await
        .unwrap()
}

impl World {
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.weir.address)
    }

    /// An admin's request that must succeed; its answer.
    pub async fn api(&self, method: Method, path: &str, body: Value) -> Value {
        let (status, answer) = self.try_api(method, path, body).await;
        assert!(status.is_success(), "{path}: {status}: {answer}");
        answer
    }

    pub async fn try_api(&self, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
        let mut request = self
            .client
            .request(method.clone(), self.url(path))
            .bearer_auth(ADMIN_TOKEN);
        if method != Method::GET && !body.is_null() {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        (
            status,
            serde_json::from_str(&text).unwrap_or(Value::String(text)),
        )
    }

    pub async fn get(&self, path: &str) -> Value {
        self.api(Method::GET, path, Value::Null).await
    }

    pub async fn new_token(&self, token: Value) -> String {
        let made = self.api(Method::POST, "/api/v1/tokens", token).await;
        made["token"].as_str().unwrap().to_owned()
    }

    /// The models that a provider's upstream lists, as an admin is shown them; else what to do.
    pub async fn admin_models(&self, provider: &str) -> Result<Vec<String>, String> {
        let providers = self.weir.admin.providers();
        let who = Who::system();
        let listed = providers.upstream_models(&who, provider, None);
        listed.await.unwrap().map_err(|failure| failure.advice)
    }

    /// A request to a provider, as an application makes it.
    pub fn call(&self, provider: &str, path: &str, body: &Value) -> RequestBuilder {
        self.client
            .post(self.url(&format!("/llm/v1/providers/{provider}{path}")))
            .header("x-weir-token", &self.token)
            .header("anthropic-version", "2023-06-01")
            .header("content-type", "application/json")
            .body(body.to_string())
    }

    pub fn chat(&self, body: &Value) -> RequestBuilder {
        self.call("openai-main", "/chat/completions", body)
    }

    pub fn messages(&self, body: &Value) -> RequestBuilder {
        self.call("anthropic-main", "/v1/messages", body)
    }

    /// The same request straight to the upstream.
    pub fn direct(&self, path: &str, body: &Value) -> RequestBuilder {
        self.client
            .post(format!("{}{path}", self.upstream.base_url()))
            .bearer_auth(UPSTREAM_KEY)
            .header("anthropic-version", "2023-06-01")
            .header("content-type", "application/json")
            .body(body.to_string())
    }

    /// The row of a call, once it is in the ledger.
    pub async fn row(&self, id: &str) -> Value {
        let began = Instant::now();
        loop {
            let page = self.get("/api/v1/calls?limit=200").await;
            let rows = page["items"].as_array().unwrap();
            let mut found = rows.iter().filter(|row| row["id"] == id);
            if let Some(row) = found.next() {
                assert!(found.next().is_none(), "call {id} has two rows");
                return row.clone();
            }
            assert!(
                began.elapsed() < Duration::from_secs(10),
                "call {id} has no row"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Rows in the ledger, newest first.
    pub async fn rows(&self) -> Vec<Value> {
        let page = self.get("/api/v1/calls?limit=1000").await;
        page["items"].as_array().unwrap().clone()
    }

    /// Waits until the ledger has so many rows.
    pub async fn rows_when(&self, count: usize) -> Vec<Value> {
        let began = Instant::now();
        loop {
            let rows = self.rows().await;
            if rows.len() >= count || began.elapsed() > Duration::from_secs(10) {
                return rows;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Stops Weir and starts it again on the same data.
    pub async fn restart(self) -> Self {
        let flags = self.flags.clone();
        self.restart_with(flags).await
    }

    /// The same with other flags.
    pub async fn restart_with(mut self, flags: Vec<String>) -> Self {
        self.flags = flags;
        self.weir.stop();
        self.weir.ended().await;
        self.weir = start(&self.data, &self.flags).await;
        self
    }
}

pub fn call_id(headers: &HeaderMap) -> String {
    headers["x-weir-call-id"].to_str().unwrap().to_owned()
}

/// A chat that asks for nothing special.
pub fn a_chat() -> Value {
    json!({ "model": "gpt-5-mini", "messages": [{ "role": "user", "content": "Hello there" }] })
}

/// A message that asks for nothing special.
pub fn a_message() -> Value {
    json!({ "model": "claude-sonnet-5-5", "max_tokens": 40, "messages": [{ "role": "user", "content": "Hello there" }] })
}

/// The same, as a stream.
pub fn streamed(mut body: Value) -> Value {
    body["stream"] = json!(true);
    body
}
