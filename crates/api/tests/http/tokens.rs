use serde_json::json;

use crate::app::App;

#[tokio::test]
async fn a_token_is_shown_once_listed_and_revoked() {
    let app = App::with_provider().await;
    let body = json!({"name": "ci", "agent": "bot", "user": "ada", "providers": ["main"], "expires_at": "2100-01-01T00:00:00Z"});
    let answer = app.post("/api/v1/tokens", body).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let created = answer.json(201);
    let mut names: Vec<&String> = created.as_object().unwrap().keys().collect();
    names.sort();
    assert_eq!(names, ["id", "token"]);
    let plain = created["token"].as_str().unwrap();
    assert!(plain.starts_with("wr_") && plain.len() == 46);

    let answer = app.get("/api/v1/tokens").await;
    assert!(!answer.text.contains(plain));
    let token = &answer.json(200)["items"][0];
    assert_eq!(
        *token,
        json!({
            "id": created["id"], "name": "ci", "first_characters": plain.get(..9), "agent": "bot", "user": "ada",
            "providers": ["main"], "created_at": token["created_at"], "expires_at": "2100-01-01T00:00:00Z",
            "last_used_at": null,
        })
    );
    let path = format!("/api/v1/tokens/{}", created["id"].as_str().unwrap());
    app.delete(&path).await.empty(204);
    app.delete(&path).await.problem(404, "token_not_found");
    app.delete("/api/v1/tokens/no-id")
        .await
        .problem(404, "token_not_found");
}

#[tokio::test]
async fn a_name_is_enough() {
    let app = App::new().await;
    app.post("/api/v1/tokens", json!({"name": "ci"}))
        .await
        .json(201);
    let token = app.get("/api/v1/tokens").await.json(200)["items"][0].clone();
    assert_eq!(
        (&token["providers"], &token["agent"], &token["expires_at"]),
        (&json!([]), &json!(null), &json!(null))
    );
}

#[tokio::test]
async fn every_wrong_field_is_named() {
    let app = App::with_provider().await;
    let body = json!({
        "name": "", "agent": "a\nb", "user": 5, "providers": ["gone"], "expires_at": "2020-01-01T00:00:00Z", "scope": "all",
    });
    app.post("/api/v1/tokens", body).await.fields(
        422,
        "invalid",
        &[
            ("user", "wrong_type"),
            ("scope", "unknown_field"),
            ("name", "required"),
            ("agent", "control_character"),
            ("providers[0]", "provider_not_found"),
            ("expires_at", "in_the_past"),
        ],
    );
}

#[tokio::test]
async fn lists_are_paged_newest_first() {
    let app = App::new().await;
    for name in ["first", "second", "third"] {
        app.post("/api/v1/tokens", json!({"name": name}))
            .await
            .json(201);
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    let first = app.get("/api/v1/tokens?limit=2").await.json(200);
    assert_eq!(first["items"][0]["name"], "third");
    let cursor = first["next_cursor"].as_str().unwrap();
    let last = app
        .get(&format!("/api/v1/tokens?limit=2&cursor={cursor}"))
        .await
        .json(200);
    assert_eq!(
        (&last["items"][0]["name"], &last["next_cursor"]),
        (&json!("first"), &json!(null))
    );
}
