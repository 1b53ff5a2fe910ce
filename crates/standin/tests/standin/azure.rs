//! Azure OpenAI: its paths, versions, credentials, content filter and errors.

use http::Method;
use serde_json::json;

use weir_standin::Settings;

use crate::client::{Answer, Bench, Headers};

const DATED: &str =
    "/as/azure/openai/deployments/front-desk/chat/completions?api-version=2024-10-21";

fn question(more: &serde_json::Value) -> String {
    let mut body = json!({"messages": [{"role": "user", "content": "Hello"}], "max_tokens": 4});
    let members = body.as_object_mut().unwrap();
    members.extend(more.as_object().unwrap().clone());
    body.to_string()
}

async fn ask(bench: &Bench, path: &str, body: &str, headers: Headers<'_>) -> Answer {
    bench
        .send(bench.request(Method::POST, path, headers, body))
        .await
}

#[tokio::test]
async fn a_deployment_is_answered_as_its_model_with_what_the_filter_says() {
    let bench = Bench::new().await;
    let answer = ask(&bench, DATED, &question(&json!({})), &[("api-key", "k")]).await;
    assert_eq!(answer.header("apim-request-id").len(), 36);
    let body = answer.json();
    assert_eq!(body["model"], "gpt-4o-2024-11-20");
    assert!(body["prompt_filter_results"][0]["content_filter_results"]["hate"].is_object());
    assert!(body["choices"][0]["content_filter_results"]["violence"].is_object());
    assert_eq!(body["usage"]["completion_tokens"], 4);
    let named = DATED.replace("front-desk", "gpt-5-mini");
    let answer = ask(&bench, &named, &question(&json!({})), &[("api-key", "k")]).await;
    assert_eq!(answer.json()["model"], "gpt-5-mini");
}

#[tokio::test]
async fn a_stream_begins_without_choices() {
    let bench = Bench::new().await;
    let asked = question(&json!({"stream": true, "stream_options": {"include_usage": true}}));
    let answer = ask(&bench, DATED, &asked, &[("api-key", "k")]).await;
    let text = String::from_utf8(answer.frames.concat()).unwrap();
    let first = text.lines().next().unwrap();
    assert!(first.starts_with("data: {\"choices\":[],"), "{first}");
    assert!(
        first.contains("\"model\":\"\"") && first.contains("prompt_filter_results"),
        "{first}"
    );
    assert!(
        text.contains("\"usage\":{") && text.ends_with("data: [DONE]\n\n"),
        "{text}"
    );
    let old = DATED.replace("2024-10-21", "2024-06-01");
    let refused = ask(&bench, &old, &asked, &[("api-key", "k")]).await;
    assert_eq!(refused.status, 400);
}

#[tokio::test]
async fn errors_are_azures_own() {
    let bench = Bench::with(Settings {
        required_key: Some("k".to_owned()),
        ..Settings::default()
    })
    .await;
    let filtered =
        json!({"messages": [{"role": "user", "content": "words that no filter lets through"}]});
    let plain = question(&json!({}));
    let without_version = DATED.split('?').next().unwrap();
    let missing = DATED.replace("front-desk", "missing");
    let v1 = "/as/azure/openai/v1/chat/completions";
    let with_model = question(&json!({"model": "d"}));
    for (path, body, header, status, pointer, said) in [
        (
            DATED,
            &question(&filtered),
            ("api-key", "k"),
            400,
            "/error/code",
            "content_filter",
        ),
        (
            missing.as_str(),
            &plain,
            ("api-key", "k"),
            404,
            "/error/code",
            "DeploymentNotFound",
        ),
        (
            without_version,
            &plain,
            ("api-key", "k"),
            404,
            "/error/code",
            "404",
        ),
        (
            DATED,
            &plain,
            ("api-key", "other"),
            401,
            "/error/code",
            "401",
        ),
        (DATED, &plain, ("x-other", "k"), 401, "/error/code", "401"),
    ] {
        let answer = ask(&bench, path, body, &[header]).await;
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(answer.any_json().pointer(pointer).unwrap(), said, "{path}");
    }
    // A key is no token, but below /v1.
    let bearer = [("authorization", "Bearer k")];
    let answer = ask(&bench, DATED, &plain, &bearer).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.any_json()["statusCode"]),
        (401, &json!(401))
    );
    let answer = ask(&bench, v1, &with_model, &bearer).await;
    assert_eq!(answer.status, 200);
}
