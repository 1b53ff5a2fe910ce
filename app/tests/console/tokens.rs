//! Gateway tokens: made, shown once, listed, revoked.

use crate::browser::{Browser, value_of};

/// Makes a secret and the provider `openai-main`, which uses it.
async fn make_provider(browser: &mut Browser) {
    let provider = [
        ("do", "save"),
        ("display_name", "OpenAI main"),
        ("type", "openai"),
        ("openai.key_from", "new"),
        ("openai.new_key", "OPENAI_API_KEY"),
        ("openai.new_value", "sk-very-secret"),
    ];
    browser.post("/new-provider", &provider).await.is(303);
}

#[tokio::test]
async fn a_token_is_shown_once_and_can_be_revoked() {
    let mut browser = Browser::signed_in().await;
    make_provider(&mut browser).await;
    let wrong = [
        ("name", ""),
        ("agent", "ci"),
        ("expires", "on"),
        ("expires_on", "2001-01-01"),
    ];
    let page = browser.post("/new-token", &wrong).await;
    page.is(422)
        .says("Give the token a name")
        .says("Choose a time in the future.");
    assert_eq!(value_of(&page, "agent"), "ci");

    let right = [
        ("name", "ci"),
        ("agent", "ci"),
        ("user", ""),
        ("provider", "openai-main"),
        ("expires", "30d"),
    ];
    let made = browser.post("/new-token", &right).await;
    assert_eq!(made.is(200).header("cache-control"), "no-store");
    let token = made
        .text
        .split(r#"<code id="token" class="break">"#)
        .nth(1)
        .unwrap()
        .split('<')
        .next()
        .unwrap()
        .to_owned();
    assert!(token.starts_with("wr_") && token.len() > 40, "{token}");
    let list = browser.get("/tokens").await;
    list.is(200)
        .says("openai-main")
        .says(token.get(..9).unwrap())
        .says_not(&token);

    let id = list
        .text
        .split("href=\"/tokens/")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    browser
        .get(&format!("/tokens/{id}"))
        .await
        .is(200)
        .says_not(&token);
    browser
        .post(&format!("/tokens/{id}/revoke"), &[("confirm", "cd")])
        .await
        .is(422)
        .says("Nothing was revoked");
    browser
        .post(&format!("/tokens/{id}/revoke"), &[("confirm", "ci")])
        .await
        .is(303);
    browser
        .get("/tokens")
        .await
        .says("No gateway tokens yet")
        .says("ci is revoked");
}

#[tokio::test]
async fn an_end_that_cannot_be_read_is_not_taken_for_none() {
    let mut browser = Browser::signed_in().await;
    for (expires, day) in [
        ("on", ""),
        ("on", "  "),
        ("on", "soon"),
        ("on", "2999-02-31"),
        ("someday", ""),
        ("", ""),
    ] {
        let page = browser
            .post(
                "/new-token",
                &[("name", "ci"), ("expires", expires), ("expires_on", day)],
            )
            .await;
        page.is(422)
            .says("Choose the last day, such as 2027-01-31.")
            .says(r#"value="on" checked"#);
    }
    browser.get("/tokens").await.says("No gateway tokens yet");
    browser
        .post("/new-token", &[("name", "ci"), ("expires", "never")])
        .await
        .is(200);
}

#[tokio::test]
async fn a_provider_that_is_deleted_is_named_and_not_linked() {
    let mut browser = Browser::signed_in().await;
    make_provider(&mut browser).await;
    let token = [
        ("name", "ci"),
        ("provider", "openai-main"),
        ("expires", "never"),
    ];
    browser.post("/new-token", &token).await.is(200);
    let link = r#"href="/providers/openai-main""#;
    let list = browser.get("/tokens").await;
    list.says(link).says_not("(deleted)");
    let own_page = list
        .text
        .split("href=\"/tokens/")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let own_page = format!("/tokens/{own_page}");
    let delete = [("confirm", "openai-main")];
    browser
        .post("/providers/openai-main/delete", &delete)
        .await
        .is(303);
    for path in ["/tokens", &own_page] {
        browser
            .get(path)
            .await
            .is(200)
            .says("openai-main (deleted)")
            .says_not(link);
    }
}
