//! TLS that Weir serves, and TLS and HTTP/2 towards upstreams: one Weir is the upstream of another.

use std::{fs, path::PathBuf};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use reqwest::{Certificate, Client, Method, Version};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{ADMIN_TOKEN, a_chat, call_id, start, streamed, world, world_with};

/// A certificate for localhost, in files.
fn certificate(folder: &TempDir) -> (PathBuf, PathBuf) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (cert_file, key_file) = (
        folder.path().join("cert.pem"),
        folder.path().join("key.pem"),
    );
    fs::write(&cert_file, cert.pem()).unwrap();
    fs::write(&key_file, signing_key.serialize_pem()).unwrap();
    (cert_file, key_file)
}

#[tokio::test]
async fn weir_serves_tls_and_speaks_http2_over_tls_to_its_upstream() {
    let files = tempfile::tempdir().unwrap();
    let (cert, key) = certificate(&files);
    let inner = world().await;
    let outer_data = tempfile::tempdir().unwrap();
    let flag = |name: &str, path: &PathBuf| [name.to_owned(), path.display().to_string()];
    let flags = [flag("--tls-cert", &cert), flag("--tls-key", &key)].concat();
    let outer = start(&outer_data, &flags).await;
    let base = format!("https://localhost:{}", outer.address.port());
    let client = Client::builder()
        .no_proxy()
        .tls_certs_only([Certificate::from_pem(&fs::read(&cert).unwrap()).unwrap()])
        .build()
        .unwrap();
    let health = client.get(format!("{base}/healthz")).send().await.unwrap();
    assert_eq!(
        (health.status().as_u16(), health.version()),
        (200, Version::HTTP_2)
    );

    // The outer Weir, over TLS, leads to the stand-in of the inner one; the inner one to the outer.
    let api = |path: &str, body: Value| {
        client
            .post(format!("{base}{path}"))
            .bearer_auth(ADMIN_TOKEN)
            .json(&body)
            .send()
    };
    let provider = json!({ "id": "plain", "display_name": "Plain", "type": "openai_compatible", "base_url": format!("{}/v1", inner.upstream.base_url()), "api_key": "KEY" });
    let put = client
        .put(format!("{base}/api/v1/secrets/KEY"))
        .bearer_auth(ADMIN_TOKEN);
    put.json(&json!({ "value": crate::support::UPSTREAM_KEY }))
        .send()
        .await
        .unwrap()
        .error_for_status()
        .unwrap();
    api("/api/v1/providers", provider)
        .await
        .unwrap()
        .error_for_status()
        .unwrap();
    let made: Value = api("/api/v1/tokens", json!({ "name": "inner" }))
        .await
        .unwrap()
        .json()
        .await
        .unwrap();

    let trusting = world_with(&["--upstream-ca", &cert.display().to_string()]).await;
    for (world, status) in [(&trusting, 200), (&inner, 502)] {
        world
            .api(
                Method::PUT,
                "/api/v1/secrets/OUTER",
                json!({ "value": made["token"] }),
            )
            .await;
        let provider = json!({ "id": "outer", "display_name": "Outer", "type": "openai_compatible", "preset": "mistral",
            "base_url": format!("{base}/llm/v1/providers/plain"), "api_key": "OUTER" });
        world.api(Method::POST, "/api/v1/providers", provider).await;
        for body in [a_chat(), streamed(a_chat())] {
            let response = world
                .call("outer", "/chat/completions", &body)
                .send()
                .await
                .unwrap();
            assert_eq!(
                response.status(),
                status,
                "only a trusted certificate is taken"
            );
            let id = call_id(response.headers());
            response.bytes().await.unwrap();
            let row = world.row(&id).await;
            assert_eq!(
                row["outcome"],
                if status == 200 {
                    "ok"
                } else {
                    "upstream_error"
                }
            );
            assert_eq!(row["tokens"]["output"].is_number(), status == 200);
        }
    }
    outer.stop();
    outer.ended().await;
}
