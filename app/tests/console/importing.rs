//! Credentials of other gateways, pasted.

#[path = "../../../crates/api/tests/http/import/forms.rs"]
mod pasted;

use domain::provider::ProviderType;
use serde_json::{Value, json};

use crate::browser::{Browser, Page, value_of};

const PATH: &str = "/new-provider/import";

async fn paste(browser: &mut Browser, kind: &str, name: &str, endpoints: Value) -> Page {
    let credentials = json!({"endpoints": endpoints}).to_string();
    let fields = [
        ("kind", kind),
        ("display_name", name),
        ("id", ""),
        ("credentials", &credentials),
    ];
    browser.post(PATH, &fields).await
}

async fn nothing_is_there(browser: &mut Browser) {
    browser.get("/secrets").await.says("No secrets yet");
    browser.get("/providers").await.says("No providers yet");
    assert_eq!(browser.store.secrets().list().await.unwrap(), []);
    assert_eq!(browser.store.providers().list().await.unwrap(), []);
}

fn says_no_secret(page: &Page) {
    assert!(!pasted::tells_a_secret(&page.text), "{}", page.text);
}

#[tokio::test]
async fn each_form_becomes_a_provider_and_its_secrets() {
    let mut browser = Browser::signed_in().await;
    browser.get("/providers").await.says(PATH);
    browser.get("/new-provider").await.says(PATH);
    browser.get(PATH).await.is(200).says("Import credentials");
    let mut number = 0;
    for form in pasted::all() {
        for kind in &form.kinds {
            number += 1;
            let name = format!("Pasted {number}");
            let done = paste(&mut browser, kind, &name, json!([form.right])).await;
            let address = format!("/providers/pasted-{number}");
            assert_eq!(done.is(303).leads_to(), address, "{kind}");
            let page = browser.get(&address).await;
            page.is(200).says(&format!("{name} is made"));
            says_no_secret(&page);

            let id = domain::ProviderId::new(format!("pasted-{number}")).unwrap();
            let made = browser.store.providers().get(&id).await.unwrap().unwrap();
            let ty = match kind.as_str() {
                "azure" => ProviderType::AzureOpenAi,
                "aws" => ProviderType::Bedrock,
                "google" => ProviderType::VertexAi,
                "anthropic" => ProviderType::Anthropic,
                "cohere" => ProviderType::Cohere,
                "openai" => ProviderType::OpenAi,
                _ => ProviderType::OpenAiCompatible,
            };
            assert_eq!(made.upstream.provider_type(), ty, "{kind}");
            // A role needs none.
            let needs_any = form.right.get("role_arn").is_none();
            assert_eq!(!made.secrets().is_empty(), needs_any, "{kind}");
            for name in made.secrets() {
                page.says(name.as_str());
                let value = browser.store.secrets().value(name).await.unwrap();
                assert!(value.is_some(), "{name}");
            }
        }
    }
    // Nine kinds, of which AWS has two forms.
    assert_eq!(number, 10);
}

#[tokio::test]
async fn several_endpoints_in_one_paste_become_one_provider() {
    let mut browser = Browser::signed_in().await;
    let role = "arn:aws:iam::123456789012:role/caller";
    let endpoints = json!([
        {"region": "us-east-1", "access_key_id": "AKIDEXAMPLE", "secret_access_key": "s3cr3t"},
        {"region": "eu-west-1", "role_arn": role},
        {"region": "eu-west-1", "role_arn": role, "use_web_identity": true},
    ]);
    let done = paste(&mut browser, "", "Three places", endpoints).await;
    assert_eq!(done.is(303).leads_to(), "/providers/three-places");
    let page = browser.get("/providers/three-places").await;
    page.is(200)
        .says("Three places is made")
        .says("With it were made 2 secrets")
        .says("THREE_PLACES_US_EAST_1_ACCESS_KEY_ID")
        .says("THREE_PLACES_US_EAST_1_SECRET_ACCESS_KEY")
        .says("eu-west-1-2");
    says_no_secret(&page);
    let id = domain::ProviderId::new("three-places").unwrap();
    let made = browser.store.providers().get(&id).await.unwrap().unwrap();
    let names: Vec<_> = made.endpoints().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["us-east-1", "eu-west-1", "eu-west-1-2"]);
}

#[tokio::test]
async fn every_field_of_every_form_is_told_by_its_name() {
    let mut browser = Browser::signed_in().await;
    for form in pasted::all() {
        for kind in &form.kinds {
            for wrong in &form.wrong {
                for endpoint in form.with(&wrong.field, &wrong.value) {
                    let page = paste(&mut browser, kind, "Mine", json!([endpoint])).await;
                    page.is(422)
                        .says("One field is wrong")
                        .says(&format!("<code>endpoints[0].{}</code>", wrong.field));
                    says_no_secret(&page);
                }
            }
        }
    }
    nothing_is_there(&mut browser).await;
}

#[tokio::test]
async fn all_that_is_wrong_is_told_at_once() {
    let mut browser = Browser::signed_in().await;
    let right = json!([{"api_key": "s3cr3t"}]);
    let taken = paste(&mut browser, "openai", "Taken", right.clone()).await;
    taken.is(303);
    let credentials = json!({"id": "x", "endpoints": [
        {"api_type": "azure", "api_base": "s3cr3t", "api_version": "latest", "api_key": "<your-api-key>"},
        {"api_type": "open_ai", "api_base": "http://169.254.169.254/", "api_version": "2024-10-21", "api_key": "s3cr3t"},
    ]});
    let credentials = credentials.to_string();
    let fields = [
        ("kind", "azure"),
        ("display_name", "Mine\u{200b}"),
        ("id", "taken"),
        ("credentials", &credentials),
    ];
    let page = browser.post(PATH, &fields).await;
    page.is(422)
        .says("6 fields are wrong")
        .says("Leave out line breaks, tabs, and characters that cannot be seen")
        .says("Another provider has the id taken");
    for field in [
        "credentials.id",
        "endpoints[0].api_key",
        "endpoints[0].api_base",
        "endpoints[0].api_version",
        "endpoints[1].api_type",
        "endpoints[1].api_base",
    ] {
        page.says(&format!("<code>{field}</code>"));
    }
    says_no_secret(&page);

    // The id alone.
    let credentials = json!({"endpoints": right}).to_string();
    let fields = [
        ("kind", "openai"),
        ("id", "taken"),
        ("credentials", &credentials),
    ];
    let page = browser.post(PATH, &fields).await;
    page.is(422)
        .says("Another provider has the id taken")
        .says("Paste the credentials again")
        .says_not("fields are wrong");
    assert_eq!(browser.store.providers().list().await.unwrap().len(), 1);
    assert_eq!(browser.store.secrets().list().await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_wrong_with_the_whole_is_told_and_what_was_typed_stays() {
    let mut browser = Browser::signed_in().await;
    for (kind, pasted, words) in [
        (
            "",
            r#"{"endpoints": [{"api_key": "s3cr3t"}]}"#,
            "The fields do not tell whose credentials these are",
        ),
        (
            "gcp",
            r#"{"endpoints": [{"api_key": "s3cr3t"}]}"#,
            "This is none of",
        ),
        (
            "openai",
            r#"{"endpoints": [{"api_key": "s3cr3t",}]}"#,
            "a comma stands before a closing bracket",
        ),
        ("openai", "", "Give the credentials"),
        ("openai", r#""s3cr3t""#, "This must be a JSON object"),
        ("openai", r#"{"endpoints": []}"#, "<code>endpoints</code>"),
        (
            "openai",
            r#"{"kind": "s3cr3t", "endpoints": [{"api_key": "s3cr3t"}]}"#,
            "<code>credentials.kind</code>",
        ),
    ] {
        let fields = [
            ("kind", kind),
            ("display_name", "Mine"),
            ("id", "mine"),
            ("credentials", pasted),
        ];
        let page = browser.post(PATH, &fields).await;
        page.is(422).says(words);
        says_no_secret(&page);
        assert_eq!(value_of(&page, "display_name"), "Mine");
        assert_eq!(value_of(&page, "id"), "mine");
    }
    nothing_is_there(&mut browser).await;
}
