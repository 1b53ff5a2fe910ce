use http::Method;
use serde_json::json;

use crate::app::{App, ask};

#[tokio::test]
async fn a_person_is_added_with_a_link_that_is_shown_once() {
    let app = App::new().await;
    app.person_with_token("ada").await;
    let answer = app.post("/api/v1/people", json!({"name": "Eve"})).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let created = answer.json(201);
    let link = created["link"].as_str().unwrap();
    assert!(
        link.starts_with("https://weir.example.com/welcome?link="),
        "{link}"
    );

    let listed = app.get("/api/v1/people").await;
    assert!(!listed.text.contains(link.rsplit('=').next().unwrap()));
    let eve = listed.json(200)["items"][0].clone();
    assert_eq!(
        eve,
        json!({
            "id": created["id"], "name": "Eve", "enabled": true, "has_password": false, "created_at": eve["created_at"],
            "last_signed_in_at": null, "link_expires_at": created["link_expires_at"], "api_tokens": 0,
        })
    );
    let ada = &listed.json(200)["items"][1];
    assert_eq!(
        (&ada["name"], &ada["has_password"], &ada["api_tokens"]),
        (&json!("ada"), &json!(true), &json!(1))
    );

    let again = format!("/api/v1/people/{}/link", created["id"].as_str().unwrap());
    let newer = app.send(ask(Method::POST, &again, None)).await.json(201);
    assert_eq!(newer["id"], created["id"]);
    assert_ne!(newer["link"], created["link"]);
}

#[tokio::test]
async fn names_are_somebodys_own() {
    let app = App::new().await;
    app.person_with_token("ada").await;
    let taken = app.post("/api/v1/people", json!({"name": "Ada"})).await;
    taken.fields(409, "name_taken", &[("name", "name_taken")]);
    for (body, field, code) in [
        (json!({}), "name", "required"),
        (json!({"name": "a\nb"}), "name", "control_character"),
        (json!({"name": 5}), "name", "wrong_type"),
        (json!({"name": "b", "role": "x"}), "role", "unknown_field"),
    ] {
        let refused = app.post("/api/v1/people", body).await;
        refused.fields(422, "invalid", &[(field, code)]);
    }
}

#[tokio::test]
async fn nobody_locks_everybody_out() {
    let app = App::new().await;
    let (ada, ada_token) = app.person_with_token("ada").await;
    let path = format!("/api/v1/people/{ada}");
    let off = json!({"enabled": false});
    let patch = || ask(Method::PATCH, &path, Some(off.clone()));
    app.send(patch()).await.problem(409, "last_admin");
    app.send_as(&ada_token, patch())
        .await
        .problem(409, "yourself");

    // Somebody who has no password yet cannot stand in for her.
    app.post("/api/v1/people", json!({"name": "Bob"}))
        .await
        .json(201);
    app.send(patch()).await.problem(409, "last_admin");

    let (_, eve_token) = app.person_with_token("eve").await;
    let disabled = app.send_as(&eve_token, patch()).await.json(200);
    assert_eq!(disabled["enabled"], false);
    app.send_as(&ada_token, ask(Method::GET, "/api/v1/people", None))
        .await
        .problem(401, "token_wrong");
    let link = format!("{path}/link");
    app.send(ask(Method::POST, &link, None))
        .await
        .problem(409, "person_disabled");
    let enabled = app.patch(&path, json!({"enabled": true})).await.json(200);
    assert_eq!(enabled["enabled"], true);
    app.send_as(&ada_token, ask(Method::GET, "/api/v1/people", None))
        .await
        .json(200);
}

#[tokio::test]
async fn a_change_says_what_and_of_whom() {
    let app = App::new().await;
    let (ada, _) = app.person_with_token("ada").await;
    let path = format!("/api/v1/people/{ada}");
    for (body, field, code) in [
        (json!({"enabled": "no"}), "enabled", "wrong_type"),
        (
            json!({"enabled": true, "name": "x"}),
            "name",
            "unknown_field",
        ),
    ] {
        app.patch(&path, body)
            .await
            .fields(422, "invalid", &[(field, code)]);
    }
    // A change that names nothing is none.
    let same = app.patch(&path, json!({})).await.json(200);
    assert_eq!(same["enabled"], true);
    let nobody = "/api/v1/people/01932c07-0000-7000-8000-000000000000";
    for path in [nobody, "/api/v1/people/ada"] {
        app.patch(path, json!({"enabled": true}))
            .await
            .problem(404, "person_not_found");
    }
}
