//! Settings, Storage: how long calls and sums are kept, asked about before anything is deleted.

use domain::{
    CallId, NanoUsd, ProviderId, Timestamp,
    call::{Call, CallStart, Operation, Outcome},
    pricing::{Charge, PriceState},
    provider::ProviderType,
    usage::Usage,
};
use journal::{Entry, Journal, Position, SyncPolicy};
use store::ledger::Writer;

use crate::browser::{Browser, Page, value_of};

const PATH: &str = "/settings/storage";
const DAY: i64 = 86_400;

/// A writer without a journal of its own.
fn writer(browser: &Browser) -> (tempfile::TempDir, Writer) {
    let folder = tempfile::tempdir().unwrap();
    let (_, reader) = Journal::open(folder.path(), SyncPolicy::Off).unwrap();
    let writer = Writer::new(browser.store.clone(), reader).unwrap();
    (folder, writer)
}

fn call(days_ago: i64) -> Call {
    let at = Timestamp::from_second(Timestamp::now().as_second() - days_ago * DAY).unwrap();
    let ms = u128::try_from(at.as_millisecond()).unwrap();
    let id = (ms << 80) | (7 << 76) | (2 << 62) | u128::try_from(days_ago).unwrap();
    Call {
        start: CallStart {
            id: CallId(uuid::Uuid::from_u128(id)),
            started_at: at,
            provider: ProviderId::new("main").unwrap(),
            provider_type: ProviderType::OpenAi,
            model: Some("gpt-4o".to_owned()),
            requested_model: None,
            operation: Operation::Chat,
            streamed: false,
            agent: None,
            user: None,
            conversation: None,
            token: None,
            endpoint: None,
            attempt_of: None,
            catalog_version: "2026-11-15".to_owned(),
            estimated_input: None,
        },
        status: 200,
        outcome: Outcome::Ok,
        latency_us: 2_000_000,
        ttfb_us: None,
        overhead_us: 80,
        replied_model: None,
        upstream_request_id: None,
        service_tier: None,
        geography: None,
        background_response: None,
        usage: Usage::default(),
        usage_mismatch: false,
        price_state: PriceState::Priced,
        charge: Charge {
            total: Some(NanoUsd(0)),
            ..Charge::default()
        },
    }
}

/// Twenty calls, one a day.
async fn with_calls() -> Browser {
    let browser = Browser::signed_in().await;
    let entries = (0..20).map(|day| Entry::Finish(Box::new(call(day))));
    let (_folder, mut writer) = writer(&browser);
    writer
        .record(entries.collect(), Position::default())
        .await
        .unwrap();
    writer.seal(Timestamp::now()).await.unwrap();
    browser
}

async fn delete(browser: &Browser) {
    let (_folder, mut writer) = writer(browser);
    writer.seal(Timestamp::now()).await.unwrap();
}

fn keep<'a>(calls: &'a str, sums: &'a str) -> [(&'a str, &'a str); 2] {
    [("keep_calls_days", calls), ("keep_sums_days", sums)]
}

/// Agrees to what a page asks.
async fn agree(browser: &mut Browser, asked: &Page) -> Page {
    let fields = ["keep_calls_days", "keep_sums_days", "agreed"]
        .map(|name| (name, unescaped(value_of(asked, name))));
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    browser.post(PATH, &fields).await
}

fn unescaped(text: &str) -> String {
    text.replace("&quot;", "\"").replace("&amp;", "&")
}

#[tokio::test]
async fn everything_is_kept_until_somebody_says_otherwise() {
    let mut browser = with_calls().await;
    let page = browser.get(PATH).await;
    page.is(200)
        .says(r#"href="/settings/storage" aria-current="page""#)
        .says("20 in the ledger")
        .says("nothing at the moment")
        .says("They have not been checked yet.");
    // Longer than there are calls: nothing would go, and so nothing is asked.
    let saved = browser.post(PATH, &keep("400", "")).await;
    assert_eq!(saved.is(303).leads_to(), PATH);
    browser
        .get(PATH)
        .await
        .says("Calls are kept for 400 days, sums for ever")
        .says(r#"value="400""#);
}

#[tokio::test]
async fn what_would_go_is_told_and_asked_about_before_it_goes() {
    let mut browser = with_calls().await;
    let asked = browser.post(PATH, &keep("5", "12")).await;
    asked
        .is(200)
        .says("Keep calls for 5 days, and sums for 12 days?")
        .says("<b>14 calls</b>")
        .says("All figures from before ")
        .says("Nothing is saved or deleted yet.")
        .says("Save and delete");
    let settings = browser.admin.settings();
    let who = admin::Who::system();
    let as_before = settings.get(&who).await.unwrap();
    assert_eq!(as_before.keep_calls_days, None);
    agree(&mut browser, &asked).await.is(303);
    browser
        .get(PATH)
        .await
        .says("Calls are kept for 5 days, sums for 12 days")
        .says("14 calls from before ");
    delete(&browser).await;
    browser
        .get(PATH)
        .await
        .says("6 in the ledger")
        .says("Calls deleted before")
        .says("14 rows")
        .says("Figures begin")
        .says("nothing at the moment");
    let list = browser.get("/calls").await;
    list.is(200)
        .says("Calls that began before ")
        .says("their sums stay in Cost &amp; Usage");
    browser
        .get("/calls?to=2020-01-01")
        .await
        .is(200)
        .says("their sums stay in Cost &amp; Usage");
    browser
        .get("/audit?kind=ledger")
        .await
        .is(200)
        .says("Weir itself")
        .says("Ledger")
        .says(r#"href="/settings/storage""#);
}

#[tokio::test]
async fn what_was_agreed_to_is_what_was_shown() {
    let mut browser = with_calls().await;
    let asked = browser.post(PATH, &keep("5", "")).await;
    asked.is(200).says("<b>14 calls</b>");
    let agreed = unescaped(value_of(&asked, "agreed"));
    // Another number than the one that was shown.
    let other = [
        ("keep_calls_days", "3"),
        ("keep_sums_days", ""),
        ("agreed", agreed.as_str()),
    ];
    browser
        .post(PATH, &other)
        .await
        .is(200)
        .says("<b>16 calls</b>");
    let settings = browser.admin.settings();
    let as_before = settings.get(&admin::Who::system()).await.unwrap();
    assert_eq!(as_before.keep_calls_days, None);
}

#[tokio::test]
async fn what_cannot_be_is_refused_beside_the_field() {
    let mut browser = with_calls().await;
    for (calls, sums, words) in [
        ("0", "", "Write whole days, from 1 to 36,500."),
        ("soon", "", "Write whole days, from 1 to 36,500."),
        ("-3", "", "Write whole days, from 1 to 36,500."),
        (
            "",
            "30",
            "While calls are kept for ever, so are the sums over them.",
        ),
        (
            "31",
            "30",
            "Keep sums as long as calls at least, which is 31 days.",
        ),
    ] {
        let page = browser.post(PATH, &keep(calls, sums)).await;
        page.is(422).says(words).says(r#"aria-invalid="true""#);
        assert_eq!(value_of(&page, "keep_calls_days"), calls);
        assert_eq!(value_of(&page, "keep_sums_days"), sums);
    }
}

#[tokio::test]
async fn the_books_are_checked_at_a_button() {
    let mut browser = with_calls().await;
    let begun = browser.post("/settings/storage/check", &[]).await;
    assert_eq!(begun.is(303).leads_to(), PATH);
    let who = admin::Who::system();
    while browser.admin.storage().get(&who).await.unwrap().checking {
        tokio::task::yield_now().await;
    }
    browser
        .get(PATH)
        .await
        .says("The books are being checked")
        .says("They balance")
        .says(" sums with 20 calls");
}

#[tokio::test]
async fn a_check_that_breaks_off_is_told_and_can_be_asked_for_again() {
    let mut browser = with_calls().await;
    // On a runtime that ends before the check does.
    let admin = browser.admin.clone();
    let broken_off = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let check = async { admin.storage().check(&admin::Who::system()) };
        runtime.unwrap().block_on(check)
    });
    assert!(broken_off.join().unwrap());
    browser
        .get(PATH)
        .await
        .says("The check that broke off ")
        .says("whether the books balance is not known")
        .says("Check the books")
        .says_not("They have not been checked yet.");
    browser.post("/settings/storage/check", &[]).await.is(303);
    let who = admin::Who::system();
    while browser.admin.storage().get(&who).await.unwrap().checking {
        tokio::task::yield_now().await;
    }
    browser
        .get(PATH)
        .await
        .says("They balance")
        .says_not("broke off");
}
