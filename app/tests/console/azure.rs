//! Azure OpenAI: the form with a key and with a service principal, what is wrong, the page, Connect, the picker.

use crate::browser::{Browser, value_of};

const FORM: &[(&str, &str)] = &[
    ("do", "save"),
    ("display_name", "Azure in Sweden"),
    ("id", "azure"),
    ("type", "azure_openai"),
    ("azure_openai.mode", "api_key"),
    (
        "azure_openai.base_url",
        "https://res.openai.azure.com/openai/deployments/d/chat/completions?api-version=2025-01-01-preview",
    ),
    ("azure_openai.key", "KEY"),
];
const TOKEN_URL: &str = "https://login.microsoftonline.com/tenant/oauth2/v2.0/token";

fn form<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = FORM.to_vec();
    for (name, _) in more {
        fields.retain(|(there, _)| there != name);
    }
    fields.extend(more);
    fields
}

fn principal<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = form(&[
        ("azure_openai.mode", "service_principal"),
        ("azure_openai.client_id", "c-1"),
        ("azure_openai.client_secret.key", "KEY"),
        ("azure_openai.token_url", TOKEN_URL),
    ]);
    for (name, _) in more {
        fields.retain(|(there, _)| there != name);
    }
    fields.extend(more);
    fields
}

async fn browser() -> Browser {
    let mut browser = Browser::signed_in().await;
    let secret = [("name", "KEY"), ("value", "v-hush")];
    browser.post("/new-secret", &secret).await.is(303);
    browser
}

#[tokio::test]
async fn a_provider_with_a_key_is_made_shown_and_changed() {
    let mut browser = browser().await;
    let chosen = form(&[
        ("azure_openai.data_zone", "eu"),
        ("model", "front-desk"),
        ("price_as.front-desk", "gpt-4o"),
    ]);
    browser.post("/new-provider", &chosen).await.is(303);
    browser
        .get("/providers/azure")
        .await
        .says("https://res.openai.azure.com")
        .says("2025-01-01-preview")
        .says("European Union")
        .says("api-key: $WEIR_TOKEN")
        .says("/openai/deployments/front-desk/chat/completions")
        .says_not("v-hush");
    browser
        .get("/providers/azure/connect?client=python")
        .await
        .says("AzureOpenAI")
        .says("2025-01-01-preview");
    let edit = browser.get("/providers/azure/edit").await;
    assert_eq!(
        value_of(&edit, "azure_openai.base_url"),
        "https://res.openai.azure.com"
    );
    assert_eq!(
        value_of(&edit, "azure_openai.api_version"),
        "2025-01-01-preview"
    );
    edit.says(r#"value="eu" selected"#)
        .says(r#"value="api_key" checked"#)
        .says(r#"id="cell.input.front-desk" class="num">2.75<"#);
    // From a key to a service principal, and back.
    let version = value_of(&edit, "version");
    let changed = principal(&[("version", version), ("azure_openai.api_version", "")]);
    browser
        .post("/providers/azure/edit", &changed)
        .await
        .is(303);
    browser
        .get("/providers/azure")
        .await
        .says("Service principal")
        .says("c-1")
        .says(TOKEN_URL)
        .says("https://cognitiveservices.azure.com/.default")
        .says_not("v-hush");
    let edit = browser.get("/providers/azure/edit").await;
    edit.says(r#"value="service_principal" checked"#);
    assert_eq!(value_of(&edit, "azure_openai.client_id"), "c-1");
    assert_eq!(value_of(&edit, "azure_openai.client_secret.key"), "KEY");
    assert_eq!(value_of(&edit, "azure_openai.token_url"), TOKEN_URL);
}

#[tokio::test]
async fn list_prices_are_those_of_the_zone_and_of_no_deployments_name() {
    let mut browser = browser().await;
    let fields = form(&[
        ("azure_openai.data_zone", "eu"),
        ("model", "front-desk"),
        ("price_as.front-desk", "gpt-4o"),
        ("model", "gpt-4o"),
    ]);
    browser.post("/new-provider", &fields).await.is(303);
    browser
        .get("/providers/azure/models")
        .await
        .says("2.75")
        .says("priced as the model that the answer names")
        .says_not("2.50");
    let edit = browser.get("/providers/azure/edit").await;
    edit.says(r#"id="cell.input.front-desk" class="num">2.75<"#)
        .says("Blank: priced as the model that the answer names.");
}

#[tokio::test]
async fn the_governments_endpoint_tells_its_zone() {
    let mut browser = browser().await;
    let fields = form(&[
        ("azure_openai.base_url", "https://res.openai.azure.us"),
        ("model", "front-desk"),
        ("price_as.front-desk", "gpt-5.1"),
    ]);
    browser.post("/new-provider", &fields).await.is(303);
    browser.get("/providers/azure").await.says("US Government");
    let models = browser.get("/providers/azure/models").await;
    models.says("1.71875");
    let edit = browser.get("/providers/azure/edit").await;
    edit.says(r#"id="cell.input.front-desk" class="num">1.71875<"#);
}

#[tokio::test]
async fn nobody_guesses_a_deployment_nor_prices_by_a_fee() {
    let mut browser = browser().await;
    browser.post("/new-provider", &form(&[])).await.is(303);
    browser
        .get("/providers/azure/connect")
        .await
        .says("type the name of one")
        .says("Type the id of a model, and the set-up is shown.");
    let fee = form(&[
        ("id", "other"),
        ("model", "router"),
        ("price_as.router", "model-router"),
    ]);
    let refused = browser.post("/new-provider", &fee).await;
    refused.is(422).says("is a fee on top of the price");
}

#[tokio::test]
async fn what_is_wrong_is_told_beside_its_field() {
    let mut browser = browser().await;
    for (fields, field, words) in [
        (
            form(&[("azure_openai.base_url", "")]),
            "azure_openai.base_url",
            "Write the endpoint of the resource",
        ),
        (
            form(&[("azure_openai.base_url", "res.openai.azure.com")]),
            "azure_openai.base_url",
            "Write a whole address",
        ),
        (
            form(&[("azure_openai.api_version", "v1")]),
            "azure_openai.api_version",
            "Write a date",
        ),
        (
            form(&[("azure_openai.key", "NONE")]),
            "azure_openai.key",
            "There is no secret NONE",
        ),
        (
            form(&[("azure_openai.key", "")]),
            "azure_openai.key",
            "Name the secret that holds a key of the resource",
        ),
        (
            principal(&[("azure_openai.client_id", "")]),
            "azure_openai.client_id",
            "Write the client id",
        ),
        (
            principal(&[("azure_openai.client_secret.key", "NONE")]),
            "azure_openai.client_secret.key",
            "There is no secret NONE",
        ),
        (
            principal(&[(
                "azure_openai.token_url",
                "https://login.microsoftonline.com",
            )]),
            "azure_openai.token_url",
            "Write the whole address of the tenant",
        ),
        (
            principal(&[("azure_openai.scope", "two words")]),
            "azure_openai.scope",
            "Write up to 256 letters",
        ),
    ] {
        let typed = fields
            .iter()
            .find(|(name, _)| *name == field)
            .map(|(_, value)| (*value).to_owned());
        let page = browser.post("/new-provider", &fields).await;
        page.is(422).says(words);
        assert_eq!(value_of(&page, field), typed.unwrap_or_default(), "{words}");
    }
}

#[tokio::test]
async fn deployments_are_typed_and_models_of_the_catalog_can_be_picked() {
    let mut browser = browser().await;
    let fetched = form(&[("do", "fetch")]);
    browser
        .post("/new-provider", &fetched)
        .await
        .says("Type the name of each deployment");
    let search = form(&[("do", "search"), ("q", "gpt-5.6-luna")]);
    browser
        .post("/new-provider", &search)
        .await
        .says("gpt-5.6-luna");
    let zone = form(&[
        ("do", "add"),
        ("q", "mine"),
        ("price_as.mine", "gpt-5"),
        ("azure_openai.data_zone", "us"),
    ]);
    browser
        .post("/new-provider", &zone)
        .await
        .says(r#"id="cell.input.mine" class="num">1.375<"#);
}
