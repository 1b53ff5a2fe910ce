//! The first start, signing in and out, a new password.

use http::header;

use crate::browser::{Browser, PASSWORD};

const SESSION: &str = "__Host-weir_session";

#[tokio::test]
async fn until_there_is_an_admin_only_the_first_start_is_shown() {
    let mut browser = Browser::new().await;
    for path in ["/", "/providers", "/sign-in", "/calls", "/nowhere"] {
        let page = browser.get(path).await;
        assert_eq!(
            (page.status.as_u16(), page.leads_to()),
            (303, "/welcome"),
            "{path}"
        );
    }
    browser
        .post("/new-secret", &[("name", "A"), ("value", "b")])
        .await
        .is(403)
        .says("There is no admin yet");
    browser
        .get("/welcome")
        .await
        .is(200)
        .says("weir admin link");
}

#[tokio::test]
async fn a_link_makes_the_first_admin_once() {
    let mut browser = Browser::new().await;
    let link = browser.link().await;
    browser
        .get(&format!("/welcome?link={link}"))
        .await
        .is(200)
        .says("Set up the first admin");

    let short = browser
        .post(
            "/welcome",
            &[("link", &link), ("name", "Ada"), ("password", "too short")],
        )
        .await;
    short
        .is(422)
        .says("12 characters at least")
        .says(r#"value="Ada""#)
        .says_not("too short");
    let wrong = browser
        .post(
            "/welcome",
            &[
                ("link", "never given"),
                ("name", "Ada"),
                ("password", PASSWORD),
            ],
        )
        .await;
    wrong.is(403).says("This link was used before");

    let made = browser
        .post(
            "/welcome",
            &[("link", &link), ("name", "Ada"), ("password", PASSWORD)],
        )
        .await;
    assert_eq!(
        (
            made.is(303).leads_to(),
            browser.get("/providers").await.status.as_u16()
        ),
        ("/", 200)
    );
    browser.forget_cookies();
    browser
        .post(
            "/welcome",
            &[("link", &link), ("name", "Ada"), ("password", PASSWORD)],
        )
        .await
        .is(403);
}

#[tokio::test]
async fn a_wrong_password_is_told_and_what_was_typed_is_kept() {
    let mut browser = Browser::signed_in().await;
    browser.forget_cookies();
    let page = browser
        .post(
            "/sign-in",
            &[
                ("name", "Ada"),
                ("password", "wrong password"),
                ("next", "/calls"),
            ],
        )
        .await;
    page.is(422)
        .says("Name or password is wrong")
        .says(r#"value="Ada""#)
        .says(r#"value="/calls""#)
        .says_not("wrong password\"");
    assert_eq!(
        browser.cookie(SESSION),
        None,
        "nobody has a session for failing"
    );
}

#[tokio::test]
async fn signing_in_gives_the_session_a_new_id_and_leads_on() {
    let mut browser = Browser::signed_in().await;
    let first = browser.cookie(SESSION).unwrap().to_owned();
    let page = browser
        .post(
            "/sign-in",
            &[
                ("name", "Ada"),
                ("password", PASSWORD),
                ("next", "/calls?range=1h"),
            ],
        )
        .await;
    assert_eq!(page.is(303).leads_to(), "/calls?range=1h");
    let cookie = page.header("set-cookie");
    for part in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
        assert!(cookie.contains(part), "{part} in {cookie}");
    }
    assert_ne!(browser.cookie(SESSION), Some(first.as_str()));
    browser.set_cookie(SESSION, &first);
    browser.get("/providers").await.is(303);

    let away = browser
        .post(
            "/sign-in",
            &[
                ("name", "Ada"),
                ("password", PASSWORD),
                ("next", "//evil.example"),
            ],
        )
        .await;
    assert_eq!(away.leads_to(), "/");
}

#[tokio::test]
async fn too_many_failures_are_slowed() {
    let mut browser = Browser::signed_in().await;
    browser.forget_cookies();
    let mut last = None;
    for attempt in 0..16 {
        let name = format!("nobody-{attempt}");
        let request = http::Request::post("/sign-in")
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .extension(admin::ClientAddress("192.0.2.7".parse().unwrap()))
            .body(axum::body::Body::from(format!(
                "name={name}&password=wrong"
            )))
            .unwrap();
        let page = tokio::time::timeout(std::time::Duration::from_secs(20), browser.send(request))
            .await
            .unwrap();
        if page.status.as_u16() == 429 {
            last = Some(page);
            break;
        }
        assert_eq!(page.status.as_u16(), 422);
    }
    let page = last.unwrap();
    page.says("Too many sign-ins");
    assert!(page.header("retry-after").parse::<u64>().unwrap() > 0);
}

#[tokio::test]
async fn signing_out_ends_the_session() {
    let mut browser = Browser::signed_in().await;
    let session = browser.cookie(SESSION).unwrap().to_owned();
    let page = browser.post("/sign-out", &[]).await;
    assert_eq!(
        (page.is(303).leads_to(), page.header("clear-site-data")),
        ("/sign-in", "\"cache\"")
    );
    browser.set_cookie(SESSION, &session);
    assert_eq!(
        browser.get("/providers").await.leads_to(),
        "/sign-in?next=/providers"
    );
}

#[tokio::test]
async fn a_new_password_ends_other_sessions_and_keeps_this_one() {
    let mut browser = Browser::signed_in().await;
    let before = browser.cookie(SESSION).unwrap().to_owned();
    browser
        .post("/sign-in", &[("name", "Ada"), ("password", PASSWORD)])
        .await
        .is(303);
    let wrong = [
        ("current_password", "not it at all"),
        ("new_password", "another long one"),
    ];
    browser
        .post("/account/password", &wrong)
        .await
        .is(422)
        .says("This is not your password.");
    let right = [
        ("current_password", PASSWORD),
        ("new_password", "another long one"),
    ];
    assert_eq!(
        browser
            .post("/account/password", &right)
            .await
            .is(303)
            .leads_to(),
        "/account/password"
    );
    browser
        .get("/account/password")
        .await
        .is(200)
        .says("Password changed");
    browser.set_cookie(SESSION, &before);
    browser.get("/providers").await.is(303);
}
