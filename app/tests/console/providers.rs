//! What the console does with providers beyond the plain form.

use crate::browser::{Browser, value_of};

const ANTHROPIC: &[(&str, &str)] = &[
    ("do", "save"),
    ("display_name", "Claude"),
    ("type", "anthropic"),
    ("anthropic.key_from", "new"),
    ("anthropic.new_key", "ANTHROPIC_API_KEY"),
    ("anthropic.new_value", "sk-ant-very-secret"),
];

#[tokio::test]
async fn a_provider_with_a_key_is_switched_to_passthrough() {
    let mut browser = Browser::signed_in().await;
    browser.post("/new-provider", ANTHROPIC).await.is(303);
    let form = browser.get("/providers/claude/edit").await;
    assert_eq!(value_of(&form, "anthropic.key"), "ANTHROPIC_API_KEY");
    let edit = [
        ("do", "save"),
        ("version", "1"),
        ("display_name", "Claude"),
        ("anthropic.passthrough", "on"),
        ("anthropic.key_from", "existing"),
        // Hidden by then, and sent all the same.
        ("anthropic.key", "ANTHROPIC_API_KEY"),
    ];
    browser.post("/providers/claude/edit", &edit).await.is(303);
    browser
        .get("/providers/claude")
        .await
        .says("The caller’s own Authorization")
        .says_not("ANTHROPIC_API_KEY");
}

#[tokio::test]
async fn passthrough_saves_no_secret_that_nobody_will_use() {
    let mut browser = Browser::signed_in().await;
    let mut fields = ANTHROPIC.to_vec();
    fields.push(("anthropic.passthrough", "on"));
    browser.post("/new-provider", &fields).await.is(303);
    browser.get("/secrets").await.says("No secrets yet");
}

#[tokio::test]
async fn a_wrong_model_to_price_as_is_told_where_it_can_be_seen() {
    let mut browser = Browser::signed_in().await;
    let mut fields = ANTHROPIC.to_vec();
    fields.extend([("model", "my-own"), ("price_as.my-own", "nothing-like-it")]);
    let page = browser.post("/new-provider", &fields).await;
    page.is(422)
        .says("Something in its pricing is wrong; open it.")
        .says("has no such model");
    assert_eq!(value_of(&page, "price_as.my-own"), "nothing-like-it");
}

#[tokio::test]
async fn figures_lead_to_where_they_are_told_in_full() {
    let mut browser = Browser::signed_in().await;
    browser.post("/new-provider", ANTHROPIC).await.is(303);
    let page = browser.get("/providers/claude").await;
    let figures = page
        .text
        .matches("href=\"/usage?provider=claude&amp;range=7d\"");
    assert_eq!(figures.count(), 4, "three times “View more”, and the spend");
    browser.get("/usage?provider=claude&range=7d").await.is(200);
}

#[tokio::test]
async fn the_navigation_counts_secrets_as_they_come_and_go() {
    let mut browser = Browser::signed_in().await;
    let counted = |page: &crate::browser::Page| {
        let entry = page.text.split("href=\"/secrets\"").nth(1).unwrap();
        let entry = entry.split("</a>").next().unwrap();
        entry
            .split("class=\"n\">")
            .nth(1)
            .map(|count| count.split('<').next().unwrap().to_owned())
    };
    for name in ["ONE", "TWO"] {
        browser
            .post("/new-secret", &[("name", name), ("value", "v")])
            .await
            .is(303);
    }
    let page = browser.get("/calls").await;
    assert_eq!(counted(&page).as_deref(), Some("2"));
    for name in ["ONE", "TWO"] {
        browser
            .post(&format!("/secrets/{name}/delete"), &[("confirm", name)])
            .await
            .is(303);
    }
    assert_eq!(counted(&browser.get("/calls").await), None);
}
