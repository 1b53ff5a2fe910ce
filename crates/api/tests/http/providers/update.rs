use http::{Method, header};
use serde_json::json;

use crate::app::{App, ask};

const PATH: &str = "/api/v1/providers/main";

#[tokio::test]
async fn a_patch_merges_and_counts_the_version() {
    let app = App::with_provider().await;
    let models = json!([{"id": "gpt-4o", "rates": {"input": "1"}}]);
    let answer = app
        .patch(
            PATH,
            json!({"organization": "org-1", "models": models, "enabled": false}),
        )
        .await;
    assert_eq!(answer.header("etag"), "\"2\"");
    let provider = answer.json(200);
    assert_eq!(
        (
            &provider["version"],
            &provider["organization"],
            &provider["models"]
        ),
        (&json!(2), &json!("org-1"), &models)
    );
    let provider = app
        .patch(
            PATH,
            json!({"organization": null, "models": [{"id": "gpt-5"}]}),
        )
        .await
        .json(200);
    assert_eq!(provider.get("organization"), None, "null clears");
    assert_eq!(
        provider["models"],
        json!([{"id": "gpt-5"}]),
        "lists are replaced whole"
    );
    assert_eq!(provider["enabled"], false, "what is left out stays");
    assert_eq!(app.get(PATH).await.json(200), provider);
}

#[tokio::test]
async fn what_was_read_can_be_sent_back_whole() {
    let app = App::with_provider().await;
    let provider = app.get(PATH).await.json(200);
    assert_eq!(app.patch(PATH, provider.clone()).await.json(200), provider);
}

#[tokio::test]
async fn an_old_version_is_refused() {
    let app = App::with_provider().await;
    app.patch_if(PATH, "\"1\"", json!({"enabled": false}))
        .await
        .json(200);
    for old in ["\"1\"", "1", "\"99\"", "\"nonsense\"", "W/\"1\"", "\"\""] {
        let answer = app.patch_if(PATH, old, json!({"enabled": true})).await;
        answer.problem(412, "version_conflict");
        assert!(answer.text.contains('2'), "the current version is told");
    }
    for good in ["\"2\"", "\"1\", \"2\"", "W/\"2\"", "*", "2"] {
        app.patch_if(PATH, good, json!({"enabled": false}))
            .await
            .json(200);
    }
    app.patch(PATH, json!({"version": 1, "enabled": true}))
        .await
        .problem(412, "version_conflict");
    app.patch(PATH, json!({"version": 2, "enabled": true}))
        .await
        .json(200);
}

#[tokio::test]
async fn what_never_changes_and_what_is_not_there_are_refused() {
    let app = App::with_provider().await;
    for (patch, field, code) in [
        (json!({"id": "other"}), "id", "immutable"),
        (json!({"type": "anthropic"}), "type", "immutable"),
        (
            json!({"created_at": "2020-01-01T00:00:00Z"}),
            "created_at",
            "read_only",
        ),
        (json!({"proxy_url": "http://x"}), "proxy_url", "read_only"),
        (json!({"nonsense": null}), "nonsense", "unknown_field"),
        (json!({"nonsense": 1}), "nonsense", "unknown_field"),
        (json!({"preset": "groq"}), "preset", "field_of_other_type"),
        (json!({"api_key": null}), "api_key", "required"),
        (json!({"display_name": null}), "display_name", "required"),
        (json!({"api_key": "GONE"}), "api_key", "secret_not_found"),
        (
            json!({"models": [{"id": "a", "rates": {"output": "x"}}]}),
            "models[0].rates.output",
            "invalid_rate",
        ),
        (json!("x"), "", "wrong_type"),
    ] {
        app.patch(PATH, patch)
            .await
            .fields(422, "invalid", &[(field, code)]);
    }
    assert_eq!(
        app.get(PATH).await.json(200)["version"],
        1,
        "nothing was changed"
    );
    app.patch("/api/v1/providers/gone", json!({}))
        .await
        .problem(404, "provider_not_found");
}

#[tokio::test]
async fn passthrough_is_switched_together_with_the_key() {
    let app = App::with_secret().await;
    app.post(
        "/api/v1/providers",
        json!({"display_name": "Claude", "type": "anthropic", "api_key": "KEY"}),
    )
    .await
    .json(201);
    let path = "/api/v1/providers/claude";
    app.patch(path, json!({"authorization_passthrough": true}))
        .await
        .fields(422, "invalid", &[("api_key", "must_be_absent")]);
    let provider = app
        .patch(
            path,
            json!({"authorization_passthrough": true, "api_key": null}),
        )
        .await
        .json(200);
    assert_eq!(provider.get("api_key"), None);
    app.patch(path, json!({"authorization_passthrough": null}))
        .await
        .fields(422, "invalid", &[("api_key", "required")]);
}

#[tokio::test]
async fn any_version_of_a_list_may_be_the_one_that_is_changed() {
    let app = App::with_provider().await;
    let path = "/api/v1/providers/main";
    for (tags, name, status) in [
        ("\"7\", \"1\"", "B", 200),
        ("\"1\",\"2\"", "C", 200),
        ("W/\"4\" , W/\"3\"", "D", 200),
        ("\"1\", \"2\"", "E", 412),
        ("\"none\", *", "E", 200),
    ] {
        let answer = app
            .patch_if(path, tags, json!({"display_name": name}))
            .await;
        assert_eq!(answer.status.as_u16(), status, "{tags}");
    }
    // The list may also come in several lines.
    let mut request = ask(Method::PATCH, path, Some(json!({"display_name": "F"})));
    for tag in ["\"1\"", "\"5\""] {
        request
            .headers_mut()
            .append(header::IF_MATCH, tag.parse().unwrap());
    }
    assert_eq!(app.send(request).await.status.as_u16(), 200);
}
