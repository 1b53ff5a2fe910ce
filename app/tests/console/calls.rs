//! The page of calls: every filter, the pages back and forth, a row opened, and what is new.

use axum::body::Body;
use domain::{
    CallId, NanoUsd, ProviderId, Timestamp, TokenId,
    call::{Call, CallStart, Operation, Outcome},
    pricing::{AppliedRate, Charge, PriceState, RateSource},
    provider::ProviderType,
    usage::Usage,
};
use http::Request;
use journal::{Entry, Journal, Position, SyncPolicy};
use store::ledger::Writer;
use tower_sessions::{SessionStore as _, session::Id};

use crate::browser::{Browser, Page};

const TOKEN: &str = "01932c07-0000-7000-8000-000000000007";

/// Puts calls into the ledger.
pub(crate) async fn record(browser: &Browser, calls: &[Call]) {
    let folder = browser.folder.path().join("journal");
    let (_, reader) = Journal::open(&folder, SyncPolicy::Off).unwrap();
    let mut writer = Writer::new(browser.store.clone(), reader).unwrap();
    let entries = calls
        .iter()
        .map(|call| Entry::Finish(Box::new(call.clone())));
    writer
        .record(entries.collect(), Position::default())
        .await
        .unwrap();
}

/// The id of a call, which begins with its time.
fn id(number: u64) -> CallId {
    let ms = started(number).as_millisecond();
    format!(
        "{:08x}-{:04x}-7000-8000-{number:012x}",
        ms >> 16,
        ms & 0xffff
    )
    .parse()
    .unwrap()
}

/// A call each minute.
fn started(number: u64) -> Timestamp {
    let first: Timestamp = "2026-11-19T10:00:00Z".parse().unwrap();
    let seconds = 60 * i64::try_from(number).unwrap();
    Timestamp::from_second(first.as_second() + seconds).unwrap()
}

/// A call of 1,234 tokens at 2.50 dollars per million.
pub(crate) fn call(number: u64, change: impl FnOnce(&mut Call)) -> Call {
    let mut usage = Usage::default();
    usage.tokens.input = Some(1_234);
    let mut charge = Charge::default();
    charge.cost.input = Some(NanoUsd(3_085_000));
    charge.total = Some(NanoUsd(3_085_000));
    charge.rates.input = Some(AppliedRate {
        usd_per_mtok: "2.5".parse().unwrap(),
        source: RateSource::Override,
    });
    let mut call = Call {
        start: CallStart {
            id: id(number),
            started_at: started(number),
            provider: ProviderId::new("main").unwrap(),
            provider_type: ProviderType::OpenAi,
            model: Some("gpt-4o".to_owned()),
            requested_model: Some("gpt-4o".to_owned()),
            operation: Operation::Chat,
            streamed: false,
            agent: Some("bot".to_owned()),
            user: Some("ada".to_owned()),
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
        ttfb_us: Some(500_000),
        overhead_us: 80,
        replied_model: None,
        upstream_request_id: None,
        service_tier: None,
        geography: None,
        background_response: None,
        usage,
        usage_mismatch: false,
        price_state: PriceState::Priced,
        charge,
    };
    change(&mut call);
    call
}

/// One call for each filter, after one that is like none of them.
fn one_of_each() -> Vec<Call> {
    vec![
        call(0, |_| {}),
        call(1, |it| {
            it.start.provider = ProviderId::new("other").unwrap()
        }),
        call(2, |it| it.start.model = Some("gpt-5".to_owned())),
        call(3, |it| it.start.agent = None),
        call(4, |it| it.start.user = Some("bo".to_owned())),
        call(5, |it| {
            it.start.token = Some(TOKEN.parse::<TokenId>().unwrap())
        }),
        call(6, |it| it.outcome = Outcome::Truncated),
        call(7, |it| {
            it.status = 429;
            it.outcome = Outcome::UpstreamError;
        }),
        call(8, |it| {
            it.price_state = PriceState::Unpriced;
            it.charge.total = None;
        }),
        call(9, |it| it.start.operation = Operation::Embeddings),
        call(10, |it| it.charge.total = Some(NanoUsd(60_000_001))),
        call(11, |it| it.latency_us = 12_345_678),
    ]
}

/// The numbers of the calls that a page shows, from the top.
fn shown(page: &Page) -> Vec<u64> {
    page.is(200);
    page.text
        .split(" id=\"call-")
        .skip(1)
        .map(|row| u64::from_str_radix(row.get(24..36).unwrap(), 16).unwrap())
        .collect()
}

#[tokio::test]
async fn each_filter_leaves_what_it_says_alone_and_with_others() {
    let mut browser = Browser::signed_in().await;
    record(&browser, &one_of_each()).await;
    let others = |number: u64| (0..12).rev().filter(|other| *other != number).collect();
    let token = format!("token={TOKEN}");
    let cases: [(&str, Vec<u64>); 26] = [
        ("", (0..12).rev().collect()),
        ("provider=other", vec![1]),
        ("provider.not=other", others(1)),
        ("model=gpt-5", vec![2]),
        ("model=gpt-5&model=gpt-4o", (0..12).rev().collect()),
        ("agent=", vec![3]),
        ("agent.none=on", vec![3]),
        ("agent.not=", others(3)),
        ("agent.not=bot", vec![3]),
        ("user=bo", vec![4]),
        ("user.not=bo", others(4)),
        (&token, vec![5]),
        ("token=", others(5)),
        ("outcome=truncated", vec![6]),
        ("outcome=upstream_error&status=429", vec![7]),
        ("status=4xx", vec![7]),
        ("price_state=unpriced", vec![8]),
        ("operation=embeddings", vec![9]),
        ("cost_above=0.06", vec![10]),
        ("cost_above=0.060000001", vec![]),
        ("latency_above=12345", vec![11]),
        ("latency_above=12346", vec![]),
        (
            "from=2026-11-19T10:03:00Z&to=2026-11-19T10:05:00Z",
            vec![4, 3],
        ),
        (
            "from=2026-11-19T10:03&user=bo&provider=main&outcome=ok",
            vec![4],
        ),
        ("user=bo&provider=other", vec![]),
        ("range=1h", vec![]),
    ];
    for (query, expected) in cases {
        let page = browser.get(&format!("/calls?{query}")).await;
        assert_eq!(shown(&page), expected, "{query}");
    }
}

#[tokio::test]
async fn each_active_filter_has_a_chip_that_takes_it_away() {
    let mut browser = Browser::signed_in().await;
    record(&browser, &one_of_each()).await;
    browser
        .get("/calls?agent.not=probe&user=&provider=other")
        .await
        .says("Remove the filter Agent is not probe")
        .says("Remove the filter User nobody")
        .says("Remove the filter Provider other")
        .says("href=\"/calls?user.none=on&amp;provider=other\"")
        .says("href=\"/calls?agent.not=probe&amp;provider=other\"")
        // Other filters keep it, also where a form loses what is empty.
        .says("name=\"user.none\" value=\"on\"");
    browser
        .get("/calls?status=abc&cost_above=-1")
        .await
        .is(400)
        .says("The filter status cannot be used")
        .says("The filter cost above cannot be used");
}

/// Where a link of the page leads, by its id.
fn link(page: &Page, id: &str) -> Option<String> {
    let tag = page.text.split("<a ").find(|tag| {
        let tag = tag.split('>').next().unwrap_or_default();
        tag.contains(&format!("id=\"{id}\""))
    })?;
    let address = tag.split("href=\"").nth(1)?.split('"').next()?;
    Some(address.replace("&amp;", "&"))
}

#[tokio::test]
async fn pages_lead_back_as_they_lead_on() {
    let mut browser = Browser::signed_in().await;
    let calls: Vec<Call> = (0..34).map(|number| call(number, |_| {})).collect();
    record(&browser, &calls).await;
    let numbers = |range: std::ops::Range<u64>| -> Vec<u64> { range.rev().collect() };
    let first = browser.get("/calls?rows=10&agent=bot").await;
    assert_eq!(shown(&first), numbers(24..34));
    assert_eq!(link(&first, "page-newer"), None);
    let mut pages = vec![];
    let mut page = first;
    while let Some(older) = link(&page, "page-older") {
        page = browser.get(&older).await;
        pages.push(shown(&page));
    }
    assert_eq!(pages, [numbers(14..24), numbers(4..14), numbers(0..4)]);
    for expected in [numbers(4..14), numbers(14..24), numbers(24..34)] {
        page = browser.get(&link(&page, "page-newer").unwrap()).await;
        assert_eq!(shown(&page), expected);
    }
    assert_eq!(link(&page, "page-newest"), None);
}

#[tokio::test]
async fn an_opened_row_writes_its_sum_out() {
    let mut browser = Browser::signed_in().await;
    record(&browser, &[call(0, |_| {})]).await;
    let opened = browser.get(&format!("/calls?open={}", id(0))).await;
    for words in [
        "What it cost",
        "1,234",
        "$2.50",
        "$0.003085000",
        "override",
        "Copy as JSON",
        r"total\&quot;: \&quot;0.003085000\&quot;",
    ] {
        opened.says(words);
    }
}

#[tokio::test]
async fn a_list_that_is_followed_is_told_how_many_are_new() {
    let mut browser = Browser::signed_in().await;
    record(&browser, &[call(0, |_| {}), call(1, |_| {})]).await;
    let off = browser.get("/calls").await;
    off.says("aria-checked=\"false\"").says_not("data-follow");
    browser
        .get("/calls?follow=on&agent=bot&user=")
        .await
        .says("aria-checked=\"true\"")
        .says("data-follow=\"2\"")
        .says("data-new=\"/calls/new?agent=bot&amp;user=\"");
    // An older page is not one to which new calls come.
    browser
        .get("/calls?follow=on&cursor=1")
        .await
        .says_not("data-follow");
    let asked = "/calls/new?agent=bot";
    browser.get(&format!("{asked}&after=2")).await.says("0 2");
    let new = [
        call(2, |_| {}),
        // Begun earlier than those that are there, and recorded later.
        call(3, |it| it.start.started_at = started(0)),
        call(4, |it| it.start.agent = None),
    ];
    record(&browser, &new).await;
    let told = browser.get(&format!("{asked}&after=2")).await;
    assert_eq!(told.is(200).text, "2 5");
    assert_eq!(browser.get(&format!("{asked}&after=5")).await.text, "0 5");
    assert_eq!(browser.get("/calls/new?agent=&after=2").await.text, "1 5");
    browser.get("/calls/new?agent=bot").await.is(404);
}

/// When the session was last seen to be used; set back to an hour ago.
async fn seen_an_hour_ago(browser: &Browser) -> i64 {
    let sessions = browser.store.sessions();
    let id: Id = browser
        .cookie("__Host-weir_session")
        .unwrap()
        .parse()
        .unwrap();
    let mut record = sessions.load(&id).await.unwrap().unwrap();
    let held = record.data.get_mut("signed_in").unwrap();
    let seen = held["seen"].as_i64().unwrap();
    held["seen"] = (Timestamp::now().as_second() - 3_600).into();
    sessions.save(&record).await.unwrap();
    seen
}

#[tokio::test]
async fn a_list_that_is_followed_does_not_keep_its_session_alive() {
    let mut browser = Browser::signed_in().await;
    let now = Timestamp::now().as_second();
    assert!(seen_an_hour_ago(&browser).await > now - 60);
    for path in ["/calls/new?after=0", "/calls?follow=on"] {
        let asked = Request::get(path).header("x-weir-by-itself", "1");
        let answer = browser.send(asked.body(Body::empty()).unwrap()).await;
        answer.is(200);
        assert_eq!(answer.header("set-cookie"), "");
        assert!(seen_an_hour_ago(&browser).await < now - 3_000, "{path}");
    }
    // Whoever does something is there.
    browser.get("/calls?follow=on").await.is(200);
    assert!(seen_an_hour_ago(&browser).await > now - 60);
}
