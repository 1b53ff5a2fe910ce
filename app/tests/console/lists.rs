//! The list of providers, the palette, the keys.

use axum::body::Body;
use http::{Request, header};

use crate::browser::{Browser, Page};

/// Providers of an OpenAI-compatible server, by their names.
async fn make_providers(browser: &mut Browser, names: &[&str]) {
    for name in names {
        let fields = [
            ("do", "save"),
            ("display_name", name),
            ("type", "openai_compatible"),
            ("openai_compatible.base_url", "http://llm.example/v1"),
            ("model", "llama-4"),
            ("model", &format!("own-{}", name.to_lowercase())),
        ];
        browser.post("/new-provider", &fields).await.is(303);
    }
}

/// The names of the rows, in their order.
fn rows(page: &Page) -> Vec<String> {
    let rows = page.text.split("<tr id=\"provider-").skip(1);
    rows.map(|row| row.split('"').next().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn the_list_is_filtered_sorted_and_paged_by_its_address() {
    let mut browser = Browser::signed_in().await;
    let names: Vec<String> = (10..22).map(|number| format!("P{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    make_providers(&mut browser, &names).await;
    browser.post("/providers/p15/disable", &[]).await.is(303);
    for (address, first, count) in [
        ("/providers", "p10", 12),
        ("/providers?rows=10", "p10", 10),
        ("/providers?rows=10&page=2", "p20", 2),
        ("/providers?sort=-name&rows=10", "p21", 10),
        ("/providers?status=disabled", "p15", 1),
        ("/providers?status=active&rows=10&page=2", "p21", 1),
        ("/providers?sort=-status", "p15", 12),
        ("/providers?sort=updated", "p15", 12),
        ("/providers?q=P2", "p20", 2),
        ("/providers?type=openai_compatible&sort=spend", "p21", 12),
    ] {
        let page = browser.get(address).await;
        let rows = rows(page.is(200));
        assert_eq!((rows[0].as_str(), rows.len()), (first, count), "{address}");
    }
    browser
        .get("/providers?type=anthropic")
        .await
        .says("12 providers are hidden by the search and the filters.");
}

#[tokio::test]
async fn a_row_says_how_it_will_look_once_it_is_switched() {
    let mut browser = Browser::signed_in().await;
    make_providers(&mut browser, &["Main"]).await;
    browser
        .get("/providers")
        .await
        .says(r#"<td id="status-main">"#)
        .says(r#"action="/providers/main/disable" data-at-once="status-main" data-class="status off" data-words="Disabled""#);
}

/// A page as a script fetches it.
async fn fetched(browser: &mut Browser, path: &str, shows: bool) -> Page {
    let mut request = Request::get(path).header("sec-fetch-dest", "empty");
    if shows {
        request = request.header("x-weir-shows-message", "1");
    }
    browser.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_message_waits_for_whoever_shows_it() {
    let mut browser = Browser::signed_in().await;
    make_providers(&mut browser, &["Main"]).await;
    browser.get("/providers").await.says("Main is made");
    browser
        .post("/providers/main/disable", &[("back", "/providers")])
        .await
        .is(303);
    fetched(&mut browser, "/providers", false)
        .await
        .says_not("Main is disabled");
    fetched(&mut browser, "/providers", true)
        .await
        .says("Main is disabled")
        .says("data-at-once=\"\"");
    browser.get("/providers").await.says_not("Main is disabled");
}

/// What was found, group by group.
fn found(page: &Page) -> Vec<String> {
    let hits = page.text.split("class=\"what\">").skip(1);
    hits.map(|hit| hit.split('<').next().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn what_one_looks_for_is_found_wherever_it_is() {
    let mut browser = Browser::signed_in().await;
    make_providers(&mut browser, &["Main", "Main trial"]).await;
    let secret = [("name", "MAIN_KEY"), ("value", "sk-hush")];
    browser.post("/new-secret", &secret).await.is(303);
    let token = [("name", "maintenance"), ("expires", "never")];
    browser.post("/new-token", &token).await.is(200);

    let page = browser.get("/find").await;
    page.is(200).says("Create provider").says("Sign out");
    let all = found(&page);
    assert_eq!(all[..2], ["LLM Providers", "Secrets"], "{all:?}");

    let page = browser.get("/find?q=MAIN").await;
    let all = found(&page);
    assert_eq!(all[..2], ["Main", "Main trial"], "{all:?}");
    for name in ["own-main", "own-main trial", "MAIN_KEY", "maintenance"] {
        assert!(all.iter().any(|found| found == name), "{name} in {all:?}");
    }
    page.says_not("sk-hush");

    let page = browser.get("/find?q=trial").await;
    let tabs = ["Main trial", "Main trial: Edit", "Main trial: Models"];
    assert_eq!(found(&page)[..3], tabs);
    let page = browser.get("/find?q=main+models").await;
    assert_eq!(found(&page), ["Main: Models", "Main trial: Models"]);
    page.says("href=\"/providers/main/models\"");
    let page = browser.get("/find?q=claude-sonnet-5").await;
    page.says("href=\"/new-provider?type=anthropic&amp;q=claude-sonnet-5");
    browser
        .get("/find?q=nothing+like+it")
        .await
        .is(200)
        .says("Nothing is called “nothing like it”");
    browser
        .get("/find?q=%3Cscript%3E")
        .await
        .says("“&lt;script&gt;”");
}

#[tokio::test]
async fn the_id_of_a_call_leads_to_it() {
    let mut browser = Browser::signed_in().await;
    // Of 2025-11-20T10:20:08.704Z, to the millisecond: there may be hundreds of calls in a second.
    let id = "019aa0c7-5280-7000-8000-000000000001";
    let page = browser.get(&format!("/find?q={id}")).await;
    let link = page.text.split("href=\"/calls?open=").nth(1).unwrap();
    let link = link.split('"').next().unwrap().replace("&amp;", "&");
    assert!(link.starts_with(&format!("{id}&rows=100&from=")), "{link}");
    let moments = link.replace("%3A", ":");
    let around = "&from=2025-11-20T10:20:08.699Z&to=2025-11-20T10:20:08.709Z";
    assert!(moments.ends_with(around), "{moments}");
    browser.get(&format!("/calls?open={link}")).await.is(200);
}

#[tokio::test]
async fn the_palette_gets_a_piece_and_only_whoever_is_signed_in() {
    let mut browser = Browser::signed_in().await;
    let list = browser.get("/find/list?q=theme&here=/tokens%3Fq%3Da").await;
    list.is(200)
        .says(r#"id="palette-1" role="option""#)
        .says(r#"name="back" value="/tokens?q=a""#)
        .says_not("<html");
    browser.get("/find/list?q=").await.says("<kbd>g p</kbd>");
    browser.get("/find").await.says("<kbd>g p</kbd>");
    browser.forget_cookies();
    for path in ["/find", "/find/list?q=a", "/keys", "/keys/list"] {
        let page = browser.get(path).await;
        assert!(page.is(303).leads_to().starts_with("/sign-in"), "{path}");
    }
}

#[tokio::test]
async fn single_keys_can_be_switched_off() {
    let mut browser = Browser::signed_in().await;
    browser
        .get("/keys")
        .await
        .is(200)
        .says("Single keys are on.")
        .says("Go to Gateway tokens");
    let off = [("keys", "off"), ("back", "/tokens")];
    let page = browser.post("/keys", &off).await;
    assert_eq!(page.is(303).leads_to(), "/tokens");
    assert!(
        page.header(header::SET_COOKIE.as_str())
            .contains("weir_keys=off")
    );
    browser
        .get("/keys")
        .await
        .says("Single keys are off in this browser");
    browser.get("/find/list?q=").await.says_not("<kbd>");
    let page = browser.get("/find").await;
    page.says_not("<kbd>g p</kbd>");
    let back = [("keys", "on"), ("back", "//evil.example")];
    let page = browser.post("/keys", &back).await;
    assert_eq!(page.is(303).leads_to(), "/");
}

#[tokio::test]
async fn what_can_be_made_or_done_is_found() {
    let mut browser = Browser::signed_in().await;
    for (query, address) in [
        ("create+api+token", "/settings/api-tokens/new"),
        ("invite", "/settings/people/new"),
        ("refresh+catalog", "/settings/catalog"),
    ] {
        let page = browser.get(&format!("/find?q={query}")).await;
        let hits = page.text.split_once(r#"class="findings""#).unwrap().1;
        assert!(hits.contains(&format!(r#"href="{address}""#)), "{hits}");
    }
}

#[tokio::test]
async fn a_row_shows_some_models_and_leads_to_all() {
    let mut browser = Browser::signed_in().await;
    let mut fields = vec![
        ("do", "save"),
        ("display_name", "Many"),
        ("type", "openai_compatible"),
        ("openai_compatible.base_url", "http://llm.example/v1"),
    ];
    fields.extend(["a", "b", "c", "d", "e"].map(|id| ("model", id)));
    browser.post("/new-provider", &fields).await.is(303);
    browser
        .get("/providers")
        .await
        .says(r#"href="/providers/many/models" title="d, e""#);
}
