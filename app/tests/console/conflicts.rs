//! Two admins who change one provider at once: the second is told, with both versions, and chooses.

use admin::{
    Who,
    providers::{BasedOn, ItsTranscripts, ProviderView},
};
use serde_json::{Value, json};

use crate::browser::{Browser, Page, value_of};

const EDIT: &str = "/providers/rack/edit";

/// A browser with the provider `rack`, which others can change.
async fn with_rack(models: Value) -> Browser {
    let browser = Browser::signed_in().await;
    let draft = admin::providers::ProviderDraft::read(json!({
        "id": "rack", "display_name": "Rack", "type": "openai_compatible", "base_url": "https://a.example/v1", "models": models,
    }));
    let providers = browser.admin.providers();
    providers.create(&Who::system(), &draft).await.unwrap();
    browser
}

/// Another one changes it through the REST API.
async fn another(browser: &Browser, patch: Value) {
    let providers = browser.admin.providers();
    providers
        .update(&Who::system(), "rack", BasedOn::Newest, patch)
        .await
        .unwrap();
}

async fn saved(browser: &Browser) -> ProviderView {
    let providers = browser.admin.providers();
    providers.get(&Who::system(), "rack").await.unwrap()
}

/// The form as it was opened, with other values.
fn form<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("do", "save"),
        ("version", "1"),
        ("display_name", "Rack"),
        ("openai_compatible.base_url", "https://a.example/v1"),
        ("openai_compatible.inject_stream_usage", "on"),
        ("openai_compatible.key_from", "existing"),
    ];
    for change in more {
        fields.retain(|(name, _)| *name != change.0 || *name == "model");
        fields.push(*change);
    }
    fields
}

/// Whether the radio of a part is chosen for a side.
fn is_chosen(page: &Page, part: &str, side: &str) -> bool {
    let name = format!("name=\"keep.{part}\"");
    let value = format!("value=\"{side}\"");
    page.text
        .split('<')
        .find(|tag| tag.contains(&name) && tag.contains(&value))
        .unwrap()
        .contains(" checked")
}

#[tokio::test]
async fn the_second_is_told_with_both_versions_and_chooses() {
    let mut browser = with_rack(json!([])).await;
    another(
        &browser,
        json!({"display_name": "Theirs", "base_url": "https://b.example/v1"}),
    )
    .await;
    let mine = [
        ("display_name", "Mine"),
        ("record_inputs", "on"),
        ("openai_compatible.new_value", "sk-never"),
    ];
    let page = browser.post(EDIT, &form(&mine)).await;
    page.is(412)
        .says("Somebody else changed this provider")
        .says("Weir itself saved it while you had it open")
        .says("3 differences")
        .says("Both changed it: choose")
        .says("Only they changed it")
        .says("Only you changed it")
        .says("https://a.example/v1")
        .says("https://b.example/v1")
        .says_not("sk-never")
        .says_not("Other paths");
    assert!(!is_chosen(&page, "display_name", "theirs"));
    assert!(!is_chosen(&page, "display_name", "yours"));
    assert!(is_chosen(&page, "base_url", "theirs"));
    assert!(is_chosen(&page, "record_inputs", "yours"));
    assert_eq!(saved(&browser).await.display_name, "Theirs");

    let merge = [("do", "merge"), ("seen", "2")];
    let choosing = |more: &[(&'static str, &'static str)]| {
        let all: Vec<_> = mine.iter().chain(&merge).chain(more).copied().collect();
        form(&all)
    };
    let open = browser.post(EDIT, &choosing(&[])).await;
    open.is(422).says("Choose one of the two.");
    assert!(is_chosen(&open, "base_url", "theirs"));
    browser
        .post(EDIT, &choosing(&[("keep.display_name", "yours")]))
        .await
        .is(303);
    let saved = saved(&browser).await;
    assert_eq!(
        (saved.display_name.as_str(), saved.base_url.as_deref()),
        ("Mine", Some("https://b.example/v1"))
    );
    assert!(saved.record_inputs && saved.version == 3);
}

#[tokio::test]
async fn one_can_go_back_to_the_form_and_finds_what_one_typed() {
    let mut browser = with_rack(json!([])).await;
    another(&browser, json!({"display_name": "Theirs"})).await;
    let page = browser
        .post(
            EDIT,
            &form(&[("do", "back"), ("seen", "2"), ("display_name", "Mine")]),
        )
        .await;
    assert_eq!(value_of(page.is(200), "display_name"), "Mine");
    assert_eq!(value_of(&page, "version"), "1");
    browser
        .post(EDIT, &form(&[("display_name", "Mine")]))
        .await
        .is(412);
}

#[tokio::test]
async fn models_are_chosen_one_by_one() {
    let with_rate = |rate: &str| json!({"id": "a", "rates": {"input": rate}});
    let mut browser = with_rack(json!([with_rate("1"), {"id": "b"}])).await;
    another(
        &browser,
        json!({"models": [with_rate("2"), {"id": "b"}, {"id": "c"}]}),
    )
    .await;
    let mine = [
        ("model", "a"),
        ("model", "b"),
        ("rate.input.a", "0"),
        ("model_name.b", "Bee"),
    ];
    let page = browser.post(EDIT, &form(&mine)).await;
    page.is(412)
        .says("Model a")
        .says("$2.00")
        .says("free")
        .says("Model c")
        .says("not selected");
    assert!(is_chosen(&page, "model.c", "theirs"));
    assert!(is_chosen(&page, "model.b", "yours"));
    let mut answer = form(&mine);
    answer.retain(|(name, _)| *name != "do");
    answer.extend([("do", "merge"), ("seen", "2"), ("keep.model.a", "theirs")]);
    browser.post(EDIT, &answer).await.is(303);
    let saved = serde_json::to_value(saved(&browser).await.models).unwrap();
    assert_eq!(
        saved,
        json!([with_rate("2"), {"id": "b", "display_name": "Bee"}, {"id": "c"}])
    );
}

#[tokio::test]
async fn a_third_change_is_told_like_the_first() {
    let mut browser = with_rack(json!([])).await;
    another(&browser, json!({"display_name": "Second"})).await;
    another(&browser, json!({"display_name": "Third"})).await;
    let chosen = form(&[
        ("do", "merge"),
        ("seen", "2"),
        ("keep.display_name", "yours"),
        ("display_name", "Mine"),
    ]);
    let page = browser.post(EDIT, &chosen).await;
    page.is(412)
        .says("It was changed once more while you were choosing")
        .says("Third");
    assert!(!is_chosen(&page, "display_name", "yours"));
    assert_eq!(saved(&browser).await.display_name, "Third");
    let mut chosen = chosen;
    chosen.retain(|(name, _)| *name != "seen");
    chosen.push(("seen", "3"));
    browser.post(EDIT, &chosen).await.is(303);
    assert_eq!(saved(&browser).await.display_name, "Mine");
}

#[tokio::test]
async fn switching_it_off_stands_in_nobodys_way() {
    let mut browser = with_rack(json!([])).await;
    let providers = browser.admin.providers();
    providers
        .set_enabled(&Who::system(), "rack", false)
        .await
        .unwrap();
    browser
        .post(EDIT, &form(&[("display_name", "Mine")]))
        .await
        .is(303);
    let saved = saved(&browser).await;
    assert_eq!(
        (saved.display_name.as_str(), saved.enabled),
        ("Mine", false)
    );
}

#[tokio::test]
async fn the_same_change_twice_asks_nothing() {
    let mut browser = with_rack(json!([])).await;
    another(&browser, json!({"display_name": "Same"})).await;
    browser
        .post(
            EDIT,
            &form(&[("display_name", "Same"), ("other_paths", "on")]),
        )
        .await
        .is(303);
    assert!(saved(&browser).await.other_paths);
}

#[tokio::test]
async fn what_is_wrong_comes_first_and_what_is_wrong_together_is_told_in_the_form() {
    let mut browser = with_rack(json!([])).await;
    another(&browser, json!({"preset": "groq"})).await;
    browser
        .post(EDIT, &form(&[("openai_compatible.base_url", "nonsense")]))
        .await
        .is(422)
        .says("Write a whole address");
    let draft = admin::providers::ProviderDraft::read(json!({
        "id": "cloud", "display_name": "Cloud", "type": "bedrock", "region": "us-east-1",
    }));
    let providers = browser.admin.providers();
    providers.create(&Who::system(), &draft).await.unwrap();
    let fips = json!({"fips": true});
    providers
        .update(&Who::system(), "cloud", BasedOn::Newest, fips)
        .await
        .unwrap();
    let mut mine = vec![
        ("do", "save"),
        ("version", "1"),
        ("display_name", "Cloud"),
        ("bedrock.region", "us-east-1"),
        ("bedrock.base_url", "https://vpce.example"),
    ];
    let edit = "/providers/cloud/edit";
    browser.post(edit, &mine).await.is(412);
    mine.extend([("seen", "2"), ("do", "merge")]);
    mine.remove(0);
    let page = browser.post(edit, &mine).await;
    page.is(422).says("exclude each other");
    assert_eq!(value_of(&page, "bedrock.base_url"), "https://vpce.example");
    assert_eq!(
        value_of(&page, "version"),
        "2",
        "from here on it is based on theirs"
    );
}

#[tokio::test]
async fn without_the_version_nothing_is_overwritten() {
    let mut browser = with_rack(json!([])).await;
    let mut unversioned = form(&[("display_name", "Mine")]);
    unversioned.retain(|(name, _)| *name != "version");
    browser
        .post(EDIT, &unversioned)
        .await
        .is(412)
        .says("not known any more");
    assert_eq!(saved(&browser).await.display_name, "Rack");
}

#[tokio::test]
async fn a_provider_that_is_deleted_meanwhile_can_be_made_anew() {
    let mut browser = with_rack(json!([])).await;
    let providers = browser.admin.providers();
    providers
        .delete(
            &Who::system(),
            "rack",
            BasedOn::Newest,
            ItsTranscripts::Keep,
        )
        .await
        .unwrap();
    let mut mine = form(&[
        ("display_name", "Mine"),
        ("id", "rack"),
        ("type", "openai_compatible"),
        ("model", "own"),
        ("openai_compatible.new_value", "sk-never"),
    ]);
    let page = browser.post(EDIT, &mine).await;
    page.is(404)
        .says("Weir itself deleted this provider just now, while you had it open")
        .says("Create provider")
        .says("Selected, 1")
        .says_not("sk-never");
    assert_eq!(value_of(&page, "display_name"), "Mine");
    assert_eq!(value_of(&page, "id"), "");
    mine.retain(|(name, _)| *name != "id");
    browser.post("/new-provider", &mine).await.is(303);
    browser
        .post("/providers/never-was/edit", &mine)
        .await
        .is(404)
        .says("It does not exist");
    browser.get(EDIT).await.is(404);
}
