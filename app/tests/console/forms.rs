//! Forms: providers and secrets.

use crate::browser::{Browser, value_of};

const PROVIDER: &[(&str, &str)] = &[
    ("do", "save"),
    ("display_name", "OpenAI main"),
    ("id", ""),
    ("type", "openai"),
    ("openai.base_url", ""),
    ("openai.key_from", "new"),
    ("openai.new_key", "OPENAI_API_KEY"),
    ("openai.new_value", "sk-very-secret"),
];

/// The form with other values.
fn with<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields: Vec<(&str, &str)> = PROVIDER.to_vec();
    for change in changes {
        fields.retain(|(name, _)| *name != change.0 || *name == "model");
        fields.push(*change);
    }
    fields
}

#[tokio::test]
async fn a_provider_is_made_with_its_secret() {
    let mut browser = Browser::signed_in().await;
    let made = browser.post("/new-provider", PROVIDER).await;
    assert_eq!(made.is(303).leads_to(), "/providers/openai-main");
    let page = browser.get("/providers/openai-main").await;
    page.is(200)
        .says("OpenAI main is made")
        .says("https://weir.example/llm/v1/providers/openai-main");
    page.says("https://api.openai.com/v1")
        .says("OPENAI_API_KEY")
        .says_not("sk-very-secret");
    browser
        .get("/providers")
        .await
        .says("OpenAI main")
        .says("1–1 of 1");
    browser
        .get("/secrets")
        .await
        .says("OPENAI_API_KEY")
        .says("openai-main");
}

#[tokio::test]
async fn an_error_keeps_what_was_typed_and_saves_the_secret() {
    let mut browser = Browser::signed_in().await;
    let page = browser
        .post(
            "/new-provider",
            &with(&[("display_name", ""), ("openai.organization", "org-7")]),
        )
        .await;
    page.is(422)
        .says("OPENAI_API_KEY is saved and chosen")
        .says_not("sk-very-secret");
    assert_eq!(value_of(&page, "openai.organization"), "org-7");
    assert_eq!(value_of(&page, "openai.key"), "OPENAI_API_KEY");
    assert!(page.text.contains("aria-invalid=\"true\""));

    let again = with(&[
        ("openai.key_from", "existing"),
        ("openai.key", "OPENAI_API_KEY"),
    ]);
    browser.post("/new-provider", &again).await.is(303);
}

#[tokio::test]
async fn all_that_is_wrong_is_told_at_once() {
    let mut browser = Browser::signed_in().await;
    let page = browser
        .post(
            "/new-provider",
            &with(&[
                ("id", "Not An Id"),
                ("openai.new_key", "openai key"),
                ("openai.base_url", "nonsense"),
            ]),
        )
        .await;
    page.is(422)
        .says("Did you mean OPENAI_KEY?")
        .says("Write a whole address")
        .says_not("sk-very-secret");
    assert_eq!(value_of(&page, "id"), "Not An Id");
    assert_eq!(value_of(&page, "openai.new_key"), "openai key");
    browser.get("/secrets").await.says("No secrets yet");
}

#[tokio::test]
async fn an_id_is_given_once_and_a_derived_one_is_numbered() {
    let mut browser = Browser::signed_in().await;
    browser.post("/new-provider", PROVIDER).await.is(303);
    let existing = [
        ("openai.key_from", "existing"),
        ("openai.key", "OPENAI_API_KEY"),
    ];
    let mut given = with(&existing);
    given.retain(|(name, _)| *name != "id");
    given.push(("id", "openai-main"));
    browser
        .post("/new-provider", &given)
        .await
        .is(422)
        .says("openai-main");
    assert_eq!(
        browser
            .post("/new-provider", &with(&existing))
            .await
            .leads_to(),
        "/providers/openai-main-2"
    );
    for (asked, told) in [
        ("name=OpenAI%20main", "openai-main-3"),
        ("id=openai-main", "taken"),
        ("id=other", "free"),
        ("name=", ""),
    ] {
        assert_eq!(
            browser
                .get(&format!("/new-provider/free-id?{asked}"))
                .await
                .text,
            told
        );
    }
}

#[tokio::test]
async fn models_are_picked_without_any_script() {
    let mut browser = Browser::signed_in().await;
    let found = browser
        .post(
            "/new-provider",
            &with(&[("do", "search"), ("q", "gpt-4o-mini")]),
        )
        .await;
    found
        .is(200)
        .says("for “gpt-4o-mini”")
        .says(r#"name="pick" value="gpt-4o-mini""#);
    assert_eq!(value_of(&found, "display_name"), "OpenAI main");
    assert_eq!(value_of(&found, "openai.new_key"), "OPENAI_API_KEY");

    let picked = browser
        .post(
            "/new-provider",
            &with(&[
                ("do", "pick"),
                ("shown", "gpt-4o-mini"),
                ("pick", "gpt-4o-mini"),
            ]),
        )
        .await;
    picked
        .is(200)
        .says("Selected, 1")
        .says(r#"name="rate.output.gpt-4o-mini""#)
        .says("Calls to any other model are refused");
    let added = browser
        .post(
            "/new-provider",
            &with(&[("do", "add"), ("model", "gpt-4o-mini"), ("q", "my-own")]),
        )
        .await;
    added
        .is(200)
        .says("Selected, 2")
        .says("The catalog does not know this id");

    let saved = with(&[
        ("model", "gpt-4o-mini"),
        ("model", "my-own"),
        ("model_name.my-own", "Ours"),
        ("rate.input.my-own", "0"),
        ("rate.output.my-own", "1.5"),
    ]);
    browser.post("/new-provider", &saved).await.is(303);
    browser
        .get("/providers/openai-main/models")
        .await
        .is(200)
        .says("Ours")
        .says("free")
        .says("1.50")
        .says("gpt-4o-mini");
}

#[tokio::test]
async fn a_wrong_rate_is_told_beside_it() {
    let mut browser = Browser::signed_in().await;
    let page = browser
        .post(
            "/new-provider",
            &with(&[("model", "gpt-4o"), ("rate.output.gpt-4o", "2,50")]),
        )
        .await;
    page.is(422)
        .says("Something in its pricing is wrong; open it.")
        .says("Write a plain decimal number of US dollars");
    assert_eq!(value_of(&page, "rate.output.gpt-4o"), "2,50");
}

#[tokio::test]
async fn an_edit_changes_what_may_change_and_notices_others() {
    let mut browser = Browser::signed_in().await;
    browser.post("/new-provider", PROVIDER).await.is(303);
    let form = browser.get("/providers/openai-main/edit").await;
    assert_eq!(
        (
            value_of(form.is(200), "version"),
            value_of(&form, "openai.key")
        ),
        ("1", "OPENAI_API_KEY")
    );
    let edit = |name: &'static str| {
        [
            ("do", "save"),
            ("version", "1"),
            ("display_name", name),
            ("id", "other-id"),
            ("type", "anthropic"),
            ("openai.key_from", "existing"),
            ("openai.key", "OPENAI_API_KEY"),
        ]
    };
    assert_eq!(
        browser
            .post("/providers/openai-main/edit", &edit("Renamed"))
            .await
            .is(303)
            .leads_to(),
        "/providers/openai-main"
    );
    browser
        .get("/providers/openai-main")
        .await
        .says("Renamed is saved")
        .says("OpenAI");
    let late = browser
        .post("/providers/openai-main/edit", &edit("Too late"))
        .await;
    late.is(412)
        .says("Somebody else changed this provider")
        .says("Ada saved it while you had it open")
        .says("Too late");
    assert_eq!(
        (value_of(&late, "version"), value_of(&late, "seen")),
        ("1", "2")
    );
}

#[tokio::test]
async fn a_provider_is_switched_and_the_switch_taken_back() {
    let mut browser = Browser::signed_in().await;
    browser.post("/new-provider", PROVIDER).await.is(303);
    let off = browser
        .post(
            "/providers/openai-main/disable",
            &[("back", "/providers?q=open")],
        )
        .await;
    assert_eq!(off.is(303).leads_to(), "/providers?q=open");
    browser
        .get("/providers?q=open")
        .await
        .says("OpenAI main is disabled")
        .says("Undo")
        .says("status off");
    browser
        .get("/providers")
        .await
        .says_not("OpenAI main is disabled");
    browser
        .post("/providers/openai-main/enable", &[])
        .await
        .is(303);
    browser
        .get("/providers?status=active")
        .await
        .says("1–1 of 1");
}

#[tokio::test]
async fn a_deletion_asks_for_the_id() {
    let mut browser = Browser::signed_in().await;
    browser.post("/new-provider", PROVIDER).await.is(303);
    let refused = browser
        .post("/providers/openai-main/delete", &[("confirm", "openai")])
        .await;
    refused
        .is(422)
        .says("This is not its id. Nothing was deleted.");
    let deleted = browser
        .post(
            "/providers/openai-main/delete",
            &[("confirm", "openai-main")],
        )
        .await;
    assert_eq!(deleted.is(303).leads_to(), "/providers");
    browser
        .get("/providers")
        .await
        .says("No providers yet")
        .says("OpenAI main is deleted");
}

#[tokio::test]
async fn a_secret_in_use_stays_and_says_who_uses_it() {
    let mut browser = Browser::signed_in().await;
    browser.post("/new-provider", PROVIDER).await.is(303);
    let refused = browser
        .post(
            "/secrets/OPENAI_API_KEY/delete",
            &[("confirm", "OPENAI_API_KEY")],
        )
        .await;
    refused
        .is(409)
        .says("It is in use")
        .says("/providers/openai-main/edit");
    browser
        .post(
            "/new-secret",
            &[("name", "OPENAI_API_KEY"), ("value", "other")],
        )
        .await
        .is(422)
        .says("There is a secret of this name");
    browser
        .post("/secrets/OPENAI_API_KEY", &[("value", "")])
        .await
        .is(422)
        .says("A secret cannot be empty.");
    browser
        .post("/secrets/OPENAI_API_KEY", &[("value", "sk-newer")])
        .await
        .is(303);
    browser
        .get("/secrets/OPENAI_API_KEY")
        .await
        .says("has a new value")
        .says_not("sk-newer");

    browser
        .post("/new-secret", &[("name", "lower"), ("value", "v-hidden")])
        .await
        .is(422)
        .says("capitals, digits")
        .says_not("v-hidden");
    browser
        .post("/new-secret", &[("name", "UNUSED"), ("value", "v")])
        .await
        .is(303);
    browser
        .post("/secrets/UNUSED/delete", &[("confirm", "UNUSED")])
        .await
        .is(303);
    browser.get("/secrets/UNUSED").await.is(404);
}

#[tokio::test]
async fn a_form_that_comes_after_the_session_had_ended_can_be_sent_again() {
    let mut browser = Browser::signed_in().await;
    browser.forget_cookies();
    let page = browser.post("/new-provider", PROVIDER).await;
    page.is(401)
        .says("What you typed is kept on this page")
        .says("The value of the new secret is not kept.")
        .says("action=\"/new-provider\"")
        .says_not("sk-very-secret");
    for (name, value) in PROVIDER
        .iter()
        .filter(|(name, value)| !value.is_empty() && *name != "openai.new_value")
    {
        assert_eq!(value_of(&page, name), *value);
    }
    browser
        .post("/new-token", &[("name", "ci")])
        .await
        .is(401)
        .says_not("Send again");
    browser
        .post_from("cross-site", "/new-provider", PROVIDER)
        .await
        .is(403)
        .says_not("OpenAI main");
}

#[tokio::test]
async fn a_pricing_dialog_has_an_address() {
    let mut browser = Browser::signed_in().await;
    browser
        .post(
            "/new-provider",
            &with(&[("model", "gpt-4o"), ("model", "a/b c")]),
        )
        .await
        .is(303);
    let edit = "/providers/openai-main/edit";
    browser
        .get(edit)
        .await
        .says(" popover=\"auto\"")
        .says_not(" popover=\"auto\" open");
    browser
        .get(&format!("{edit}?price=a%2Fb+c"))
        .await
        .says(" popover=\"auto\" open data-pencil=\"price.a/b c\"");
    browser
        .get(&format!("{edit}?price=gpt-5"))
        .await
        .says("gpt-5 is not in this provider’s list of models")
        .says_not(" popover=\"auto\" open");
    // What is wrong in a dialog is in sight at once.
    let wrong = with(&[
        ("version", "1"),
        ("openai.key_from", "existing"),
        ("openai.key", "OPENAI_API_KEY"),
        ("model", "gpt-4o"),
        ("rate.output.gpt-4o", "much"),
    ]);
    browser
        .post(edit, &wrong)
        .await
        .is(422)
        .says(" popover=\"auto\" open data-pencil=\"price.gpt-4o\"");
}
