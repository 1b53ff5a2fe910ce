//! Credentials of other gateways, pasted.

use crate::browser::{Browser, value_of};

const PATH: &str = "/new-provider/import";

#[tokio::test]
async fn pasted_credentials_become_a_provider_and_its_secret() {
    let mut browser = Browser::signed_in().await;
    browser.get("/providers").await.says(PATH);
    browser.get("/new-provider").await.says(PATH);
    browser.get(PATH).await.is(200).says("Import credentials");
    let pasted = r#"{"endpoints": [{"region": "us", "api_key": "sk-very-secret"}]}"#;
    let fields = [
        ("kind", "anthropic"),
        ("display_name", "Claude"),
        ("id", ""),
        ("credentials", pasted),
    ];
    let made = browser.post(PATH, &fields).await;
    assert_eq!(made.is(303).leads_to(), "/providers/claude");
    let page = browser.get("/providers/claude").await;
    page.is(200)
        .says("Claude is made")
        .says("CLAUDE_API_KEY")
        .says_not("sk-very-secret");
}

#[tokio::test]
async fn what_is_wrong_is_told_by_field_and_no_secret_comes_back() {
    let mut browser = Browser::signed_in().await;
    for (kind, pasted, words) in [
        (
            "",
            r#"{"endpoints": [{"api_key": "sk-very-secret"}]}"#,
            "Whose credentials",
        ),
        (
            "gcp",
            r#"{"endpoints": [{"api_key": "sk-very-secret"}]}"#,
            "This is none of",
        ),
        (
            "openai",
            r#"{"endpoints": [{"api_key": "sk-very-secret",}]}"#,
            "a comma stands before a closing bracket",
        ),
        ("openai", "", "Give the credentials"),
        (
            "openai",
            r#"{"endpoints": [{"api_key": "sk-very-secret", "kind": 1}]}"#,
            "<code>endpoints[0].kind</code>",
        ),
        (
            "aws",
            r#"{"endpoints": [{"secret_access_key": "sk-very-secret"}]}"#,
            "<code>endpoints[0].region</code>",
        ),
        (
            "google",
            r#"{"endpoints": [{"region": "us-central1", "service_account_info": {"private_key": "sk-very-secret"}}]}"#,
            "<code>endpoints[0].service_account_info.type</code>",
        ),
        (
            "azure",
            r#"{"endpoints": [{"api_key": "sk-very-secret", "api_type": "open_ai"}]}"#,
            "<code>endpoints[0].api_type</code>",
        ),
    ] {
        let fields = [
            ("kind", kind),
            ("display_name", "Mine"),
            ("id", "mine"),
            ("credentials", pasted),
        ];
        let page = browser.post(PATH, &fields).await;
        page.is(422).says(words).says_not("sk-very-secret");
        assert_eq!(value_of(&page, "display_name"), "Mine");
        assert_eq!(value_of(&page, "id"), "mine");
    }
    browser.get("/secrets").await.says("No secrets yet");
    browser.get("/providers").await.says("No providers yet");
}
