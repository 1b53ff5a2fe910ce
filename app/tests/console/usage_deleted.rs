//! Cost & Usage where calls, or their sums too, are deleted: what was summed is what is named, and it is said.

use domain::{CallId, Timestamp, call::Call, pricing::PriceState};
use journal::{Journal, SyncPolicy};
use store::{AuditEntry, ledger::Writer, retention::Keep};

use crate::{
    browser::{Browser, Page},
    calls,
};

const DAY: i64 = 86_400;
const COST: &str = "0.003085";

/// A moment of the day ten days ago, or of one after it: hours and minutes, UTC.
fn at(day: i64, clock: &str) -> String {
    let today = Timestamp::now().as_second().div_euclid(DAY);
    let date = Timestamp::from_second((today - 10 + day) * DAY).unwrap();
    let midnight = date.to_string();
    midnight.replace("00:00:00Z", &format!("{clock}:00"))
}

fn call(number: u64, day: i64, clock: &str, change: impl FnOnce(&mut Call)) -> Call {
    let started_at: Timestamp = format!("{}Z", at(day, clock)).parse().unwrap();
    let ms = u128::try_from(started_at.as_millisecond()).unwrap();
    let id = (ms << 80) | (7 << 76) | (2 << 62) | u128::from(number);
    calls::call(number, |call| {
        call.start.id = CallId(uuid::Uuid::from_u128(id));
        call.start.started_at = started_at;
        change(call);
    })
}

fn odd(call: &mut Call) {
    call.start.model = Some("odd".to_owned());
}

fn unpriced(call: &mut Call) {
    odd(call);
    call.price_state = PriceState::Unpriced;
    call.charge.total = None;
}

/// Calls of ten and nine days ago, and nothing left of them but their sums.
async fn with_sums() -> Browser {
    let browser = Browser::signed_in().await;
    let calls = [
        call(1, 0, "10:05", |_| {}),
        call(2, 0, "10:20", |_| {}),
        call(3, 0, "12:00", unpriced),
        call(4, 1, "12:00", odd),
    ];
    calls::record(&browser, &calls).await;
    keep(&browser, 5, None).await;
    browser
}

async fn keep(browser: &Browser, calls_days: u32, sums_days: Option<u32>) {
    let keep = Keep {
        calls_days: Some(calls_days),
        sums_days,
    };
    let entry = AuditEntry {
        at: Timestamp::now(),
        actor: "system".to_owned(),
        action: "update".to_owned(),
        object_kind: "storage".to_owned(),
        object_id: "storage".to_owned(),
        before: None,
        after: None,
        address: None,
    };
    browser.store.retention().set(keep, &entry).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (_, reader) = Journal::open(folder.path(), SyncPolicy::Off).unwrap();
    let mut writer = Writer::new(browser.store.clone(), reader).unwrap();
    writer.seal(Timestamp::now()).await.unwrap();
}

async fn usage(browser: &mut Browser, from: &str, to: &str, more: &str) -> Page {
    let page = format!("/usage?customStart={from}&customEnd={to}{more}");
    let page = browser.get(&page).await;
    page.is(200);
    page
}

/// What stands between two texts, the first time.
fn between<'a>(page: &'a Page, before: &str, after: &str) -> &'a str {
    let (_, rest) = page.text.split_once(before).unwrap();
    rest.split_once(after).unwrap().0
}

#[tokio::test]
async fn where_all_calls_are_deleted_there_were_some_all_the_same() {
    let mut browser = with_sums().await;
    browser
        .get("/usage?range=24h")
        .await
        .is(200)
        .says("There was no call in this range.")
        .says(">Last 14 days</a>")
        .says_not("No calls yet");
    browser
        .get("/usage?range=24h&agent=nobody")
        .await
        .says("No call of this range fits the filters.")
        .says(">Clear filters</a>")
        .says_not("Clear search");
}

#[tokio::test]
async fn the_range_that_is_named_is_the_one_that_was_summed() {
    let mut browser = with_sums().await;
    let (from, to) = (at(0, "10:07"), at(0, "10:22"));
    let page = usage(&mut browser, &from, &to, "&compare=previous").await;
    page.says("and their sums are kept by quarter hours.")
        .says("This range is counted as ")
        .says("The period before is counted as ");
    let lede = between(&page, "<p class=\"lede\">", "</p>");
    assert!(
        lede.contains(" 10:00 to ") && lede.contains(" 10:30 "),
        "{lede}"
    );
    let row = between(&page, "<tbody><tr><th scope=\"row\">", "</th>");
    assert!(row.contains("until ") && row.ends_with("10:30"), "{row}");
    // Both calls are in it, and neither is in the period before.
    let total = between(&page, "id=\"requests-table\"", "</table>");
    let (_, total) = total.rsplit_once("strong\">").unwrap();
    assert!(total.starts_with("2<"), "{total}");
    page.says("0 before");
    let report = format!("/usage/report?customStart={from}&customEnd={to}");
    browser.get(&report).await.says("This range is counted as ");
    let whole = usage(&mut browser, &at(0, "00:00"), &at(1, "00:00"), "").await;
    whole.says_not("is counted");
}

#[tokio::test]
async fn figures_that_are_gone_are_no_nothing() {
    let mut browser = with_sums().await;
    keep(&browser, 5, Some(9)).await;
    let page = usage(&mut browser, &at(0, "00:00"), &at(2, "00:00"), "").await;
    page.says("Figures begin with ")
        .says("older sums are deleted. This range is counted from there on. There are none of the period before.")
        .says_not("nothing before");
    let page = usage(
        &mut browser,
        &at(1, "00:00"),
        &at(2, "00:00"),
        "&compare=previous",
    )
    .await;
    page.says("There are none of the period before.")
        .says("no figures before")
        .says_not("nothing before");
}

#[tokio::test]
async fn what_has_no_rate_is_nowhere_free() {
    let mut browser = with_sums().await;
    let day = (at(0, "00:00"), at(1, "00:00"));
    let page = usage(&mut browser, &day.0, &day.1, "&group_by=model").await;
    let models = between(&page, "aria-labelledby=\"top-model\"", "</section>");
    let (_, odd) = models.split_once(">odd<").unwrap();
    let odd = odd.split_once("</li>").unwrap().0;
    assert!(
        odd.contains(">1 unpriced</a>") && odd.contains(">–<"),
        "{odd}"
    );
    assert!(!odd.contains('$') && !odd.contains("0.0 %"), "{odd}");
    assert!(odd.contains("model=odd&amp;price_state=unpriced"), "{odd}");
    let providers = between(&page, "aria-labelledby=\"top-provider\"", "</section>");
    assert!(providers.contains("+ 1 unpriced</a>"), "{providers}");
    page.says("odd<small class=\"muted\"> (1 unpriced)</small>");
    // The next day has a price; the one before had none, which is not nothing.
    let next = (at(1, "00:00"), at(2, "00:00"));
    let page = usage(
        &mut browser,
        &next.0,
        &next.1,
        "&model=odd&compare=previous",
    )
    .await;
    page.says("1 unpriced call before").says(COST);
    let spend = between(&page, "id=\"spend-title\"", "class=\"end\"");
    assert!(!spend.contains("nothing before"), "{spend}");
}
