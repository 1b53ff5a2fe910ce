//! Several endpoints in one provider: rows of the form, the provider's page, attempts among the calls.

use domain::{ProviderId, call::Outcome};

use crate::{
    browser::{Browser, value_of},
    calls::{call, record},
};

const FORM: &[(&str, &str)] = &[
    ("display_name", "Two places"),
    ("id", "two"),
    ("type", "openai"),
    ("openai.key_from", "existing"),
    ("openai.key", "KEY_EU"),
    ("openai.base_url", "https://eu.example/v1"),
];
const ROW: &[(&str, &str)] = &[
    ("first_endpoint", "eu"),
    ("endpoint", "2"),
    ("endpoint.2.name", "us"),
    ("endpoint.2.key", "KEY_US"),
    ("endpoint.2.base_url", "https://us.example/v1"),
];

fn form<'a>(parts: &[&[(&'a str, &'a str)]]) -> Vec<(&'a str, &'a str)> {
    parts.concat()
}

async fn with_secrets() -> Browser {
    let mut browser = Browser::signed_in().await;
    for name in ["KEY_EU", "KEY_US"] {
        let secret = [("name", name), ("value", "v-hush")];
        browser.post("/new-secret", &secret).await.is(303);
    }
    browser
}

#[tokio::test]
async fn rows_are_added_and_taken_away_without_any_script_and_nothing_is_lost() {
    let mut browser = with_secrets().await;
    let page = browser
        .post("/new-provider", &form(&[FORM, &[("do", "add_endpoint")]]))
        .await;
    page.is(200).says("Name of the endpoint above");
    assert_eq!(value_of(&page, "first_endpoint"), "first");
    assert_eq!(value_of(&page, "endpoint"), "2");
    assert_eq!(value_of(&page, "openai.base_url"), "https://eu.example/v1");
    let page = browser
        .post(
            "/new-provider",
            &form(&[FORM, ROW, &[("do", "add_endpoint")]]),
        )
        .await;
    page.is(200);
    for (name, value) in ROW.iter().filter(|(name, _)| *name != "endpoint") {
        assert_eq!(value_of(&page, name), *value, "{name}");
    }
    assert!(page.text.contains("endpoint.3.name"));
    let page = browser
        .post(
            "/new-provider",
            &form(&[FORM, ROW, &[("do", "remove_endpoint:2")]]),
        )
        .await;
    page.is(200).says_not("https://us.example/v1");
    assert_eq!(value_of(&page, "openai.key"), "KEY_EU");
    assert!(!page.text.contains("first_endpoint"));
    let page = browser
        .post(
            "/new-provider",
            &form(&[FORM, ROW, &[("do", "remove_endpoint:first")]]),
        )
        .await;
    page.is(200).says_not("https://eu.example/v1");
    assert_eq!(value_of(&page, "openai.base_url"), "https://us.example/v1");
}

#[tokio::test]
async fn a_new_secret_is_kept_when_a_row_is_added() {
    let mut browser = with_secrets().await;
    let mut typed = form(&[FORM, &[("do", "add_endpoint")]]);
    typed.retain(|(name, _)| !name.starts_with("openai.key"));
    typed.extend([
        ("openai.key_from", "new"),
        ("openai.new_key", "KEY_NEW"),
        ("openai.new_value", "sk-new"),
    ]);
    let page = browser.post("/new-provider", &typed).await;
    page.is(200).says_not("sk-new");
    assert_eq!(value_of(&page, "openai.key"), "KEY_NEW");
    browser.get("/secrets").await.says("KEY_NEW");
}

#[tokio::test]
async fn a_provider_of_two_places_is_made_shown_and_changed() {
    let mut browser = with_secrets().await;
    let made = browser
        .post("/new-provider", &form(&[FORM, ROW, &[("do", "save")]]))
        .await;
    assert_eq!(made.is(303).leads_to(), "/providers/two");
    browser
        .get("/providers/two")
        .await
        .says("All healthy")
        .says("https://eu.example/v1")
        .says("https://us.example/v1")
        .says("KEY_EU")
        .says("KEY_US")
        .says("Endpoint eu");
    let edit = browser.get("/providers/two/edit").await;
    for (name, value) in FORM.iter().chain(ROW) {
        if !matches!(*name, "openai.key_from" | "endpoint" | "type") {
            assert_eq!(value_of(&edit, name), *value, "{name}");
        }
    }
    let changed = form(&[FORM, ROW, &[("do", "save"), ("version", "1")]]);
    browser.post("/providers/two/edit", &changed).await.is(303);
    browser
        .get("/providers/two")
        .await
        .says("Nothing was changed");
    let alone = form(&[FORM, &[("do", "save"), ("version", "1")]]);
    browser.post("/providers/two/edit", &alone).await.is(303);
    browser
        .get("/providers/two")
        .await
        .says_not("All healthy")
        .says_not("https://us.example/v1");
}

#[tokio::test]
async fn what_is_wrong_stands_beside_its_row() {
    let mut browser = with_secrets().await;
    let wrong: Vec<(&str, &str)> = form(&[FORM, ROW, &[("do", "save")]])
        .into_iter()
        .map(|(name, value)| match name {
            "endpoint.2.name" => (name, "eu"),
            "endpoint.2.key" => (name, "NOT_THERE"),
            "endpoint.2.base_url" => (name, "nonsense"),
            _ => (name, value),
        })
        .collect();
    let page = browser.post("/new-provider", &wrong).await;
    page.is(422)
        .says("Another endpoint is called eu")
        .says("There is no secret NOT_THERE")
        .says("Write a whole address");
    for name in ["endpoint.2.name", "endpoint.2.key", "endpoint.2.base_url"] {
        let field = page.text.split(&format!("name=\"{name}\"")).nth(1).unwrap();
        let field = field.split('>').next().unwrap();
        assert!(field.contains("aria-invalid"), "{name}: {field}");
    }
}

#[tokio::test]
async fn the_test_of_the_connection_asks_which_endpoint() {
    let mut browser = with_secrets().await;
    browser
        .post("/new-provider", &form(&[FORM, ROW, &[("do", "save")]]))
        .await
        .is(303);
    let page = browser
        .post(
            "/providers/two/test",
            &[("model", "gpt-5-mini"), ("endpoint", "us")],
        )
        .await;
    page.is(200);
    assert!(page.text.contains("<option value=\"us\" selected"));
    browser
        .post(
            "/providers/two/test",
            &[("model", "gpt-5-mini"), ("endpoint", "asia")],
        )
        .await
        .is(422)
        .says("This provider has no such endpoint");
}

#[tokio::test]
async fn the_attempts_of_a_call_lead_to_each_other() {
    let mut browser = with_secrets().await;
    browser
        .post("/new-provider", &form(&[FORM, ROW, &[("do", "save")]]))
        .await
        .is(303);
    let at = |number, endpoint: &str| {
        call(number, |it| {
            it.start.provider = ProviderId::new("two").unwrap();
            it.start.endpoint = Some(endpoint.to_owned());
        })
    };
    let [mut first, mut second] = [at(1, "eu"), at(2, "us")];
    (first.status, first.outcome) = (503, Outcome::UpstreamError);
    second.start.attempt_of = Some(first.start.id);
    record(&browser, &[first.clone(), second.clone()]).await;
    let [first, second] = [first, second].map(|call| call.start.id.to_string());
    let page = browser.get(&format!("/calls?open={second}")).await;
    page.is(200).says("Attempts").says("this one");
    assert!(page.text.contains(&format!("open={first}#call-{first}")));
    let page = browser.get(&format!("/calls?open={first}")).await;
    assert!(page.text.contains(&format!("open={second}#call-{second}")));
    let of_one = browser.get("/calls?endpoint=us").await;
    of_one.is(200);
    assert!(of_one.text.contains(&second) && !of_one.text.contains(&first));
}

#[tokio::test]
async fn whose_prices_are_shown_is_said_where_they_differ() {
    let mut browser = with_secrets().await;
    let vertex = |zone| {
        [
            ("do", "save"),
            ("display_name", "Two places"),
            ("id", zone),
            ("type", "vertex_ai"),
            ("vertex_ai.project", "my-project"),
            ("vertex_ai.location", "global"),
            ("vertex_ai.mode", "default_chain"),
            ("model", "claude-opus-5"),
            ("first_endpoint", "anywhere"),
            ("endpoint", "2"),
            ("endpoint.2.name", "there"),
            ("endpoint.2.location", zone),
        ]
    };
    for (zone, differ) in [("us-central1", true), ("global", false)] {
        browser.post("/new-provider", &vertex(zone)).await.is(303);
        let page = browser.get(&format!("/providers/{zone}/models")).await;
        let words = "those of the first endpoint";
        assert_eq!(page.says(">5.00<").text.contains(words), differ, "{zone}");
    }
}
