//! Audit: who changed what, and how it reads.

use http::{Method, Request, header};
use secrecy::SecretString;
use serde_json::json;

use crate::browser::{Browser, Page};

/// A provider whose name, models and key were changed.
async fn changed() -> Browser {
    let mut browser = Browser::signed_in().await;
    let secret = [("name", "OPENAI_API_KEY"), ("value", "sk-never-shown")];
    browser.post("/new-secret", &secret).await.is(303);
    let who = admin::Who::system();
    let providers = browser.admin.providers();
    let draft = json!({"display_name": "Main", "type": "openai", "api_key": "OPENAI_API_KEY",
        "models": [{"id": "gpt-4o", "rates": {"input": "2"}}]});
    let draft = admin::providers::ProviderDraft::read(draft);
    providers.create(&who, &draft).await.unwrap();
    let change =
        json!({"display_name": "Renamed", "models": [{"id": "gpt-4o", "rates": {"input": "3"}}]});
    let newest = admin::providers::BasedOn::Newest;
    providers
        .update(&who, "main", newest, change)
        .await
        .unwrap();
    browser
        .post(
            "/secrets/OPENAI_API_KEY",
            &[("value", "sk-never-shown-either")],
        )
        .await
        .is(303);
    browser
}

/// The address that opens the row of a change which the page lists.
fn opener(page: &Page, number: usize) -> String {
    let links = page
        .text
        .split("<a ")
        .filter(|link| link.contains("rowbtn"));
    let address = links.map(|link| link.split("href=\"").nth(1).unwrap());
    let address = address
        .map(|rest| rest.split('"').next().unwrap())
        .nth(number);
    address.unwrap().replace("&amp;", "&")
}

#[tokio::test]
async fn a_change_reads_field_by_field_and_never_shows_a_secret() {
    let mut browser = changed().await;
    let list = browser.get("/audit").await;
    list.is(200)
        .says("Value replaced")
        .says("Renamed")
        .says("Weir itself")
        .says("Ada")
        .says(r#"href="/providers/main""#)
        .says(r#"href="/secrets/OPENAI_API_KEY""#)
        .says_not("never-shown");
    let update = browser.get(&opener(&list, 1)).await;
    update
        .is(200)
        .says("Before and after")
        .says("<del>Main</del>")
        .says("<ins>Renamed</ins>")
        .says("Models › gpt-4o › Rates › Input")
        .says("<del>2</del>")
        .says("<ins>3</ins>")
        .says("unchanged</summary>")
        .says(r#"aria-expanded="true""#);
    let replaced = browser.get(&opener(&list, 0)).await;
    replaced
        .is(200)
        .says("Who and where")
        .says_not("never-shown");
}

#[tokio::test]
async fn filters_stand_in_the_address_and_objects_are_found_by_name() {
    let mut browser = changed().await;
    browser
        .get("/audit?kind=provider&action=update")
        .await
        .is(200)
        .says("1 change, the newest first")
        .says("Remove the filter Kind Provider")
        .says("Remove the filter Action Changed");
    browser
        .get("/audit?object=rename")
        .await
        .says("2 changes, the newest first");
    browser
        .get("/audit?actor=person:Ada&kind=secret")
        .await
        .says("2 changes, the newest first")
        .says("Remove the filter Person Ada");
    browser
        .get("/audit?object=Ada")
        .await
        .says("1 change, the newest first")
        .says(r#"href="/settings/people""#);
    browser
        .get("/audit?range=24h&actor=admin_token")
        .await
        .is(200)
        .says("No change fits the filters.")
        .says("Clear search and filters");
    browser
        .get("/audit?result=maybe&from=yesterday")
        .await
        .is(400)
        .says("The filter result cannot be used: ")
        .says("The filter since cannot be used: ");
}

#[tokio::test]
async fn people_links_tokens_and_settings_have_words_names_and_links() {
    let mut browser = Browser::signed_in().await;
    let token = [("name", "laptop"), ("expires", "never")];
    let new_token = "/settings/api-tokens/new";
    browser.post(new_token, &token).await.is(200);
    let zone = [("report_time_zone", "Europe/Berlin")];
    browser.post("/settings", &zone).await.is(303);
    let eve = [("name", "Eve Okafor")];
    browser.post("/settings/people/new", &eve).await.is(200);
    let list = browser.get("/audit").await;
    list.is(200)
        .says("API token")
        .says("One-time link made")
        .says(r#"href="/settings/people" title="Eve Okafor""#)
        .says(r#"href="/settings" title="report time zone""#)
        .says(r#"href="/settings/api-tokens/"#)
        .says(r#"title="laptop""#)
        .says_not("(deleted)");
    // A part of a name is enough, of people as of anything else.
    browser
        .get("/audit?object=oka")
        .await
        .says("2 changes, the newest first")
        .says("Eve Okafor");
    browser
        .get("/audit?object=LAPT")
        .await
        .says("1 change, the newest first");
    browser
        .get("/settings/people")
        .await
        .says("/audit?kind=person");
}

#[tokio::test]
async fn pages_go_back_by_a_cursor() {
    let mut browser = Browser::signed_in().await;
    for number in 0..12 {
        let name = format!("KEY_{number:03}");
        browser
            .post("/new-secret", &[("name", &name), ("value", "v")])
            .await
            .is(303);
    }
    let first = browser.get("/audit?rows=10&kind=secret").await;
    first
        .says("10 changes, the newest first")
        .says("/secrets/KEY_011")
        .says_not("/secrets/KEY_001");
    let mut links = first.text.split("<a ");
    let older = links.find(|link| link.contains("rel=\"next\"")).unwrap();
    let older = older.split("href=\"").nth(1).unwrap();
    let older = older.split('"').next().unwrap().replace("&amp;", "&");
    let second = browser.get(&older).await;
    second
        .says("2 changes further back")
        .says("/secrets/KEY_001")
        .says_not("/secrets/KEY_011");
}

#[tokio::test]
async fn what_is_deleted_keeps_its_name_and_has_no_link() {
    let mut browser = changed().await;
    let gone = [("confirm", "main")];
    browser.post("/providers/main/delete", &gone).await.is(303);
    let page = browser.get("/audit?kind=provider").await;
    page.is(200)
        .says("(deleted)")
        .says_not(r#"href="/providers/main""#);
    let deleted = browser.get(&opener(&page, 0)).await;
    deleted.says("It is gone.").says("Renamed");
    let created = browser.get(&opener(&page, 2)).await;
    created.says("It was not there before.");
}

#[tokio::test]
async fn a_refused_sign_in_is_told_without_what_was_typed() {
    let mut browser = Browser::signed_in().await;
    let people = browser.admin.people();
    for name in ["Ada", "hunter2-typed-as-name"] {
        let password = SecretString::from("wrong");
        people.sign_in(name, password, None).await.unwrap_err();
    }
    // Nobody waits for what is written of refused attempts.
    let page = loop {
        let page = browser.get("/audit?result=refused").await;
        if page.text.contains("2 changes") {
            break page;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    };
    page.is(200)
        .says("2 changes, the newest first")
        .says("Not signed in")
        .says("no account of this name")
        .says_not("hunter2");
    let row = browser.get(&opener(&page, 1)).await;
    row.says("Why it was refused")
        .says("The password was wrong.");
}

#[tokio::test]
async fn the_pages_of_things_lead_to_their_changes_and_signed_out_nobody_reads_them() {
    let mut browser = changed().await;
    browser
        .get("/providers/main")
        .await
        .says("/audit?kind=provider&amp;object=main");
    browser
        .get("/secrets/OPENAI_API_KEY")
        .await
        .says("/audit?kind=secret&amp;object=OPENAI_API_KEY");
    browser.forget_cookies();
    let request = Request::builder()
        .method(Method::GET)
        .uri("/audit")
        .header(header::ACCEPT, "text/html")
        .body(axum::body::Body::empty())
        .unwrap();
    let answer = browser.send(request).await;
    assert_ne!(answer.status.as_u16(), 200);
    answer.says_not("OPENAI_API_KEY");
}
