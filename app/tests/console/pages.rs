//! Lists: their states, and that their state stands in the address.

use crate::browser::Browser;

async fn with_secrets(count: usize) -> Browser {
    let mut browser = Browser::signed_in().await;
    for number in 0..count {
        let name = format!("KEY_{number:03}");
        browser
            .post("/new-secret", &[("name", &name), ("value", "v")])
            .await
            .is(303);
    }
    browser
}

#[tokio::test]
async fn an_empty_list_teaches() {
    let mut browser = Browser::signed_in().await;
    browser
        .get("/providers")
        .await
        .says("No providers yet")
        .says("/new-provider?type=anthropic");
    browser.get("/secrets").await.says("No secrets yet");
    browser.get("/tokens").await.says("No gateway tokens yet");
    browser.get("/calls").await.says("No calls yet");
}

#[tokio::test]
async fn a_list_has_pages_a_search_and_a_way_back() {
    let mut browser = with_secrets(12).await;
    browser.get("/secrets").await.says("1–12 of 12");
    browser
        .get("/secrets?rows=10")
        .await
        .says("1–10 of 12")
        .says("/secrets?rows=10&amp;page=2")
        .says_not("KEY_011");
    browser
        .get("/secrets?rows=10&page=2")
        .await
        .says("11–12 of 12")
        .says("KEY_011")
        .says_not("KEY_003");
    browser
        .get("/secrets?sort=-name&rows=10")
        .await
        .says("KEY_011")
        .says_not("KEY_000");
    browser
        .get("/secrets?q=key_003")
        .await
        .says("1–1 of 1")
        .says("KEY_003");
    let nothing = browser.get("/secrets?q=nothing&use=used").await;
    nothing
        .is(200)
        .says("Nothing matches")
        .says("12 secrets are hidden")
        .says(r#"href="/secrets""#)
        .says("Clear search and filters");
    browser
        .get("/secrets?use=unused")
        .await
        .says("Remove the filter Use Not in use");
}

#[tokio::test]
async fn a_filter_that_cannot_be_read_says_so() {
    let mut browser = Browser::signed_in().await;
    let page = browser.get("/calls?status=abc&latency_above=fast").await;
    page.is(400)
        .says("The filter status cannot be used")
        .says("The filter latency above cannot be used");
    page.says("Remove the filter Status abc");
}

#[tokio::test]
async fn a_filter_that_has_one_value_is_changed_and_others_are_added_to() {
    let mut browser = Browser::signed_in().await;
    let page = browser
        .get("/calls?cost_above=0.05&latency_above=10&model=gpt-4o")
        .await;
    let fields_of = |name: &str| -> Vec<String> {
        let form = page.text.split(&format!("id=\"filter-{name}\"")).nth(1);
        let form = form.unwrap().split("</form>").next().unwrap();
        form.split('<')
            .filter(|tag| tag.contains(&format!("name=\"{name}\"")))
            .map(|tag| {
                let value = tag.split("value=\"").nth(1).unwrap_or("\"");
                value.split('"').next().unwrap().to_owned()
            })
            .collect()
    };
    assert_eq!(fields_of("cost_above"), ["0.05"]);
    assert_eq!(fields_of("latency_above"), ["10"]);
    assert_eq!(fields_of("model"), ["gpt-4o", ""]);
}

#[tokio::test]
async fn what_people_type_is_never_markup() {
    let mut browser = Browser::signed_in().await;
    for path in [
        "/secrets?q=",
        "/providers?q=",
        "/calls?model=",
        "/tokens?q=",
    ] {
        let page = browser
            .get(&format!("{path}%22%3E%3Cscript%3Ealert(1)%3C/script%3E"))
            .await;
        page.is(200).says_not("<script>alert");
    }
    let evil = "<img src=x onerror=alert(1)>";
    browser
        .post("/new-secret", &[("name", evil), ("value", "v")])
        .await
        .is(422)
        .says_not("<img");
    browser
        .post("/new-token", &[("name", evil), ("expires", "never")])
        .await
        .is(200)
        .says_not("<img");
    browser.get("/tokens").await.is(200).says_not("<img");
}
