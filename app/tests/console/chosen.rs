//! What a browser may send and is not to choose: the id of its session, where sign-in leads, fields that no form has.

use crate::browser::{Browser, PASSWORD, value_of};

const SESSION: &str = "__Host-weir_session";

#[tokio::test]
async fn a_session_id_that_somebody_chose_is_never_taken() {
    let mut browser = Browser::signed_in().await;
    let known = browser.cookie(SESSION).unwrap().to_owned();
    for chosen in [
        "AAAAAAAAAAAAAAAAAAAAAA",
        "x",
        "",
        "../../etc/passwd",
        "' OR 1=1 --",
        &"A".repeat(4000),
    ] {
        browser.forget_cookies();
        browser.set_cookie(SESSION, chosen);
        browser.get("/providers").await.is(303);
        browser
            .post("/sign-in", &[("name", "Ada"), ("password", PASSWORD)])
            .await
            .is(303);
        let given = browser.cookie(SESSION).unwrap().to_owned();
        assert!(
            given != chosen && given != known && given.len() >= 22,
            "{given}"
        );
        browser.get("/providers").await.is(200);
        browser.set_cookie(SESSION, chosen);
        browser.get("/providers").await.is(303);
    }
    // The cookie without the prefix, which another host of the domain could set, is nothing.
    browser.forget_cookies();
    browser.set_cookie("weir_session", &known);
    browser.get("/providers").await.is(303);
    browser.set_cookie(SESSION, &known);
    browser.get("/providers").await.is(200);
}

#[tokio::test]
async fn sign_in_leads_nowhere_but_to_this_console() {
    let mut browser = Browser::signed_in().await;
    for next in [
        "https://evil.example",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/\n/evil.example",
        " //evil.example",
        "%2f%2fevil.example",
        "http:evil.example",
        "@evil.example",
    ] {
        browser.forget_cookies();
        let fields = [("name", "Ada"), ("password", PASSWORD), ("next", next)];
        let page = browser.post("/sign-in", &fields).await;
        assert_eq!(page.is(303).leads_to(), "/", "{next:?}");
        let query: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
        let page = browser.get(&format!("/sign-in?next={query}")).await;
        assert_eq!(page.is(303).leads_to(), "/", "{next:?}");
    }
}

#[tokio::test]
async fn a_field_that_no_form_has_changes_nothing() {
    let mut browser = Browser::signed_in().await;
    let who = admin::Who::system();
    browser.admin.people().add(&who, "Eve").await.unwrap();
    let fields = [
        ("current_password", "not it at all"),
        ("new_password", "another long one"),
        ("name", "Eve"),
        ("id", "x"),
        ("person", "Eve"),
        ("is_admin", "true"),
    ];
    browser.post("/account/password", &fields).await.is(422);
    let form = browser.get("/new-token").await;
    let once = value_of(form.is(200), "once").to_owned();
    let fields = [
        ("once", once.as_str()),
        ("name", "ci"),
        ("expires", "never"),
        ("id", "01932c07-0000-7000-8000-000000000000"),
        ("token", "wr_chosen"),
        ("hash", "00"),
        ("created_at", "2000-01-01T00:00:00Z"),
        ("last_used_at", "2000-01-01T00:00:00Z"),
    ];
    let page = browser.post("/new-token", &fields).await;
    page.is(200).says("wr_").says_not("wr_chosen");
    let tokens = browser.admin.tokens().all(&who).await.unwrap();
    let made = tokens.iter().find(|token| token.name == "ci").unwrap();
    assert_ne!(made.id.to_string(), "01932c07-0000-7000-8000-000000000000");
    assert!(
        made.last_used_at.is_none() && made.created_at.as_second() > 1_700_000_000,
        "{made:?}"
    );
}
