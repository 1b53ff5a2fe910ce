//! Tests of the connection to one of several endpoints, by the REST API and from the command line.

use std::process::Command;

use reqwest::{Method, StatusCode};
use serde_json::json;

use super::{places, rows};
use crate::support::{ADMIN_TOKEN, world};

#[tokio::test]
async fn a_test_of_the_connection_calls_the_endpoint_that_is_named() {
    let world = world().await;
    let places = places(&world).await;
    let path = "/api/v1/providers/several/test";
    for (endpoint, asked) in [(json!(null), [1, 0, 0]), (json!("two"), [1, 1, 0])] {
        let request = json!({ "model": "gpt-5-mini", "endpoint": endpoint });
        let tested = world.api(Method::POST, path, request).await;
        assert_eq!(tested["ok"], true, "{tested}");
        // Each test tries the way to it before it calls.
        let reached = places
            .each_ref()
            .map(|place| usize::from(place.asked() > 0));
        assert_eq!(reached, asked.map(|times| times.min(1)));
    }
    let request = json!({ "model": "gpt-5-mini", "endpoint": "four" });
    let (status, problem) = world.try_api(Method::POST, path, request).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(problem["errors"][0]["field"], "endpoint");
    let rows = rows(&world, 2).await;
    assert_eq!(
        (&rows[0]["endpoint"], &rows[1]["endpoint"]),
        (&json!("two"), &json!("one"))
    );
}

#[tokio::test]
async fn from_the_command_line_too() {
    let world = world().await;
    let _places = places(&world).await;
    let address = format!("http://{}", world.weir.address);
    let mut tested = vec![];
    for endpoint in ["three", "four"] {
        let mut check = Command::new(env!("CARGO_BIN_EXE_weir"));
        check
            .env_clear()
            .env("WEIR_ADMIN_TOKEN", ADMIN_TOKEN)
            .args(["check", "--provider", "several", "--model", "gpt-5-mini"])
            .args(["--endpoint", endpoint, "--url", &address]);
        let output = tokio::task::spawn_blocking(move || check.output().unwrap());
        tested.push(output.await.unwrap());
    }
    let told = String::from_utf8_lossy(&tested[0].stdout);
    assert!(tested[0].status.success(), "{tested:?}");
    assert!(told.starts_with("several at three, gpt-5-mini\n"), "{told}");
    let told = String::from_utf8_lossy(&tested[1].stderr);
    assert!(!tested[1].status.success(), "{tested:?}");
    assert!(told.contains("endpoint"), "{told}");
    assert_eq!(rows(&world, 1).await[0]["endpoint"], "three");
}
