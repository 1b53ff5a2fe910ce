//! What was said in calls: to which conversation each goes, and how it is found and read again.

use std::collections::HashMap;

use crate::common::{
    Place, at,
    said::{link, listed, looking_for, open, said, said_by},
};
use domain::{ConversationId, NanoUsd, Timestamp, pricing::PriceState};
use jiff::SignedDuration;
use store::transcripts::{ConversationFilter, NewTranscript, Transcripts};
use weir_store as store;

fn minutes(n: i64) -> Timestamp {
    at("2025-11-20T10:00:00Z") + SignedDuration::from_mins(n)
}

async fn all(transcripts: &Transcripts) -> Vec<store::transcripts::Conversation> {
    let found = listed(transcripts, &ConversationFilter::default(), 100).await;
    found
        .into_iter()
        .map(|(conversation, _)| conversation)
        .collect()
}

/// Of each call, in which conversation it is and how many messages were known.
async fn places(transcripts: &Transcripts) -> HashMap<u64, (ConversationId, u64)> {
    let mut places = HashMap::new();
    for conversation in all(transcripts).await {
        for turn in transcripts
            .turns(conversation.id, 100, None)
            .await
            .unwrap()
            .items
        {
            let n = (turn.call.0.as_u128() & 0xffff_ffff) as u64;
            places.insert(n, (conversation.id, turn.known_messages));
        }
    }
    places
}

#[tokio::test]
async fn messages_that_go_on_are_one_conversation() {
    let place = Place::new();
    let transcripts = open(&place).await;
    let first = said(1, minutes(0), &["hello"], "hi");
    let second = said(2, minutes(1), &["hello", "hi", "how are you"], "well");
    let other = said(3, minutes(2), &["bonjour"], "salut");
    // Calls of one batch may continue each other.
    transcripts
        .add(&[first, second.clone(), other])
        .await
        .unwrap();
    let third = said(
        4,
        minutes(3),
        &["hello", "hi", "how are you", "well", "and now"],
        "still",
    );
    // What is there already stays as it is.
    transcripts.add(&[second, third]).await.unwrap();

    let found = all(&transcripts).await;
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].title.as_deref(), Some("hello"));
    assert_eq!((found[0].calls, found[0].tokens), (3, 3_300));
    assert_eq!(found[0].cost, NanoUsd(10_500_000));
    assert_eq!(
        (found[0].started_at, found[0].last_at),
        (minutes(0), minutes(3))
    );
    let places = places(&transcripts).await;
    assert_eq!(places[&1].1, 0);
    assert_eq!(places[&2], (found[0].id, 2));
    assert_eq!(places[&4], (found[0].id, 4));
    assert_eq!(places[&3].0, found[1].id);
}

#[tokio::test]
async fn the_longest_beginning_wins_then_the_newest_and_only_for_a_day() {
    let place = Place::new();
    let transcripts = open(&place).await;
    transcripts
        .add(&[
            said(1, minutes(0), &["q"], "a"),
            said(2, minutes(1), &["q"], "a"),
            said(3, minutes(2), &["q", "a", "left"], "x"),
        ])
        .await
        .unwrap();
    transcripts
        .add(&[
            // A retry goes where its parent is, which is its own earlier try's conversation.
            said(4, minutes(3), &["q", "a", "left"], "y"),
            said(5, minutes(4), &["q", "a", "left", "y", "z"], "w"),
            said(6, minutes(24 * 60 + 30), &["q", "a", "late"], "w"),
            // The same as call 1, with no earlier message: by itself.
            said(7, minutes(5), &["q"], "b"),
        ])
        .await
        .unwrap();
    let places = places(&transcripts).await;
    assert_ne!(places[&1].0, places[&2].0);
    assert_eq!(places[&3], (places[&2].0, 2));
    assert_eq!(places[&4], (places[&2].0, 2));
    assert_eq!(places[&5], (places[&2].0, 4));
    assert_eq!(places[&6].1, 0);
    assert!(![1, 2, 7].iter().any(|n| places[n].0 == places[&6].0));
    assert!(![1, 2].iter().any(|n| places[n].0 == places[&7].0));
}

#[tokio::test]
async fn a_long_history_finds_a_short_beginning() {
    let place = Place::new();
    let transcripts = open(&place).await;
    let texts: Vec<String> = (0..120).map(|n| format!("message {n}")).collect();
    let messages: Vec<&str> = texts.iter().map(String::as_str).collect();
    transcripts
        .add(&[unanswered(said(1, minutes(0), &messages[..3], ""))])
        .await
        .unwrap();
    transcripts
        .add(&[said(2, minutes(1), &messages, "it")])
        .await
        .unwrap();
    let places = places(&transcripts).await;
    assert_eq!(places[&2], (places[&1].0, 3));
    assert!(
        listed(&transcripts, &looking_for("\"message 2\""), 9)
            .await
            .len()
            == 1
    );
}

/// A call whose answer is not known: its messages alone lead to it.
fn unanswered(mut new: NewTranscript) -> NewTranscript {
    let last = new.asked.last().map(|heard| heard.link);
    new.continued_by = last.into_iter().collect();
    new
}

#[tokio::test]
async fn of_two_who_begin_with_the_same_words_each_goes_on_with_the_own_answer() {
    let place = Place::new();
    let transcripts = open(&place).await;
    let ask = |n, messages: &[&str]| said(n, minutes(n as i64), messages, "and");
    let mut named = ask(5, &["named"]);
    named.names = vec![link("session")];
    let mut named_on = ask(6, &["named", "changed", "more"]);
    named_on.names = vec![link("session")];
    transcripts
        .add(&[
            said(1, minutes(1), &["hello"], "one"),
            said(2, minutes(2), &["hello"], "two"),
            ask(3, &["hello", "one", "next"]),
            ask(4, &["hello", "changed", "next"]),
            named,
        ])
        .await
        .unwrap();
    // Without a name, in another batch.
    transcripts
        .add(&[named_on, ask(7, &["named", "changed", "more"])])
        .await
        .unwrap();
    let places = places(&transcripts).await;
    assert_eq!(places[&3], (places[&1].0, 2));
    assert_eq!(places[&4].1, 0);
    assert!(![1, 2].iter().any(|n| places[n].0 == places[&4].0));
    // A name leads there, and the messages alone tell what was said before.
    assert_eq!(places[&6], (places[&5].0, 1));
    assert_ne!(places[&7].0, places[&5].0);
}

#[tokio::test]
async fn of_very_many_messages_the_last_ones_are_looked_at() {
    let place = Place::new();
    let transcripts = open(&place).await;
    let texts: Vec<String> = (0..1_000).map(|n| format!("message {n}")).collect();
    let messages: Vec<&str> = texts.iter().map(String::as_str).collect();
    let mut long = said(2, minutes(1), &messages, "it");
    long.earlier_messages = 400;
    long.asked.drain(..400);
    let mut on = messages.clone();
    on.extend(["it", "goes on"]);
    let mut longer = said(3, minutes(2), &on, "fine");
    longer.earlier_messages = 402;
    longer.asked.drain(..402);
    let far = unanswered(said(1, minutes(0), &messages[..403], ""));
    transcripts.add(&[far]).await.unwrap();
    transcripts.add(&[long]).await.unwrap();
    transcripts.add(&[longer]).await.unwrap();
    let places = places(&transcripts).await;
    // More than what is looked up lies between.
    assert_eq!(places[&2].1, 0);
    assert_ne!(places[&2].0, places[&1].0);
    assert_eq!(places[&3], (places[&2].0, 1_001));
    let found = listed(&transcripts, &looking_for("\"message 999\""), 9).await;
    assert_eq!(found.len(), 1);
}

#[tokio::test]
async fn a_conversation_is_called_by_its_first_call_that_has_a_title() {
    let place = Place::new();
    let transcripts = open(&place).await;
    let titled = |n, title: Option<&str>| {
        let mut new = said(n, minutes(n as i64), &[], "");
        new.names = vec![link("one")];
        new.title = title.map(str::to_owned);
        new
    };
    for (n, title, now) in [
        (5, None, None),
        (6, Some("sixth"), Some("sixth")),
        (7, Some("seventh"), Some("sixth")),
        (3, Some("third"), Some("third")),
        (2, None, Some("third")),
    ] {
        transcripts.add(&[titled(n, title)]).await.unwrap();
        assert_eq!(all(&transcripts).await[0].title.as_deref(), now, "{n}");
    }
}

#[tokio::test]
async fn the_links_of_a_conversation_tell_which_calls_would_join_it() {
    let place = Place::new();
    let transcripts = open(&place).await;
    let mut named = said(1, minutes(0), &["hello"], "hi");
    named.names = vec![link("a"), link("b")];
    transcripts.add(std::slice::from_ref(&named)).await.unwrap();
    let id = all(&transcripts).await[0].id;
    let links = transcripts.links(id, 10).await.unwrap();
    assert!(transcripts.links(id, 1).await.unwrap().len() == 1);
    assert!(named.leads_to(&links));
    assert!(said(2, minutes(1), &["hello", "hi", "on"], "").leads_to(&links));
    assert!(!said(3, minutes(1), &["hello"], "hi").leads_to(&links));
    assert!(!said(4, minutes(1), &["hello", "other", "on"], "").leads_to(&links));
    named.names.reverse();
    named.is_placed = true;
    named.names[0] = link("c");
    assert!(!named.leads_to(&links));
}

#[tokio::test]
async fn names_lead_to_their_conversation_however_old() {
    let place = Place::new();
    let transcripts = open(&place).await;
    let named = |n, minute, names: &[&str], messages: &[&str]| {
        let mut new = said(n, minutes(minute), messages, "fine");
        new.names = names.iter().map(|name| link(name)).collect();
        new
    };
    transcripts
        .add(&[
            named(1, 0, &["weir:a", "session:1"], &["hello"]),
            named(2, 1, &["weir:b", "session:2"], &["hello"]),
        ])
        .await
        .unwrap();
    let mut placed = named(4, 3, &["weir:unknown", "session:2"], &["something else"]);
    placed.is_placed = true;
    transcripts
        .add(&[
            named(3, 60 * 24 * 40, &["weir:a"], &["hello", "fine", "again"]),
            placed,
            named(6, 3, &["unknown", "session:1"], &["something else"]),
            // Its client says that it is another one, whatever its messages are.
            named(5, 4, &["weir:c"], &["hello", "fine", "more"]),
        ])
        .await
        .unwrap();
    let places = places(&transcripts).await;
    assert_ne!(places[&1].0, places[&2].0);
    // Also where another conversation had the same messages since.
    assert_eq!(places[&3], (places[&1].0, 2));
    assert_eq!(places[&6], (places[&1].0, 0));
    // The name that was given to place it decides, also where another one is known.
    assert!(![1, 2].iter().any(|n| places[n].0 == places[&4].0));
    assert!(![1, 2].iter().any(|n| places[n].0 == places[&5].0));
}

#[tokio::test]
async fn bodies_come_back_as_they_were() {
    let place = Place::new();
    let transcripts = open(&place).await;
    let mut new = said(1, minutes(0), &["hello"], "hi");
    new.response = None;
    if let Some(request) = &mut new.request {
        request.bytes = 9_000;
        request.content_type = None;
    }
    transcripts.add(std::slice::from_ref(&new)).await.unwrap();
    let call = new.call.start.id;
    let read = transcripts.transcript(call).await.unwrap().unwrap();
    let request = read.request.unwrap();
    assert_eq!(request.bytes, b"hello");
    assert_eq!((request.info.bytes, request.info.kept_bytes), (9_000, 5));
    assert_eq!(read.turn.request, Some(request.info));
    assert_eq!((read.response, read.turn.response), (None, None));
    let unknown = crate::common::call_id(minutes(0), 77);
    assert_eq!(transcripts.transcript(unknown).await.unwrap(), None);
    assert_eq!(transcripts.has(&[unknown, call]).await.unwrap(), [call]);
    let room = transcripts.room().await.unwrap();
    assert_eq!((room.transcripts, room.conversations), (1, 1));
    assert_eq!(room.oldest_at, Some(minutes(0)));
}

#[tokio::test]
async fn turns_come_in_pages_oldest_first() {
    let place = Place::new();
    let transcripts = open(&place).await;
    let mut new: Vec<NewTranscript> = (0..7)
        .map(|n| said(n, minutes(n as i64 / 3), &[], ""))
        .collect();
    for new in &mut new {
        new.names = vec![link("one")];
    }
    new.reverse();
    transcripts.add(&new).await.unwrap();
    let id = all(&transcripts).await[0].id;
    let (mut calls, mut cursor) = (vec![], None);
    loop {
        let page = transcripts.turns(id, 2, cursor).await.unwrap();
        calls.extend(page.items.iter().map(|turn| turn.started_at));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    let expected: Vec<Timestamp> = (0..7).map(|n| minutes(n / 3)).collect();
    assert_eq!(calls, expected);
}

#[tokio::test]
async fn other_prices_are_put_right() {
    let place = Place::new();
    let transcripts = open(&place).await;
    let first = said(1, minutes(0), &["hello"], "hi");
    let second = said_by(2, minutes(1), &["hello", "hi", "more"], "well", |call| {
        call.charge.total = None;
        call.price_state = PriceState::Unpriced;
    });
    let ids = [first.call.start.id, second.call.start.id];
    transcripts.add(&[first, second]).await.unwrap();
    let sums = || async {
        let found = all(&transcripts).await;
        (found[0].cost, found[0].unpriced)
    };
    assert_eq!(sums().await, (NanoUsd(3_500_000), 1));
    transcripts
        .refresh_costs(&[
            (ids[0], None, PriceState::Unpriced),
            (ids[1], Some(NanoUsd(7)), PriceState::Priced),
            (
                crate::common::call_id(minutes(9), 9),
                Some(NanoUsd(9)),
                PriceState::Priced,
            ),
        ])
        .await
        .unwrap();
    assert_eq!(sums().await, (NanoUsd(7), 1));
    let turn = transcripts.transcript(ids[1]).await.unwrap().unwrap().turn;
    assert_eq!(
        (turn.cost, turn.price_state),
        (Some(NanoUsd(7)), PriceState::Priced)
    );
}
