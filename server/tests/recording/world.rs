//! A Weir whose providers record: one of each type for each setting of the two switches.

use std::{path::PathBuf, time::Duration};

use reqwest::Method;
use serde_json::{Value, json};
use transcripts::Health;

use crate::{
    search::keep_log,
    support::{World, world_with},
};

/// The settings of the two switches, with what the providers are called then.
pub const SETTINGS: [(&str, bool, bool); 4] = [
    ("off", false, false),
    ("asked", true, false),
    ("said", false, true),
    ("both", true, true),
];

/// A Weir with a provider `{type}-{setting}` for each.
pub async fn recording_world() -> World {
    recording_world_with(&[]).await
}

/// The same, with further flags of `weir serve`.
pub async fn recording_world_with(flags: &[&str]) -> World {
    keep_log();
    let world = world_with(flags).await;
    let base = world.upstream.base_url();
    let key = json!({ "value": world.upstream.service_account() });
    world
        .api(Method::PUT, "/api/v1/secrets/VERTEX_KEY", key)
        .await;
    for (setting, inputs, outputs) in SETTINGS {
        for (kind, rest) in [
            (
                "openai",
                json!({ "base_url": format!("{base}/v1"), "api_key": "UPSTREAM_KEY" }),
            ),
            (
                "anthropic",
                json!({ "base_url": base, "api_key": "UPSTREAM_KEY" }),
            ),
            (
                "google_ai",
                json!({ "base_url": base, "api_key": "UPSTREAM_KEY" }),
            ),
            (
                "bedrock",
                json!({ "base_url": base, "region": "us-east-1",
                    "credentials": { "mode": "bearer", "api_key": "UPSTREAM_KEY" } }),
            ),
            (
                "vertex_ai",
                json!({ "base_url": base, "project": "own-project", "location": "global",
                    "credentials": { "mode": "service_account", "service_account": "VERTEX_KEY" } }),
            ),
            (
                "azure_openai",
                json!({ "base_url": format!("{base}/as/azure"), "api_key": "UPSTREAM_KEY" }),
            ),
            (
                "cohere",
                json!({ "base_url": base, "api_key": "UPSTREAM_KEY" }),
            ),
            (
                "openai_compatible",
                json!({ "base_url": format!("{base}/v1"), "api_key": "UPSTREAM_KEY" }),
            ),
        ] {
            let id = provider(kind, setting);
            let mut new = json!({ "id": id, "display_name": id, "type": kind,
                "record_inputs": inputs, "record_outputs": outputs });
            let Value::Object(rest) = rest else {
                panic!("a provider is an object")
            };
            new.as_object_mut().unwrap().extend(rest);
            world.api(Method::POST, "/api/v1/providers", new).await;
        }
    }
    world
}

pub fn provider(kind: &str, setting: &str) -> String {
    format!("{}-{setting}", kind.replace('_', "-"))
}

/// The folder with everything that Weir keeps.
pub fn data(world: &World) -> PathBuf {
    world.data.path().join("weir")
}

/// Waits until everything that is recorded of calls is handed over: their rows are there a moment before.
pub async fn handed_over(world: &World) {
    until(world, |health| health.running == 0).await;
}

/// Waits until nothing waits to be written any more.
pub async fn written(world: &World) {
    until(world, |health| health.running == 0 && health.waiting == 0).await;
}

async fn until(world: &World, is_so: impl Fn(&Health) -> bool) {
    let recorder = world.weir.transcripts();
    let began = std::time::Instant::now();
    loop {
        let health = recorder.health();
        if is_so(&health) {
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "{health:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Stops Weir. Its data stays.
pub async fn stopped(world: World) -> tempfile::TempDir {
    world.weir.stop();
    world.weir.ended().await;
    world.data
}
