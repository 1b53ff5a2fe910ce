//! A data folder, an upstream, and a Weir that is started on them again and again.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use standin::{Settings, Standin};
use tempfile::TempDir;

use crate::weir::{ADMIN_TOKEN, PATIENCE, Weir};

const UPSTREAM_KEY: &str = "sk-upstream-key";

pub struct Place {
    pub folder: TempDir,
    pub upstream: Standin,
    pub client: Client,
    pub token: String,
    pub flags: Vec<String>,
    pub env: Vec<(String, String)>,
}

impl Place {
    /// An empty place.
    pub async fn empty() -> Self {
        // The client library looks for a provider of its own; the first test sets it.
        let _set = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .build()
            .unwrap();
        Self {
            folder: tempfile::tempdir().unwrap(),
            upstream: Standin::start(Settings::default()).await.unwrap(),
            client,
            token: String::new(),
            flags: vec!["--shutdown-timeout".into(), "3s".into()],
            env: vec![],
        }
    }

    /// A place with a Weir that has two providers, which record, and a token; stopped again, so that its database
    /// is whole.
    pub async fn new() -> Self {
        let mut place = Self::empty().await;
        place.set_up().await;
        place
    }

    pub async fn set_up(&mut self) {
        let weir = self.start().await;
        let base = self.upstream.base_url();
        let secret = json!({ "value": UPSTREAM_KEY });
        self.api(&weir, Method::PUT, "/api/v1/secrets/UPSTREAM_KEY", secret)
            .await;
        for provider in [
            json!({ "id": "openai-main", "display_name": "OpenAI", "type": "openai", "base_url": format!("{base}/v1"),
                "api_key": "UPSTREAM_KEY", "record_inputs": true, "record_outputs": true }),
            json!({ "id": "anthropic-main", "display_name": "Anthropic", "type": "anthropic", "base_url": base,
                "api_key": "UPSTREAM_KEY", "record_inputs": true, "record_outputs": true }),
        ] {
            self.api(&weir, Method::POST, "/api/v1/providers", provider)
                .await;
        }
        let token = json!({ "name": "tests" });
        let made = self.api(&weir, Method::POST, "/api/v1/tokens", token).await;
        self.token = made["token"].as_str().unwrap().to_owned();
        assert!(weir.stop().await.success());
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("weir")
    }

    pub fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    pub async fn start(&self) -> Weir {
        self.try_start()
            .await
            .unwrap_or_else(|said| panic!("{said}"))
    }

    /// `Err`: what it said when it did not start.
    pub async fn try_start(&self) -> Result<Weir, String> {
        Weir::start(&self.data(), &self.flags, &self.env, &self.log()).await
    }

    /// An admin's request that must succeed; its answer.
    pub async fn api(&self, weir: &Weir, method: Method, path: &str, body: Value) -> Value {
        let (status, answer) = self.try_api(weir, method, path, body).await;
        assert!(
            status.is_success(),
            "{path}: {status}: {answer}\n{}",
            weir.said()
        );
        answer
    }

    pub async fn try_api(
        &self,
        weir: &Weir,
        method: Method,
        path: &str,
        body: Value,
    ) -> (StatusCode, Value) {
        let url = format!("http://{}{path}", weir.address);
        let mut request = self.client.request(method, url).bearer_auth(ADMIN_TOKEN);
        if !body.is_null() {
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

    pub async fn get(&self, weir: &Weir, path: &str) -> Value {
        self.api(weir, Method::GET, path, Value::Null).await
    }

    /// What a path that needs no token answers.
    pub async fn status(&self, weir: &Weir, path: &str) -> (u16, String) {
        let answer = self
            .client
            .get(format!("http://{}{path}", weir.address))
            .send()
            .await
            .unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// Waits until `/api/v1/system` tells something.
    pub async fn until(&self, weir: &Weir, is_so: impl Fn(&Value) -> bool) -> Value {
        let began = Instant::now();
        loop {
            let system = self.get(weir, "/api/v1/system").await;
            if is_so(&system) {
                return system;
            }
            assert!(began.elapsed() < PATIENCE, "{system}\n{}", weir.said());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}
