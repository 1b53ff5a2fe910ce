//! What somebody tries who has no right to be here, on every route that the console has: the routes are read
//! off the router, so that none is forgotten.

use std::collections::BTreeMap;

use axum::{Router, body::Body};
use http::{Method, Request, header};

use crate::browser::{Browser, HOST, Page};

/// Routes that are for everybody; the assets are so too.
const OPEN: &[&str] = &["/sign-in", "/welcome", "/theme"];

/// Every path of a router with the methods that it takes, as they stand in its `Debug`, and something put in
/// for each parameter.
fn routes(router: &Router) -> BTreeMap<String, Vec<Method>> {
    let text = format!("{router:?}");
    let (ours, _) = text.split_once("fallback_router").unwrap();
    let (methods, paths) = ours.split_once("Node { paths: {").unwrap();
    let methods: BTreeMap<&str, Vec<Method>> = methods
        .split("RouteId(")
        .skip(1)
        .map(|route| {
            let (id, rest) = route.split_once(')').unwrap();
            let allowed = rest.split("Bytes(b\"").nth(1).unwrap();
            let allowed = allowed.split('"').next().unwrap();
            (
                id,
                allowed.split(',').map(|it| it.parse().unwrap()).collect(),
            )
        })
        .collect();
    let routes: BTreeMap<String, Vec<Method>> = paths
        .split("RouteId(")
        .skip(1)
        .map(|route| {
            let (id, rest) = route.split_once("): \"").unwrap();
            let path = rest.split('"').next().unwrap();
            let filled = path
                .split('/')
                .map(|part| if part.starts_with('{') { "x" } else { part });
            (filled.collect::<Vec<_>>().join("/"), methods[id].clone())
        })
        .collect();
    assert!(
        routes.len() > 60 && routes.contains_key("/tokens/x/revoke"),
        "{routes:?}"
    );
    routes
}

fn is_asset(path: &str) -> bool {
    path.starts_with("/style/") || path.starts_with("/pkg/")
}

fn form(path: &str, headers: &[(&str, &str)], fields: &str) -> Request<Body> {
    let mut request =
        Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::from(fields.to_owned())).unwrap()
}

#[tokio::test]
async fn every_route_is_closed_to_whoever_has_not_signed_in() {
    let mut browser = Browser::signed_in().await;
    browser.forget_cookies();
    for (path, methods) in routes(&browser.router()) {
        if OPEN.contains(&path.as_str()) || is_asset(&path) {
            continue;
        }
        for method in methods {
            if method == Method::POST {
                browser.post(&path, &[]).await.is(401);
                continue;
            }
            let request = Request::builder()
                .method(&method)
                .uri(&path)
                .body(Body::empty());
            let page = browser.send(request.unwrap()).await;
            assert_eq!(page.status.as_u16(), 303, "{method} {path}");
            assert!(page.leads_to().starts_with("/sign-in"), "{method} {path}");
        }
    }
    assert_eq!(
        browser.cookies().count(),
        0,
        "nobody has a session for asking"
    );
}

#[tokio::test]
async fn no_route_takes_a_change_from_another_site() {
    let mut browser = Browser::signed_in().await;
    let elsewhere: &[&[(&str, &str)]] = &[
        &[],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("origin", &format!("https://{HOST}.evil.example"))],
        &[("origin", &format!("https://evil.example/{HOST}"))],
        &[("origin", &format!("https://{HOST}:444"))],
        &[
            ("origin", &format!("https://{HOST}")),
            ("sec-fetch-site", "cross-site"),
        ],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "none")],
        &[("sec-fetch-site", "Same-Origin, cross-site")],
        &[("referer", &format!("https://{HOST}/secrets"))],
        &[
            ("x-forwarded-host", "evil.example"),
            ("origin", "https://evil.example"),
        ],
    ];
    let mut changes = 0;
    for (path, methods) in routes(&browser.router()) {
        if !methods.contains(&Method::POST) {
            continue;
        }
        changes += 1;
        for headers in elsewhere {
            let page = browser.send(form(&path, headers, "a=b")).await;
            assert_eq!(
                page.status.as_u16(),
                403,
                "{path} {headers:?}: {}",
                page.text
            );
        }
    }
    assert!(changes > 20, "{changes}");
    for method in ["PUT", "PATCH", "DELETE", "TRACE", "FOO"] {
        let request = Request::builder()
            .method(method)
            .uri("/secrets")
            .body(Body::empty());
        browser.send(request.unwrap()).await.is(403);
    }
    // What a form of another site may send without asking first is no form of ours either.
    for media_type in [
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/json",
    ] {
        let request = Request::post("/new-secret")
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, media_type)
            .body(Body::from("name=A&value=b"))
            .unwrap();
        browser.send(request).await.is(415);
    }
    browser.get("/secrets").await.says_not("/secrets/A\"");
}

#[tokio::test]
async fn a_read_changes_nothing() {
    let mut browser = Browser::signed_in().await;
    browser
        .post("/new-secret", &[("name", "A_KEY"), ("value", "hush")])
        .await
        .is(303);
    let rows = |browser: &Browser| {
        let admin = browser.admin.clone();
        async move {
            let who = admin::Who::system();
            admin
                .audit()
                .list(&who, &admin::audit::AuditQuery::default())
                .await
                .unwrap()
                .items
                .len()
        }
    };
    let before = rows(&browser).await;
    for (path, methods) in routes(&browser.router()) {
        if methods.contains(&Method::GET) && !is_asset(&path) {
            let path = path.replace("/secrets/x", "/secrets/A_KEY");
            for query in ["?name=B&value=v&confirm=A_KEY", "?_method=POST"] {
                let page = browser.get(&format!("{path}{query}")).await;
                assert!(page.status.as_u16() < 500, "{path}: {}", page.text);
            }
        }
    }
    assert_eq!(
        rows(&browser).await,
        before,
        "reading left a row in the audit"
    );
    browser.get("/secrets").await.says("A_KEY");
}

#[tokio::test]
async fn every_answer_says_what_it_may_do_and_is_kept_nowhere() {
    let mut browser = Browser::signed_in().await;
    for (path, methods) in routes(&browser.router()) {
        if is_asset(&path) {
            continue;
        }
        for method in methods {
            let page = if method == Method::POST {
                browser.post(&path, &[]).await
            } else {
                browser.get(&path).await
            };
            let policy = page.header("content-security-policy");
            assert!(
                policy.contains("default-src 'none'"),
                "{method} {path}: {policy}"
            );
            for unsafe_word in ["unsafe-inline", "'unsafe-eval'", " data:", "*", "http:"] {
                assert!(!policy.contains(unsafe_word), "{method} {path}: {policy}");
            }
            assert!(
                policy.contains("frame-ancestors 'none'") || policy.contains("sandbox"),
                "{path}: {policy}"
            );
            assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
            assert_eq!(page.header("referrer-policy"), "same-origin", "{path}");
            assert_eq!(page.header("cache-control"), "no-store", "{method} {path}");
            assert_eq!(
                page.header("strict-transport-security"),
                "max-age=31536000",
                "{path}"
            );
            let body = page.header("content-type");
            assert!(
                page.text.is_empty()
                    || body.contains("charset=utf-8")
                    || body == "application/json",
                "{path}: {body}"
            );
            for sign in ["server", "x-powered-by", "access-control-allow-origin"] {
                assert_eq!(page.header(sign), "", "{path}: {sign}");
            }
        }
    }
}

/// A text that would run, were it ever written as it is.
const EVIL: &str = "\"'><img src=x onerror=alert(1)>";

fn is_harmless(page: &Page, path: &str) {
    assert!(page.status.as_u16() < 500, "{path}: {}", page.text);
    assert!(!page.text.contains("<img src=x"), "{path} has it as markup");
    assert!(
        !page.text.contains("\"'><img") && !page.text.contains("</script><img"),
        "{path}"
    );
}

#[tokio::test]
async fn no_text_that_people_or_callers_give_is_markup_on_any_page() {
    let mut browser = Browser::signed_in().await;
    let who = admin::Who::system();
    let model = format!("m{EVIL}");
    let provider = serde_json::json!({
        "id": "evil", "display_name": EVIL, "type": "openai_compatible", "base_url": "http://localhost:1/v1",
        "models": [{"id": model, "display_name": EVIL, "rates": {"input": "1"}}],
    });
    browser
        .admin
        .providers()
        .create(&who, &admin::providers::ProviderDraft::read(provider))
        .await
        .unwrap();
    let draft = admin::tokens::TokenDraft {
        name: Some(EVIL.to_owned()),
        agent: Some(EVIL.to_owned()),
        user: Some(EVIL.to_owned()),
        ..admin::tokens::TokenDraft::default()
    };
    let token = browser
        .admin
        .tokens()
        .create(&who, &draft)
        .await
        .unwrap()
        .token
        .id
        .to_string();
    let person = browser
        .admin
        .people()
        .add(&who, EVIL)
        .await
        .unwrap()
        .person
        .to_string();
    let encoded: String = url::form_urlencoded::byte_serialize(EVIL.as_bytes()).collect();
    for (path, methods) in routes(&browser.router()) {
        if is_asset(&path) || path == "/sign-out" {
            continue;
        }
        let path = path
            .replace("/providers/x", "/providers/evil")
            .replace("/tokens/x", &format!("/tokens/{token}"))
            .replace("/people/x", &format!("/people/{person}"));
        if methods.contains(&Method::GET) {
            let names = [
                "q", "name", "next", "provider", "model", "agent", "user", "sort", "range", "id",
                "type", "tab", "from", "kind", "error",
            ];
            let query: String = names
                .iter()
                .map(|name| format!("{name}={encoded}&"))
                .collect();
            is_harmless(&browser.get(&path).await, &path);
            is_harmless(&browser.get(&format!("{path}?{query}")).await, &path);
        }
        if methods.contains(&Method::POST) {
            let names = [
                "name",
                "display_name",
                "value",
                "base_url",
                "id",
                "model",
                "confirm",
                "link",
                "next",
                "back",
                "theme",
                "agent",
                "user",
                "expires",
                "zone",
            ];
            let fields: Vec<(&str, &str)> = names.iter().map(|name| (*name, EVIL)).collect();
            is_harmless(&browser.post(&path, &fields).await, &path);
        }
    }
    is_harmless(
        &browser
            .get(&format!("/{}", encoded.replace('+', "%20")))
            .await,
        "not found",
    );
}

#[tokio::test]
async fn a_host_that_somebody_made_up_is_in_no_page() {
    let mut browser = Browser::signed_in().await;
    for (path, methods) in routes(&browser.router()) {
        if !methods.contains(&Method::GET) || is_asset(&path) {
            continue;
        }
        let mut router = browser.router();
        let cookies: Vec<String> = browser.cookies().collect();
        let request = Request::get(&path)
            .header(header::HOST, "evil.example")
            .header("x-forwarded-host", "evil.example")
            .header("forwarded", "host=evil.example")
            .header(header::COOKIE, cookies.join("; "))
            .body(Body::empty())
            .unwrap();
        let answer = tower::Service::call(&mut router, request).await.unwrap();
        assert!(
            !format!("{:?}", answer.headers()).contains("evil.example"),
            "{path}"
        );
        let body = http_body_util::BodyExt::collect(answer.into_body())
            .await
            .unwrap()
            .to_bytes();
        assert!(
            !String::from_utf8_lossy(&body).contains("evil.example"),
            "{path}"
        );
    }
    // Nor does it make a form of that host one of ours where the browser names the site.
    let headers = [
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
    ];
    browser
        .send(form("/new-secret", &headers, "name=A&value=b"))
        .await
        .is(403);
}
