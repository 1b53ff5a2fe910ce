//! Transcripts: the list, a conversation, raw bodies and files of them, deleting, and what is kept.

use std::{sync::LazyLock, time::Duration};

use ::transcripts::{Recorded, RecordedBody};
use bytes::Bytes;
use domain::{
    CallId, Timestamp,
    call::{Call, Outcome},
};

use crate::{
    browser::{Browser, Page},
    calls::{self, record},
};

const LIST: &str = "/transcripts";

/// When the first call began: three days ago, so that nothing is as old as what is deleted by itself.
static BEGINNING: LazyLock<i64> = LazyLock::new(|| Timestamp::now().as_second() - 3 * 86_400);

/// A moment, so many minutes after the beginning.
fn moment(minutes: i64) -> Timestamp {
    Timestamp::from_second(*BEGINNING + 60 * minutes).unwrap()
}

/// The day of a moment that is so many days before now.
fn day(days_ago: i64) -> String {
    let at = Timestamp::from_second(Timestamp::now().as_second() - days_ago * 86_400).unwrap();
    at.to_string().chars().take(10).collect()
}

/// A call each minute.
fn call(number: i64, change: impl FnOnce(&mut Call)) -> Call {
    calls::call(0, |it| {
        it.start.started_at = moment(number);
        let ms = u128::try_from(it.start.started_at.as_millisecond()).unwrap();
        let id = (ms << 80) | (7 << 76) | (2 << 62) | u128::try_from(number).unwrap();
        it.start.id = CallId(uuid::Uuid::from_u128(id));
        change(it);
    })
}

fn body(text: impl Into<Bytes>) -> Option<RecordedBody> {
    let kept = text.into();
    Some(RecordedBody {
        content_type: Some("application/json".to_owned()),
        content_encoding: None,
        bytes: u64::try_from(kept.len()).unwrap(),
        kept,
    })
}

/// A question as the chat API has it.
fn asks(messages: &[(&str, &str)]) -> String {
    let messages: Vec<serde_json::Value> = messages
        .iter()
        .map(|(role, content)| serde_json::json!({ "role": role, "content": content }))
        .collect();
    serde_json::json!({ "model": "gpt-4o", "messages": messages }).to_string()
}

/// An answer as the chat API has it.
fn answers(text: &str) -> String {
    serde_json::json!({
        "id": "chatcmpl-1", "object": "chat.completion", "model": "gpt-4o",
        "choices": [{ "index": 0, "message": { "role": "assistant", "content": text }, "finish_reason": "stop" }],
    })
    .to_string()
}

/// Records a call with both bodies, in the ledger too.
async fn say(browser: &Browser, call: Call, names: &[&str], request: &str, response: &str) {
    record(browser, std::slice::from_ref(&call)).await;
    browser.recorder.take(Recorded {
        call,
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        request: body(request.to_owned()),
        response: body(response.to_owned()),
    });
    written(browser).await;
}

/// Waits until nothing waits to be written.
async fn written(browser: &Browser) {
    for _ in 0..500 {
        let health = browser.recorder.health();
        assert_eq!(health.trouble, None);
        if health.waiting == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it was not written");
}

/// Waits until what was deleted is gone.
async fn gone(browser: &Browser) {
    for _ in 0..1_000 {
        let deletions = browser.recorder.health().deletions;
        if !deletions.is_empty() && deletions.iter().all(|it| it.ended_at.is_some()) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it was not deleted");
}

/// Two turns of one conversation, and one of another.
async fn with_conversations() -> Browser {
    let browser = Browser::signed_in().await;
    let (first, answer) = ("Where is my bookcase?", "It left *yesterday*.");
    say(
        &browser,
        call(1, |_| {}),
        &["talk-1"],
        &asks(&[("system", "You sort mail."), ("user", first)]),
        &answers(answer),
    )
    .await;
    let again = [
        ("system", "You sort mail."),
        ("user", first),
        ("assistant", answer),
        ("user", "And the lamp?"),
    ];
    say(
        &browser,
        call(2, |_| {}),
        &["talk-1"],
        &asks(&again),
        &answers("Tomorrow."),
    )
    .await;
    let other = call(3, |it| {
        it.start.agent = Some("review".to_owned());
        it.outcome = Outcome::Truncated;
    });
    say(
        &browser,
        other,
        &["talk-2"],
        &asks(&[("user", "Is this Rust idiomatic?")]),
        &answers("Mostly."),
    )
    .await;
    browser
}

/// The addresses of the conversations that a page lists, from the top.
fn listed(page: &Page) -> Vec<String> {
    page.is(200);
    let rows = page.text.split("<td class=\"title\"><a href=\"").skip(1);
    rows.map(|row| row.split('"').next().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn where_nothing_is_recorded_the_list_says_what_to_switch_on() {
    let mut browser = Browser::signed_in().await;
    browser
        .get(LIST)
        .await
        .is(200)
        .says("Nothing is recorded")
        .says(r#"href="/new-provider""#)
        .says(r#"href="/transcripts" aria-current="page""#);
}

#[tokio::test]
async fn the_list_has_filters_search_and_pages() {
    let mut browser = with_conversations().await;
    let all = listed(&browser.get(LIST).await);
    assert_eq!(all.len(), 2);
    let page = browser.get(LIST).await;
    page.says("<bdi>Where is my bookcase?</bdi>")
        .says("<bdi>Is this Rust idiomatic?</bdi>")
        .says("2 conversations");
    for (query, expected) in [
        ("agent=review", vec![0]),
        ("agent.not=review", vec![1]),
        ("outcome=truncated", vec![0]),
        ("provider=main", vec![0, 1]),
        ("provider=other", vec![]),
        ("q=lamp", vec![1]),
        ("q=bookcase+yesterday", vec![1]),
        ("q=bookcase+idiomatic", vec![]),
        ("q=idiom", vec![0]),
        ("q=%22+OR+%2A+NEAR%28", vec![]),
        (&format!("from={}", moment(3)), vec![0]),
        (&format!("to={}", moment(3)), vec![1]),
    ] {
        let found = listed(&browser.get(&format!("{LIST}?{query}")).await);
        let expected: Vec<String> = expected
            .into_iter()
            .map(|place: usize| all[place].clone())
            .collect();
        assert_eq!(found, expected, "{query}");
    }
    browser
        .get(&format!("{LIST}?q=lamp"))
        .await
        .says("<mark>lamp</mark>");
    browser
        .get(&format!("{LIST}?outcome=nonsense"))
        .await
        .is(400)
        .says("The filter outcome cannot be used");
}

#[tokio::test]
async fn a_conversation_shows_each_message_once() {
    let mut browser = with_conversations().await;
    let path = listed(&browser.get(LIST).await)[1].clone();
    let page = browser.get(&path).await;
    page.is(200)
        .says("<h1>Where is my bookcase?</h1>")
        .says("<p>It left <em>yesterday</em>.</p>")
        .says("3 earlier messages came along")
        .says("$0.0031")
        .says("<p>Tomorrow.</p>");
    for words in [
        "<p>Where is my bookcase?</p>",
        "<p>And the lamp?</p>",
        "You sort mail.</bdi>",
    ] {
        assert_eq!(page.text.matches(words).count(), 1, "{words}");
    }
    let second = call(2, |_| {}).start.id;
    let opened = browser.get(&format!("{path}?earlier={second}")).await;
    assert_eq!(
        opened.text.matches("<p>Where is my bookcase?</p>").count(),
        2
    );
    let raw = browser.get(&format!("{path}?raw={second}")).await;
    raw.says("&quot;content&quot;:&quot;And the lamp?&quot;")
        .says("Hide raw bodies");
    browser
        .get("/transcripts/01932c07-0000-7000-8000-00000000ffff")
        .await
        .is(404);
    browser.get("/transcripts/nonsense").await.is(404);
}

#[tokio::test]
async fn a_call_leads_to_its_turn() {
    let mut browser = with_conversations().await;
    let conversation = listed(&browser.get(LIST).await)[1].clone();
    let second = call(2, |_| {}).start.id;
    let way = format!("/transcripts/call/{second}");
    browser
        .get(&format!("/calls?open={second}"))
        .await
        .is(200)
        .says(&way);
    let led = browser.get(&way).await;
    assert_eq!(
        led.is(303).leads_to(),
        format!("{conversation}#call-{second}")
    );
    let unrecorded = call(9, |_| {});
    record(&browser, std::slice::from_ref(&unrecorded)).await;
    let id = unrecorded.start.id;
    browser
        .get(&format!("/calls?open={id}"))
        .await
        .is(200)
        .says_not("/transcripts/call/");
    browser
        .get(&format!("/transcripts/call/{id}"))
        .await
        .is(404);
}

#[tokio::test]
async fn files_of_what_others_wrote_may_do_nothing() {
    let mut browser = Browser::signed_in().await;
    let hostile = "<script>alert(1)</script>";
    say(&browser, call(1, |_| {}), &[], hostile, &answers(hostile)).await;
    let id = call(1, |_| {}).start.id;
    let file = browser
        .get(&format!("/transcripts/call/{id}/request"))
        .await;
    file.is(200);
    assert_eq!(file.text, hostile);
    let answer = browser
        .get(&format!("/transcripts/call/{id}/response"))
        .await;
    let conversation = listed(&browser.get(LIST).await)[0].clone();
    let messages = browser
        .get(&format!("{conversation}/export?format=openai"))
        .await;
    let raw = browser
        .get(&format!("{conversation}/export?format=raw"))
        .await;
    for (file, media_type) in [
        (&file, "text/plain; charset=utf-8"),
        (&answer, "text/plain; charset=utf-8"),
        (&messages, "application/json"),
        (&raw, "application/json"),
    ] {
        assert_eq!(file.is(200).header("content-type"), media_type);
        assert!(
            file.header("content-disposition")
                .starts_with("attachment; ")
        );
        assert_eq!(
            file.header("content-security-policy"),
            "sandbox; default-src 'none'"
        );
        assert_eq!(file.header("x-content-type-options"), "nosniff");
        assert_eq!(file.header("cache-control"), "no-store");
    }
    let messages: serde_json::Value = serde_json::from_str(&messages.text).unwrap();
    assert_eq!(messages["messages"][0]["content"], hostile);
    let raw: serde_json::Value = serde_json::from_str(&raw.text).unwrap();
    assert_eq!(raw["calls"][0]["request"]["body"], hostile);
    browser
        .get(&format!("{conversation}/export?format=pdf"))
        .await
        .is(400);
    // In the page it is text.
    browser
        .get(&conversation)
        .await
        .is(200)
        .says("&lt;script&gt;")
        .says_not("<script>alert");
}

#[tokio::test]
async fn a_conversation_is_deleted_after_one_is_asked_and_its_costs_stay() {
    let mut browser = with_conversations().await;
    let path = listed(&browser.get(LIST).await)[1].clone();
    browser
        .get(&format!("{path}/delete"))
        .await
        .is(200)
        .says("2 transcripts of this conversation")
        .says("Calls and their costs stay")
        .says("Nothing is deleted yet");
    assert_eq!(listed(&browser.get(LIST).await).len(), 2);
    let deleted = browser.post(&format!("{path}/delete"), &[]).await;
    assert_eq!(deleted.is(303).leads_to(), LIST);
    browser
        .get(LIST)
        .await
        .says("The conversation is being deleted");
    gone(&browser).await;
    assert_eq!(listed(&browser.get(LIST).await).len(), 1);
    browser.get(&path).await.is(404);
    browser.get("/calls").await.says("$0.0031");
    browser
        .get("/settings/transcripts")
        .await
        .is(200)
        .says("Gone from every file")
        .says("2 transcripts");
}

#[tokio::test]
async fn all_of_a_provider_or_before_a_day_are_deleted_by_their_name() {
    let mut browser = with_conversations().await;
    let path = "/transcripts/delete";
    browser
        .get(path)
        .await
        .is(200)
        .says("All of a provider")
        .says("All before a day");
    browser
        .get(&format!("{path}?before={}", day(9)))
        .await
        .is(200)
        .says("there is none");
    browser
        .get(&format!("{path}?before=nonsense"))
        .await
        .is(422)
        .says("Write a day");
    browser
        .get(&format!("{path}?before=2999-01-01"))
        .await
        .is(422)
        .says("yet to come");
    browser
        .get(&format!("{path}?provider=No+Id"))
        .await
        .is(422)
        .says("no provider’s id");
    browser
        .get(&format!("{path}?provider=main"))
        .await
        .is(200)
        .says("3 transcripts at the moment");
    let yesterday = day(1);
    browser
        .post(path, &[("before", &yesterday), ("confirm", "2026-11-02")])
        .await
        .is(422)
        .says(&format!("This is not {yesterday}. Nothing was deleted."))
        .says(r#"value="2026-11-02""#);
    assert_eq!(listed(&browser.get(LIST).await).len(), 2);
    let deleted = browser
        .post(path, &[("before", &yesterday), ("confirm", &yesterday)])
        .await;
    assert_eq!(deleted.is(303).leads_to(), LIST);
    gone(&browser).await;
    browser.get(LIST).await.is(200).says("Nothing is recorded");
    browser
        .get("/audit?kind=transcripts")
        .await
        .is(200)
        .says(&yesterday);
}

#[tokio::test]
async fn how_much_is_kept_is_set_and_asked_about_where_something_goes() {
    let mut browser = with_conversations().await;
    let path = "/settings/transcripts";
    browser
        .get(path)
        .await
        .is(200)
        .says(r#"value="30""#)
        .says(r#"value="1024""#)
        .says("Conversations");
    browser
        .post(
            path,
            &[
                ("keep_transcripts_days", "0"),
                ("transcript_max_body_bytes", "15"),
            ],
        )
        .await
        .is(422)
        .says("Write whole KiB, from 16 to 32768.")
        .says(r#"value="15""#);
    let set = browser
        .post(
            path,
            &[
                ("keep_transcripts_days", ""),
                ("transcript_max_body_bytes", "64"),
            ],
        )
        .await;
    assert_eq!(set.is(303).leads_to(), path);
    browser
        .get(path)
        .await
        .says("Transcripts are kept for ever")
        .says(r#"value="64""#);
    let days = [
        ("keep_transcripts_days", "1"),
        ("transcript_max_body_bytes", ""),
    ];
    browser
        .post(path, &days)
        .await
        .is(200)
        .says("Keep transcripts for 1 day?")
        .says("3 transcripts are deleted.")
        .says("Nothing is saved or deleted yet.");
    browser
        .get(path)
        .await
        .says_not(r#"value="1""#)
        .says(r#"value="64""#);
    let agreed = [days[0], days[1], ("agreed", "1")];
    assert_eq!(browser.post(path, &agreed).await.is(303).leads_to(), path);
    browser
        .get(path)
        .await
        .says(r#"value="1""#)
        .says(r#"value="1024""#);
}

#[tokio::test]
async fn who_opened_a_conversation_is_in_the_audit() {
    let mut browser = with_conversations().await;
    let path = listed(&browser.get(LIST).await)[0].clone();
    browser.get(&path).await.is(200);
    let id = path.trim_start_matches("/transcripts/");
    browser
        .get(&format!("/audit?kind=conversation&object={id}"))
        .await
        .is(200)
        .says("Ada")
        .says_not("idiomatic");
}
