use admin::{Who, audit::AuditQuery};
use http::Method;
use secrecy::ExposeSecret;
use serde_json::json;

use crate::app::{App, ask};

#[tokio::test]
async fn a_token_of_ones_own_opens_the_api_in_ones_own_name() {
    // Without an admin token, too.
    let app = App::with(None, None).await;
    let (_, ada) = app.person_with_token("ada").await;
    let docs = app.send_as(&ada, ask(Method::GET, "/api/docs", None)).await;
    assert_eq!(docs.status.as_u16(), 200);
    let put = ask(
        Method::PUT,
        "/api/v1/secrets/KEY",
        Some(json!({"value": "x"})),
    );
    app.send_as(&ada, put).await.empty(204);
    let audit = app.admin.audit();
    let rows = audit
        .list(&Who::system(), &AuditQuery::default())
        .await
        .unwrap();
    assert_eq!(rows.items[0].actor, "person:ada");
    let shown = ada.expose_secret().get(..10).unwrap();
    assert_eq!(
        rows.items[0].address,
        Some(format!("API token {shown}…")),
        "the audit tells with which token"
    );
    app.send(ask(Method::GET, "/api/v1/secrets", None))
        .await
        .problem(401, "token_wrong");
    let mut without = ask(Method::GET, "/api/v1/secrets", None);
    without.headers_mut().clear();
    app.send(without).await.problem(401, "api_closed");
}

#[tokio::test]
async fn it_is_shown_once_listed_and_revoked_by_its_owner_alone() {
    let app = App::new().await;
    let (_, ada) = app.person_with_token("ada").await;
    let (_, eve) = app.person_with_token("eve").await;
    let body = json!({"name": "ci", "expires_at": "2100-01-01T00:00:00Z"});
    let made = app
        .send_as(&ada, ask(Method::POST, "/api/v1/api-tokens", Some(body)))
        .await;
    assert_eq!(made.header("cache-control"), "no-store");
    let made = made.json(201);
    let plain = made["token"].as_str().unwrap();
    assert!(
        plain.starts_with("wra_") && plain.len() == 47,
        "256 bits behind the prefix"
    );

    let list = ask(Method::GET, "/api/v1/api-tokens?limit=1", None);
    let listed = app.send_as(&ada, list).await;
    assert!(!listed.text.contains(plain));
    let listed = listed.json(200);
    let token = &listed["items"][0];
    assert_eq!(
        *token,
        json!({
            "id": made["id"], "name": "ci", "first_characters": plain.get(..10), "created_at": token["created_at"],
            "expires_at": "2100-01-01T00:00:00Z", "last_used_at": null,
        })
    );
    let cursor = listed["next_cursor"].as_str().unwrap();
    let next = format!("/api/v1/api-tokens?cursor={cursor}");
    let next = app
        .send_as(&ada, ask(Method::GET, &next, None))
        .await
        .json(200);
    assert_eq!(
        (&next["items"][0]["name"], &next["items"][1]),
        (&json!("laptop"), &json!(null))
    );

    let path = format!("/api/v1/api-tokens/{}", made["id"].as_str().unwrap());
    let delete = || ask(Method::DELETE, &path, None);
    app.send_as(&eve, delete())
        .await
        .problem(404, "api_token_not_found");
    app.send_as(&plain.into(), delete()).await.empty(204);
    app.send_as(&plain.into(), ask(Method::GET, "/api/v1/secrets", None))
        .await
        .problem(401, "token_wrong");
    app.send_as(&ada, delete())
        .await
        .problem(404, "api_token_not_found");
}

#[tokio::test]
async fn the_admin_token_is_nobodys_own() {
    let app = App::new().await;
    let path = "/api/v1/api-tokens/01932c07-0000-7000-8000-000000000000";
    for (method, path) in [
        (Method::GET, "/api/v1/api-tokens"),
        (Method::POST, "/api/v1/api-tokens"),
        (Method::DELETE, path),
    ] {
        let body = (method == Method::POST).then(|| json!({"name": "ci"}));
        app.send(ask(method, path, body))
            .await
            .problem(403, "not_a_person");
    }
}

#[tokio::test]
async fn every_wrong_field_is_named() {
    let app = App::new().await;
    let (_, ada) = app.person_with_token("ada").await;
    let body = json!({"name": "", "expires_at": "2020-01-01T00:00:00Z", "scope": "all"});
    app.send_as(&ada, ask(Method::POST, "/api/v1/api-tokens", Some(body)))
        .await
        .fields(
            422,
            "invalid",
            &[
                ("scope", "unknown_field"),
                ("name", "required"),
                ("expires_at", "in_the_past"),
            ],
        );
}

#[tokio::test]
async fn what_only_looks_like_one_is_wrong() {
    let app = App::new().await;
    let (_, ada) = app.person_with_token("ada").await;
    let plain = ada.expose_secret();
    for wrong in [
        "wra_",
        plain.get(..46).unwrap(),
        &format!("{plain}x"),
        &plain.replace("wra_", "wr_"),
    ] {
        app.send_as(&wrong.into(), ask(Method::GET, "/api/v1/secrets", None))
            .await
            .problem(401, "token_wrong");
    }
}

#[tokio::test]
async fn one_that_was_revoked_is_wrong_also_where_there_is_no_admin_token() {
    let app = App::with(None, None).await;
    let (_, ada) = app.person_with_token("ada").await;
    let listed = app
        .send_as(&ada, ask(Method::GET, "/api/v1/api-tokens", None))
        .await
        .json(200);
    let path = format!(
        "/api/v1/api-tokens/{}",
        listed["items"][0]["id"].as_str().unwrap()
    );
    app.send_as(&ada, ask(Method::DELETE, &path, None))
        .await
        .empty(204);
    app.send_as(&ada, ask(Method::GET, "/api/v1/secrets", None))
        .await
        .problem(401, "token_wrong");
}

#[tokio::test]
async fn a_token_does_not_outlive_itself() {
    let app = App::new().await;
    let (id, ada) = app.person_with_token("ada").await;
    let make = |body| ask(Method::POST, "/api/v1/api-tokens", Some(body));
    let short = json!({"name": "short", "expires_at": "2100-01-01T00:00:00Z"});
    let short = app.send_as(&ada, make(short)).await.json(201);
    let short = short["token"].as_str().unwrap().into();

    let longer = json!({"name": "longer", "expires_at": "2100-01-01T00:00:01Z"});
    app.send_as(&short, make(longer)).await.fields(
        422,
        "invalid",
        &[("expires_at", "after_its_maker")],
    );
    for body in [
        json!({"name": "same", "expires_at": "2100-01-01T00:00:00Z"}),
        json!({"name": "left out"}),
    ] {
        app.send_as(&short, make(body)).await.json(201);
        let list = ask(Method::GET, "/api/v1/api-tokens?limit=1", None);
        let newest = app.send_as(&ada, list).await.json(200)["items"][0].clone();
        assert_eq!(newest["expires_at"], "2100-01-01T00:00:00Z", "{newest}");
    }

    let link = format!("/api/v1/people/{id}/link");
    app.send_as(&short, ask(Method::POST, &link, None))
        .await
        .problem(409, "yourself_by_api_token");
    let (_, eve) = app.person_with_token("eve").await;
    app.send_as(&eve, ask(Method::POST, &link, None))
        .await
        .json(201);
}
