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

/// The id of the one token in the list.
async fn only_token(browser: &mut Browser) -> String {
    let list = browser.get("/tokens").await;
    assert_eq!(list.text.matches("class=\"menu-cell\"").count(), 1);
    let link = list.text.split("href=\"/tokens/").nth(1).unwrap();
    link.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_form_that_is_sent_again_makes_no_second_token() {
    let mut browser = Browser::signed_in().await;
    let form = browser.get("/new-token").await;
    let once = value_of(&form, "once").to_owned();
    assert_ne!(once, value_of(&browser.get("/new-token").await, "once"));
    let fields = |name| {
        [
            ("once", once.as_str()),
            ("name", name),
            ("expires", "never"),
        ]
    };
    // What was refused made nothing, so the same form may go on.
    browser.post("/new-token", &fields("")).await.is(422);
    browser.post("/new-token", &fields("ci")).await.is(200);
    let again = browser.post("/new-token", &fields("ci")).await;
    let id = only_token(&mut browser).await;
    again
        .is(409)
        .says("No second token was made")
        .says(&format!("href=\"/tokens/{id}\""))
        .says_not("wr_");
    assert_eq!(again.header("cache-control"), "no-store");
}

#[tokio::test]
async fn tokens_are_filtered_by_whom_they_are_for() {
    let mut browser = Browser::signed_in().await;
    for (name, agent, user) in [
        ("one", "bot", "ada"),
        ("two", "bot", "bo"),
        ("three", "", ""),
    ] {
        let fields = [
            ("name", name),
            ("agent", agent),
            ("user", user),
            ("expires", "never"),
        ];
        browser.post("/new-token", &fields).await.is(200);
    }
    for (query, shown) in [
        ("", vec!["one", "two", "three"]),
        ("agent=bot", vec!["one", "two"]),
        ("user=bo&user=ada", vec!["one", "two"]),
        ("agent=bot&user=bo", vec!["two"]),
        ("q=three", vec!["three"]),
        ("status=expired", vec![]),
    ] {
        let page = browser.get(&format!("/tokens?{query}")).await;
        page.is(200);
        for name in ["one", "two", "three"] {
            let there = page.text.contains(&format!(">{name}</a>"));
            assert_eq!(there, shown.contains(&name), "{name} at {query}");
        }
    }
    browser
        .get("/tokens?sort=spend")
        .await
        .is(200)
        .says("Spend, 7 days");
}

#[tokio::test]
async fn a_provider_is_chosen_before_by_the_address() {
    let mut browser = Browser::signed_in().await;
    make_provider(&mut browser).await;
    browser
        .get("/new-token?provider=openai-main&provider=no-such")
        .await
        .is(200)
        .says(r#"name="provider" value="openai-main" checked"#);
}

#[tokio::test]
async fn a_ticked_provider_that_is_gone_is_shown_and_refused_until_it_is_unticked() {
    let mut browser = Browser::signed_in().await;
    for there in [false, true] {
        if there {
            make_provider(&mut browser).await;
        }
        let form = browser.get("/new-token?provider=gone").await;
        form.is(200)
            .says(r#"name="provider" value="gone" checked"#)
            .says("<code>gone</code> (deleted)");
        let limited = [
            ("name", "ci"),
            ("provider", "gone"),
            ("provider", "lost"),
            ("expires", "never"),
        ];
        let refused = browser.post("/new-token", &limited).await;
        refused
            .is(422)
            .says("<code>gone</code> (deleted)")
            .says("Untick what is deleted; with nothing ticked the token is for every provider.");
        let gone = refused
            .text
            .split('<')
            .find(|tag| tag.contains(r#"value="gone""#))
            .unwrap();
        for part in [
            "checked",
            r#"aria-invalid="true""#,
            r#"aria-describedby="provider-about""#,
            "autofocus",
        ] {
            assert!(gone.contains(part), "{part} in {gone}");
        }
    }
    browser.get("/tokens").await.says("No gateway tokens yet");
}

#[tokio::test]
async fn before_a_revocation_it_is_told_what_breaks() {
    let mut browser = Browser::signed_in().await;
    let fields = [("name", "ci"), ("expires", "never")];
    browser.post("/new-token", &fields).await.is(200);
    let id = only_token(&mut browser).await;
    browser
        .get(&format!("/tokens/{id}"))
        .await
        .says("It has never been used.")
        .says("TOTAL SPEND");
}
