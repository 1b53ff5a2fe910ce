use std::{net::IpAddr, sync::Arc};

use admin::{Actor, Who, audit::AuditQuery};
use api::{Authorizer, ClientAddress, OPEN_PATHS};
use axum::body::Body;
use domain::AdminId;
use futures_util::future::BoxFuture;
use http::{Method, Request, header, request::Parts};
use serde_json::json;

use crate::app::{App, TOKEN, ask, every_route};

fn with_authorization(method: Method, path: &str, value: Option<&str>) -> Request<Body> {
    let mut request = ask(method, path, None);
    request.headers_mut().remove(header::AUTHORIZATION);
    if let Some(value) = value {
        request
            .headers_mut()
            .insert(header::AUTHORIZATION, value.parse().unwrap());
    }
    request
}

#[tokio::test]
async fn every_route_is_closed_without_the_token() {
    let app = App::new().await;
    for (method, path) in every_route() {
        let answer = app.send(with_authorization(method, path, None)).await;
        assert!(answer.problem(401, "token_missing").is_empty());
        assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"weir\"");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
}

#[tokio::test]
async fn what_is_not_there_is_closed_too() {
    let app = App::new().await;
    for path in [
        "/api",
        "/api/",
        "/api/v1",
        "/api/v2/x",
        "/api/v1/providers/",
        "/api/docs/",
        "/api/docs/../v1/secrets",
        "/api/v1/recordings/x",
    ] {
        app.send(with_authorization(Method::GET, path, None))
            .await
            .problem(401, "token_missing");
        app.get(path).await.problem(404, "path_not_found");
    }
    app.send(with_authorization(Method::TRACE, "/api/v1/secrets", None))
        .await
        .problem(401, "token_missing");
}

#[tokio::test]
async fn only_the_very_token_opens() {
    let app = App::new().await;
    for wrong in [
        "Bearer ",
        "Bearer nope",
        "Bearer test-admin-toke",
        "Bearer test-admin-token2",
        "Bearer wr_abc",
    ] {
        app.send(with_authorization(
            Method::GET,
            "/api/v1/secrets",
            Some(wrong),
        ))
        .await
        .problem(401, "token_wrong");
    }
    for other in ["Basic dGVzdDp0ZXN0", TOKEN, "Bearer"] {
        app.send(with_authorization(
            Method::GET,
            "/api/v1/secrets",
            Some(other),
        ))
        .await
        .problem(401, "token_missing");
    }
    for right in ["Bearer test-admin-token", "bearer  test-admin-token "] {
        app.send(with_authorization(
            Method::GET,
            "/api/v1/secrets",
            Some(right),
        ))
        .await
        .json(200);
    }
}

#[tokio::test]
async fn without_a_configured_token_everything_is_closed_and_says_how_to_open_it() {
    for token in [None, Some("")] {
        let app = App::with(token, None).await;
        for (method, path) in every_route() {
            for (shown, code) in [
                (None, "api_closed"),
                (Some("Bearer x"), "token_wrong"),
                (Some("Bearer "), "token_wrong"),
            ] {
                let answer = app
                    .send(with_authorization(method.clone(), path, shown))
                    .await;
                answer.problem(401, code);
                assert!(answer.text.contains("WEIR_ADMIN_TOKEN"));
            }
        }
    }
}

#[tokio::test]
async fn only_the_style_sheet_is_open() {
    let app = App::with(None, None).await;
    assert_eq!(OPEN_PATHS, ["/api/docs/style.css"]);
    let answer = app
        .send(with_authorization(Method::GET, "/api/docs/style.css", None))
        .await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("content-type")),
        (200, "text/css; charset=utf-8")
    );
}

#[tokio::test]
async fn changes_are_noted_with_who_and_from_where() {
    let app = App::new().await;
    let mut request = ask(
        Method::PUT,
        "/api/v1/secrets/KEY",
        Some(json!({"value": "x"})),
    );
    request
        .extensions_mut()
        .insert(ClientAddress("192.0.2.9".parse::<IpAddr>().unwrap()));
    app.send(request).await.empty(204);
    let rows = app
        .admin
        .audit()
        .list(&Who::system(), &AuditQuery::default())
        .await
        .unwrap()
        .items;
    assert_eq!(
        (rows[0].actor.as_str(), rows[0].address.as_deref()),
        ("admin_token", Some("192.0.2.9"))
    );
}

/// Knows whoever has this cookie.
struct Session;

impl Authorizer for Session {
    fn who<'a>(&'a self, request: &'a Parts) -> BoxFuture<'a, Option<Who>> {
        let known = request
            .headers
            .get(header::COOKIE)
            .is_some_and(|cookie| cookie == "session=ada");
        let person = Actor::Person {
            id: AdminId(uuid::Uuid::nil()),
            name: "ada".to_owned(),
            by_token: None,
        };
        Box::pin(async move { known.then(|| Who::checked(person, None)) })
    }
}

#[tokio::test]
async fn a_session_reads_the_description_and_nothing_else() {
    for token in [Some(TOKEN), None] {
        let app = App::with(token, Some(Arc::new(Session))).await;
        for (method, path) in every_route() {
            let mut request = with_authorization(method, path, None);
            request
                .headers_mut()
                .insert(header::COOKIE, "session=ada".parse().unwrap());
            let status = app.send(request).await.status.as_u16();
            let is_docs = matches!(path, "/api/docs" | "/api/openapi.json");
            assert_eq!(status, if is_docs { 200 } else { 401 }, "{path}");
        }
        let mut request = with_authorization(Method::GET, "/api/docs", None);
        request
            .headers_mut()
            .insert(header::COOKIE, "session=eve".parse().unwrap());
        assert_eq!(app.send(request).await.status.as_u16(), 401);
    }
}
