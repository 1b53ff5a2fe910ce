//! Re-pricing: which calls, what would change, and applying it; what leads there.

use domain::{
    CallId, ProviderId, Timestamp,
    call::{Call, CallStart, Operation, Outcome},
    pricing::{Charge, PriceState},
    provider::ProviderType,
    usage::Usage,
};
use journal::{Entry, Journal, Position, SyncPolicy};
use store::ledger::Writer;
use uuid::Uuid;

use crate::browser::{Browser, Page, value_of};

/// The form, filled in for the calls of the tests.
const FORM: [(&str, &str); 4] = [
    ("from", "2026-11-01T00:00"),
    ("to", "2026-11-20T00:00"),
    ("provider", "main"),
    ("model", "own-model"),
];

/// An unpriced call of a million tokens in.
fn call(number: u128, model: &str) -> Call {
    let started_at: Timestamp = "2026-11-10T10:00:00Z".parse().unwrap();
    let ms = u128::try_from(started_at.as_millisecond()).unwrap();
    let mut usage = Usage::default();
    usage.tokens.input = Some(1_000_000);
    Call {
        start: CallStart {
            id: CallId(Uuid::from_u128((ms << 80) | (7 << 76) | (2 << 62) | number)),
            started_at,
            provider: ProviderId::new("main").unwrap(),
            provider_type: ProviderType::OpenAiCompatible,
            model: Some(model.to_owned()),
            requested_model: Some(model.to_owned()),
            operation: Operation::Chat,
            streamed: false,
            agent: None,
            user: None,
            conversation: None,
            token: None,
            endpoint: None,
            attempt_of: None,
            catalog_version: "2025-01-01".to_owned(),
            estimated_input: None,
        },
        status: 200,
        outcome: Outcome::Ok,
        latency_us: 1,
        ttfb_us: None,
        overhead_us: 1,
        replied_model: None,
        upstream_request_id: None,
        service_tier: None,
        geography: None,
        background_response: None,
        usage,
        usage_mismatch: false,
        price_state: PriceState::Unpriced,
        charge: Charge::default(),
    }
}

/// A console with a provider and two unpriced calls of it.
async fn with_calls() -> Browser {
    let mut browser = Browser::signed_in().await;
    let fields = [
        ("do", "save"),
        ("display_name", "Main"),
        ("type", "openai_compatible"),
        ("openai_compatible.base_url", "http://llm.example/v1"),
        ("model", "own-model"),
    ];
    browser.post("/new-provider", &fields).await.is(303);
    record(&browser, [call(1, "own-model"), call(2, "own-model")]).await;
    browser
}

/// Puts calls into the ledger.
async fn record<const N: usize>(browser: &Browser, calls: [Call; N]) {
    let folder = tempfile::tempdir().unwrap();
    let (_, reader) = Journal::open(folder.path(), SyncPolicy::Off).unwrap();
    let mut writer = Writer::new(browser.store.clone(), reader).unwrap();
    let entries = calls.map(|call| Entry::Finish(Box::new(call))).into();
    writer.record(entries, Position::default()).await.unwrap();
}

async fn set_rate(browser: &Browser, rate: &str) {
    let patch = serde_json::json!({"models": [{"id": "own-model", "rates": {"input": rate, "output": rate}}]});
    let newest = admin::providers::BasedOn::Newest;
    let providers = browser.admin.providers();
    let who = admin::Who::system();
    providers.update(&who, "main", newest, patch).await.unwrap();
}

/// Has what is due done, as the server does in the background.
async fn work(browser: &Browser) {
    browser.admin.repricing().work().await.unwrap();
}

/// Sends the form; the address of what was asked for.
async fn asked(browser: &mut Browser, form: &[(&str, &str)]) -> String {
    let answer = browser.post("/repricing/new", form).await;
    answer.is(303);
    answer.leads_to().to_owned()
}

async fn apply(browser: &mut Browser, path: &str, seen: &Page) -> Page {
    let fingerprint = value_of(seen, "fingerprint").to_owned();
    let fields = [("fingerprint", fingerprint.as_str())];
    browser.post(&format!("{path}/apply"), &fields).await
}

#[tokio::test]
async fn the_difference_is_seen_then_applied_and_each_call_keeps_its_price_before() {
    let mut browser = with_calls().await;
    set_rate(&browser, "2").await;
    browser
        .get("/repricing")
        .await
        .is(200)
        .says("Nothing was priced again yet");
    let path = asked(&mut browser, &FORM).await;
    browser
        .get(&path)
        .await
        .is(200)
        .says("Working out the difference")
        .says("Reload")
        .says(">Cancel<");
    work(&browser).await;
    let seen = browser.get(&path).await;
    seen.is(200)
        .says("Re-pricing of 1 Nov to 19 Nov")
        .says("+$4.00")
        .says("2 calls before")
        .says("10 Nov 2026")
        .says("Apply to 2 calls")
        .says("By model");
    let call = call(1, "own-model").start.id;
    browser
        .get(&format!("/calls?open={call}"))
        .await
        .says("A bucket with tokens has no rate")
        .says("/repricing/new?provider=main&amp;model=own-model&amp;from=2026-11-10T00:00:00&amp;to=2026-11-11T00:00:00&amp;only_unpriced=on")
        .says_not("Prices before");

    let applied = apply(&mut browser, &path, &seen).await;
    assert_eq!(
        (applied.status.as_u16(), applied.leads_to()),
        (303, path.as_str())
    );
    browser
        .get(&path)
        .await
        .says("Being applied")
        .says("New prices so far: 0 of 2 calls.");
    work(&browser).await;
    browser
        .get(&path)
        .await
        .says("What became of it")
        .says(" by Ada")
        .says_not("Apply to")
        .says_not("Discard");
    browser
        .get(&format!("/calls?open={call}"))
        .await
        .says("$2.000000000")
        .says("Prices before")
        .says("Priced again")
        .says(" by Ada; before: ");
    browser
        .get("/repricing")
        .await
        .says("Applied")
        .says("+$4.00")
        .says("Main; own-model");
    browser
        .get("/audit?kind=repricing")
        .await
        .says("Proposed")
        .says("Applied")
        .says("Finished");
    // Once more there is nothing to change.
    let again = asked(&mut browser, &FORM).await;
    work(&browser).await;
    browser
        .get(&again)
        .await
        .says("No call would cost anything else")
        .says_not("Apply to");
    browser.post(&format!("{again}/discard"), &[]).await.is(303);
    browser
        .get("/repricing")
        .await
        .says("The re-pricing is discarded");
    browser.get(&again).await.is(404);
    // The audit leads to what is there, and not to what was discarded.
    browser
        .get("/audit?kind=repricing")
        .await
        .says("Discarded")
        .says(&format!("href=\"{path}\""))
        .says_not(&format!("href=\"{again}\""));
}

#[tokio::test]
async fn a_model_is_asked_for_as_it_is_called_and_calls_without_one_too() {
    let mut browser = with_calls().await;
    let mut calls = [call(3, "a,b"), call(4, "a"), call(5, "b"), call(6, "")];
    calls[3].start.model = None;
    record(&browser, calls).await;
    let form = |model: (&'static str, &'static str)| [FORM[0], FORM[1], FORM[2], model];
    for (chosen, looked, told) in [
        (("model", "a,b"), "of 1 call that", "Main; a,b"),
        (("models", "a\nb\n"), "of 2 calls that", "Main; a, b"),
        (
            ("model.none", "on"),
            "of 1 call that",
            "Main; calls without a model",
        ),
        (("models", " "), "of 6 calls that", "Main; every model"),
    ] {
        let path = asked(&mut browser, &form(chosen)).await;
        work(&browser).await;
        let seen = browser.get(&path).await;
        seen.says(looked).says(told);
    }
    browser
        .get("/calls?price_state=unpriced&model=a,b&model.none=on")
        .await
        .says("/repricing/new?model=a,b&amp;model.none=on&amp;only_unpriced=on");
}

#[tokio::test]
async fn rates_that_changed_since_are_told_and_nothing_is_applied() {
    let mut browser = with_calls().await;
    set_rate(&browser, "2").await;
    let path = asked(&mut browser, &FORM).await;
    work(&browser).await;
    let seen = browser.get(&path).await;
    set_rate(&browser, "3").await;
    apply(&mut browser, &path, &seen)
        .await
        .is(409)
        .says("have changed since this was computed, so nothing was applied")
        .says("Working out the difference");
    work(&browser).await;
    browser.get(&path).await.says("+$6.00");
    browser
        .get("/calls?price_state=unpriced")
        .await
        .says("2 calls");
}

#[tokio::test]
async fn a_form_that_is_wrong_keeps_what_was_typed() {
    let mut browser = with_calls().await;
    let wrong = [
        ("from", "2026-11-20T00:00"),
        ("to", "2026-11-01T00:00"),
        ("provider", "main"),
        ("model", "a,b"),
        ("model.none", "on"),
        ("models", "own-model\nother"),
        ("only_unpriced", "on"),
        ("wider", "agent"),
    ];
    let page = browser.post("/repricing/new", &wrong).await;
    page.is(422)
        .says("The end must be after the beginning.")
        .says(r#"name="provider" value="main" checked"#)
        .says(r#"name="model" value="a,b" checked"#)
        .says(r#"name="model.none" value="on" checked"#)
        .says(">own-model\nother</textarea>")
        .says("narrowed by agent");
    assert_eq!(value_of(&page, "from"), "2026-11-20T00:00");
    assert_eq!(value_of(&page, "wider"), "agent");
    let page = browser.post("/repricing/new", &[("from", "soon")]).await;
    page.is(422).says("Choose date and time.");
    assert_eq!(value_of(&page, "from"), "soon");
    browser
        .post("/repricing/new", &[])
        .await
        .is(422)
        .says("Say from when on");
}

#[tokio::test]
async fn unpriced_calls_lead_to_the_form_filled_in() {
    let mut browser = with_calls().await;
    let list = "/calls?price_state=unpriced&provider=main&from=2026-11-01";
    browser
        .get(list)
        .await
        .says("/repricing/new?provider=main&amp;from=2026-11-01&amp;only_unpriced=on");
    browser.get("/calls").await.says_not("Price them again");
    // Without a range it is all of them.
    let all = browser.get("/repricing/new?only_unpriced=on").await;
    assert_eq!(value_of(&all, "from"), "2026-11-10T10:00:00");
    // What cannot be carried over is told, in the list and on the form.
    let narrowed = "/calls?price_state=unpriced&agent.none=on&status=200";
    browser
        .get(narrowed)
        .await
        .says("A re-pricing cannot be narrowed by agent and status")
        .says("Price calls like these again")
        .says("/repricing/new?only_unpriced=on&amp;wider=agent&amp;wider=status");
    browser
        .get("/repricing/new?only_unpriced=on&wider=agent&wider=status&wider=evil")
        .await
        .says("narrowed by agent and status. A re-pricing cannot be")
        .says_not("evil.");
    let form = browser
        .get("/repricing/new?provider=main&model=own-model&from=2026-11-10T00:00:00&only_unpriced=on")
        .await;
    // What is to be done first, and where.
    form.is(200)
        .says("There is no rate for <code>own-model</code>")
        .says("/providers/main/edit?price=own-model");
    assert_eq!(value_of(&form, "from"), "2026-11-10T00:00:00");
    form.says(r#"name="model" value="own-model" checked"#);
    set_rate(&browser, "2").await;
    let filled = "/repricing/new?provider=main&model=own-model";
    browser.get(filled).await.says_not("There is no rate");
    browser
        .get("/repricing/new?provider=gone")
        .await
        .says("gone is deleted");
}
