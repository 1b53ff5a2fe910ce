use serde_json::json;

use crate::app::App;

#[tokio::test]
async fn a_secret_is_put_listed_and_deleted() {
    let app = App::new().await;
    app.put("/api/v1/secrets/OPENAI_API_KEY", json!({"value": "sk-1"}))
        .await
        .empty(204);
    app.put("/api/v1/secrets/OPENAI_API_KEY", json!({"value": "sk-2"}))
        .await
        .empty(204);
    let page = app.get("/api/v1/secrets").await.json(200);
    assert_eq!(page["next_cursor"], json!(null));
    let secret = &page["items"][0];
    let mut names: Vec<&String> = secret.as_object().unwrap().keys().collect();
    names.sort();
    assert_eq!(
        names,
        [
            "created_at",
            "last_used_at",
            "name",
            "updated_at",
            "used_by"
        ],
        "and no value"
    );
    assert_eq!(
        (&secret["name"], &secret["used_by"]),
        (&json!("OPENAI_API_KEY"), &json!([]))
    );
    app.delete("/api/v1/secrets/OPENAI_API_KEY")
        .await
        .empty(204);
    app.delete("/api/v1/secrets/OPENAI_API_KEY")
        .await
        .problem(404, "secret_not_found");
    assert_eq!(
        app.get("/api/v1/secrets").await.json(200)["items"],
        json!([])
    );
}

#[tokio::test]
async fn lists_are_paged_by_name() {
    let app = App::new().await;
    for name in ["C", "A", "B"] {
        app.put(&format!("/api/v1/secrets/{name}"), json!({"value": "x"}))
            .await
            .empty(204);
    }
    let first = app.get("/api/v1/secrets?limit=2").await.json(200);
    assert_eq!(
        (&first["items"][0]["name"], &first["next_cursor"]),
        (&json!("A"), &json!("B"))
    );
    let last = app.get("/api/v1/secrets?limit=2&cursor=B").await.json(200);
    assert_eq!(
        (&last["items"][0]["name"], &last["next_cursor"]),
        (&json!("C"), &json!(null))
    );
}

#[tokio::test]
async fn wrong_names_and_values_are_refused() {
    let app = App::new().await;
    for name in ["openai", "A-B", "2A", "%C3%84"] {
        let answer = app
            .put(&format!("/api/v1/secrets/{name}"), json!({"value": "x"}))
            .await;
        answer.fields(422, "invalid", &[("name", "invalid_name")]);
    }
    for (body, field, code) in [
        (json!({"value": ""}), "value", "required"),
        (json!({"value": " "}), "value", "required"),
        (json!({}), "value", "required"),
        (json!({"value": 1}), "value", "wrong_type"),
        (json!({"value": "sk-1\n"}), "value", "control_character"),
        (json!({"value": "x", "note": "y"}), "note", "unknown_field"),
    ] {
        app.put("/api/v1/secrets/KEY", body)
            .await
            .fields(422, "invalid", &[(field, code)]);
    }
}

#[tokio::test]
async fn a_secret_in_use_says_who_uses_it() {
    let app = App::with_provider().await;
    let answer = app.delete("/api/v1/secrets/KEY").await;
    answer.problem(409, "secret_in_use");
    assert!(answer.text.contains("main"), "{}", answer.text);
    assert_eq!(
        app.get("/api/v1/secrets").await.json(200)["items"][0]["used_by"],
        json!(["main"])
    );
}
