//! Google AI, Cohere and AWS Bedrock: forms in every credential mode, picker, pages.

use crate::browser::{Browser, value_of};

const BEDROCK: &[(&str, &str)] = &[
    ("do", "save"),
    ("display_name", "Claude in Frankfurt"),
    ("id", "claude"),
    ("type", "bedrock"),
    ("bedrock.region", "eu-central-1"),
];
const ROLE: &str = "arn:aws:iam::123456789012:role/bedrock-caller";

fn bedrock<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = BEDROCK.to_vec();
    for (name, _) in more {
        fields.retain(|(there, _)| there != name);
    }
    fields.extend(more);
    fields
}

/// A credential mode, what it is filled in with, and what the provider's page then says.
type Mode = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static [&'static str],
);

/// The secrets that the forms name.
async fn with_secrets() -> Browser {
    let mut browser = Browser::signed_in().await;
    for name in ["ID", "KEY", "TOKEN"] {
        let secret = [("name", name), ("value", "v-hush")];
        browser.post("/new-secret", &secret).await.is(303);
    }
    browser
}

#[tokio::test]
async fn google_ai_is_made_and_changed() {
    let mut browser = Browser::signed_in().await;
    let form = [
        ("do", "save"),
        ("display_name", "Gemini"),
        ("type", "google_ai"),
        ("google_ai.key_from", "new"),
        ("google_ai.new_key", "GEMINI_API_KEY"),
        ("google_ai.new_value", "AIza-hush"),
        ("model", "gemini-2.5-flash"),
    ];
    browser.post("/new-provider", &form).await.is(303);
    browser
        .get("/providers/gemini")
        .await
        .says("https://generativelanguage.googleapis.com")
        .says("x-goog-api-key: $WEIR_TOKEN")
        .says("gemini-2.5-flash:generateContent")
        .says_not("AIza-hush");
    let edit = browser.get("/providers/gemini/edit").await;
    assert_eq!(value_of(&edit, "google_ai.key"), "GEMINI_API_KEY");
    edit.says("not as Bearer")
        .says(r#"name="rate.cached_input.gemini-2.5-flash""#)
        .says_not(r#"name="rate.cache_write_5m.gemini-2.5-flash""#)
        .says_not(r#"name="bedrock.region""#);
}

#[tokio::test]
async fn cohere_is_made_and_changed() {
    let mut browser = Browser::signed_in().await;
    let mut form = vec![
        ("do", "save"),
        ("display_name", "Cohere"),
        ("type", "cohere"),
        ("cohere.base_url", "https://api.cohere.com/v2"),
        ("cohere.key_from", "new"),
        ("cohere.new_key", "COHERE_API_KEY"),
        ("cohere.new_value", "co-hush"),
        ("model", "command-a-03-2025"),
    ];
    browser
        .post("/new-provider", &form)
        .await
        .is(422)
        .says("Leave out /v1, /v2 and /compatibility")
        .says_not("co-hush");
    // The secret was good, and is there already.
    form[3].1 = "";
    form[4].1 = "existing";
    form.push(("cohere.key", "COHERE_API_KEY"));
    browser.post("/new-provider", &form).await.is(303);
    browser
        .get("/providers/cohere")
        .await
        .says("https://api.cohere.com")
        .says("/v2/chat")
        .says("Authorization: Bearer $WEIR_TOKEN")
        .says_not("co-hush");
    let edit = browser.get("/providers/cohere/edit").await;
    assert_eq!(value_of(&edit, "cohere.key"), "COHERE_API_KEY");
    edit.says("told as unpriced")
        .says(r#"name="rate.cached_input.command-a-03-2025""#)
        .says_not(r#"name="rate.cache_write_5m.command-a-03-2025""#);
}

#[tokio::test]
async fn each_credential_mode_is_saved_and_shown_again() {
    let mut browser = with_secrets().await;
    let modes: [Mode; 5] = [
        ("default_chain", &[], &["Default chain"]),
        (
            "static_keys",
            &[
                ("bedrock.access_key_id.key", "ID"),
                ("bedrock.secret_access_key.key", "KEY"),
                ("bedrock.session_token.key", "TOKEN"),
            ],
            &["Static keys", "Access key ID", "Session token"],
        ),
        (
            "assume_role",
            &[
                ("bedrock.role_arn", ROLE),
                ("bedrock.external_id", "outside-7"),
                ("bedrock.session_name", "weir-main"),
            ],
            &["Assume IAM role", ROLE, "outside-7", "weir-main"],
        ),
        (
            "web_identity",
            &[("bedrock.role_arn", ROLE)],
            &["Web identity", ROLE],
        ),
        (
            "bearer",
            &[("bedrock.api_key.key", "TOKEN")],
            &["Bedrock API key", "TOKEN"],
        ),
    ];
    for (mode, fields, shown) in modes {
        let mut form = bedrock(&[("id", mode_id(mode)), ("bedrock.mode", mode)]);
        form.extend(fields);
        let made = browser.post("/new-provider", &form).await;
        let own = made.is(303).leads_to().to_owned();
        let page = browser.get(&own).await;
        for words in shown {
            page.says(words);
        }
        page.says("https://bedrock-runtime.eu-central-1.amazonaws.com")
            .says("AWS_BEARER_TOKEN_BEDROCK")
            .says_not("v-hush");
        let edit = browser.get(&format!("{own}/edit")).await;
        let chosen = format!(r#"value="{mode}" checked"#);
        edit.says(&chosen).says_not("v-hush");
        for (name, value) in fields {
            assert_eq!(value_of(&edit, name), *value, "{mode}");
        }
    }
}

fn mode_id(mode: &str) -> &'static str {
    match mode {
        "default_chain" => "default-chain",
        "static_keys" => "static-keys",
        "assume_role" => "assume-role",
        "web_identity" => "web-identity",
        _ => "bearer",
    }
}

#[tokio::test]
async fn what_is_wrong_is_told_beside_its_field_in_every_mode() {
    let mut browser = with_secrets().await;
    for (mode, fields, words) in [
        (
            "default_chain",
            vec![("bedrock.region", "Frankfurt")],
            "Write an AWS region",
        ),
        (
            "static_keys",
            vec![],
            "Name the secret that holds the secret access key.",
        ),
        (
            "static_keys",
            vec![("bedrock.access_key_id.key", "NONE")],
            "There is no secret NONE",
        ),
        (
            "assume_role",
            vec![("bedrock.role_arn", "role/x")],
            "Write the whole ARN",
        ),
        (
            "assume_role",
            vec![("bedrock.role_arn", ROLE), ("bedrock.session_name", "a b")],
            "A session name has 2 to 64",
        ),
        ("web_identity", vec![], "Write the ARN of the role"),
        (
            "bearer",
            vec![],
            "Name the secret that holds the Bedrock API key.",
        ),
        (
            "default_chain",
            vec![("bedrock.guardrail_id", "gr-1")],
            "Write the version",
        ),
        (
            "default_chain",
            vec![
                ("bedrock.guardrail_id", "missing"),
                ("bedrock.guardrail_version", "1"),
            ],
            "There is no such guardrail",
        ),
        (
            "default_chain",
            vec![
                ("bedrock.fips", "on"),
                ("bedrock.base_url", "https://vpce.example"),
            ],
            "exclude each other",
        ),
    ] {
        let mut form = bedrock(&fields);
        form.push(("bedrock.mode", mode));
        let page = browser.post("/new-provider", &form).await;
        page.is(422)
            .says(words)
            .says(&format!(r#"value="{mode}" checked"#));
        for (name, value) in &fields {
            assert_eq!(value_of(&page, name), *value);
        }
    }
}

#[tokio::test]
async fn fields_of_other_modes_are_kept_while_one_switches_and_not_saved() {
    let mut browser = with_secrets().await;
    let form = bedrock(&[
        ("bedrock.mode", "web_identity"),
        ("bedrock.role_arn", ""),
        ("bedrock.access_key_id.key", "ID"),
        ("bedrock.external_id", "outside-7"),
        ("bedrock.api_key.key", "GONE"),
        ("google_ai.key", "GONE"),
    ]);
    let page = browser.post("/new-provider", &form).await;
    page.is(422).says("Write the ARN of the role");
    assert_eq!(value_of(&page, "bedrock.access_key_id.key"), "ID");
    assert_eq!(value_of(&page, "bedrock.external_id"), "outside-7");
    assert_eq!(value_of(&page, "google_ai.key"), "GONE");
    let mut right = form;
    right.retain(|(name, _)| *name != "bedrock.role_arn");
    right.push(("bedrock.role_arn", ROLE));
    browser.post("/new-provider", &right).await.is(303);
    browser
        .get("/providers/claude")
        .await
        .says("Web identity")
        .says_not("outside-7");
}

#[tokio::test]
async fn new_secrets_of_static_keys_are_saved_though_one_is_wrong() {
    let mut browser = Browser::signed_in().await;
    let form = bedrock(&[
        ("bedrock.mode", "static_keys"),
        ("bedrock.access_key_id.key_from", "new"),
        ("bedrock.access_key_id.new_key", "AWS_ACCESS_KEY_ID"),
        ("bedrock.access_key_id.new_value", "AKIA-hush"),
        ("bedrock.secret_access_key.key_from", "new"),
        ("bedrock.secret_access_key.new_key", "aws secret"),
        ("bedrock.secret_access_key.new_value", "wJal-hush"),
    ]);
    let page = browser.post("/new-provider", &form).await;
    page.is(422)
        .says("AWS_ACCESS_KEY_ID is saved and chosen")
        .says("Did you mean AWS_SECRET?")
        .says_not("-hush");
    assert_eq!(
        value_of(&page, "bedrock.access_key_id.key"),
        "AWS_ACCESS_KEY_ID"
    );
    let one = [
        ("do", "secret:bedrock.secret_access_key"),
        ("type", "bedrock"),
        ("bedrock.secret_access_key.key_from", "new"),
        ("bedrock.secret_access_key.new_key", "AWS_SECRET"),
        ("bedrock.secret_access_key.new_value", "wJal-hush"),
    ];
    let page = browser.post("/new-provider", &one).await;
    page.is(200).says("AWS_SECRET is saved and chosen");
    assert_eq!(
        value_of(&page, "bedrock.secret_access_key.key"),
        "AWS_SECRET"
    );
}

#[tokio::test]
async fn saving_one_secret_does_not_lose_the_value_of_another() {
    let mut browser = Browser::signed_in().await;
    let form = bedrock(&[
        ("do", "secret:bedrock.access_key_id"),
        ("bedrock.mode", "static_keys"),
        ("bedrock.access_key_id.key_from", "new"),
        ("bedrock.access_key_id.new_key", "AWS_ACCESS_KEY_ID"),
        ("bedrock.access_key_id.new_value", "AKIA-hush"),
        ("bedrock.secret_access_key.key_from", "new"),
        ("bedrock.secret_access_key.new_key", "AWS_SECRET"),
        ("bedrock.secret_access_key.new_value", "wJal-hush"),
    ]);
    let page = browser.post("/new-provider", &form).await;
    page.is(200)
        .says("AWS_ACCESS_KEY_ID is saved and chosen")
        .says("AWS_SECRET is saved and chosen")
        .says_not("-hush");
    assert_eq!(
        value_of(&page, "bedrock.secret_access_key.key"),
        "AWS_SECRET"
    );
}

#[tokio::test]
async fn the_picker_shows_where_a_profile_runs_and_what_that_costs() {
    let mut browser = Browser::signed_in().await;
    let search = bedrock(&[("do", "search"), ("q", "claude-opus-4-8")]);
    let page = browser.post("/new-provider", &search).await;
    page.is(200)
        .says("Runs in")
        .says(r#"name="pick" value="eu.anthropic.claude-opus-4-8""#)
        .says("+10 %")
        .says("GovCloud")
        .says_not(r#"name="pick" value="anthropic.claude-opus-4-8""#);
    let place = |id: &str| {
        page.text
            .find(&format!(r#"name="pick" value="{id}""#))
            .unwrap()
    };
    assert!(
        place("eu.anthropic.claude-opus-4-8") < place("us.anthropic.claude-opus-4-8"),
        "what the region can call comes first"
    );
    let older = bedrock(&[("do", "search"), ("q", "claude-opus-4-5")]);
    let page = browser.post("/new-provider", &older).await;
    page.says(r#"name="pick" value="anthropic.claude-opus-4-5-20251101-v1:0""#)
        .says("This region");

    let bare = bedrock(&[("do", "add"), ("q", "anthropic.claude-opus-4-8")]);
    let page = browser.post("/new-provider", &bare).await;
    page.says("Selected, 1")
        .says("AWS serves this model by an inference profile only");
}

#[tokio::test]
async fn prices_are_those_of_the_region() {
    let mut browser = Browser::signed_in().await;
    let of = |region: &'static str| {
        bedrock(&[
            ("do", "show"),
            ("model", "anthropic.claude-opus-4-8"),
            ("bedrock.region", region),
        ])
    };
    let gov = browser.post("/new-provider", &of("us-gov-west-1")).await;
    gov.says(r#"placeholder="30.00""#)
        .says_not(r#"placeholder="27.50""#);
    let other = browser.post("/new-provider", &of("eu-central-1")).await;
    other.says(r#"placeholder="27.50""#);
}

#[tokio::test]
async fn pricing_asks_for_the_buckets_that_the_model_bills() {
    let mut browser = Browser::signed_in().await;
    let form = bedrock(&[
        ("do", "show"),
        ("model", "eu.anthropic.claude-opus-4-8"),
        ("model", "us.openai.gpt-6-sol"),
    ]);
    let page = browser.post("/new-provider", &form).await;
    for (bucket, model, asked) in [
        ("cache_write_5m", "eu.anthropic.claude-opus-4-8", true),
        ("cache_write_1h", "eu.anthropic.claude-opus-4-8", true),
        ("cache_write_30m", "eu.anthropic.claude-opus-4-8", false),
        ("cache_write_30m", "us.openai.gpt-6-sol", true),
        ("cache_write_12h", "us.openai.gpt-6-sol", true),
        ("cache_write_5m", "us.openai.gpt-6-sol", false),
    ] {
        let field = format!(r#"name="rate.{bucket}.{model}""#);
        assert_eq!(page.text.contains(&field), asked, "{field}");
    }
}

#[tokio::test]
async fn an_address_without_v1_is_taken_and_warned_of() {
    let mut browser = Browser::signed_in().await;
    for (preset, address, warned) in [
        ("vllm", "http://rack.example:8000", true),
        (
            "mlflow",
            "http://rack.example:5000/gateway/mlflow/v1",
            false,
        ),
        ("perplexity", "https://api.perplexity.ai", false),
    ] {
        let form = [
            ("do", "save"),
            ("display_name", preset),
            ("type", "openai_compatible"),
            ("openai_compatible.preset", preset),
            ("openai_compatible.base_url", address),
        ];
        let made = browser.post("/new-provider", &form).await;
        let own = made.is(303).leads_to().to_owned();
        let page = browser.get(&own).await;
        assert_eq!(page.text.contains("ends in /v1"), warned, "{preset}");
        let edit = browser.get(&format!("{own}/edit")).await;
        assert_eq!(
            edit.text.contains("want an address that ends in /v1"),
            warned,
            "{preset}"
        );
    }
}

const VERTEX: &[(&str, &str)] = &[
    ("do", "save"),
    ("display_name", "Gemini in Iowa"),
    ("id", "vertex"),
    ("type", "vertex_ai"),
    ("vertex_ai.project", "my-project"),
    ("vertex_ai.location", "us-central1"),
];

fn vertex<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = VERTEX.to_vec();
    for (name, _) in more {
        fields.retain(|(there, _)| there != name);
    }
    fields.extend(more);
    fields
}

#[tokio::test]
async fn vertex_ai_is_made_shown_and_in_the_form_again() {
    let mut browser = Browser::signed_in().await;
    let form = vertex(&[
        ("vertex_ai.mode", "default_chain"),
        ("model", "gemini-2.5-flash"),
    ]);
    browser.post("/new-provider", &form).await.is(303);
    browser
        .get("/providers/vertex")
        .await
        .says("Application default credentials")
        .says("my-project")
        .says("us-central1")
        .says("https://us-central1-aiplatform.googleapis.com")
        .says("publishers/google/models/gemini-2.5-flash:generateContent");
    let edit = browser.get("/providers/vertex/edit").await;
    assert_eq!(value_of(&edit, "vertex_ai.project"), "my-project");
    assert_eq!(value_of(&edit, "vertex_ai.location"), "us-central1");
    edit.says(r#"value="default_chain" checked"#)
        .says_not(r#"name="rate.cache_write_5m.gemini-2.5-flash""#)
        .says_not(r#"name="bedrock.region""#);
    let connect = browser
        .get("/providers/vertex/connect?client=typescript")
        .await;
    connect.says("vertexai: true").says("WEIR_TOKEN");
    let claude = vertex(&[("do", "show"), ("model", "claude-opus-5@default")]);
    browser
        .post("/new-provider", &claude)
        .await
        .says(r#"name="rate.cache_write_5m.claude-opus-5@default""#);
}

#[tokio::test]
async fn what_is_wrong_with_vertex_ai_is_told_beside_its_field() {
    let mut browser = with_secrets().await;
    for (fields, words) in [
        (
            vec![("vertex_ai.project", "")],
            "Name the Google Cloud project",
        ),
        (
            vec![("vertex_ai.project", "My Project")],
            "Write the id of a Google Cloud project",
        ),
        (vec![("vertex_ai.location", "")], "Name the location"),
        (
            vec![("vertex_ai.location", "Iowa")],
            "Write a location of Vertex AI",
        ),
        (
            vec![("vertex_ai.base_url", "nonsense")],
            "Write a whole address",
        ),
        (
            vec![("vertex_ai.mode", "service_account")],
            "Name the secret that holds the JSON",
        ),
        (
            vec![
                ("vertex_ai.mode", "service_account"),
                ("vertex_ai.service_account.key", "NONE"),
            ],
            "There is no secret NONE",
        ),
        (
            vec![
                ("vertex_ai.mode", "service_account"),
                ("vertex_ai.service_account.key", "KEY"),
            ],
            "does not hold the key of a service account",
        ),
    ] {
        let page = browser.post("/new-provider", &vertex(&fields)).await;
        page.is(422).says(words).says_not("v-hush");
        for (name, value) in &fields {
            if *name != "vertex_ai.mode" {
                assert_eq!(value_of(&page, name), *value);
            }
        }
    }
}

#[tokio::test]
async fn the_picker_of_vertex_ai_offers_each_model_by_one_name() {
    let mut browser = Browser::signed_in().await;
    let search = vertex(&[("do", "search"), ("q", "codestral-2")]);
    browser
        .post("/new-provider", &search)
        .await
        .is(200)
        .says(r#"name="pick" value="codestral-2""#)
        .says_not(r#"name="pick" value="mistralai/codestral-2""#);
    let add = vertex(&[("do", "save"), ("model", "google/gemini-2.5-pro")]);
    browser.post("/new-provider", &add).await.is(303);
    let edit = browser.get("/providers/vertex/edit").await;
    edit.says(r#"name="model" value="gemini-2.5-pro""#);
}

#[tokio::test]
async fn what_a_location_adds_is_in_the_prices_that_are_shown() {
    let mut browser = Browser::signed_in().await;
    for (id, location, shown) in [
        ("here", "us-central1", ">5.50<"),
        ("anywhere", "global", ">5.00<"),
    ] {
        let form = vertex(&[
            ("id", id),
            ("vertex_ai.location", location),
            ("vertex_ai.mode", "default_chain"),
            ("model", "claude-opus-5"),
        ]);
        let mut picked = form.clone();
        picked.retain(|(name, _)| *name != "do");
        picked.push(("do", "show"));
        browser.post("/new-provider", &picked).await.says(shown);
        browser.post("/new-provider", &form).await.is(303);
        let models = format!("/providers/{id}/models");
        browser.get(&models).await.says(shown);
    }
}
