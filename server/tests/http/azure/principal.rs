//! Azure OpenAI by the tokens of a service principal, which end.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use standin::{OAuthSettings, Settings};

use super::{DATED, call, chat, last, of_model};
use crate::support::{UPSTREAM_KEY, World, call_id, streamed, world_on};

/// A Weir whose provider calls as a service principal, with tokens of the stand-in's Entra.
async fn by_service_principal(lifetime: Duration) -> World {
    let oauth = OAuthSettings {
        token_lifetime: lifetime,
        ..OAuthSettings::default()
    };
    let (tenant, client_id) = (oauth.tenant.clone(), oauth.client_id.clone());
    let client_secret = oauth.client_secret.clone();
    let settings = Settings {
        required_key: Some(UPSTREAM_KEY.to_owned()),
        oauth,
        ..Settings::default()
    };
    let world = world_on(settings, &[]).await;
    world
        .api(
            Method::PUT,
            "/api/v1/secrets/ENTRA_SECRET",
            json!({ "value": client_secret }),
        )
        .await;
    let base = world.upstream.base_url();
    let provider = json!({ "id": "azure", "display_name": "Azure", "type": "azure_openai",
        "base_url": format!("{base}/as/azure"),
        "credentials": { "mode": "service_principal", "client_id": client_id, "client_secret": "ENTRA_SECRET",
            "token_url": format!("{base}/{tenant}/oauth2/v2.0/token") } });
    let made = world
        .api(Method::POST, "/api/v1/providers", provider.clone())
        .await;
    assert_eq!(made["credentials"], provider["credentials"]);
    world
}

#[tokio::test]
async fn a_service_principals_token_goes_up_and_is_asked_for_once() {
    let world = by_service_principal(Duration::from_secs(3600)).await;
    let dated = format!("/openai/deployments/front-desk/chat/completions{DATED}");
    for (path, body) in [
        (dated.as_str(), chat()),
        (dated.as_str(), streamed(chat())),
        (
            "/openai/v1/chat/completions",
            of_model(chat(), "front-desk"),
        ),
    ] {
        let response = call(&world, path, &body).send().await.unwrap();
        let (status, id) = (response.status(), call_id(response.headers()));
        let text = response.text().await.unwrap();
        assert_eq!(status, StatusCode::OK, "{path}: {text}");
        assert_eq!(world.row(&id).await["price_state"], "priced");
        let (_, headers) = last(&world);
        assert!(!headers.contains_key("api-key"));
        let sent = headers["authorization"].to_str().unwrap();
        assert!(sent.starts_with("Bearer ") && !sent.contains(&world.token));
    }
    assert_eq!(world.upstream.issued_tokens().entra, 1);
    let test = json!({ "model": "front-desk" });
    let tested = world
        .api(Method::POST, "/api/v1/providers/azure/test", test)
        .await;
    assert_eq!(tested["ok"], true, "{tested}");
    let found = tested["stages"][0]["detail"].as_str().unwrap();
    assert!(found.contains("access token"), "{found}");
}

/// One that is younger is not fetched again because it was refused.
const OLD_ENOUGH: Duration = Duration::from_secs(31);

#[tokio::test]
async fn a_token_that_azure_refuses_is_fetched_anew() {
    let world = by_service_principal(Duration::from_secs(3600)).await;
    let path = format!("/openai/deployments/d/chat/completions{DATED}");
    let status = async || {
        let response = call(&world, &path, &chat()).send().await.unwrap();
        response.status()
    };
    assert_eq!(status().await, StatusCode::OK);
    assert_eq!(world.upstream.issued_tokens().entra, 1);
    tokio::time::sleep(OLD_ENOUGH).await;
    world.upstream.expire_issued();
    assert_eq!(status().await, StatusCode::UNAUTHORIZED);
    let renewed = async {
        while status().await != StatusCode::OK {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(10), renewed).await;
    waited.expect("another token is fetched");
    assert_eq!(world.upstream.issued_tokens().entra, 2);
}

#[tokio::test]
async fn tokens_that_end_under_load_fail_no_call() {
    let world = by_service_principal(Duration::from_secs(2)).await;
    let path = format!("/openai/deployments/d/chat/completions{DATED}");
    let began = std::time::Instant::now();
    let mut calls = 0_u32;
    while began.elapsed() < Duration::from_secs(5) {
        let body = chat();
        let many = (0..8).map(|_| call(&world, &path, &body).send());
        for answered in futures_util::future::join_all(many).await {
            let answered = answered.unwrap();
            let status = answered.status();
            assert_eq!(status, StatusCode::OK, "{}", answered.text().await.unwrap());
            calls += 1;
        }
    }
    let issued = world.upstream.issued_tokens().entra;
    assert!(
        (2..=12).contains(&issued),
        "{issued} tokens for {calls} calls"
    );
}

#[tokio::test]
async fn a_principal_that_is_wrong_is_told_and_a_new_secret_holds_for_the_next_call() {
    let world = by_service_principal(Duration::from_secs(3600)).await;
    let path = format!("/openai/deployments/d/chat/completions{DATED}");
    let secret = async |value: &str| {
        let value = json!({ "value": value });
        world
            .api(Method::PUT, "/api/v1/secrets/ENTRA_SECRET", value)
            .await
    };
    secret("hush-wrong").await;
    let refused = call(&world, &path, &chat()).send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    let refused: Value = refused.json().await.unwrap();
    assert_eq!(refused["error"]["code"], "credentials_missing", "{refused}");
    let test = json!({ "model": "d" });
    let tested = world
        .api(Method::POST, "/api/v1/providers/azure/test", test)
        .await;
    let failure = &tested["failure"];
    assert_eq!(
        (&failure["stage"], &failure["symptom"]),
        (&json!("secret"), &json!("credentials_missing"))
    );
    assert!(
        failure["message"]
            .as_str()
            .unwrap()
            .contains("AADSTS7000215"),
        "{failure}"
    );
    assert!(
        failure["advice"].as_str().unwrap().contains("ENTRA_SECRET"),
        "{failure}"
    );
    assert!(!tested.to_string().contains("hush-wrong"), "{tested}");
    secret(&OAuthSettings::default().client_secret).await;
    let good = call(&world, &path, &chat()).send().await.unwrap();
    assert_eq!(good.status(), StatusCode::OK);
    // What Azure says of a token passes; one that is brand new is not fetched again for it.
    world.upstream.expire_issued();
    let expired = call(&world, &path, &chat()).send().await.unwrap();
    assert_eq!(expired.status(), StatusCode::UNAUTHORIZED);
    let expired: Value = expired.json().await.unwrap();
    assert_eq!(expired["statusCode"], 401);
}
