//! Deleting what was said, and how much of it is kept.

use super::{LIST, day, gone, listed, with_conversations};

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
