//! What holds for every page.

use http::{Request, header};

use crate::browser::{Browser, HOST};

/// Every page that one can open without making anything first.
const PAGES: &[&str] = &[
    "/providers",
    "/providers?q=x&type=openai&status=active&sort=-spend&rows=10&page=3",
    "/new-provider",
    "/new-provider/import",
    "/new-provider?type=anthropic",
    "/secrets",
    "/new-secret",
    "/tokens",
    "/new-token",
    "/calls",
    "/calls?range=1h&status=4xx&outcome=ok&cost_above=0.5",
    "/account/password",
];

#[tokio::test]
async fn every_page_is_closed_to_whoever_has_not_signed_in() {
    let mut browser = Browser::signed_in().await;
    for path in PAGES {
        browser.get(path).await.is(200);
    }
    browser.forget_cookies();
    for path in PAGES.iter().chain(&[
        "/",
        "/providers/x",
        "/new-provider/free-id?id=x",
        "/secrets/X",
        "/tokens/x",
        "/nowhere",
    ]) {
        let page = browser.get(path).await;
        assert!(
            page.is(303).leads_to().starts_with("/sign-in"),
            "{path} leads to {}",
            page.leads_to()
        );
    }
    browser
        .post("/new-provider", &[])
        .await
        .is(401)
        .says("You are signed out")
        .says("What you typed is kept on this page");
    for path in [
        "/new-secret",
        "/secrets/X/delete",
        "/tokens/x/revoke",
        "/providers/x/disable",
        "/account/password",
    ] {
        browser
            .post(path, &[])
            .await
            .is(401)
            .says("You are signed out")
            .says("what was typed in the form is not kept");
    }
}

#[tokio::test]
async fn changes_come_from_this_console_only() {
    let mut browser = Browser::signed_in().await;
    let secret = [("name", "A_KEY"), ("value", "hush")];
    for site in ["cross-site", "same-site", "none"] {
        browser
            .post_from(site, "/new-secret", &secret)
            .await
            .is(403)
            .says("came from another site");
    }
    let form = |origin: Option<&str>| {
        let mut request = Request::post("/new-secret")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(origin) = origin {
            request = request.header(header::ORIGIN, origin);
        }
        request
            .body(axum::body::Body::from("name=A_KEY&value=hush"))
            .unwrap()
    };
    browser.send(form(None)).await.is(403);
    browser
        .send(form(Some("https://evil.example")))
        .await
        .is(403);
    browser
        .send(form(Some(&format!("https://{HOST}"))))
        .await
        .is(303);
}

#[tokio::test]
async fn every_page_says_what_it_may_load_and_nothing_else() {
    let mut browser = Browser::signed_in().await;
    let mut nonces = vec![];
    for path in PAGES.iter().chain(&["/nowhere", "/sign-in"]) {
        let page = browser.get(path).await;
        let policy = page.header("content-security-policy").to_owned();
        for part in [
            "default-src 'none'",
            "'strict-dynamic'",
            "'wasm-unsafe-eval'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(part), "{path}: {part} in {policy}");
        }
        assert!(
            !policy.contains("unsafe-inline") && !policy.contains("http"),
            "{path}: {policy}"
        );
        assert_eq!(page.header("x-content-type-options"), "nosniff");
        assert_eq!(page.header("referrer-policy"), "same-origin");
        assert_eq!(page.header("cross-origin-opener-policy"), "same-origin");
        assert_eq!(page.header("cache-control"), "no-store", "{path}");
        if page.status.as_u16() == 303 {
            continue;
        }
        let nonce = policy
            .split("'nonce-")
            .nth(1)
            .unwrap()
            .split('\'')
            .next()
            .unwrap()
            .to_owned();
        page.says(&format!("nonce=\"{nonce}\""))
            .says_not(" style=")
            .says_not("onclick=")
            .says_not("<style");
        nonces.push(nonce);
    }
    let all = nonces.len();
    nonces.sort();
    nonces.dedup();
    assert_eq!(nonces.len(), all, "a nonce is used once");
}

#[tokio::test]
async fn pages_that_do_not_exist_look_like_the_others() {
    let mut browser = Browser::signed_in().await;
    browser
        .get("/nowhere")
        .await
        .is(404)
        .says("There is no such page")
        .says("Gateway tokens");
    browser
        .get("/providers/gone")
        .await
        .is(404)
        .says("There is no provider “gone”");
    browser.get("/secrets/GONE").await.is(404);
    browser.get("/tokens/gone").await.is(404);
    browser
        .get("/sign-out")
        .await
        .is(405)
        .says("cannot be used in this way");
    browser.get("/providers/%2e%2e%2fetc").await.is(404);
}

#[tokio::test]
async fn the_theme_is_remembered_for_the_first_paint() {
    let mut browser = Browser::signed_in().await;
    browser.get("/providers").await.says_not("data-theme=");
    let page = browser
        .post("/theme", &[("theme", "dark"), ("back", "/secrets?q=A")])
        .await;
    assert_eq!(page.is(303).leads_to(), "/secrets?q=A");
    browser
        .get("/providers")
        .await
        .says(r#"<html lang="en" data-theme="dark">"#);
    browser
        .post("/theme", &[("theme", "auto"), ("back", "//evil.example")])
        .await;
    browser.get("/providers").await.says_not("data-theme=");
}

#[tokio::test]
async fn the_style_sheet_comes_compressed_to_everybody() {
    let mut browser = Browser::new().await;
    let page = browser.get("/welcome").await;
    let address = page
        .text
        .split("href=\"/style/console.css")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let address = format!("/style/console.css{address}");
    let plain = browser.get(&address).await;
    assert_eq!(
        plain.is(200).header("content-type"),
        "text/css; charset=utf-8"
    );
    plain.says("--accent");
    let request = Request::get(&address)
        .header(header::ACCEPT_ENCODING, "gzip, br")
        .body(axum::body::Body::empty())
        .unwrap();
    let packed = browser.send(request).await;
    assert_eq!(
        (packed.header("content-encoding"), packed.header("vary")),
        ("br", "accept-encoding")
    );
    browser.get("/style/other.css").await.is(404);
    browser.get("/pkg/other.js").await.is(404);
}
