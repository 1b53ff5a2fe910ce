//! The catalog's page: a newer one in two steps, the way back, and looking models up.

use axum::body::Body;
use catalog::Catalog;
use http::{Request, header};
use serde_json::json;

use crate::browser::{Browser, Page, value_of};

/// A version that is newer than the built-in one.
fn first() -> String {
    format!("{}.1", Catalog::builtin().unwrap().version())
}

/// A newer file in which gpt-4o's input costs 5 dollars.
fn newer() -> String {
    let builtin = Catalog::builtin().unwrap();
    let kinds = builtin.kinds();
    let mut models: Vec<_> = kinds
        .into_iter()
        .flat_map(|kind| builtin.list(kind))
        .collect();
    let mut of_openai = models.iter_mut().filter(|model| model.kind == "openai");
    let model = of_openai.find(|model| model.id == "gpt-4o").unwrap();
    model.card.standard.input = Some("5".parse().unwrap());
    catalog::write(&first(), models).unwrap()
}

async fn upload(browser: &mut Browser, file: &str) -> Page {
    let body = format!(
        "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"models.jsonl\"\r\n\r\n{file}\r\n--b--\r\n"
    );
    let request = Request::post("/settings/catalog")
        .header("sec-fetch-site", "same-origin")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
        .body(Body::from(body))
        .unwrap();
    browser.send(request).await
}

async fn with_provider() -> Browser {
    let mut browser = Browser::signed_in().await;
    let secret = [("name", "OPENAI_API_KEY"), ("value", "sk-x")];
    browser.post("/new-secret", &secret).await.is(303);
    let draft = json!({"display_name": "Main", "type": "openai", "api_key": "OPENAI_API_KEY", "models": [{"id": "gpt-4o"}]});
    let draft = admin::providers::ProviderDraft::read(draft);
    let who = admin::Who::system();
    browser
        .admin
        .providers()
        .create(&who, &draft)
        .await
        .unwrap();
    browser
}

#[tokio::test]
async fn a_newer_file_is_looked_at_then_applied_then_gone_back_from() {
    let mut browser = with_provider().await;
    let builtin = Catalog::builtin().unwrap().version().to_owned();
    let page = browser.get("/settings/catalog").await;
    page.is(200)
        .says(&builtin)
        .says("Built into this release")
        .says("--catalog-url")
        .says_not("Back to the built-in catalog");
    let uploaded = upload(&mut browser, &newer()).await;
    assert_eq!(
        (uploaded.status.as_u16(), uploaded.leads_to()),
        (303, "/settings/catalog/changes")
    );

    let changes = browser.get("/settings/catalog/changes").await;
    changes
        .is(200)
        .says(&format!("Catalog {}", first()))
        .says("Main")
        .says("$2.50")
        .says("$5.00")
        .says("+100 %")
        .says("Prices<span class=\"n\">1</span>");
    browser
        .get("/settings/catalog")
        .await
        .says(&format!("Version {} waits to be applied.", first()))
        .says(&builtin);
    browser.get("/providers/main/models").await.says(">2.50<");

    let (version, pending) = (value_of(&changes, "version"), value_of(&changes, "pending"));
    let form = [("version", version), ("pending", pending)];
    let applied = browser.post("/settings/catalog/apply", &form).await;
    assert_eq!(
        (applied.status.as_u16(), applied.leads_to()),
        (303, "/settings/catalog")
    );
    let page = browser.get("/settings/catalog").await;
    page.says(&format!("Catalog {} is in use", first()))
        .says("Uploaded")
        .says(" by Ada")
        .says("Back to the built-in catalog");
    browser.get("/providers/main/models").await.says(">5.00<");
    browser
        .get("/audit?kind=catalog")
        .await
        .says("Applied")
        .says(&first());
    let again = browser.post("/settings/catalog/apply", &form).await;
    again.is(409).says("It was applied or discarded meanwhile");

    let back = browser.post("/settings/catalog/builtin", &[]).await;
    assert_eq!(back.leads_to(), "/settings/catalog/changes");
    let changes = browser.get("/settings/catalog/changes").await;
    changes
        .says("Back to the built-in catalog")
        .says("−50 %")
        .says("<a href=\"/settings\">Settings</a>")
        .says("<a href=\"/settings/catalog\">Catalog</a>");
    let other = [("pending", "01932c07-0000-7000-8000-000000000000")];
    for form in [&other[..], &[]] {
        let refused = browser.post("/settings/catalog/discard", form).await;
        refused.is(409).says("another one took its place");
    }
    let pending = value_of(&changes, "pending");
    browser
        .post("/settings/catalog/discard", &[("pending", pending)])
        .await
        .is(303);
    browser
        .get("/settings/catalog/changes")
        .await
        .is(200)
        .says("Nothing to apply");
    browser.get("/settings/catalog").await.says(&first());
}

#[tokio::test]
async fn a_file_that_is_not_taken_says_why_beside_the_field() {
    let mut browser = Browser::signed_in().await;
    upload(&mut browser, "")
        .await
        .is(422)
        .says("Choose the file of a catalog.");
    let damaged = newer().replacen("\"mode\":\"chat\"", "\"mode\":\"dance\"", 1);
    upload(&mut browser, &damaged)
        .await
        .is(422)
        .says("This file was not taken: line ")
        .says("aria-invalid=\"true\"")
        .says("Nothing has changed.");
    let builtin = include_str!("../../../crates/catalog/data/models.jsonl");
    upload(&mut browser, builtin)
        .await
        .is(409)
        .says("is in use already");
    let large = "x".repeat((16 << 20) + 1);
    upload(&mut browser, &large)
        .await
        .is(413)
        .says("16 MiB at most");
    let larger = "x".repeat(17 << 20);
    upload(&mut browser, &larger)
        .await
        .is(413)
        .says("16 MiB at most");
    browser
        .get("/settings/catalog")
        .await
        .says_not("waits to be applied");
    let refresh = browser.post("/settings/catalog/refresh", &[]).await;
    refresh.is(409).says("--catalog-url");
    browser
        .post("/settings/catalog/builtin", &[])
        .await
        .is(409)
        .says("The built-in catalog is the one in use");
}

#[tokio::test]
async fn a_model_is_looked_up_by_host_and_name_with_all_its_prices() {
    let mut browser = Browser::signed_in().await;
    browser
        .get("/settings/catalog?kind=anthropic&q=opus")
        .await
        .is(200)
        .says("claude-opus")
        .says_not("gpt-4o");
    let open = browser
        .get("/settings/catalog?kind=openai&q=gpt-4o&open=gpt-4o")
        .await;
    open.says("Dollars per 1M tokens")
        .says("Batch")
        .says("Cached input")
        .says("Largest prompt");
    browser
        .get("/settings/catalog?kind=groq&q=no-such-model")
        .await
        .is(200)
        .says("Groq has no model of this name.")
        .says("Clear search and filters");
    browser
        .get("/settings/catalog?kind=bedrock&rows=10&page=2")
        .await
        .says("11–20 of ")
        .says("AWS Bedrock");
    browser
        .get("/settings/catalog?kind=%3Cscript%3Ealert(1)%3C/script%3E&q=%3Cscript%3Ealert(1)")
        .await
        .is(200)
        .says_not("<script>alert");
}
