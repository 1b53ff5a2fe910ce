use serde_json::{Value, json};

use crate::app::App;

fn kinds(page: &Value) -> Vec<&str> {
    let items = page["items"].as_array().unwrap().iter();
    items
        .map(|row| row["object_kind"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn changes_are_listed_with_before_and_after_and_no_secret() {
    let app = App::with_provider().await;
    app.patch("/api/v1/providers/main", json!({"display_name": "Renamed"}))
        .await
        .json(200);
    let answer = app.get("/api/v1/audit").await;
    assert!(!answer.text.contains("sk-first"), "{}", answer.text);
    let page = answer.json(200);
    assert_eq!(kinds(&page), ["provider", "provider", "secret"]);
    let change = &page["items"][0];
    assert_eq!(
        (
            &change["actor"],
            &change["action"],
            &change["object_id"],
            &change["result"]
        ),
        (
            &json!("admin_token"),
            &json!("update"),
            &json!("main"),
            &json!("done")
        )
    );
    assert_eq!(change["before"]["display_name"], "Main");
    assert_eq!(change["after"]["display_name"], "Renamed");
    assert_eq!(change["times"], 1);
}

#[tokio::test]
async fn filters_are_or_within_a_name_and_take_not() {
    let app = App::with_provider().await;
    app.delete("/api/v1/providers/main").await.empty(204);
    for (query, expected) in [
        ("kind=secret", vec!["secret"]),
        (
            "kind=secret&kind=provider&action=create",
            vec!["provider", "secret"],
        ),
        ("kind.not=secret&action.not=create", vec!["provider"]),
        ("object=main&action=delete", vec!["provider"]),
        ("actor.not=admin_token", vec![]),
        ("result=refused", vec![]),
        ("until=2020-01-01T00:00:00Z", vec![]),
    ] {
        let page = app.get(&format!("/api/v1/audit?{query}")).await.json(200);
        assert_eq!(kinds(&page), expected, "{query}");
    }
    let first = app.get("/api/v1/audit?limit=2").await.json(200);
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = app
        .get(&format!("/api/v1/audit?limit=2&cursor={cursor}"))
        .await
        .json(200);
    assert_eq!(kinds(&second), ["secret"]);
    assert_eq!(second["next_cursor"], Value::Null);
}

#[tokio::test]
async fn wrong_parameters_are_named() {
    let app = App::new().await;
    for (query, field, code) in [
        ("result=maybe", "result", "invalid_value"),
        ("actor=", "actor", "invalid_value"),
        ("since=soon", "since", "invalid_time"),
        ("cursor=zzz", "cursor", "invalid_cursor"),
        ("limit=0", "limit", "invalid_limit"),
        ("who=ada", "who", "unknown_parameter"),
    ] {
        let answer = app.get(&format!("/api/v1/audit?{query}")).await;
        answer.fields(400, "invalid_query", &[(field, code)]);
    }
}
