//! The time zone of reports, and how Weir itself is.

use crate::browser::{Browser, value_of};

#[tokio::test]
async fn the_zone_is_kept_and_a_wrong_one_is_told_with_what_was_typed() {
    let mut browser = Browser::signed_in().await;
    let page = browser.get("/settings").await;
    page.is(200)
        .says(r#"<option value="Asia/Kathmandu">"#)
        .says(" UTC</b>");
    assert_eq!(value_of(&page, "report_time_zone"), "UTC");
    let wrong = browser
        .post("/settings", &[("report_time_zone", "Mars/Olympus")])
        .await;
    wrong
        .is(422)
        .says("Write an IANA time zone, such as Europe/Berlin, or UTC.");
    assert_eq!(value_of(&wrong, "report_time_zone"), "Mars/Olympus");

    let right = [("report_time_zone", " asia/kathmandu ")];
    assert_eq!(
        browser.post("/settings", &right).await.is(303).leads_to(),
        "/settings"
    );
    let page = browser.get("/settings").await;
    page.says("Times are told in Asia/Kathmandu")
        .says(" UTC+05:45</b>");
    assert_eq!(value_of(&page, "report_time_zone"), "Asia/Kathmandu");
}

#[tokio::test]
async fn every_page_tells_times_in_it() {
    let mut browser = Browser::signed_in().await;
    let secret = [("name", "KEY"), ("value", "v")];
    browser.post("/new-secret", &secret).await.is(303);
    browser
        .get("/secrets")
        .await
        .says(" UTC\"")
        .says_not("UTC+05:45");
    let kathmandu = [("report_time_zone", "Asia/Kathmandu")];
    browser.post("/settings", &kathmandu).await.is(303);
    for path in [
        "/secrets",
        "/secrets/KEY",
        "/settings/people",
        "/settings",
        "/audit",
    ] {
        browser.get(path).await.is(200).says(" UTC+05:45\"");
    }
    browser
        .get("/audit")
        .await
        .says(r#"title="Asia/Kathmandu">Time, UTC+05:45</th>"#)
        .says_not("Time, UTC<");
    browser
        .get("/new-token")
        .await
        .says("Last day, Asia/Kathmandu");
    browser
        .get("/calls?range=7d")
        .await
        .says("From, Asia/Kathmandu");

    let last_day = [
        ("name", "ci"),
        ("expires", "on"),
        ("expires_on", "2099-01-31"),
    ];
    browser.post("/new-token", &last_day).await.is(200);
    browser
        .get("/tokens")
        .await
        .says("2099-01-31 23:59:59 UTC+05:45");
    let tokens = browser
        .admin
        .tokens()
        .all(&admin::Who::system())
        .await
        .unwrap();
    let end = tokens[0].expires_at.unwrap().to_string();
    assert_eq!(end, "2099-01-31T18:14:59Z");
}

#[tokio::test]
async fn weir_tells_its_version_health_and_sizes() {
    let mut browser = Browser::signed_in().await;
    let page = browser.get("/settings").await;
    page.says(env!("CARGO_PKG_VERSION"))
        .says("SQLite answers")
        .says("KiB, with its write-ahead log")
        .says("none yet");
}
