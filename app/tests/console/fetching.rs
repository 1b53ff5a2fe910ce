//! Asking the upstream for its models from the form.

use crate::browser::{Browser, Page, value_of};

/// A form that asks an upstream at an address.
async fn fetch(browser: &mut Browser, address: &str, more: &[(&str, &str)]) -> Page {
    let mut fields = vec![
        ("do", "fetch"),
        ("display_name", "Rack"),
        ("type", "openai_compatible"),
        ("openai_compatible.base_url", address),
        ("openai_compatible.key_from", "existing"),
    ];
    fields.extend(more);
    browser.post("/new-provider", &fields).await
}

#[tokio::test]
async fn what_an_upstream_lists_is_there_to_tick_and_everything_typed_is_kept() {
    let mut browser = Browser::signed_in().await;
    let page = fetch(
        &mut browser,
        "https://lists.example/v1",
        &[("openai_compatible.preset", "groq"), ("model", "typed")],
    )
    .await;
    page.is(200)
        .says("From the upstream")
        .says("It lists 2 models.")
        .says(r#"name="pick" value="its/own-model""#)
        .says("Selected, 1");
    assert_eq!(value_of(&page, "display_name"), "Rack");
    assert_eq!(
        value_of(&page, "openai_compatible.base_url"),
        "https://lists.example/v1"
    );
    let by = value_of(&page, "listed_by").to_owned();

    let form = [
        ("display_name", "Rack"),
        ("type", "openai_compatible"),
        ("openai_compatible.base_url", "https://lists.example/v1"),
        ("listed_by", by.as_str()),
        ("listed", "gpt-4o-mini"),
        ("listed", "its/own-model"),
    ];
    let with = |more: &[(&'static str, &'static str)]| {
        let mut fields = form.to_vec();
        fields.extend(more);
        fields
    };
    let searched = browser
        .post("/new-provider", &with(&[("do", "search"), ("q", "OWN")]))
        .await;
    searched
        .says("1 model for “OWN”")
        .says(r#"name="pick" value="its/own-model""#)
        .says_not(r#"name="pick" value="gpt-4o-mini""#)
        .says("It lists 2 models.");
    let picked = [
        ("do", "pick"),
        ("shown", "its/own-model"),
        ("pick", "its/own-model"),
    ];
    browser
        .post("/new-provider", &with(&picked))
        .await
        .says("From the upstream")
        .says("Selected, 1");
    browser
        .post("/new-provider", &with(&[("do", "catalog")]))
        .await
        .says_not("From the upstream")
        .says("The catalog has no list for a server of this kind");
    let mut moved = with(&[("do", "search")]);
    moved.retain(|(name, _)| *name != "openai_compatible.base_url");
    moved.push(("openai_compatible.base_url", "https://other.example/v1"));
    browser
        .post("/new-provider", &moved)
        .await
        .says_not("From the upstream");
}

#[tokio::test]
async fn an_upstream_without_a_list_says_so() {
    let mut browser = Browser::signed_in().await;
    fetch(&mut browser, "https://empty.example/v1", &[])
        .await
        .is(200)
        .says("This upstream lists no models: type an id.");
}

#[tokio::test]
async fn a_failure_is_told_with_its_advice() {
    let mut browser = Browser::signed_in().await;
    let page = fetch(&mut browser, "https://refuses.example/v1", &[]).await;
    page.is(200)
        .says("The upstream did not list its models.")
        .says("no such key")
        .says("401, word for word")
        .says("This server asks for a key.");
    assert_eq!(value_of(&page, "display_name"), "Rack");
}

#[tokio::test]
async fn a_form_that_is_not_right_asks_nobody() {
    let mut browser = Browser::signed_in().await;
    let page = fetch(&mut browser, "nonsense", &[]).await;
    page.is(422)
        .says("The upstream was not asked.")
        .says("Write a whole address");
    assert_eq!(value_of(&page, "openai_compatible.base_url"), "nonsense");
    browser
        .post("/new-provider", &[("do", "fetch")])
        .await
        .is(200)
        .says("Choose a provider type first.");
    let passing = [
        ("do", "fetch"),
        ("type", "anthropic"),
        ("anthropic.passthrough", "on"),
    ];
    browser
        .post("/new-provider", &passing)
        .await
        .says("With authorization passthrough Weir has no key to ask with.");
}

#[tokio::test]
async fn a_new_secret_is_saved_before_the_upstream_is_asked_with_it() {
    let mut browser = Browser::signed_in().await;
    let new = [
        ("do", "fetch"),
        ("type", "google_ai"),
        ("google_ai.key_from", "new"),
        ("google_ai.new_key", "GEMINI_API_KEY"),
        ("google_ai.new_value", "AIza-hush"),
    ];
    let page = browser.post("/new-provider", &new).await;
    page.is(200)
        .says("GEMINI_API_KEY is saved and chosen")
        .says("It lists 2 models.")
        .says_not("AIza-hush");
    assert_eq!(value_of(&page, "google_ai.key"), "GEMINI_API_KEY");
    let again = browser.post("/new-provider", &new).await;
    again
        .is(422)
        .says("There is a secret of this name")
        .says("The new secret could not be saved");
}

#[tokio::test]
async fn the_form_of_a_saved_provider_asks_with_what_stands_in_it() {
    let mut browser = Browser::signed_in().await;
    let made = [
        ("do", "save"),
        ("display_name", "Rack"),
        ("type", "openai_compatible"),
        ("openai_compatible.base_url", "https://empty.example/v1"),
    ];
    browser.post("/new-provider", &made).await.is(303);
    let edit = [
        ("do", "fetch"),
        ("version", "1"),
        ("display_name", "Rack"),
        ("openai_compatible.base_url", "https://lists.example/v1"),
    ];
    let page = browser.post("/providers/rack/edit", &edit).await;
    page.is(200).says("It lists 2 models.");
    browser
        .get("/providers/rack")
        .await
        .says("https://empty.example/v1");
}
